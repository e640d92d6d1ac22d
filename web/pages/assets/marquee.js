// What every public page says of events: the one that closes the desk, and the one that is next, in the words of
// web/pages/marquee.go. The page of the queue has the socket of its own; every other one opens it here, for this alone.

const $ = (selector, within = document) => within.querySelector(selector);
const RETRY_MIN = 500, RETRY_MAX = 30_000; // milliseconds
const DAY = 86_400_000; // milliseconds
const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const two = (n) => String(n).padStart(2, '0');

// distance is a time to come: "in 13 min", "in 1 h 11", "soon".
export function distance(ms) {
  const minutes = Math.floor((ms + 30_000) / 60_000);
  if (minutes < 1) return 'soon';
  if (minutes < 60) return `in ${minutes} min`;
  return `in ${Math.floor(minutes / 60)} h ${two(minutes % 60)}`;
}

const farOff = (ms) => (ms >= 2 * DAY ? `in ${Math.floor((ms + DAY / 2) / DAY)} days` : distance(ms));

function dayWord(ms, now) {
  const at = new Date(ms), noonOf = (t) => Date.UTC(t.getFullYear(), t.getMonth(), t.getDate());
  const days = Math.round((noonOf(at) - noonOf(new Date(now))) / DAY);
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  if (days > -7 && days < 7) return 'on ' + at.toLocaleDateString('en-GB', { weekday: 'long' });
  return 'on ' + at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' });
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// setTime shows an instant in its <time>, and hides the part around it while there is none.
function setTime(part, iso) {
  part.hidden = !iso;
  if (!iso) return;
  const node = part.matches('time') ? part : $('time', part);
  setText(node, hours.format(Date.parse(iso)));
  if (node.dateTime !== iso) node.dateTime = iso;
}

// tell shows a lock and the next event at an instant of the station.
export function tell({ locked, next_event: next }, now) {
  const lock = $('[data-lock]'), coming = $('[data-coming]');
  if (lock) tellLock(lock, locked, now);
  if (coming) tellComing(coming, locked, next, now);
}

function tellLock(lock, locked, now) {
  lock.hidden = !locked;
  if (!locked) return;
  const [head, ...rest] = locked.message.split('. ');
  setText($('[data-lock-head]', lock), rest.length > 0 ? head + '.' : head);
  setText($('[data-lock-text]', lock), rest.join('. '));
  setTime($('[data-lock-opens]', lock), Date.parse(locked.opens_at) > now ? locked.opens_at : null);
  setText($('[data-lock-opens] span', lock), locked.starts_at ? 'Requests open again at about' : 'That is at about');
  const left = Date.parse(locked.starts_at ?? locked.opens_at) - now;
  $('.count', lock).hidden = !(left > 0);
  if (left > 0) setText($('[data-lock-in]', lock), distance(left).replace(/^in /, ''));
  setText($('[data-lock-word]', lock), locked.starts_at ? 'until it starts' : 'until they open');
}

function tellComing(coming, locked, next, now) {
  const starts = Date.parse(next?.starts_at), closes = Date.parse(next?.closes_at);
  const said = coming.matches('.marquee') && Date.parse(locked?.starts_at) === starts; // the lock has it already
  coming.hidden = !next || said;
  if (!next) return;
  setText($('[data-coming-label]', coming), next.label);
  setText($('[data-coming-day]', coming), dayWord(starts, now));
  setTime($('[data-coming-time]', coming), next.starts_at);
  setText($('[data-coming-in]', coming), farOff(starts - now));
  setTime($('[data-coming-closes]', coming), closes < starts && closes > now ? next.closes_at : null);
}

// watch keeps a page up to date over the socket. changed is called when the desk has opened or closed meanwhile.
export function watch(changed) {
  const lock = $('[data-lock]');
  if (!lock) return;
  const model = stated();
  let skew = 0, tries = 0, revision = lock.dataset.revision;
  const show = () => tell(model, Date.now() + skew);
  const take = (frame) => {
    if (frame.type === 'hello') {
      skew = Date.parse(frame.at) - Date.now();
      tries = 0;
      return;
    }
    revision = frame.revision;
    const shut = Boolean(model.locked);
    for (const part of ['locked', 'next_event']) if (frame[part] !== undefined) model[part] = frame[part];
    show();
    if (shut !== Boolean(model.locked)) changed();
  };
  const connect = () => {
    const address = new URL('/ws', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    address.searchParams.set('since', revision);
    const socket = new WebSocket(address);
    socket.onmessage = (event) => take(JSON.parse(event.data));
    socket.onclose = () => setTimeout(connect, Math.min(RETRY_MIN * 2 ** tries++, RETRY_MAX) * (0.5 + Math.random()));
  };
  show();
  setInterval(show, 1000);
  connect();
}

// stated is what the page says as the server has rendered it, in the form in which the socket tells what changed.
function stated() {
  const lock = $('[data-lock]'), coming = $('[data-coming]');
  const iso = (part) => (part.hidden ? null : $('time', part).dateTime || null);
  const label = $('[data-coming-label]', coming).textContent, starts = $('[data-coming-time]', coming).dateTime;
  return {
    locked: lock.hidden ? null : {
      message: `${$('[data-lock-head]', lock).textContent} ${$('[data-lock-text]', lock).textContent}`.trim(),
      starts_at: lock.dataset.starts || null,
      opens_at: iso($('[data-lock-opens]', lock)),
    },
    next_event: label ? { label, starts_at: starts, closes_at: iso($('[data-coming-closes]', coming)) ?? starts } : null,
  };
}
