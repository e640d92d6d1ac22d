package web

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/sdk"
	"playbill/web/api"
)

// bureau is the books, the trail, the tokens and the prices, in memory.
type bureau struct {
	w       *world
	mu      sync.Mutex
	sheet   ledger.Sheet
	check   ledger.Check
	search  ledger.Search
	blocked ledger.Purse
	tokens  []access.Token
	trail   []audit.Entry
	wage    pay.Wage
	broken  error // of the export
}

func newBureau(w *world) *bureau {
	return &bureau{w: w, wage: pay.Wage{Enabled: true, IntervalMS: 600_000, Coins: 10, Welcome: 100},
		sheet: ledger.Sheet{Totals: ledger.Totals{Transfers: 4, Issued: 2740, Wallets: 1840, Escrow: 0, Revenue: 900}, CheckedAtMS: noon, CheckedSeq: 4, WholeAtMS: noon, WholeSeq: 4}}
}

func (b *bureau) money() api.Money {
	return api.Money{Accounts: b, Checker: b, Blocks: b, History: b, Keys: b, Tariff: b}
}

func (b *bureau) Sheet(context.Context) (ledger.Sheet, error) { return b.sheet, b.w.err }

func (b *bureau) Viewers(_ context.Context, s ledger.Search) (ledger.Found, error) {
	b.search = s
	if s.Prefix == "nobody" {
		return ledger.Found{}, nil
	}
	one, err := b.Standing(context.Background(), "quietstorm")
	return ledger.Found{Total: 120, Viewers: []ledger.Standing{one}}, err
}

func (b *bureau) Standing(_ context.Context, user string) (ledger.Standing, error) {
	return ledger.Standing{Purse: ledger.Purse{User: user, Name: user, Balance: 1840, CreatedAtMS: noon - 1e9}, Held: 500, SeenAtMS: noon - 1e6}, b.w.err
}

func (b *bureau) ExportTransfers(context.Context) iter.Seq2[ledger.Transfer, error] {
	return func(yield func(ledger.Transfer, error) bool) {
		for seq := range int64(400) {
			if !yield(ledger.Transfer{Seq: seq + 1, Kind: ledger.Grant, User: "quietstorm", Amount: 900}, nil) {
				return
			}
		}
		if b.broken != nil {
			yield(ledger.Transfer{}, b.broken)
		}
	}
}

func (b *bureau) Verify(context.Context) ledger.Check { return b.check }
func (b *bureau) Checked() ledger.Check               { return b.check }

func (b *bureau) Block(_ context.Context, p ledger.Purse, trail audit.Entry) error {
	b.blocked = p
	return b.Audit(context.Background(), trail)
}

// Audit keeps entries as the store does: numbered in place, and an entry is undone once.
func (b *bureau) Audit(_ context.Context, entries ...audit.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range entries {
		entries[i].ID = int64(len(b.trail) + 1)
		if of := entries[i].Undoes; of != 0 {
			if b.trail[of-1].UndoneBy != 0 {
				return fault.New(fault.Over, "Undone already.")
			}
			b.trail[of-1].UndoneBy, b.trail[of-1].Undoer = entries[i].ID, entries[i].Actor
		}
		b.trail = append(b.trail, entries[i])
	}
	return nil
}

func (b *bureau) AuditTrail(context.Context, audit.Query) ([]audit.Entry, error) {
	out := slices.Clone(b.trail)
	slices.Reverse(out)
	return out, b.w.err
}

func (b *bureau) AuditEntry(_ context.Context, id int64) (audit.Entry, error) {
	if id > int64(len(b.trail)) {
		return audit.Entry{}, fault.New(fault.NotFound, "There is no such entry.")
	}
	return b.trail[id-1], nil
}

func (b *bureau) AuditActors(context.Context) ([]string, error) { return []string{"halcyon"}, nil }

func (b *bureau) Tokens(context.Context) ([]access.Token, error) { return b.tokens, b.w.err }

func (b *bureau) Issue(_ context.Context, t access.Token, _ audit.Entry) (string, error) {
	b.tokens = append(b.tokens, t)
	return "playbill_secret", nil
}

func (b *bureau) Revoke(_ context.Context, name string, _ audit.Entry) error {
	for i, t := range b.tokens {
		if t.Name == name {
			b.tokens[i].RevokedAtMS = noon
			return nil
		}
	}
	return fault.New(fault.NotFound, "There is no such token.")
}

func (b *bureau) Earn() pay.Wage { return b.wage }

