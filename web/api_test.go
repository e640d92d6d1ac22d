package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/promo"
	"playbill/core/till"
	"playbill/sdk"
)

const wishBody = `{"media":{"type":"yt","id":"x"},"tier":"playnext","quoted_price":750}`

func keyed(key string) map[string]string { return map[string]string{"Idempotency-Key": key} }

func TestBuy(t *testing.T) {
	w := newWorld()
	w.bought = pay.Purchase{ID: "p1", Buyer: "quietstorm", BuyerName: "QuietStorm", State: pay.Placed, Price: 500, Entry: 3, Tier: pay.Queue,
		Media: sdk.Media{Type: "yt", ID: "x", Title: "Steam Ferries of the Clyde", DurationMS: 1_440_000}}
	s := w.open(t)
	got := decodeBody(t, call{"POST", "/api/v1/purchases", "viewer", wishBody, keyed("k1")}.do(s), 201)
	if got["id"] != "p1" || got["state"] != "placed" || got["price"] != 500.0 || got["position"] != 1.0 || got["entry_id"] != 3.0 {
		t.Errorf("%v", got)
	}
	want := till.Wish{RequestKey: "k1", Media: sdk.Key{Type: "yt", ID: "x"}, Tier: "playnext", PriceShown: 750}
	if diff := cmp.Diff(want, w.wish); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(till.Actor{Key: "quietstorm", Name: "QuietStorm", Token: true, RankTenths: 10}, w.actor); diff != "" {
		t.Error(diff)
	}
	w.bought.ID, w.bought.State, w.bought.Entry = "p9", pay.Adding, 99
	got = decodeBody(t, call{"POST", "/api/v1/purchases", "viewer", wishBody, keyed("k2")}.do(s), 201)
	if got["state"] != "adding" || got["position"] != nil {
		t.Errorf("a purchase that has no place yet: %v", got)
	}
}

// TestBadRequests: whatever is wrong with a request is 400 with a code, and no room is asked.
func TestBadRequests(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	const purchases, grants, lists = "/api/v1/purchases", "/api/v1/admin/ledger/grants", "/api/v1/admin/playlists"
	for _, k := range []struct {
		call
		code string
	}{
		{call{"POST", purchases, "viewer", wishBody, nil}, "request_key_missing"},
		{call{"POST", purchases, "viewer", wishBody, keyed(strings.Repeat("k", 201))}, "invalid"},
		{call{"POST", purchases, "viewer", ``, keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", `{`, keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", `[]`, keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", wishBody + `{}`, keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", strings.Replace(wishBody, "{", `{"coins":5,`, 1), keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", strings.Replace(wishBody, "750", "7.5", 1), keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", strings.Replace(wishBody, "750", "-1", 1), keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", strings.Replace(wishBody, "playnext", "now", 1), keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", `{"media":{"type":"yt","id":"x"},"tier":"queue"}`, keyed("k")}, "invalid"},
		{call{"POST", purchases, "viewer", `{"tier":"` + strings.Repeat("x", 70_000) + `"}`, keyed("k")}, "invalid"},
		{call{"GET", "/api/v1/quote?type=yt", "viewer", "", nil}, "invalid"},
		{call{"GET", "/api/v1/quote?type=yt&id=x&tier=gold", "viewer", "", nil}, "invalid"},
		{call{"GET", "/api/v1/catalog?limit=0", "", "", nil}, "invalid"},
		{call{"GET", "/api/v1/catalog?limit=201", "", "", nil}, "invalid"},
		{call{"GET", "/api/v1/catalog?offset=-1", "", "", nil}, "invalid"},
		{call{"GET", "/api/v1/admin/asrun?before=x", "admin", "", nil}, "invalid"},
		{call{"GET", "/api/v1/admin/decisions?limit=many", "admin", "", nil}, "invalid"},
		{call{"POST", grants, "admin", `{"user":"a","amount":5,"reason":"r"}`, nil}, "request_key_missing"},
		{call{"POST", grants, "admin", `{"user":"a b","amount":5,"reason":"r"}`, keyed("k")}, "invalid"},
		{call{"POST", grants, "admin", `{"user":"a","amount":0,"reason":"r"}`, keyed("k")}, "invalid"},
		{call{"POST", grants, "admin", `{"user":"a","amount":9000000000000,"reason":"r"}`, keyed("k")}, "invalid"},
		{call{"POST", grants, "admin", `{"user":"a","amount":5,"reason":" "}`, keyed("k")}, "invalid"},
		{call{"POST", lists, "admin", `{"name":"n","items":[{"type":"yt","id":"x","duration_seconds":-1}]}`, nil}, "invalid"},
		{call{"POST", lists, "admin", `{"name":"n","loops":true}`, nil}, "invalid"},
	} {
		if got := k.do(s); got.Code != 400 || code(t, got) != k.code {
			t.Errorf("%s %s %.60s: %d %s", k.method, k.path, k.body, got.Code, got.Body)
		}
	}
	if w.wish.RequestKey != "" || len(w.posted)+len(w.trail)+len(w.lists) > 0 {
		t.Error("a room was asked")
	}
}

