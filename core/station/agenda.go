package station

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"playbill/core/audit"
	"playbill/core/event"
	"playbill/core/fault"
)

// The actions of the audit trail about events and loads.
const (
	actionEventCreate = "event.create"
	actionEventSave   = "event.save"
	actionEventDelete = "event.delete"
	actionEventFire   = "event.fire"
	actionEventUnlock = "event.end_lockout"
	actionEventSeen   = "event.put_away"
	actionLoad        = "queue.load"
	actionLoadCancel  = "queue.load_cancel"
)

// SaveSchedule plans an event (ID 0), or replaces one that is still at s.Rev, and returns it as stored. It is armed from
// the same moment on: a lock that was open for another start lifts, one that is wanted now opens. who carries Actor, and
// Before, After and Undo where its caller has them. Faults: Invalid for what cannot be armed, NotFound, Changed.
func (s *Station) SaveSchedule(ctx context.Context, want event.Schedule, who audit.Entry) (event.Schedule, error) {
	want.Label = strings.TrimSpace(want.Label)
	if err := s.checkSchedule(want); err != nil {
		return want, err
	}
	var saved event.Schedule
	err := s.tell(ctx, func(m *mind, t *Turn) error {
		old, err := m.scheduleAt(want)
		if err != nil {
			return err
		}
		saved = want.Rearmed(old, t.AtMS, s.opt.Zone)
		action := actionEventSave
		if saved.Rev++; saved.ID == 0 {
			m.lastSchedule++
			saved.ID, saved.Rev, action = m.lastSchedule, 1, actionEventCreate
		}
		if changed := saved.Start != old.Start || saved.Rule != old.Rule || !old.Active; changed && saved.Active && saved.NextAtMS == 0 {
			return event.Refuse(event.PartStart, "That time has passed. Choose a start that is still to come.")
		}
		m.withSchedule(t, saved)
		sign(t, who, action, "“"+saved.Label+"”")
		return nil
	})
	return saved, err
}

// checkSchedule refuses what could not be armed, by itself or beside the library.
func (s *Station) checkSchedule(want event.Schedule) error {
	if err := want.Check(s.opt.Zone); err != nil {
		return err
	}
	body, known := s.opt.Shelf.Programme(want.Playlist)
	switch {
	case !known:
		return event.Refuse(event.PartPlaylist, "The event's playlist does not exist any more. Choose another one.")
	case len(body.Items) == 0:
		return event.Refuse(event.PartPlaylist, fmt.Sprintf("The playlist “%s” is empty. Put something on it first.", body.Name))
	case want.Fallback == 0:
		return nil
	}
	rest, known := s.opt.Shelf.Programme(want.Fallback)
	switch {
	case !known:
		return event.Refuse(event.PartFallback, "The playlist that follows the event does not exist any more. Choose another one.")
	case rest.Immutable:
		return event.Refuse(event.PartFallback, fmt.Sprintf("“%s” is non-preemptable, and what follows an event may not be. Choose another playlist.", rest.Name))
	}
	return nil
}

// DeleteSchedule takes an event off the plan; its pre-event lock lifts. One that is on the air goes on. Faults: NotFound,
// Changed.
func (s *Station) DeleteSchedule(ctx context.Context, id, rev int64, who audit.Entry) error {
	return s.tell(ctx, func(m *mind, t *Turn) error {
		old, err := m.scheduleAt(event.Schedule{ID: id, Rev: rev})
		if err != nil {
			return err
		}
		m.closeLocks(t, who.Actor, func(l event.Lock) bool { return l.Kind == event.PreEvent && l.Schedule == id })
		m.schedules = slices.DeleteFunc(slices.Clone(m.schedules), func(x event.Schedule) bool { return x.ID == id })
		t.Unscheduled = append(t.Unscheduled, id)
		sign(t, who, actionEventDelete, "“"+old.Label+"”")
		return nil
	})
}

// FireNow starts an event at once, whatever its schedule says; its next start stays. Faults: NotFound, Conflict while
// another event is being loaded or when this one cannot be loaded, ChannelDown, Starting and Journal while nothing can be
// changed, Unsupported when the bot may not change the list.
func (s *Station) FireNow(ctx context.Context, id int64, who audit.Entry) (event.Firing, error) {
	if err := shut(s.View()); err != nil {
		return event.Firing{}, err
	}
	var begun event.Firing
	err := s.tell(ctx, func(m *mind, t *Turn) error {
		i := m.scheduleIndex(id)
		if i < 0 {
			return noSchedule()
		}
		plan := m.schedules[i]
		if err := s.fireable(m, plan); err != nil {
			return err
		}
		begun = m.begin(t, plan, s.immutable(plan, t.AtMS), started{atMS: t.AtMS, by: who.Actor})
		sign(t, who, actionEventFire, "“"+plan.Label+"”")
		return nil
	})
	if err == nil {
		s.preempt()
	}
	return begun, err
}

