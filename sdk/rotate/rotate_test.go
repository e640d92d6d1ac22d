package rotate

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"playbill/sdk"
)

func clip(n int) sdk.Clip {
	m := sdk.Media{Type: "yt", ID: fmt.Sprint("clip", n), DurationMS: 30_000}
	return sdk.Clip{Key: m.Key().ClipKey(), Media: m}
}

func pool(ns ...int) []sdk.Clip {
	clips := make([]sdk.Clip, len(ns))
	for i, n := range ns {
		clips[i] = clip(n)
	}
	return clips
}

func poolOf(n int) []sdk.Clip {
	clips := make([]sdk.Clip, n)
	for i := range clips {
		clips[i] = clip(i)
	}
	return clips
}

// station plays a pool the way the host does: it filters, the plugin picks, the clip airs.
type station struct {
	order    string
	noRepeat bool
	state    []byte
	last     string
	turn     uint64
}

func (s *station) next(clips []sdk.Clip) string {
	s.turn++
	eligible, _ := Eligible(clips, Facts{NoRepeat: s.noRepeat, LastClip: s.last})
	key, next := Pick(sdk.Slot{
		ID: fmt.Sprint("slot", s.turn), PromoType: "event", Order: s.order, Clips: eligible, NoRepeat: s.noRepeat, LastClip: s.last,
	}, s.state, s.turn*7919)
	s.state, s.last = next, key
	return key
}

func TestSequentialFollowsThePool(t *testing.T) {
	a, b, c, d, x := clip(1).Key, clip(2).Key, clip(3).Key, clip(4).Key, clip(5).Key
	tests := map[string]struct {
		pools [][]sdk.Clip
		want  []string
	}{
		"around":                        {[][]sdk.Clip{pool(1, 2, 3), pool(1, 2, 3), pool(1, 2, 3), pool(1, 2, 3)}, []string{a, b, c, a}},
		"removed clip goes on behind":   {[][]sdk.Clip{pool(1, 2, 3, 4), pool(1, 2, 3, 4), pool(1, 3, 4), pool(1, 3, 4)}, []string{a, b, c, d}},
		"removed first clip":            {[][]sdk.Clip{pool(1, 2, 3), pool(2, 3), pool(2, 3)}, []string{a, b, c}},
		"removed last clip":             {[][]sdk.Clip{pool(1, 2), pool(1, 2), pool(1)}, []string{a, b, a}},
		"new clip behind the last":      {[][]sdk.Clip{pool(1, 2), pool(1, 5, 2), pool(1, 5, 2)}, []string{a, x, b}},
		"resting clip keeps its place":  {[][]sdk.Clip{pool(1, 3, 4), pool(1, 2, 3, 4), pool(1, 2, 3, 4)}, []string{a, b, c}},
		"all but one gone":              {[][]sdk.Clip{pool(1, 2, 3), pool(3), pool(3)}, []string{a, c, c}},
		"whole pool replaced":           {[][]sdk.Clip{pool(1, 2), pool(3, 4), pool(3, 4)}, []string{a, c, d}},
		"removed and another put there": {[][]sdk.Clip{pool(1, 2, 3), pool(1, 2, 3), pool(1, 5, 3)}, []string{a, b, x}},
	}
	for name, tt := range tests {
		for _, noRepeat := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " no_repeat ", noRepeat), func(t *testing.T) {
				s := station{order: sdk.OrderSequential, noRepeat: noRepeat}
				for i, p := range tt.pools {
					if got := s.next(p); got != tt.want[i] {
						t.Fatalf("pick %d: got %s, want %s", i, got, tt.want[i])
					}
				}
			})
		}
	}
}

func TestSequentialFollowsAMovedClip(t *testing.T) {
	s := station{order: sdk.OrderSequential}
	got := []string{s.next(pool(1, 2, 3)), s.next(pool(2, 1, 3)), s.next(pool(2, 1, 3))}
	if want := []string{clip(1).Key, clip(3).Key, clip(2).Key}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestSequentialSkipsWhatIsHiddenAndComesBackToIt(t *testing.T) {
	s := station{order: sdk.OrderSequential, noRepeat: true}
	got := []string{s.next(pool(1, 3, 4)), s.next(pool(2, 3, 4)), s.next(pool(1, 3, 4)), s.next(pool(1, 2, 3, 4)), s.next(pool(1, 2, 3, 4))}
	want := []string{clip(1).Key, clip(2).Key, clip(3).Key, clip(4).Key, clip(1).Key}
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestShufflePlaysEachOncePerPassAndKeepsTheSeam(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "clips")
		s := station{order: sdk.OrderShuffle, noRepeat: rapid.Bool().Draw(t, "no repeat"), turn: rapid.Uint64().Draw(t, "seed")}
		third := (n + 2) / 3
		var before []string
		for pass := range 4 {
			var played []string
			for range n {
				key := s.next(poolOf(n))
				if slices.Contains(played, key) {
					t.Fatalf("pass %d plays %s twice", pass, key)
				}
				if n > 1 && len(played) < third && pass > 0 && slices.Contains(before[n-third:], key) {
					t.Fatalf("pass %d, place %d: %s was in the last %d of the pass before", pass, len(played), key, third)
				}
				played = append(played, key)
			}
			before = played
		}
	})
}

