package station_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/pay"
)

// firePoints are the failpoints of a firing (JOINTS K), and of the commands and turns within one.
func firePoints() []string {
	return strings.Fields(`fire.locked fire.withdrawing fire.clearing fire.body fire.fallback fire.running lock.closed
		fire.body.1 fire.body.2 fire.body.3 fire.body.4 fire.body.5
		add.before add.after remove.before remove.after turn.commit.before turn.commit.after`)
}

// festive is a world in which an event finds one purchase in its place, one on its way and one only held.
const festive = `
set every_m_minutes=off every_n_items=2
pool channel_identity id1:10 id2:10
pool viewers_choice vc1:10
pool feature_presentation fp1:10
channel add a:3600 b:60 c:60
start
list Serial immutable s1:60 s2:60 s3:60
list Rest r1:60 r2:60
viewer ann joins
viewer bob joins
viewer ann has 2000
viewer bob has 2000
event Club list=Serial fallback=Rest in=3m lock=0
till ann p1:30
wait 5s
channel save
wait 140s
channel lookup 8s
till ann p2:30
till bob p3:30
wait 1s
channel lookup 0s
wait 150s
till bob after:30
wait 200s
`

// TestCrashAtEveryStepOfAFiring: wherever the host dies, alone or with its channel, a restart ends in one of two states.
// Either the event ran with its lock: its body complete and in order with nothing between, every purchase refunded or
// settled. Or it did not begin, and the list is as it was.
func TestCrashAtEveryStepOfAFiring(t *testing.T) {
	var passed map[string]int
	synctest.Test(t, func(t *testing.T) { passed = fireAt(t, death{}, 0) })
	for i, point := range firePoints() {
		if passed[point] == 0 {
			t.Errorf("failpoint %s is never passed", point)
			continue
		}
		for _, d := range deaths(point, passed[point], i) {
			if d.nth == 1 && !strings.HasPrefix(point, "fire.") {
				d.nth = passed[point]/2 + 1 // when the event is about to begin, or has
			}
			t.Run(d.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { fireAt(t, d, 0) })
			})
		}
	}
	for _, point := range []string{"fire.locked", "fire.withdrawing", "fire.body.2"} {
		t.Run(point+", down for ten minutes", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { fireAt(t, death{point: point, nth: 1}, 10*time.Minute) })
		})
	}
}

// fireAt runs the festive world to its end, or to d and on from what d leaves after a time, and checks what was played.
func fireAt(t *testing.T, d death, down time.Duration) map[string]int {
	w := newWorld(t)
	k := newKiller(t, w, d)
	var seen program
	w.spy = func(u channel.Update) { k.watch(u); seen.watch(u) }
	for _, line := range strings.Split(strings.TrimSpace(festive), "\n") {
		if err := k.command(strings.Fields(line)); err != nil && !k.hit() {
			t.Fatalf("%s: %v", line, err)
		}
		if k.hit() {
			time.Sleep(down)
			w = k.revive()
			break
		}
	}
	defer w.close()
	if !k.hit() && d.point != "" {
		t.Logf("%s was not passed %d times this time", d.point, d.nth)
	}
	passed := k.survive()
	time.Sleep(20 * time.Minute)
	synctest.Wait()
	began := !slices.ContainsFunc(w.st.View().Alarms, func(f event.Firing) bool { return f.EndedHow == "missed" })
	if want := d.point != "fire.locked" || down == 0; began != want {
		t.Errorf("the event began: %t", began)
	}
	seen.check(t, began, d.channel)
	for _, who := range []string{"ann", "bob"} {
		k.checkPurse(w, who)
		all, err := w.book.HistoryOf(context.Background(), channel.UserKey(who), 100, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if !p.State.Final() {
				t.Errorf("%s is %s", p.Media.ID, p.State)
			}
			if began && p.Media.ID != "after" && p.State != pay.Refunded {
				t.Errorf("%s is %s, although an event cleared the list", p.Media.ID, p.State)
			}
		}
	}
	if _, err := w.book.VerifyLedger(context.Background()); err != nil {
		t.Error("ledger: ", err)
	}
	if v := w.st.View(); v.Gate.PayClosed || v.Firing.On() {
		t.Errorf("still locked: %s, %+v", v.Gate.Sentence, v.Firing)
	}
	return passed
}

// program is what went on the air, in order.
type program struct{ aired []string }

func (p *program) watch(u channel.Update) {
	if u.Current < 0 || u.Health != channel.Good {
		return
	}
	if id := u.List[u.Current].Media.ID; len(p.aired) == 0 || p.aired[len(p.aired)-1] != id {
		p.aired = append(p.aired, id)
	}
}

// check: the body was on in order, with nothing between; or, where it did not begin, not at all. A channel that went back to
// its save may show again what was on then.
func (p *program) check(t *testing.T, began, reverted bool) {
	var body []string
	first, last := -1, -1
	for i, id := range p.aired {
		if !strings.HasPrefix(id, "s") || reverted && slices.Contains(body, id) {
			continue
		}
		if body = append(body, id); first < 0 {
			first = i
		}
		last = i
	}
	if !began {
		if len(body) > 0 {
			t.Errorf("of an event that did not begin was on the air: %v", p.aired)
		}
		return
	}
	if !slices.Equal(body, []string{"s1", "s2", "s3"}) {
		t.Errorf("the body was on as %v: %v", body, p.aired)
	}
	for _, id := range p.aired[max(first, 0):max(last, 0)] {
		if !strings.HasPrefix(id, "s") && !(reverted && id == "a") {
			t.Errorf("%s was on inside the event: %v", id, p.aired)
		}
	}
}
