package promo

import (
	"reflect"
	"testing"

	"playbill/core/asrun"
	"playbill/core/shadow"
)

func TestDue(t *testing.T) {
	for _, c := range []struct {
		name  string
		words string
		set   func(v *View)
		want  string
	}{
		{"too few", "[a] b", func(v *View) { v.State.Counted = 3 }, ""},
		{"enough", "[a] b", func(v *View) { v.State.Counted = 4 }, RuleItems},
		{"more than enough", "[a] b", func(v *View) { v.State.Counted = 9 }, RuleItems},
		{"items arm off", "[a] b", func(v *View) { v.State.Counted, v.Settings.EveryItems = 9, 0 }, ""},
		{"minutes not over", "[a] b", func(v *View) { v.Settings.EveryMS, v.State.LastGeneralMS = 1000, v.NowMS-999 }, ""},
		{"minutes over", "[a] b", func(v *View) { v.Settings.EveryMS, v.State.LastGeneralMS = 1000, v.NowMS-1000 }, RuleMinutes},
		{"both: items first", "[a] b", func(v *View) { v.State.Counted, v.Settings.EveryMS = 4, 0 }, RuleItems},
		{"zero minutes: always", "[a] b", func(v *View) { v.Settings.EveryMS, v.State.LastGeneralMS = 0, v.NowMS }, RuleMinutes},
		{"one waits on the list", "[a] id1! b", func(v *View) { v.State.Counted = 4 }, ""},
		{"one waits for its add", "[a] b +id1!", func(v *View) { v.State.Counted = 4 }, ""},
		{"one is on the air", "[id1!] b", func(v *View) { v.State.Counted = 4 }, RuleItems},
		{"a lead-in reserves nothing", "[a] fp1>b b", func(v *View) { v.State.Counted = 4 }, RuleItems},
		{"system off", "[a] b", func(v *View) { v.State.Counted, v.Settings.Enabled = 4, false }, ""},
		{"event locked", "[a] b", func(v *View) { v.State.Counted, v.Locked = 4, true }, ""},
	} {
		v := scene(c.words)
		c.set(&v)
		if got, due := Due(v); got != c.want || due != (c.want != "") {
			t.Errorf("%s: due by %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCounts(t *testing.T) {
	set := defaults()
	content := asrun.Row{Role: string(shadow.Content), LengthMS: 60_000}
	with := func(change func(r *asrun.Row)) asrun.Row { r := content; change(&r); return r }
	for _, c := range []struct {
		name  string
		row   asrun.Row
		airMS int64
		min   int64
		want  bool
	}{
		{"just under", content, 9_999, 10_000, false},
		{"long enough", content, 10_000, 10_000, true},
		{"short, its whole length", with(func(r *asrun.Row) { r.LengthMS = 4_000 }), 4_000, 10_000, true},
		{"short, not yet", with(func(r *asrun.Row) { r.LengthMS = 4_000 }), 3_999, 10_000, false},
		{"live: no length", with(func(r *asrun.Row) { r.LengthMS = 0 }), 9_999, 10_000, false},
		{"live, long enough", with(func(r *asrun.Row) { r.LengthMS = 0 }), 10_000, 10_000, true},
		{"zero counts at once", content, 0, 0, true},
		{"counted already", with(func(r *asrun.Row) { r.Counted = true }), 60_000, 10_000, false},
		{"began while the cadence stood still", with(func(r *asrun.Row) { r.Held = true }), 60_000, 10_000, false},
		{"paid counts too", with(func(r *asrun.Row) { r.Role = string(shadow.Paid) }), 10_000, 10_000, true},
		{"a general never", with(func(r *asrun.Row) { r.Role = string(shadow.General) }), 60_000, 0, false},
		{"a lead-in never", with(func(r *asrun.Row) { r.Role = string(shadow.LeadIn) }), 60_000, 0, false},
	} {
		set.MinAirtimeMS = c.min
		if got := Counts(c.row, c.airMS, set); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestAired(t *testing.T) {
	s := State{Counted: 3, Skip: Airing{7, 1}, CreditBefore: map[string]int64{"event": 1}, LastAired: map[string]string{"event": "x", "feature_presentation": "y"}}
	if got := s.Aired(asrun.Row{Role: "content", Counted: true}); got.Counted != 4 || got.Skip != s.Skip {
		t.Errorf("a content entry that counted: %+v", got)
	}
	if got := s.Aired(asrun.Row{Role: "content"}); got.Counted != 3 {
		t.Errorf("one that did not: %+v", got)
	}
	for _, held := range []bool{false, true} { // it has aired, whether or not the cadence stood still
		got := s.Aired(asrun.Row{Role: "general", PromoType: "event", MediaType: "yt", MediaID: "id1", StartedAtMS: 99, Held: held})
		if got.Counted != 0 || got.LastGeneralMS != 99 || got.Skip != (Airing{}) || got.CreditBefore != nil ||
			got.LastAired["event"] != clipMedia("id1").Key().ClipKey() {
			t.Errorf("a general, held %v: %+v", held, got)
		}
	}
	got := s.Aired(asrun.Row{Role: "lead_in", PromoType: "feature_presentation"})
	if got.Counted != 3 || got.CreditBefore == nil || got.LastAired["event"] != "x" || got.LastAired["feature_presentation"] == "y" {
		t.Errorf("a lead-in: %+v", got)
	}
	if s.LastAired["event"] != "x" || s.LastAired["feature_presentation"] != "y" {
		t.Error("the state that was folded has changed")
	}
}

// TestNeverAiredGivesBack: what a promo took goes back when it never aired, and only what it took.
func TestNeverAiredGivesBack(t *testing.T) {
	v := scene("[a] b film:4000")
	v.State = State{Counted: 4, Credit: map[string]int64{"event": 1000}, LastClip: map[string]string{"channel_identity": "before"},
		LastAired: map[string]string{"channel_identity": "before"}}
	v.Settings.Selection = Balanced
	v.Offers = v.Offers[:1]
	plan := Decide(v, answerAll(v), 1)
	if len(plan.Steps) != 1 {
		t.Fatal(said(v, plan.Steps))
	}
	s := plan.Steps[0]
	e := &shadow.Entry{Role: shadow.General, PromoType: s.Type, Media: s.Clip.Media}
	if s.State.LastClip["channel_identity"] != s.Clip.Key || s.State.CreditBefore == nil {
		t.Fatalf("nothing was taken: %+v", s.State)
	}
	back := s.State.NeverAired(e, &v.Shadow)
	if !reflect.DeepEqual(back.LastClip, v.State.LastClip) || !reflect.DeepEqual(back.Credit, v.State.Credit) || back.Counted != 4 {
		t.Errorf("given back %+v, had %+v", back, v.State)
	}
	if again := back.NeverAired(e, &v.Shadow); !reflect.DeepEqual(again, back) {
		t.Errorf("given back twice: %+v", again)
	}
	other := *e
	other.Media = clipMedia("id3")
	if kept := s.State.NeverAired(&other, &v.Shadow); kept.LastClip["channel_identity"] != s.Clip.Key {
		t.Error("another clip gave back what this one took")
	}
	aired := s.State.Aired(asrun.Row{Role: "general", PromoType: s.Type, MediaType: e.Media.Type, MediaID: e.Media.ID})
	if kept := aired.NeverAired(e, &v.Shadow); kept.LastClip["channel_identity"] != s.Clip.Key {
		t.Error("a clip that aired was given back")
	}
}

// TestTheLastClipIsOneThatAirsOrWaits: of two lead-ins of a type that wait, one airs and the other is withdrawn; the last
// clip is then the one that aired, and of two that wait, the newer one.
func TestTheLastClipIsOneThatAirsOrWaits(t *testing.T) {
	leadIn := func(id shadow.EntryID, clip string) *shadow.Entry {
		return &shadow.Entry{ID: id, Role: shadow.LeadIn, PromoType: "viewers_choice", Media: clipMedia(clip), State: shadow.Bound}
	}
	a, b, c := leadIn(1, "a"), leadIn(2, "b"), leadIn(3, "c")
	key := func(e *shadow.Entry) string { return e.Media.Key().ClipKey() }
	s := State{}.placed("viewers_choice", key(a), nil).placed("viewers_choice", key(b), nil)
	s = s.Aired(asrun.Row{Role: "lead_in", PromoType: "viewers_choice", MediaType: a.Media.Type, MediaID: a.Media.ID})
	if got := s.NeverAired(b, &shadow.Shadow{}); got.LastClip["viewers_choice"] != key(a) {
		t.Error("the last clip is one that never aired")
	}
	s = s.placed("viewers_choice", key(c), nil)
	if got := s.NeverAired(c, &shadow.Shadow{Entries: []*shadow.Entry{b}}); got.LastClip["viewers_choice"] != key(b) {
		t.Error("the clip that still waits is not the last one")
	}
}

func TestRefusals(t *testing.T) {
	v := scene("[a] film:4000 b")
	clip := v.Pools["feature_presentation"][0].Key
	v.Pools["feature_presentation"] = v.Pools["feature_presentation"][:1]
	here, elsewhere := Airing{2, 0}, Airing{9, 0}
	closed := func(s State) string {
		v.State = s
		for _, g := range Open(v) {
			for _, c := range g.Closed {
				if c.PromoType == "feature_presentation" {
					return c.Rejected
				}
			}
		}
		return ""
	}
	once := State{}.RefusedByChannel(clip, "private", here)
	twice := once.RefusedByChannel(clip, "private", elsewhere)
	thrice := twice.RefusedByChannel(clip, "private", elsewhere)
	for name, c := range map[string][2]string{
		"never":             {closed(State{}), ""},
		"before this one":   {closed(once), "refused_by_channel"},
		"twice, elsewhere":  {closed(twice), ""},
		"three times":       {closed(thrice), "set_aside"},
		"taken in between":  {closed(twice.Accepted(clip).RefusedByChannel(clip, "private", elsewhere)), ""},
		"another was taken": {closed(thrice.Accepted("other")), "set_aside"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %q, want %q", name, c[0], c[1])
		}
	}
	if thrice.Refused[clip].Why != "private" || once.Refused[clip].Times != 1 {
		t.Errorf("the pool would not show why: %+v", thrice.Refused)
	}
}

func TestRemovedByPerson(t *testing.T) {
	v := scene("[a] b film:4000")
	v.State.Counted = 4
	b, film := v.Shadow.Entries[1], v.Shadow.Entries[2]
	v.State = v.State.RemovedByPerson(&shadow.Entry{Role: shadow.General}, b)
	if gaps := Open(v); len(gaps) != 1 || gaps[0].Role != shadow.LeadIn {
		t.Errorf("a general is due again before the same target: %+v", gaps)
	}
	v.Shadow.Cur = 1 // b plays: the next target is another one
	if got := said(v, Decide(v, answerAll(v), 1).Steps); got != "insert feature_presentation before film, insert channel_identity before film" &&
		got != "insert feature_presentation before film, insert event before film" && got != "insert feature_presentation before film, insert mod_shoutout before film" {
		t.Errorf("before the next: %q", got)
	}
	v.State = v.State.RemovedByPerson(&shadow.Entry{Role: shadow.LeadIn, Target: film.ID}, film)
	for _, g := range Open(v) {
		if g.Role == shadow.LeadIn {
			t.Error("a lead-in is planned again for the same airing")
		}
	}
	again := *film
	again.Airings++ // the list came round
	v.Shadow = v.Shadow.With(&again)
	if gaps := Open(v); len(gaps) != 2 {
		t.Errorf("the next time round: %d gaps", len(gaps))
	}
	if kept := v.State.Forget(func(id shadow.EntryID) bool { return id != film.ID }); len(kept.Barred) != 0 || len(v.State.Barred) != 1 {
		t.Error("what is gone must be forgotten, in a new value")
	}
}
