package shadow

import (
	"fmt"
	"testing"
	"time"

	"playbill/core/channel"
	"playbill/sdk"
)

// many is the list of the speed targets (SPEC 13).
const many = 4000

// BenchmarkReconcile is the row "reconcile a 4,000-entry state" of SPEC 13: unchanged < 0.1 ms without allocation, head
// gone < 0.2 ms, all uids new < 10 ms; and rejoin, from the stored entries alone, < 300 ms. Beside each figure stands a
// bare scan of the same state, from the same run; the rows of four times the size show that it is linear.
func BenchmarkReconcile(b *testing.B) {
	for _, n := range []int{many, 4 * many} {
		s, u := listed(n)
		b.Run(fmt.Sprintf("unchanged/%d", n), func(b *testing.B) { reconcile(b, s, u) })
		b.Run(fmt.Sprintf("head_gone/%d", n), func(b *testing.B) { reconcile(b, s, headGone(u)) })
		b.Run(fmt.Sprintf("all_uids_new/%d", n), func(b *testing.B) { reconcile(b, s, allNew(u)) })
		b.Run(fmt.Sprintf("shuffled/%d", n), func(b *testing.B) { reconcile(b, s, shuffled(u)) })
		b.Run(fmt.Sprintf("rejoin/%d", n), func(b *testing.B) { reconcile(b, restored(s), allNew(u)) })
		b.Run(fmt.Sprintf("first_seen/%d", n), func(b *testing.B) { reconcile(b, Restore(0, nil, nil, 0, 0), u) })
		b.Run(fmt.Sprintf("empty_poll/%d", n), func(b *testing.B) { reconcile(b, s, emptyPoll(u)) })
	}
}

func reconcile(b *testing.B, s Shadow, u channel.Update) {
	id := EntryID(1 << 20)
	number := func() EntryID { id++; return id }
	b.ReportAllocs()
	for b.Loop() {
		next, _ := s.Observe(u, u.AtMS, number)
		if next.Health != channel.Good {
			b.Fatal("not taken in")
		}
	}
	b.ReportMetric(float64(scanned(b, &s, &u).Nanoseconds()), "scan-ns/op")
}

// scanned is how long it takes to look once at every item and every entry.
func scanned(b *testing.B, s *Shadow, u *channel.Update) time.Duration {
	const rounds = 50
	sum := int64(0)
	began := time.Now()
	for range rounds {
		for i := range u.List {
			sum += int64(u.List[i].UID) + int64(len(u.List[i].Media.ID))
		}
		for _, e := range s.Entries {
			sum += int64(e.Bind.UID) + int64(len(e.Media.ID))
		}
	}
	if sum == 0 && len(u.List) > 0 {
		b.Fatal("nothing was scanned")
	}
	return time.Since(began) / rounds
}

// listed returns a shadow of n entries, every tenth of them ours, and the state that confirms it.
func listed(n int) (Shadow, channel.Update) {
	u := channel.Update{Epoch: 1, AtMS: 1_000_000, Health: channel.Good, Certain: true, Whole: true, Self: self, Rate: 1}
	for i := range n {
		it := channel.Item{UID: channel.UID(i), AddedBy: "someone", Media: sdk.Media{Type: "yt", ID: fmt.Sprintf("media%06d", i), DurationMS: 60_000}}
		if i%10 == 0 {
			it.Temp, it.AddedBy = true, self
		}
		u.List = append(u.List, it)
	}
	id := EntryID(0)
	s, _ := Restore(0, nil, nil, 0, 0).Observe(u, u.AtMS, func() EntryID { id++; return id })
	for i, e := range s.Entries {
		if e.Temp {
			paid := *e
			paid.Role = Paid
			s.Entries[i] = &paid
		}
	}
	return s, u
}

func headGone(u channel.Update) channel.Update {
	u.Left = []channel.Departure{{Epoch: u.Epoch, Item: u.List[0], PlayedMS: 60_000, AtMS: u.AtMS, How: channel.Played}}
	u.List = u.List[1:]
	return u
}

func allNew(u channel.Update) channel.Update {
	u.Epoch++
	u.List = append([]channel.Item(nil), u.List...)
	for i := range u.List {
		u.List[i].UID += 1_000_000
	}
	return u
}

// shuffled puts every item elsewhere, under new uids: 7 has no divisor in common with the length.
func shuffled(u channel.Update) channel.Update {
	u = allNew(u)
	out := make([]channel.Item, len(u.List))
	for i, it := range u.List {
		out[i*7%len(out)] = it
	}
	u.List = out
	return u
}

// emptyPoll is a poll that shows nothing, which is not believed at once.
func emptyPoll(u channel.Update) channel.Update {
	u.Certain, u.Whole, u.List, u.Current = false, false, nil, -1
	return u
}

func restored(s Shadow) Shadow {
	return Restore(s.Epoch, s.Entries, nil, s.Entries[0].ID, s.SinceMS)
}

func TestUnchangedStateAllocatesNothing(t *testing.T) {
	s, u := listed(many)
	u.PlayedMS = 5000
	got := testing.AllocsPerRun(20, func() {
		if next, ch := s.Observe(u, u.AtMS, nil); !ch.Empty() || next.Rev != s.Rev {
			t.Fatal("the same state changed something")
		}
	})
	if got != 0 {
		t.Fatalf("%v allocations for a state that changes nothing", got)
	}
}

func TestRejoinBindsEverything(t *testing.T) {
	s, u := listed(many)
	next, ch := restored(s).Observe(shuffled(u), u.AtMS, func() EntryID { t.Fatal("an entry was not bound again"); return 0 })
	if next.Len() != many || len(ch.Ended) != 0 || len(ch.Appeared) != 0 || !ch.Rebound || !ch.Resolved {
		t.Fatalf("%d listed, %d ended, %d appeared", next.Len(), len(ch.Ended), len(ch.Appeared))
	}
}