func TestShuffleOrdersDiffer(t *testing.T) {
	s := station{order: sdk.OrderShuffle}
	seen := map[string]bool{}
	for range 50 {
		var pass string
		for range 6 {
			pass += s.next(poolOf(6))
		}
		seen[pass] = true
	}
	if len(seen) < 30 {
		t.Fatalf("50 passes over 6 clips came in only %d orders", len(seen))
	}
}

func TestShuffleDealsNewClipsIntoTheRunningPass(t *testing.T) {
	s := station{order: sdk.OrderShuffle}
	played := []string{s.next(poolOf(4)), s.next(poolOf(4))}
	for range 4 {
		played = append(played, s.next(poolOf(6)))
	}
	slices.Sort(played)
	if got := slices.Compact(played); len(got) != 6 {
		t.Fatalf("the pass played %d different clips, want 6", len(got))
	}
}

func TestRandomIsUniform(t *testing.T) {
	const draws, clips = 12_000, 6
	counts := map[string]int{}
	for i := range uint64(draws) {
		key, state := Pick(sdk.Slot{ID: "s", PromoType: "event", Order: sdk.OrderRandom, Clips: poolOf(clips)}, nil, i)
		if state != nil {
			t.Fatal("a uniform draw remembers something")
		}
		counts[key]++
	}
	for key, n := range counts {
		if n < draws/clips*85/100 || n > draws/clips*115/100 {
			t.Errorf("%s was drawn %d times of %d", key, n, draws)
		}
	}
}

func TestNoRepeatHoldsForEveryOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := station{
			order:    rapid.SampledFrom([]string{sdk.OrderRandom, sdk.OrderSequential, sdk.OrderShuffle, "tea"}).Draw(t, "order"),
			noRepeat: true, turn: rapid.Uint64().Draw(t, "seed"),
		}
		for range 30 {
			last := s.last
			clips := poolOf(rapid.IntRange(2, 5).Draw(t, "clips"))
			if got := s.next(clips); got == last {
				t.Fatalf("%s came twice running", got)
			} else if !slices.ContainsFunc(clips, func(c sdk.Clip) bool { return c.Key == got }) {
				t.Fatalf("%s is not in the pool", got)
			}
		}
	})
}

func TestPickNeedsNoHostToAvoidTheLastClip(t *testing.T) {
	for seed := range uint64(50) {
		key, _ := Pick(sdk.Slot{ID: "s", Order: sdk.OrderRandom, Clips: pool(1, 2), NoRepeat: true, LastClip: clip(1).Key}, nil, seed)
		if key != clip(2).Key {
			t.Fatalf("seed %d gave the last clip again", seed)
		}
	}
	only, _ := Pick(sdk.Slot{ID: "s", Clips: pool(1), NoRepeat: true, LastClip: clip(1).Key}, nil, 1)
	if only != clip(1).Key {
		t.Fatalf("the only clip was not played: %q", only)
	}
}

func TestPickIsAFunctionOfItsArguments(t *testing.T) {
	for _, order := range []string{sdk.OrderRandom, sdk.OrderSequential, sdk.OrderShuffle} {
		slot := sdk.Slot{ID: "s", PromoType: "event", Order: order, Clips: poolOf(9)}
		key, state := Pick(slot, nil, 42)
		again, same := Pick(slot, nil, 42)
		if key != again || string(state) != string(same) {
			t.Errorf("%s: the same call gave another answer", order)
		}
	}
}

func TestTwoTypesShareOneState(t *testing.T) {
	var state []byte
	pick := func(kind string) string {
		key, next := Pick(sdk.Slot{ID: kind, PromoType: kind, Order: sdk.OrderSequential, Clips: pool(1, 2, 3)}, state, 1)
		state = next
		return key
	}
	got := []string{pick("a"), pick("b"), pick("a"), pick("a"), pick("b")}
	want := []string{clip(1).Key, clip(1).Key, clip(2).Key, clip(3).Key, clip(2).Key}
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestNoClipsKeepsTheState(t *testing.T) {
	key, state := Pick(sdk.Slot{Order: sdk.OrderShuffle}, []byte{9}, 1)
	if key != "" || string(state) != "\x09" {
		t.Fatalf("got %q, %v", key, state)
	}
}

func TestGiveBack(t *testing.T) {
	for _, order := range []string{sdk.OrderSequential, sdk.OrderShuffle} {
		t.Run(order, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				n := rapid.IntRange(2, 12).Draw(t, "clips")
				s := station{order: order, turn: rapid.Uint64().Draw(t, "seed")}
				for range rapid.IntRange(1, 3*n).Draw(t, "played") {
					s.next(poolOf(n))
				}
				unaired := s.last
				s.state = GiveBack(s.state, unaired)
				if got := s.next(poolOf(n)); got != unaired {
					t.Fatalf("%s was given back, then %s was picked", unaired, got)
				}
			})
		})
	}
}

