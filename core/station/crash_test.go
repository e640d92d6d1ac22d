package station_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/till"
	"playbill/sdk"
)

// crashPoints are the failpoints of store, station and till (JOINTS K). Those of firings, earning and the configuration
// are elsewhere.
func crashPoints() []string {
	var points []string
	for _, p := range strings.Fields(`hold sent add bound move placed settle withdraw remove release turn.commit
		plugin_state.promote claim`) {
		points = append(points, p+".before", p+".after")
	}
	return append(points, "pay_asked.after", "leadin.sent.after", "leadin.add.after", "leadin.placed.after", "lock.closed")
}

var thorough = flag.Bool("thorough", false, "crash at more times")

// TestCrash ends the host, alone or together with its channel, at every failpoint. What a kill -9 leaves on the disk at
// that instant is opened again and runs on until nothing is open.
func TestCrash(t *testing.T) {
	var passed map[string]int
	synctest.Test(t, func(t *testing.T) { passed = crashAt(t, death{}) })
	for _, point := range crashPoints() {
		if passed[point] == 0 {
			t.Errorf("failpoint %s is never passed", point)
		}
	}
	for i, point := range crashPoints() {
		for _, d := range deaths(point, passed[point], i) {
			t.Run(d.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { crashAt(t, d) })
			})
		}
	}
}

// deaths are the ends that are tried at a failpoint: the first or the last time that it is passed, with the channel or
// without, in turn; thoroughly, all of them and one between.
func deaths(point string, times, turn int) (all []death) {
	for n, nth := range []int{1, times, (1 + times) / 2} {
		for _, with := range []bool{false, true} {
			if *thorough || n == turn%2 && with == (turn/2%2 == 1) {
				all = append(all, death{point: point, nth: nth, channel: with})
			}
		}
	}
	return all
}

// death is where a world ends: the nth time that it passes a failpoint.
type death struct {
	point   string // empty: it lives
	nth     int
	channel bool // the channel dies too, and goes back to its last save
}

func (d death) String() string {
	if d.channel {
		return fmt.Sprintf("%s %d with channel", d.point, d.nth)
	}
	return fmt.Sprintf("%s %d", d.point, d.nth)
}

// eventful is a world with everything in it that moves coins or entries.
const eventful = `
set every_m_minutes=off every_n_items=2 order.viewers_choice=sequential order.channel_identity=shuffle
pool channel_identity id1:10 id2:10 id3:10
pool viewers_choice vc1:10 vc2:10 vc3:10 vc4:10
channel add a:40 b:40 c:40 d:40 e:40
start
viewer ann joins
viewer bob joins
viewer cat joins
viewer ann has 20000
viewer bob has 20000
viewer cat has 20000
till ann p1:30
till bob p2:30
wait 1s
till ann p3:30 playnext
wait 3s
channel save
wait 20s
till cat p4:30
wait 1s
till cat cancels p4
wait 5s
admin removes p2
wait 40s
till bob p5:300
till bob p6:30
wait 2s
viewer bob leaves
wait 70s
viewer bob joins
wait 2s
admin locks event
wait 5s
admin unlocks
wait 1s
till cat p7:30
channel lookup 3s
till ann p8:30
wait 2s
channel lookup 0s
kill
till ann p9:30
wait 2s
start
till bob p10:30 playnext
wait 100s
`

// crashAt runs the eventful world to its end, or to d and then on from what d leaves, and checks the books. It returns
// how often each failpoint was passed.
func crashAt(t *testing.T, d death) map[string]int {
	w := newWorld(t)
	k := newKiller(t, w, d)
	for _, line := range strings.Split(strings.TrimSpace(eventful), "\n") {
		if err := k.command(strings.Fields(line)); err != nil && !k.hit() {
			t.Fatalf("%s: %v", line, err)
		}
		if k.hit() {
			w = k.revive()
			break
		}
	}
	defer w.close()
	if !k.hit() && d.point != "" {
		t.Logf("%s was not passed %d times this time", d.point, d.nth)
	}
	passed := k.survive()
	k.finish(w)
	k.check(w)
	return passed
}

