package pay

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func at(t testing.TB, text string) int64 {
	t.Helper()
	v, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return v.UnixMilli()
}

func newYork(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skipf("no time zone data: %v", err)
	}
	return z
}

// TestBlackout gives instants in UTC. New York sets its clocks forward on 2026-03-08 at 02:00 (07:00 UTC) and back on
// 2026-11-01 at 02:00 (06:00 UTC).
func TestBlackout(t *testing.T) {
	z := newYork(t)
	cases := []struct {
		name, cron string
		hours      int64
		now, ends  string // ends empty: not open
	}{
		{"winter, its first minute", "0 22 * * 5", 11, "2026-01-10T03:00", "2026-01-10T14:00"},
		{"winter, the minute before", "0 22 * * 5", 11, "2026-01-10T02:59", ""},
		{"winter, its last minute", "0 22 * * 5", 11, "2026-01-10T13:59", "2026-01-10T14:00"},
		{"winter, its end", "0 22 * * 5", 11, "2026-01-10T14:00", ""},
		{"summer, an hour earlier in UTC", "0 22 * * 5", 11, "2026-07-11T02:00", "2026-07-11T13:00"},
		{"summer, the minute before", "0 22 * * 5", 11, "2026-07-11T01:59", ""},
		{"a time that does not exist", "30 2 * * *", 2, "2026-03-08T07:00", "2026-03-08T09:00"},
		{"before the change", "30 2 * * *", 2, "2026-03-08T06:59", ""},
		{"a time that comes twice, first", "30 1 * * *", 1, "2026-11-01T05:30", "2026-11-01T06:30"},
		{"a time that comes twice, counted once", "30 1 * * *", 1, "2026-11-01T06:30", ""},
		{"every hour, by the clock", "30 * * * *", 1, "2026-11-01T06:30", "2026-11-01T07:30"},
		{"across the change, as long as said", "0 0 * * 0", 4, "2026-03-08T08:59", "2026-03-08T09:00"},
		{"a week, its last hour", "0 0 * * 1", 168, "2026-01-12T04:30", "2026-01-12T05:00"},
		{"either day", "0 0 13 * 5", 24, "2026-03-13T12:00", "2026-03-14T04:00"},
		{"the other day", "0 0 13 * 5", 24, "2026-03-06T12:00", "2026-03-07T05:00"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := Rules{Blackouts: []Blackout{{Cron: c.cron, ForMS: c.hours * hourMS, Reason: "cartoons"}}}
			sentence, ends := r.Blackout(at(t, c.now), z)
			if c.ends == "" {
				if sentence != "" || ends != 0 {
					t.Errorf("open until %s", time.UnixMilli(ends).UTC())
				}
				return
			}
			if ends != at(t, c.ends) || sentence != "Requests are closed: cartoons." {
				t.Errorf("%q until %s, want %s", sentence, time.UnixMilli(ends).UTC(), c.ends)
			}
		})
	}
}

func TestLongestBlackoutIsTold(t *testing.T) {
	r := Rules{Blackouts: []Blackout{
		{Cron: "0 0 * * *", ForMS: 2 * hourMS},
		{Cron: "0 1 * * *", ForMS: 3 * hourMS, Reason: "cartoons"},
		{Cron: "nonsense", ForMS: 9 * hourMS},
	}}
	sentence, ends := r.Blackout(at(t, "2026-01-01T01:30"), time.UTC)
	if sentence != "Requests are closed: cartoons." || ends != at(t, "2026-01-01T04:00") {
		t.Errorf("%q until %s", sentence, time.UnixMilli(ends).UTC())
	}
}

