package promo

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"playbill/core/shadow"
	"playbill/sdk"
)

// generals returns how often each type is drawn in n slots, each with another seed; next keeps the credits.
func generals(t *testing.T, v View, n int, got func(View) Answers) map[string]int {
	drawn := map[string]int{}
	for seed := range n {
		plan := Decide(v, got(v), uint64(seed))
		if len(plan.Steps) != 1 {
			t.Fatalf("slot %d: %s", seed, said(v, plan.Steps))
		}
		drawn[plan.Steps[0].Type]++
		v.State.Credit = plan.Steps[0].State.Credit
	}
	return drawn
}

func due() View {
	v := scene("[a] b")
	v.State.Counted = 4
	return v
}

// TestWeightedDraws: 3/2/1 over 6,000 seeded draws, each type within five standard deviations of its share.
func TestWeightedDraws(t *testing.T) {
	const n = 6000
	drawn := generals(t, due(), n, answerAll)
	for id, share := range map[string]float64{"channel_identity": 3. / 6, "event": 2. / 6, "mod_shoutout": 1. / 6} {
		if off := math.Abs(float64(drawn[id]) - n*share); off > 5*math.Sqrt(n*share*(1-share)) {
			t.Errorf("%s: %d of %d", id, drawn[id], n)
		}
	}
}

func TestBalancedIsExact(t *testing.T) {
	v := due()
	v.Settings.Selection = Balanced
	want := map[string]int{"channel_identity": 12, "event": 8, "mod_shoutout": 4}
	if drawn := generals(t, v, 24, answerAll); !reflect.DeepEqual(drawn, want) {
		t.Errorf("in 24 slots: %v", drawn)
	}
}

// TestBalancedFreezesCredit: a type that is not eligible neither earns nor pays, and goes on where it stood.
func TestBalancedFreezesCredit(t *testing.T) {
	v := due()
	v.Settings.Selection = Balanced
	v.State.Credit = map[string]int64{"mod_shoutout": 777}
	pool := v.Pools["mod_shoutout"]
	delete(v.Pools, "mod_shoutout")
	for range 10 {
		plan := Decide(v, answerAll(v), 1)
		v.State.Credit = plan.Steps[0].State.Credit
	}
	if v.State.Credit["mod_shoutout"] != 777 {
		t.Errorf("credit %v", v.State.Credit)
	}
	v.Pools["mod_shoutout"] = pool
	if drawn := generals(t, v, 24, answerAll); drawn["mod_shoutout"] < 4 || drawn["mod_shoutout"] > 5 {
		t.Errorf("afterwards it makes up for nothing and loses nothing: %v", drawn)
	}
}

func TestWeightFactor(t *testing.T) {
	scaled := func(plugin string, factor float64) func(View) Answers {
		return func(v View) Answers {
			a := answerAll(v)
			for i := range a.Proposals {
				if a.Proposals[i].Plugin == plugin {
					a.Proposals[i].WeightFactor = &factor
				}
			}
			return a
		}
	}
	v := due()
	v.Settings.Selection = Balanced
	if drawn := generals(t, v, 24, scaled("channel-identity", 0)); drawn["channel_identity"] != 0 || drawn["event"] != 16 {
		t.Errorf("a factor of 0: %v", drawn)
	}
	if drawn := generals(t, v, 24, scaled("mod-shoutout", 3)); !reflect.DeepEqual(drawn, map[string]int{"channel_identity": 9, "event": 6, "mod_shoutout": 9}) {
		t.Errorf("a factor of 3: %v", drawn)
	}
	if drawn := generals(t, v, 16, scaled("mod-shoutout", 1e9)); drawn["mod_shoutout"] != 10 && drawn["mod_shoutout"] != 11 {
		t.Errorf("a factor beyond 10 is 10, so 10 of 15: %v", drawn)
	}
	if drawn := generals(t, v, 10, scaled("mod-shoutout", -5)); drawn["mod_shoutout"] != 0 {
		t.Errorf("a negative one is 0: %v", drawn)
	}
	if drawn := generals(t, v, 10, scaled("mod-shoutout", math.NaN())); drawn["mod_shoutout"] != 0 {
		t.Errorf("one that is no number is 0: %v", drawn)
	}
}