// killer ends a world at a failpoint, keeps what the disk holds at that instant, and has seen what aired.
type killer struct {
	t *testing.T
	w *world
	death
	dir string // what was on the disk

	mu     sync.Mutex
	passed map[string]int
	died   bool
	done   chan struct{}  // capacity 0, closed when the copy is made
	aired  map[string]int // per media: how often it left the air
	onAir  string         // what the channel plays
	in     int            // strike when so many more failpoints have been passed; 0: not armed

	lax      bool // somebody else's hand and faults are about
	reverted bool // the channel went back to a save
	older    bool // a state came behind one that was newer: it says that something plays which has left the air
	doubted  bool // it ended with facts that nobody will know: for those, in doubt, the viewer is paid back
}

func newKiller(t *testing.T, w *world, d death) *killer {
	k := &killer{t: t, w: w, death: d, dir: t.TempDir(), passed: map[string]int{}, done: make(chan struct{}), aired: map[string]int{}}
	w.onPoint, w.spy = k.point, k.watch
	return k
}

// point is told of every failpoint. From the fatal one on nothing that this world sends reaches the channel.
func (k *killer) point(point string) {
	k.mu.Lock()
	k.passed[point]++
	fatal := !k.died && point == k.death.point && k.passed[point] == k.nth
	if k.in > 0 {
		k.in--
		fatal = fatal || !k.died && k.in == 0
	}
	k.mu.Unlock()
	if fatal {
		k.kill()
	}
}

func (k *killer) kill() {
	k.mu.Lock()
	k.died = true
	k.mu.Unlock()
	k.w.dead.Store(true)
	k.blind()
	if err := copyDisk(k.w.dir, k.dir); err != nil {
		k.t.Error(err)
	}
	close(k.done)
}

// survive ends the danger, and returns how often each failpoint was passed.
func (k *killer) survive() map[string]int {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.died = true
	return maps.Clone(k.passed)
}

// blind notes whether the host ends with facts that it could not write, or while it could not believe the channel.
func (k *killer) blind() {
	w := k.w
	k.mu.Lock()
	defer k.mu.Unlock()
	k.doubted = k.doubted || w.diskFull() || w.st != nil && w.st.View().Health != channel.Good
}

func (k *killer) hit() bool { k.mu.Lock(); defer k.mu.Unlock(); return k.died }

// copyDisk copies a database and the channel's file as a kill leaves them: what is committed is in the main file or in
// the WAL. It is done again if a checkpoint wrote the main file meanwhile.
func copyDisk(from, to string) error {
	main := filepath.Join(from, "playbill.db")
	for {
		before, err := os.ReadFile(main)
		if err != nil {
			return err
		}
		for _, name := range []string{"playbill.db", "playbill.db-wal", "playbill.db-shm", "channel.json"} {
			data, err := os.ReadFile(filepath.Join(from, name))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err := errors.Join(err, os.WriteFile(filepath.Join(to, name), data, 0o600)); err != nil {
				return err
			}
		}
		if after, err := os.ReadFile(main); err != nil || bytes.Equal(before, after) {
			return err
		}
	}
}

// watch counts what leaves the air, as the channel itself says it.
func (k *killer) watch(u channel.Update) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.onAir = ""; u.Current >= 0 {
		k.onAir = u.List[u.Current].Media.ID
	}
	for _, d := range u.Left {
		if d.Item.Temp && d.Item.AddedBy == botName {
			k.aired[d.Item.Media.ID]++
		}
	}
}

// command runs one line. Waiting ends with the world.
func (k *killer) command(words []string) error {
	switch words[0] {
	case "wait":
		d, err := time.ParseDuration(words[1])
		for end := time.Now().Add(d); err == nil && time.Now().Before(end) && !k.hit(); {
			time.Sleep(min(time.Second, time.Until(end)))
			synctest.Wait()
		}
		return err
	case "till":
		return k.desk(words[1], words[2:])
	case "restart":
		return k.restart(words[1:])
	case "fault":
		k.older = k.older || words[1] == "reorder"
	}
	return k.w.command(words)
}

