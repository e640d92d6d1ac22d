package channeltest

import (
	"context"
	"testing"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
)

func firstState(t *testing.T, w *watcher) {
	u := w.good()
	if u.Self != w.Self {
		t.Errorf("our name is %q, want %q", u.Self, w.Self)
	}
	if len(u.List) != 0 || u.Current != -1 {
		t.Errorf("the channel was opened empty: %s", show(u))
	}
}

func consistentCut(t *testing.T, w *watcher) {
	w.good()
	for i := range 3 {
		w.Add(w.Media(i, time.Second), false, i < 2)
	}
	last := w.Media(2, time.Second).ID
	// Every state on the way is checked as it is read: temp items end, and the next one starts in the same act.
	w.until("shows the last item alone on the air", func(u channel.Update) bool {
		return len(u.List) == 1 && u.Current == 0 && u.List[0].Media.ID == last
	})
	if len(w.left) < 2 {
		t.Errorf("%d departures, want the two temp items", len(w.left))
	}
}

func conflated(t *testing.T, w *watcher) {
	w.good()
	for i := range 3 {
		w.Add(w.Media(i, time.Minute), false, false)
	}
	w.until("lists three", func(u channel.Update) bool { return len(u.List) == 3 })
	w.drain()
	before, left := w.read, len(w.left)
	const skips = 10
	for range skips {
		w.Skip()
	}
	time.Sleep(time.Second)
	w.until("shows every skip", func(channel.Update) bool { return len(w.left)-left == skips })
	if w.read-before > unreadMax {
		t.Errorf("%d states had to be read to see the newest one", w.read-before)
	}
}

func departuresAccumulate(t *testing.T, w *watcher) {
	w.good()
	for i := range 4 {
		w.Add(w.Media(i, time.Minute), false, false)
	}
	w.until("shows four items", func(u channel.Update) bool { return len(u.List) == 4 })
	w.drain()
	w.left = nil
	for range 3 {
		w.Skip()
	}
	time.Sleep(time.Second)
	w.until("shows the fourth item on the air", func(u channel.Update) bool { return u.Current == 3 })
	if len(w.left) != 3 {
		t.Fatalf("%d departures, want 3", len(w.left))
	}
	for i, d := range w.left {
		if d.Item.Media.ID != w.Media(i, 0).ID || d.How != channel.Skipped {
			t.Errorf("departure %d is %s, %s", i, d.Item.Media.ID, d.How)
		}
	}
}

func absenceIsProof(t *testing.T, w *watcher) {
	if u := w.good(); !u.Certain || !u.Can.Remove {
		t.Skip("this driver's absences are hints, or it may not remove")
	}
	refs := w.add(0, 2)
	u := w.until("lists both", func(u channel.Update) bool { return len(u.List) == 2 })
	gone := u.List[place(u, refs[1].UID)]
	res := w.do(channel.Remove{Item: refs[1]}, channel.Done)
	u = w.covered(res.N)
	if place(u, gone.UID) >= 0 {
		t.Error("a certain state that covers a removal lists the item")
	}
}

func overCoversAll(t *testing.T, w *watcher) {
	u := w.good()
	ref := w.add(0, 1)[0]
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []channel.Command{
		channel.Remove{Item: channel.Ref{Epoch: u.Epoch - 1}},      // stale
		channel.Remove{Item: channel.Ref{Epoch: u.Epoch, UID: 99}}, // missing
		channel.Tell{To: "nobody-of-that-name", Text: "x"},
		channel.Add{Media: w.Media(0, time.Minute)}, // duplicate
		channel.Remove{Item: ref},
	} {
		res := w.Driver.Do(context.Background(), c)
		w.covered(res.N)
	}
	res := w.Driver.Do(cancelled, channel.Add{Media: w.Media(7, time.Minute)})
	w.covered(res.N)
}