func TestWeightZeroIsNeverAsked(t *testing.T) {
	v := due()
	v.Settings.Types = map[string]TypeSettings{"event": {Enabled: true, Weight: 0}, "channel_identity": {Enabled: false, Weight: 3}}
	if drawn := generals(t, v, 50, answerAll); drawn["mod_shoutout"] != 50 {
		t.Errorf("%v", drawn)
	}
}

func TestLeadInOrder(t *testing.T) {
	anyone := func(id string) Offer {
		return Offer{Plugin: id, Ready: true, Type: sdk.PromoType{ID: id, Slot: sdk.LeadIn, Serves: sdk.ServesAny}}
	}
	for _, c := range []struct {
		words string
		order []string
		want  string
	}{
		{"[a] film:4000", []string{"viewers_choice", "feature_presentation"}, "feature_presentation"},
		{"[a] film$:4000", []string{"viewers_choice", "feature_presentation"}, "viewers_choice"},
		{"[a] film$:4000", []string{"feature_presentation", "viewers_choice"}, "viewers_choice"}, // never Feature for paid
		{"[a] film:4000", []string{"zebra", "feature_presentation"}, "zebra"},
		{"[a] film:4000", []string{"feature_presentation"}, "feature_presentation"},
		{"[a] film:4000", nil, "aardvark"}, // by id
		{"[a] film$:4000", nil, "aardvark"},
	} {
		v := scene(c.words)
		v.Offers = append(v.Offers, anyone("zebra"), anyone("aardvark"))
		v.Pools["zebra"], v.Pools["aardvark"] = v.Pools["event"], v.Pools["event"]
		v.Settings.LeadInOrder = c.order
		plan := Decide(v, answerAll(v), 1)
		if len(plan.Steps) != 1 || plan.Steps[0].Type != c.want {
			t.Errorf("%s with %v: %s", c.words, c.order, said(v, plan.Steps))
		}
	}
}

func TestLeadInFor(t *testing.T) {
	for words, want := range map[string]string{
		"[a] film:3600":           "insert feature_presentation before film",
		"[a] film:3599":           "",
		"[a] p$:5":                "insert viewers_choice before p",
		"[a] b p$ q$":             "insert viewers_choice before p, insert viewers_choice before q", // any that may start soon
		"[a] b film:4000":         "",                                                               // just in time
		"[film:4000] b":           "",                                                               // not in hindsight
		"[fp1>film] film:4000 b":  "",
		"[a] fp1>film film:4000":  "",
		"[a] +fp1>film film:4000": "",
		"[a] film:4000- b":        "",
		"film:4000 b":             "", // nothing is known to play
	} {
		v := scene(words)
		if got := said(v, Decide(v, answerAll(v), 1).Steps); got != want {
			t.Errorf("%s: %q, want %q", words, got, want)
		}
	}
	for _, closed := range []func(v *View){
		func(v *View) { v.Settings.Types = map[string]TypeSettings{"viewers_choice": {Enabled: false}} },
		func(v *View) { delete(v.Pools, "viewers_choice") },
		func(v *View) { v.Offers[4].Ready = false },
	} {
		v := scene("[a] film$:4000")
		closed(&v)
		if plan := Decide(v, answerAll(v), 1); len(plan.Steps) != 0 || len(plan.Skipped) != 1 {
			t.Errorf("without Viewer's Choice a paid film gets nothing: %s", said(v, plan.Steps))
		}
	}
}