// desk: "till ann p1:30 [playnext]" buys, "till ann cancels p1" cancels. It does not wait for the answer.
func (k *killer) desk(who string, args []string) error {
	if k.w.stop == nil {
		return nil // the host is down
	}
	w := k.w
	desk := till.New(till.Options{Book: w.book, Floor: w.st, Catalog: catalog{w.shelf, w.media(args[0])}, Rules: w.set.Pay, Now: now, Crash: w.failpoint})
	actor := till.Actor{Key: channel.Fold(who), Name: who}
	if args[0] == "cancels" {
		for _, p := range w.st.View().Purchases {
			if p.Media.ID == args[1] {
				go func() { _, _ = desk.Cancel(context.Background(), actor, p.ID) }() // ends after a few seconds
			}
		}
		return nil
	}
	w.seq++
	wish := till.Wish{RequestKey: fmt.Sprintf("key %d", w.seq), Media: w.media(args[0]).Key(), Tier: pay.Queue}
	if len(args) > 1 {
		wish.Tier = args[1]
	}
	quote, err := desk.Quote(context.Background(), actor, wish.Media, wish.Tier)
	if err != nil {
		return err
	}
	wish.PriceShown = quote.Price
	go func() { _, _ = desk.Buy(context.Background(), actor, wish) }() // ends after a few seconds
	time.Sleep(10 * time.Millisecond)
	return nil
}

// catalog sells the one title that a line of the script names.
type catalog struct {
	*shelf
	title sdk.Media
}

func (c catalog) Title(k sdk.Key) (sdk.Media, bool) { return c.title, k == c.title.Key() }

func (c catalog) Closed(sdk.Key, int64) (int64, bool) { return 0, false }

// revive opens what the dead world left, in a place of its own, with the channel that lives on or a new one.
func (k *killer) revive() *world {
	old := k.w
	<-k.done
	time.Sleep(6 * time.Second) // the desk's customers give up
	old.halt()
	w := newWorld(k.t)
	w.dir, w.set, w.shelf, w.lengths, w.seq = k.dir, old.set, old.shelf, old.lengths, old.seq+1000
	w.spy = old.spy
	if k.lax {
		w.onPoint = k.point
	}
	k.reverted = k.reverted || k.channel
	k.rearm()
	w.room, w.sent = old.room, old.sent
	if k.channel {
		old.room.Kill()
		w.room, w.sent = nil, 0
	}
	k.w = w
	if err := w.start(); err != nil {
		k.t.Fatal("start again: ", err)
	}
	k.meet(w)
	return w
}

