package event

import (
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

// Occurrence is one start of a schedule.
type Occurrence struct {
	Schedule   int64
	Label      string
	StartsAtMS int64 // UTC milliseconds
	ClosesAtMS int64 // when requests close; StartsAtMS: with the start
	EndsAtMS   int64 // expected end of the body; StartsAtMS when that is not known
	Playlist   int64
	Immutable  bool // no requests and no promos until its last title starts
	Repeats    bool
}

// Next is the first start after an instant, UTC milliseconds; 0: there is none, or the schedule cannot be read.
func (s Schedule) Next(afterMS int64, zone *time.Location) (atMS int64) {
	defer unread(func() { atMS = 0 })
	start, err := parseLocal(s.Start)
	if err != nil {
		return 0
	}
	r := s.rule(start, zone)
	if r == nil {
		if at := instant(start, zone).UnixMilli(); s.Rule == "" && at > afterMS {
			return at
		}
		return 0
	}
	// A wall time is at most a day away from the instant's own; what is at or before it is looked at and left out.
	for wall := r.After(wallOf(afterMS, zone).Add(-24*time.Hour), true); !wall.IsZero(); wall = r.After(wall, false) {
		if at := instant(wall, zone).UnixMilli(); at > afterMS {
			return at
		}
	}
	return 0
}

// Span is a part of the calendar.
type Span struct {
	FromMS, ToMS int64 // from the one until before the other, UTC milliseconds
	Most         int   // starts of one schedule
}

// Starts returns the starts within a span, in order.
func (s Schedule) Starts(span Span, zone *time.Location) (out []int64) {
	defer unread(func() { out = nil })
	start, err := parseLocal(s.Start)
	if err != nil {
		return nil
	}
	walls := []time.Time{start}
	if r := s.rule(start, zone); r != nil {
		walls = r.Between(wallOf(span.FromMS, zone).Add(-24*time.Hour), wallOf(span.ToMS, zone).Add(24*time.Hour), true)
	} else if s.Rule != "" {
		return nil
	}
	for _, wall := range walls {
		if at := instant(wall, zone).UnixMilli(); span.FromMS <= at && at < span.ToMS && len(out) < span.Most {
			out = append(out, at)
		}
	}
	return out
}

// unread is deferred around the library, which has panicked on rules that it took for good: such a schedule has no
// starts, and every other one keeps its own.
func unread(then func()) {
	if recover() != nil {
		then()
	}
}

// rule is the schedule's rule from its first start on, on wall times; nil: it is on once, or its rule says nothing.
func (s Schedule) rule(start time.Time, zone *time.Location) *rrule.RRule {
	opt, err := parseRule(s.Rule, zone)
	if err != nil || opt == nil || !everFits(opt, start) {
		return nil
	}
	opt.Dtstart = start
	if opt.Until.IsZero() {
		opt.Until = time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil
	}
	return r
}

// Calendar returns the starts of all schedules within a span, by time. What is switched off or cannot be read is not in
// it. programme looks up a playlist; its second result is false when there is none.
func Calendar(all []Schedule, span Span, zone *time.Location, programme func(id int64) (Programme, bool)) []Occurrence {
	var out []Occurrence
	for _, s := range all {
		if !s.Active || s.Broken != "" {
			continue
		}
		p, _ := programme(s.Playlist)
		for _, at := range s.Starts(span, zone) {
			out = append(out, s.occurrence(at, p))
		}
	}
	slices.SortStableFunc(out, func(a, b Occurrence) int { return int(min(max(a.StartsAtMS-b.StartsAtMS, -1), 1)) })
	return out
}

// Coming returns the next start of a schedule that is armed.
func (s Schedule) Coming(p Programme) Occurrence { return s.occurrence(s.NextAtMS, p) }

func (s Schedule) occurrence(at int64, p Programme) Occurrence {
	closes := at - int64(s.LockMinutes)*60_000
	if at == s.WaivedMS {
		closes = at
	}
	return Occurrence{Schedule: s.ID, Label: s.Label, StartsAtMS: at, ClosesAtMS: closes, EndsAtMS: at + p.LengthMS(),
		Playlist: s.Playlist, Immutable: s.Immutable(p, at), Repeats: s.Rule != ""}
}
