package station

import (
	"context"
	"fmt"
	"slices"

	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/shadow"
)

// clock does what is due by time: pre-event locks open and lift, events begin, what is too late is missed. It is a turn
// that can be refused: where the lock cannot be written nothing else happens, and the next look tries again.
func (e *eyes) clock(ctx context.Context) error {
	if !e.overdue(&e.mind, nowMS()) || e.journal != nil {
		return nil
	}
	before := e.mind.firing
	err := e.answer(ctx, letter{fold: e.keepTime, done: make(chan error, 1)})
	switch {
	case fault.Is(err, fault.Conflict): // a row that the schema refuses disables only itself
		e.disable(err)
		return nil
	case err == nil && e.mind.firing.Loading() && (before == nil || before.ID != e.mind.firing.ID):
		e.preempt()
	}
	if fault.Is(err, fault.Fenced) {
		return err
	}
	return nil
}

// disable gives up the schedule whose turn the schema refused.
func (e *eyes) disable(why error) {
	e.log.Error("an event could not be begun; it is disabled until somebody saves it again", "error", why)
	now := nowMS()
	e.mind.schedules = slices.Clone(e.mind.schedules)
	for i, s := range e.mind.schedules {
		if s.Due(now) || s.Missed(now) || s.WantsLock(now) {
			e.mind.schedules[i].Broken = fault.Of(why).Sentence
		}
	}
	e.publish()
}

// overdue reports whether keepTime has anything to do. It looks at a handful of values, for it is asked at every turn.
func (e *eyes) overdue(m *mind, now int64) bool {
	if m.load.On() && m.loading == nil {
		return true
	}
	if f := m.firing; f.On() && f.Step == event.Locked && now > f.DueAtMS+event.LateMS {
		return true
	}
	for _, l := range m.locks {
		if m.stale(l, now) {
			return true
		}
	}
	for _, s := range m.schedules {
		if s.WantsLock(now) && !m.hasLock(s) || s.Missed(now) || s.Due(now) && e.fireable(m, s) == nil {
			return true
		}
	}
	return false
}

// keepTime is one turn of what is due.
func (e *eyes) keepTime(m *mind, t *Turn) error {
	if m.load.On() && m.loading == nil { // of an earlier run
		m.endLoad(t, "interrupted", "The host was stopped while it was being loaded.")
	}
	if f := m.firing; f.On() && f.Step == event.Locked && t.AtMS > f.DueAtMS+event.LateMS {
		m.missed(t, *f, e.whyLate(m, f.DueAtMS))
		m.closeLocks(t, byClock, func(l event.Lock) bool { return l.Firing == f.ID })
	}
	for _, s := range m.schedules {
		switch {
		case s.Missed(t.AtMS):
			m.lastFiring++
			m.missed(t, event.Firing{ID: m.lastFiring, Schedule: s.ID, Label: s.Label, Playlist: s.Playlist, Fallback: s.Fallback,
				DueAtMS: s.NextAtMS, OpenedAtMS: t.AtMS}, e.whyNot(m, s))
			m.withSchedule(t, s.Passed(t.AtMS, e.opt.Zone))
		case s.Due(t.AtMS) && e.fireable(m, s) == nil:
			m.begin(t, s, e.immutable(s, s.NextAtMS), started{atMS: s.NextAtMS})
			m.withSchedule(t, s.Passed(t.AtMS, e.opt.Zone))
		}
	}
	m.closeLocks(t, byClock, func(l event.Lock) bool { return m.stale(l, t.AtMS) })
	for _, s := range m.schedules {
		if s.WantsLock(t.AtMS) && !m.hasLock(s) {
			m.openLock(t, event.Lock{Kind: event.PreEvent, Schedule: s.ID, Label: s.Label, StartsAtMS: s.NextAtMS})
		}
	}
	return nil
}

// byClock is who closes a lock that is not wanted any more.
const byClock = "clock"

// stale reports whether a pre-event lock is not what its schedule wants. A lock of a schedule that is not known was
// opened by hand, and closes by hand.
func (m *mind) stale(l event.Lock, now int64) bool {
	i := m.scheduleIndex(l.Schedule)
	if l.Kind != event.PreEvent || i < 0 {
		return false
	}
	s := m.schedules[i]
	return !s.WantsLock(now) || l.StartsAtMS != s.NextAtMS || l.Label != s.Label
}

func (m *mind) hasLock(s event.Schedule) bool {
	return slices.ContainsFunc(m.locks, func(l event.Lock) bool {
		return l.Kind == event.PreEvent && l.Schedule == s.ID && l.StartsAtMS == s.NextAtMS
	})
}

// fireable says why an event cannot begin now; nil: it can.
func (s *Station) fireable(m *mind, plan event.Schedule) error {
	body, known := s.opt.Shelf.Programme(plan.Playlist)
	switch {
	case plan.Broken != "":
		return fault.New(fault.Conflict, plan.Broken)
	case !known || len(body.Items) == 0:
		return fault.New(fault.Conflict, fmt.Sprintf("The playlist of “%s” is empty.", plan.Label))
	case m.firing.Loading():
		return fault.New(fault.Conflict, fmt.Sprintf("“%s” is being loaded. Another event can start as soon as it is on the screen.", m.firing.Label))
	case !m.resolved || m.shadow.Health != channel.Good:
		return fault.New(fault.ChannelDown, "The channel cannot be read now, so no event can start.")
	case !m.can.Add || !m.can.Remove:
		return fault.New(fault.Unsupported, cannot("add and remove entries"))
	}
	return nil
}

