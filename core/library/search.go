package library

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"playbill/sdk"
)

// Query is what somebody looks for.
type Query struct {
	Text         string // every word must be in title, tags, people, categories or year; empty: everything
	Category     string // the whole name, in any case; empty: any
	Tag          string // a tag or a person, the whole name; empty: any
	MinMS, MaxMS int64  // length in milliseconds, both included; 0: no bound. What has no length fits no bound
	Sort         string // one of Sorts, another one is SortTitle; empty: best first
	Reserved     bool   // show what is reserved too: admins only
	RestedMS     int64  // UTC milliseconds: hide what has played since; 0: nothing
	Show         string // one of the Shows; empty: everything
	NowMS        int64  // UTC milliseconds; for ShowClosed
	Limit        int    // at most 200; 0: 200
	Offset       int
}

// The orders of an answer. What is equal in one is in the order of its titles.
const (
	SortTitle    = "title"
	SortNewest   = "newest"   // added last
	SortShortest = "shortest" // what has no length comes last
	SortLongest  = "longest"
	SortRecent   = "recent" // played last; what never was comes last
	SortRested   = "rested" // what never was played comes first, then what was longest ago
)

// Sorts are the orders by name.
func Sorts() []string {
	return []string{SortTitle, SortNewest, SortShortest, SortLongest, SortRecent, SortRested}
}

// What an admin may look at alone.
const (
	ShowReserved = "reserved" // with Query.Reserved
	ShowPlayed   = "played"   // what has played since RestedMS
	ShowClosed   = "closed"   // what is closed to viewers at NowMS, or will be
)

// Found is one page of an answer. Without an order the best come first: titles that begin with the text, then those with
// words that do, then those that contain it; by title within each.
type Found struct {
	Titles []Title
	Total  int    // on all pages
	Meant  string // when nothing was found: what the text may have meant, or empty
}

// catalog is the titles with their search index: for every word the titles that have it. Nothing in it is ever changed.
// A search runs through the words, a few tens of thousands, and not through the titles.
type catalog struct {
	titles []Title  // that are there, by folded title, then type and id
	names  []string // their folded titles
	at     map[sdk.Key]int
	tokens map[string]int // a media's last name to its title; -1: several have it

	words  []string           // of title, tags, people, categories and year, in order
	text   string             // all words, a space behind each: one look runs through all of them
	begins []int              // where each word begins in it, and where the text ends
	with   [][]int32          // per word: the titles that have it
	in     map[string][]int32 // per folded category: the titles of it
	of     map[string][]int32 // per folded tag or person: the titles of it

	lengths  []int64 // of each title, in milliseconds
	gone     []Title // that are not there any more
	goneAt   map[sdk.Key]int
	byAdded  func() []int32
	byLength func() []int32
}

func newCatalog(all []Title) *catalog {
	c := &catalog{titles: make([]Title, 0, len(all)), goneAt: map[sdk.Key]int{}}
	folded := make(map[sdk.Key]string, len(all))
	for _, t := range all {
		if t.GoneAtMS == 0 {
			c.titles = append(c.titles, t)
			folded[t.Media.Key()] = fold(t.Media.Title)
		} else {
			c.goneAt[t.Media.Key()] = len(c.gone)
			c.gone = append(c.gone, t)
		}
	}
	slices.SortFunc(c.titles, func(a, b Title) int {
		return cmp.Or(strings.Compare(folded[a.Media.Key()], folded[b.Media.Key()]),
			strings.Compare(a.Media.Type, b.Media.Type), strings.Compare(a.Media.ID, b.Media.ID))
	})
	c.names = make([]string, len(c.titles))
	c.at = make(map[sdk.Key]int, len(c.titles))
	c.tokens = make(map[string]int, len(c.titles))
	c.in, c.of = map[string][]int32{}, map[string][]int32{}
	c.lengths = make([]int64, len(c.titles))
	for i, t := range c.titles {
		c.lengths[i] = t.Media.DurationMS
		c.names[i] = folded[t.Media.Key()]
		c.at[t.Media.Key()] = i
		c.addToken(tokenOf(t.Media), i)
		file(c.in, t.Categories, i)
		file(c.of, t.Tags, i)
		file(c.of, t.People, i)
	}
	c.addWords()
	c.order()
	return c
}

