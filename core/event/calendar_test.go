package event_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same clocks on every machine

	"pgregory.net/rapid"

	"playbill/core/event"
	"playbill/core/fault"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t testing.TB, text string) int64 {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when.UnixMilli()
}

// TestNext: the next starts of a schedule, as instants, also where clocks are changed.
func TestNext(t *testing.T) {
	cases := []struct {
		name, zone, start, rule, after string
		want                           string // of the next three, UTC; "-": none
	}{
		{"once, to come", "UTC", "2026-11-27T20:00", "", "2026-11-22T00:00:00Z", "2026-11-27T20:00 - -"},
		{"once, over", "UTC", "2026-11-27T20:00", "", "2026-11-27T20:00:00Z", "- - -"},
		{"once, in the station's time", "Europe/Lisbon", "2026-07-01T20:00", "", "2026-01-01T00:00:00Z", "2026-07-01T19:00 - -"},
		{"weekly, 20:00 stays 20:00 when clocks go back", "Europe/Lisbon", "2026-10-18T20:00", "FREQ=WEEKLY", "2026-10-17T00:00:00Z",
			"2026-10-18T19:00 2026-10-25T20:00 2026-11-01T20:00"},
		{"a time that does not exist is an hour later", "Europe/Berlin", "2026-03-28T02:30", "FREQ=DAILY", "2026-03-28T00:00:00Z",
			"2026-03-28T01:30 2026-03-29T01:30 2026-03-30T00:30"},
		{"a time that exists twice is the first one", "Europe/Berlin", "2026-10-24T02:30", "FREQ=DAILY", "2026-10-24T00:00:00Z",
			"2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30"},
		{"half an hour of summer time", "Australia/Lord_Howe", "2026-10-03T02:15", "FREQ=DAILY", "2026-10-02T00:00:00Z",
			"2026-10-02T15:45 2026-10-03T15:45 2026-10-04T15:15"},
		{"a day that a zone left out", "Pacific/Apia", "2011-12-29T20:00", "FREQ=DAILY", "2011-12-29T00:00:00Z",
			"2011-12-30T06:00 2011-12-31T06:00 2012-01-01T06:00"},
		{"the second Friday", "UTC", "2026-11-01T22:00", "FREQ=MONTHLY;BYDAY=2FR", "2026-11-01T00:00:00Z",
			"2026-11-13T22:00 2026-12-11T22:00 2027-01-08T22:00"},
		{"the last day of a month", "UTC", "2026-01-31T22:00", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-02-01T00:00:00Z",
			"2026-02-28T22:00 2026-03-31T22:00 2026-04-30T22:00"},
		{"the 31st is not in every month", "UTC", "2026-01-31T22:00", "FREQ=MONTHLY", "2026-02-01T00:00:00Z",
			"2026-03-31T22:00 2026-05-31T22:00 2026-07-31T22:00"},
		{"leap days", "UTC", "2024-02-29T22:00", "FREQ=YEARLY", "2024-03-01T00:00:00Z", "2028-02-29T22:00 2032-02-29T22:00 2036-02-29T22:00"},
		{"counted from the first start", "UTC", "2026-11-01T20:00", "FREQ=DAILY;COUNT=3", "2026-11-02T20:00:00Z", "2026-11-03T20:00 - -"},
		{"until a day, that day included", "UTC", "2026-11-01T20:00", "FREQ=DAILY;UNTIL=20261103", "2026-11-02T21:00:00Z", "2026-11-03T20:00 - -"},
		{"until an instant, in the station's time", "America/New_York", "2026-11-01T20:00", "FREQ=DAILY;UNTIL=20261103T010000Z",
			"2026-11-01T00:00:00Z", "2026-11-02T01:00 2026-11-03T01:00 -"},
		{"every second week", "UTC", "2026-11-02T20:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-11-03T00:00:00Z",
			"2026-11-16T20:00 2026-11-30T20:00 2026-12-14T20:00"},
		{"as somebody types it", "UTC", "2026-11-02T20:00", " rrule:freq=weekly; byday=mo ;", "2026-11-03T00:00:00Z",
			"2026-11-09T20:00 2026-11-16T20:00 2026-11-23T20:00"},
		{"a day that never comes", "UTC", "2026-11-02T20:00", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "2026-11-03T00:00:00Z", "- - -"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, z := event.Schedule{Start: c.start, Rule: c.rule}, zone(t, c.zone)
			var got []string
			after := at(t, c.after)
			for range 3 {
				next := s.Next(after, z)
				if next == 0 {
					got = append(got, "-")
					continue
				}
				got, after = append(got, time.UnixMilli(next).UTC().Format("2006-01-02T15:04")), next
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("\ngot  %s\nwant %s", strings.Join(got, " "), c.want)
			}
		})
	}
}

