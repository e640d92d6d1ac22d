package library

import (
	"strings"
	"unicode"
)

// fold brings text into the form in which it is compared: lower case, without accents, apostrophes and punctuation, its
// words parted by single spaces. It never ends or begins with one.
func fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range text {
		switch plain := plainLetter(unicode.ToLower(r)); {
		case plain != "":
			gap = part(&b, gap)
			b.WriteString(plain)
		case r == '\'' || r == '’' || r == 'ʼ' || unicode.Is(unicode.Mn, r):
			// "Hell's Hinges" is found by "hells", and an accent that stands alone changes nothing.
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			gap = part(&b, gap)
			b.WriteRune(unicode.ToLower(r))
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

// plainLetter spells a small Latin letter with an accent without it; empty: it is none.
func plainLetter(r rune) string {
	if r < 0x80 || r > 0x24f { // the Latin blocks end there
		return ""
	}
	for _, group := range [...]struct{ plain, accented string }{
		{"a", "àáâãäåāăąǎ"}, {"ae", "æ"}, {"c", "çćĉċč"}, {"d", "ďđð"}, {"e", "èéêëēĕėęě"}, {"g", "ĝğġģ"}, {"h", "ĥħ"},
		{"i", "ìíîïĩīĭįı"}, {"j", "ĵ"}, {"k", "ķ"}, {"l", "ĺļľŀł"}, {"n", "ñńņňŋ"}, {"o", "òóôõöøōŏőǒ"}, {"oe", "œ"},
		{"r", "ŕŗř"}, {"s", "śŝşšș"}, {"ss", "ß"}, {"t", "ţťŧț"}, {"th", "þ"}, {"u", "ùúûüũūŭůűųǔ"}, {"w", "ŵ"},
		{"y", "ýÿŷ"}, {"z", "źżž"},
	} {
		if strings.ContainsRune(group.accented, r) {
			return group.plain
		}
	}
	return ""
}
