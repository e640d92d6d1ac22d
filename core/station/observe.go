package station

import (
	"playbill/core/asrun"
	"playbill/core/channel"
	"playbill/core/pay"
	"playbill/core/promo"
	"playbill/core/shadow"
)

// observe takes in one state of the channel.
func (e *eyes) observe(m *mind, t *Turn, u channel.Update) error {
	m.why = u.Why
	if u.Health == channel.Good {
		m.can, m.self, m.people = u.Can, u.Self, u.People
	}
	if u.Needs != nil {
		m.needs = u.Needs
	}
	before := m.shadow
	next, ch := m.shadow.Observe(u, t.AtMS, e.opt.Journal.NextEntry)
	m.shadow = next
	m.resolved = m.resolved || ch.Resolved
	m.take(t, &before, ch)
	return nil
}

// take turns what was found into rows and facts.
func (m *mind) take(t *Turn, before *shadow.Shadow, ch shadow.Changes) {
	for _, left := range ch.Left {
		m.leave(t, left)
	}
	m.passed(t, ch)
	if ch.Started != nil {
		m.start(t, ch.Started)
	}
	for _, e := range ch.Claimed {
		if e.Role.Promo() {
			m.promo = m.promo.Accepted(e.Media.Key().ClipKey())
		}
		m.loaded(t, e)
	}
	for _, gone := range ch.Ended {
		t.Entries = append(t.Entries, gone)
		m.gone(t, before, gone)
	}
	m.lost(t, ch)
	if ch.Rebound && !ch.Resolved && ch.Moved {
		m.bringBack()
	}
}

// follow derives, after every change, what is so by level: what is on the air has started, what stands in its place is
// in place, what was on the air long enough has counted, what became reserved is withdrawn.
func (e *eyes) follow(m *mind, t *Turn) {
	if m.shadow.Health != channel.Good || m.shadow.Blind() {
		return
	}
	m.settleOnAir(t)
	m.arrive(t)
	if m.shadow.OnAir() != nil && m.count(m.shadow.AirMS(t.AtMS)) {
		t.Airings = appendRow(t.Airings, *m.run)
	}
	m.withdrawReserved(t, e.opt.Shelf)
	m.withdrawMuted(t)
	m.followEvent(t)
	m.promo = m.promo.Forget(func(id shadow.EntryID) bool { return m.shadow.Find(id) != nil })
}

// tick re-checks what waits.
func (e *eyes) tick(_ *mind, _ *Turn) error { return nil }

// leave closes the airing of what left the air; one that nobody saw start is opened and closed at once.
func (m *mind) leave(t *Turn, a shadow.Advance) {
	if a.Unseen || m.run == nil || m.run.Entry != int64(a.Entry.ID) {
		if m.run != nil && m.run.Entry == int64(a.Entry.ID) { // it was on the air when we went blind
			m.closeRun(t, a, false)
			return
		}
		row := m.open(a.Entry, a.AtMS-a.PlayedMS)
		if m.run != nil { // of an entry that is known by another number now
			m.closeRun(t, shadow.Advance{AtMS: row.StartedAtMS, How: channel.Skipped}, false)
		}
		m.air(t, row, a.Entry)
		m.run = row
		m.closeRun(t, a, a.How != shadow.Passed)
		return
	}
	m.closeRun(t, a, true)
}

// passed makes the airings of what played while nobody looked: one after another, the last one until what is on the air
// now started. They are inferred, and do not count.
func (m *mind) passed(t *Turn, ch shadow.Changes) {
	atMS := t.AtMS
	if ch.Started != nil {
		atMS = ch.Started.AiredAtMS
	}
	var gone []*shadow.Entry
	for _, e := range ch.Ended {
		if m.run != nil && m.run.Entry == int64(e.ID) && e.EndedHow == shadow.Passed { // it had begun before
			m.closeRun(t, shadow.Advance{PlayedMS: e.Media.DurationMS, AtMS: m.run.StartedAtMS + e.Media.DurationMS, How: shadow.Passed}, false)
			continue
		}
		if e.EndedHow == shadow.Passed && e.Airings == 0 {
			gone, atMS = append(gone, e), atMS-e.Media.DurationMS
		}
	}
	for _, e := range gone {
		atMS += e.Media.DurationMS
		m.leave(t, shadow.Advance{Entry: e, PlayedMS: e.Media.DurationMS, AtMS: atMS, How: shadow.Passed, Unseen: true})
	}
}

func (m *mind) closeRun(t *Turn, a shadow.Advance, observed bool) {
	if observed {
		m.count(a.PlayedMS) // it may have been on the air long enough since the last look
	}
	row := *m.run
	row.EndedAtMS, row.How, row.AiredMS, row.PeopleEnd = max(a.AtMS, row.StartedAtMS), a.How, max(a.PlayedMS, 0), m.present()
	row.Observed = row.Observed && observed
	t.Airings = appendRow(t.Airings, row)
	if row.Observed && a.Entry != nil && a.Entry.Firing != 0 {
		m.rotates(t, a.Entry, row.AiredMS)
	}
	m.run = nil
}

