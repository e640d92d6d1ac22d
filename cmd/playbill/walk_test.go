package main

import (
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"playbill/core/config"
	"playbill/core/store"
)

// TestWalk is the whole program from outside: a demo on a fresh folder, a visitor who buys, promos, a refund for leaving,
// a power cut, and a host that goes on with true books.
func TestWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program with its plugins")
	}
	t.Parallel()
	dir := dataDir(t)
	p := demoOn(t, dir)
	visitor := playbill(t, "token", "create", "--name", "visitor", "--rank", "1", "--data", dir)
	admin := playbill(t, "token", "create", "--name", "keeper", "--rank", "3", "--data", dir)
	playbill(t, "ledger", "grant", "visitor", "100000", "--reason", "a walk", "--data", dir)

	p.hasSampleData(admin)
	p.refuses(visitor)
	bought := p.buy(visitor, "queue", 3*time.Second)
	p.until("the purchase has settled", later, func() bool { return p.purchase(visitor, bought.ID).State == "settled" })
	p.hadLeadIn(admin, *bought.EntryID)
	p.until("a general promo has aired", later, func() bool { return p.aired(admin, "general", "") })
	p.until("a film had its Feature Presentation", later, func() bool { return p.aired(admin, "lead_in", "feature_presentation") })
	p.refundsWhoLeaves(dir, admin)

	pending := p.buy(visitor, "queue", 5*time.Second)
	before := p.lastRun(admin)
	p.kill()
	if said := playbill(t, "ledger", "verify", "--data", dir); !strings.HasPrefix(said, "The ledger is true: ") {
		t.Errorf("after kill -9: %s", said)
	}
	p = demoOn(t, dir)
	p.until("the purchase that the power cut hit has ended", later, func() bool {
		return slices.Contains([]string{"settled", "refunded"}, p.purchase(visitor, pending.ID).State)
	})
	p.until("the channel goes on", later, func() bool { return p.lastRun(admin) > before })
	if said := playbill(t, "ledger", "verify", "--data", dir); !strings.HasPrefix(said, "The ledger is true: ") {
		t.Errorf("after the restart: %s", said)
	}
	if code := p.stop(); code != exitOK {
		t.Errorf("stopped with exit code %d", code)
	}
	p = demoOn(t, dir)
	if n := len(p.queue().Items); n < 10 {
		t.Errorf("after a stop in good order the list has %d entries", n)
	}
	if code := p.stop(); code != exitOK {
		t.Errorf("stopped with exit code %d", code)
	}
}

// hasSampleData holds that a newcomer finds something.
func (p *program) hasSampleData(admin string) {
	p.t.Helper()
	var found struct{ Total int }
	if code := p.call(http.MethodGet, "/api/v1/catalog", "", nil, &found); code != http.StatusOK || found.Total < 200 {
		p.t.Errorf("the catalog: %d, %d titles", code, found.Total)
	}
	p.until("the list is full", soon, func() bool { return len(p.queue().Items) >= 10 })
	var list struct {
		Plugins []struct{ Name, State string }
	}
	if p.call(http.MethodGet, "/api/v1/admin/plugins", admin, nil, &list); len(list.Plugins) != len(config.Bundled()) {
		p.t.Errorf("plugins: %+v", list)
	}
	for _, one := range list.Plugins {
		if one.State != "ready" {
			p.t.Errorf("plugin %s is %s", one.Name, one.State)
		}
	}
	if printed := playbill(p.t, "plugin", "list", "--data", filepath.Dir(p.logFile())); strings.Count(printed, "ready") != len(config.Bundled()) {
		p.t.Errorf("plugin list:\n%s", printed)
	}
}

func (p *program) logFile() string {
	return filepath.Join(p.cmd.Args[slices.Index(p.cmd.Args, "--data")+1], logName)
}

// refuses holds that doors are shut to those who have no business behind them.
func (p *program) refuses(visitor string) {
	p.t.Helper()
	for _, one := range []struct {
		path, token string
		want        int
	}{
		{"/api/v1/me", "", http.StatusUnauthorized},
		{"/api/v1/me", "playbill_nonsense", http.StatusUnauthorized},
		{"/api/v1/admin/asrun", visitor, http.StatusForbidden},
		{"/api/v1/nowhere", visitor, http.StatusNotFound},
	} {
		if code := p.call(http.MethodGet, one.path, one.token, nil, nil); code != one.want {
			p.t.Errorf("GET %s: %d, want %d", one.path, code, one.want)
		}
	}
}

// bought is a purchase that was accepted.
type bought struct {
	purchaseState
	EntryID *int64 `json:"entry_id"`
}

// buy waits until a place is at least so far away, and buys it. Somebody else may be faster, or the cooldown may still run:
// then it tries again.
func (p *program) buy(token, tier string, ahead time.Duration) bought {
	p.t.Helper()
	var out bought
	p.until("a purchase was accepted", later, func() bool {
		for _, m := range p.titles() {
			var quote struct {
				Price      int64
				Available  bool
				EtaSeconds *int64 `json:"eta_seconds"`
			}
			query := url.Values{"type": {m.Type}, "id": {m.ID}, "tier": {tier}}.Encode()
			if p.call(http.MethodGet, "/api/v1/quote?"+query, token, nil, &quote) != http.StatusOK || !quote.Available {
				continue
			}
			if quote.EtaSeconds == nil || time.Duration(*quote.EtaSeconds)*time.Second < ahead {
				return false
			}
			body := map[string]any{"media": m, "tier": tier, "quoted_price": quote.Price}
			return p.call(http.MethodPost, "/api/v1/purchases", token, body, &out) == http.StatusCreated && out.EntryID != nil
		}
		return false
	})
	return out
}