// rearm makes ready for another end.
func (k *killer) rearm() {
	if !k.lax {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.died, k.in, k.done, k.dir = false, 0, make(chan struct{}), k.t.TempDir()
}

// meet lets everybody in, gives the channel something to play, and ends the locks.
func (k *killer) meet(w *world) {
	for _, line := range []string{"channel lookup 0s", "viewer ann joins", "viewer bob joins", "viewer cat joins"} {
		if err := w.command(strings.Fields(line)); err != nil {
			k.t.Fatal(line, err)
		}
	}
	if len(w.room.List()) == 0 {
		if err := w.command(strings.Fields("channel add a:40 b:40 c:40")); err != nil {
			k.t.Fatal(err)
		}
	}
	for _, l := range w.st.View().Locks {
		if l.Firing != 0 {
			continue // lifts with its event
		}
		if err := w.st.CloseLock(context.Background(), l.ID, "test"); err != nil {
			k.t.Fatal(err)
		}
	}
}

// finish buys once more and lets the world run until nothing is open.
func (k *killer) finish(w *world) {
	time.Sleep(3 * time.Second)
	for _, words := range [][]string{{"set", "presence=false", "disk=ok"}, {"viewer", "ann", "has", "1000"}, {"till", "ann", "after:30"}} {
		if err := k.command(words); err != nil {
			k.t.Fatal(words, err)
		}
	}
	for end := time.Now().Add(time.Hour); time.Now().Before(end); {
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if len(w.st.View().Purchases) == 0 {
			return
		}
	}
}

// check holds the books against each other and against what the channel played.
func (k *killer) check(w *world) {
	ctx := context.Background()
	if _, err := w.book.VerifyLedger(ctx); err != nil {
		k.t.Error("ledger: ", err)
	}
	sold, bought := map[string]int{}, map[string]int{} // per media
	for _, who := range []string{"ann", "bob", "cat"} {
		k.checkPurse(w, who)
		all, err := w.book.HistoryOf(ctx, channel.UserKey(who), 1000, "")
		if err != nil {
			k.t.Fatal(err)
		}
		for _, p := range all {
			bought[p.Media.ID]++
			switch {
			case p.State == pay.Settled:
				sold[p.Media.ID]++
			case !p.State.Final():
				k.checkPending(w, p)
			}
		}
	}
	if sold["after"] != 1 {
		k.t.Errorf("what was bought afterwards did not play: %d", sold["after"])
	}
	k.checkAirings(w, sold)
}

// checkPurse: nobody is richer or poorer than what was granted, less what was sold or is held.
func (k *killer) checkPurse(w *world, who string) {
	ctx := context.Background()
	left, err := w.book.Balance(ctx, who)
	if err != nil {
		k.t.Fatal(err)
	}
	moves, err := w.book.Statement(ctx, who, 1000, 0)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, m := range moves.Lines {
		if !m.OfPurchase() {
			left -= m.Amount
		}
	}
	all, err := w.book.HistoryOf(ctx, channel.UserKey(who), 1000, "")
	if err != nil {
		k.t.Fatal(err)
	}
	for _, p := range all {
		if p.State != pay.Refunded {
			left += p.Price
		}
	}
	if left != 0 {
		k.t.Errorf("%s has %d coins too many", who, left)
	}
}

// checkPending: what has not ended by now stands on the list.
func (k *killer) checkPending(w *world, p pay.Purchase) {
	e := w.st.View().EntryOf(p.ID)
	listed := e != nil && slices.ContainsFunc(w.room.List(), func(it channel.Item) bool { return it.Media.Key() == e.Media.Key() })
	if p.State != pay.Placed || !listed {
		k.t.Errorf("purchase of %s is %s, and listed: %t", p.Media.ID, p.State, listed)
	}
}

// checkAirings: every airing as paid was sold, every sale aired once, and the channel says the same while it lives on.
func (k *killer) checkAirings(w *world, sold map[string]int) {
	rows, err := w.book.Asrun(context.Background(), 1000, 0)
	if err != nil {
		k.t.Fatal(err)
	}
	played := map[string]int{}
	for _, r := range rows {
		if r.Role == string(shadow.Paid) {
			played[r.MediaID]++
		}
	}
	for _, id := range sorted(w.lengths) {
		// A channel that goes back to its save may play again what was on the air when it died; and an older state behind a
		// newer one is believed, so that what was on the air is logged in two parts.
		if again := (k.reverted || k.older) && sold[id] > 0 && played[id] > sold[id]; played[id] != sold[id] && !again {
			k.t.Errorf("%s is logged as paid %d times and sold %d times", id, played[id], sold[id])
		}
		if onAir := w.st.View().Shadow.OnAir(); onAir != nil && onAir.Media.ID == id && onAir.Role == shadow.Paid {
			continue
		}
		if strings.HasPrefix(id, "p") && !k.reverted && !k.doubted && k.aired[id] != sold[id] {
			k.t.Errorf("%s played %d times and was sold %d times", id, k.aired[id], sold[id])
		}
	}
}
