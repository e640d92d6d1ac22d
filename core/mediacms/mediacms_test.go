package mediacms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/audit"
	"playbill/core/jobs"
	"playbill/core/library"
	"playbill/core/outside"
	"playbill/sdk"
)

// cms is a server that behaves like MediaCMS with manifests for CyTube.
type cms struct {
	mu     sync.Mutex
	media  []map[string]any
	perPg  int
	asked  []string
	broken map[string]string // path to what is wrong there: "500 twice", "html", "long", ...
	times  map[string]int
}

func (s *cms) add(tokens ...string) *cms {
	for _, token := range tokens {
		s.media = append(s.media, map[string]any{"friendly_token": token, "title": "Film " + token, "description": "About " + token,
			"media_type": "video", "state": "public", "encoding_status": "success", "duration": 60, "thumbnail_url": "/thumbs/" + token + ".jpg",
			"add_date": "2026-11-02T10:00:00.000000Z", "url": "https://media.example/view?m=" + token})
	}
	return s
}

func (s *cms) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := r.URL.Path
	if page := r.URL.Query().Get("page"); page != "" {
		at += "?" + page
	}
	s.asked = append(s.asked, at)
	if s.fails(w, at) {
		return
	}
	token, manifest := strings.CutPrefix(r.URL.Path, "/api/v1/media/cytube/")
	if !manifest && r.Header.Get("Authorization") != "Token secret" {
		http.Error(w, `{"detail":"Invalid token."}`, http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if manifest {
		s.one(w, strings.TrimSuffix(token, ".json"), map[string]any{"title": "x", "duration": 61.9, "live": false,
			"sources": []any{map[string]any{"url": "https://media.example/" + token + ".mp4", "quality": 720, "contentType": "video/mp4"}}})
		return
	}
	if token, detail := strings.CutPrefix(r.URL.Path, "/api/v1/media/"); detail {
		s.one(w, token, map[string]any{"friendly_token": token, "state": "public", "tags_info": []any{map[string]any{"title": "noir | night"}},
			"categories_info": []any{map[string]any{"title": "Drama"}}})
		return
	}
	s.page(w, r)
}

// fails answers for a path at which something is wrong.
func (s *cms) fails(w http.ResponseWriter, at string) bool {
	what := s.broken[at]
	if s.times[at]++; what == "" || what == "500 twice" && s.times[at] > 2 {
		return false
	}
	switch what {
	case "html":
		_, _ = fmt.Fprint(w, "<html>")
	case "long":
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"title":"`+strings.Repeat("x", 101<<10)+`"}`)
	case "cut":
		_, _ = fmt.Fprint(w, `{"count":3,"results":[{"friendly_`)
	case "live":
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"live":true,"duration":60,"sources":[{"url":"https://x"}]}`)
	case "http":
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"duration":60,"sources":[{"url":"http://x"}]}`)
	default:
		http.Error(w, "no", http.StatusInternalServerError)
	}
	return true
}

func (s *cms) one(w http.ResponseWriter, token string, answer map[string]any) {
	i := slices.IndexFunc(s.media, func(m map[string]any) bool { return m["friendly_token"] == token })
	if i < 0 {
		http.Error(w, `{"detail":"media does not exist"}`, http.StatusNotFound)
		return
	}
	if state := s.media[i]["state"]; answer["state"] != nil {
		answer["state"] = state
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *cms) page(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	from, to := min((n-1)*s.perPg, len(s.media)), min(n*s.perPg, len(s.media))
	if from == to && n > 1 {
		http.Error(w, `{"detail":"Invalid page."}`, http.StatusNotFound)
		return
	}
	var next *string
	if to < len(s.media) {
		next = new(fmt.Sprintf("http://%s/api/v1/media?page=%d", r.Host, n+1))
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"count": len(s.media), "next": next, "previous": nil, "results": s.media[from:to]})
}

// wire hands requests to the server without a network, so that time can be virtual.
type wire struct{ to http.Handler }

func (w wire) Get(ctx context.Context, address string, header http.Header, limit int64) (outside.Reply, error) {
	if err := ctx.Err(); err != nil {
		return outside.Reply{}, err
	}
	req := httptest.NewRequest(http.MethodGet, address, nil)
	if header != nil {
		req.Header = header
	}
	rec := httptest.NewRecorder()
	w.to.ServeHTTP(rec, req)
	if int64(rec.Body.Len()) > limit {
		return outside.Reply{}, outside.ErrLong
	}
	kind, _, _ := strings.Cut(rec.Header().Get("Content-Type"), ";")
	return outside.Reply{Status: rec.Code, Type: kind, Body: rec.Body.Bytes()}, nil
}

// shelves and book keep nothing but memory.
type shelves struct{ trail []audit.Entry }

func (s *shelves) Titles(context.Context) ([]library.Title, error) { return nil, nil }
func (s *shelves) SaveTitles(_ context.Context, _ []library.Title, a audit.Entry) error {
	if a.Action != "" {
		s.trail = append(s.trail, a)
	}
	return nil
}
func (s *shelves) Playlists(context.Context) ([]library.Playlist, error) { return nil, nil }
func (s *shelves) SavePlaylist(_ context.Context, p library.Playlist, _ audit.Entry) (library.Playlist, error) {
	return p, nil
}
func (s *shelves) DeletePlaylist(context.Context, int64, int64, audit.Entry) error { return nil }

type book struct {
	mu   sync.Mutex
	kept []jobs.Job
}

func (b *book) SaveJob(_ context.Context, j jobs.Job) (jobs.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if j.ID == 0 {
		b.kept = append(b.kept, j)
		j.ID = int64(len(b.kept))
	}
	b.kept[j.ID-1] = j
	return j, nil
}

func (b *book) Jobs(context.Context, int) ([]jobs.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.kept)
	slices.Reverse(out)
	return out, nil
}

