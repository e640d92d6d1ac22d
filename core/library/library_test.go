package library_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/sdk"
)

// shelf is a Shelves in memory.
type shelf struct {
	titles    map[sdk.Key]library.Title
	playlists []library.Playlist
	lastID    int64
	trail     []audit.Entry
	fails     error
}

func (s *shelf) Titles(context.Context) ([]library.Title, error) {
	var out []library.Title
	for _, t := range s.titles {
		out = append(out, t)
	}
	return out, s.fails
}

func (s *shelf) SaveTitles(_ context.Context, ts []library.Title, a audit.Entry) error {
	if s.fails != nil {
		return s.fails
	}
	if s.titles == nil {
		s.titles = map[sdk.Key]library.Title{}
	}
	for _, t := range ts {
		s.titles[t.Media.Key()] = t
	}
	s.trail = append(s.trail, a)
	return nil
}

func (s *shelf) Playlists(context.Context) ([]library.Playlist, error) {
	return slices.Clone(s.playlists), s.fails
}

func (s *shelf) SavePlaylist(_ context.Context, p library.Playlist, a audit.Entry) (library.Playlist, error) {
	if s.fails != nil {
		return library.Playlist{}, s.fails
	}
	s.trail = append(s.trail, a)
	if p.ID == 0 {
		s.lastID++
		p.ID, p.Rev = s.lastID, 1
		s.playlists = append(s.playlists, p)
		return p, nil
	}
	i := slices.IndexFunc(s.playlists, func(o library.Playlist) bool { return o.ID == p.ID })
	if s.playlists[i].Rev != p.Rev {
		return library.Playlist{}, fault.New(fault.Changed, "changed")
	}
	p.Rev++
	s.playlists[i] = p
	return p, nil
}

func (s *shelf) DeletePlaylist(_ context.Context, id, _ int64, a audit.Entry) error {
	if s.fails != nil {
		return s.fails
	}
	s.trail = append(s.trail, a)
	s.playlists = slices.DeleteFunc(s.playlists, func(o library.Playlist) bool { return o.ID == id })
	return nil
}

func admin() audit.Entry { return audit.Entry{Actor: "ada", AtMS: 1000} }

func media(id string) sdk.Media {
	return sdk.Media{Type: "yt", ID: id, Title: "Title " + id, DurationMS: 1000}
}

func items(ids ...string) []library.Item {
	var out []library.Item
	for _, id := range ids {
		out = append(out, library.Item{Media: media(id)})
	}
	return out
}

