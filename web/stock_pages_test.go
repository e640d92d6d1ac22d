package web

import (
	"html"
	"strings"
	"testing"

	"playbill/core/audit"
	"playbill/core/jobs"
	"playbill/core/library"
	"playbill/sdk"
)

// TestStockPages: admins see every title, and why viewers do not see it or cannot request it.
func TestStockPages(t *testing.T) {
	const hour, day = 3_600_000, 24 * 3_600_000
	l, _ := stocked(t, "a", "b", "c", "d", "e")
	act := audit.Entry{Actor: "halcyon", AtMS: noon - hour}
	until, yes, none, names := int64(noon+day), true, int64(0), []string{"Noir, late", "Silent"}
	for id, p := range map[string]library.TitlePatch{"a": {ClosedToMS: &until}, "b": {Gone: &yes}, "c": {DurationMS: &none, Categories: &names}} {
		if _, err := l.EditTitle(t.Context(), sdk.Key{Type: "yt", ID: id}, p, act); err != nil {
			t.Fatal(err)
		}
	}
	l.Played(sdk.Key{Type: "yt", ID: "d"}, noon-day)
	if _, err := l.SavePlaylist(t.Context(), library.Playlist{Name: "Serial", Immutable: true, Items: []library.Item{{Media: sdk.Media{Type: "yt", ID: "e", Title: "E", DurationMS: 1}}}}, act); err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	o := w.options(t)
	o.Ports.Shelf, o.Ports.Titles, o.Ports.Stock, o.Ports.Stocking, o.Ports.Jobs = l, l, l, l, newJobs(t)
	o.Ports.RestedSince = func() int64 { return noon - 7*day }
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for path, want := range map[string][]string{
		"/admin/catalog":                        {"4 titles, one of them set aside", "played in the last 7 days is hidden from viewers: one now", "Nobody can request it until its length is known", "Noir, late, Silent"},
		"/admin/catalog?show=reserved":          {"1 title.", "It is in the non-preemptable playlist"},
		"/admin/catalog?show=closed":            {"1 title.", "Viewers see it and can request it again from 22 Nov 2026, 20:07."},
		"/admin/catalog?show=played":            {"1 title.", "It played on Fri 20 Nov at 20:07. Viewers see it again on Fri 27 Nov at 20:07."},
		"/admin/catalog?show=gone":              {"1 title.", "halcyon took it away today at 19:07."},
		"/admin/catalog?show=gone&q=zzz":        {"No title fits that."},
		"/admin/catalog?q=titel":                {"Did you mean"},
		"/admin/catalog/item?type=yt&id=b":      {"Bring it back", "halcyon took it away"},
		"/admin/catalog/item?type=yt&id=c":      {`value="Noir, late | Silent"`, `"categories":["Noir, late","Silent"]`},
		"/admin/catalog/import":                 {"No site is configured", "Nothing was imported yet", "Take the channel’s list (5)"},
		"/admin/catalog/item?type=yt&id=nobody": {"This title is not in the catalog"},
	} {
		body := html.UnescapeString(call{"GET", path, "admin", "", nil}.do(s).Body.String())
		for _, words := range want {
			if !strings.Contains(body, words) {
				t.Errorf("%s does not say %q", path, words)
			}
		}
		if got := (call{"GET", path, "viewer", "", nil}).do(s); got.Code != 403 {
			t.Errorf("a viewer at %s: %d", path, got.Code)
		}
	}
}

// TestImportsPage: jobs say how they ended, and one that a stop has cut what it had done.
func TestImportsPage(t *testing.T) {
	book := &jobBook{kept: []jobs.Job{
		{ID: 1, Kind: "import", Subject: "Import of films.csv", Actor: "halcyon", State: jobs.Done, StartedMS: noon - 9_000_000, Note: "2 titles added, 0 changed, 1 as they were.",
			Problems: []jobs.Problem{{Line: 4, Text: "yt,,x", Sentence: "A title needs an id."}}},
		{ID: 2, Kind: "import", Subject: "Import of a pasted list", State: jobs.Failed, StartedMS: noon, Note: "The disk is full."},
		{ID: 3, Kind: "import", Subject: "Import of more.csv", State: jobs.Running, Done: 4000, Total: 10_000, StartedMS: noon, UpdatedMS: noon},
		{ID: 4, Kind: "mediacms", Subject: "Sync with media.example", State: jobs.Running, Done: 50, StartedMS: noon, UpdatedMS: noon},
	}}
	room, err := jobs.Open(t.Context(), jobs.Options{Book: book, Now: func() int64 { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	o := w.options(t)
	o.Ports.Jobs = room
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	body := html.UnescapeString(call{"GET", "/admin/catalog/import", "admin", "", nil}.do(s).Body.String())
	for _, words := range []string{"2 titles added, 0 changed", "1 problem", "Line 4: yt,,x", "A title needs an id.", "Failed", "The disk is full.", "Interrupted",
		"Playbill stopped today at 20:07 while it ran, after 4,000 of 10,000. What was done stays. Import the same again", "The next sync goes on from there."} {
		if !strings.Contains(body, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
}