func (b *bureau) SavePay(_ context.Context, rev uint64, r pay.Rules, w pay.Wage) (api.Saved, error) {
	if rev != b.w.rules.Revision {
		return api.Saved{}, fault.New(fault.Changed, "The settings were changed meanwhile.")
	}
	r.Revision = rev + 1
	b.w.rules, b.wage = r, w
	b.w.saved.Revision = r.Revision
	return b.w.saved, nil
}

func TestGrantAndItsUndo(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	const grants, body = "/api/v1/admin/ledger/grants", `{"user":"QuietStorm","amount":50,"reason":"won the quiz"}`
	got := decodeBody(t, call{"POST", grants, "admin", body, keyed("g1")}.do(s), 201)
	if got["amount"] != 50.0 || got["balance"] != 1840.0 || got["by"] != "halcyon" || got["undo"].(map[string]any)["path"] != "/api/v1/admin/audit/1/undo" {
		t.Errorf("%v", got)
	}
	g := w.posted[0]
	if g.User != "quietstorm" || g.Amount != 50 || g.Actor != "halcyon" || g.Key != "grant:halcyon:g1" || g.Kind != ledger.Grant {
		t.Errorf("posted %+v", g)
	}
	row := decodeBody(t, call{"GET", "/api/v1/admin/audit", "admin", "", nil}.do(s), 200)["audit"].([]any)[0].(map[string]any)
	if row["sentence"] != "halcyon gave 50 coins to quietstorm: won the quiz" || row["can_undo"] != true {
		t.Errorf("%v", row)
	}
	decodeBody(t, call{"POST", "/api/v1/admin/audit/1/undo", "admin", "", nil}.do(s), 200)
	if u := w.posted[0]; u.Kind != ledger.Adjust || u.Debit != ledger.Wallet || u.Amount != 50 || u.Key != "undo:1" || !strings.Contains(u.Reason, "entry 1") {
		t.Errorf("undone by %+v", u)
	}
	if again := (call{"POST", "/api/v1/admin/audit/1/undo", "admin", "", nil}).do(s); again.Code != http.StatusGone {
		t.Errorf("a second time: %d %s", again.Code, again.Body)
	}
	if of := (call{"POST", "/api/v1/admin/audit/2/undo", "admin", "", nil}).do(s); of.Code != http.StatusConflict {
		t.Errorf("an undo of the undo: %d", of.Code)
	}
	if of := (call{"POST", "/api/v1/admin/audit/99/undo", "admin", "", nil}).do(s); of.Code != http.StatusNotFound {
		t.Errorf("of nothing: %d", of.Code)
	}
}

func TestAdjustments(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	const path = "/api/v1/admin/ledger/adjustments"
	got := decodeBody(t, call{"POST", path, "admin", `{"user":"quietstorm","amount":-50,"reason":"slip"}`, keyed("a1")}.do(s), 201)
	if a := w.posted[0]; a.Kind != ledger.Adjust || a.Debit != ledger.Wallet || a.Credit != ledger.Issuance || a.Amount != 50 || got["amount"] != -50.0 {
		t.Errorf("%+v, %v", a, got)
	}
	for _, body := range []string{`{"user":"a","amount":0,"reason":"r"}`, `{"user":"a","amount":-9000000000000,"reason":"r"}`, `{"user":"a","amount":1,"reason":""}`,
		`{"user":"","amount":1,"reason":"r"}`, `{"user":"a","amount":1.5,"reason":"r"}`} {
		if got := (call{"POST", path, "admin", body, keyed("b")}).do(s); got.Code != 400 {
			t.Errorf("%s: %d", body, got.Code)
		}
	}
	w.err = fault.New(fault.Balance, "quietstorm has 10 coins.")
	if got := (call{"POST", path, "admin", `{"user":"quietstorm","amount":-50,"reason":"slip"}`, keyed("a2")}).do(s); got.Code != 402 || code(t, got) != "balance" {
		t.Errorf("below zero: %d %s", got.Code, got.Body)
	}
}

