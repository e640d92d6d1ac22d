package event_test

import (
	"testing"

	"pgregory.net/rapid"

	"playbill/core/event"
)

// TestFiringNext: the next act follows from the step and from what is so.
func TestFiringNext(t *testing.T) {
	const due, minute = 1_000_000, 60_000
	cases := []struct {
		name string
		step event.Step
		so   event.So
		want event.Act
	}{
		{"locked, in time", event.Locked, event.So{NowMS: due + 4*minute}, event.Withdraw},
		{"locked, too late: it never began", event.Locked, event.So{NowMS: due + 5*minute + 1}, event.Abandon},
		{"purchases are still open", event.Withdrawing, event.So{Open: 1}, event.Wait},
		{"all are withdrawn", event.Withdrawing, event.So{NowMS: due + 60*minute}, event.Clear},
		{"strangers are listed", event.Clearing, event.So{Strangers: 2}, event.Remove},
		{"the list is clear", event.Clearing, event.So{}, event.WriteBody},
		{"a body entry waits", event.Body, event.So{Wanted: 2, Standing: 3}, event.Send},
		{"an add is not resolved: order counts", event.Body, event.So{Wanted: 2, Unresolved: 1}, event.Wait},
		{"a stranger came in", event.Body, event.So{Wanted: 2, Strangers: 1}, event.Remove},
		{"the body is loaded", event.Body, event.So{Standing: 3}, event.WriteRest},
		{"nothing of it is", event.Body, event.So{}, event.WriteRest},
		{"then there is only the fallback", event.Fallback, event.So{Air: event.Others}, event.NothingLeft},
		{"the fallback waits", event.Fallback, event.So{Wanted: 1, Standing: 1}, event.Send},
		{"the event is on the air already", event.Fallback, event.So{Standing: 1, Air: event.Own}, event.Run},
		{"nothing plays", event.Fallback, event.So{Standing: 1, Air: event.Silence}, event.Start},
		{"the item on the air ends in time", event.Fallback, event.So{NowMS: due + minute, MaxLateMS: 2 * minute, Standing: 1, Air: event.Others, LeftMS: minute}, event.Wait},
		{"it ends too late", event.Fallback, event.So{NowMS: due + minute, MaxLateMS: 2 * minute, Standing: 1, Air: event.Others, LeftMS: minute + 1}, event.Cut},
		{"it has no end", event.Fallback, event.So{NowMS: due, MaxLateMS: 2 * minute, Standing: 1, Air: event.Others, LeftMS: -1}, event.Cut},
		{"hard starts", event.Fallback, event.So{NowMS: due, Standing: 1, Air: event.Others, LeftMS: 1}, event.Cut},
		{"its last title has not started", event.Running, event.So{Standing: 1}, event.Wait},
		{"it has", event.Running, event.So{Started: true}, event.Lift},
		{"over", event.Ended, event.So{Wanted: 1}, event.Wait},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := event.Firing{Step: c.step, DueAtMS: due, Immutable: true}
			if got := f.Next(c.so); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	preemptable := event.Firing{Step: event.Running}
	if got := preemptable.Next(event.So{}); got != event.Lift {
		t.Errorf("a preemptable event keeps its lock: %s", got)
	}
}

// world is a channel as simple as can be, in which a firing is carried out.
type world struct {
	f                     event.Firing
	open, strangers       int
	wanted, loaded, rest  int
	fails, failing, cuts  int
	aired                 int
	onAir                 event.Air
	now                   int64
	lifted, gone, nothing bool
}

func (w *world) so() event.So {
	return event.So{NowMS: w.now, MaxLateMS: 120_000, Open: w.open, Strangers: w.strangers, Wanted: w.wanted, Standing: w.loaded,
		Air: w.onAir, LeftMS: 600_000, Started: w.aired >= w.loaded}
}

// act does what the firing says, and reports whether it has ended.
func (w *world) act(t *rapid.T) bool {
	switch a := w.f.Next(w.so()); a {
	case event.Withdraw:
		w.f.Step, w.open = event.Withdrawing, 0
	case event.Clear:
		w.f.Step = event.Clearing
	case event.Remove:
		w.strangers--
	case event.WriteBody:
		w.f.Step = event.Body
	case event.Send:
		w.wanted--
		if w.failing > 0 {
			w.failing--
		} else if w.f.Step == event.Body {
			w.loaded++
		}
	case event.WriteRest:
		w.f.Step, w.wanted = event.Fallback, w.rest
	case event.Cut, event.Start:
		w.onAir, w.aired, w.cuts = event.Own, 1, w.cuts+1
	case event.Run:
		w.f.Step = event.Running
	case event.Lift:
		w.lifted = true
	case event.NothingLeft:
		w.nothing = true
	case event.Abandon:
		w.gone = true
	case event.Wait:
		w.aired++
	default:
		t.Fatalf("unknown act %s", a)
	}
	return w.lifted || w.nothing || w.gone
}

// TestFiringEnds: from every world a firing ends, having kept its order: nothing is loaded before the list is clear, and
// the lock lifts only when the last title has started, or when nothing could be loaded.
func TestFiringEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
		body := n("body", 5)
		w := &world{f: event.Firing{Step: event.Locked, Immutable: true}, open: n("open", 3), strangers: n("strangers", 4),
			failing: n("failing", 5), rest: n("rest", 3), onAir: event.Air(n("on air", 1)), now: int64(n("late", 400)) * 1000}
		w.fails = min(w.failing, body)
		for i := 0; ; i++ {
			if i > 100 {
				t.Fatalf("it does not end: %+v", w)
			}
			before := w.f.Step
			if w.act(t) {
				break
			}
			if before != event.Body && w.f.Step == event.Body {
				if w.strangers > 0 || w.open > 0 {
					t.Fatalf("loading began before the list was clear: %+v", w)
				}
				w.wanted = body
			}
		}
		switch {
		case w.gone && (w.now <= event.LateMS || w.f.Step != event.Locked):
			t.Fatalf("given up although it was in time, or had begun: %+v", w)
		case w.nothing && body-w.fails != 0:
			t.Fatalf("given up although something was loaded: %+v", w)
		case w.lifted && (w.aired < w.loaded || w.loaded == 0):
			t.Fatalf("the lock lifted too early: %+v", w)
		}
	})
}
