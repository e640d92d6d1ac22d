package web

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"playbill/core/audit"
	"playbill/core/library"
	"playbill/sdk"
)

// TestPicksCountWhatTheyLeadTo: a category says one number, on its pick, on its shelf and on its page, whoever looks.
func TestPicksCountWhatTheyLeadTo(t *testing.T) {
	l, _ := stocked(t, "a", "b", "c")
	act := audit.Entry{Actor: "test"}
	in := []string{"Silent"}
	for _, id := range []string{"a", "b", "c"} {
		if _, err := l.EditTitle(t.Context(), sdk.Key{Type: "yt", ID: id}, library.TitlePatch{Categories: &in}, act); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.SavePlaylist(t.Context(), library.Playlist{Name: "Idents", Immutable: true, Items: []library.Item{{Media: sdk.Media{Type: "yt", ID: "a", Title: "A", DurationMS: 1000}}}}, act); err != nil {
		t.Fatal(err)
	}
	s := newWorld().openStocked(t, l)
	for who, want := range map[string]string{"viewer": "2", "admin": "3"} {
		whole := call{"GET", "/catalog", who, "", nil}.do(s).Body.String()
		if pick := regexp.MustCompile(`Silent <small>(\d+)</small>`).FindStringSubmatch(whole); pick == nil || pick[1] != want {
			t.Errorf("%s: the pick says %v", who, pick)
		}
		if shelf := regexp.MustCompile(`See all (\d+)`).FindStringSubmatch(whole); shelf == nil || shelf[1] != want {
			t.Errorf("%s: the shelf says %v", who, shelf)
		}
		if page := (call{"GET", "/catalog?category=Silent", who, "", nil}).do(s).Body.String(); !strings.Contains(page, want+" titles in Silent") {
			t.Errorf("%s: the category has another number", who)
		}
	}
}

// TestTitleIsTakenBack: a change of a title is undone from the trail, once nobody has changed the title again.
func TestTitleIsTakenBack(t *testing.T) {
	l, stored := stocked(t, "a")
	w := newWorld()
	s := w.openStocked(t, l)
	const one = "/api/v1/admin/catalog/item?type=yt&id=a"
	change := func(body string) string {
		t.Helper()
		decodeBody(t, call{"PATCH", one, "admin", body, nil}.do(s), 200)
		w.bureau.trail = append(w.bureau.trail, stored.trail[len(stored.trail)-1])
		w.bureau.trail[len(w.bureau.trail)-1].ID = int64(len(w.bureau.trail))
		return fmt.Sprintf("/api/v1/admin/audit/%d/undo", len(w.bureau.trail))
	}
	first := change(`{"title":"Another","tags":["x"],"closed_from_ms":5,"gone":true}`)
	second := change(`{"title":"A third"}`)
	if got := (call{"POST", first, "admin", "", nil}).do(s); got.Code != 409 || code(t, got) != "changed" {
		t.Errorf("changed since: %d %s", got.Code, got.Body)
	}
	decodeBody(t, call{"POST", second, "admin", "", nil}.do(s), 200)
	if got := decodeBody(t, call{"POST", first, "admin", "", nil}.do(s), 200); got["sentence"] != "“Title a” is as it was." {
		t.Errorf("it says %v", got)
	}
	if last := stored.trail[len(stored.trail)-1]; last.Action != "audit.undo" || last.Undoes != 1 {
		t.Errorf("the trail has %+v", last)
	}
	now, there := l.Title(sdk.Key{Type: "yt", ID: "a"})
	if !there || now.Media.Title != "Title a" || len(now.Tags) != 0 || now.ClosedFromMS != 0 || now.Media.DurationMS != 60_000 {
		t.Errorf("it is %+v", now)
	}
}

// TestTitleByLink: one title is added by what names it.
func TestTitleByLink(t *testing.T) {
	l, stored := stocked(t, "a")
	s := newWorld().openStocked(t, l)
	const at = "/api/v1/admin/catalog/item"
	got := decodeBody(t, call{"POST", at, "admin", `{"ref":"https://youtu.be/dQw4w9WgXcQ","title":"A song","duration_seconds":212,"categories":["Music"]}`, nil}.do(s), 201)
	if got["title"] != "A song" || got["media"].(map[string]any)["id"] != "dQw4w9WgXcQ" || got["duration_seconds"] != 212.0 {
		t.Errorf("%v", got)
	}
	if last := stored.trail[len(stored.trail)-1]; last.Action != "catalog.save" || last.Subject != "“A song”" {
		t.Errorf("the trail has %+v", last)
	}
	for body, want := range map[string]string{
		`{"ref":"https://youtu.be/dQw4w9WgXcQ"}`:                    "“A song” is in the catalog already.",
		`{"ref":"yt:b","year":-1}`:                                  "the year has four digits.",
		`{"ref":"the song about the rabbit"}`:                       "neither type:id",
		`{"ref":"https://films.example/one"}`:                       "",
		`{"ref":"yt:c","title":"C","duration_seconds":99999999999}`: "whole number of seconds",
	} {
		if got := (call{"POST", at, "admin", body, nil}).do(s); got.Code < 400 || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d %s", body, got.Code, got.Body)
		}
	}
	if got := (call{"POST", at, "viewer", `{"ref":"yt:d"}`, nil}).do(s); got.Code != 403 {
		t.Errorf("a viewer: %d", got.Code)
	}
}

// TestPictures: wherever a title is shown its picture comes from here, and a drawing stands for one that has none. What is
// set aside has its picture as long as everybody sees it on the list.
func TestPictures(t *testing.T) {
	l, _ := stocked(t, "a", "mThe General", "mA Trip to the Moon", "aside")
	address, act := "https://pictures.example/a.jpg", audit.Entry{Actor: "test"}
	for _, id := range []string{"a", "mThe General", "aside"} {
		if _, err := l.EditTitle(t.Context(), sdk.Key{Type: "yt", ID: id}, library.TitlePatch{ArtURL: &address}, act); err != nil {
			t.Fatal(err)
		}
	}
	item := func(id string) library.Item {
		return library.Item{Media: sdk.Media{Type: "yt", ID: id, Title: id, DurationMS: 1000}}
	}
	if _, err := l.SavePlaylist(t.Context(), library.Playlist{Name: "Event", Immutable: true, Items: []library.Item{item("mThe General"), item("aside")}}, act); err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	o := w.options(t)
	o.Ports.Shelf, o.Ports.Titles, o.Ports.Stock = l, l, l
	o.Ports.Pictures = func(_ context.Context, from string) (string, []byte, error) {
		return "image/jpeg", []byte(from), nil
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for path, want := range map[string]string{
		"/catalog":                   `src="/art?id=a&type=yt"`,
		"/catalog/item?type=yt&id=a": `src="/art?id=a&type=yt"`,
		"/queue":                     `src="/art?id=mThe+General&type=yt"`,
		"/api/v1/queue":              `"art":"/art?id=mThe+General\u0026type=yt"`,
	} {
		body := html.UnescapeString(call{"GET", path, "", "", nil}.do(s).Body.String())
		if !strings.Contains(body, want) || strings.Contains(body, "pictures.example") {
			t.Errorf("%s shows no picture of ours", path)
		}
	}
	for id, want := range map[string]int{"a": 200, "mThe+General": 200, "aside": 302, "mA+Trip+to+the+Moon": 302, "nobody": 302} {
		if got := (call{"GET", "/art?type=yt&id=" + id, "", "", nil}).do(s); got.Code != want {
			t.Errorf("the picture of %s: %d %s", id, got.Code, got.Header().Get("Location"))
		}
	}
}
