package pages

import (
	"slices"
	"testing"
	"time"

	"playbill/core/event"
	"playbill/core/station"
)

// oneWeek is a calendar whose events are given.
type oneWeek []event.Occurrence

func (w oneWeek) Calendar(event.Span) []event.Occurrence    { return w }
func (oneWeek) Starts(event.Schedule, int) ([]int64, error) { return nil, nil }

// TestWeek draws a week across a change of the clocks: events side by side, one behind midnight, a closed desk, a missed one.
func TestWeek(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) int64 {
		return time.Date(2026, 10, day, hour, minute, 0, 0, zone).UnixMilli()
	}
	show := func(id, from, to int64) event.Occurrence {
		return event.Occurrence{Schedule: id, Label: "Silents", StartsAtMS: from, ClosesAtMS: from - 900_000, EndsAtMS: to, Immutable: id == 1}
	}
	p := &Pages{opt: Options{Zone: zone, Now: func() int64 { return at(21, 21, 7) }}}
	p.opt.Stagehands.Calendar = oneWeek{show(1, at(21, 20, 0), at(21, 23, 6)), show(2, at(21, 21, 0), at(21, 22, 0)), show(3, at(25, 23, 30), at(26, 2, 0))}
	v := &station.View{Alarms: []event.Firing{{Schedule: 2, DueAtMS: at(21, 21, 0), EndedHow: event.TooLate}}}
	w := p.week(v, mondayOf(time.UnixMilli(at(25, 12, 0)).In(zone)), 3)

	if w.Head != "19 to 25 October" || w.From != 17 || w.Before != "/admin/events?week=2026-10-12&event=3" || w.After != "/admin/events?week=2026-10-26&event=3" {
		t.Errorf("%q from %d, before %s, after %s", w.Head, w.From, w.Before, w.After)
	}
	wednesday, sunday := w.Days[2], w.Days[6]
	if !wednesday.Today || wednesday.Now != 16 || wednesday.Lanes != 2 || len(wednesday.Shows) != 2 || len(sunday.Shows) != 1 {
		t.Fatalf("%+v", w.Days)
	}
	first, second, last := wednesday.Shows[0], wednesday.Shows[1], sunday.Shows[0]
	if first.Row != 12 || first.Length != 12 || first.Lane != 1 || first.ShutRow != 11 || first.ShutRows != 1 || first.Soft || first.Says != "20:00 to 23:06, requests close at 19:45" {
		t.Errorf("%+v", first)
	}
	if second.Lane != 2 || !second.Missed || !second.Soft || second.Says != "21:00, missed" {
		t.Errorf("%+v", second)
	}
	if last.Row != 26 || last.Length != 10 || !last.Here || last.Starts != "2026-10-25T23:30" || w.Hours[len(w.Hours)-1].Word != "02:00" {
		t.Errorf("%+v, the hours end at %v", last, w.Hours[len(w.Hours)-1])
	}
}

// TestRepetition holds that what the form has fields for is read back into them, and that every other rule stays as it is.
func TestRepetition(t *testing.T) {
	p := &Pages{}
	for _, tt := range []struct {
		rule, kind string
		days       []string
		words      string
	}{
		{"", repeatOnce, nil, "once, on Fri 27 November 2026 at 20:00"},
		{"FREQ=DAILY", repeatDaily, nil, "every day at 20:00"},
		{"FREQ=WEEKLY", repeatWeekly, nil, "every Friday at 20:00"},
		{"FREQ=WEEKLY;BYDAY=SU,MO", repeatWeekly, []string{"SU", "MO"}, "every Mon and Sun at 20:00"},
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", repeatOwn, nil, "by its rule FREQ=WEEKLY;BYDAY=MO;COUNT=3 at 20:00"},
		{"FREQ=MONTHLY", repeatMonthly, nil, "every month on day 27 at 20:00"},
		{"FREQ=MONTHLY;BYDAY=-1FR", repeatOwn, nil, "by its rule FREQ=MONTHLY;BYDAY=-1FR at 20:00"},
	} {
		kind, days := repetition(tt.rule)
		if kind != tt.kind || !slices.Equal(days, tt.days) {
			t.Errorf("%q is %q on %q", tt.rule, kind, days)
		}
		if words := p.repeats(event.Schedule{Start: "2026-11-27T20:00", Rule: tt.rule}); words != tt.words {
			t.Errorf("%q reads %q, want %q", tt.rule, words, tt.words)
		}
	}
}

// TestDayWord names days as people do.
func TestDayWord(t *testing.T) {
	now := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC)
	for want, at := range map[string]time.Time{"today": now.Add(time.Minute), "tomorrow": now.Add(time.Hour), "on Thursday": now.AddDate(0, 0, 5),
		"on Friday": now.AddDate(0, 0, -1), "on 28 November": now.AddDate(0, 0, 7)} {
		if got := dayWord(at.UnixMilli(), now.UnixMilli(), time.UTC); got != want {
			t.Errorf("%v is %q, want %q", at, got, want)
		}
	}
	for want, ms := range map[string]int64{"in 6 days": 6*24*hourMS - hourMS, "in 47 h 00": 47 * hourMS, "soon": 1000} {
		if got := farOff(ms); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
