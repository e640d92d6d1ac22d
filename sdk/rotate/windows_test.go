package rotate_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"playbill/sdk"
	"playbill/sdk/rotate"
)

func TestParseWindows(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		" ; \n":                           "",
		"mon-fri 18:00-23:30; sat,sun":    "mon-fri 18:00-23:30; sat,sun",
		"weekdays 9-17\nweekends":         "mon-fri 09:00-17:00; sat,sun",
		"Friday, Saturday 22:00 - 02:00":  "fri,sat 22:00-02:00",
		"fri-mon":                         "mon,fri,sat,sun",
		"daily":                           "daily",
		"7:30-9":                          "07:30-09:00",
		"daily 20:00–24:00":               "20:00-24:00",
		"sun 22-0":                        "sun 22:00-24:00",
		"tue thu 0:00-1":                  "tue,thu 00:00-01:00",
		"monday,18:00-19:00":              "mon 18:00-19:00",
		"wed 10:00-12:00; wed 14:00-16:0": "! “16:0” is not a time",
		"mon 25:00-26:00":                 "! “25:00” is not a time",
		"mon 10:61-11:00":                 "! “10:61” is not a time",
		"mon 10:00":                       "! “” is not a time",
		"mon 10:00-10:00":                 "! “10:00-10:00” begins when it ends",
		"mo":                              "! “mo” is not a day",
		"mon-xyz":                         "! “xyz” is not a day",
		",":                               "! names no day",
		strings.Repeat("mon;", 25):        "! at most 24 windows",
	} {
		list, err := rotate.ParseWindows(text)
		if wrong, is := strings.CutPrefix(want, "! "); is {
			if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(wrong, "“,” ")) {
				t.Errorf("%q: %v, want %q", text, err, wrong)
			}
			continue
		}
		if err != nil || rotate.Windows(list) != want {
			t.Errorf("%q: %q %v, want %q", text, rotate.Windows(list), err, want)
		}
	}
}

// What is read and written is read again as the same.
func FuzzParseWindows(f *testing.F) {
	for _, text := range []string{"mon-fri 18:00-23:30; sat,sun", "daily", "22-2", "x", "mon\x00", "–", "1-", "24-24", "fri sat,sun 1-2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := rotate.ParseWindows(text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			return
		}
		again, err := rotate.ParseWindows(rotate.Windows(list))
		if err != nil || rotate.Windows(again) != rotate.Windows(list) {
			t.Fatalf("%q is written as %q and read as %q, %v", text, rotate.Windows(list), rotate.Windows(again), err)
		}
	})
}

func windows(t *testing.T, text string) []sdk.Window {
	t.Helper()
	list, err := rotate.ParseWindows(text)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func lisbon(t testing.TB) *time.Location {
	zone, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Skip("this machine has no time zones:", err)
	}
	return zone
}

func TestWithin(t *testing.T) {
	zone := lisbon(t)
	for _, c := range []struct {
		text, at string // in UTC
		open     bool
	}{
		{"fri 22:00-02:00", "2026-01-09T23:59:00Z", true}, // a Friday
		{"fri 22:00-02:00", "2026-01-10T01:59:00Z", true},
		{"fri 22:00-02:00", "2026-01-10T02:00:00Z", false},
		{"fri 22:00-02:00", "2026-01-09T01:00:00Z", false},
		{"sat,sun", "2026-01-10T00:00:00Z", true},
		{"sat,sun", "2026-01-12T00:00:00Z", false},
		{"18:00-23:30", "2026-07-09T17:00:00Z", true}, // summer time is an hour ahead
		{"18:00-23:30", "2026-01-09T17:00:00Z", false},
		{"sun 01:00-02:00", "2026-03-29T01:30:00Z", false}, // the clocks go from 01:00 to 02:00
		{"sun 01:00-02:00", "2026-10-25T00:30:00Z", true},  // and show 01:30 twice
		{"sun 01:00-02:00", "2026-10-25T01:30:00Z", true},
	} {
		at, _ := time.Parse(time.RFC3339, c.at)
		if got := rotate.Within(windows(t, c.text), at.UnixMilli(), zone); got != c.open {
			t.Errorf("%s at %s: %v", c.text, c.at, got)
		}
	}
}

func TestNextChange(t *testing.T) {
	zone := lisbon(t)
	for _, c := range []struct{ text, at, want string }{
		{"fri 22:00-02:00", "2026-01-09T23:00:00Z", "2026-01-10T02:00:00Z"},
		{"fri 22:00-02:00", "2026-01-10T02:00:00Z", "2026-01-16T22:00:00Z"},
		{"sun 01:30-03:00", "2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z"}, // the clocks jump into the window
		{"sun 01:00-01:30", "2026-10-25T00:45:00Z", "2026-10-25T01:00:00Z"}, // it opens a second time
		{"daily", "2026-01-09T00:00:00Z", ""},
	} {
		at, _ := time.Parse(time.RFC3339, c.at)
		next, changes := rotate.NextChange(windows(t, c.text), at.UnixMilli(), zone)
		got := ""
		if changes {
			got = time.UnixMilli(next).UTC().Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s after %s changes at %q, want %q", c.text, c.at, got, c.want)
		}
	}
}

