package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"playbill/core/config"
	"playbill/core/fault"
)

// why is a decision as the API tells it.
type why struct {
	ID               int64
	Rule, Outcome    string
	PromoType        *string `json:"promo_type"`
	Reason           *string
	Sentence         string
	SettingsRevision uint64 `json:"settings_revision"`
	Candidates       []struct {
		PromoType string `json:"promo_type"`
		Rejected  *string
	}
}

// decided reports whether a decision behind one of an id is as wanted.
func (p *program) decided(admin string, behind int64, is func(why) bool) bool {
	p.t.Helper()
	var page struct{ Decisions []why }
	p.call(http.MethodGet, "/api/v1/admin/decisions?limit=50", admin, nil, &page)
	for _, d := range page.Decisions {
		if d.ID > behind && is(d) {
			return true
		}
	}
	return false
}

func (p *program) lastDecision(admin string) int64 {
	p.t.Helper()
	var page struct{ Decisions []why }
	p.call(http.MethodGet, "/api/v1/admin/decisions?limit=1", admin, nil, &page)
	if len(page.Decisions) == 0 {
		return 0
	}
	return page.Decisions[0].ID
}

// TestOfficeWalk changes over HTTP what admins change, and sees it act on the running channel: the cadence, a plugin that is
// switched off, a plugin's settings, presence. The file has all of it, with the owner's comments.
func TestOfficeWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program with its plugins")
	}
	t.Parallel()
	dir := dataDir(t)
	p := demoOn(t, dir)
	admin := playbill(t, "token", "create", "--name", "keeper", "--rank", "3", "--data", dir)

	p.changesTheCadence(admin)
	p.switchesATypeOff(admin)
	p.changesAFilm(admin)

	var saved struct {
		Persisted bool
		Config    struct {
			GraceSeconds int64 `json:"grace_seconds"`
		}
	}
	body := map[string]any{"enabled": true, "grace_seconds": 7, "check_interval_seconds": 2, "notify_user": true}
	if code := p.call(http.MethodPut, "/api/v1/admin/presence", admin, body, &saved); code != http.StatusOK || !saved.Persisted || saved.Config.GraceSeconds != 7 {
		t.Errorf("presence: %d %+v", code, saved)
	}
	text, err := os.ReadFile(filepath.Join(dir, "config.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# A promo between every three titles.\n    every_n_items       = 1\n", "grace_seconds          = 7", "enabled = false", "movie_threshold_seconds = 60"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the file does not say %q:\n%s", want, text)
		}
	}
	if _, err := config.Load(filepath.Join(dir, "config.hcl")); err != nil {
		t.Error(err)
	}
	p.everythingIsWell(admin)
}

// changesTheCadence asks for a general promo before every title, and waits for a decision by that revision.
func (p *program) changesTheCadence(admin string) {
	p.t.Helper()
	var conf map[string]any
	p.call(http.MethodGet, "/admin/promos/config", admin, nil, &conf)
	conf["general"].(map[string]any)["every_n_items"] = 1
	behind := p.lastDecision(admin)
	var said struct {
		Persisted bool
		Sentence  string
	}
	if code := p.call(http.MethodPut, "/admin/promos/config", admin, conf, &said); code != http.StatusOK || !said.Persisted || !strings.HasPrefix(said.Sentence, "Saved. It acts from the next slot") {
		p.t.Fatalf("%d %+v", code, said)
	}
	p.until("a promo was placed under the new cadence", later, func() bool {
		return p.decided(admin, behind, func(d why) bool {
			return d.Rule == "cadence_items" && d.Outcome == "placed" && d.SettingsRevision > 1 && d.Sentence != ""
		})
	})
}

// switchesATypeOff switches a plugin off while the host runs, and waits for a slot in which its type had no say.
func (p *program) switchesATypeOff(admin string) {
	p.t.Helper()
	if code := p.call(http.MethodPost, "/api/v1/admin/plugins/channel-identity/disable", admin, nil, nil); code != http.StatusOK {
		p.t.Fatalf("switched off: %d", code)
	}
	behind := p.lastDecision(admin)
	p.until("a slot was filled without it", later, func() bool {
		return p.decided(admin, behind, func(d why) bool {
			for _, c := range d.Candidates {
				if c.PromoType == "channel_identity" && c.Rejected != nil && *c.Rejected == "skipped" {
					return d.Outcome == "placed" && *d.PromoType != "channel_identity"
				}
			}
			return false
		})
	})
	var one struct{ State string }
	if p.call(http.MethodGet, "/api/v1/admin/plugins/channel-identity", admin, nil, &one); one.State != "disabled" {
		p.t.Errorf("the plugin is %s", one.State)
	}
}

// changesAFilm makes a film of everything from a minute on, and waits until the plugin says so.
func (p *program) changesAFilm(admin string) {
	p.t.Helper()
	const path = "/api/v1/admin/plugins/feature-presentation/settings"
	var refused struct {
		Error    struct{ Code string }
		Problems []struct{ Pointer, Sentence string }
	}
	if code := p.call(http.MethodPut, path, admin, map[string]any{"movie_threshold_seconds": 0}, &refused); code != http.StatusBadRequest ||
		refused.Error.Code != string(fault.Invalid) || len(refused.Problems) != 1 || refused.Problems[0].Pointer != "/movie_threshold_seconds" || refused.Problems[0].Sentence != "This must be 1 or more." {
		p.t.Errorf("%d %+v", code, refused)
	}
	if code := p.call(http.MethodPut, path, admin, map[string]any{"movie_threshold_seconds": 60}, nil); code != http.StatusOK {
		p.t.Fatalf("settings: %d", code)
	}
	behind := p.lastDecision(admin)
	p.until("the plugin was asked with its new settings", later, func() bool {
		return p.decided(admin, behind, func(d why) bool {
			return d.Outcome == "placed" && d.Reason != nil && strings.HasSuffix(*d.Reason, "a film from 60 s")
		})
	})
}

// everythingIsWell reads the overview: what was done here needs no hand.
func (p *program) everythingIsWell(admin string) {
	p.t.Helper()
	var o struct {
		Needs  []struct{ Code, Head string }
		Ledger struct{ True bool }
		Host   struct {
			Database int64 `json:"database_bytes"`
			Commit   int64 `json:"commit_us"`
			Memory   int64 `json:"memory_bytes"`
		}
		Today struct {
			Promos int `json:"promos_aired"`
		}
		Plugins struct{ Ready, Wanted, Off int }
	}
	p.until("the overview counts what aired", soon, func() bool {
		return p.call(http.MethodGet, "/api/v1/admin/overview", admin, nil, &o) == http.StatusOK && o.Today.Promos > 0
	})
	if !o.Ledger.True || o.Host.Database == 0 || o.Host.Commit == 0 || o.Host.Memory == 0 || o.Plugins.Off != 1 || o.Plugins.Ready != o.Plugins.Wanted {
		p.t.Errorf("%+v", o)
	}
	for _, n := range o.Needs {
		if strings.HasPrefix(n.Code, "p") || n.Code == "config" || n.Code == "channel" { // pools, plugins, permissions
			p.t.Errorf("needs a hand: %s", n.Head)
		}
	}
	if code := p.call(http.MethodPost, "/api/v1/admin/night", admin, nil, nil); code != http.StatusOK {
		p.t.Errorf("a night's work now: %d", code)
	}
}
