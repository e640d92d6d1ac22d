package station

import (
	"fmt"
	"slices"

	"playbill/core/event"
	"playbill/core/notice"
	"playbill/core/pay"
	"playbill/core/promo"
	"playbill/core/shadow"
)

// CutByEvent is the Leaving of a paid entry that an event ends before half of it was on the air.
const CutByEvent = "cut_by_event"

// withFiring replaces the firing, in the mind and in the turn. One that has ended is no longer the mind's, and its alarm is
// shown.
func (m *mind) withFiring(t *Turn, f event.Firing) {
	t.Firings = slices.DeleteFunc(t.Firings, func(x event.Firing) bool { return x.ID == f.ID })
	t.Firings = append(t.Firings, f)
	m.ran = cloneSet(m.ran)
	m.ran[f.ID] = f
	delete(m.ran, f.ID-ranMax)
	switch {
	case f.EndedAtMS == 0:
		m.firing = &f
	case m.firing != nil && m.firing.ID == f.ID:
		m.firing = nil
	}
	if f.EndedAtMS == 0 || f.Alarm == "" {
		return
	}
	m.alarms = append(slices.Clone(m.alarms), f)
	if len(m.alarms) > alarmsMax {
		m.alarms = m.alarms[len(m.alarms)-alarmsMax:]
	}
}

// endFiring ends the firing and lifts its lock. What failed is told to admins.
func (m *mind) endFiring(t *Turn, how string) {
	f := *m.firing
	f.Step, f.EndedAtMS, f.EndedHow = event.Ended, t.AtMS, how
	f.Alarm = alarmOf(f)
	m.withFiring(t, f)
	m.closeLocks(t, "event", func(l event.Lock) bool { return l.Firing == f.ID })
}

// alarmOf is what admins must know of how an event went, beside what failed; empty: nothing.
func alarmOf(f event.Firing) string {
	switch {
	case f.EndedHow == event.NothingCame:
		rest := "the list holds what should have followed the event"
		if f.Fallback == 0 {
			rest = "nothing else is on the list: add something"
		}
		return fmt.Sprintf("Not one title of “%s” could be loaded. What was on the screen went on, requests are open again, and %s.", f.Label, rest)
	case len(f.Failed) == 1:
		return fmt.Sprintf("One title of “%s” could not be loaded. The rest of it was played.", f.Label)
	case len(f.Failed) > 1:
		return fmt.Sprintf("%d titles of “%s” could not be loaded. The rest of it was played.", len(f.Failed), f.Label)
	}
	return ""
}

// followEvent derives, after every change, what a firing means for what is there: no purchase stays open while it is on,
// nothing else stays listed while it is loaded, and its lock lifts when its last title starts.
func (m *mind) followEvent(t *Turn) {
	f := m.firing
	if !f.On() || f.Step == event.Locked {
		return
	}
	for _, p := range inBuyingOrder(m.purchases) {
		m.withdraw(t, p.ID, pay.Displaced)
	}
	if f.Step == event.Running {
		if f.Next(event.So{Started: lastStarted(&m.shadow, f)}) == event.Lift {
			m.endFiring(t, event.Over)
		}
		return
	}
	if f.Step != event.Withdrawing {
		m.displace(t, f)
	}
}

// displace marks what must make room for an event: every entry but its own and the one on the air.
func (m *mind) displace(t *Turn, f *event.Firing) {
	for _, list := range [2][]*shadow.Entry{m.shadow.Entries, m.shadow.Waiting} {
		for _, e := range list {
			if stranger(&m.shadow, f, e) && e.Leaving == "" {
				m.makeRoom(t, e)
			}
		}
	}
}

// makeRoom marks an entry to be removed; what was not sent ends at once.
func (m *mind) makeRoom(t *Turn, e *shadow.Entry) {
	n := *e
	n.Leaving = pay.Displaced
	if e.Role.Promo() {
		n.Leaving = promo.HeldByEvent
	}
	if e.State == shadow.Wanted {
		n.State, n.EndedAtMS, n.EndedHow = shadow.Ended, t.AtMS, shadow.Withdrawn
		t.Entries = append(t.Entries, &n)
	}
	m.withEntry(&n)
}

// stranger reports whether an entry must make room for a firing.
func stranger(s *shadow.Shadow, f *event.Firing, e *shadow.Entry) bool {
	return e != s.OnAir() && e.Firing != f.ID
}

// lost wants again what a channel lost of an event: it went back to a save of its own. What is gone is what was loaded
// last, so it is wanted anew in its order, and whatever waits comes behind it. What a moderator clears while the event
// runs stays cleared.
func (m *mind) lost(t *Turn, ch shadow.Changes) {
	f := m.firing
	if !f.On() || f.Step == event.Running && !ch.Resolved && !ch.Gap {
		return
	}
	again, waiting := *f, m.shadow.Waiting
	anew := func(e *shadow.Entry) {
		m.withEntry(&shadow.Entry{ID: m.number(), Role: e.Role, State: shadow.Wanted, Media: e.Media, Temp: e.Temp, AddedBy: m.self, Firing: f.ID})
	}
	any := false
	for _, e := range ch.Ended {
		if e.Firing == f.ID && e.EndedHow == shadow.Lost && e.Airings == 0 && e.Leaving == "" {
			any = true
			anew(e)
			if e.Role == shadow.Event {
				again.Loaded--
			}
		}
	}
	if !any {
		return
	}
	for _, e := range waiting {
		if e.Firing == f.ID && e.Leaving == "" {
			m.makeRoom(t, e)
			anew(e)
		}
	}
	if f.Step == event.Running {
		again.Step = event.Fallback
	}
	m.withFiring(t, again)
}