func TestQuote(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	w.quote = pay.Quote{Media: sdk.Media{Type: "yt", ID: "x"}, Tier: pay.Queue, Base: 500, Discount: 50, Price: 450, Before: 1840, After: 1390,
		Position: 2, ExpectedStartMS: noon + 90_000, Warning: "You are away."}
	got := decodeBody(t, call{"GET", "/api/v1/quote?type=yt&id=x", "viewer", "", nil}.do(s), 200)
	for name, want := range map[string]any{"price": 450.0, "balance_after": 1390.0, "eta_seconds": 90.0, "available": true, "refusal": nil, "position": 2.0} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	w.quote.Refusal, w.quote.Short = fault.New(fault.Balance, "You are 10 coins short."), 10
	got = decodeBody(t, call{"GET", "/api/v1/quote?type=yt&id=x", "viewer", "", nil}.do(s), 200)
	if refusal := got["refusal"].(map[string]any); refusal["code"] != "balance" || got["available"] != false || got["short"] != 10.0 {
		t.Errorf("%v", got)
	}
	w.quote.Refusal = fault.New(fault.Reserved, "It is set aside.")
	if got := (call{"GET", "/api/v1/quote?type=yt&id=x", "viewer", "", nil}).do(s); got.Code != 404 || code(t, got) != "reserved" {
		t.Errorf("what is reserved is hidden: %d %s", got.Code, got.Body)
	}
}

func TestPurchasesAreTheirBuyers(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	w.purchases["mine"] = pay.Purchase{ID: "mine", Buyer: "quietstorm", State: pay.Settled}
	w.purchases["other"] = pay.Purchase{ID: "other", Buyer: "mothlight", State: pay.Settled}
	for path, want := range map[string][2]int{"mine": {200, 200}, "other": {404, 200}, "none": {404, 404}} {
		for i, token := range []string{"viewer", "admin"} {
			if got := (call{"GET", "/api/v1/purchases/" + path, token, "", nil}).do(s); got.Code != want[i] {
				t.Errorf("%s as %s: %d", path, token, got.Code)
			}
		}
	}
	w.bought = pay.Purchase{ID: "x1", Buyer: "quietstorm", State: pay.Refunded, Reason: pay.Cancelled}
	if got := decodeBody(t, call{"DELETE", "/api/v1/purchases/x1", "viewer", "", nil}.do(s), 200); got["reason"] != "cancelled" || len(w.trail) != 0 {
		t.Errorf("%v %v", got, w.trail)
	}
	w.bought.State = pay.Refunding
	decodeBody(t, call{"DELETE", "/api/v1/purchases/x1", "admin", "", nil}.do(s), 202)
	if len(w.trail) != 1 || w.trail[0].Actor != "halcyon" || w.trail[0].Action != "purchase.cancel" {
		t.Errorf("an admin's cancel of somebody else's is in the trail: %v", w.trail)
	}
}

