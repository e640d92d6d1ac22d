package cytube_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/channel/embedded"
	"playbill/core/playlist"
	"playbill/sdk"
)

// acts are what a moderator can do to a list, on whichever channel.
type acts struct {
	add     func(m sdk.Media, next, temp bool)
	remove  func(uid channel.UID)
	move    func(uid, behind channel.UID)
	jump    func(uid channel.UID)
	skip    func()
	setTemp func(uid channel.UID, temp bool)
	list    func() (items []channel.Item, onAir channel.UID)
}

// TestSameLists does to the embedded channel and to the scripted server what was done to a real one while a trace was
// recorded: the lists are the recorded ones, one after another.
func TestSameLists(t *testing.T) {
	for _, passage := range []struct {
		name string
		do   string // one act a line; a name stands for the item of that name
	}{
		{"orders", "add one 20 temp, move one alpha, remove gamma, jump one, jump delta, remove delta, move alpha beta"},
		{"moderator", "add one 20 temp, add epsilon 25 temp, next zeta 25 keep, move delta prepend, move beta append, move zeta epsilon, " +
			"keep one, lend alpha, remove gamma, remove alpha, jump epsilon, skip, next zeta 25 temp"},
		{"natural", "add passing 2 temp, wait, wait, wait"},
	} {
		want := recorded(t, passage.name)
		for name, open := range map[string]func(t *testing.T) acts{"embedded": onEmbedded, "scripted": onScripted} {
			t.Run(passage.name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					if diff := cmp.Diff(want, played(t, open(t), passage.name == "natural", strings.Split(passage.do, ", "))); diff != "" {
						t.Errorf("lists (-real +ours):\n%s", diff)
					}
				})
			})
		}
	}
}

// recorded are the lists of a trace, each once.
func recorded(t *testing.T, name string) []string {
	text, err := os.ReadFile("testdata/" + name + ".states")
	if err != nil {
		t.Fatal(err)
	}
	var lists []string
	for _, line := range strings.Split(string(text), "\n") {
		parts := strings.Split(line, " | ")
		if !strings.HasPrefix(line, "good") || len(parts) < 2 {
			continue
		}
		var words []string
		for _, w := range strings.Fields(parts[1]) {
			onAir := strings.HasPrefix(w, "[")
			w = strings.Trim(w, "[]")
			_, w, _ = strings.Cut(w, "/")
			w, _, _ = strings.Cut(w, "@")
			if _, w, _ = strings.Cut(w, "/"); onAir {
				w = "[" + w + "]"
			}
			words = append(words, w)
		}
		lists = append(lists, strings.Join(words, " "))
	}
	return slices.Compact(lists)
}

// played does what a script says and returns the lists, each once.
func played(t *testing.T, a acts, short bool, script []string) []string {
	clip := func(name string, seconds int64) sdk.Media {
		return sdk.Media{Type: "cm", ID: name, Title: name, DurationMS: seconds * 1000}
	}
	for i, name := range []string{"alpha", "beta", "gamma", "delta"} {
		if !short {
			a.add(clip(name, int64(30+i)), false, false)
		}
	}
	if short {
		a.add(clip("short", 2), false, false)
	}
	uid := func(name string) channel.UID {
		switch name {
		case "prepend":
			return playlist.Front
		case "append":
			return playlist.Back
		}
		items, _ := a.list()
		at := slices.IndexFunc(items, func(it channel.Item) bool { return it.Media.ID == name })
		if at < 0 {
			t.Fatalf("%s is not listed", name)
		}
		return items[at].UID
	}
	lists := []string{a.text()}
	for _, line := range script {
		w := strings.Fields(line)
		switch w[0] {
		case "add", "next":
			seconds := int64(20)
			if w[2] == "2" {
				seconds = 2
			}
			a.add(clip(w[1], seconds), w[0] == "next", w[3] == "temp")
		case "remove":
			a.remove(uid(w[1]))
		case "move":
			a.move(uid(w[1]), uid(w[2]))
		case "jump":
			a.jump(uid(w[1]))
		case "skip":
			a.skip()
		case "keep", "lend":
			a.setTemp(uid(w[1]), w[0] == "lend")
		case "wait":
			time.Sleep(7 * time.Second) // two seconds, and what the channel adds
		}
		synctest.Wait()
		lists = append(lists, a.text())
	}
	return slices.Compact(lists)
}

func (a acts) text() string {
	items, onAir := a.list()
	var words []string
	for _, it := range items {
		w := it.Media.ID
		if it.Temp {
			w += "*"
		}
		if it.UID == onAir {
			w = "[" + w + "]"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

func onScripted(t *testing.T) acts {
	network := cytubetest.NewMemory()
	s, err := cytubetest.New(cytubetest.Options{Listener: network, NoLimits: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return acts{
		add:    func(m sdk.Media, next, temp bool) { s.Know(m); s.Add(m, next, temp) },
		remove: s.Remove, move: s.Move, jump: s.Jump, skip: s.Skip, setTemp: s.SetTemp,
		list: func() ([]channel.Item, channel.UID) {
			it, plays := s.OnAir()
			if !plays {
				it.UID = channel.NoUID
			}
			return s.Items(), it.UID
		},
	}
}

func onEmbedded(t *testing.T) acts {
	c, err := embedded.Open(embedded.Options{Channel: "hall", Self: "playbill"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Join("mod", 30))
	hand := c.As("mod")
	var last channel.Update
	return acts{
		add:    func(m sdk.Media, next, temp bool) { _ = hand.Add(m, next, temp); time.Sleep(20 * time.Millisecond) },
		remove: func(u channel.UID) { must(hand.Remove(u)) }, move: func(u, b channel.UID) { must(hand.Move(u, b)) },
		jump: func(u channel.UID) { must(hand.Jump(u)) }, skip: func() { must(hand.Skip()) },
		setTemp: func(u channel.UID, temp bool) { must(hand.SetTemp(u, temp)) },
		list: func() ([]channel.Item, channel.UID) {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			for {
				select {
				case u := <-c.Updates():
					last = u
					continue
				case <-ctx.Done():
				}
				if last.Current < 0 {
					return last.List, channel.NoUID
				}
				return last.List, last.List[last.Current].UID
			}
		},
	}
}
