package station_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"playbill/core/channel"
	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/rotate"
)

// doShow: "show cadence" adds what the cadence remembers to the trace: how much is counted, the credits, and what is
// held against a target or a clip.
func (w *world) doShow(args []string) error {
	w.settle()
	switch args[0] {
	case "events":
		w.plans()
		return nil
	case "cadence":
	default:
		return fmt.Errorf("show knows cadence and events, not %q", args[0])
	}
	s := w.st.View().Promo
	line := fmt.Sprintf("counted %d", s.Counted)
	for _, t := range sorted(s.Credit) {
		line += fmt.Sprintf(", %s %+d", t, s.Credit[t])
	}
	for _, clip := range sorted(s.Refused) {
		line += fmt.Sprintf(", %s refused %d", w.clipName(clip), s.Refused[clip].Times)
	}
	w.log.add("show", "%s", line)
	return nil
}

func (w *world) clipName(key string) string {
	for id := range w.lengths {
		if (sdk.Key{Type: "yt", ID: id}).ClipKey() == key {
			return id
		}
	}
	return key
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// hiccup is a state in between that is whole and healthy but names the wrong entry as playing, or none.
type hiccup struct{ next, none bool }

// say hands on one state, an odd one before it when that is wanted. It reports false when the connection was closed.
func (c *connection) say(u channel.Update) bool {
	c.mu.Lock()
	odd := c.odd
	c.odd = hiccup{}
	c.mu.Unlock()
	if u.Current >= 0 && (odd.next || odd.none) {
		wrong := u
		wrong.PlayedMS = 0
		if wrong.Current = (u.Current + 1) % len(u.List); odd.none {
			wrong.Current = -1
		}
		u.Left = nil
		if !c.send(wrong) {
			return false
		}
		time.Sleep(100 * time.Millisecond) // it was read
	}
	return c.send(u)
}

func (c *connection) send(u channel.Update) bool {
	select {
	case c.out <- u:
		return true
	case <-c.stop:
		return false
	}
}

// doHiccup: "hiccup next" or "hiccup none" sends one odd state before the next true one.
func (w *world) doHiccup(args []string) error {
	w.line.mu.Lock()
	w.line.odd = hiccup{next: args[0] == "next", none: args[0] == "none"}
	w.line.mu.Unlock()
	return w.room.Chat("mod", "hello")
}

// twins is a plugin with a general and a lead-in type, which answers for both at once with one state. It is there only
// in scripts that say "plugin twins on".
func twins() station.Member {
	return station.Member{Plugin: "twins", Version: "1.0.0", Hooks: []station.Hook{station.OnAdvance}, StateVersion: 1,
		Types: []sdk.PromoType{
			{ID: "station_break", Slot: sdk.General, Order: sdk.OrderSequential, Weight: 3},
			{ID: "station_news", Slot: sdk.General, Order: sdk.OrderSequential, Weight: 3},
			{ID: "trailer", Slot: sdk.LeadIn, Serves: sdk.ServesUnpaid, Order: sdk.OrderSequential},
		}}
}

// answerAll fills every slot, each with the state that the one before left.
func answerAll(a sdk.Advance) sdk.Answer {
	answer := sdk.Answer{State: a.State}
	for _, s := range a.Slots {
		var clip string
		if clip, answer.State = rotate.Pick(s, answer.State, a.Seed); clip != "" {
			answer.Inserts = append(answer.Inserts, sdk.Insert{SlotID: s.ID, ClipKey: clip, Reason: s.Order})
		}
	}
	return answer
}

// whenAsked does once what a script wants to happen while a plugin is being asked.
func (p *plugins) whenAsked(plugin string) {
	p.mu.Lock()
	do := p.once[plugin]
	delete(p.once, plugin)
	p.mu.Unlock()
	if do != nil {
		do()
	}
}

// doAsked: "asked NAME set x=y ..." or "asked NAME jump a" happens while the plugin is being asked the next time.
func (w *world) doAsked(args []string) error {
	plugin, verb, words := args[0], args[1], args[2:]
	w.plugins.mu.Lock()
	defer w.plugins.mu.Unlock()
	w.plugins.once[plugin] = func() {
		for _, word := range words {
			name, value, _ := strings.Cut(word, "=")
			var err error
			switch verb {
			case "set":
				err = w.set.change(name, value)
			case "jump":
				err = w.room.As("mod").Jump(w.uid(word))
			}
			if err != nil {
				w.t.Errorf("while %s was asked: %v", plugin, err)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}