// loaded counts what of a body has come to be listed. The last one is known by its id.
func (m *mind) loaded(t *Turn, e *shadow.Entry) {
	if f := m.firing; f.Loading() && e.Firing == f.ID && e.Role == shadow.Event {
		more := *f
		more.Loaded, more.LastEntry = f.Loaded+1, max(f.LastEntry, int64(e.ID))
		m.withFiring(t, more)
	}
}

// rotates notes a title that counts as played, where the owner wants it at the end of its playlist afterwards. What a
// viewer bought is of no event, and so never moves anything.
func (m *mind) rotates(t *Turn, e *shadow.Entry, airedMS int64) {
	f, known := m.ran[e.Firing]
	i := m.scheduleIndex(f.Schedule)
	if !known || i < 0 || !m.schedules[i].Rotate || !event.Half(airedMS, e.Media.DurationMS) {
		return
	}
	p := event.Played{Playlist: f.Playlist, Media: e.Media.Key()}
	if e.Role == shadow.Content {
		p.Playlist = f.Fallback
	}
	t.played = append(t.played, p)
}

// bodyOf calls yield with each entry of a firing's body that has not ended, listed or waiting.
func bodyOf(s *shadow.Shadow, f *event.Firing, yield func(*shadow.Entry)) {
	for _, list := range [2][]*shadow.Entry{s.Entries, s.Waiting} {
		for _, e := range list {
			if e.Role == shadow.Event && e.Firing == f.ID && e.Leaving == "" {
				yield(e)
			}
		}
	}
}

// lastBody is the last entry of the body by its id, whatever a shuffle or a reload made of the order; nil: none is left.
func lastBody(s *shadow.Shadow, f *event.Firing) *shadow.Entry {
	var last *shadow.Entry
	bodyOf(s, f, func(e *shadow.Entry) {
		if last == nil || e.ID > last.ID {
			last = e
		}
	})
	return last
}

func lastStarted(s *shadow.Shadow, f *event.Firing) bool {
	last := lastBody(s, f)
	return last == nil || last.Airings > 0
}

// makeGood gives a buyer back what an event cut short. What was seen to have played to its half after all is not cut
// short; where nobody saw it, the viewer is believed.
func (e *eyes) makeGood(m *mind, t *Turn, entry *shadow.Entry) {
	if entry.Role != shadow.Paid || entry.Leaving != CutByEvent {
		return
	}
	for _, row := range t.Airings {
		if row.Entry == int64(entry.ID) && row.Observed && event.Half(row.AiredMS, row.LengthMS) {
			return
		}
	}
	t.Makegoods = append(t.Makegoods, Makegood{Purchase: entry.Purchase, Reason: CutByEvent})
	for _, p := range m.ended {
		if p.ID == entry.Purchase && e.opt.Settings.Pay().NotifyUser {
			m.note(p.Buyer, notice.CutShort(entry.Media.Title, p.Price), t.AtMS)
		}
	}
}

// so is what is so, as far as the firing goes.
func (h *hands) so(v *View) event.So {
	s, f := &v.Shadow, v.Firing
	so := event.So{NowMS: nowMS(), MaxLateMS: h.opt.Settings.Events().MaxLateMS, LeftMS: -1, Started: lastStarted(s, f)}
	air := s.OnAir()
	for id, p := range v.Purchases {
		if e := v.EntryOf(id); p.State != pay.Refunding && e != nil && e != air {
			so.Open++
		}
	}
	for _, e := range s.Entries {
		if (e.Leaving != "" || stranger(s, f, e)) && e != air && h.tries[e.ID] < removeTries {
			so.Strangers++
		}
	}
	for _, e := range s.Waiting {
		switch {
		case e.Firing != f.ID || e.Leaving != "":
		case e.State == shadow.Wanted:
			so.Wanted++
		default:
			so.Unresolved++
		}
	}
	so.Standing = f.Loaded
	if air != nil {
		so.Air = event.Others
		if air.Firing == f.ID {
			so.Air = event.Own
		}
		so.LeftMS = leftMS(v, air)
	}
	return so
}

// leftMS is how many wall milliseconds the entry on the air stays there; -1: nobody knows.
func leftMS(v *View, air *shadow.Entry) int64 {
	if air.Media.DurationMS <= 0 {
		return -1
	}
	return max(wallMS(air.Media.DurationMS-v.Shadow.AirMS(nowMS()), v.Shadow.Rate), 0) + v.Can.OverheadMS
}