// EndLockout opens requests and promos again. What is left of an event that runs becomes ordinary content; an event that
// is still to come keeps its start, and is not locked in advance any more. Faults: NotFound when nothing is locked,
// Conflict while an event is being loaded.
func (s *Station) EndLockout(ctx context.Context, who audit.Entry) error {
	return s.tell(ctx, func(m *mind, t *Turn) error {
		if len(m.locks) == 0 {
			return fault.New(fault.NotFound, "Nothing is locked.")
		}
		if m.firing.Loading() {
			return fault.New(fault.Conflict, fmt.Sprintf("“%s” is being loaded. Its lockout can be ended as soon as it is on the screen.", m.firing.Label))
		}
		for _, l := range m.locks {
			if i := m.scheduleIndex(l.Schedule); l.Kind == event.PreEvent && i >= 0 {
				waived := m.schedules[i]
				waived.WaivedMS = waived.NextAtMS
				m.withSchedule(t, waived)
			}
		}
		subject := m.locks[len(m.locks)-1].Label
		if m.firing.On() {
			m.endFiring(t, event.LockoutEnded)
		}
		m.closeLocks(t, who.Actor, func(event.Lock) bool { return true })
		sign(t, who, actionEventUnlock, "“"+subject+"”")
		return nil
	})
}

// PutAway takes an alarm off the view: somebody has seen it. Fault: NotFound.
func (s *Station) PutAway(ctx context.Context, firing int64, who audit.Entry) error {
	return s.tell(ctx, func(m *mind, t *Turn) error {
		i := slices.IndexFunc(m.alarms, func(f event.Firing) bool { return f.ID == firing })
		if i < 0 {
			return fault.New(fault.NotFound, "That has been put away already.")
		}
		seen := m.alarms[i]
		seen.SeenBy = cmp.Or(who.Actor, "admin")
		m.alarms = slices.Delete(slices.Clone(m.alarms), i, i+1)
		t.Firings = append(t.Firings, seen)
		sign(t, who, actionEventSeen, "“"+seen.Label+"”")
		return nil
	})
}

// Calendar returns the starts of all events within a span, by time.
func (s *Station) Calendar(span event.Span) []event.Occurrence {
	return event.Calendar(s.View().Schedules, span, s.opt.Zone, s.opt.Shelf.Programme)
}

// Starts returns the next starts of a schedule that need not be saved. Fault: Invalid for what cannot be armed.
func (s *Station) Starts(plan event.Schedule, most int) ([]int64, error) {
	if err := plan.Check(s.opt.Zone); err != nil {
		return nil, err
	}
	var out []int64
	for at := plan.Next(nowMS(), s.opt.Zone); at != 0 && len(out) < most; at = plan.Next(at, s.opt.Zone) {
		out = append(out, at)
	}
	return out, nil
}

// scheduleAt returns the stored schedule that a change is about, which must be at its revision; nothing for a new one.
func (m *mind) scheduleAt(want event.Schedule) (event.Schedule, error) {
	if want.ID == 0 {
		return event.Schedule{}, nil
	}
	i := m.scheduleIndex(want.ID)
	if i < 0 {
		return event.Schedule{}, noSchedule()
	}
	if m.schedules[i].Rev != want.Rev {
		return event.Schedule{}, fault.New(fault.Changed, fmt.Sprintf("“%s” was changed by somebody else meanwhile. Nothing was saved; load it again and repeat your change.", m.schedules[i].Label))
	}
	return m.schedules[i], nil
}

func noSchedule() error {
	return fault.New(fault.NotFound, "There is no such event. Somebody may have deleted it.")
}

func (m *mind) scheduleIndex(id int64) int {
	return slices.IndexFunc(m.schedules, func(s event.Schedule) bool { return s.ID == id })
}

// withSchedule replaces or adds one schedule, in the mind and in the turn.
func (m *mind) withSchedule(t *Turn, s event.Schedule) {
	m.schedules = slices.Clone(m.schedules)
	if i := m.scheduleIndex(s.ID); i >= 0 {
		m.schedules[i] = s
	} else {
		m.schedules = append(m.schedules, s)
	}
	t.Schedules = slices.DeleteFunc(t.Schedules, func(x event.Schedule) bool { return x.ID == s.ID })
	t.Schedules = append(t.Schedules, s)
}

// sign adds an audit row to the turn, unless nobody has signed it. One that takes another entry back says so in its own words.
func sign(t *Turn, who audit.Entry, action, subject string) {
	if who.Actor == "" {
		return
	}
	who.AtMS = t.AtMS
	if who.Undoes == 0 {
		who.Action, who.Subject = action, subject
	}
	t.Audit = append(t.Audit, who)
}
