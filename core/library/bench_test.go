package library

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"playbill/core/audit"
	"playbill/sdk"
)

// still keeps nothing.
type still struct{}

func (still) Titles(context.Context) ([]Title, error)                         { return nil, nil }
func (still) SaveTitles(context.Context, []Title, audit.Entry) error          { return nil }
func (still) Playlists(context.Context) ([]Playlist, error)                   { return nil, nil }
func (still) DeletePlaylist(context.Context, int64, int64, audit.Entry) error { return nil }
func (still) SavePlaylist(_ context.Context, p Playlist, _ audit.Entry) (Playlist, error) {
	p.ID, p.Rev = max(p.ID, 1), p.Rev+1
	return p, nil
}

// BenchmarkSearchWhileWriting prints p50 and p99 of one search in 100,000 titles while somebody edits a title once a second,
// which makes a whole new index, a playlist ten times a second, and something is over on the air ten times a second.
func BenchmarkSearchWhileWriting(b *testing.B) {
	l, err := Open(b.Context(), still{})
	if err != nil {
		b.Fatal(err)
	}
	titles := large().titles
	if err := l.SaveTitles(b.Context(), titles, audit.Entry{}); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	var writers sync.WaitGroup
	every := func(pause time.Duration, write func(i int) error) {
		writers.Go(func() { // ends with ctx; waited for below
			for i := 0; ctx.Err() == nil; i++ {
				if err := write(i); err != nil {
					b.Error(err)
				}
				select {
				case <-time.After(pause):
				case <-ctx.Done():
				}
			}
		})
	}
	every(time.Second, func(i int) error {
		year := 1900 + i%100
		_, err := l.EditTitle(b.Context(), titles[i].Media.Key(), TitlePatch{Year: &year}, audit.Entry{})
		return err
	})
	every(100*time.Millisecond, func(i int) error {
		p, _ := l.Playlist(1)
		p.Name, p.Items = "List", []Item{{Media: titles[i].Media}}
		_, err := l.SavePlaylist(b.Context(), p, audit.Entry{})
		return err
	})
	every(100*time.Millisecond, func(i int) error {
		l.Played(titles[i].Media.Key(), int64(i+1))
		return nil
	})
	chance := rand.New(rand.NewPCG(3, 4))
	var took []time.Duration
	for b.Loop() {
		t := titles[chance.IntN(len(titles))]
		word, _, _ := strings.Cut(t.Media.Title, " ")
		q := Query{Text: word, Limit: 50}
		switch chance.IntN(4) {
		case 0:
			q = Query{Text: t.Media.Title, Limit: 50}
		case 1:
			q.Sort = Sorts()[chance.IntN(len(Sorts()))]
		case 2:
			q.Text, q.Category, q.Offset = "", t.Categories[0], chance.IntN(5000)
		}
		start := time.Now()
		l.Search(q)
		took = append(took, time.Since(start))
	}
	stop()
	writers.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// TestEditOfALongPlaylistIsSmall holds the size of what an edit of a list of ten thousand leaves in the audit trail.
func TestEditOfALongPlaylistIsSmall(t *testing.T) {
	kept := &lastEntry{}
	l, err := Open(t.Context(), kept)
	if err != nil {
		t.Fatal(err)
	}
	p := Playlist{Name: "Long"}
	for i := range 10_000 {
		p.Items = append(p.Items, Item{ID: int64(i + 1), Media: sdk.Media{Type: "yt", ID: fmt.Sprint(i), Title: fmt.Sprint("Title ", i)}})
	}
	saved, err := l.SavePlaylist(t.Context(), p, audit.Entry{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.EditPlaylist(t.Context(), saved.ID, saved.Rev, Edit{Op: OpMove, IDs: []int64{9000}, To: ToTop}, audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	if n := len(kept.entry.Before) + len(kept.entry.After); n > 200 {
		t.Errorf("one move leaves %d bytes in the audit trail", n)
	}
}

type lastEntry struct {
	still
	entry audit.Entry
}

func (l *lastEntry) SavePlaylist(ctx context.Context, p Playlist, a audit.Entry) (Playlist, error) {
	l.entry = a
	return l.still.SavePlaylist(ctx, p, a)
}