func everyCommandIsNumbered(t *testing.T, w *watcher) {
	u := w.good()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	want := int64(1)
	for _, c := range []channel.Command{
		channel.Add{Media: w.Media(0, time.Minute)},
		channel.Add{Media: w.Media(0, time.Minute)},
		channel.Remove{Item: channel.Ref{Epoch: u.Epoch - 1}},
		channel.Say{Text: "hello"},
		channel.Tell{To: "nobody-of-that-name", Text: "x"},
	} {
		if got := w.Driver.Do(context.Background(), c).N; got != want {
			t.Fatalf("%#v has number %d, want %d", c, got, want)
		}
		want++
	}
	if got := w.Driver.Do(cancelled, channel.Say{Text: "late"}).N; got != want {
		t.Fatalf("a command with an ended context has number %d, want %d", got, want)
	}
}

func epochGrows(t *testing.T, w *watcher) {
	acts := []struct {
		name string
		act  func()
	}{{"shuffle", w.Shuffle}, {"restart", w.Restart}, {"clear", w.Clear}}
	w.good()
	w.add(0, 3)
	for _, a := range acts {
		if a.act == nil {
			continue
		}
		before := w.until("lists three items", func(u channel.Update) bool {
			return u.Health == channel.Good && len(u.List) == 3
		}).Epoch
		a.act()
		w.until("has a new epoch after a "+a.name, func(u channel.Update) bool { return u.Epoch > before })
	}
	if w.Clear == nil {
		return
	}
	u := w.until("is empty", func(u channel.Update) bool { return len(u.List) == 0 && u.Current == -1 })
	if u.Whole && u.Health != channel.Good {
		t.Errorf("an empty list that was sent whole is %v", u.Health)
	}
}

func staleRefs(t *testing.T, w *watcher) {
	if w.Shuffle == nil {
		t.Skip("the list cannot be shuffled")
	}
	w.good()
	refs := w.add(0, 3)
	w.Shuffle()
	u := w.until("has a new epoch", func(u channel.Update) bool { return u.Epoch > refs[0].Epoch })
	fresh := channel.Ref{Epoch: u.Epoch, UID: u.List[1].UID}
	for _, c := range []channel.Command{
		channel.Remove{Item: refs[0]}, channel.Jump{Item: refs[1]},
		channel.Move{Item: refs[2], After: refs[0]}, channel.Move{Item: fresh, After: refs[0]},
	} {
		if res := w.do(c, channel.Refused); res.Fault.Code != fault.Stale {
			t.Errorf("%#v is refused as %s, want %s", c, res.Fault.Code, fault.Stale)
		}
	}
	res := w.do(channel.Say{Text: "done"}, channel.Done)
	if u = w.covered(res.N); len(u.List) != 3 {
		t.Errorf("a stale command changed the list: %s", show(u))
	}
}

func addIsListed(t *testing.T, w *watcher) {
	w.good()
	refs := w.add(0, 3)
	for i, temp := range []bool{false, true} {
		m := w.Media(10+i, time.Minute)
		res := w.do(channel.Add{Media: m, Temp: temp}, channel.Done)
		u := w.covered(res.N)
		at := place(u, res.Item.UID)
		if res.Item.Epoch != u.Epoch || at != len(refs)+i {
			t.Fatalf("%v stands at %d, want the end: %s", res.Item, at, show(u))
		}
		if it := u.List[at]; it.Media.Key() != m.Key() || it.Temp != (temp || w.OnlyTemp) || it.AddedBy != u.Self {
			t.Errorf("listed as %+v", it)
		}
	}
}

func addNextStandsNext(t *testing.T, w *watcher) {
	if u := w.good(); !u.Can.AddNext {
		t.Skip("not declared")
	}
	w.add(0, 3)
	res := w.do(channel.Add{Media: w.Media(9, time.Minute), Next: true, Temp: true}, channel.Done)
	u := w.covered(res.N)
	if at := place(u, res.Item.UID); at != u.Current+1 {
		t.Errorf("it stands at %d, what is on the air at %d", at, u.Current)
	}
}