func TestMe(t *testing.T) {
	w := newWorld()
	w.people["quietstorm"] = channel.User{RankTenths: 20, AFK: true}
	s := w.open(t)
	got := decodeBody(t, call{"GET", "/api/v1/me", "viewer", "", nil}.do(s), 200)
	want := map[string]any{"name": "QuietStorm", "rank": 1.0, "balance": 1840.0, "present": true, "afk": true, "can_queue": true, "can_playnext": true, "can_admin": false, "closed": nil}
	for name, v := range want {
		if got[name] != v {
			t.Errorf("%s is %v, want %v", name, got[name], v)
		}
	}
	if pending := got["pending"].([]any); len(pending) != 1 || pending[0].(map[string]any)["position"] != 1.0 {
		t.Errorf("pending %v", got["pending"])
	}
	w.edit(func(v *view) { v.Gate.PayClosed, v.Gate.Code, v.Gate.Sentence = true, "event_lock", "An event is on." })
	got = decodeBody(t, call{"GET", "/api/v1/me", "admin", "", nil}.do(s), 200)
	if got["can_queue"] != false || got["can_admin"] != true || got["present"] != false || got["closed"].(map[string]any)["code"] != "event_lock" {
		t.Errorf("%v", got)
	}
}

func TestCatalogHidesWhatIsReserved(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	for token, want := range map[string]bool{"": false, "viewer": false, "admin": true} {
		got := decodeBody(t, call{"GET", "/api/v1/catalog?q=nosf&limit=5&offset=2&category=Horror", token, "", nil}.do(s), 200)
		if diff := cmp.Diff(library.Query{Text: "nosf", Category: "Horror", Reserved: want, Limit: 5, Offset: 2}, w.query); diff != "" {
			t.Error(diff)
		}
		if title := got["titles"].([]any)[0].(map[string]any); title["year"] != 1922.0 || title["duration_seconds"] != 5640.0 {
			t.Errorf("%v", title)
		}
	}
}

const promoBody = `{"enabled":false,"movie_threshold_seconds":1800,"general":{"every_n_items":null,"every_m_minutes":0,"min_airtime_seconds":5,"selection":"balanced"},"types":{"channel_identity":{"enabled":true,"order":"shuffle","weight":9}}}`

func TestPromoConfig(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	got := call{"GET", "/admin/promos/config", "admin", "", nil}.do(s)
	const want = `{"enabled":true,"movie_threshold_seconds":3600,"no_repeat":true,"lead_in_order":["viewers_choice","feature_presentation"],` +
		`"general":{"every_n_items":4,"every_m_minutes":20,"min_airtime_seconds":10,"selection":"weighted"},` +
		`"types":{"channel_identity":{"enabled":true,"order":"random","weight":3},"viewers_choice":{"enabled":true,"order":"random","weight":0}}}`
	if got.Body.String() != want || got.Header().Get("ETag") != `"7"` {
		t.Errorf("%s\n%v", got.Body, got.Header())
	}
	if back := (call{"PUT", "/admin/promos/config", "admin", got.Body.String(), map[string]string{"If-Match": `"7"`}}).do(s); back.Code != 200 || back.Header().Get("ETag") != `"8"` {
		t.Fatalf("what was read can be sent back: %d %s", back.Code, back.Body)
	}
	w.saved.Persisted, w.saved.Reason = false, "The file cannot be written: permission denied."
	saved := decodeBody(t, call{"PUT", "/api/v1/admin/promos/config", "admin", promoBody, nil}.do(s), 200)
	if saved["persisted"] != false || saved["reason"] != w.saved.Reason || saved["config"].(map[string]any)["enabled"] != false {
		t.Errorf("%v", saved)
	}
	wantSet := promo.Settings{Revision: 9, MovieThresholdMS: 1_800_000, NoRepeat: true, LeadInOrder: []string{"viewers_choice", "feature_presentation"},
		EveryItems: 0, EveryMS: 0, MinAirtimeMS: 5000, Selection: promo.Balanced, Types: map[string]promo.TypeSettings{
			"channel_identity": {Enabled: true, Order: "shuffle", Weight: 9}, "viewers_choice": {Enabled: true, Order: "random"}}}
	if diff := cmp.Diff(wantSet, w.promos); diff != "" {
		t.Error(diff)
	}
	if last := w.trail[len(w.trail)-1]; last.Action != "promos.config" || last.Actor != "halcyon" || !strings.Contains(last.Before, `"enabled":true`) || !strings.Contains(last.After, `"enabled":false`) {
		t.Errorf("the trail has %+v", last)
	}
}