// TestStartsAgreeWithNext: over zones and changes of clocks, a range holds exactly what stepping from one start to the
// next finds, each at the time of day that was asked for, unless the clocks never showed it.
func TestStartsAgreeWithNext(t *testing.T) {
	zones := []string{"UTC", "Europe/Lisbon", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
		"Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "Antarctica/Troll"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(t, "zone")
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2*365*24*4).Draw(t, "quarter")) * 15 * time.Minute)
		s := event.Schedule{Start: first.Format("2006-01-02T15:04"),
			Rule: rapid.SampledFrom([]string{"", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=DAILY;INTERVAL=3", "FREQ=MONTHLY", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=DAILY;COUNT=40"}).Draw(t, "rule")}
		from := first.Add(time.Duration(rapid.IntRange(-48, 24*300).Draw(t, "from")) * time.Hour).UnixMilli()
		to := from + int64(rapid.IntRange(0, 24*90).Draw(t, "hours"))*3_600_000
		var stepped []int64
		for next := s.Next(from-1, z); next != 0 && next < to; next = s.Next(next, z) {
			if len(stepped) > 0 && next <= stepped[len(stepped)-1] {
				t.Fatalf("%s %v: %d is not after %d", name, s, next, stepped[len(stepped)-1])
			}
			stepped = append(stepped, next)
			if clock := time.UnixMilli(next).In(z).Format("15:04"); clock != s.Start[11:] && !leftOut(next, s.Start[11:], z) {
				t.Fatalf("%s %v starts at %s", name, s, clock)
			}
		}
		if got := s.Starts(event.Span{FromMS: from, ToMS: to, Most: 1000}, z); !slices.Equal(got, stepped) {
			t.Fatalf("%s %v\nrange %v\nsteps %v", name, s, got, stepped)
		}
	})
}

// leftOut reports whether no instant of the day around atMS shows this time of day.
func leftOut(atMS int64, clock string, z *time.Location) bool {
	day := time.UnixMilli(atMS).In(z).Format("2006-01-02")
	for m := -3 * 60; m <= 3*60; m += 5 {
		if near := time.UnixMilli(atMS).Add(time.Duration(m) * time.Minute).In(z); near.Format("2006-01-02") == day && near.Format("15:04") == clock {
			return false
		}
	}
	return true
}

func good() event.Schedule {
	return event.Schedule{Label: "Serial Club", Playlist: 1, Start: "2026-11-27T20:00", LockMinutes: 15, Active: true}
}

