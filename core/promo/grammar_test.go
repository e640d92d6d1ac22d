package promo

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"playbill/core/shadow"
)

// apply does one step to a list, as a channel would that obeys.
func apply(v View, s Step) View {
	list := slices.Clone(v.Shadow.Entries)
	at := func(id shadow.EntryID) int {
		return slices.IndexFunc(list, func(e *shadow.Entry) bool { return e.ID == id })
	}
	air := v.Shadow.OnAir()
	e := v.Shadow.Find(s.Entry)
	if s.Kind == Withdraw && e == air {
		air = v.Shadow.Next(e.ID) // it starts
	}
	switch {
	case s.Kind == Insert:
		e = &shadow.Entry{ID: v.nextID(), Role: s.Role, State: shadow.Bound, Media: s.Clip.Media, Temp: true, PromoType: s.Type}
		if s.Role == shadow.LeadIn {
			e.Target, e.Airing = s.Target.ID, s.Target.Airings
		}
		v.State = s.State
	case !e.Listed():
		n := *e
		n.State = shadow.Ended
		v.Shadow = v.Shadow.With(&n)
		return v
	default:
		list = slices.Delete(list, at(e.ID), at(e.ID)+1)
	}
	if s.Kind != Withdraw {
		list = slices.Insert(list, at(s.Before), e)
	}
	v.Shadow.Entries = list
	if v.Shadow.Cur = slices.Index(list, air); v.Shadow.Cur < 0 {
		v.Shadow.Cur = min(len(list), 1) - 1
	}
	return v
}

func (v View) nextID() shadow.EntryID {
	id := shadow.EntryID(0)
	for _, list := range [2][]*shadow.Entry{v.Shadow.Entries, v.Shadow.Waiting} {
		for _, e := range list {
			id = max(id, e.ID)
		}
	}
	return id + 1
}

// grammar returns the first thing about a list that SPEC 3.4 forbids.
func grammar(v View) string {
	s := &v.Shadow
	generals, of := 0, map[shadow.EntryID]int{}
	for i := range s.Entries {
		e, next := s.At(i), s.Next(s.At(i).ID)
		switch {
		case e == s.OnAir() || !e.Role.Promo():
			continue
		case e.Role == shadow.General && NextTarget(s) == nil: // it waits for one
		case next == nil:
			return e.Media.ID + " stands before nothing"
		case e.Role == shadow.General:
			if generals++; generals > 1 || next.Role == shadow.General || s.At(i-1).Role == shadow.General {
				return "two generals"
			}
			if target := NextTarget(s); next != target && next.Target != target.ID {
				return e.Media.ID + " is not in the next gap"
			}
		case next.ID != e.Target:
			return e.Media.ID + " is not directly before its target"
		}
		if of[e.Target]++; e.Role == shadow.LeadIn && of[e.Target] > 1 {
			return "two lead-ins for one target"
		}
	}
	return ""
}

// words prints a list in play order.
func words(v View) string {
	var out []string
	for i := range v.Shadow.Entries {
		e := v.Shadow.At(i)
		out = append(out, fmt.Sprintf("%s#%d(%s of %d)", e.Media.ID, e.ID, e.Role, e.Target))
	}
	return strings.Join(out, " ")
}

// anyScene draws a list in which promos stand anywhere, belong to anything, and are in any number.
func anyScene(t *rapid.T) View {
	n := rapid.IntRange(2, 12).Draw(t, "entries")
	kinds := []string{"c%d", "film%d:4000", "p%d$", "id1!", "ev2!", "ms9!", "fp1>film%d", "fp2>c%d", "vc1>p%d", "vc2>gone", "c%d-", "+ev1!", "+fp3>film%d"}
	var list []string
	for i := range n {
		w := rapid.SampledFrom(kinds).Draw(t, "entry")
		if strings.Contains(w, ">") {
			w = strings.ReplaceAll(w, "%d", fmt.Sprint(rapid.IntRange(0, n-1).Draw(t, "target")))
		} else {
			w = strings.ReplaceAll(w, "%d", fmt.Sprint(i))
		}
		list = append(list, w)
	}
	if air := rapid.IntRange(0, n-1).Draw(t, "on air"); !strings.HasPrefix(list[air], "+") && !strings.HasSuffix(list[air], "-") {
		list[air] = "[" + list[air] + "]"
	} else {
		list = append([]string{"[first]"}, list...)
	}
	v := scene(strings.Join(list, " "))
	v.Dupes = rapid.Bool().Draw(t, "dupes")
	v.State.Counted = rapid.IntRange(0, 5).Draw(t, "counted")
	v.Settings.EveryMS = rapid.SampledFrom([]int64{-1, 0, 1_000_000_000}).Draw(t, "minutes")
	v.Settings.Selection = rapid.SampledFrom([]string{Weighted, Balanced}).Draw(t, "selection")
	return v
}

