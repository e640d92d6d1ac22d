package notice_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"playbill/core/notice"
	"playbill/core/pay"
)

func TestSay(t *testing.T) {
	cases := []struct {
		text  string
		limit int
		want  string
	}{
		{"Detour added", 240, "Detour added"},
		{"/kick everybody", 240, "kick everybody"},
		{"//x", 240, "x"},
		{" /x", 240, "x"},
		{"/ / /x/y", 240, "x/y"},
		{"\u00a0/\u3000/x", 240, "x"},
		{"\u200b/x", 240, "x"},
		{"\ufeff/x", 240, "x"},
		{"\u202e/x\u202c", 240, "x"},
		{"\x00/\x1bx", 240, "x"},
		{"one\ntwo\r\nthree\u2028four\tfive", 240, "one two three four five"},
		{"a \x07 b", 240, "a b"},
		{"\xff/x\xfe", 240, "x"},
		{"👩\u200d🚀", 240, "👩\u200d🚀"},
		{"///", 240, ""},
		{"", 240, ""},
		{"Nosferatu", 9, "Nosferatu"},
		{"Nosferatu", 8, "Nosfera…"},
		{"Nosferatu", 1, "…"},
		{"a bc", 3, "a…"},
		{"ééé", 2, "é…"},
		{"no limit", 0, "no limit"},
	}
	for _, c := range cases {
		if got := notice.Say(c.text, c.limit); got != c.want {
			t.Errorf("Say(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func FuzzSay(f *testing.F) {
	for _, s := range []string{"/x", " /x", "//x", "\u200b/x", "a\nb", "\u202e/x", "\xff/\u2028", "🚀/"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		got := notice.Say(text, limit)
		if strings.HasPrefix(strings.TrimSpace(got), "/") {
			t.Errorf("%q begins a command", got)
		}
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || r != ' ' && unicode.IsSpace(r) }) {
			t.Errorf("%q is not one clean line", got)
		}
		if limit > 0 && utf8.RuneCountInString(got) > limit {
			t.Errorf("%q is longer than %d", got, limit)
		}
		if again := notice.Say(got, limit); again != got {
			t.Errorf("%q becomes %q when said again", got, again)
		}
	})
}

func TestAdded(t *testing.T) {
	if got, want := notice.Added("Detour", "nine_lives", 1_350, 2), "Detour added to the queue by nine_lives for 1,350 coins, up second"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := notice.Added("Detour", "nine_lives", 1, 1), "Detour added to the queue by nine_lives for 1 coin, up next"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOrdinal(t *testing.T) {
	for n, want := range map[int]string{
		1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth", 19: "nineteenth",
		20: "twentieth", 21: "twenty-first", 40: "fortieth", 42: "forty-second", 80: "eightieth", 99: "ninety-ninth", 100: "one hundredth",
		101: "one hundred and first", 212: "two hundred and twelfth", 1000: "one thousandth", 1001: "one thousand and first",
		1100: "one thousand one hundredth", 4321: "four thousand three hundred and twenty-first", 9999: "nine thousand nine hundred and ninety-ninth",
		10_000: "10000th", 10_011: "10011th", 10_021: "10021st", 10_002: "10002nd", 10_003: "10003rd", 0: "0th", -1: "-1st",
	} {
		if got := notice.Ordinal(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{-3: "next", 0: "next", 1: "next", 2: "second", 3: "third"} {
		if got := notice.Position(n); got != want {
			t.Errorf("position %d: %q, want %q", n, got, want)
		}
	}
}

func TestCancelled(t *testing.T) {
	left := notice.Because(pay.OwnerLeft, "")
	long := strings.Repeat("Nosferatu ", 20) // 200 runes
	cases := []struct {
		titles []string
		text   string
		want   string
	}{
		{[]string{"Detour"}, left, "Detour was cancelled and refunded because you left the channel"},
		{[]string{"Detour", "Nosferatu"}, left, "Detour and Nosferatu were cancelled and refunded because you left the channel"},
		{[]string{"A", "B", "C"}, notice.Because(pay.OwnerAFK, ""), "A, B and C were cancelled and refunded because you went AFK"},
		{[]string{"Detour"}, "", "Detour was cancelled and refunded"},
		{[]string{"A", long, "C"}, left, "A and 2 more were cancelled and refunded because you left the channel"},
		{[]string{"A", "B", long, "C"}, left, "A, B and 2 more were cancelled and refunded because you left the channel"},
		{[]string{long, "A"}, left, long[:171] + "… and 1 more were cancelled and refunded because you left the channel"},
		{nil, left, ""},
	}
	for _, c := range cases {
		got := notice.Cancelled(c.titles, c.text, 240)
		if got != c.want {
			t.Errorf("%q: got  %q\nwant %q", c.titles, got, c.want)
		}
		if n := utf8.RuneCountInString(got); n > 240 {
			t.Errorf("%d runes: %q", n, got)
		}
	}
}

func FuzzCancelled(f *testing.F) {
	f.Add("Detour|Nosferatu|C", "because you left the channel", 40)
	f.Fuzz(func(t *testing.T, titles, text string, limit int) {
		if got := notice.Cancelled(strings.Split(titles, "|"), text, limit); limit > 0 && utf8.RuneCountInString(got) > limit {
			t.Errorf("%q is longer than %d", got, limit)
		}
	})
}

func TestEveryReasonHasWords(t *testing.T) {
	seen := map[string]bool{}
	for _, reason := range []string{pay.AddFailed, pay.MoveFailed, pay.NoAnchor, pay.Displaced, pay.Reserved, pay.Removed,
		pay.Cancelled, pay.OwnerLeft, pay.OwnerAFK, pay.Lost, pay.Banned} {
		got := notice.Because(reason, "")
		if !strings.HasPrefix(got, "because ") || strings.HasPrefix(got, "because of:") || seen[got] {
			t.Errorf("%s: %q", reason, got)
		}
		seen[got] = true
	}
	if got := notice.Because(pay.OwnerLeft, "because the boat left"); got != "because the boat left" {
		t.Errorf("a trigger's own words: %q", got)
	}
	if got := notice.Because("gone_fishing", ""); got != "because of: gone fishing" {
		t.Errorf("an unknown reason: %q", got)
	}
}

func TestSentences(t *testing.T) {
	if got, want := notice.SettledAfterAll("Detour"), "Detour started before it could be taken off, so its coins are spent"; got != want {
		t.Errorf("got %q", got)
	}
	if got, want := notice.CutShort("Detour", 1_000_900), "Detour was cut short by an event. 1,000,900 coins are back"; got != want {
		t.Errorf("got %q", got)
	}
}