func TestGiveBackOfAClipThatWasFollowed(t *testing.T) {
	s := station{order: sdk.OrderSequential}
	first, _ := s.next(poolOf(4)), s.next(poolOf(4))
	if got := s.next(poolOf(4)); string(GiveBack(s.state, first)) != string(s.state) {
		t.Fatalf("giving back %s moved a sequence that stands at %s", first, got)
	}
	d := station{order: sdk.OrderShuffle}
	first = d.next(poolOf(4))
	d.next(poolOf(4))
	d.state = GiveBack(d.state, first)
	var rest []string
	for range 3 {
		rest = append(rest, d.next(poolOf(4)))
	}
	if !slices.Contains(rest, first) {
		t.Fatalf("the deck did not get %s back in this pass", first)
	}
}

func TestABigDeckFitsTheSoftLimit(t *testing.T) {
	for _, order := range []string{sdk.OrderSequential, sdk.OrderShuffle} {
		s := station{order: order}
		most := 0
		for range 1_100 {
			s.next(poolOf(500))
			most = max(most, len(s.state))
		}
		if most > 8<<10 {
			t.Errorf("%s: 500 clips take %d bytes, want at most half of the 16 KiB", order, most)
		}
	}
}

func TestMoreClipsThanAState(t *testing.T) {
	for _, order := range []string{sdk.OrderSequential, sdk.OrderShuffle} {
		s := station{order: order}
		for i := range 30 {
			s.next(poolOf(2_000)[i*50:])
			if _, err := parse(s.state); err != nil {
				t.Fatalf("%s: wrote a state that it cannot read: %v", order, err)
			}
		}
	}
}

func TestEligible(t *testing.T) {
	ever := clip(4)
	ever.Evergreen = true
	p := append(pool(1, 2, 3), ever)
	tests := map[string]struct {
		pool  []sdk.Clip
		facts Facts
		want  []string
		why   []string
	}{
		"everything":         {p, Facts{}, []string{clip(1).Key, clip(2).Key, clip(3).Key}, []string{Evergreen}},
		"last clip":          {p, Facts{NoRepeat: true, LastClip: clip(2).Key}, []string{clip(1).Key, clip(3).Key}, []string{Evergreen, LastClip}},
		"last clip allowed":  {p, Facts{LastClip: clip(2).Key}, []string{clip(1).Key, clip(2).Key, clip(3).Key}, []string{Evergreen}},
		"the only one":       {pool(2), Facts{NoRepeat: true, LastClip: clip(2).Key}, []string{clip(2).Key}, nil},
		"set aside":          {p, Facts{SetAside: map[string]string{clip(1).Key: "private video"}}, []string{clip(2).Key, clip(3).Key}, []string{SetAside, Evergreen}},
		"listed":             {pool(1, 2), Facts{Listed: map[sdk.Key]bool{clip(1).Media.Key(): true}}, []string{clip(2).Key}, []string{AlreadyListed}},
		"evergreen steps in": {[]sdk.Clip{clip(1), ever}, Facts{SetAside: map[string]string{clip(1).Key: ""}}, []string{ever.Key}, []string{SetAside}},
		"nothing":            {nil, Facts{NoRepeat: true, LastClip: "x"}, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, rejected := Eligible(tt.pool, tt.facts)
			var keys, why []string
			for _, c := range got {
				keys = append(keys, c.Key)
			}
			for _, r := range rejected {
				why = append(why, r.Reason)
			}
			if !slices.Equal(keys, tt.want) || !slices.Equal(why, tt.why) {
				t.Fatalf("got %v without %v, want %v without %v", keys, why, tt.want, tt.why)
			}
		})
	}
}

func FuzzPick(f *testing.F) {
	s := station{order: sdk.OrderShuffle}
	s.next(poolOf(5))
	f.Add(s.state, uint64(1), uint8(5))
	s.order = sdk.OrderSequential
	s.next(poolOf(5))
	f.Add(s.state, uint64(2), uint8(3))
	f.Add([]byte("{}"), uint64(3), uint8(0))
	f.Add([]byte{1, 1, 200}, uint64(4), uint8(7))
	f.Fuzz(func(t *testing.T, state []byte, seed uint64, n uint8) {
		for _, order := range []string{sdk.OrderRandom, sdk.OrderSequential, sdk.OrderShuffle} {
			key, next := Pick(sdk.Slot{ID: "s", PromoType: "event", Order: order, Clips: poolOf(int(n))}, state, seed)
			if (key == "") != (n == 0) {
				t.Fatalf("%s of %d clips gave %q", order, n, key)
			}
			back := GiveBack(next, key)
			if order != sdk.OrderRandom && n > 0 {
				if _, err := parse(back); err != nil {
					t.Fatalf("%s wrote a state that it cannot read: %v", order, err)
				}
			}
		}
	})
}
