package station_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The random worlds: how many are tried, and how many things happen in each.
const (
	randomWorlds = 12
	randomSteps  = 70
)

var worlds = flag.Int("worlds", randomWorlds, "random worlds that hosts are killed in: 150 of them are a thousand crashes and more")

// TestCrashRandomly lets buyers, admins, moderators, faults of the connection and kills happen in any order, and holds
// the books to the same account as TestCrash. One world again: go test -run 'TestCrashRandomly/seed_7$'.
func TestCrashRandomly(t *testing.T) {
	for seed := range *worlds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { randomWorld(t, uint64(seed)) })
		})
	}
}

// dice make up what happens.
type dice struct {
	*rand.Rand
	k     *killer
	named int // media so far
}

func randomWorld(t *testing.T, seed uint64) {
	w := newWorld(t)
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 1)), k: newKiller(t, w, death{})}
	d.k.lax = true
	opening, _, _ := strings.Cut(eventful, "till ")
	for _, line := range strings.Split(strings.TrimSpace(opening), "\n") {
		if err := d.k.command(strings.Fields(line)); err != nil {
			t.Fatal(line, err)
		}
	}
	for range randomSteps {
		line := d.step()
		err := d.k.command(strings.Fields(line))
		t.Logf("%s %s %v", time.Now().Format("04:05.0"), line, err) // who acts on what is not there is refused
		if d.k.hit() {
			d.k.revive()
		}
	}
	d.k.survive()
	d.k.blind()
	for _, line := range []string{"kill", "start"} { // without the faults that wait
		if err := d.k.w.command(strings.Fields(line)); err != nil {
			t.Fatal(line, err)
		}
	}
	defer d.k.w.close()
	d.k.meet(d.k.w)
	d.k.finish(d.k.w)
	d.k.check(d.k.w)
}

// step is one more line of the script.
func (d *dice) step() string {
	switch n := d.IntN(100); {
	case n < 25:
		return d.sale()
	case n < 33:
		return fmt.Sprintf("till %s cancels %s", d.who(), d.listed())
	case n < 36:
		return "admin removes " + d.listed()
	case n < 50:
		return d.moderation()
	case n < 58:
		return fmt.Sprintf("viewer %s %s", d.who(), d.one("joins", "joins", "leaves", "afk", "chats"))
	case n < 70:
		return d.mishap()
	case n < 76:
		return d.end()
	default:
		return fmt.Sprintf("wait %ds", 1+d.IntN(40))
	}
}

func (d *dice) one(words ...string) string { return words[d.IntN(len(words))] }

func (d *dice) who() string { return d.one("ann", "bob", "cat") }

// listed is something on the list, or nothing.
func (d *dice) listed() string {
	if list := d.k.w.room.List(); len(list) > 0 {
		return list[d.IntN(len(list))].Media.ID
	}
	return "nothing"
}

func (d *dice) sale() string {
	if d.named == 0 || d.IntN(6) > 0 {
		d.named++
	}
	return fmt.Sprintf("till %s p%d:%d %s", d.who(), d.named, 10+d.IntN(60), d.one("queue", "queue", "playnext"))
}

func (d *dice) moderation() string {
	switch d.IntN(9) {
	case 0:
		d.named++
		return fmt.Sprintf("channel add free%d:%d%s", d.named, 20+d.IntN(60), d.one("", "*"))
	case 1, 2:
		return "channel remove " + d.listed()
	case 3:
		return fmt.Sprintf("channel move %s %s", d.listed(), d.listed())
	case 4:
		if to := d.listed(); to != d.k.playing() { // else it would begin again, and air twice by a moderator's hand
			return "channel jump " + to
		}
		return "channel skip"
	case 5:
		return "channel " + d.one("shuffle", "shuffle", "reload")
	case 6:
		return "channel lookup " + d.one("0s", "0s", "2s", "25s")
	case 7:
		return "channel save"
	default:
		return "channel skip"
	}
}

// mishap is a fault of the connection, or of the disk.
func (d *dice) mishap() string {
	return d.one("fault unknown add", "fault unknown add lost", "fault drop add", "fault delay add 5s", "fault delay add 60s",
		"fault refuse add media", "fault refuse add too_fast", "fault unknown remove", "fault unknown remove lost",
		"fault refuse remove permission", "fault unknown move", "fault unknown move lost", "fault move_swallowed", "fault reorder",
		"fault stale_empty", "fault empty_degraded", "fault epoch_bump", "fault lookup", "fault lookup_ends", "fault degraded",
		"fault down", "fault well", "fault well", "set disk=full", "set disk=ok", "set disk=ok")
}

// end ends the host, and perhaps the channel: in good order, or at one of the next failpoints.
func (d *dice) end() string {
	all := d.k.w.room != nil && d.IntN(3) == 0
	switch d.IntN(3) {
	case 0:
		d.k.soon(1+d.IntN(40), all)
		return "wait 1s"
	default:
		if all {
			d.k.reverted = true
			return "restart all"
		}
		return "restart"
	}
}

// playing is what the channel plays.
func (k *killer) playing() string { k.mu.Lock(); defer k.mu.Unlock(); return k.onAir }

// soon arms the killer: it strikes when so many more failpoints have been passed.
func (k *killer) soon(points int, channel bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.in, k.channel = points, channel
}

// restart ends the host, with the channel or without, and starts it again a while later.
func (k *killer) restart(args []string) error {
	k.blind()
	for _, words := range [][]string{append([]string{"kill"}, args...), {"wait", "3s"}, {"start"}} {
		if err := k.w.command(words); err != nil {
			return err
		}
	}
	if slices.Contains(args, "all") {
		k.meet(k.w)
	}
	return nil
}