func TestViewersAndBlocks(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	found := decodeBody(t, call{"GET", "/api/v1/admin/viewers?q=Quiet&sort=seen&limit=5&offset=10", "admin", "", nil}.do(s), 200)
	if w.bureau.search != (ledger.Search{Prefix: "Quiet", Order: ledger.BySeen, Limit: 5, Offset: 10}) || found["total"] != 120.0 {
		t.Errorf("%+v %v", w.bureau.search, found)
	}
	one := decodeBody(t, call{"GET", "/api/v1/admin/viewers/QuietStorm", "admin", "", nil}.do(s), 200)
	if one["held"] != 500.0 || one["present"] != true || one["rank"] != 1.0 {
		t.Errorf("%v", one)
	}
	if got := (call{"GET", "/api/v1/admin/viewers?sort=rank", "admin", "", nil}).do(s); got.Code != 400 {
		t.Errorf("an order that there is not: %d", got.Code)
	}
	block := func(user, how, key string) int {
		return call{"POST", "/api/v1/admin/viewers/" + user + "/" + how, "admin", `{"reason":"spam"}`, keyed(key)}.do(s).Code
	}
	if got := block("QuietStorm", "block", "b1"); got != 200 || w.bureau.blocked.User != "quietstorm" || w.bureau.blocked.Blocked != "spam" {
		t.Errorf("%d %+v", got, w.bureau.blocked)
	}
	e := w.bureau.trail[0]
	if e.Action != "viewer.block" || e.Key != "block:b1" || e.Undo == "" || api.Told(e) != "halcyon blocked quietstorm: spam" {
		t.Errorf("%+v", e)
	}
	if got := block("QuietStorm", "unblock", "b2"); got != 200 || w.bureau.blocked.Blocked != "" {
		t.Errorf("%d %+v", got, w.bureau.blocked)
	}
	if got := block("halcyon", "block", "b3"); got != 403 {
		t.Errorf("oneself: %d", got)
	}
	w.edit(func(v *view) { v.People = append(v.People, channel.User{Key: "owner", Name: "owner", RankTenths: 50}) })
	if got := block("owner", "block", "b4"); got != 403 {
		t.Errorf("somebody above: %d", got)
	}
	if got := (call{"POST", "/api/v1/admin/viewers/x/block", "admin", `{"reason":""}`, keyed("b5")}).do(s); got.Code != 400 {
		t.Errorf("without a reason: %d", got.Code)
	}
	if got := (call{"POST", "/api/v1/admin/viewers/x/block", "admin", `{"reason":"r"}`, nil}).do(s); code(t, got) != "request_key_missing" {
		t.Errorf("without a key: %d", got.Code)
	}
}

func TestAdminsEndSessions(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	b := newTab(s)
	b.logIn(t, w, "quietstorm")
	got := decodeBody(t, call{"DELETE", "/api/v1/admin/viewers/quietstorm/sessions", "admin", "", nil}.do(s), 200)
	if got["ended"] != 1.0 || b.send("GET", "/api/v1/me", nil).Code != http.StatusUnauthorized || len(w.revoked) != 1 {
		t.Errorf("%v, trail %v", got, w.revoked)
	}
	if got := (call{"DELETE", "/api/v1/admin/viewers/quietstorm/sessions/nothing", "admin", "", nil}).do(s); got.Code != 404 {
		t.Errorf("none of this id: %d", got.Code)
	}
}

