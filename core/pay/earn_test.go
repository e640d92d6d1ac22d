package pay

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"playbill/core/channel"
)

func TestWhoEarns(t *testing.T) {
	people := []channel.User{
		{Key: "ann", Name: "Ann", RankTenths: 10},
		{Key: "ann", Name: "ANN", RankTenths: 10}, // a second tab
		{Key: "afk", RankTenths: 10, AFK: true},
		{Key: "muted", RankTenths: 10, Muted: true},
		{Key: "guest", RankTenths: 0},
		{Key: "bot", RankTenths: 30},
		{Key: "", RankTenths: 10},
		{Key: "mod", RankTenths: 20},
	}
	want := []channel.User{people[0], people[7]}
	if diff := cmp.Diff(want, Earning(people, "Bot", 10)); diff != "" {
		t.Error(diff)
	}
	if got := Earning(people, "Bot", 0); len(got) != 3 || got[1].Key != "guest" {
		t.Error("where guests may buy they earn:", got)
	}
}

func TestIntervalsAreTheSameForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Wage{IntervalMS: rapid.Int64Range(1000, 86_400_000).Draw(t, "interval"), Coins: 10, Welcome: 100}
		at := rapid.Int64Range(-1<<40, 1<<42).Draw(t, "at")
		start := w.Interval(at)
		if start > at || at-start >= w.IntervalMS || w.Interval(start) != start || w.Interval(start+w.IntervalMS) != start+w.IntervalMS {
			t.Fatalf("%d lies in the interval from %d", at, start)
		}
		u := channel.User{Key: "ann", Name: "Ann"}
		if a, b := w.Earned(start, u), w.Earned(w.Interval(at), channel.User{Key: "ann", Name: "ANN"}); a.Key != b.Key || a.Check() != nil {
			t.Fatal(a, b)
		}
		if w.Earned(start, u).Key == w.Earned(start+w.IntervalMS, u).Key {
			t.Fatal("two intervals have one key")
		}
	})
}

func TestAttendanceIsHalfOfTheLooks(t *testing.T) {
	ann, bob, cid := channel.User{Key: "ann"}, channel.User{Key: "bob"}, channel.User{Key: "cid"}
	var a Attendance
	if got := a.There(); got != nil {
		t.Error("nobody looked:", got)
	}
	a.Look([]channel.User{bob, ann})
	a.Look(nil)
	a.Look([]channel.User{ann, cid})
	a.Look([]channel.User{bob})
	if diff := cmp.Diff([]channel.User{ann, bob}, a.There()); diff != "" {
		t.Error(diff)
	}
}

func TestEarnedAndGreetingAreTransfers(t *testing.T) {
	w := Wage{IntervalMS: 1, Coins: 10, Welcome: 100}
	u := channel.User{Key: "ann", Name: "Ann"}
	if err := w.Earned(0, u).Check(); err != nil {
		t.Error(err)
	}
	if g := w.Greeting(u); g.Check() != nil || g.Amount != 100 {
		t.Error(g)
	}
}