func TestParseCron(t *testing.T) {
	good := map[string]string{
		"0 0 * * thu":        "0 0 * * 4",
		"0 0 * * 7":          "0 0 * * 0,7",
		"*/15 1-5/2 * jan *": "0,15,30,45 1,3,5 * 1 *",
		"50/5 0 1 1 mon-fri": "50,55 0 1 1 1,2,3,4,5",
		"0 0 * JAN-Mar *":    "0 0 * 1-3 *",
		" 5  4\t3 2 1 ":      "5 4 3 2 1",
		"0-59 0-23 * * *":    "0-59 0-23 */1 */1 */1",
	}
	for a, b := range good {
		x, errX := parseCron(a)
		y, errY := parseCron(b)
		if errX != nil || errY != nil || x != y {
			t.Errorf("%q: %+v %v\n%q: %+v %v", a, x, errX, b, y, errY)
		}
	}
	for _, bad := range []string{"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
		"* * * * 8", "5-1 * * * *", "*/0 * * * *", "*/x * * * *", "1,,2 * * * *", "-1 * * * *", "* * * jan- *", "@daily",
		"* * * foo *", "* * * anf *", "*-5 * * * *"} {
		if _, err := parseCron(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestBlackoutAgainstTheClock compares with the plain way: go back minute by minute and read the zone's clock. It knows
// nothing of skipped and repeated times, so it is asked on days without a change.
func TestBlackoutAgainstTheClock(t *testing.T) {
	z, april := newYork(t), at(t, "2026-04-01T00:00")
	rapid.Check(t, func(t *rapid.T) {
		b := Blackout{Cron: drawCron(t), ForMS: int64(rapid.IntRange(1, 600).Draw(t, "minutes")) * minuteMS}
		c, err := parseCron(b.Cron)
		if err != nil {
			t.Fatal(err)
		}
		now := april + rapid.Int64Range(0, 200*dayMS).Draw(t, "now")
		ends, open := b.Open(now, z)
		wantEnds, want := int64(0), false
		for m := now - now%minuteMS; m > now-b.ForMS; m -= minuteMS {
			w := time.UnixMilli(m).In(z)
			if c.onDay(w.Date()) && has(c.hours, w.Hour()) && has(c.minutes, w.Minute()) {
				wantEnds, want = m+b.ForMS, true
				break
			}
		}
		if open != want || ends != wantEnds {
			t.Fatalf("%q for %d min at %s: %v until %d, want %v until %d", b.Cron, b.ForMS/minuteMS, time.UnixMilli(now).In(z), open, ends, want, wantEnds)
		}
	})
}

func drawCron(t *rapid.T) string {
	one := func(name string, choices ...string) string { return rapid.SampledFrom(choices).Draw(t, name) }
	return strings.Join([]string{
		one("minute", "0", "*/20", "5-40/7", "59", "*"), one("hour", "*", "0", "22", "23,0,1", "*/6"),
		one("dom", "*", "*/2", "1", "13,31"), one("month", "*", "apr-jun", "*/3"), one("dow", "*", "0", "5", "mon-fri", "7"),
	}, " ")
}

func FuzzParseCron(f *testing.F) {
	for _, s := range []string{"0 0 * * 4", "*/15 1-5/2 1,15 jan-mar mon", "99 * * * *", "1-/ * * * *", "* * * * 7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCron(text)
		if err != nil {
			return
		}
		if c.minutes == 0 || c.hours == 0 || c.doms == 0 || c.months == 0 || c.dows == 0 {
			t.Fatalf("%q matches nothing: %+v", text, c)
		}
		if c.minutes>>60 != 0 || c.hours>>24 != 0 || c.doms>>32 != 0 || c.doms&1 != 0 || c.months>>13 != 0 || c.months&1 != 0 || c.dows>>8 != 0 {
			t.Fatalf("%q leaves its ranges: %+v", text, c)
		}
		now := at(t, "2026-11-01T06:30")
		if ends, open := (Blackout{Cron: text, ForMS: hourMS}).Open(now, time.UTC); open && (ends <= now || ends > now+hourMS) {
			t.Fatalf("%q: open until %d at %d", text, ends, now)
		}
	})
}

func BenchmarkBlackout(b *testing.B) {
	r := Rules{Blackouts: []Blackout{{Cron: "0 22 * * 5", ForMS: 11 * hourMS}, {Cron: "0 0 * * 1", ForMS: 168 * hourMS}}}
	z, now := newYork(b), at(b, "2026-07-11T01:59")
	for b.Loop() {
		r.Blackout(now, z)
	}
}