func TestCheck(t *testing.T) {
	cases := []struct {
		name   string
		change func(s *event.Schedule)
		want   string // in the sentence; empty: fine
	}{
		{"fine", func(*event.Schedule) {}, ""},
		{"repeats", func(s *event.Schedule) { s.Rule = "FREQ=WEEKLY;BYDAY=FR,SA;WKST=MO" }, ""},
		{"no name", func(s *event.Schedule) { s.Label = " " }, "needs a name"},
		{"long name", func(s *event.Schedule) { s.Label = strings.Repeat("x", 101) }, "at most 100"},
		{"no playlist", func(s *event.Schedule) { s.Playlist = 0 }, "needs a playlist"},
		{"lock", func(s *event.Schedule) { s.LockMinutes = 1441 }, "0 to 1440"},
		{"start", func(s *event.Schedule) { s.Start = "27.11.2026" }, "2026-11-27T20:00"},
		{"start long ago", func(s *event.Schedule) { s.Start = "1926-11-27T20:00" }, "between the years"},
		{"no such day", func(s *event.Schedule) { s.Start = "2026-02-30T20:00" }, "2026-11-27T20:00"},
		{"no FREQ", func(s *event.Schedule) { s.Rule = "BYDAY=FR" }, "names no FREQ"},
		{"each second", func(s *event.Schedule) { s.Rule = "FREQ=SECONDLY" }, "not “SECONDLY”"},
		{"a part that is not known", func(s *event.Schedule) { s.Rule = "FREQ=DAILY;BYHOUR=3" }, "“BYHOUR”"},
		{"a part that means nothing", func(s *event.Schedule) { s.Rule = "FREQ=WEEKLY;BYMONTHDAY=3" }, "means nothing"},
		{"twice", func(s *event.Schedule) { s.Rule = "FREQ=DAILY;FREQ=WEEKLY" }, "does not fit"},
		{"two ends", func(s *event.Schedule) { s.Rule = "FREQ=DAILY;COUNT=3;UNTIL=20270101" }, "not both"},
		{"interval", func(s *event.Schedule) { s.Rule = "FREQ=DAILY;INTERVAL=0" }, "INTERVAL from 1"},
		{"until", func(s *event.Schedule) { s.Rule = "FREQ=DAILY;UNTIL=soon" }, "UNTIL like"},
		{"month", func(s *event.Schedule) { s.Rule = "FREQ=YEARLY;BYMONTH=13" }, "BYMONTH"},
		{"a sixth Monday", func(s *event.Schedule) { s.Rule = "FREQ=MONTHLY;BYDAY=6MO" }, "up to 5"},
		{"never", func(s *event.Schedule) { s.Rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }, "never happens"},
		{"over before it begins", func(s *event.Schedule) { s.Rule = "FREQ=DAILY;UNTIL=20261101" }, "never happens"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := good()
			c.change(&s)
			err := s.Check(time.UTC)
			if c.want == "" && err != nil {
				t.Error(err)
			}
			if f := fault.Of(err); c.want != "" && (f == nil || f.Code != fault.Invalid || !strings.Contains(f.Sentence, c.want)) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

// FuzzRule: whatever somebody types is refused with a sentence, or has starts that come in order, and quickly.
func FuzzRule(f *testing.F) {
	for _, seed := range []string{"", "FREQ=WEEKLY;BYDAY=FR", "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=7",
		"FREQ=DAILY;INTERVAL=7;BYDAY=TU", "RRULE:FREQ=DAILY;UNTIL=20261231T000000Z", "FREQ=MONTHLY;BYMONTHDAY=-31;BYMONTH=4", "FREQ=DAILY;COUNT=9999999999"} {
		f.Add(seed, "2026-01-01T20:00")
	}
	f.Fuzz(func(t *testing.T, rule, start string) {
		s := good()
		s.Rule, s.Start = rule, start
		began := time.Now()
		if s.Check(time.UTC) == nil {
			first := s.Next(0, time.UTC)
			if second := s.Next(first, time.UTC); first == 0 || second != 0 && second <= first {
				t.Errorf("starts at %d, then at %d", first, second)
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// TestRearmed: what an edit does to the next start.
func TestRearmed(t *testing.T) {
	now := at(t, "2026-11-22T12:00:00Z")
	next := func(s, old event.Schedule) int64 { return s.Rearmed(old, now, time.UTC).NextAtMS }
	stored := good()
	stored.ID, stored.NextAtMS = 1, at(t, "2026-11-20T20:00:00Z") // past, and not fired yet
	edited := stored
	edited.Label = "Another name"
	if next(edited, stored) != stored.NextAtMS {
		t.Error("a new name moved the start")
	}
	edited.Start = "2026-11-28T21:00"
	if next(edited, stored) != at(t, "2026-11-28T21:00:00Z") {
		t.Error("a new start did not move it")
	}
	edited.Active = false
	if next(edited, stored) != 0 {
		t.Error("what is switched off has a next start")
	}
	off := stored
	off.Active, off.NextAtMS = false, 0
	if next(stored, off) != at(t, "2026-11-27T20:00:00Z") {
		t.Error("switched on again it has not the next start from now on")
	}
	waived := stored
	waived.WaivedMS = waived.NextAtMS
	if got := waived.Rearmed(waived, now, time.UTC); got.WaivedMS != waived.NextAtMS {
		t.Error("an edit brought back a lockout that was ended")
	}
}

func TestCalendar(t *testing.T) {
	daily, once, broken, off := good(), good(), good(), good()
	daily.ID, daily.Rule = 1, "FREQ=DAILY;COUNT=3"
	once.ID, once.Start, once.LockMinutes = 2, "2026-11-28T19:00", 0
	broken.ID, broken.Broken = 3, "because"
	off.ID, off.Active = 4, false
	lists := func(int64) (event.Programme, bool) { return event.Programme{Immutable: true}, true }
	var got []int64
	for _, o := range event.Calendar([]event.Schedule{daily, once, broken, off}, event.Span{FromMS: at(t, "2026-11-28T00:00:00Z"), ToMS: at(t, "2026-12-01T00:00:00Z"), Most: 100}, time.UTC, lists) {
		got = append(got, o.Schedule)
		if !o.Immutable || o.Schedule == 2 && o.ClosesAtMS != o.StartsAtMS || o.Schedule == 1 && o.ClosesAtMS != o.StartsAtMS-15*60_000 {
			t.Errorf("%+v", o)
		}
	}
	if !slices.Equal(got, []int64{2, 1, 1}) {
		t.Errorf("got %v", got)
	}
}

// BenchmarkCalendar is a year of events: fifty schedules, most of them weekly.
func BenchmarkCalendar(b *testing.B) {
	var all []event.Schedule
	for i := range 50 {
		s := good()
		s.ID, s.Start = int64(i+1), time.Date(2024, 1, 1+i, 20, 0, 0, 0, time.UTC).Format("2006-01-02T15:04")
		s.Rule = []string{"FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=FR,SA", "FREQ=MONTHLY;BYDAY=2FR", "FREQ=DAILY", ""}[i%5]
		all = append(all, s)
	}
	z := zone(b, "Europe/Lisbon")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	n := 0
	for b.Loop() {
		n = len(event.Calendar(all, event.Span{FromMS: from, ToMS: from + 366*86_400_000, Most: 400}, z, func(int64) (event.Programme, bool) { return event.Programme{}, true }))
	}
	b.ReportMetric(float64(n), "starts")
}
