// Times of a zone that need not be the viewer's own: the station's, in the forms of the admins.

// instant is a local time of a zone, as an <input type="datetime-local"> has it, in UTC milliseconds; 0 for none. The offset
// is asked for twice: once near it, once at it.
export function instant(local, zone) {
  if (!local) return 0;
  const wanted = Date.parse(`${local}:00Z`);
  let at = wanted;
  for (let i = 0; i < 2; i += 1) at += wanted - Date.parse(`${shownAs(at, zone)}:00Z`);
  return at;
}

// shownAs is an instant as a local time of a zone.
export function shownAs(ms, zone) {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })
    .formatToParts(ms).reduce((all, { type, value }) => ({ ...all, [type]: value }), {});
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

// moment is an instant in words: "Sun 22 November, 20:00", in a zone or in the viewer's.
export function moment(ms, zone) {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', weekday: 'short', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' })
    .formatToParts(ms).reduce((all, { type, value }) => ({ ...all, [type]: value }), {});
  return `${parts.weekday} ${parts.day} ${parts.month}, ${parts.hour}:${parts.minute}`;
}