// scene is a site, a catalog, and a syncer between them.
type scene struct {
	t     *testing.T
	site  *cms
	lib   *library.Library
	trail *shelves
	book  *book
	room  *jobs.Room
	sync  *Syncer
}

func newScene(t *testing.T, tokens ...string) *scene {
	s := &scene{t: t, site: (&cms{perPg: 2, broken: map[string]string{}, times: map[string]int{}}).add(tokens...), trail: &shelves{}, book: &book{}}
	var err error
	if s.lib, err = library.Open(t.Context(), s.trail); err != nil {
		t.Fatal(err)
	}
	s.open()
	return s
}

func (s *scene) open() {
	var err error
	now := func() int64 { return time.Now().UnixMilli() }
	if s.room, err = jobs.Open(s.t.Context(), jobs.Options{Book: s.book, Now: now}); err != nil {
		s.t.Fatal(err)
	}
	s.sync = New(Options{URL: "http://media.example/", Token: "secret", Web: wire{s.site}, Catalog: s.lib, Jobs: s.room, Every: time.Hour, Now: now})
}

// run does one sync and returns how it ended.
func (s *scene) run() string {
	if _, err := s.sync.Start(s.t.Context(), "ada"); err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	j := s.book.kept[len(s.book.kept)-1]
	out := fmt.Sprintf("%s: %s", j.State, j.Note)
	for _, p := range j.Problems {
		out += " " + p.Text + ": " + p.Sentence
	}
	return out
}

func (s *scene) titles() string {
	var names []string
	for _, t := range s.lib.Titles() {
		names = append(names, strings.TrimPrefix(t.Media.Title, "Film "))
	}
	slices.Sort(names)
	return strings.Join(names, "")
}

func bubble(t *testing.T, f func(t *testing.T)) { synctest.Test(t, f) }

func TestSync(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScene(t, "a", "b", "c")
		defer s.room.Close()
		if got := s.run(); got != "done: 3 media read, 3 titles added or changed, 0 gone." || s.titles() != "abc" {
			t.Fatalf("%s, %s", got, s.titles())
		}
		title, _ := s.lib.Title(sdk.Key{Type: "cm", ID: "http://media.example/api/v1/media/cytube/a.json?format=json"})
		want := library.Title{Media: sdk.Media{Type: "cm", ID: "http://media.example/api/v1/media/cytube/a.json?format=json", Title: "Film a", DurationMS: 61_000},
			Description: "About a", Source: "mediacms", ArtURL: "http://media.example/thumbs/a.jpg", Tags: []string{"noir night"}, Categories: []string{"Drama"},
			AddedAtMS: time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC).UnixMilli()}
		if fmt.Sprint(title) != fmt.Sprint(want) {
			t.Errorf("%+v, want %+v", title, want)
		}
		before := len(s.site.asked)
		if got := s.run(); got != "done: 3 media read, 0 titles added or changed, 0 gone." || len(s.site.asked) != before+2 {
			t.Errorf("a second time: %s, it asked %v", got, s.site.asked[before:])
		}
		if last := s.trail.trail[len(s.trail.trail)-1]; last.Action != "catalog.sync" || last.Actor != "ada" || last.Subject != "media.example" {
			t.Errorf("the trail has %+v", last)
		}
	})
}

func TestWhatVanishedAndWhatDidNot(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScene(t, "a", "b", "c", "d")
		defer s.room.Close()
		s.run()
		s.site.media = slices.Delete(s.site.media, 1, 2) // b is deleted
		s.site.media[1]["state"] = "private"             // c is withdrawn
		s.site.media[2]["title"] = "Film D"
		if got := s.run(); got != "done: 3 media read, 1 titles added or changed, 2 gone." || s.titles() != "Da" || len(s.lib.Gone()) != 2 {
			t.Errorf("%s, %s", got, s.titles())
		}
		all := s.site.media
		s.site.media = nil // the list came back empty, but each media is there when it is asked for
		s.site.broken["/api/v1/media?1"] = ""
		empty := &cms{perPg: 2, broken: map[string]string{}, times: map[string]int{}}
		s.sync.site.web = split{list: wire{empty}, rest: wire{&cms{perPg: 2, media: all, broken: map[string]string{}, times: map[string]int{}}}}
		if got := s.run(); got != "done: 0 media read, 0 titles added or changed, 0 gone." || s.titles() != "Da" {
			t.Errorf("an empty list: %s, %s", got, s.titles())
		}
		s.sync.site.web = wire{s.site}
		s.site.media = all
		all[1]["state"] = "public"
		if got := s.run(); s.titles() != "Dac" {
			t.Errorf("what comes back: %s, %s", got, s.titles())
		}
	})
}