func TestNoRepeat(t *testing.T) {
	clips := func(change func(v *View)) int {
		v := due()
		v.State.LastClip = map[string]string{"event": v.Pools["event"][0].Key}
		change(&v)
		for _, g := range Open(v) {
			for _, s := range g.Slots {
				if s.PromoType == "event" {
					return len(s.Clips)
				}
			}
		}
		return 0
	}
	for name, c := range map[string][2]int{
		"the last one is left out":          {clips(func(*View) {}), 2},
		"not when it is the only one":       {clips(func(v *View) { v.Pools["event"] = v.Pools["event"][:1] }), 1},
		"not when the owner does not mind":  {clips(func(v *View) { v.Settings.NoRepeat = false }), 3},
		"the last one of another type":      {clips(func(v *View) { v.State.LastClip = map[string]string{"mod_shoutout": v.Pools["event"][0].Key} }), 3},
		"one that is not in the pool now":   {clips(func(v *View) { v.Pools["event"] = v.Pools["event"][1:] }), 2},
		"two, of which the other is listed": {clips(func(v *View) { *v = withListed(*v, "ev2", "ev3") }), 1},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %d clips, want %d", name, c[0], c[1])
		}
	}
}

func withListed(v View, ids ...string) View {
	for i, id := range ids {
		v.Shadow.Entries = append(v.Shadow.Entries, &shadow.Entry{ID: shadow.EntryID(90 + i), Role: shadow.Content, State: shadow.Bound, Media: clipMedia(id)})
	}
	return v
}

// TestKeep: what stands wrong is seated, what may not be is withdrawn, what is right is left alone.
func TestKeep(t *testing.T) {
	off := func(v *View) { v.Settings.Enabled = false }
	for _, c := range []struct {
		words string
		set   func(v *View)
		want  string
	}{
		{"[a] id1! b c", nil, ""},
		{"[a] id1! fp1>film film:4000 c", nil, ""},
		{"[a] b id1! c", nil, "seat id1 before b"},
		{"[a] fp1>film id1! film:4000", nil, "seat fp1 before film"},
		{"[a] id1! film:4000 b fp1>film", nil, "seat fp1 before film"},
		{"[a] p$ id1! b", nil, "seat id1 before p"},
		{"[a] vc1>p p$ id1! b", nil, "seat id1 before vc1"},
		{"[a] b p$ c vc1>p", nil, "seat vc1 before p"},
		{"[fp1>film] id1! film:4000 b", nil, "seat id1 before b"},
		{"[fp1>film] film:4000 id1! b", nil, ""},
		{"[id1!] b", nil, ""},
		{"[a] id1!", nil, ""}, // nothing to stand before
		{"a id1! b", nil, ""}, // nothing is known to play
		{"b id1! a", nil, ""},
		{"[a] b- id1! c", nil, ""},
		{"[a] id1!- b", off, ""},
		{"[a] +id1! b", nil, ""},
		{"[a] id1! b", off, "withdraw id1 settings_changed"},
		{"[a] +id1! b", off, "withdraw id1 settings_changed"},
		{"[id1!] b", off, ""}, // what is on the air plays
		{"[a] id1! b", func(v *View) { v.Locked = true }, "withdraw id1 held_by_event"},
		{"[a] b id1! c", func(v *View) { v.Held = "held_by_load" }, ""},
		{"[a] id9! b", nil, "withdraw id9 lapsed"},
		{"[a] id1! b", func(v *View) { v.Settings.Types = map[string]TypeSettings{"channel_identity": {}} }, "withdraw id1 settings_changed"},
		{"[a] id1! b", func(v *View) { v.Offers = nil }, ""}, // a plugin that is gone takes nothing with it
		{"[a] fp1>film b", nil, "withdraw fp1 target_gone"},
		{"[fp1>film] b", nil, "withdraw fp1 target_gone"},
		{"[a] fp1>film film:4000- b", nil, "withdraw fp1 target_gone"},
		{"[fp1>film] film:4000- b", nil, ""},
		{"[film:4000] fp1>film b", nil, "withdraw fp1 target_on_air"},
		{"[a] fp1>film film:4000", func(v *View) { v.Shadow.Entries[2].Airings = 1 }, "withdraw fp1 target_on_air"},
		{"[a] id1! b ev1! c", nil, "withdraw ev1 state_conflict"},
		{"[id1!] ev1! b", nil, "withdraw ev1 state_conflict"},
		{"[a] id1! b +ev1!", nil, "withdraw ev1 state_conflict"},
		{"[a] fp1>film film:4000 fp2>film", nil, "withdraw fp2 state_conflict"},
	} {
		v := scene(c.words)
		if c.set != nil {
			c.set(&v)
		}
		if got := said(v, Keep(v)); got != c.want {
			t.Errorf("%s: %q, want %q", c.words, got, c.want)
		}
	}
}

