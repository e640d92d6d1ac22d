package library

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"playbill/sdk"
)

// Library is the catalog and the playlists of one channel. Its readers never block; its changes happen one at a time.
type Library struct {
	shelves Shelves
	now     atomic.Pointer[snapshot]
	rev     atomic.Uint64

	changing  sync.Mutex        // held over a change: storage first, then the snapshot
	staged    map[sdk.Key]Title // stored, and not in the snapshot yet; guarded by changing
	listening sync.Mutex
	listeners []func()
}

// snapshot is one consistent view; nothing in it is ever changed.
type snapshot struct {
	catalog   *catalog
	playlists []Playlist         // by id
	before    map[int64]Playlist // what each was before its last change of this run
	by        map[int64]string   // who made that change
	pools     map[string][]sdk.Clip
	reserved  map[sdk.Key]string // why
	hidden    set                // titles of the catalog that are reserved

	played     playing
	playedAt   func() []int64 // of each title of the catalog, UTC milliseconds; 0: never
	byPlayed   func() []int32 // titles, played last first
	categories func() []Category
	tags       func() []Category
}

// Open reads everything and returns the library.
func Open(ctx context.Context, shelves Shelves) (*Library, error) {
	l := &Library{shelves: shelves}
	if err := l.Reload(ctx); err != nil {
		return nil, err
	}
	return l, nil
}

// Reload reads everything again, for when another host has changed a shared store.
func (l *Library) Reload(ctx context.Context) error {
	l.changing.Lock()
	err := l.read(ctx)
	l.changing.Unlock()
	if err == nil {
		l.tell()
	}
	return err
}

func (l *Library) read(ctx context.Context) error {
	titles, err := l.shelves.Titles(ctx)
	if err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	playlists, err := l.shelves.Playlists(ctx)
	if err != nil {
		return fmt.Errorf("read the playlists: %w", err)
	}
	l.staged = nil
	next := assemble(newCatalog(titles), playlists, nil)
	if old := l.now.Load(); old != nil {
		next.played = old.played
	}
	l.now.Store(next)
	return nil
}

// assemble derives pools and reservations from the playlists.
func assemble(c *catalog, playlists []Playlist, before map[int64]Playlist) *snapshot {
	s := &snapshot{catalog: c, playlists: playlists, before: before, pools: poolsOf(playlists), reserved: reservedBy(playlists)}
	s.hidden = newSet(len(c.titles))
	for key := range s.reserved {
		if i, ok := c.at[key]; ok {
			s.hidden.add(i)
		}
	}
	s.plays()
	s.categories = sync.OnceValue(func() []Category { return s.counts(func(t Title) []string { return t.Categories }) })
	s.tags = sync.OnceValue(func() []Category {
		return s.counts(func(t Title) []string { return slices.Concat(t.Tags, t.People) })
	})
	return s
}

// with is the snapshot with another catalog or other playlists.
func (s *snapshot) with(c *catalog, playlists []Playlist, before map[int64]Playlist) *snapshot {
	next := assemble(c, playlists, before)
	next.by = s.by
	next.played = s.played
	return next
}

// beforeWith remembers what a playlist was before a change; one that is new was nothing.
func (s *snapshot) beforeWith(old Playlist) map[int64]Playlist {
	if old.ID == 0 {
		return s.before
	}
	before := maps.Clone(s.before)
	if before == nil {
		before = map[int64]Playlist{}
	}
	before[old.ID] = old
	return before
}

// OnChange calls f after every change, in the goroutine that made it. f reads the library as it likes and must not
// change it.
func (l *Library) OnChange(f func()) {
	l.listening.Lock()
	defer l.listening.Unlock()
	l.listeners = append(l.listeners, f)
}

// tell calls the listeners. No lock is held meanwhile, so that a listener may read.
func (l *Library) tell() {
	l.rev.Add(1)
	l.listening.Lock()
	listeners := slices.Clone(l.listeners)
	l.listening.Unlock()
	for _, f := range listeners {
		f()
	}
}

// Revision grows with every change of the library.
func (l *Library) Revision() uint64 { return l.rev.Load() }

// Pools returns the clips per promo type, in stored order, the same media once, at most 500 of each. The map and what is
// in it belong to everyone: it must not be changed.
func (l *Library) Pools() map[string][]sdk.Clip { return l.now.Load().pools }

// Reserved says whether a media is part of a non-preemptable playlist or of a pool, and of which, in words that follow
// "it is in".
func (l *Library) Reserved(k sdk.Key) (why string, yes bool) {
	why, yes = l.now.Load().reserved[k]
	return why, yes
}

// Title returns a title of the catalog, reserved or not; one that is gone is not in it.
func (l *Library) Title(k sdk.Key) (Title, bool) {
	c := l.now.Load().catalog
	i, ok := c.at[k]
	if !ok {
		return Title{}, false
	}
	return c.titles[i], true
}

// Closed reports whether a title is closed to viewers at an instant, and until when, UTC milliseconds; 0: until somebody
// opens it.
func (l *Library) Closed(k sdk.Key, nowMS int64) (untilMS int64, closed bool) {
	t, _ := l.Title(k)
	return t.Closed(nowMS)
}

// Titles returns the whole catalog by title. It belongs to everyone: it must not be changed.
func (l *Library) Titles() []Title { return l.now.Load().catalog.titles }

// Playlists returns all playlists by id. They belong to everyone: they must not be changed.
func (l *Library) Playlists() []Playlist { return l.now.Load().playlists }

// Playlist returns one playlist. Its items belong to everyone: they must not be changed.
func (l *Library) Playlist(id int64) (Playlist, bool) {
	return find(l.now.Load().playlists, id)
}

func find(playlists []Playlist, id int64) (Playlist, bool) {
	i, ok := slices.BinarySearchFunc(playlists, id, byID)
	if !ok {
		return Playlist{}, false
	}
	return playlists[i], true
}

// Search looks through the catalog. Any text is safe.
func (l *Library) Search(q Query) Found {
	return l.now.Load().search(q)
}

// Categories lists the categories of what viewers may see, by name, with how many titles each has.
func (l *Library) Categories() []Category {
	return l.now.Load().categories()
}

// Tags lists the tags and people of what viewers may see, by name, with how many titles each has.
func (l *Library) Tags() []Category { return l.now.Load().tags() }

// Gone returns the titles that are not offered any more.
func (l *Library) Gone() []Title { return l.now.Load().catalog.gone }

// ParseList reads a pasted playlist: one media per line as type:id, link or bare token of the catalog; what follows a #
// is a comment. Lines that cannot be read are problems, the rest is returned. What the catalog knows brings its title
// and length; anything else is named by its type and id, and the channel finds out how long it is.
func (l *Library) ParseList(text string) ([]Item, []Problem) {
	return parseList(text, l.now.Load().catalog)
}