// split answers for the list from one server and for everything else from another.
type split struct{ list, rest wire }

func (s split) Get(ctx context.Context, address string, header http.Header, limit int64) (outside.Reply, error) {
	if strings.Contains(address, "?page=") {
		return s.list.Get(ctx, address, header, limit)
	}
	return s.rest.Get(ctx, address, header, limit)
}

func TestProbes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScene(t, "a", "b", "c", "d", "e", "f")
		defer s.room.Close()
		for token, what := range map[string]string{"a": "500 twice", "b": "html", "c": "long", "d": "live", "e": "http"} {
			s.site.broken["/api/v1/media/cytube/"+token+".json"] = what
		}
		want := "done: 6 media read, 2 titles added or changed, 0 gone." +
			" Film b: The channel will not take its manifest: it is \"text/html\" and not application/json." +
			" Film c: The channel will not take its manifest: it is longer than 100 KB." +
			" Film d: The channel will not take its manifest: it has no length." +
			" Film e: The channel will not take its manifest: a source is not linked by https."
		if got := s.run(); got != want || s.titles() != "af" {
			t.Errorf("%s, %s", got, s.titles())
		}
	})
}

// A sync that was cut goes on from its page, and nothing is taken for vanished by it.
func TestCutSyncGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScene(t, "a", "b", "c", "d", "e")
		s.site.broken["/api/v1/media?2"] = "500"
		if got := s.run(); !strings.HasPrefix(got, "failed: It failed: page 2 of the list: the site answers 500.") || s.titles() != "ab" {
			t.Errorf("%s, %s", got, s.titles())
		}
		s.room.Close()
		s.open()
		delete(s.site.broken, "/api/v1/media?2")
		before := len(s.site.asked)
		if got := s.run(); !strings.Contains(got, "It went on from where") || s.titles() != "abcde" || slices.Contains(s.site.asked[before:], "/api/v1/media?1") {
			t.Errorf("%s, %s", got, s.titles())
		}
		if got := s.run(); got != "done: 5 media read, 0 titles added or changed, 0 gone." {
			t.Errorf("the next one: %s", got)
		}
		s.room.Close()
	})
}

func TestFaults(t *testing.T) {
	for what, want := range map[string]string{"html": "is not what MediaCMS answers", "cut": "is not what MediaCMS answers", "500": "the site answers 500"} {
		bubble(t, func(t *testing.T) {
			s := newScene(t, "a")
			defer s.room.Close()
			s.run()
			s.site.broken["/api/v1/media?1"] = what
			if got := s.run(); !strings.HasPrefix(got, "failed") || !strings.Contains(got, want) || s.titles() != "a" {
				t.Errorf("%s: %s, %s", what, got, s.titles())
			}
		})
	}
	bubble(t, func(t *testing.T) {
		s := newScene(t, "a")
		defer s.room.Close()
		s.sync.site.token = "old"
		if got := s.run(); got != "failed: The site refuses the token. Put a valid one in the mediacms block of the configuration." {
			t.Error(got)
		}
	})
}

func TestEveryHour(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScene(t, "a")
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.sync.Run(ctx); close(done) }()
		time.Sleep(150 * time.Minute)
		if all, err := s.room.List(t.Context()); err != nil || len(all) != 3 {
			t.Errorf("%d syncs in two and a half hours, %v", len(all), err)
		}
		stop()
		<-done
		s.room.Close()
	})
}

// Over a real connection, to a host that is named and to no other.
func TestOverTheWire(t *testing.T) {
	site := (&cms{perPg: 2, times: map[string]int{}}).add("a", "b", "c")
	server := httptest.NewServer(site)
	defer server.Close()
	lib, err := library.Open(t.Context(), &shelves{})
	if err != nil {
		t.Fatal(err)
	}
	room, err := jobs.Open(t.Context(), jobs.Options{Book: &book{}, Now: func() int64 { return 1 }})
	if err != nil {
		t.Fatal(err)
	}
	web := outside.New(outside.Options{Hosts: []string{"127.0.0.1"}, Private: true})
	defer web.Close()
	s := New(Options{URL: server.URL, Token: "secret", Web: web, Catalog: lib, Jobs: room, Now: func() int64 { return 1 }})
	if _, err := s.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if all, _ := room.List(t.Context()); all[0].State != jobs.Running {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	room.Close()
	if len(lib.Titles()) != 3 {
		t.Errorf("%d titles", len(lib.Titles()))
	}
}