func duplicateRefused(t *testing.T, w *watcher) {
	if u := w.good(); u.Can.Dupes {
		t.Skip("the channel accepts duplicates")
	}
	w.add(0, 1)
	res := w.do(channel.Add{Media: w.Media(0, time.Minute)}, channel.Refused)
	if res.Fault.Code != fault.Duplicate {
		t.Errorf("refused as %s", res.Fault.Code)
	}
	if u := w.covered(res.N); len(u.List) != 1 {
		t.Error(show(u))
	}
}

func moveInPlace(t *testing.T, w *watcher) {
	if u := w.good(); !u.Can.Move {
		t.Skip("not declared")
	}
	refs := w.add(0, 4)
	res := w.do(channel.Move{Item: refs[3], After: refs[0]}, channel.Done)
	u := w.covered(res.N)
	for i, want := range []channel.Ref{refs[0], refs[3], refs[1], refs[2]} {
		if place(u, want.UID) != i {
			t.Fatalf("%v does not stand at %d: %s", want, i, show(u))
		}
	}
	if u.Current != 0 {
		t.Errorf("a move changed what is on the air: %s", show(u))
	}
}

// A move behind an item that is no longer listed may be refused, or lose the item; it is never done.
func swallowedMove(t *testing.T, w *watcher) {
	if u := w.good(); !u.Can.Move {
		t.Skip("not declared")
	}
	refs := w.add(0, 3)
	w.Remove(refs[2].UID)
	w.until("lists two", func(u channel.Update) bool { return len(u.List) == 2 })
	ctx, cancel := context.WithTimeout(context.Background(), w.Patience)
	defer cancel()
	res := w.Driver.Do(ctx, channel.Move{Item: refs[1], After: refs[2]})
	if res.Outcome == channel.Done {
		t.Fatal("done")
	}
	listed := place(w.covered(res.N), refs[1].UID) >= 0
	if !listed && res.Outcome == channel.Refused {
		t.Error("it was refused, and the item is gone: refused means no effect")
	}
}

func removalGone(t *testing.T, w *watcher) {
	if u := w.good(); !u.Can.Remove {
		t.Skip("not declared")
	}
	refs := w.add(0, 3)
	w.left = nil
	res := w.do(channel.Remove{Item: refs[0]}, channel.Done) // it is on the air
	u := w.covered(res.N)
	if place(u, refs[0].UID) >= 0 || u.Current != place(u, refs[1].UID) {
		t.Errorf("the next one should be on the air: %s", show(u))
	}
	if len(w.left) != 1 || w.left[0].How != channel.Removed || w.left[0].Item.UID != refs[0].UID {
		t.Errorf("departures %+v", w.left)
	}
	res = w.do(channel.Remove{Item: refs[2]}, channel.Done)
	if u = w.covered(res.N); len(u.List) != 1 {
		t.Error(show(u))
	}
}

func jumpStarts(t *testing.T, w *watcher) {
	if u := w.good(); !u.Can.Jump {
		t.Skip("not declared")
	}
	refs := w.add(0, 3)
	w.left = nil
	res := w.do(channel.Jump{Item: refs[2]}, channel.Done)
	u := w.covered(res.N)
	if u.Current < 0 || u.List[u.Current].UID != refs[2].UID {
		t.Errorf("not on the air: %s", show(u))
	}
	if place(u, refs[0].UID) >= 0 {
		t.Error("a temp item that was jumped away from is still listed")
	}
	if len(w.left) != 1 || w.left[0].How != channel.Skipped {
		t.Errorf("departures %+v", w.left)
	}
}

func endedContext(t *testing.T, w *watcher) {
	w.good()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for i, c := range []channel.Command{channel.Add{Media: w.Media(0, time.Minute)}, channel.Say{Text: "x"}} {
		if res := w.Driver.Do(cancelled, c); res.Outcome != channel.Unknown || res.N != int64(i+1) {
			t.Errorf("%#v is %v, number %d", c, res.Outcome, res.N)
		}
	}
	w.covered(2)
}

