package library

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"playbill/sdk"
)

// order prepares the orders of a catalog. Each is made when it is first asked for.
func (c *catalog) order() {
	c.byAdded = sync.OnceValue(func() []int32 {
		return c.ordered(func(a, b int32) int { return cmp.Compare(c.titles[b].AddedAtMS, c.titles[a].AddedAtMS) })
	})
	c.byLength = sync.OnceValue(func() []int32 {
		return c.ordered(func(a, b int32) int { return cmp.Compare(c.lengths[a], c.lengths[b]) })
	})
}

// ordered are the numbers of all titles in an order.
func (c *catalog) ordered(by func(a, b int32) int) []int32 {
	all := make([]int32, len(c.titles))
	for i := range all {
		all[i] = int32(i)
	}
	slices.SortStableFunc(all, by)
	return all
}

// order returns the numbers of all titles in the order of that name; nil: as they stand, by title.
func (s *snapshot) order(name string) []int32 {
	c := s.catalog
	switch name {
	case SortNewest:
		return c.byAdded()
	case SortShortest:
		all := c.byLength()
		live, _ := slices.BinarySearchFunc(all, 1, func(i int32, ms int64) int { return cmp.Compare(c.lengths[i], ms) })
		return append(slices.Clone(all[live:]), all[:live]...)
	case SortLongest:
		return reversed(c.byLength(), func(a, b int32) bool { return c.lengths[a] == c.lengths[b] })
	case SortRecent:
		return s.byPlayed()
	case SortRested:
		at := s.playedAt()
		return reversed(s.byPlayed(), func(a, b int32) bool { return at[a] == at[b] })
	default:
		return nil
	}
}

// reversed turns an order around; what is equal stays as it was among itself.
func reversed(order []int32, equal func(a, b int32) bool) []int32 {
	out := make([]int32, 0, len(order))
	for end := len(order); end > 0; {
		start := end - 1
		for start > 0 && equal(order[start-1], order[end-1]) {
			start--
		}
		out = append(out, order[start:end]...)
		end = start
	}
	return out
}

// playing is when what was on the air started last, by media, UTC milliseconds. Promos are not in it. Never changed.
type playing map[sdk.Key]int64

// plays prepares what is derived from when titles played.
func (s *snapshot) plays() {
	s.playedAt = sync.OnceValue(func() []int64 {
		at := make([]int64, len(s.catalog.titles))
		for k, ms := range s.played {
			if i, known := s.catalog.at[k]; known {
				at[i] = ms
			}
		}
		return at
	})
	s.byPlayed = sync.OnceValue(func() []int32 {
		at := s.playedAt()
		order, rest := make([]int32, 0, len(at)), make([]int32, 0, len(at))
		for i := range at { // few have played, and only those are sorted
			if at[i] > 0 {
				order = append(order, int32(i))
			} else {
				rest = append(rest, int32(i))
			}
		}
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(at[b], at[a]) })
		return append(order, rest...)
	})
}

// playedSince returns the titles that started at an instant or later.
func (s *snapshot) playedSince(ms int64) set {
	since := newSet(len(s.catalog.titles))
	for i, at := range s.playedAt() {
		if at >= ms {
			since.add(i)
		}
	}
	return since
}

// Played notes that a title, not a promo, started at an instant, UTC milliseconds. It is what the as-run log knows, and is
// not stored.
func (l *Library) Played(k sdk.Key, atMS int64) { l.PlayedAll(map[sdk.Key]int64{k: atMS}) }

// PlayedAll notes when titles started last.
func (l *Library) PlayedAll(at map[sdk.Key]int64) {
	l.changing.Lock()
	defer l.changing.Unlock()
	old := l.now.Load()
	played := make(playing, len(old.played)+len(at))
	for k, ms := range old.played {
		played[k] = ms
	}
	for k, ms := range at {
		played[k] = max(played[k], ms)
	}
	next := *old
	next.played = played
	next.plays()
	l.now.Store(&next)
}

// PlayedAt is when a title started last, UTC milliseconds; 0: not that we know.
func (l *Library) PlayedAt(k sdk.Key) int64 { return l.now.Load().played[k] }

// Category is one category, tag or person with the number of its titles.
type Category struct {
	Name   string
	Titles int
}

// counts are the names that titles have and viewers may see, by name, with how many titles each has.
func (s *snapshot) counts(names func(Title) []string) []Category {
	counts := map[string]int{}
	for i, t := range s.catalog.titles {
		if s.hidden.has(i) {
			continue
		}
		for _, name := range names(t) {
			counts[name]++
		}
	}
	list := make([]Category, 0, len(counts))
	for name, n := range counts {
		list = append(list, Category{name, n})
	}
	slices.SortFunc(list, func(a, b Category) int { return strings.Compare(a.Name, b.Name) })
	return list
}