func TestPromoConfigRefusals(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	for name, body := range map[string]string{
		"a part is missing":  strings.Replace(promoBody, `"every_n_items":null,`, "", 1),
		"no types":           strings.Replace(promoBody, `,"types":{"channel_identity":{"enabled":true,"order":"shuffle","weight":9}}`, "", 1),
		"zero items":         strings.Replace(promoBody, `"every_n_items":null`, `"every_n_items":0`, 1),
		"negative minutes":   strings.Replace(promoBody, `"every_m_minutes":0`, `"every_m_minutes":-1`, 1),
		"items are a text":   strings.Replace(promoBody, `"every_n_items":null`, `"every_n_items":"4"`, 1),
		"negative threshold": strings.Replace(promoBody, "1800", "-1", 1),
		"unknown type":       strings.Replace(promoBody, "channel_identity", "bumper", 1),
		"unknown key":        strings.Replace(promoBody, `"enabled":false`, `"enabled":false,"on":true`, 1),
		"null enabled":       strings.Replace(promoBody, `"enabled":false`, `"enabled":null`, 1),
	} {
		if got := (call{"PUT", "/admin/promos/config", "admin", body, nil}).do(s); got.Code != 400 || code(t, got) != "invalid" {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	if got := (call{"PUT", "/admin/promos/config", "admin", promoBody, map[string]string{"If-Match": `"6"`}}).do(s); got.Code != 409 || code(t, got) != "changed" {
		t.Errorf("an old revision: %d %s", got.Code, got.Body)
	}
	if w.promos.Revision != 7 || len(w.trail) > 0 {
		t.Error("something was changed")
	}
}

func TestPools(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	w.lists = []library.Playlist{
		{ID: 1, Name: "Idents", PromoType: "channel_identity", Items: []library.Item{clip("a"), clip("bad"), clip("a")}},
		{ID: 2, Name: "More idents", PromoType: "channel_identity", Items: []library.Item{clip("a"), clip("b")}},
		{ID: 3, Name: "Bumpers", PromoType: "bumper", Items: []library.Item{clip("c")}},
		{ID: 4, Name: "Films", Items: []library.Item{clip("d")}},
	}
	pools := decodeBody(t, call{"GET", "/admin/promos/pools", "admin", "", nil}.do(s), 200)["pools"].(map[string]any)
	health := func(id string) string { return pools[id].(map[string]any)["health"].(map[string]any)["state"].(string) }
	for id, want := range map[string]string{"channel_identity": "set_aside", "viewers_choice": "not_ready", "bumper": "no_plugin"} {
		if got := health(id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	ident := pools["channel_identity"].(map[string]any)
	clips := ident["clips"].([]any)
	if len(clips) != 3 || len(ident["playlists"].([]any)) != 2 || ident["badge"] != "Channel ID" || ident["slot"] != "general" {
		t.Errorf("%v", ident)
	}
	if bad := clips[1].(map[string]any); bad["set_aside"] != true || bad["refused_why"] != "This video is private." {
		t.Errorf("%v", bad)
	}
	for name, c := range map[string]struct {
		lists []library.Playlist
		edit  func()
		want  string
	}{
		"untagged":       {nil, func() {}, "empty"},
		"no clips":       {[]library.Playlist{{ID: 1, PromoType: "channel_identity"}}, func() {}, "empty"},
		"one clip":       {[]library.Playlist{{ID: 1, PromoType: "channel_identity", Items: []library.Item{clip("a")}}}, func() {}, "thin"},
		"all refused":    {[]library.Playlist{{ID: 1, PromoType: "channel_identity", Items: []library.Item{clip("bad")}}}, func() {}, "refused"},
		"hours to come":  {[]library.Playlist{{ID: 1, PromoType: "channel_identity", Items: []library.Item{timed("a", "22:00-23:00", 0)}}}, func() {}, "dry"},
		"hours never":    {[]library.Playlist{{ID: 1, PromoType: "channel_identity", Items: []library.Item{timed("a", "19:00-20:00", noon+3_600_000)}}}, func() {}, "never"},
		"all ended":      {[]library.Playlist{{ID: 1, PromoType: "channel_identity", Items: []library.Item{timed("a", "", noon-1)}}}, func() {}, "dry"},
		"ends soon":      {[]library.Playlist{{ID: 1, PromoType: "channel_identity", Items: []library.Item{timed("a", "", noon+3_600_000), timed("b", "", noon+3_600_000)}}}, func() {}, "ending"},
		"type off":       {nil, func() { w.promos.Types = map[string]promo.TypeSettings{"channel_identity": {}} }, "off"},
		"all turned off": {nil, func() { w.promos.Enabled = false }, "promos_off"},
	} {
		w.promos, w.lists = newWorld().promos, c.lists
		c.edit()
		pools = decodeBody(t, call{"GET", "/admin/promos/pools", "admin", "", nil}.do(s), 200)["pools"].(map[string]any)
		if got := health("channel_identity"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func timed(id, windows string, endsMS int64) library.Item {
	i := clip(id)
	i.Windows, i.EndsAtMS = windows, endsMS
	return i
}

// A pool that has nothing now says when it has; evergreen clips wait for that.
func TestPoolSaysWhen(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	spare := clip("c")
	spare.Evergreen = true
	w.lists = []library.Playlist{{ID: 1, Name: "Idents", PromoType: "channel_identity", Items: []library.Item{timed("a", "22:00-23:00", 0), timed("b", "mon 9-10", 0)}}}
	pool := func() map[string]any {
		return decodeBody(t, call{"GET", "/admin/promos/pools", "admin", "", nil}.do(s), 200)["pools"].(map[string]any)["channel_identity"].(map[string]any)
	}
	first := pool()["clips"].([]any)[0].(map[string]any)
	if why := pool()["health"].(map[string]any)["reason"].(string); !strings.HasSuffix(why, " The next one may from 22:00 on.") || first["next_at"] != "2026-11-21T22:00:00.000Z" {
		t.Errorf("%s %v", why, first)
	}
	w.lists[0].Items = append(w.lists[0].Items, spare)
	if got := pool(); got["can_air"] != 1.0 {
		t.Errorf("an evergreen clip alone: %v", got)
	}
	w.lists[0].Items = append(w.lists[0].Items, clip("d"))
	if got := pool(); got["can_air"] != 1.0 || got["clips"].([]any)[2].(map[string]any)["not_now"] != "evergreen" {
		t.Errorf("an evergreen clip beside another: %v", got)
	}
}

func clip(id string) library.Item {
	return library.Item{Media: sdk.Media{Type: "yt", ID: id, Title: "Clip " + id, DurationMS: 15_250}}
}

func TestPlaylists(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	body := `{"name":"Idents","items":[{"type":"yt","id":"a","title":"A","duration_seconds":15},{"type":"yt","id":"b","duration_seconds":20}],"promo_type":"channel_identity"}`
	created := call{"POST", "/api/v1/admin/playlists", "admin", body, nil}.do(s)
	got := decodeBody(t, created, 201)
	if got["id"] != 1.0 || got["rev"] != 1.0 || got["promo_type"] != "channel_identity" || created.Header().Get("Location") != "/api/v1/admin/playlists/1" {
		t.Errorf("%v", got)
	}
	if title := got["items"].([]any)[1].(map[string]any)["title"]; title != "yt:b" {
		t.Errorf("an item without a title is called %v", title)
	}
	w.lists[0].Items[0].RestMinutes, w.lists[0].Items[0].ID, w.lists[0].Items[0].Media.DurationMS = 30, 77, 15_250
	sent := call{"PUT", "/api/v1/admin/playlists/1", "admin", created.Body.String(), nil}.do(s)
	decodeBody(t, sent, 200)
	if kept := w.lists[0].Items[0]; kept.RestMinutes != 30 || kept.ID != 77 || kept.Media.DurationMS != 15_250 || w.lists[0].Rev != 2 {
		t.Errorf("what the body does not speak of stays: %+v", kept)
	}
	if len(w.trail) != 2 || w.trail[0].Actor != "halcyon" || w.trail[0].AtMS != noon {
		t.Errorf("the trail has %+v", w.trail)
	}
	for _, k := range []struct {
		call
		want int
	}{
		{call{"PUT", "/api/v1/admin/playlists/9", "admin", body, nil}, 404},
		{call{"PUT", "/api/v1/admin/playlists/x", "admin", body, nil}, 404},
		{call{"PUT", "/api/v1/admin/playlists/1", "admin", `{"id":2,"name":"n"}`, nil}, 400},
		{call{"DELETE", "/api/v1/admin/playlists/1?rev=1", "admin", "", nil}, 409},
		{call{"DELETE", "/api/v1/admin/playlists/1", "admin", "", nil}, 204},
		{call{"GET", "/api/v1/admin/playlists", "admin", "", nil}, 200},
	} {
		if got := k.do(s); got.Code != k.want {
			t.Errorf("%s %s: %d %s", k.method, k.path, got.Code, got.Body)
		}
	}
	w.err = fault.New(fault.Conflict, "It is non-preemptable: release it first.")
	if got := (call{"POST", "/api/v1/admin/playlists", "admin", body, nil}).do(s); got.Code != 409 {
		t.Errorf("both: %d", got.Code)
	}
}

func TestGrant(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	got := decodeBody(t, call{"POST", "/api/v1/admin/ledger/grants", "admin", `{"user":"MothLight","amount":250,"reason":"for the quiz"}`, keyed("q1")}.do(s), 201)
	if got["seq"] != 12.0 || got["amount"] != 250.0 || got["by"] != "halcyon" {
		t.Errorf("%v", got)
	}
	want := ledger.Transfer{Seq: 12, Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: "mothlight", UserName: "MothLight", Amount: 250,
		Reason: "for the quiz", Actor: "halcyon", Key: "grant:halcyon:q1", AtMS: noon}
	if diff := cmp.Diff(want, w.posted[0]); diff != "" {
		t.Error(diff)
	}
	if err := w.posted[0].Check(); err != nil {
		t.Error(err)
	}
	if len(w.trail) != 1 || w.trail[0].Action != "ledger.grant" {
		t.Errorf("%v", w.trail)
	}
}

func TestRemoveEntry(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	got := call{"DELETE", "/api/v1/admin/queue/3", "admin", "", nil}.do(s)
	if got.Code != http.StatusAccepted || w.removed != 3 || len(w.trail) != 1 || !strings.Contains(w.trail[0].Subject, "Steam Ferries") {
		t.Errorf("%d %s %v", got.Code, got.Body, w.trail)
	}
	w.err = fault.New(fault.NotFound, "That entry is not on the list any more.")
	if got := (call{"DELETE", "/api/v1/admin/queue/3", "admin", "", nil}).do(s); got.Code != 404 || len(w.trail) != 1 {
		t.Errorf("%d, and the trail has %v", got.Code, w.trail)
	}
	if got := (call{"DELETE", "/api/v1/admin/queue/-3", "admin", "", nil}).do(s); got.Code != 404 {
		t.Errorf("%d", got.Code)
	}
}

func TestAdminReads(t *testing.T) {
	s := newWorld().open(t)
	presence := decodeBody(t, call{"GET", "/api/v1/admin/presence", "admin", "", nil}.do(s), 200)
	owners := presence["owners"].([]any)
	if len(owners) != 2 {
		t.Fatalf("%v", owners)
	}
	moth, quiet := owners[0].(map[string]any), owners[1].(map[string]any)
	if moth["present"] != false || moth["clock"].(map[string]any)["away_seconds"] != 15.0 || moth["clock"].(map[string]any)["left_seconds"] != 45.0 {
		t.Errorf("%v", moth)
	}
	if quiet["present"] != true || quiet["clock"] != nil || len(quiet["pending"].([]any)) != 1 {
		t.Errorf("%v", quiet)
	}
	if presence["settings"].(map[string]any)["grace_seconds"] != 60.0 || len(presence["clocks"].([]any)) != 1 {
		t.Errorf("%v", presence)
	}
	run := decodeBody(t, call{"GET", "/api/v1/admin/asrun?limit=1", "admin", "", nil}.do(s), 200)
	if row := run["asrun"].([]any)[0].(map[string]any); row["people_start"] != 38.0 || row["people_end"] != nil || row["ended_at"] != nil || run["next_before"] != float64(noon) {
		t.Errorf("%v", run)
	}
	why := decodeBody(t, call{"GET", "/api/v1/admin/decisions", "admin", "", nil}.do(s), 200)
	if d := why["decisions"].([]any)[0].(map[string]any); d["seed"] != "9223372036854775808" || d["candidates"].([]any)[0].(map[string]any)["rejected"] != "pool_empty" || why["next_before"] != nil {
		t.Errorf("%v", why)
	}
	plugins := decodeBody(t, call{"GET", "/api/v1/admin/plugins", "admin", "", nil}.do(s), 200)
	if p := plugins["plugins"].([]any)[0].(map[string]any); p["state"] != "ready" || p["calls"].(map[string]any)["OnAdvance"].(map[string]any)["late"] != 1.0 {
		t.Errorf("%v", p)
	}
}