// TestOpenIsClosed: what keeps every gap closed.
func TestOpenIsClosed(t *testing.T) {
	for name, set := range map[string]func(v *View){
		"off": func(v *View) { v.Settings.Enabled = false }, "locked": func(v *View) { v.Locked = true },
		"load": func(v *View) { v.Held = "held_by_load" }, "unknown": func(v *View) { v.Shadow.Cur = -1 },
	} {
		v := scene("[a] film:4000 p$")
		v.State.Counted = 4
		set(&v)
		if gaps := Open(v); len(gaps) != 0 {
			t.Errorf("%s: %d gaps", name, len(gaps))
		}
		if gaps := OpenFor(v, v.Shadow.Entries[2]); len(gaps) != 0 {
			t.Errorf("%s: %d gaps for a purchase", name, len(gaps))
		}
	}
}

// TestSkippedSaysWhy: a slot that stays empty keeps the reason of every type; the gap before a short title is no news.
func TestSkippedSaysWhy(t *testing.T) {
	v := due()
	delete(v.Pools, "event")
	v.Offers[2].Ready = false
	plan := Decide(v, Answers{Declined: []Declined{{SlotID: "channel_identity.2.0", Plugin: "channel-identity", Reason: "timeout"}}}, 1)
	if len(plan.Skipped) != 1 || len(plan.Steps) != 0 {
		t.Fatalf("%d skipped, %s", len(plan.Skipped), said(v, plan.Steps))
	}
	got := map[string]string{}
	for _, c := range plan.Skipped[0].Detail.Candidates {
		got[c.PromoType] = c.Rejected
	}
	want := map[string]string{"channel_identity": "timeout", "event": PoolEmpty, "mod_shoutout": Skipped}
	if !reflect.DeepEqual(got, want) || plan.Skipped[0].Detail.Reason != "timeout" {
		t.Errorf("%v, in short %q", got, plan.Skipped[0].Detail.Reason)
	}
}

// TestProposalsAreChecked: a clip that is not eligible, a slot that is not open and another plugin's slot are no claims.
func TestProposalsAreChecked(t *testing.T) {
	v := due()
	a := answerAll(v)
	for i := range a.Proposals {
		switch i {
		case 0:
			a.Proposals[i].ClipKey = "0123456789abcdef"
		case 1:
			a.Proposals[i].SlotID = "event.99.0"
		case 2:
			a.Proposals[i].Plugin = "stranger"
		}
	}
	plan := Decide(v, a, 1)
	if len(plan.Steps) != 0 || len(plan.Skipped) != 1 {
		t.Errorf("%s", said(v, plan.Steps))
	}
}

func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{100, 4000} {
		words := "[a]"
		for i := 1; i < n; i++ {
			words += fmt.Sprintf(" c%d", i)
			if i%400 == 0 {
				words += "$"
			}
		}
		v := scene(words)
		v.State.Counted = 4
		got := answerAll(v)
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(Open(v)) == 0 || len(Decide(v, got, 1).Steps) == 0 {
					b.Fatal("nothing was planned")
				}
			}
		})
	}
}
