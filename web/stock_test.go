package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/jobs"
	"playbill/core/library"
	"playbill/core/station"
	"playbill/sdk"
	"playbill/web/api"
)

// shelves is the storage of a library, in memory.
type shelves struct {
	titles map[sdk.Key]library.Title
	lists  []library.Playlist
	last   int64
	trail  []audit.Entry
}

func (s *shelves) Titles(context.Context) ([]library.Title, error) {
	var out []library.Title
	for _, t := range s.titles {
		out = append(out, t)
	}
	return out, nil
}

func (s *shelves) SaveTitles(_ context.Context, ts []library.Title, a audit.Entry) error {
	for _, t := range ts {
		s.titles[t.Media.Key()] = t
	}
	s.trail = append(s.trail, a)
	return nil
}

func (s *shelves) Playlists(context.Context) ([]library.Playlist, error) {
	return slices.Clone(s.lists), nil
}

func (s *shelves) SavePlaylist(_ context.Context, p library.Playlist, a audit.Entry) (library.Playlist, error) {
	p.Items = slices.Clone(p.Items)
	for i := range p.Items {
		if p.Items[i].ID == 0 {
			s.last++
			p.Items[i].ID = s.last
		}
	}
	s.trail = append(s.trail, a)
	p.Rev++
	for i, old := range s.lists {
		if old.ID == p.ID {
			if old.Rev+1 != p.Rev {
				return p, fault.New(fault.Changed, "It was changed.")
			}
			s.lists[i] = p
			return p, nil
		}
	}
	p.ID = int64(len(s.lists) + 1)
	s.lists = append(s.lists, p)
	return p, nil
}

func (s *shelves) DeletePlaylist(_ context.Context, id, _ int64, _ audit.Entry) error {
	s.lists = slices.DeleteFunc(s.lists, func(p library.Playlist) bool { return p.ID == id })
	return nil
}