func open(t testing.TB, s *shelf) *library.Library {
	t.Helper()
	l, err := library.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func save(t testing.TB, l *library.Library, p library.Playlist) library.Playlist {
	t.Helper()
	saved, err := l.SavePlaylist(t.Context(), p, admin())
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func ids(clips []sdk.Clip) string {
	var out []string
	for _, c := range clips {
		out = append(out, c.Media.ID)
	}
	return strings.Join(out, " ")
}

func TestPoolIsTheUnionInOrderOfCreation(t *testing.T) {
	l := open(t, &shelf{})
	save(t, l, library.Playlist{Name: "First", PromoType: "event", Items: items("b", "a")})
	save(t, l, library.Playlist{Name: "Plain", Items: items("x")})
	save(t, l, library.Playlist{Name: "Second", PromoType: "event", Items: items("a", "c", "c")})
	save(t, l, library.Playlist{Name: "Empty", PromoType: "mod_shoutout"})

	pools := l.Pools()
	if got := ids(pools["event"]); got != "b a c" {
		t.Errorf("event pool is %q", got)
	}
	if pool, ok := pools["mod_shoutout"]; !ok || len(pool) != 0 {
		t.Errorf("an empty pool is %v, %v", pool, ok)
	}
	if key := pools["event"][0].Key; key != media("b").Key().ClipKey() {
		t.Errorf("clip key is %q", key)
	}
}

func TestPoolHasAnEnd(t *testing.T) {
	var many []string
	for i := range 700 {
		many = append(many, fmt.Sprint("clip", i))
	}
	l := open(t, &shelf{})
	save(t, l, library.Playlist{Name: "Long", PromoType: "event", Items: items(many...)})
	if n := len(l.Pools()["event"]); n != 500 {
		t.Errorf("a pool has %d clips", n)
	}
	if _, yes := l.Reserved(media("clip699").Key()); !yes {
		t.Error("a clip beyond the pool's end is not reserved")
	}
}

func TestReservedUntilReleased(t *testing.T) {
	l := open(t, &shelf{titles: map[sdk.Key]library.Title{media("a").Key(): {Media: media("a"), Categories: []string{"Drama"}}}})
	visible := func() int { return l.Search(library.Query{Text: "title"}).Total }
	if visible() != 1 {
		t.Fatal("the title is not found at first")
	}
	p := save(t, l, library.Playlist{Name: "Gala", Immutable: true, Items: items("a")})
	why, yes := l.Reserved(media("a").Key())
	if !yes || why != "the non-preemptable playlist “Gala”" {
		t.Errorf("reserved: %q, %v", why, yes)
	}
	if visible() != 0 || len(l.Categories()) != 0 {
		t.Error("a reserved title shows in search or categories")
	}
	if n := l.Search(library.Query{Text: "title", Reserved: true}).Total; n != 1 {
		t.Error("an admin does not see a reserved title")
	}
	if _, known := l.Title(media("a").Key()); !known {
		t.Error("a reserved title has left the catalog")
	}
	p, err := l.FlagPlaylist(t.Context(), p.ID, p.Rev, library.Flags{PromoType: "event"}, admin())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.FlagPlaylist(t.Context(), p.ID, p.Rev-1, library.Flags{}, admin()); !fault.Is(err, fault.Changed) {
		t.Errorf("an old revision: %v", err)
	}
	if why, _ = l.Reserved(media("a").Key()); why != "the pool of event, playlist “Gala”" {
		t.Errorf("reserved: %q", why)
	}
	if _, err = l.FlagPlaylist(t.Context(), p.ID, p.Rev, library.Flags{}, admin()); err != nil {
		t.Fatal(err)
	}
	if _, yes = l.Reserved(media("a").Key()); yes || visible() != 1 {
		t.Error("the title is not released")
	}
}

func TestRefusedPlaylists(t *testing.T) {
	l := open(t, &shelf{})
	held := save(t, l, library.Playlist{Name: "Gala", Immutable: true, Items: items("a")})
	late := items("a")
	late[0].StartsAtMS, late[0].EndsAtMS = 20, 10

	for name, c := range map[string]struct {
		p    library.Playlist
		code fault.Code
		says string
	}{
		"both":       {library.Playlist{Name: "Both", Immutable: true, PromoType: "event"}, fault.Conflict, "release it first"},
		"name taken": {library.Playlist{Name: " gala "}, fault.Conflict, "“Gala” already"},
		"no name":    {library.Playlist{Name: "  "}, fault.Invalid, "needs a name"},
		"long name":  {library.Playlist{Name: strings.Repeat("ä", 101)}, fault.Invalid, "100 characters"},
		"odd type":   {library.Playlist{Name: "X", PromoType: "Mod-Shoutout"}, fault.Invalid, "not the name of a promo type"},
		"dates":      {library.Playlist{Name: "X", Items: late}, fault.Invalid, "Item 1, “Title a”: it ends before"},
		"no id":      {library.Playlist{Name: "X", Items: []library.Item{{}}}, fault.Invalid, "type and an id"},
		"gone":       {library.Playlist{Name: "X", ID: 99}, fault.NotFound, "no such playlist"},
		"old":        {library.Playlist{Name: "Gala", ID: held.ID, Rev: held.Rev + 7}, fault.Changed, ""},
	} {
		_, err := l.SavePlaylist(t.Context(), c.p, admin())
		if !fault.Is(err, c.code) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := l.Playlists(); !cmp.Equal(got, []library.Playlist{held}) {
		t.Errorf("a refusal changed something: %s", cmp.Diff([]library.Playlist{held}, got))
	}
}

func TestNothingIsPublishedThatIsNotStored(t *testing.T) {
	s := &shelf{}
	l := open(t, s)
	p := save(t, l, library.Playlist{Name: "Gala", Items: items("a")})
	told := 0
	l.OnChange(func() { told++ })

	s.fails = errors.New("disk full")
	p.Immutable = true
	_, err := l.SavePlaylist(t.Context(), p, admin())
	err = errors.Join(err, l.DeletePlaylist(t.Context(), p.ID, p.Rev, admin()),
		l.SaveTitles(t.Context(), []library.Title{{Media: media("a")}}, admin()), l.Reload(t.Context()))
	if n := strings.Count(err.Error(), "disk full"); n != 4 {
		t.Fatalf("%d of 4 changes failed: %v", n, err)
	}
	if _, yes := l.Reserved(media("a").Key()); yes || len(l.Titles()) != 0 || len(l.Playlists()) != 1 || told != 0 {
		t.Error("a failed change was published")
	}
	s.fails = nil
	if err := l.DeletePlaylist(t.Context(), p.ID, p.Rev, admin()); err != nil || told != 1 || len(l.Playlists()) != 0 {
		t.Errorf("delete: %v, told %d times", err, told)
	}
}

func TestTrailTellsWhatChanged(t *testing.T) {
	s := &shelf{}
	l := open(t, s)
	p := save(t, l, library.Playlist{Name: "Gala", Items: items("a")})
	p.Name = "Grand Gala"
	p = save(t, l, p)
	if err := l.DeletePlaylist(t.Context(), p.ID, p.Rev, admin()); err != nil {
		t.Fatal(err)
	}
	if err := l.SaveTitles(t.Context(), []library.Title{{Media: media("a")}, {Media: media("b")}}, admin()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range s.trail {
		got = append(got, a.Actor+" "+a.Action+" "+a.Subject)
	}
	want := []string{"ada playlist.create “Gala”", "ada playlist.save “Grand Gala”", "ada playlist.delete “Grand Gala”", "ada catalog.save 2 titles"}
	if !slices.Equal(got, want) {
		t.Errorf("trail: %q", got)
	}
	before, err := library.DecodePlaylist([]byte(s.trail[2].Before))
	if err != nil || !cmp.Equal(before, p) {
		t.Errorf("what was deleted cannot be brought back: %v %s", err, cmp.Diff(p, before))
	}
}

func TestTitlesComeAndGo(t *testing.T) {
	s := &shelf{}
	l := open(t, s)
	put := func(ts ...library.Title) {
		t.Helper()
		if err := l.SaveTitles(t.Context(), ts, admin()); err != nil {
			t.Fatal(err)
		}
	}
	put(library.Title{Media: media("a"), AddedAtMS: 5}, library.Title{Media: media("a"), AddedAtMS: 5, Year: 1925})
	put(library.Title{Media: media("a"), AddedAtMS: 9, Year: 1926})
	got, ok := l.Title(media("a").Key())
	if !ok || got.Year != 1926 || got.AddedAtMS != 5 {
		t.Errorf("title is %+v", got)
	}
	got.GoneAtMS = 20
	put(got)
	if _, ok := l.Title(media("a").Key()); ok || l.Search(library.Query{}).Total != 0 {
		t.Error("a title that is gone is still offered")
	}
	err := l.SaveTitles(t.Context(), []library.Title{{Media: sdk.Media{Type: "yt", ID: "x"}}}, admin())
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a title without a name: %v", err)
	}
}

// Readers see whole changes only: a media is reserved exactly while the one playlist says so.
func TestReadersBesideChanges(t *testing.T) {
	l := open(t, &shelf{})
	p := save(t, l, library.Playlist{Name: "Gala", PromoType: "event", Items: items("a", "b")})
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if n := len(l.Pools()["event"]); n != 0 && n != 2 {
					t.Errorf("half a pool: %d clips", n)
					return
				}
				l.Search(library.Query{Text: "title"})
			}
		})
	}
	for i := range 200 {
		p.PromoType = []string{"", "event"}[i%2]
		p = save(t, l, p)
	}
	close(stop)
	readers.Wait()
}