// rest does what is decided, step by step, until nothing is.
func rest(t *rapid.T, v View) View {
	start := words(v)
	for round := uint64(0); ; round++ {
		plan := Decide(v, answerAll(v), round)
		if len(plan.Steps) == 0 {
			return v
		}
		if round > 60 {
			t.Fatalf("no rest: from %s to %s, and still %s", start, words(v), said(v, plan.Steps))
		}
		v = apply(v, plan.Steps[0])
	}
}

// TestPlansComeToRest: whatever the list looks like, doing what is decided ends in a list that has the block grammar and
// needs no further step; and again once what was leaving has left.
func TestPlansComeToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyScene(t)
		start := words(v)
		v = rest(t, v)
		air := v.Shadow.OnAir()
		v.Shadow.Entries = slices.DeleteFunc(slices.Clone(v.Shadow.Entries), func(e *shadow.Entry) bool { return e.Leaving != "" })
		v.Shadow.Cur = max(slices.Index(v.Shadow.Entries, air), 0)
		if v = rest(t, v); grammar(v) != "" {
			t.Fatalf("%s: from %s to %s", grammar(v), start, words(v))
		}
	})
}

// TestDecideIsAFunction: the same inputs give the same plan, and are not changed.
func TestDecideIsAFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyScene(t)
		seed := rapid.Uint64().Draw(t, "seed")
		got := answerAll(v)
		before := fmt.Sprintf("%+v %+v", v.State, words(v))
		first := Decide(v, got, seed)
		if second := Decide(v, got, seed); !reflect.DeepEqual(first, second) {
			t.Fatalf("%s, then %s", said(v, first.Steps), said(v, second.Steps))
		}
		if after := fmt.Sprintf("%+v %+v", v.State, words(v)); after != before {
			t.Fatalf("the view has changed: %s, was %s", after, before)
		}
	})
}

// FuzzDecide: no list, however odd, makes it panic, and with nothing on the air nothing is placed or moved.
func FuzzDecide(f *testing.F) {
	for _, seed := range []string{"", "a", "[a]", "[id1!]", "[fp1>gone]", "id1! fp1>film film:4000", "[a] fp1>film +id1! +fp2>film", "[a] id1! id1! id1!",
		"[a] vc1>p p$- b", "[fp1>fp1] b", "[a] fp1>a", "[a-] b-", "+a", "[a] film:0 live:-5"} {
		f.Add(seed, uint8(4), int64(0), uint64(1))
	}
	f.Fuzz(func(t *testing.T, list string, counted uint8, everyMS int64, seed uint64) {
		if len(list) > 400 {
			return
		}
		var known []string
		for _, w := range strings.Fields(list) {
			bare := strings.Trim(strings.TrimPrefix(w, "+"), "[]")
			promo := strings.ContainsAny(bare, ">!")
			if len(bare) < 2 && promo || promo && !slices.Contains([]string{"id", "ev", "ms", "fp", "vc"}, bare[:2]) {
				continue
			}
			known = append(known, w)
		}
		v := scene(strings.Join(known, " "))
		v.State.Counted, v.Settings.EveryMS = int(counted), everyMS
		for _, e := range v.Shadow.Entries {
			if e.Role == shadow.LeadIn && e.Target == 0 {
				e.Target = shadow.EntryID(seed % 8) // itself, or nothing
			}
		}
		plan := Decide(v, answerAll(v), seed)
		for _, s := range plan.Steps {
			if v.Shadow.OnAir() == nil && s.Kind != Withdraw {
				t.Errorf("%q: %s with nothing on the air", list, said(v, plan.Steps))
			}
			if s.Kind != Withdraw && v.Shadow.Find(s.Before) == nil {
				t.Errorf("%q: before what is not there: %s", list, said(v, plan.Steps))
			}
		}
	})
}
