package web

import (
	"fmt"
	"strings"
	"testing"

	"playbill/core/library"
	"playbill/sdk"
)

// saved is a playlist of so many items.
func saved(id int64, name string, n int) library.Playlist {
	p := library.Playlist{ID: id, Name: name, Rev: 3}
	for i := range n {
		p.Items = append(p.Items, library.Item{ID: int64(i + 1), Media: sdk.Media{Type: "yt", ID: fmt.Sprint("m", i), Title: fmt.Sprint("Item ", i), DurationMS: 90_000}})
	}
	return p
}

func TestPlaylistsPage(t *testing.T) {
	w := newWorld()
	pool, held := saved(2, "Idents", 3), saved(3, "Silent <Sunday>", 40)
	pool.PromoType, held.Immutable = "channel_identity", true
	w.lists = []library.Playlist{saved(1, "Noir", 2), pool, held}
	s := w.open(t)
	page := call{"GET", "/admin/playlists", "admin", "", nil}.do(s).Body.String()
	for _, want := range []string{"3 playlists. What is in two of them is set aside", "Silent &lt;Sunday&gt;", "Non-preemptable", "Its clips air as Channel ID", "1 h 00 min"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not there", want)
		}
	}
	page = call{"GET", "/admin/playlists/2?item=2", "admin", "", nil}.do(s).Body.String()
	for _, want := range []string{"Non-preemptable, for events (release it first)", `data-terms="2"`, "3 items, 5 min in all", `data-shown="3"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not there", want)
		}
	}
	if page := (call{"GET", "/admin/playlists/3", "admin", "", nil}).do(s).Body.String(); !strings.Contains(page, "Clips of Channel ID (release it first)") || strings.Contains(page, "When it airs") {
		t.Error("a non-preemptable playlist is offered as a pool")
	}
	if got := (call{"GET", "/admin/playlists/9", "admin", "", nil}).do(s); got.Code != 404 {
		t.Errorf("%d", got.Code)
	}
}

func TestPlaylistPageOfALongList(t *testing.T) {
	w := newWorld()
	w.lists = []library.Playlist{saved(1, "Everything", 5000)}
	s := w.open(t)
	page := call{"GET", "/admin/playlists/1?from=4900", "admin", "", nil}.do(s).Body.String()
	if !strings.Contains(page, "4901 to 5000 of 5000") || !strings.Contains(page, "at 124:58:30") || len(page) > 300_000 {
		t.Errorf("%d bytes", len(page))
	}
	if page := (call{"GET", "/admin/playlists/1?find=item+4999", "admin", "", nil}).do(s).Body.String(); !strings.Contains(page, "1 item with") {
		t.Error("nothing is found")
	}
}

// BenchmarkPlaylistPage renders the first page of a playlist of 5,000.
func BenchmarkPlaylistPage(b *testing.B) {
	w := newWorld()
	w.lists = []library.Playlist{saved(1, "Everything", 5000)}
	s := w.open(b)
	for b.Loop() {
		got := call{"GET", "/admin/playlists/1", "admin", "", nil}.do(s)
		b.ReportMetric(float64(got.Body.Len()), "bytes/page")
	}
}