// start opens the airing of what is on the air now.
func (m *mind) start(t *Turn, e *shadow.Entry) {
	row := m.open(e, e.AiredAtMS)
	if m.run != nil { // the state did not say how the last one left
		m.closeRun(t, shadow.Advance{AtMS: row.StartedAtMS, How: channel.Skipped}, false)
	}
	row.Counted = m.counted.Entry == row.Entry && m.counted.StartedAtMS == row.StartedAtMS // it goes on
	m.air(t, row, e)
	m.run = row
	t.Airings = appendRow(t.Airings, *row)
	t.OnAir = &OnAir{Entry: e.ID, SinceMS: row.StartedAtMS}
}

func (m *mind) open(e *shadow.Entry, startedMS int64) *asrun.Row {
	m.lastRun++
	return &asrun.Row{RunID: m.lastRun, Entry: int64(e.ID), Role: string(e.Role), PromoType: e.PromoType,
		MediaType: e.Media.Type, MediaID: e.Media.ID, Title: e.Media.Title, LengthMS: e.Media.DurationMS,
		PlannedAtMS: e.PlannedAtMS, StartedAtMS: startedMS, PeopleStart: m.present(), PeopleEnd: -1,
		Decision: e.Decision, Observed: true, Held: m.off()}
}

// air folds the start of an airing into the cadence.
func (m *mind) air(_ *Turn, row *asrun.Row, e *shadow.Entry) {
	if e.Role.Promo() {
		m.promo = m.promo.Aired(*row)
	}
	if e.Role == shadow.LeadIn {
		m.promo = m.promo.Bar(e.Target, e.Airing)
	}
}

// present is how many people are in the room, ourselves not counted; -1: not known.
func (m *mind) present() int {
	if m.people == nil {
		return -1
	}
	n := 0
	for _, u := range m.people {
		if u.Name != m.self {
			n++
		}
	}
	return n
}

// count counts the airing under way once it was on the air long enough, and reports whether it did. While promos are off
// the count stands still.
func (m *mind) count(airMS int64) bool {
	if m.run == nil || m.off() || !promo.Counts(*m.run, airMS, m.set) {
		return false
	}
	row := *m.run
	row.Counted = true
	m.run, m.counted = &row, row
	m.promo = m.promo.Aired(row)
	return true
}

// arrive promotes what waits on an entry that is seen in its place: its plugin's new state, its purchase.
func (m *mind) arrive(t *Turn) {
	for _, e := range m.shadow.Entries {
		switch {
		case e.Proposal != nil && promo.InPlace(&m.shadow, e):
			m.promote(t, e)
		case e.Role == shadow.Paid && m.purchases[e.Purchase].State == pay.Adding && m.paidInPlace(e):
			m.fact(t, e.Purchase, pay.InPlace, "")
		}
	}
}

// promote makes a plugin's new state the stored one, and keeps the old one for as long as the clip may not air at all.
func (m *mind) promote(t *Turn, e *shadow.Entry) {
	old := m.states[e.Proposal.Plugin]
	n := *e
	n.Undo = &shadow.Undo{Rev: e.Proposal.Base + 1, Version: old.Version, Data: old.Data}
	n.Proposal = nil
	m.withEntry(&n)
	t.States = append(t.States, PluginState{Plugin: e.Proposal.Plugin, Base: e.Proposal.Base, Version: e.Proposal.Version, Data: e.Proposal.Next})
}

// gone draws the conclusions from the end of an entry.
func (m *mind) gone(t *Turn, before *shadow.Shadow, e *shadow.Entry) {
	switch {
	case e.Role == shadow.Paid:
		m.paidGone(t, e)
	case e.Role.Promo() && e.Airings == 0 && e.EndedHow != shadow.Passed:
		m.promoUnaired(t, before, e)
	case e.Role == shadow.Event && e.Airings > 0 && waits(before, e.ID): // it came, played and went between two looks
		m.loaded(t, e)
	}
	if m.moved[e.ID] > 0 {
		m.moved = cloneSet(m.moved)
		delete(m.moved, e.ID)
	}
}

// promoUnaired gives back what a promo took that never aired.
func (m *mind) promoUnaired(t *Turn, before *shadow.Shadow, e *shadow.Entry) {
	m.promo = m.promo.NeverAired(e, &m.shadow)
	if e.EndedHow == channel.Removed || e.Leaving == ByPerson {
		target := before.Find(e.Target)
		if e.Role == shadow.General {
			target = promo.NextTarget(before)
		}
		m.promo = m.promo.RemovedByPerson(e, target)
	}
	if e.Undo != nil && m.states[e.Plugin].Base == e.Undo.Rev {
		t.States = append(t.States, PluginState{Plugin: e.Plugin, Base: e.Undo.Rev, Version: e.Undo.Version, Data: e.Undo.Data})
	}
}

// appendRow keeps the newest version of each airing of a turn.
func appendRow(rows []asrun.Row, row asrun.Row) []asrun.Row {
	for i := range rows {
		if rows[i].RunID == row.RunID {
			rows[i] = row
			return rows
		}
	}
	return append(rows, row)
}

// waits reports whether an entry was sent and not seen yet.
func waits(s *shadow.Shadow, id shadow.EntryID) bool {
	e := s.Find(id)
	return e != nil && e.State == shadow.Sent
}
