package channeltest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"playbill/core/channel"
)

// watcher reads a driver's states, checks what must be so in every one of them, and remembers what must not change.
type watcher struct {
	Harness
	t    *testing.T
	last channel.Update
	read int
	left []channel.Departure // of all states so far
	kept []keptList
}

// keptList is a list that was sent, and what it was then.
type keptList struct{ sent, copied []channel.Item }

func newWatcher(t *testing.T, h Harness) *watcher {
	if h.Patience == 0 {
		h.Patience = patience
	}
	return &watcher{Harness: h, t: t}
}

// end closes the driver and checks that nothing that was sent has changed since.
func (w *watcher) end() {
	if err := w.Driver.Close(); err != nil {
		w.t.Errorf("close: %v", err)
	}
	for _, k := range w.kept {
		if d := cmp.Diff(k.copied, k.sent); d != "" {
			w.t.Fatalf("a list changed after it was sent:\n%s", d)
		}
	}
}

// next reads one state. False: none came in time, or the channel was closed.
func (w *watcher) next(within time.Duration) (channel.Update, bool) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case u, ok := <-w.Driver.Updates():
		if !ok {
			return u, false
		}
		if err := w.check(u); err != nil {
			w.t.Fatalf("state %d: %v\n%s", w.read, err, show(u))
		}
		w.read++
		w.last = u
		w.left = append(w.left, u.Left...)
		if len(u.List) > 0 {
			w.kept = append(w.kept, keptList{u.List, slices.Clone(u.List)})
		}
		return u, true
	case <-timer.C:
		return channel.Update{}, false
	}
}

// until reads states until one is as wanted, the last one read included.
func (w *watcher) until(what string, ok func(u channel.Update) bool) channel.Update {
	w.t.Helper()
	deadline := time.Now().Add(w.Patience)
	for w.read == 0 || !ok(w.last) {
		if _, got := w.next(time.Until(deadline)); !got {
			w.t.Fatalf("no state %s within %v; the last one was\n%s", what, w.Patience, show(w.last))
		}
	}
	return w.last
}

// drain reads what waits to be read.
func (w *watcher) drain() {
	for {
		if _, ok := w.next(time.Millisecond); !ok {
			return
		}
	}
}

// covered reads until a Good state covers a command.
func (w *watcher) covered(n int64) channel.Update {
	w.t.Helper()
	return w.until(fmt.Sprintf("covers command %d", n), func(u channel.Update) bool {
		return u.Health == channel.Good && u.Over >= n
	})
}

// do sends one command and wants this outcome.
func (w *watcher) do(c channel.Command, want channel.Outcome) channel.Result {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), w.Patience)
	defer cancel()
	res := w.Driver.Do(ctx, c)
	if res.Outcome != want {
		w.t.Fatalf("%#v is %v (%v), want %v", c, res.Outcome, res.Fault, want)
	}
	if want == channel.Refused && (res.Fault == nil || res.Fault.Code == "" || res.Fault.Sentence == "") {
		w.t.Fatalf("%#v was refused without a code and a sentence: %v", c, res.Fault)
	}
	return res
}

// add lists n media of a minute each by the bot, temp ones, and returns their refs.
func (w *watcher) add(from, n int) []channel.Ref {
	w.t.Helper()
	var refs []channel.Ref
	for i := range n {
		m := w.Media(from+i, time.Minute)
		refs = append(refs, w.do(channel.Add{Media: m, Temp: true}, channel.Done).Item)
	}
	return refs
}

// good reads until the first Good state whose commands are all its own.
func (w *watcher) good() channel.Update {
	w.t.Helper()
	return w.covered(0)
}