// titles are some that a visitor may buy and that nobody else is after.
func (p *program) titles() []mediaKey {
	p.t.Helper()
	var page struct {
		Titles []struct {
			Media           mediaKey
			DurationSeconds int64 `json:"duration_seconds"`
		}
	}
	p.call(http.MethodGet, "/api/v1/catalog?limit=100&q=silent", "", nil, &page)
	var out []mediaKey
	for _, one := range page.Titles {
		if one.DurationSeconds < 180 && len(out) < 5 {
			out = append(out, one.Media)
		}
	}
	return out
}

func (p *program) purchase(token, id string) purchaseState {
	p.t.Helper()
	var now purchaseState
	if code := p.call(http.MethodGet, "/api/v1/purchases/"+id, token, nil, &now); code != http.StatusOK {
		p.t.Fatalf("purchase %s: %d", id, code)
	}
	return now
}

// airing is one row of the as-run log.
type airing struct {
	RunID     int64   `json:"run_id"`
	EntryID   int64   `json:"entry_id"`
	Role      string  `json:"role"`
	PromoType *string `json:"promo_type"`
}

// runs is the as-run log, newest first.
func (p *program) runs(admin string) []airing {
	p.t.Helper()
	var log struct{ Asrun []airing }
	if code := p.call(http.MethodGet, "/api/v1/admin/asrun?limit=100", admin, nil, &log); code != http.StatusOK {
		p.t.Fatalf("as-run: %d", code)
	}
	return log.Asrun
}

func (p *program) lastRun(admin string) int64 {
	p.t.Helper()
	if runs := p.runs(admin); len(runs) > 0 {
		return runs[0].RunID
	}
	return 0
}

func (p *program) aired(admin, role, promoType string) bool {
	p.t.Helper()
	return slices.ContainsFunc(p.runs(admin), func(r airing) bool {
		return r.Role == role && (promoType == "" || r.PromoType != nil && *r.PromoType == promoType)
	})
}

// hadLeadIn holds that a Viewer's Choice aired right before a paid entry.
func (p *program) hadLeadIn(admin string, entry int64) {
	p.t.Helper()
	runs := p.runs(admin)
	i := slices.IndexFunc(runs, func(r airing) bool { return r.EntryID == entry })
	if i < 0 || i+1 >= len(runs) {
		p.t.Fatalf("entry %d is not in the as-run log: %+v", entry, runs)
	}
	if lead := runs[i+1]; lead.Role != "lead_in" || lead.PromoType == nil || *lead.PromoType != "viewers_choice" {
		p.t.Errorf("before the paid entry aired %+v", lead)
	}
}

// refundsWhoLeaves buys far ahead, leaves the room, and wants the money back for that reason.
func (p *program) refundsWhoLeaves(dir, admin string) {
	p.t.Helper()
	leaver := playbill(p.t, "token", "create", "--name", "leaver", "--rank", "1", "--data", dir)
	playbill(p.t, "ledger", "grant", "leaver", "5000", "--reason", "a walk", "--data", dir)
	one := p.buy(leaver, "queue", 20*time.Second)
	playbill(p.t, "token", "revoke", "--name", "leaver", "--data", dir) // the name leaves the embedded room
	p.until("who left was refunded", soon, func() bool { return p.purchase(admin, one.ID).State == "refunded" })
	if got := p.purchase(admin, one.ID).Reason; got != "owner_left" {
		p.t.Errorf("refunded because of %q", got)
	}
	said := playbill(p.t, "ledger", "grant", "leaver", "1", "--reason", "to see the balance", "--data", dir)
	if !strings.HasPrefix(said, "leaver has 5,001 coins") {
		p.t.Errorf("after the refund %s", said)
	}
}

// TestAHostThatDiesMidwayGoesOn kills a demo at points of its first purchases and of its first refund, and wants true books
// and an end for every purchase afterwards.
func TestAHostThatDiesMidwayGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program with its plugins")
	}
	for _, point := range []string{"hold.after", "add.after", "release.before"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			p := startIn(t, "", []string{crashVariable + "=" + point}, "demo", "--data", dir, "--listen", "127.0.0.1:0")
			select {
			case <-p.done:
			case <-time.After(later):
				t.Fatal("nothing came by the point")
			}
			if code := p.cmd.ProcessState.ExitCode(); code != -1 { // killed by a signal
				t.Fatalf("exit code %d", code)
			}
			if said := playbill(t, "ledger", "verify", "--data", dir); !strings.HasPrefix(said, "The ledger is true: ") {
				t.Errorf("after the crash: %s", said)
			}
			before := openPurchases(t, dir)
			if len(before) == 0 {
				t.Error("no purchase was open at the crash")
			}
			p = demoOn(t, dir)
			admin := playbill(t, "token", "create", "--name", "keeper", "--rank", "3", "--data", dir)
			for _, id := range before {
				p.until("purchase "+id+" has ended", later, func() bool {
					return slices.Contains([]string{"settled", "refunded"}, p.purchase(admin, id).State)
				})
			}
			if said := playbill(t, "ledger", "verify", "--data", dir); !strings.HasPrefix(said, "The ledger is true: ") {
				t.Errorf("after the restart: %s", said)
			}
			if code := p.stop(); code != exitOK {
				t.Errorf("stopped with exit code %d", code)
			}
		})
	}
}

// openPurchases reads, while no host runs, which purchases of a demo have not ended.
func openPurchases(t *testing.T, dir string) []string {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "playbill.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	open, err := db.Read("demo").AllOpen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range open {
		ids = append(ids, p.ID)
	}
	return ids
}
