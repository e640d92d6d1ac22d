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
	Text          string // every word must be in title, tags, categories or year; empty: everything
	Category      string // empty: any
	Reserved      bool   // show what is reserved too: admins only
	Limit, Offset int    // Limit is at most 200; 0: 200
}

// Found is one page of an answer. The best come first: titles that begin with the text, then those with words that do,
// then those that contain it; by title within each.
type Found struct {
	Titles []Title
	Total  int    // on all pages
	Meant  string // when nothing was found: what the text may have meant, or empty
}

// Category is one category with the number of its titles.
type Category struct {
	Name   string
	Titles int
}

// catalog is the titles with their search index: for every word the titles that have it. Nothing in it is ever changed.
// A search runs through the words, a few tens of thousands, and not through the titles.
type catalog struct {
	titles []Title  // that are there, by folded title, then type and id
	names  []string // their folded titles
	at     map[sdk.Key]int
	tokens map[string]int // a media's last name to its title; -1: several have it

	words []string           // of title, tags, categories and year, in order
	with  [][]int32          // per word: the titles that have it
	in    map[string][]int32 // per folded category: the titles of it
}

func newCatalog(all []Title) *catalog {
	c := &catalog{titles: make([]Title, 0, len(all))}
	folded := make(map[sdk.Key]string, len(all))
	for _, t := range all {
		if t.GoneAtMS == 0 {
			c.titles = append(c.titles, t)
			folded[t.Media.Key()] = fold(t.Media.Title)
		}
	}
	slices.SortFunc(c.titles, func(a, b Title) int {
		return cmp.Or(strings.Compare(folded[a.Media.Key()], folded[b.Media.Key()]),
			strings.Compare(a.Media.Type, b.Media.Type), strings.Compare(a.Media.ID, b.Media.ID))
	})
	c.names = make([]string, len(c.titles))
	c.at = make(map[sdk.Key]int, len(c.titles))
	c.tokens = make(map[string]int, len(c.titles))
	c.in = map[string][]int32{}
	for i, t := range c.titles {
		c.names[i] = folded[t.Media.Key()]
		c.at[t.Media.Key()] = i
		c.addToken(tokenOf(t.Media), i)
		c.addCategories(t, i)
	}
	c.addWords()
	return c
}

func (c *catalog) addCategories(t Title, i int) {
	for _, name := range t.Categories {
		name = fold(name)
		c.in[name] = append(c.in[name], int32(i))
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
	with := make([][]int32, len(c.words))
	for n, word := range c.words {
		with[n] = c.with[number[word]]
	}
	c.with = with
}

// wordsOf yields the words by which a title is found, some of them twice.
func wordsOf(name string, t Title) iter.Seq[string] {
	return func(yield func(string) bool) {
		texts := slices.Concat([]string{name}, t.Tags, t.Categories)
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

// search runs one query. hidden are the titles that are reserved.
func (c *catalog) search(q Query, hidden set) Found {
	text := fold(cut(q.Text, maxQuery))
	words := strings.Fields(text)
	if text == "" && strings.TrimSpace(q.Text) != "" {
		return Found{} // nothing but punctuation: no title has it
	}
	ranks := c.match(text, words)
	found := Found{}
	skip, limit := max(q.Offset, 0), q.Limit
	if limit <= 0 || limit > maxFound {
		limit = maxFound
	}
	for _, rank := range ranks {
		if q.Category != "" {
			rank.keep(c.category(q.Category))
		}
		if !q.Reserved {
			rank.drop(hidden)
		}
		size := rank.size()
		found.Total += size
		if skip >= size {
			skip -= size
			continue
		}
		for i := range rank.all {
			switch {
			case skip > 0:
				skip--
			case len(found.Titles) < limit:
				found.Titles = append(found.Titles, c.titles[i])
			}
			if len(found.Titles) == limit {
				break
			}
		}
	}
	if found.Total == 0 && len(words) > 0 {
		found.Meant = c.meant(q, words, hidden)
	}
	return found
}

// match returns the titles that have all the words, in three sets that have none in common: those that begin with the
// text, those with words that begin with each of the words, and the others.
func (c *catalog) match(text string, words []string) [3]set {
	begins := newSet(len(c.titles))
	from, _ := slices.BinarySearch(c.names, text)
	for i := from; i < len(c.names) && strings.HasPrefix(c.names[i], text); i++ {
		begins.add(i)
	}
	if len(words) == 0 {
		return [3]set{begins, newSet(len(c.titles)), newSet(len(c.titles))}
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
	for n, word := range c.words {
		if !strings.Contains(word, part) {
			continue
		}
		begins := strings.HasPrefix(word, part)
		for _, i := range c.with[n] {
			contains.add(int(i))
			if begins {
				starts.add(int(i))
			}
		}
	}
	return starts, contains
}

// category returns the titles of one category, whatever its letters' case.
func (c *catalog) category(name string) set {
	of := newSet(len(c.titles))
	for _, i := range c.in[fold(name)] {
		of.add(int(i))
	}
	return of
}

func (c *catalog) categories(hidden set) []Category {
	counts := map[string]int{}
	for i, t := range c.titles {
		if !hidden.has(i) {
			for _, name := range t.Categories {
				counts[name]++
			}
		}
	}
	list := make([]Category, 0, len(counts))
	for name, n := range counts {
		list = append(list, Category{name, n})
	}
	slices.SortFunc(list, func(a, b Category) int { return strings.Compare(a.Name, b.Name) })
	return list
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