// file notes a title under each name, once.
func file(under map[string][]int32, names []string, i int) {
	for _, name := range names {
		name = fold(name)
		if have := under[name]; len(have) == 0 || have[len(have)-1] != int32(i) {
			under[name] = append(have, int32(i))
		}
	}
}

// addWords files every title under each of its words.
func (c *catalog) addWords() {
	number := map[string]int{}
	for i, t := range c.titles {
		for word := range wordsOf(c.names[i], t) {
			n, known := number[word]
			if !known {
				n = len(c.words)
				number[word] = n
				c.words = append(c.words, word)
				c.with = append(c.with, nil)
			}
			if have := c.with[n]; len(have) == 0 || have[len(have)-1] != int32(i) {
				c.with[n] = append(have, int32(i))
			}
		}
	}
	slices.Sort(c.words)
	var text strings.Builder
	c.begins = make([]int, 0, len(c.words)+1)
	for _, word := range c.words {
		c.begins = append(c.begins, text.Len())
		text.WriteString(word + " ")
	}
	c.begins = append(c.begins, text.Len())
	c.text = text.String()
	with := make([][]int32, len(c.words))
	for n, word := range c.words {
		with[n] = c.with[number[word]]
	}
	c.with = with
}

// wordsOf yields the words by which a title is found, some of them twice.
func wordsOf(name string, t Title) iter.Seq[string] {
	return func(yield func(string) bool) {
		texts := slices.Concat([]string{name}, t.Tags, t.People, t.Categories)
		for i, text := range texts {
			if i > 0 {
				text = fold(text)
			}
			for word := range strings.FieldsSeq(text) {
				if !yield(word) {
					return
				}
			}
		}
		if t.Year != 0 {
			yield(strconv.Itoa(t.Year))
		}
	}
}

// search runs one query.
func (s *snapshot) search(q Query) Found {
	c := s.catalog
	text := fold(cut(q.Text, maxQuery))
	words := strings.Fields(text)
	if text == "" && strings.TrimSpace(q.Text) != "" {
		return Found{} // nothing but punctuation: no title has it
	}
	page := page{skip: max(q.Offset, 0), limit: q.Limit}
	if page.limit <= 0 || page.limit > maxFound {
		page.limit = maxFound
	}
	ranks := c.match(text, words)
	s.narrow(q, ranks[:])
	found := Found{}
	for _, rank := range ranks {
		found.Total += rank.size()
	}
	if q.Sort == "" {
		for _, rank := range ranks {
			found.Titles = page.fill(c, rank, found.Titles)
		}
	} else {
		ranks[0].join(ranks[1])
		ranks[0].join(ranks[2])
		found.Titles = page.inOrder(c, ranks[0], s.order(q.Sort))
	}
	if found.Total == 0 && len(words) > 0 {
		found.Meant = s.meant(q, words)
	}
	return found
}

// narrow leaves of each rank what the query's other terms allow.
func (s *snapshot) narrow(q Query, ranks []set) {
	c := s.catalog
	for i := range ranks {
		if q.Category != "" {
			ranks[i].keep(c.filed(c.in, q.Category))
		}
		if q.Tag != "" {
			ranks[i].keep(c.filed(c.of, q.Tag))
		}
		if q.MinMS > 0 || q.MaxMS > 0 {
			ranks[i].keep(c.within(q.MinMS, q.MaxMS))
		}
		if !q.Reserved {
			ranks[i].drop(s.hidden)
		}
		switch {
		case q.Show == ShowPlayed:
			ranks[i].keep(s.playedSince(max(q.RestedMS, 1)))
		case q.RestedMS > 0:
			ranks[i].drop(s.playedSince(q.RestedMS))
		}
		switch q.Show {
		case ShowReserved:
			ranks[i].keep(s.hidden)
		case ShowClosed:
			ranks[i].keep(c.closed(q.NowMS))
		}
	}
}

