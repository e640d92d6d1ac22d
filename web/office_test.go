package web

import (
	"strings"
	"testing"

	"playbill/core/asrun"
	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/library"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/sdk"
	"playbill/web/api"
)

// codes are the needs of an overview, in their order.
func codes(t *testing.T, s *Server) (out []string) {
	t.Helper()
	for _, n := range decodeBody(t, call{"GET", "/api/v1/admin/overview", "admin", "", nil}.do(s), 200)["needs"].([]any) {
		need := n.(map[string]any)
		for _, must := range []string{"head", "text", "severity", "area"} {
			if need[must] == "" {
				t.Errorf("%v has no %s", need["code"], must)
			}
		}
		if need["word"] != "" && need["link"] == "" && need["do"] == "" {
			t.Errorf("%v: nothing is behind %q", need["code"], need["word"])
		}
		out = append(out, need["code"].(string))
	}
	return out
}

// wellKept is a world in which nothing needs a hand.
func wellKept() *world {
	w := newWorld()
	w.edit(func(v *view) {
		v.Can = channel.Can{Add: true, AddNext: true, Move: true, Remove: true, Jump: true, Say: true, Tell: true, Users: true, OverheadMS: 5000}
		v.Promo.Refused = nil
	})
	w.promos.Types = map[string]promo.TypeSettings{"channel_identity": {Enabled: true, Order: "random", Weight: 3}, "viewers_choice": {}}
	w.lists = []library.Playlist{{ID: 1, Name: "Idents", PromoType: "channel_identity", Rev: 1, Items: []library.Item{clip("a"), clip("b")}}}
	return w
}

func TestNeeds(t *testing.T) {
	if got := codes(t, wellKept().open(t)); len(got) != 0 {
		t.Fatalf("a house in good order needs %v", got)
	}
	tagged := func(items ...library.Item) []library.Playlist {
		return []library.Playlist{{ID: 1, Name: "Idents", PromoType: "channel_identity", Rev: 1, Items: items}}
	}
	ending := func(at int64) library.Item { i := clip("e"); i.EndsAtMS = at; return i }
	for want, spoil := range map[string]func(w *world){
		"channel": func(w *world) {
			w.edit(func(v *view) { v.Health, v.Why = channel.Down, "The server does not answer." })
		},
		"starting":          func(w *world) { w.edit(func(v *view) { v.Resolved = false }) },
		"journal":           func(w *world) { w.edit(func(v *view) { v.Journal = "The journal cannot be written." }) },
		"permission_remove": func(w *world) { w.edit(func(v *view) { v.Can.Remove = false }) },
		"permission_add":    func(w *world) { w.edit(func(v *view) { v.Can.Add, v.Can.AddNext = false, false }) },
		"permission": func(w *world) {
			w.edit(func(v *view) {
				v.Needs = []channel.Need{{What: "Jump to video", Weight: channel.Useful, Says: "The bot may not.", Fix: "Let it."}}
			})
		},
		"ledger": func(w *world) { w.office.house.Broken = "The ledger is not true." },
		"disk":   func(w *world) { w.office.house.Free = 300 << 20 },
		"backup": func(w *world) { w.office.house.CopiedMS = noon - 40*3_600_000 },
		"clock":  func(w *world) { w.office.house.ClockOffMS = -120_000 },
		"config": func(w *world) { w.saved = api.Saved{Revision: 8, Reason: "Not saved to playbill.hcl."} },
		"doubt": func(w *world) {
			w.edit(func(v *view) {
				e := *v.Shadow.Waiting[0]
				e.SentAtMS = noon - 600_000
				v.Shadow.Waiting = []*shadow.Entry{&e}
			})
		},
		"event": func(w *world) {
			w.edit(func(v *view) {
				v.Alarms = []event.Firing{{ID: 4, Label: "Serial Club", DueAtMS: noon, Alarm: "Two titles could not be loaded.", Failed: []event.Failed{{Title: "Detour", Why: "not found"}}}}
			})
		},
		"plugin_backoff": func(w *world) {
			w.office.plugins = []api.PluginReport{{Name: "event", State: "backoff", Reason: "the process ended: exit status 2"}}
		},
		"pool_empty": func(w *world) { w.lists = nil },
		"pool_set_aside": func(w *world) {
			w.lists = tagged(clip("a"), clip("bad"))
			w.edit(func(v *view) { v.Promo.Refused = newWorld().view.Load().Promo.Refused })
		},
		"pool_refused": func(w *world) {
			w.lists = tagged(clip("bad"))
			w.edit(func(v *view) { v.Promo.Refused = newWorld().view.Load().Promo.Refused })
		},
		"pool_ending": func(w *world) { w.lists = tagged(ending(noon+3_600_000), ending(noon+7_200_000)) },
		"pool_dry":    func(w *world) { w.lists = tagged(ending(noon - 1)) },
		"pool_no_plugin": func(w *world) {
			w.lists = append(w.lists, library.Playlist{ID: 2, Name: "Bumpers", PromoType: "bumper", Items: []library.Item{clip("c")}})
		},
	} {
		w := wellKept()
		spoil(w)
		if got := codes(t, w.open(t)); len(got) != 1 || got[0] != want {
			t.Errorf("needs %v, want %s alone", got, want)
		}
	}
}

