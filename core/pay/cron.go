package pay

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cron is a compiled expression of five fields: minute, hour, day of month, month, day of week. Each field is a set of
// numbers as bits. As in Vixie cron, when both days are restricted either may match.
type cron struct {
	minutes, hours, doms, months, dows uint64
	anyDOM, anyDOW                     bool
	everyHour                          bool // the hour is a star: it runs by the clock, also twice when that is set back
}

// field is the range of one of the five, and the names that stand for numbers from its low end on.
type field struct {
	name      string
	low, high int
	names     string // three letters each
}

func fields() [5]field {
	return [5]field{
		{name: "minute", low: 0, high: 59},
		{name: "hour", low: 0, high: 23},
		{name: "day of month", low: 1, high: 31},
		{name: "month", low: 1, high: 12, names: "janfebmaraprmayjunjulaugsepoctnovdec"},
		{name: "day of week", low: 0, high: 7, names: "sunmontuewedthufrisat"},
	}
}

// parseCron compiles an expression. Each field is a list of *, a, a-b, each with an optional /step; months and days of
// the week may be English names of three letters; 7 is Sunday too. The error is a sentence.
func parseCron(text string) (cron, error) {
	parts := strings.Fields(strings.ToLower(text))
	if len(parts) != 5 {
		return cron{}, fmt.Errorf("%q has %d fields. It takes five: minute, hour, day of month, month, day of week", text, len(parts))
	}
	var sets [5]uint64
	for i, f := range fields() {
		set, err := f.parse(parts[i])
		if err != nil {
			return cron{}, err
		}
		sets[i] = set
	}
	if sets[4]&(1<<7) != 0 {
		sets[4] |= 1
	}
	return cron{
		minutes: sets[0], hours: sets[1], doms: sets[2], months: sets[3], dows: sets[4],
		anyDOM: strings.HasPrefix(parts[2], "*"), anyDOW: strings.HasPrefix(parts[4], "*"),
		everyHour: strings.HasPrefix(parts[1], "*"),
	}, nil
}

func (f field) parse(text string) (uint64, error) {
	var set uint64
	for _, part := range strings.Split(text, ",") {
		low, high, step, err := f.span(part)
		if err != nil {
			return 0, err
		}
		for n := low; n <= high; n += step {
			set |= 1 << n
		}
	}
	return set, nil
}

// span reads one part of a list: "*", "3", "1-5", "*/2", "1-5/2", "3/2" (from 3 to the end).
func (f field) span(part string) (low, high, step int, err error) {
	body, every, stepped := strings.Cut(part, "/")
	step = 1
	if stepped {
		if step, err = strconv.Atoi(every); err != nil || step < 1 || step > f.high {
			return 0, 0, 0, f.wrong(part)
		}
	}
	if body == "*" {
		return f.low, f.high, step, nil
	}
	from, to, ranged := strings.Cut(body, "-")
	low, high = f.number(from), f.number(from)
	switch {
	case ranged:
		high = f.number(to)
	case stepped:
		high = f.high
	}
	if low < 0 || high < low {
		return 0, 0, 0, f.wrong(part)
	}
	return low, high, step, nil
}

// number is the value of a number or a name, -1 when it is neither or out of range.
func (f field) number(text string) int {
	if len(text) == 3 && f.names != "" {
		if i := strings.Index(f.names, text); i >= 0 && i%3 == 0 {
			return f.low + i/3
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.low || n > f.high {
		return -1
	}
	return n
}

func (f field) wrong(part string) error {
	return fmt.Errorf("%q is not a %s: %d to %d, a range like %d-%d, or a step like */2", part, f.name, f.low, f.high, f.low, f.high)
}

func has(set uint64, n int) bool { return set&(1<<n) != 0 }

// onDay reports whether anything runs on a calendar day.
func (c cron) onDay(y int, m time.Month, d int) bool {
	if !has(c.months, int(m)) {
		return false
	}
	dow := has(c.dows, int(time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Weekday()))
	dom := has(c.doms, d)
	if c.anyDOM || c.anyDOW {
		return dom && dow
	}
	return dom || dow
}

// last is the latest run at or before nowMS and not more than backMS before it; false when there is none.
func (c cron) last(nowMS, backMS int64, zone *time.Location) (int64, bool) {
	best, found := int64(0), false
	keep := func(atMS int64) {
		if atMS <= nowMS && nowMS-atMS <= backMS && (!found || atMS > best) {
			best, found = atMS, true
		}
	}
	y, m, d := time.UnixMilli(nowMS).In(zone).Date()
	before := false // once found, the day before is looked at too: clocks set back past midnight show its hours again
	for back := range int(backMS/dayMS) + 3 {
		day := time.Date(y, m, d+1-back, 0, 0, 0, 0, time.UTC) // from tomorrow: a run that a gap has moved past midnight
		if dy, dm, dd := day.Date(); c.onDay(dy, dm, dd) {
			c.runs(day, zone, keep)
		}
		if before {
			break
		}
		before = found
	}
	return best, found
}

// runs calls yield with each run of one calendar day, given as midnight UTC.
func (c cron) runs(day time.Time, zone *time.Location, yield func(atMS int64)) {
	for h := range 24 {
		if !has(c.hours, h) {
			continue
		}
		for m := range 60 {
			if has(c.minutes, m) {
				c.instants(day.Add(time.Duration(h)*time.Hour+time.Duration(m)*time.Minute), zone, yield)
			}
		}
	}
}

// instants calls yield with the instants at which the zone's clocks show a wall time, given as if it were UTC. There is
// one, except when clocks are changed: set back, the wall time comes twice and counts once (an expression for every hour
// runs by the clock, and counts twice); set forward over it, the run happens at the change.
func (c cron) instants(wall time.Time, zone *time.Location, yield func(atMS int64)) {
	first := wall.Add(-offset(wall.Add(-24*time.Hour), zone))
	second := wall.Add(-offset(wall.Add(24*time.Hour), zone))
	switch {
	case shows(first, wall, zone):
		yield(first.UnixMilli())
		if c.everyHour && !second.Equal(first) && shows(second, wall, zone) {
			yield(second.UnixMilli())
		}
	case shows(second, wall, zone):
		yield(second.UnixMilli())
	default:
		changed, _ := first.In(zone).ZoneBounds()
		yield(changed.UnixMilli())
	}
}

func offset(at time.Time, zone *time.Location) time.Duration {
	_, seconds := at.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// shows reports whether the zone's clocks show the wall time at that instant.
func shows(at, wall time.Time, zone *time.Location) bool {
	return at.Add(offset(at, zone)).Equal(wall)
}
