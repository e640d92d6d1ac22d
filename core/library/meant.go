package library

import (
	"slices"
	"strings"
)

// meant guesses what a text that found nothing was meant to be: every word that no title has becomes the nearest word
// that one has. It is empty when that finds nothing either, so it never tells a viewer of what is reserved.
func (s *snapshot) meant(q Query, words []string) string {
	c := s.catalog
	guess := slices.Clone(words)
	for i, word := range words {
		if c.known(word) {
			continue
		}
		near, ok := c.nearest(word)
		if !ok {
			return ""
		}
		guess[i] = near
	}
	if slices.Equal(guess, words) {
		return ""
	}
	text := strings.Join(guess, " ")
	q.Text, q.Limit, q.Offset, q.Sort = text, 1, 0, ""
	found := s.search(q)
	if found.Total == 0 {
		return ""
	}
	if title := found.Titles[0].Media.Title; fold(title) == text {
		return title // spelled as the catalog spells it
	}
	return text
}

// known reports whether a word of the catalog has this text in it.
func (c *catalog) known(text string) bool {
	return slices.ContainsFunc(c.words, func(word string) bool { return strings.Contains(word, text) })
}

// nearest returns the word of the catalog with the fewest edits from word: at most one for a short word, two
// for a longer one. People rarely mistype the first letter, so only words with the same one are compared.
func (c *catalog) nearest(word string) (string, bool) {
	const short = 4
	most := 2
	if len(word) <= short {
		most = 1
	}
	best := ""
	from, _ := slices.BinarySearch(c.words, word[:1])
	for _, have := range c.words[from:] {
		if have[0] != word[0] {
			break
		}
		if n := len(have) - len(word); n > most || -n > most {
			continue
		}
		if d := edits(word, have, most); d <= most {
			best, most = have, d-1 // from here on only a nearer one
			if most < 0 {
				break
			}
		}
	}
	return best, best != ""
}

// edits counts the single-byte changes, insertions, deletions and swaps of neighbours that make b from a. Above most it
// returns some number above most.
func edits(a, b string, most int) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[(i+2)%3], rows[i%3], rows[(i+1)%3]
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return least
		}
	}
	return rows[(len(a)+1)%3][len(b)]
}