// stocked is a library with some titles: a, b, c ...
func stocked(t testing.TB, names ...string) (*library.Library, *shelves) {
	s := &shelves{titles: map[sdk.Key]library.Title{}}
	l, err := library.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var titles []library.Title
	for i, name := range names {
		titles = append(titles, library.Title{Media: sdk.Media{Type: "yt", ID: name, Title: "Title " + name, DurationMS: int64(i+1) * 60_000}, Source: "test"})
	}
	if err := l.SaveTitles(t.Context(), titles, audit.Entry{Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	return l, s
}

// openStocked starts a server whose library is real.
func (w *world) openStocked(t testing.TB, l *library.Library) *Server {
	t.Helper()
	return w.openWith(t, l, w)
}

// openWith starts a server whose library and desk are others.
func (w *world) openWith(t testing.TB, l *library.Library, desk api.Desk) *Server {
	t.Helper()
	o := w.options(t)
	o.Ports.Desk = desk
	o.Ports.Shelf, o.Ports.Editor, o.Ports.Titles, o.Ports.Stock = l, l, l, l
	o.Ports.Stocking, o.Ports.Jobs = l, newJobs(t)
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestPlaylistEdits(t *testing.T) {
	l, stored := stocked(t, "a", "b", "c")
	s := newWorld().openStocked(t, l)
	const one = "/api/v1/admin/playlists/1"
	decodeBody(t, call{"POST", "/api/v1/admin/playlists", "admin", `{"name":"Idents"}`, nil}.do(s), 201)
	rev := 1
	edit := func(what string) string {
		t.Helper()
		got := decodeBody(t, call{"POST", one + "/edits", "admin", fmt.Sprintf(`{"rev":%d,%s}`, rev, what), nil}.do(s), 200)
		rev++
		var ids []string
		for _, i := range got["items"].([]any) {
			ids = append(ids, i.(map[string]any)["id"].(string))
		}
		return strings.Join(ids, "")
	}
	for _, step := range []struct{ what, want string }{
		{`"op":"add","items":[{"type":"yt","id":"a"},{"type":"yt","id":"b"},{"type":"yt","id":"c"},{"type":"yt","id":"d","title":"D","duration_seconds":9}]`, "abcd"},
		{`"op":"move","item_ids":[4],"to":"up"`, "abdc"},
		{`"op":"move","item_ids":[1],"at":2`, "bdac"},
		{`"op":"remove","item_ids":[2,3]`, "da"},
		{`"op":"undo"`, "bdac"},
		{`"op":"undo"`, "da"},
		{`"op":"terms","item_ids":[1],"terms":{"windows":"fri 22-2","rest_minutes":30}`, "da"},
	} {
		if got := edit(step.what); got != step.want {
			t.Errorf("%s leaves %s, want %s", step.what, got, step.want)
		}
	}
	whole := decodeBody(t, call{"GET", one, "admin", "", nil}.do(s), 200)
	item := whole["items"].([]any)[1].(map[string]any)
	if item["title"] != "Title a" || item["duration_seconds"] != 60.0 || item["windows"] != "fri 22-2" || item["rest_minutes"] != 30.0 ||
		whole["total_seconds"] != 69.0 || whole["can_undo"] != true {
		t.Errorf("%v", whole)
	}
	if last := stored.trail[len(stored.trail)-1]; last.Action != "playlist.edit" || last.After != "changed when 1 clip may air" || last.Actor != "halcyon" {
		t.Errorf("the trail has %+v", last)
	}
	for _, k := range []struct {
		call
		want int
	}{
		{call{"POST", one + "/edits", "admin", `{"rev":1,"op":"undo"}`, nil}, 409},
		{call{"POST", one + "/edits", "admin", `{"op":"undo"}`, nil}, 400},
		{call{"POST", one + "/edits", "admin", `{"rev":8,"op":"turn"}`, nil}, 400},
		{call{"POST", one + "/edits", "admin", `{"rev":8,"op":"terms","item_ids":[1],"terms":{"windows":"someday"}}`, nil}, 400},
		{call{"POST", one + "/edits", "viewer", `{"rev":8,"op":"undo"}`, nil}, 403},
		{call{"PATCH", one, "admin", `{"rev":8,"immutable":true}`, nil}, 200},
		{call{"PATCH", one, "admin", `{"rev":9,"promo_type":"event"}`, nil}, 409},
		{call{"POST", one + "/clone", "admin", `{}`, nil}, 201},
		{call{"GET", "/api/v1/admin/playlists?items=0", "admin", "", nil}, 200},
	} {
		if got := k.do(s); got.Code != k.want {
			t.Errorf("%s %s %s: %d %s", k.method, k.path, k.body, got.Code, got.Body)
		}
	}
	if p := l.Playlists()[1]; p.Name != "Idents (copy)" || p.Immutable || len(p.Items) != 2 {
		t.Errorf("the copy is %+v", p)
	}
}

func TestPlaylistText(t *testing.T) {
	l, _ := stocked(t, "a", "b")
	s := newWorld().openStocked(t, l)
	decodeBody(t, call{"POST", "/api/v1/admin/playlists", "admin", `{"name":"Idents"}`, nil}.do(s), 201)
	const text = `"text":"yt:a\n# nothing\nwhat is this\nhttps://youtu.be/aaaaaaaaaaa"`
	dry := decodeBody(t, call{"POST", "/api/v1/admin/playlists/1/import", "admin", `{"dry_run":true,` + text + `}`, nil}.do(s), 200)
	done := decodeBody(t, call{"POST", "/api/v1/admin/playlists/1/import", "admin", `{"rev":1,` + text + `}`, nil}.do(s), 200)
	for what, got := range map[string]map[string]any{"dry": dry, "done": done} {
		problems := got["problems"].([]any)
		if got["added"] != 2.0 || len(problems) != 1 || problems[0].(map[string]any)["line"] != 3.0 {
			t.Errorf("%s: %v", what, got)
		}
	}
	if rev := dry["playlist"].(map[string]any)["rev"]; rev != 1.0 {
		t.Errorf("a dry run made revision %v", rev)
	}
	out := call{"GET", "/api/v1/admin/playlists/1/export", "admin", "", nil}.do(s)
	if want := "# Idents\nyt:a # Title a\nyt:aaaaaaaaaaa # yt:aaaaaaaaaaa\n"; out.Body.String() != want {
		t.Errorf("exported %q, want %q", out.Body, want)
	}
}

func newEditor(t testing.TB) *library.Library {
	l, _ := stocked(t)
	return l
}

func TestTitlesAreEdited(t *testing.T) {
	l, stored := stocked(t, "a", "b")
	s := newWorld().openStocked(t, l)
	const one = "/api/v1/admin/catalog/item?type=yt&id=a"
	got := decodeBody(t, call{"PATCH", one, "admin", `{"people":["Ida Lupino"],"closed_from_ms":1,"closed_to_ms":99000000000000}`, nil}.do(s), 200)
	if got["closed"] != true || got["closed_to"] != "5107-03-10T08:00:00.000Z" || got["kept"].(map[string]any)["source"] != "test" {
		t.Errorf("%v", got)
	}
	seen := decodeBody(t, call{"GET", "/api/v1/catalog?q=lupino", "viewer", "", nil}.do(s), 200)
	if title := seen["titles"].([]any)[0].(map[string]any); title["closed"] != true || title["kept"] != nil {
		t.Errorf("a viewer sees %v", title)
	}
	if last := stored.trail[len(stored.trail)-1]; last.Action != "catalog.edit" || last.Subject != "“Title a”" || last.Before == last.After {
		t.Errorf("the trail has %+v", last)
	}
	decodeBody(t, call{"PATCH", one, "admin", `{"gone":true}`, nil}.do(s), 200)
	if code := (call{"GET", "/api/v1/catalog/item?type=yt&id=a", "admin", "", nil}).do(s).Code; code != 404 {
		t.Errorf("a title that is gone: %d", code)
	}
	gone := decodeBody(t, call{"GET", "/api/v1/admin/catalog/gone", "admin", "", nil}.do(s), 200)
	if gone["total"] != 1.0 || gone["titles"].([]any)[0].(map[string]any)["kept"].(map[string]any)["gone_by"] != "halcyon" {
		t.Errorf("gone: %v", gone)
	}
	decodeBody(t, call{"PATCH", one, "admin", `{"gone":false}`, nil}.do(s), 200)
	for _, k := range []struct {
		call
		want int
	}{
		{call{"GET", "/api/v1/catalog/item?type=yt&id=a", "", "", nil}, 200},
		{call{"PATCH", "/api/v1/admin/catalog/item?type=yt&id=z", "admin", `{}`, nil}, 404},
		{call{"PATCH", one, "admin", `{"closed_from_ms":5,"closed_to_ms":5}`, nil}, 400},
		{call{"PATCH", one, "viewer", `{}`, nil}, 403},
		{call{"GET", "/api/v1/catalog?sort=moon", "", "", nil}, 400},
		{call{"GET", "/api/v1/catalog/names", "", "", nil}, 200},
	} {
		if got := k.do(s); got.Code != k.want {
			t.Errorf("%s %s: %d %s", k.method, k.path, got.Code, got.Body)
		}
	}
	cheap := decodeBody(t, call{"GET", "/api/v1/catalog?max_price=100", "", "", nil}.do(s), 200)
	fair := decodeBody(t, call{"GET", "/api/v1/catalog?max_price=250&min_seconds=61", "", "", nil}.do(s), 200)
	if cheap["total"] != 0.0 || fair["total"] != 1.0 {
		t.Errorf("for 100 coins %v, for 250 %v", cheap["total"], fair["total"])
	}
}

// jobBook keeps jobs in memory.
type jobBook struct {
	mu   sync.Mutex
	kept []jobs.Job
}

func (b *jobBook) SaveJob(_ context.Context, j jobs.Job) (jobs.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if j.ID == 0 {
		b.kept = append(b.kept, j)
		j.ID = int64(len(b.kept))
	}
	b.kept[j.ID-1] = j
	return j, nil
}

func (b *jobBook) Jobs(context.Context, int) ([]jobs.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.kept)
	slices.Reverse(out)
	return out, nil
}

func newJobs(t testing.TB) *jobs.Room {
	r, err := jobs.Open(t.Context(), jobs.Options{Book: &jobBook{}, Now: func() int64 { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestImports(t *testing.T) {
	l, _ := stocked(t, "a")
	s := newWorld().openStocked(t, l)
	const at = "/api/v1/admin/catalog/imports?format="
	const text = "type,id,title,length,people\nyt,a,Title a,60,\nyt,b,The Bigamist,1:19:00,Ida Lupino\nyt,c,,5,\n"
	dry := decodeBody(t, call{"POST", at + "csv&dry_run=1", "admin", text, nil}.do(s), 200)
	if dry["added"] != 1.0 || dry["changed"] != 1.0 || dry["job"] != nil || dry["problems"].([]any)[0].(map[string]any)["line"] != 4.0 {
		t.Errorf("a dry run: %v", dry)
	}
	if l.Search(library.Query{Text: "bigamist"}).Total != 0 {
		t.Error("a dry run imports")
	}
	decodeBody(t, call{"POST", at + "csv", "admin", text, nil}.do(s), 202)
	var last map[string]any
	for range 200 { // the job runs beside
		all := decodeBody(t, call{"GET", "/api/v1/admin/jobs", "admin", "", nil}.do(s), 200)
		if last = all["jobs"].([]any)[0].(map[string]any); last["state"] != "running" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if last["state"] != "done" || last["note"] != "1 title added, 1 changed, 0 as they were." || len(last["problems"].([]any)) != 1 || last["subject"] != "Import of a CSV file" {
		t.Errorf("the job: %v", last)
	}
	if l.Search(library.Query{Text: "lupino"}).Total != 1 {
		t.Error("what was imported is not found")
	}
	listed := decodeBody(t, call{"POST", at + "channel&dry_run=1", "admin", "", nil}.do(s), 200)
	if listed["added"] != 5.0 { // promos are none
		t.Errorf("from the channel: %v", listed)
	}
	for _, k := range []struct {
		call
		want int
	}{
		{call{"POST", at + "xml", "admin", text, nil}, 400},
		{call{"POST", at + "json", "admin", "[]", nil}, 400},
		{call{"POST", at + "csv", "viewer", text, nil}, 403},
		{call{"POST", "/api/v1/admin/catalog/sync", "admin", "", nil}, 404},
	} {
		if got := k.do(s); got.Code != k.want {
			t.Errorf("%s %s: %d %s", k.method, k.path, got.Code, got.Body)
		}
	}
	ended := call{"DELETE", "/api/v1/admin/jobs/1", "admin", "", nil}
	code := 0
	for range 200 { // its row is done before its goroutine is
		if code = ended.do(s).Code; code == 404 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("a job that has ended can be cancelled: %d", code)
}

func TestProbe(t *testing.T) {
	l, _ := stocked(t, "a")
	if _, err := l.SavePlaylist(t.Context(), library.Playlist{Name: "Idents", PromoType: "event", Items: []library.Item{clip("a"), clip("bad")}}, audit.Entry{Actor: "a"}); err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	o := w.options(t)
	o.Ports.Shelf = l
	o.Ports.Probe = func(_ context.Context, m sdk.Media) (station.Edited, error) {
		if m.ID == "bad" {
			return station.Edited{}, fault.New(fault.Media, "This video is private.")
		}
		return station.Edited{Outcome: channel.Done}, nil
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for id, want := range map[string]string{"a": "The channel takes it.", "bad": "The channel refuses it: This video is private."} {
		body := fmt.Sprintf(`{"key":%q}`, sdk.Key{Type: "yt", ID: id}.ClipKey())
		got := decodeBody(t, call{"POST", "/api/v1/admin/promos/clips/probe", "admin", body, nil}.do(s), 200)
		if got["message"] != want || got["taken"] != (id == "a") || got["known"] != true {
			t.Errorf("%s: %v", id, got)
		}
	}
	if code := (call{"POST", "/api/v1/admin/promos/clips/probe", "admin", `{"key":"none"}`, nil}).do(s).Code; code != 404 {
		t.Errorf("no clip: %d", code)
	}
}
