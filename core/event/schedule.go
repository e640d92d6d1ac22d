package event

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"playbill/core/fault"
	"playbill/sdk"
)

// Schedule is one event that is planned, once or again and again. Its start is an intention in the station's own time:
// "20:00" stays 20:00 when clocks are changed.
type Schedule struct {
	ID               int64  // per channel, counted from 1; 0: not stored yet
	Rev              int64  // grows by one with every save by a person, from 1; 0: not stored yet
	Label            string // its name on every page
	Playlist         int64  // the body
	Fallback         int64  // loaded behind the body, never non-preemptable; 0: none
	Start            string // the first start, "2026-11-27T20:00" in the station's zone
	Rule             string // an RRULE without its name, "FREQ=WEEKLY;BYDAY=FR"; empty: once
	LockMinutes      int    // requests close so long before the start
	ImmutableUntilMS int64  // from then on its starts are preemptable; UTC milliseconds, 0: never
	Active           bool
	Rotate           bool  // what was played moves to the end of the playlists, where those are preemptable
	NextAtMS         int64 // the next start that has neither fired nor been missed, UTC milliseconds; 0: none
	WaivedMS         int64 // the start of which an admin ended the lockout in advance; 0: none

	Broken string // why it cannot be armed: a sentence. Not stored; such a row disables only itself
}

// The bounds of a schedule.
const (
	LabelMax       = 100  // characters
	LockMinutesMax = 1440 // a day
)

// Settings are the events block.
type Settings struct {
	MaxLateMS int64 // an item on the air that ends by then may end by itself; 0: every start is hard
}

// LateMS is by how much a firing may be late and still happens (SPEC 7).
const LateMS = 5 * 60 * 1000

// Programme is a saved playlist as an event, or a load, plays it.
type Programme struct {
	ID        int64
	Name      string
	Immutable bool
	Items     []sdk.Media // in order
}

// LastStartMS is how long after its first item the last one starts, each item staying overheadMS beyond its length.
func (p Programme) LastStartMS(overheadMS int64) int64 {
	at := int64(0)
	for _, m := range p.Items[:max(len(p.Items)-1, 0)] {
		at += m.DurationMS + overheadMS
	}
	return at
}

// LengthMS is the sum of its items.
func (p Programme) LengthMS() int64 {
	all := int64(0)
	for _, m := range p.Items {
		all += m.DurationMS
	}
	return all
}

// Immutable reports whether a start of this schedule is non-preemptable: its playlist is, and the expiry is not reached.
func (s Schedule) Immutable(p Programme, startMS int64) bool {
	return p.Immutable && (s.ImmutableUntilMS == 0 || startMS < s.ImmutableUntilMS)
}

// Released returns the playlists that need not be non-preemptable any more: some schedule plays them, and the expiry of
// every schedule that does is reached. In the order of the schedules.
func Released(all []Schedule, nowMS int64) []int64 {
	var out []int64
	for _, s := range all {
		over := !slices.Contains(out, s.Playlist)
		for _, other := range all {
			over = over && (other.Playlist != s.Playlist || other.ImmutableUntilMS != 0 && other.ImmutableUntilMS <= nowMS)
		}
		if over {
			out = append(out, s.Playlist)
		}
	}
	return out
}

// Refused is the cause of a refusal that is about one part of a schedule.
type Refused struct{ Part string }

// The parts of a schedule that a refusal can be about.
const (
	PartLabel    = "label"
	PartPlaylist = "playlist"
	PartFallback = "fallback"
	PartStart    = "start"
	PartRule     = "rule"
	PartLock     = "lock_minutes"
	PartUntil    = "immutable_until"
)

// Error names the part.
func (r Refused) Error() string { return "the " + r.Part + " of an event" }

// Refuse is a refusal of one part of a schedule: fault.Invalid, with a Refused as its cause.
func Refuse(part, sentence string) error {
	return fault.Wrap(Refused{part}, fault.Invalid, sentence)
}

