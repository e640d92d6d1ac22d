package playlist_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"playbill/core/channel"
	"playbill/core/playlist"
	"playbill/sdk"
)

// check fails when a list is not one: uids unique, something on the air exactly when there are rows, nothing due.
func check(l *playlist.List, nowMS int64) error {
	seen := make(map[channel.UID]bool, l.Len())
	for _, it := range l.Items() {
		if seen[it.UID] || it.UID < 0 {
			return fmt.Errorf("uid %d twice or negative in %s", it.UID, show(l))
		}
		seen[it.UID] = true
	}
	if (l.Current() < 0) != (l.Len() == 0) || l.Current() >= l.Len() {
		return fmt.Errorf("current %d of %d", l.Current(), l.Len())
	}
	if end, ok := l.EndsAtMS(); ok && end <= nowMS {
		return fmt.Errorf("due at %d, now %d", end, nowMS)
	}
	if it, ok := l.OnAir(); ok && it.Media.DurationMS > 0 && l.PlayedMS(nowMS) > it.Media.DurationMS {
		return fmt.Errorf("played %d of %d", l.PlayedMS(nowMS), it.Media.DurationMS)
	}
	return nil
}

// ledgerOf counts what must be on the list: every item that was added and has not left it by a documented way.
type ledgerOf map[string]int

func (c ledgerOf) equals(l *playlist.List) error {
	have := ledgerOf{}
	for _, it := range l.Items() {
		have[it.Media.ID]++
	}
	for id, n := range c {
		if have[id] != n {
			return fmt.Errorf("%s is listed %d times, want %d: %s", id, have[id], n, show(l))
		}
	}
	if sum(have) != sum(c) {
		return fmt.Errorf("%d rows, want %d", sum(have), sum(c))
	}
	return nil
}

func sum(c ledgerOf) (n int) {
	for _, k := range c {
		n += k
	}
	return n
}

// TestNothingIsLost walks random acts: an item leaves the list only by a removal, a clear, its end when it is temp, or a
// move behind something that is no longer listed.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := playlist.Rules{Dupes: rapid.Bool().Draw(t, "dupes"), Max: 12, Rate: rapid.SampledFrom([]float64{0, 1, 60}).Draw(t, "rate")}
		l, owed, nowMS := playlist.New(rules, 1), ledgerOf{}, int64(0)
		frozen, copied := l.Items(), []channel.Item(nil)
		departed := func(ds []channel.Departure) {
			for _, d := range ds {
				if d.Item.Temp {
					owed[d.Item.Media.ID]--
				}
			}
		}
		uid := func(name string) channel.UID { return channel.UID(rapid.IntRange(-3, 30).Draw(t, name)) }
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				m := sdk.Media{ID: rapid.StringMatching(`[a-h]`).Draw(t, "id"), DurationMS: rapid.Int64Range(-1, 5).Draw(t, "s") * second}
				temp, next := rapid.Bool().Draw(t, "temp"), rapid.Bool().Draw(t, "next")
				before := owed[m.ID]
				if _, err := l.Add(playlist.Request{Media: m, Temp: temp, Next: next}, nowMS); err == nil {
					if owed[m.ID]++; before > 0 && !rules.Dupes {
						owed[m.ID]-- // it moved
					}
				}
			},
			"remove": func(t *rapid.T) {
				u := uid("uid")
				if i := l.Find(u); i >= 0 {
					owed[l.Items()[i].Media.ID]--
				}
				_, _ = l.Remove(u, nowMS)
			},
			"move": func(t *rapid.T) {
				u, after := uid("uid"), uid("after")
				if i := l.Find(u); i >= 0 && u != after && l.Find(after) < 0 && after != playlist.Front && after != playlist.Back {
					owed[l.Items()[i].Media.ID]-- // the stale move
				}
				_, _ = l.Move(u, after, nowMS)
			},
			"jump": func(t *rapid.T) {
				u := uid("uid")
				if i := l.Find(u); i >= 0 && i != l.Current() {
					if it, _ := l.OnAir(); it.Temp {
						owed[it.Media.ID]--
					}
				}
				_, _ = l.Jump(u, nowMS)
			},
			"wait":    func(t *rapid.T) { nowMS += rapid.Int64Range(0, 20_000).Draw(t, "ms"); departed(l.Advance(nowMS)) },
			"skip":    func(t *rapid.T) { departed(l.Skip(nowMS)) },
			"temp":    func(t *rapid.T) { l.SetTemp(uid("uid"), rapid.Bool().Draw(t, "temp")) },
			"shuffle": func(t *rapid.T) { l.Shuffle(rapid.Uint64().Draw(t, "seed")) },
			"clear":   func(t *rapid.T) { l.Clear(nowMS); owed = ledgerOf{} },
			"reload":  func(*rapid.T) { l.Reload() },
			"restart": func(*rapid.T) {
				l = playlist.Load(rules, l.Epoch()+1, l.Save(nowMS), nowMS)
				departed(l.Advance(nowMS))
			},
			"keep": func(*rapid.T) {
				frozen = l.Items()
				copied = append([]channel.Item(nil), frozen...)
			},
			"": func(t *rapid.T) {
				departed(l.Advance(nowMS))
				if err := check(l, nowMS); err != nil {
					t.Fatal(err)
				}
				if err := owed.equals(l); err != nil {
					t.Fatal(err)
				}
				for i := range copied {
					if frozen[i] != copied[i] {
						t.Fatalf("row %d changed after it was handed out", i)
					}
				}
			},
		})
	})
}

