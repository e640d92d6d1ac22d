package station_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"playbill/sdk"
	"playbill/sdk/rotate"
)

// doPool: "pool channel_identity id1:20 id2:20" replaces a pool; without clips it is untagged. The terms of a clip follow
// it behind commas, see terms.
func (w *world) doPool(args []string) error {
	var clips []sdk.Clip
	for _, word := range args[1:] {
		word, terms, _ := strings.Cut(word, ",")
		m := w.media(word)
		c := sdk.Clip{Key: m.Key().ClipKey(), Media: m}
		if err := withTerms(&c, terms); err != nil {
			return err
		}
		clips = append(clips, c)
	}
	w.shelf.set(args[0], clips)
	if w.st != nil {
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
	}
	return nil
}

// withTerms reads the terms of a clip: "starts=5m" and "ends=10m" from now on, "rest=30m" between two starts, "hours=mon_18-20"
// with an underscore for a space, and "evergreen".
func withTerms(c *sdk.Clip, text string) (err error) {
	for term := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(term, "=")
		var d time.Duration
		if name == "starts" || name == "ends" || name == "rest" {
			if d, err = time.ParseDuration(value); err != nil {
				return err
			}
		}
		switch name {
		case "starts":
			c.Terms.StartsAtMS = now() + d.Milliseconds()
		case "ends":
			c.Terms.EndsAtMS = now() + d.Milliseconds()
		case "rest":
			c.Terms.RestMS = d.Milliseconds()
		case "hours":
			if c.Terms.Windows, err = rotate.ParseWindows(strings.ReplaceAll(value, "_", " ")); err != nil {
				return err
			}
		case "evergreen":
			c.Evergreen = true
		case "":
		default:
			return fmt.Errorf("a clip has no term %s", strconv.Quote(name))
		}
	}
	return nil
}

// Whatever moderators and viewers do: no promo starts outside the dates of its clip (SPEC 12.4).
func TestNeverOutsideItsDates(t *testing.T) {
	for seed := range uint64(12) {
		synctest.Test(t, func(t *testing.T) { datedWalk(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func datedWalk(t *testing.T, chance *rand.Rand) {
	w := newWorld(t)
	defer w.close()
	do := func(line string) {
		if err := w.command(strings.Fields(line)); err != nil {
			t.Fatal(line, err)
		}
	}
	dates := map[string]sdk.Terms{}
	pool := func(promoType, prefix string) {
		line := "pool " + promoType
		for i := range 4 {
			from := chance.IntN(600)
			line += fmt.Sprintf(" %s%d:20,starts=%ds,ends=%ds", prefix, i, from, from+30+chance.IntN(300))
		}
		do(line)
		for _, c := range w.shelf.Pools()[promoType] {
			dates[c.Media.ID] = c.Terms
		}
	}
	do("set every_n_items=1 every_m_minutes=1")
	pool("channel_identity", "id")
	pool("feature_presentation", "f")
	pool("viewers_choice", "v")
	do("channel add a:70 b:90 c:40 d:4000")
	do("start")
	do("viewer ann joins")
	do("viewer ann has 100000")
	for i := range 40 {
		switch chance.IntN(5) {
		case 0:
			do("channel skip")
		case 1:
			do(fmt.Sprintf("channel next x%d:%d", i, 20+chance.IntN(100)))
		case 2:
			do(fmt.Sprintf("viewer ann buys p%d:%d playnext", i, 30+chance.IntN(60)))
		}
		do(fmt.Sprintf("wait %ds", 1+chance.IntN(30)))
	}
	aired, err := w.book.Asrun(context.Background(), 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	promos := 0
	for _, row := range aired {
		terms, clip := dates[row.MediaID]
		if !clip {
			continue
		}
		if promos++; row.StartedAtMS < terms.StartsAtMS || row.StartedAtMS >= terms.EndsAtMS {
			t.Errorf("%s aired at %d, outside %d to %d", row.MediaID, row.StartedAtMS, terms.StartsAtMS, terms.EndsAtMS)
		}
	}
	if promos == 0 {
		t.Error("no promo aired: the walk says nothing")
	}
}
