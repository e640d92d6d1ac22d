package pages

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"playbill/core/event"
	"playbill/core/station"
)

// The week as it is drawn: a row is a quarter of an hour, and a day goes on behind midnight as far as its last event does.
const (
	rowMinutes  = 15
	eveningFrom = 17 // hour at which a week begins that has nothing earlier
	eveningRows = 28 // rows at least
	hourLast    = 29 // no day goes on behind five in the morning
	lengthMost  = 48 // rows of one event; a longer one is cut
	lengthLeast = 3  // rows of one event: its name must fit
	lanesMost   = 4  // events side by side
)

// week is seven days of the calendar, in the station's time.
type week struct {
	Head                string // "16 to 22 November"
	Note                string
	Before, This, After string // addresses
	From                int    // the first hour that is drawn
	Hours               []hourMark
	Days                []weekDay
}

// hourMark is an hour at the side of the week, Row rows below its first.
type hourMark struct {
	Row  int
	Word string
}

// weekDay is one day.
type weekDay struct {
	Date, Word, Long string // "2026-11-21", "Sat 21", "Sat 21 November"
	Today            bool
	Now              int // row of this minute; -1: not on this day, or not drawn
	Lanes            int
	Shows            []show
}

// show is one start of an event on its day.
type show struct {
	Event              int64
	Label, Says, At    string // At: the address of its form
	Starts             string // as an <input type="datetime-local"> has it
	Row, Length, Lane  int
	ShutRow, ShutRows  int // where requests are closed before it; 0 rows: they are not
	Soft, Missed, Here bool
}

// mondayOf is the first day of the week that an instant is in.
func mondayOf(at time.Time) time.Time {
	back := (int(at.Weekday()) + 6) % 7
	return time.Date(at.Year(), at.Month(), at.Day()-back, 0, 0, 0, 0, at.Location())
}

// week draws the week of a day; chosen is the event whose form is open.
func (p *Pages) week(v *station.View, monday time.Time, chosen int64) week {
	now := time.UnixMilli(p.opt.Now()).In(p.opt.Zone)
	next := monday.AddDate(0, 0, 7)
	all := p.opt.Stagehands.Calendar.Calendar(event.Span{FromMS: monday.UnixMilli(), ToMS: next.UnixMilli(), Most: startsOfWeek})
	out := week{Head: span(monday, next.AddDate(0, 0, -1)), Before: eventsAt(monday.AddDate(0, 0, -7), chosen), After: eventsAt(next, chosen),
		This: eventsAt(mondayOf(now), chosen), From: firstHour(all, p.opt.Zone)}
	rows := eveningRows
	for i := range 7 {
		day := p.weekDay(v, monday.AddDate(0, 0, i), all, out.From)
		for j := range day.Shows {
			s := &day.Shows[j]
			s.At, s.Here = eventsAt(monday, s.Event)+"#event", s.Event == chosen
			rows = max(rows, s.Row+s.Length)
		}
		if day.Today = day.Date == now.Format(time.DateOnly); day.Today {
			day.Now = rowOf(now, out.From)
		}
		out.Days = append(out.Days, day)
	}
	for hour := out.From; hour <= hourLast && (hour-out.From)*60/rowMinutes <= rows; hour++ {
		out.Hours = append(out.Hours, hourMark{(hour - out.From) * 60 / rowMinutes, fmt.Sprintf("%02d:00", hour%24)})
	}
	out.Note = "Station time, " + place(p.opt.Zone) + "."
	if out.From > 0 {
		out.Note += fmt.Sprintf(" Nothing before %02d:00 this week.", out.From)
	}
	return out
}

// firstHour is the hour from which a week is drawn: that in which its earliest event closes the desk.
func firstHour(all []event.Occurrence, zone *time.Location) int {
	first := eveningFrom
	for _, o := range all {
		at := time.UnixMilli(o.StartsAtMS).In(zone)
		closes := time.UnixMilli(o.ClosesAtMS).In(zone)
		if closes.Day() != at.Day() {
			closes = at
		}
		first = min(first, closes.Hour())
	}
	return first
}

func (p *Pages) weekDay(v *station.View, day time.Time, all []event.Occurrence, from int) weekDay {
	out := weekDay{Date: day.Format(time.DateOnly), Word: day.Format("Mon 2"), Long: day.Format("Mon 2 January"), Now: -1, Lanes: 1}
	var free [lanesMost]int // the first row of each lane that nothing stands in
	for _, o := range all {
		at := time.UnixMilli(o.StartsAtMS).In(p.opt.Zone)
		if at.Format(time.DateOnly) != out.Date {
			continue
		}
		s := p.show(v, o, from)
		top := s.Row
		if s.ShutRows > 0 {
			top = s.ShutRow
		}
		s.Lane = lanesMost - 1
		if lane := slices.IndexFunc(free[:], func(end int) bool { return end <= top }); lane >= 0 {
			s.Lane = lane
		}
		free[s.Lane] = s.Row + s.Length
		s.Lane++
		out.Lanes = max(out.Lanes, s.Lane)
		out.Shows = append(out.Shows, s)
	}
	return out
}

func (p *Pages) show(v *station.View, o event.Occurrence, from int) show {
	at := time.UnixMilli(o.StartsAtMS).In(p.opt.Zone)
	s := show{Event: o.Schedule, Label: o.Label, Starts: at.Format(localForm), Row: rowOf(at, from), Soft: !o.Immutable}
	last := (hourLast+1-from)*60/rowMinutes - s.Row
	s.Length = min(max(rowsOf(o.EndsAtMS-o.StartsAtMS), lengthLeast), lengthMost, max(last, lengthLeast))
	s.Says = at.Format("15:04")
	if o.EndsAtMS > o.StartsAtMS {
		s.Says += " to " + clock(o.EndsAtMS, p.opt.Zone)
	}
	if s.Soft {
		s.Says += ", preemptable"
	}
	if rows := min(rowsOf(o.StartsAtMS-o.ClosesAtMS), s.Row); rows > 0 {
		s.ShutRow, s.ShutRows = s.Row-rows, rows
		s.Says += ", requests close at " + clock(o.ClosesAtMS, p.opt.Zone)
	}
	s.Missed = slices.ContainsFunc(v.Alarms, func(f event.Firing) bool {
		return f.Schedule == o.Schedule && f.DueAtMS == o.StartsAtMS && f.EndedHow == event.TooLate
	})
	if s.Missed {
		s.Says = at.Format("15:04") + ", missed"
	}
	return s
}

// rowOf is the row of a time of day; -1: before the first.
func rowOf(at time.Time, from int) int {
	minutes := (at.Hour()-from)*60 + at.Minute()
	if minutes < 0 {
		return -1
	}
	return minutes / rowMinutes
}

// rowsOf is how many rows a length takes.
func rowsOf(ms int64) int { return int((ms + rowMinutes*30_000) / (rowMinutes * 60_000)) }

// span names some days: "16 to 22 November", "30 November to 6 December".
func span(first, last time.Time) string {
	from := first.Format("2 January")
	if first.Month() == last.Month() {
		from, _, _ = strings.Cut(from, " ")
	}
	return from + " to " + last.Format("2 January")
}

// eventsAt is the address of the page with a week, and with the form of an event; 0: of none.
func eventsAt(monday time.Time, chosen int64) string {
	at := "/admin/events?week=" + monday.Format(time.DateOnly)
	if chosen != 0 {
		at += fmt.Sprintf("&event=%d", chosen)
	}
	return at
}