// TestTokensStayBelowTheirMaker: nobody makes a token above their own rank, nor in the name of somebody else.
func TestTokensStayBelowTheirMaker(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	for name, k := range map[string]struct {
		body string
		code int
	}{
		"own":           {`{"name":"halcyon","rank":3}`, 201},
		"nobody's":      {`{"name":"halcyon-bot","rank":1.5,"days":7}`, 201},
		"for ever":      {`{"name":"halcyon-too","rank":0,"days":0}`, 201},
		"above":         {`{"name":"halcyon","rank":3.1}`, 403},
		"two decimals":  {`{"name":"halcyon","rank":1.55}`, 400},
		"negative":      {`{"name":"halcyon","rank":-1}`, 400},
		"two words":     {`{"name":"hal cyon","rank":1}`, 400},
		"no end":        {`{"name":"halcyon","rank":1,"days":9999}`, 400},
		"somebody else": {`{"name":"QuietStorm","rank":1}`, 409},
	} {
		if got := (call{"POST", "/api/v1/admin/tokens", "admin", k.body, nil}).do(s); got.Code != k.code {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	w.bureau.tokens = append(w.bureau.tokens, access.Token{Name: "link", CreatedBy: access.LinkMaker}, access.Token{Name: "old", ExpiresAtMS: noon - 1})
	list := decodeBody(t, call{"GET", "/api/v1/admin/tokens", "admin", "", nil}.do(s), 200)["tokens"].([]any)
	if len(list) != 4 || list[3].(map[string]any)["state"] != "expired" {
		t.Errorf("%v", list)
	}
	for _, want := range []int{204, 204, 404} {
		name := "halcyon"
		if want == 404 {
			name = "nobody"
		}
		if got := (call{"DELETE", "/api/v1/admin/tokens/" + name, "admin", "", nil}).do(s); got.Code != want {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
}

func TestVerifyIsTold(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	for _, k := range []struct {
		check ledger.Check
		code  int
		state string
	}{
		{ledger.Check{AskedAtMS: noon}, 202, "running"},
		{ledger.Check{AskedAtMS: noon, EndedAtMS: noon + 5, Transfers: 7}, 200, "true"},
		{ledger.Check{AskedAtMS: noon, EndedAtMS: noon + 5, Err: &ledger.Broken{Invariant: ledger.ChainHash, Seq: 3}}, 200, "broken"},
		{ledger.Check{AskedAtMS: noon, EndedAtMS: noon + 5, Err: errors.New("the disk is gone")}, 200, "failed"},
	} {
		w.bureau.check = k.check
		got := decodeBody(t, call{"POST", "/api/v1/admin/ledger/verify", "admin", "", nil}.do(s), k.code)
		if got["state"] != k.state || strings.Contains(got["sentence"].(string), "disk") {
			t.Errorf("%v", got)
		}
		if job := decodeBody(t, call{"GET", "/api/v1/admin/ledger", "admin", "", nil}.do(s), 200)["job"].(map[string]any); job["state"] != k.state {
			t.Errorf("%v", job)
		}
	}
}

func TestExportIsWholeOrCut(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	got := call{"GET", "/api/v1/admin/ledger/export", "admin", "", nil}.do(s)
	if got.Code != 200 || strings.Count(got.Body.String(), "\n") != 401 || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/csv") {
		t.Errorf("%d, %d lines", got.Code, strings.Count(got.Body.String(), "\n"))
	}
	w.bureau.broken = errors.New("the disk is gone")
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("half a file looks like a whole one: %v", p)
		}
	}()
	_ = call{"GET", "/api/v1/admin/ledger/export", "admin", "", nil}.do(s)
}

func TestPay(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	const path = "/api/v1/admin/pay"
	read := call{"GET", path, "admin", "", nil}.do(s)
	if back := (call{"PUT", path, "admin", read.Body.String(), map[string]string{"If-Match": read.Header().Get("ETag")}}).do(s); back.Code != 200 {
		t.Fatalf("what was read can be sent back: %d %s", back.Code, back.Body)
	}
	text := read.Body.String()
	change := func(old, fresh string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("%s lacks %s", text, old)
		}
		return strings.Replace(text, old, fresh, 1)
	}
	examples := decodeBody(t, call{"POST", path + "/examples", "admin", change(`"coins":250`, `"coins":200`), nil}.do(s), 200)
	if first := examples["lengths"].([]any)[0].(map[string]any); first["queue"] != 250.0 || first["queue_then"] != 200.0 || first["playnext_then"] != 600.0 {
		t.Errorf("%v", examples)
	}
	saved := decodeBody(t, call{"PUT", path, "admin", change(`"coins":250`, `"coins":200`), nil}.do(s), 200)
	if w.rules.Prices[0].Coins != 200 || saved["persisted"] != true {
		t.Errorf("%+v %v", w.rules.Prices, saved)
	}
	for _, k := range []struct{ body, pointer string }{
		{change(`"up_to_seconds":2100`, `"up_to_seconds":800`), "/pay/price/1/up_to_seconds"},
		{change(`"coins":500`, `"coins":0`), "/pay/price/1/coins"},
		{change(`"cooldown_seconds":1800`, `"cooldown_seconds":-5`), "/pay/cooldown_seconds"},
		{change(`"force_play_rank":4`, `"force_play_rank":4.55`), "/pay/force_play_rank"},
		{change(`"blackout":[]`, `"blackout":[{"cron":"soon","hours":1,"reason":""}]`), "/pay/blackout/0/cron"},
		{change(`"discount":[]`, `"discount":[{"rank":2,"percent":101}]`), "/pay/discount/0/percent"},
		{change(`"admin_rank":3`, `"admin_rank":4`), "/pay/admin_rank"},
		{change(`"interval_seconds":600`, `"interval_seconds":-1`), "/earn/interval_seconds"},
	} {
		got := decodeBody(t, call{"PUT", path, "admin", k.body, nil}.do(s), 400)
		problems, _ := got["problems"].([]any)
		if len(problems) == 0 || problems[0].(map[string]any)["pointer"] != k.pointer {
			t.Errorf("%s: %v", k.pointer, got)
		}
	}
	if got := (call{"PUT", path, "admin", text, map[string]string{"If-Match": `"0"`}}).do(s); got.Code != 409 || code(t, got) != "changed" {
		t.Errorf("an old revision: %d %s", got.Code, got.Body)
	}
	undo := saved["undo"].(map[string]any)["path"].(string)
	decodeBody(t, call{"POST", undo, "admin", "", nil}.do(s), 200)
	if w.rules.Prices[0].Coins != 250 {
		t.Errorf("undone: %+v", w.rules.Prices)
	}
	if got := (call{"POST", undo, "admin", "", nil}).do(s); got.Code != http.StatusGone {
		t.Errorf("twice: %d", got.Code)
	}
}