func contextEndsWhileWaiting(t *testing.T, w *watcher) {
	if w.Slow == nil {
		t.Skip("look-ups cannot be made slow")
	}
	w.good()
	w.Slow(5 * time.Second)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	m := w.Media(0, time.Minute)
	res := w.Driver.Do(ctx, channel.Add{Media: m, Temp: true})
	if res.Outcome != channel.Unknown {
		t.Fatalf("%v, want unknown", res.Outcome)
	}
	w.drain()
	if w.last.Over >= res.N {
		t.Fatal("a state says that nothing can come any more, and it can")
	}
	u := w.covered(res.N)
	if placeOf(u, m.ID) < 0 {
		t.Error("it was sent, and it did not come")
	}
}

func removalsPassAdds(t *testing.T, w *watcher) {
	if u := w.good(); !u.Can.Remove || !u.Can.Move {
		t.Skip("not declared")
	}
	refs := w.add(0, 3)
	const adds = 5
	done := make(chan channel.Result, adds)
	for i := range adds {
		go func() { done <- w.Driver.Do(context.Background(), channel.Add{Media: w.Media(10+i, time.Minute)}) }()
	}
	w.do(channel.Move{Item: refs[2], After: refs[0]}, channel.Done)
	w.do(channel.Remove{Item: refs[1]}, channel.Done)
	if len(done) == adds {
		t.Error("a move and a removal waited for the adds")
	}
	for range adds {
		if res := <-done; res.Outcome != channel.Done {
			t.Errorf("add: %v %v", res.Outcome, res.Fault)
		}
	}
}

func urgentAddsPass(t *testing.T, w *watcher) {
	w.good()
	w.add(0, 1)
	order := []channel.Urgency{channel.ForLoad, channel.ForLoad, channel.ForPromo, channel.ForPurchase}
	done := make(chan channel.Result, len(order))
	for i, urgent := range order {
		go func() {
			done <- w.Driver.Do(context.Background(), channel.Add{Media: w.Media(10+i, time.Minute), Urgent: urgent})
		}()
		time.Sleep(10 * time.Millisecond) // one after the other, well within the pace
	}
	var last int64
	for range order {
		last = max(last, (<-done).N)
	}
	u := w.covered(last)
	purchase, promo, load := placeOf(u, w.Media(13, 0).ID), placeOf(u, w.Media(12, 0).ID), placeOf(u, w.Media(11, 0).ID)
	if purchase >= promo || promo >= load {
		t.Errorf("purchase at %d, promo at %d, second load at %d", purchase, promo, load)
	}
}

func clearDropsWaiting(t *testing.T, w *watcher) {
	if w.Slow == nil || w.Clear == nil {
		t.Skip("look-ups cannot be made slow")
	}
	w.good()
	w.Slow(8 * time.Second)
	const adds = 3
	results := make([]chan channel.Result, adds)
	for i := range results {
		results[i] = make(chan channel.Result, 1)
		go func() {
			results[i] <- w.Driver.Do(context.Background(), channel.Add{Media: w.Media(i, time.Minute), Temp: true})
		}()
		time.Sleep(time.Second) // so that each has been sent
	}
	w.Clear()
	oldest := <-results[0]
	if oldest.Outcome != channel.Unknown {
		t.Fatalf("the one in look-up is %v, want unknown", oldest.Outcome)
	}
	for i, ch := range results[1:] {
		if res := <-ch; res.Outcome != channel.Refused || res.Fault.Code != fault.Dropped {
			t.Errorf("waiting add %d is %v %v, want dropped", i, res.Outcome, res.Fault)
		}
	}
	w.drain()
	if w.last.Over >= oldest.N {
		t.Fatal("a state says that the one in look-up cannot come any more")
	}
	u := w.covered(adds)
	if len(u.List) != 1 || u.List[0].Media.ID != w.Media(0, 0).ID {
		t.Errorf("the one in look-up should have come, alone: %s", show(u))
	}
}
