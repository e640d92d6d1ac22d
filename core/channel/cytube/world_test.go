package cytube_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/channel/cytube"
	"playbill/core/fault"
)

// patience is how long a test waits for a state, in simulated time.
const patience = 5 * time.Minute

// inBubble runs a test on a fresh server and driver, in simulated time.
func inBubble(t *testing.T, o cytubetest.Options, body func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { body(open(t, o)) })
}

func inBubbleAs(t *testing.T, o cytubetest.Options, as cytube.Options, body func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { body(openAs(t, o, as)) })
}

// next reads one state.
func (w *world) next(within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case u, open := <-w.driver.Updates():
		if !open {
			return false
		}
		w.states++
		w.last = u
		w.left = append(w.left, u.Left...)
		return true
	case <-timer.C:
		return false
	}
}

// until reads states until one is as wanted.
func (w *world) until(what string, ok func(u channel.Update) bool) channel.Update {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for w.states == 0 || !ok(w.last) {
		if !w.next(time.Until(deadline)) {
			w.t.Fatalf("no state that %s; the last one: %v %q over %d epoch %d, %d items, current %d",
				what, w.last.Health, w.last.Why, w.last.Over, w.last.Epoch, len(w.last.List), w.last.Current)
		}
	}
	return w.last
}

// good waits for a Good state, proven for one whose commands are all its own.
func (w *world) good() channel.Update {
	w.t.Helper()
	return w.until("is good", func(u channel.Update) bool { return u.Health == channel.Good })
}

func (w *world) proven() channel.Update { w.t.Helper(); return w.covers(0) }

func (w *world) covers(n int64) channel.Update {
	w.t.Helper()
	return w.until("covers the command", func(u channel.Update) bool { return u.Health == channel.Good && u.Over >= n })
}

func (w *world) down(words string) {
	w.t.Helper()
	w.until("is down: "+words, func(u channel.Update) bool {
		return u.Health != channel.Good && strings.Contains(u.Why, words)
	})
}

// quiet lets everything that is under way come to its end, and reads what waits.
func (w *world) quiet() channel.Update {
	time.Sleep(300 * time.Millisecond)
	synctest.Wait()
	for w.next(time.Millisecond) {
	}
	return w.last
}

func (w *world) do(c channel.Command) channel.Result {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return w.driver.Do(ctx, c)
}

func (w *world) done(c channel.Command) channel.Result {
	w.t.Helper()
	res := w.do(c)
	if res.Outcome != channel.Done {
		w.t.Fatalf("%#v is %v: %v", c, res.Outcome, res.Fault)
	}
	return res
}

func (w *world) refused(c channel.Command, code fault.Code) *fault.Fault {
	w.t.Helper()
	res := w.do(c)
	if res.Outcome != channel.Refused || res.Fault.Code != code || res.Fault.Sentence == "" {
		w.t.Fatalf("%#v is %v: %v, want refused as %s", c, res.Outcome, res.Fault, code)
	}
	return res.Fault
}

// add adds the n-th clip, a temp one of a minute.
func (w *world) add(n int) channel.Ref {
	w.t.Helper()
	return w.done(channel.Add{Media: w.media(n, time.Minute), Temp: true}).Item
}

// agree checks that the mirror is the server's list.
func (w *world) agree() {
	w.t.Helper()
	u := w.quiet()
	items := w.server.Items()
	if len(items) != len(u.List) {
		w.t.Fatalf("the mirror has %d items, the server %d", len(u.List), len(items))
	}
	for i, it := range items {
		got := u.List[i]
		if got.UID != it.UID || got.Media.Key() != it.Media.Key() || got.Temp != it.Temp || got.AddedBy != it.AddedBy {
			w.t.Fatalf("item %d is %+v, on the server %+v", i, got, it)
		}
	}
	onAir, plays := w.server.OnAir()
	if plays != (u.Current >= 0) || plays && u.List[u.Current].UID != onAir.UID {
		w.t.Fatalf("on the air is %d, on the server %+v", u.Current, onAir)
	}
}