// TestUndoOfWhatHasChangedSince is refused, whatever it is.
func TestUndoOfWhatHasChangedSince(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	w.lists = []library.Playlist{{ID: 1, Rev: 9, Name: "Idents"}}
	list := library.EncodePlaylist(library.Playlist{ID: 1, Rev: 3, Name: "Idents", Items: []library.Item{{Media: sdk.Media{Type: "yt", ID: "a"}}}})
	for _, e := range []audit.Entry{
		{Action: "viewer.block", Undo: `{"do":"block","user":"quietstorm","was":"","is":"spam"}`},
		{Action: "playlist.save", Before: list},
		{Action: "playlist.create", After: list},
		{Action: "pay.config", Before: `{}`, After: `{}`, Undo: `{"do":"pay"}`},
		{Action: "promos.config", Before: `{}`, After: `{}`},
	} {
		if err := w.bureau.Audit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		id := len(w.bureau.trail)
		got := call{"POST", "/api/v1/admin/audit/" + string(rune('0'+id)) + "/undo", "admin", "", nil}.do(s)
		if got.Code != 409 || code(t, got) != "changed" || w.bureau.trail[id-1].UndoneBy != 0 {
			t.Errorf("%s: %d %s", e.Action, got.Code, got.Body)
		}
	}
	if err := w.bureau.Audit(t.Context(), audit.Entry{Action: "playlist.save", Before: strings.Replace(list, `"rev":3`, `"rev":8`, 1)},
		audit.Entry{Action: "playlist.delete", Before: list}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"6", "7"} {
		decodeBody(t, call{"POST", "/api/v1/admin/audit/" + id + "/undo", "admin", "", nil}.do(s), 200)
	}
	if len(w.lists) != 2 || len(w.lists[0].Items) != 1 || w.lists[1].Name != "Idents" {
		t.Errorf("%+v", w.lists)
	}
}

// TestMoneyPages reads every page as an admin: what matters is on it, and nothing that was typed is markup.
func TestMoneyPages(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	w.bureau.tokens = []access.Token{{Name: "halcyon-bot", RankTenths: 15, CreatedBy: "halcyon", CreatedAtMS: noon}}
	if err := w.bureau.Audit(t.Context(), audit.Entry{AtMS: noon, Actor: "halcyon", Action: "ledger.grant", Subject: "<b>moth</b>", After: `{"amount":5,"reason":"<i>x</i>"}`, Undo: `{"do":"booking"}`}); err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{
		"/admin/ledger":            {"The ledger is true", "1,840", `href="/admin/ledger/quietstorm"`, "offset=50"},
		"/admin/ledger?q=nobody":   {"Nobody whose name begins with", `href="/admin/ledger/nobody"`},
		"/admin/ledger/QuietStorm": {"1,840 <small>coins", "500", "here now", "Detour &lt;1945&gt;", "No. 9, displaced", `"POST /api/v1/admin/viewers/quietstorm/block"`},
		"/admin/tokens":            {"halcyon-bot", "1.5", "DELETE /api/v1/admin/tokens/halcyon-bot"},
		"/admin/audit":             {"gave 5 coins to &lt;b&gt;moth&lt;/b&gt;: &lt;i&gt;x&lt;/i&gt;", "/api/v1/admin/audit/1/undo"},
		"/admin/prices":            {`data-field="pay.playnext_multiplier"`, "1 h 00 min", "2,250"},
	} {
		got := call{"GET", path, "admin", "", map[string]string{"Accept": "text/html"}}.do(s)
		page := got.Body.String()
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %d, lacks %q", path, got.Code, want)
			}
		}
		if strings.Contains(page, "<no value>") || strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s is not rendered well", path)
		}
	}
	w.bureau.sheet.Broken = &ledger.Broken{Invariant: ledger.WalletMatches, Detail: "quietstorm"}
	if page := (call{"GET", "/admin/ledger", "admin", "", map[string]string{"Accept": "text/html"}}).do(s).Body.String(); !strings.Contains(page, "The ledger is not true") || !strings.Contains(page, ledger.WalletMatches) {
		t.Error("a broken invariant is not named")
	}
}