func TestNeedsThatAreNone(t *testing.T) {
	w := wellKept()
	w.saved = api.Saved{Revision: 1, Reason: "The host runs without a configuration file."} // nobody has changed anything
	w.office.plugins = []api.PluginReport{{Name: "event", State: "disabled"}, {Name: "mine", State: "starting", SinceMS: noon - 1000}}
	hours := clip("a")
	hours.Windows = "mon-sun 01:00-02:00"
	w.lists = []library.Playlist{{ID: 1, Name: "Late idents", PromoType: "channel_identity", Rev: 1, Items: []library.Item{hours}}} // as its owner wrote it
	if got := codes(t, w.open(t)); len(got) != 0 {
		t.Errorf("needs %v", got)
	}
}

func TestOverviewPage(t *testing.T) {
	w := wellKept()
	w.office.house.Free = 100 << 20
	w.edit(func(v *view) { v.Can.Jump = false })
	page := call{"GET", "/admin", "admin", "", nil}.do(w.open(t))
	if page.Code != 200 {
		t.Fatalf("%d %s", page.Code, page.Body)
	}
	for _, want := range []string{"Two things would like your attention.", "The disk is nearly full", "The bot may not skip what plays", "2 to do",
		"7 titles, 1 paid, 2 promos", "saved to playbill.hcl", "47 MB"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Index(page.Body.String(), "The disk is") > strings.Index(page.Body.String(), "The bot may") {
		t.Error("what is worst does not come first")
	}
}

func TestNightNow(t *testing.T) {
	w := wellKept()
	s := w.open(t)
	said := decodeBody(t, call{"POST", "/api/v1/admin/night", "admin", "", nil}.do(s), 200)
	if w.office.nights != 1 || said["sentence"] == "" || len(w.trail) != 1 || w.trail[0].Action != "host.night" {
		t.Errorf("%v, %d nights, %v", said, w.office.nights, w.trail)
	}
}

func TestAlarmsArePutAway(t *testing.T) {
	w := wellKept()
	w.edit(func(v *view) {
		v.Alarms = []event.Firing{{ID: 4, Label: "Serial Club", DueAtMS: noon, Alarm: "It did not start."}}
	})
	s := w.open(t)
	if got := (call{"POST", "/api/v1/admin/alarms/4/seen", "admin", "", nil}).do(s); got.Code != 200 || len(w.trail) != 1 || w.trail[0].Actor != "halcyon" {
		t.Errorf("%d %s %v", got.Code, got.Body, w.trail)
	}
	if got := (call{"POST", "/api/v1/admin/alarms/5/seen", "admin", "", nil}).do(s); got.Code != 404 {
		t.Errorf("another: %d", got.Code)
	}
}

func TestTagging(t *testing.T) {
	w := wellKept()
	w.lists = append(w.lists, library.Playlist{ID: 2, Name: "Films", Rev: 3}, library.Playlist{ID: 3, Name: "Sunday", Immutable: true}, library.Playlist{ID: 4, Name: "Cards", PromoType: "event"})
	s := w.open(t)
	put := func(promoType, id string) (int, string) {
		got := call{"PUT", "/api/v1/admin/promos/pools/" + promoType + "/playlists/" + id, "admin", "", nil}.do(s)
		return got.Code, got.Body.String()
	}
	if code, said := put("channel_identity", "2"); code != 200 || w.lists[1].PromoType != "channel_identity" || len(w.trail) != 1 {
		t.Errorf("%d %s, %v", code, said, w.trail)
	}
	if code, said := put("channel_identity", "2"); code != 200 || len(w.trail) != 1 {
		t.Errorf("a second time: %d %s, %v", code, said, w.trail)
	}
	if code, said := put("channel_identity", "3"); code != 409 || !strings.Contains(said, "Release it first") {
		t.Errorf("a non-preemptable one: %d %s", code, said)
	}
	if code, said := put("channel_identity", "4"); code != 409 || !strings.Contains(said, "Untag it there first") {
		t.Errorf("another pool's: %d %s", code, said)
	}
	if code, _ := put("nothing", "2"); code != 404 {
		t.Errorf("an unknown type: %d", code)
	}
	if code, _ := put("channel_identity", "9"); code != 404 {
		t.Errorf("an unknown playlist: %d", code)
	}
	if got := (call{"DELETE", "/api/v1/admin/promos/pools/event/playlists/2", "admin", "", nil}).do(s); got.Code != 409 {
		t.Errorf("out of a pool it is not in: %d", got.Code)
	}
	if got := (call{"DELETE", "/api/v1/admin/promos/pools/channel_identity/playlists/2", "admin", "", nil}).do(s); got.Code != 200 || w.lists[1].PromoType != "" {
		t.Errorf("untag: %d %s", got.Code, got.Body)
	}
}

func TestTryClip(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	key := sdk.Key{Type: "yt", ID: "bad"}.ClipKey()
	if got := (call{"POST", "/api/v1/admin/promos/clips/try", "admin", jsonText(map[string]string{"key": key}), nil}).do(s); got.Code != 200 || w.office.tried != key || len(w.trail) != 1 {
		t.Errorf("%d %s, %q", got.Code, got.Body, w.office.tried)
	}
	if got := (call{"POST", "/api/v1/admin/promos/clips/try", "admin", `{"key":"yt:fine"}`, nil}).do(s); got.Code != 404 || len(w.trail) != 1 {
		t.Errorf("a clip that was not refused: %d", got.Code)
	}
}

func TestForecastOfUnsavedSettings(t *testing.T) {
	w := wellKept()
	s := w.open(t)
	body := `{"enabled":true,"movie_threshold_seconds":3600,"general":{"every_n_items":1,"every_m_minutes":null,"min_airtime_seconds":10,"selection":"balanced"},"types":{}}`
	said := decodeBody(t, call{"POST", "/api/v1/admin/promos/forecast", "admin", body, nil}.do(s), 200)
	saved, with := said["saved"].(map[string]any), said["with"].(map[string]any)
	if saved["generals"] != 2.0 || with["generals"] != 3.0 || saved["lead_ins"] != 1.0 {
		t.Errorf("%v\n%v", saved, with)
	}
	if w.promos.EveryItems != 4 || len(w.trail) != 0 {
		t.Error("a forecast has changed something")
	}
	// 708 s of the film and 5 s over; the ticket punch, the ferries and Lamplighter, each with its 5 s.
	if want := "2026-11-21T20:43:43.000Z"; saved["next_slot_at"] != want {
		t.Errorf("the next slot is at %v, want %s", saved["next_slot_at"], want)
	}
	put := decodeBody(t, call{"PUT", "/admin/promos/config", "admin", body, nil}.do(s), 200)
	if put["sentence"] != "Saved. It acts from the next slot, about 20:43." || put["persisted"] != true {
		t.Errorf("%v", put)
	}
	w.saved.Persisted, w.saved.Reason = false, "Not saved to playbill.hcl. The file cannot be written: permission denied."
	put = decodeBody(t, call{"PUT", "/admin/promos/config", "admin", body, nil}.do(s), 200)
	if !strings.HasPrefix(put["sentence"].(string), "Not saved to playbill.hcl.") || put["persisted"] != false {
		t.Errorf("%v", put)
	}
}

func TestPromosPage(t *testing.T) {
	w := newWorld()
	w.lists = []library.Playlist{
		{ID: 1, Name: "Idents", PromoType: "channel_identity", Items: []library.Item{clip("a"), clip("bad")}},
		{ID: 2, Name: "Films"}, {ID: 3, Name: "Silent Sunday", Immutable: true},
	}
	w.office.aired = map[sdk.Key]int64{{Type: "yt", ID: "a"}: noon - 3_600_000}
	s := w.open(t)
	page := call{"GET", "/admin/promos?pool=channel_identity", "admin", "", nil}.do(s).Body.String()
	for _, want := range []string{"1 of 2", "Set aside, refused three times: This video is private.", "Try again", "Today 19:07", ">Films, empty<",
		"Not offered, for they are non-preemptable: Silent Sunday. Release one first, then tag it.", `data-match="7"`,
		"Enough titles had aired since the last general promo.", "Its pool is empty.", `name="general.every_n_items" data-as="number" type="number" min="1" max="1000" step="1" value="4"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	part := call{"GET", "/admin/promos/effect?config=%7B%7D", "admin", "", nil}.do(s)
	if part.Code != 200 || !strings.Contains(part.Body.String(), "“enabled” is not in it") {
		t.Errorf("settings that are none: %d %s", part.Code, part.Body)
	}
}

func TestWhyInWords(t *testing.T) {
	s := newWorld().open(t)
	for want, d := range map[string]asrun.Decision{
		"Channel ID before The General: Lamplighter. Enough titles had aired since the last general promo. 2 types could take the turn; its share was 75 %. Next in random order.": {
			Rule: promo.RuleItems, Outcome: promo.OutcomePlaced, Target: 6, Detail: asrun.Detail{PromoType: "channel_identity", Clip: "Lamplighter", Reason: "next in random order",
				Candidates: []asrun.Candidate{{PromoType: "channel_identity", Weight: 3}, {PromoType: "event", Weight: 1, Rejected: "outdrawn"}, {PromoType: "mod_shoutout", Weight: 9, Rejected: promo.PoolEmpty}}}},
		"No lead-in before The General. The title can have a lead-in. Its plugin did not answer in time.": {
			Rule: promo.RuleLeadIn, Outcome: promo.OutcomeSkipped, Target: 6, Detail: asrun.Detail{Reason: "timeout"}},
		"Channel ID taken off: Lamplighter. Its clip may not air any more.": {
			Rule: "withdraw", Outcome: promo.OutcomeWithdrawn, Detail: asrun.Detail{PromoType: "channel_identity", Clip: "Lamplighter", Reason: promo.Lapsed}},
	} {
		why := s.api.WhyOf(d, s.api.TitleOnList(d.Target))
		if got := strings.TrimSpace(api.SentenceOf(why.Head) + " " + why.Because); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