func (s *Station) immutable(plan event.Schedule, atMS int64) bool {
	body, _ := s.opt.Shelf.Programme(plan.Playlist)
	return plan.Immutable(body, atMS)
}

// whyNot says why a start was missed.
func (e *eyes) whyNot(m *mind, s event.Schedule) string {
	if err := e.fireable(m, s); err != nil && !fault.Is(err, fault.ChannelDown) {
		return fault.Of(err).Sentence
	}
	return e.whyLate(m, s.NextAtMS)
}

func (e *eyes) whyLate(m *mind, dueMS int64) string {
	if m.bornMS > dueMS {
		return "The host was down at that time."
	}
	return "The channel could not be read at that time."
}

// missed records a firing that never began, with what admins are told.
func (m *mind) missed(t *Turn, f event.Firing, why string) {
	f.Step, f.EndedAtMS, f.EndedHow = event.Missed, t.AtMS, event.TooLate
	f.Alarm = fmt.Sprintf("“%s” did not start at its time. %s", f.Label, why)
	m.withFiring(t, f)
}

// started is when an event begins, and who began it.
type started struct {
	atMS int64
	by   string // empty: the clock
}

// begin opens a firing and its lock, in one turn: from the commit on no hold can be made.
func (m *mind) begin(t *Turn, s event.Schedule, immutable bool, at started) event.Firing {
	if m.firing.On() {
		m.endFiring(t, event.Superseded)
	}
	m.closeLocks(t, "event", func(l event.Lock) bool { return l.Schedule == s.ID || l.Kind == event.During })
	m.lastFiring++
	f := event.Firing{ID: m.lastFiring, Schedule: s.ID, Label: s.Label, Playlist: s.Playlist, Fallback: s.Fallback, Immutable: immutable,
		DueAtMS: at.atMS, OpenedAtMS: t.AtMS, By: at.by, Step: event.Locked}
	m.withFiring(t, f)
	m.openLock(t, event.Lock{Kind: event.During, Schedule: s.ID, Firing: f.ID, Label: s.Label, StartsAtMS: at.atMS})
	if m.load.On() {
		m.endLoad(t, "interrupted", fmt.Sprintf("The event “%s” began.", s.Label))
	}
	return f
}

// openLock opens a lock, numbered behind the others.
func (m *mind) openLock(t *Turn, l event.Lock) int64 {
	m.lastLock++
	l.ID, l.OpenedAtMS = m.lastLock, t.AtMS
	m.locks = append(m.locks[:len(m.locks):len(m.locks)], l)
	t.Locked = append(t.Locked, l)
	return l.ID
}

// closeLocks closes those that are meant, and returns how many.
func (m *mind) closeLocks(t *Turn, by string, meant func(event.Lock) bool) int {
	var rest []event.Lock
	for _, l := range m.locks {
		if !meant(l) {
			rest = append(rest, l)
			continue
		}
		if t.Unlocked == nil {
			t.Unlocked = map[int64]string{}
		}
		t.Unlocked[l.ID] = by
	}
	n := len(m.locks) - len(rest)
	m.locks = rest
	return n
}

// upcoming is the next start of every schedule that is armed, by time.
func (s *Station) upcoming(all []event.Schedule) []event.Occurrence {
	var out []event.Occurrence
	for _, plan := range all {
		if plan.Armed() {
			body, _ := s.opt.Shelf.Programme(plan.Playlist)
			out = append(out, plan.Coming(body))
		}
	}
	slices.SortStableFunc(out, func(a, b event.Occurrence) int { return int(min(max(a.StartsAtMS-b.StartsAtMS, -1), 1)) })
	return out
}

// gate is what is closed, and when it is expected to open: when the last title of the event starts.
func (s *Station) gate(m *mind) event.Gate {
	g := event.GateOf(m.locks)
	f := m.firing
	switch {
	case !g.PayClosed:
	case g.PromosClosed && f.On() && !f.Immutable:
		g.Sentence = fmt.Sprintf("Requests are closed while “%s” is being loaded. They open again as soon as it is on the screen.", f.Label)
	case g.PromosClosed && f.On() && f.Step == event.Running:
		g.OpensAtMS = m.startsAt(lastBody(&m.shadow, f))
	case !g.PromosClosed:
		g.OpensAtMS = s.opensAfter(m, g.OpensAtMS)
	}
	return g
}

// opensAfter is when requests open again after an event that starts at an instant: with its start, or when the last title
// of a non-preemptable one starts.
func (s *Station) opensAfter(m *mind, startMS int64) int64 {
	for _, plan := range m.schedules {
		if plan.NextAtMS != startMS {
			continue
		}
		if body, _ := s.opt.Shelf.Programme(plan.Playlist); plan.Immutable(body, startMS) {
			return startMS + body.LastStartMS(m.can.OverheadMS)
		}
	}
	return startMS
}

// startsAt is when an entry is expected to start, to the minute, for it is a forecast; 0: not known.
func (m *mind) startsAt(e *shadow.Entry) int64 {
	if e == nil {
		return 0
	}
	at := m.shadow.Place(e.ID)
	if at <= 0 || m.shadow.OnAir() == nil {
		return 0
	}
	eta := m.shadow.ETAs(m.can.OverheadMS, m.shadow.AtMS)[at]
	if eta < 0 {
		return 0
	}
	const minute = 60_000
	return (m.shadow.AtMS + eta + minute - 1) / minute * minute
}