// check holds one state against what must be so in every state, and against the one before.
func (w *watcher) check(u channel.Update) error {
	for _, rule := range []func(channel.Update) error{checkHead, checkList, checkLeft} {
		if err := rule(u); err != nil {
			return err
		}
	}
	if w.read == 0 {
		if u.Epoch <= w.Opened {
			return fmt.Errorf("epoch %d is not above the opened one, %d", u.Epoch, w.Opened)
		}
		return nil
	}
	switch last := w.last; {
	case u.Epoch < last.Epoch:
		return fmt.Errorf("epoch went back from %d", last.Epoch)
	case u.AtMS < last.AtMS:
		return fmt.Errorf("time went back from %d", last.AtMS)
	case u.Over < last.Over && u.Over >= 0:
		return fmt.Errorf("over went back from %d", last.Over)
	case u.Shown < last.Shown:
		return fmt.Errorf("shown went back from %d", last.Shown)
	}
	return nil
}

func checkHead(u channel.Update) error {
	switch {
	case u.Self == "":
		return fmt.Errorf("no name of our own")
	case u.Over < -1:
		return fmt.Errorf("over %d", u.Over)
	case u.AtMS <= 0:
		return fmt.Errorf("no time")
	case u.Rate <= 0:
		return fmt.Errorf("rate %v", u.Rate)
	case u.Health != channel.Good && u.Why == "":
		return fmt.Errorf("health %v without a sentence", u.Health)
	case u.Can.TextMax <= 0 || u.Can.ListMax <= 0 || u.Can.OverheadMS < 0:
		return fmt.Errorf("limits %+v", u.Can)
	}
	return nil
}

func checkList(u channel.Update) error {
	if u.Health != channel.Good {
		return nil
	}
	if u.Current < -1 || u.Current >= len(u.List) {
		return fmt.Errorf("current %d of %d", u.Current, len(u.List))
	}
	if u.Current < 0 && len(u.List) > 0 {
		return fmt.Errorf("nothing plays and %d items are listed: between two frames", len(u.List))
	}
	seen := map[channel.UID]bool{}
	for _, it := range u.List {
		if it.UID < 0 || seen[it.UID] {
			return fmt.Errorf("uid %d twice, or none", it.UID)
		}
		seen[it.UID] = true
	}
	if u.Current >= 0 {
		if length := u.List[u.Current].Media.DurationMS; u.PlayedMS < 0 || length > 0 && u.PlayedMS > length {
			return fmt.Errorf("played %d of %d", u.PlayedMS, length)
		}
	}
	return nil
}

func checkLeft(u channel.Update) error {
	for _, d := range u.Left {
		if d.Item.Media.ID == "" || d.AtMS <= 0 || d.PlayedMS < 0 {
			return fmt.Errorf("departure %+v is not whole", d)
		}
		switch d.How {
		case channel.Played, channel.Skipped, channel.Removed:
		default:
			return fmt.Errorf("departure %q", d.How)
		}
		gone := d.How == channel.Removed || d.How == channel.Played && d.Item.Temp
		if gone && d.Epoch == u.Epoch && place(u, d.Item.UID) >= 0 {
			return fmt.Errorf("%s ended and is listed: between two frames", d.Item.Media.ID)
		}
	}
	return nil
}

// place is the index of a uid in a state, -1 when it is not listed.
func place(u channel.Update, uid channel.UID) int {
	return slices.IndexFunc(u.List, func(it channel.Item) bool { return it.UID == uid })
}

// placeOf is the index of a media in a state, -1 when it is not listed.
func placeOf(u channel.Update, id string) int {
	return slices.IndexFunc(u.List, func(it channel.Item) bool { return it.Media.ID == id })
}

// show writes a state for a failure message.
func show(u channel.Update) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v epoch %d over %d at %d current %d played %d left %d people %d:",
		u.Health, u.Epoch, u.Over, u.AtMS, u.Current, u.PlayedMS, len(u.Left), len(u.People))
	for i, it := range u.List {
		if i == 20 {
			fmt.Fprintf(&b, " and %d more", len(u.List)-i)
			break
		}
		fmt.Fprintf(&b, " %d=%s", it.UID, it.Media.ID)
	}
	return b.String()
}