// Check refuses what cannot be armed, with fault.Invalid and a sentence; its cause is a Refused.
func (s Schedule) Check(zone *time.Location) error {
	wrong := func(part, format string, args ...any) error {
		return Refuse(part, fmt.Sprintf(format, args...))
	}
	label := strings.TrimSpace(s.Label)
	switch {
	case label == "":
		return wrong(PartLabel, "An event needs a name.")
	case utf8.RuneCountInString(label) > LabelMax || strings.ContainsAny(label, "\r\n"):
		return wrong(PartLabel, "The name of an event has at most %d characters, on one line.", LabelMax)
	case s.Playlist <= 0:
		return wrong(PartPlaylist, "An event needs a playlist.")
	case s.LockMinutes < 0 || s.LockMinutes > LockMinutesMax:
		return wrong(PartLock, "Requests close 0 to %d minutes before an event.", LockMinutesMax)
	case s.ImmutableUntilMS < 0:
		return wrong(PartUntil, "The end of being non-preemptable is not a time.")
	}
	start, err := parseLocal(s.Start)
	if err != nil {
		return wrong(PartStart, "The start %v.", err)
	}
	if _, err := parseRule(s.Rule, zone); err != nil {
		return wrong(PartRule, "The repetition %v.", err)
	}
	if s.Next(instant(start, zone).UnixMilli()-1, zone) == 0 {
		return wrong(PartRule, "With this start and this repetition the event never happens.")
	}
	return nil
}

// Armed reports whether the schedule has a start to come.
func (s Schedule) Armed() bool { return s.Active && s.Broken == "" && s.NextAtMS > 0 }

// ClosesAtMS is when requests close before the next start; the start itself when the schedule does not ask for more, or
// when an admin has ended this lockout in advance.
func (s Schedule) ClosesAtMS() int64 {
	if s.WaivedMS == s.NextAtMS {
		return s.NextAtMS
	}
	return s.NextAtMS - int64(s.LockMinutes)*60_000
}

// WantsLock reports whether requests are closed for the next start at an instant: until it fires, or until it is too late
// to fire.
func (s Schedule) WantsLock(nowMS int64) bool {
	closes := s.ClosesAtMS()
	return s.Armed() && closes < s.NextAtMS && closes <= nowMS && nowMS <= s.NextAtMS+LateMS
}

// Due reports whether the next start has come and may still fire.
func (s Schedule) Due(nowMS int64) bool {
	return s.Armed() && s.NextAtMS <= nowMS && nowMS <= s.NextAtMS+LateMS
}

// Missed reports whether the next start has passed and is too late to fire.
func (s Schedule) Missed(nowMS int64) bool { return s.Armed() && nowMS > s.NextAtMS+LateMS }

// Passed returns the schedule once its next start has fired or was missed: what repeats has its next one after nowMS,
// what does not has none. Of several starts that were missed together the earlier ones are skipped.
func (s Schedule) Passed(nowMS int64, zone *time.Location) Schedule {
	s.WaivedMS = 0
	s.NextAtMS = s.Next(max(nowMS, s.NextAtMS), zone)
	return s
}

// Rearmed returns the schedule as it is stored after an edit, where old is what was stored. Its next start is after
// nowMS; one that is the same as before stays, also its lockout that was ended in advance. What is switched off has none.
func (s Schedule) Rearmed(old Schedule, nowMS int64, zone *time.Location) Schedule {
	s.Start, s.Rule = strings.TrimSpace(s.Start), canonical(s.Rule)
	same := old.ID != 0 && old.Active && s.Start == old.Start && s.Rule == old.Rule && old.Broken == ""
	switch {
	case !s.Active:
		s.NextAtMS = 0
	case same:
		s.NextAtMS = old.NextAtMS
	default:
		s.NextAtMS = s.Next(nowMS, zone)
	}
	if s.WaivedMS = old.WaivedMS; s.WaivedMS != s.NextAtMS {
		s.WaivedMS = 0
	}
	return s
}