// FuzzActs feeds any bytes as acts: a list stays a list.
func FuzzActs(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 3, 1, 9, 6, 0, 4, 2, 5, 200})
	f.Add([]byte{0, 129, 5, 255, 5, 255, 8, 1, 7, 0})
	f.Fuzz(func(t *testing.T, acts []byte) {
		l, nowMS := playlist.New(playlist.Rules{Max: 20}, 1), int64(0)
		for len(acts) >= 2 {
			op, arg := acts[0], acts[1]
			acts = acts[2:]
			u := channel.UID(arg % 24)
			switch op % 10 {
			case 0, 1:
				m := sdk.Media{ID: string(rune('a' + arg%26)), DurationMS: int64(arg%8) * second}
				_, _ = l.Add(playlist.Request{Media: m, Temp: arg > 127, Next: op%10 == 1}, nowMS)
			case 2:
				_, _ = l.Remove(u, nowMS)
			case 3:
				_, _ = l.Move(u, channel.UID(op)-4, nowMS)
			case 4:
				_, _ = l.Jump(u, nowMS)
			case 5:
				nowMS += int64(arg) * 100
			case 6:
				l.Shuffle(uint64(arg))
			case 7:
				l.Skip(nowMS)
			case 8:
				l.SetTemp(u, arg > 127)
			case 9:
				l.Reload()
			}
			l.Advance(nowMS)
			if err := check(l, nowMS); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func full(n int) *playlist.List {
	l := playlist.New(playlist.Rules{Max: n, Dupes: true}, 1)
	for i := range n {
		_, _ = l.Add(playlist.Request{Media: sdk.Media{ID: fmt.Sprint(i), DurationMS: second}, Temp: true}, 0)
	}
	return l
}

// TestCostIsLinear counts instead of timing: a change of a list that was handed out copies its rows once.
func TestCostIsLinear(t *testing.T) {
	for name, act := range map[string]func(l *playlist.List){
		"advance": func(l *playlist.List) { l.Skip(0) },
		"move":    func(l *playlist.List) { l.Move(l.Items()[5].UID, l.Items()[0].UID, 0) },
		"add":     func(l *playlist.List) { _, _ = l.Add(playlist.Request{Media: sdk.Media{ID: "x"}, Next: true}, 0) },
		"shuffle": func(l *playlist.List) { l.Shuffle(1) },
	} {
		l := full(4000)
		l.Rules.Max = 1 << 20
		if n := testing.AllocsPerRun(20, func() { l.Items(); act(l) }); n > 6 {
			t.Errorf("%s: %v allocations for 4,000 rows", name, n)
		}
	}
}

func BenchmarkAdvance4000(b *testing.B) {
	l := full(4000)
	for b.Loop() {
		l.Items()
		ds := l.Skip(0)
		_, _ = l.Add(playlist.Request{Media: ds[0].Item.Media, Temp: true}, 0)
	}
}

func BenchmarkShuffle4000(b *testing.B) {
	l := full(4000)
	for b.Loop() {
		l.Items()
		l.Shuffle(1)
	}
}