// The next change is exact: it lies where a walk minute by minute finds it, across a change of the clocks too.
func TestNextChangeEqualsAWalk(t *testing.T) {
	zone := lisbon(t)
	rapid.Check(t, func(t *rapid.T) {
		var list []sdk.Window
		for range rapid.IntRange(1, 3).Draw(t, "windows") {
			w := sdk.Window{Days: uint8(rapid.IntRange(1, 127).Draw(t, "days")), From: rapid.IntRange(0, 287).Draw(t, "from") * 5, To: rapid.IntRange(1, 288).Draw(t, "to") * 5}
			if w.From == w.To {
				w.To = w.To%1440 + 5
			}
			list = append(list, w)
		}
		start := time.Date(2026, rapid.SampledFrom([]time.Month{3, 10, 6}).Draw(t, "month"), 24, 0, 0, 0, 0, time.UTC).
			Add(time.Duration(rapid.IntRange(0, 3*1440).Draw(t, "minute")) * time.Minute).UnixMilli()
		next, changes := rotate.NextChange(list, start, zone)
		at, was := start, rotate.Within(list, start, zone)
		for end := start + 8*24*3_600_000; at < end && rotate.Within(list, at, zone) == was; {
			at += 60_000
		}
		found := rotate.Within(list, at, zone) != was
		if found != changes && found || changes && next != at && found {
			t.Fatalf("%s after %d: %d %v, a walk finds %d %v", rotate.Windows(list), start, next, changes, at, found)
		}
	})
}

// Whatever the facts: what is eligible is inside its dates now and when it airs, in its windows, and rested; and every clip
// is either eligible or rejected with a reason.
func TestEligibleKeepsTerms(t *testing.T) {
	zone := lisbon(t)
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(0, 40*24*3_600_000)
		f := rotate.Facts{NowMS: ms.Draw(t, "now"), Zone: zone, NoRepeat: rapid.Bool().Draw(t, "no repeat"), LastClip: "b", AiredMS: map[string]int64{}}
		f.AirsAtMS = f.NowMS + rapid.Int64Range(0, 7_200_000).Draw(t, "eta")
		var pool []sdk.Clip
		for _, key := range []string{"a", "b", "c", "d"} {
			c := sdk.Clip{Key: key, Media: sdk.Media{Type: "yt", ID: key}, Evergreen: rapid.Bool().Draw(t, "evergreen")}
			if rapid.Bool().Draw(t, "starts") {
				c.Terms.StartsAtMS = ms.Draw(t, "start")
			}
			if rapid.Bool().Draw(t, "ends") {
				c.Terms.EndsAtMS = ms.Draw(t, "end")
			}
			if rapid.Bool().Draw(t, "windowed") {
				c.Terms.Windows = []sdk.Window{{Days: uint8(rapid.IntRange(1, 127).Draw(t, "days")), From: 600, To: 700}}
			}
			c.Terms.RestMS = rapid.Int64Range(0, 86_400_000).Draw(t, "rest")
			if rapid.Bool().Draw(t, "aired") {
				f.AiredMS[key] = rapid.Int64Range(1, f.NowMS+1).Draw(t, "last")
			}
			pool = append(pool, c)
		}
		clips, rejected := rotate.Eligible(pool, f)
		if len(clips)+len(rejected) != len(pool) {
			t.Fatalf("%d eligible and %d rejected of %d", len(clips), len(rejected), len(pool))
		}
		for _, c := range clips {
			switch {
			case c.Terms.StartsAtMS > f.NowMS, c.Terms.EndsAtMS != 0 && c.Terms.EndsAtMS <= f.AirsAtMS:
				t.Fatalf("%s is eligible outside its dates: %+v, now %d, airs %d", c.Key, c.Terms, f.NowMS, f.AirsAtMS)
			case len(c.Terms.Windows) > 0 && !rotate.Within(c.Terms.Windows, f.AirsAtMS, zone):
				t.Fatalf("%s is eligible outside its windows", c.Key)
			case f.AiredMS[c.Key] != 0 && f.AirsAtMS-f.AiredMS[c.Key] < c.Terms.RestMS:
				t.Fatalf("%s is eligible while it rests", c.Key)
			case c.Evergreen && len(clips) > 0 && !clips[0].Evergreen:
				t.Fatalf("evergreen %s beside others", c.Key)
			}
		}
	})
}

// Next is the first instant that Forbids allows: a clip is allowed then, and not in any minute before.
func TestNext(t *testing.T) {
	zone := lisbon(t)
	rapid.Check(t, func(t *rapid.T) {
		const day = 24 * 3_600_000
		now := rapid.Int64Range(0, 10*24*60).Draw(t, "now")*60_000 + 1_700_006_400_000
		c := sdk.Clip{Key: "a"}
		if rapid.Bool().Draw(t, "starts") {
			c.Terms.StartsAtMS = now + rapid.Int64Range(-48, 48).Draw(t, "start")*1_800_000
		}
		if rapid.Bool().Draw(t, "ends") {
			c.Terms.EndsAtMS = now + rapid.Int64Range(-48, 96).Draw(t, "end")*1_800_000
		}
		if rapid.Bool().Draw(t, "windowed") {
			c.Terms.Windows = []sdk.Window{{Days: uint8(rapid.IntRange(1, 127).Draw(t, "days")), From: rapid.IntRange(0, 47).Draw(t, "from") * 30, To: 1440}}
		}
		aired := int64(0)
		if rapid.Bool().Draw(t, "aired") {
			aired, c.Terms.RestMS = now-3_600_000, rapid.Int64Range(0, 10).Draw(t, "rest")*1_800_000
		}
		next, ok := rotate.Next(c.Terms, now, aired, zone)
		allowed := func(at int64) bool {
			return rotate.Facts{NowMS: at, AirsAtMS: at, Zone: zone, AiredMS: map[string]int64{"a": aired}}.Forbids(c) == ""
		}
		if ok && !allowed(next) {
			t.Fatalf("%d is not allowed: %+v", next, c.Terms)
		}
		for at := now; at < now+10*day && (!ok || at < next); at += 1_800_000 {
			if allowed(at) {
				t.Fatalf("%d is allowed, and Next says %d %v: %+v", at, next, ok, c.Terms)
			}
		}
	})
}
