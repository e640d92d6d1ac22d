package library

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold brings text into the form in which it is compared: lower case, without accents, apostrophes and punctuation, its
// words parted by single spaces. It never ends or begins with one. Letters of every script are taken apart into letter and
// accent first (NFKD), so that it does not matter how somebody's keyboard puts them together.
func fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(text, "\ufffd")) { // behind a broken byte norm takes nothing apart
		r = unicode.ToLower(r)
		switch plain := plainLetter(r); {
		case plain != "":
			gap = part(&b, gap)
			b.WriteString(plain)
		case r == '\'' || r == '’' || r == 'ʼ' || accent(r):
			// "Hell's Hinges" is found by "hells", and an accent that stands alone changes nothing.
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) && b.Len() > 0 && !gap:
			gap = part(&b, gap)
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	return b.String()
}

// part writes the space between two words, if one is due.
func part(b *strings.Builder, gap bool) bool {
	if gap && b.Len() > 0 {
		b.WriteByte(' ')
	}
	return false
}

// accent reports whether a mark is one that people leave out when they type: those of Latin, Greek and Cyrillic letters.
// In other scripts marks are vowels, and stay.
func accent(r rune) bool { return r >= 0x300 && r <= 0x36f }

// plainLetter spells a small letter that is more than a letter with an accent, as people type it; empty: it is none.
func plainLetter(r rune) string {
	switch r {
	case 'æ':
		return "ae"
	case 'đ', 'ð':
		return "d"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'ł':
		return "l"
	case 'ŋ':
		return "n"
	case 'ø':
		return "o"
	case 'œ':
		return "oe"
	case 'ß', 'ẞ':
		return "ss"
	case 'ŧ':
		return "t"
	case 'ς': // which a capital letter does not tell from the other one
		return "σ"
	case 'þ':
		return "th"
	default:
		return ""
	}
}
