package store

import (
	"testing"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/sdk"
)

func clip(id string) library.Item {
	return library.Item{Media: sdk.Media{Type: "yt", ID: id, Title: "Clip " + id, DurationMS: 9000}}
}

func TestPlaylists(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	act := audit.Entry{AtMS: 5, Actor: "ann", Action: "playlist.save", Subject: "Idents"}
	full := clip("b")
	full.StartsAtMS, full.EndsAtMS, full.Windows, full.RestMinutes = 1, 2, "fri 20-24", 30
	full.Tags, full.Evergreen, full.Refusals, full.RefusedWhy = []string{"winter", "a,b"}, true, 2, "private video"
	saved, err := c.SavePlaylist(t.Context(), library.Playlist{Name: "Idents", PromoType: "channel_identity", Items: []library.Item{clip("a"), full}}, act)
	if err != nil {
		t.Fatal(err)
	}
	if saved.ID != 1 || saved.Rev != 1 || saved.Items[1].ID != 2 {
		t.Errorf("saved as %+v", saved)
	}
	stored, err := c.Playlists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "stored", stored, []library.Playlist{saved})

	moved := saved
	moved.Items = []library.Item{saved.Items[1], clip("c"), saved.Items[0]}
	moved, err = c.SavePlaylist(t.Context(), moved, act)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "ids are kept", []int64{moved.Items[0].ID, moved.Items[1].ID, moved.Items[2].ID}, []int64{2, 3, 1})
	same(t, "rev", moved.Rev, int64(2))

	both, taken, lost := moved, library.Playlist{Name: "Idents"}, moved
	both.Immutable, lost.ID = true, 77
	for _, bad := range []struct {
		name string
		p    library.Playlist
		code fault.Code
	}{
		{"stale", saved, fault.Changed}, {"both", both, fault.Conflict}, {"name taken", taken, fault.Conflict}, {"lost", lost, fault.NotFound},
	} {
		if _, err := c.SavePlaylist(t.Context(), bad.p, act); !fault.Is(err, bad.code) {
			t.Errorf("%s: %v", bad.name, err)
		}
	}
	if err := raw(t.Context(), db, `INSERT INTO schedules (channel, schedule_id, playlist_id, label, start_local) VALUES ('lounge', 1, 1, 'Serial Club', 'x')`); err != nil {
		t.Fatal(err)
	}
	if err := c.DeletePlaylist(t.Context(), 1, 2, act); !fault.Is(err, fault.Conflict) {
		t.Errorf("in use: %v", err)
	}
	if err := raw(t.Context(), db, "DELETE FROM schedules"); err != nil {
		t.Fatal(err)
	}
	if err := c.DeletePlaylist(t.Context(), 1, 1, act); !fault.Is(err, fault.Changed) {
		t.Errorf("stale: %v", err)
	}
	if err := c.DeletePlaylist(t.Context(), 1, 2, act); err != nil {
		t.Fatal(err)
	}
	next, err := c.SavePlaylist(t.Context(), library.Playlist{Name: "Idents"}, audit.Entry{})
	if err != nil || next.ID != 2 {
		t.Errorf("an id came back: %+v, %v", next, err)
	}
	trail, err := c.AuditTrail(t.Context(), audit.Query{Limit: 2, BeforeID: 3})
	if err != nil || len(trail) != 2 || trail[0].ID != 2 || trail[1].Subject != "Idents" {
		t.Errorf("audit %+v, %v", trail, err)
	}
}

func TestTheCatalog(t *testing.T) {
	c := claim(t, open(t))
	a := library.Title{Media: sdk.Media{Type: "yt", ID: "a", Title: "A", DurationMS: 1}, Description: "d", Year: 1922, Categories: []string{"Silent"},
		Tags: []string{"x"}, ArtURL: "u", Source: "import", AddedAtMS: 5}
	b := library.Title{Media: sdk.Media{Type: "cm", ID: "b", Title: "B"}, Source: "mediacms", AddedAtMS: 6, GoneAtMS: 9, GoneBy: "mediacms",
		People: []string{"Ida Lupino"}, ClosedFromMS: 3, ClosedToMS: 8}
	if err := c.SaveTitles(t.Context(), []library.Title{b, a}, audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	later := a
	later.AddedAtMS, later.Media.Title = 99, "A2"
	if err := c.SaveTitles(t.Context(), []library.Title{later}, audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	later.AddedAtMS = 5
	got, err := c.Titles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "titles", got, []library.Title{later, b})
}

func TestTokens(t *testing.T) {
	c := claim(t, open(t))
	k := access.Token{Name: "robot", RankTenths: 30, CreatedBy: "cli", CreatedAtMS: testNow, ExpiresAtMS: testNow + 10*60_000}
	sha := [32]byte{1}
	if err := c.CreateToken(t.Context(), k, sha, audit.Entry{Actor: "cli", Action: "token.create", Subject: "robot"}); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateToken(t.Context(), k, [32]byte{2}); !fault.Is(err, fault.Conflict) {
		t.Errorf("the name again: %v", err)
	}
	use := func(nowMS int64) access.Token {
		k, err := c.TokenBySHA(t.Context(), sha, nowMS)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	same(t, "first use", use(testNow).UsedAtMS, testNow)
	same(t, "within the minute", use(testNow+1000).UsedAtMS, testNow)
	same(t, "after it", use(testNow+60_000).UsedAtMS, testNow+60_000)
	for name, err := range map[string]error{
		"unknown": second(c.TokenBySHA(t.Context(), [32]byte{9}, testNow)),
		"expired": second(c.TokenBySHA(t.Context(), sha, k.ExpiresAtMS)),
	} {
		if !fault.Is(err, fault.Unauthorized) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.RevokeToken(t.Context(), "robot", testNow); err != nil {
		t.Fatal(err)
	}
	if err := c.RevokeToken(t.Context(), "robot", testNow); !fault.Is(err, fault.NotFound) {
		t.Errorf("twice: %v", err)
	}
	if err := second(c.TokenBySHA(t.Context(), sha, testNow)); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("revoked: %v", err)
	}
	if err := c.CreateToken(t.Context(), k, [32]byte{2}); err != nil {
		t.Errorf("the name after it was revoked: %v", err)
	}
	all, err := c.Tokens(t.Context())
	if err != nil || len(all) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestPluginsAreRemembered(t *testing.T) {
	c := claim(t, open(t))
	p := Supervised{Plugin: "p", Wanted: true, State: "backoff", Reason: "crashed", SHA256: "ab", CrashesMS: []int64{1, 2}, RetryAtMS: 9, Tail: "boom"}
	if err := c.SavePlugin(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	p.State, p.RetryAtMS = "quarantined", 0
	if err := c.SavePlugin(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	got, err := c.Plugins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "plugins", got, []Supervised{p})
}