func TestListenersMayRead(t *testing.T) {
	l := open(t, &shelf{})
	var seen []int
	l.OnChange(func() { seen = append(seen, len(l.Playlists())) })
	save(t, l, library.Playlist{Name: "One"})
	save(t, l, library.Playlist{Name: "Two"})
	if !slices.Equal(seen, []int{1, 2}) {
		t.Errorf("listeners saw %v", seen)
	}
}

// TestRotate: what was played moves to the end of a playlist, unless that is non-preemptable or a pool.
func TestRotate(t *testing.T) {
	l := open(t, &shelf{})
	list := save(t, l, library.Playlist{Name: "Shorts", Items: items("a", "b", "c")})
	turn := func(id, want string) {
		t.Helper()
		err := l.Rotate(t.Context(), list.ID, sdk.Key{Type: list.Items[0].Media.Type, ID: id}, audit.Entry{Actor: "host"})
		p, _ := l.Playlist(list.ID)
		order := ""
		for _, i := range p.Items {
			order += i.Media.ID
		}
		if err != nil || order != want {
			t.Errorf("%s: %s, %v, want %s", id, order, err, want)
		}
	}
	turn("a", "bca")
	turn("a", "bca")
	turn("x", "bca")
	p, _ := l.Playlist(list.ID)
	if _, err := l.FlagPlaylist(t.Context(), list.ID, p.Rev, library.Flags{Immutable: true}, audit.Entry{Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	turn("b", "bca")
}

// TestRelease: a playlist that is released is not reserved any more, and one that need not be is left alone.
func TestRelease(t *testing.T) {
	l := open(t, &shelf{})
	list := save(t, l, library.Playlist{Name: "Gala", Items: items("a"), Immutable: true})
	for range 2 {
		if err := l.Release(t.Context(), list.ID, audit.Entry{Actor: "host"}); err != nil {
			t.Fatal(err)
		}
	}
	p, _ := l.Playlist(list.ID)
	if _, reserved := l.Reserved(p.Items[0].Media.Key()); reserved || p.Immutable || p.Rev != list.Rev+1 {
		t.Errorf("reserved %t, %+v", reserved, p)
	}
	if err := l.Release(t.Context(), 99, audit.Entry{Actor: "host"}); err != nil {
		t.Errorf("a playlist that is gone: %v", err)
	}
}