// page takes titles out of ranks: so many after leaving out so many.
type page struct{ skip, limit int }

// fill appends the part of a rank that belongs to the page.
func (p *page) fill(c *catalog, rank set, titles []Title) []Title {
	if size := rank.size(); p.skip >= size {
		p.skip -= size
		return titles
	}
	for i := range rank.all {
		if len(titles) == p.limit {
			break
		}
		if p.skip > 0 {
			p.skip--
			continue
		}
		titles = append(titles, c.titles[i])
	}
	return titles
}

// inOrder is the page of what was found, in an order of all titles.
func (p *page) inOrder(c *catalog, found set, order []int32) []Title {
	if order == nil {
		return p.fill(c, found, nil)
	}
	var titles []Title
	for _, i := range order {
		if !found.has(int(i)) {
			continue
		}
		if p.skip > 0 {
			p.skip--
			continue
		}
		if titles = append(titles, c.titles[i]); len(titles) == p.limit {
			break
		}
	}
	return titles
}

// match returns the titles that have all the words, in three sets that have none in common: those that begin with the
// text, those with words that begin with each of the words, and the others.
func (c *catalog) match(text string, words []string) [3]set {
	if text == "" {
		return [3]set{fullSet(len(c.titles)), newSet(len(c.titles)), newSet(len(c.titles))}
	}
	begins := newSet(len(c.titles))
	from, _ := slices.BinarySearch(c.names, text)
	for i := from; i < len(c.names) && strings.HasPrefix(c.names[i], text); i++ {
		begins.add(i)
	}
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	starts, contains := c.having(words[0])
	for _, word := range words[1:min(len(words), maxWords)] {
		s, h := c.having(word)
		starts.keep(s)
		contains.keep(h)
	}
	contains.drop(starts)
	contains.drop(begins)
	starts.drop(begins)
	return [3]set{begins, starts, contains}
}

// having returns the titles with a word that starts with this one, and those with a word that has it anywhere.
func (c *catalog) having(part string) (starts, contains set) {
	starts, contains = newSet(len(c.titles)), newSet(len(c.titles))
	n := 0
	for from := 0; ; from = c.begins[n+1] {
		at := strings.Index(c.text[from:], part)
		if at < 0 {
			break
		}
		for at += from; c.begins[n+1] <= at; n++ {
		}
		begins := c.begins[n] == at
		for _, i := range c.with[n] {
			contains.add(int(i))
			if begins {
				starts.add(int(i))
			}
		}
	}
	return starts, contains
}

// filed returns the titles under one name, whatever its letters' case.
func (c *catalog) filed(under map[string][]int32, name string) set {
	of := newSet(len(c.titles))
	for _, i := range under[fold(name)] {
		of.add(int(i))
	}
	return of
}

// within returns the titles of a length.
func (c *catalog) within(minMS, maxMS int64) set {
	of := newSet(len(c.titles))
	for i, ms := range c.lengths {
		if ms > 0 && ms >= minMS && (maxMS == 0 || ms <= maxMS) {
			of.add(i)
		}
	}
	return of
}

// closed returns the titles that are closed to viewers at an instant, or will be.
func (c *catalog) closed(nowMS int64) set {
	of := newSet(len(c.titles))
	for i := range c.titles {
		if t := &c.titles[i]; t.ClosedToMS > nowMS || t.ClosedToMS == 0 && t.ClosedFromMS != 0 {
			of.add(i)
		}
	}
	return of
}

// cut shortens text to so many characters.
func cut(text string, most int) string {
	n := 0
	for i := range text {
		if n == most {
			return text[:i]
		}
		n++
	}
	return text
}
