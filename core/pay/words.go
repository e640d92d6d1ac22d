package pay

import (
	"fmt"
	"strconv"
	"strings"

	"playbill/core/ledger"
	"playbill/sdk"
)

// Lengths in milliseconds.
const (
	minuteMS int64 = 60_000
	hourMS         = 60 * minuteMS
	dayMS          = 24 * hourMS
)

// Words is a sum as people read it: "1 coin", "1,350 coins".
func Words(c ledger.Coins) string {
	if c == 1 {
		return "1 coin"
	}
	return grouped(int64(c)) + " coins"
}

func grouped(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Distance is a time to come in words: "in 5 minutes", "in 1 hour 20 minutes", "in 3 days". Rounded up, so that whoever
// waits that long has waited enough; at least a minute.
func Distance(ms int64) string {
	minutes := max((ms+minuteMS-1)/minuteMS, 1)
	switch {
	case minutes < 60:
		return "in " + plural(minutes, "minute")
	case minutes < 48*60 && minutes%60 != 0:
		return "in " + plural(minutes/60, "hour") + " " + plural(minutes%60, "minute")
	case minutes < 48*60:
		return "in " + plural(minutes/60, "hour")
	default:
		return "in " + plural((minutes*minuteMS+dayMS-1)/dayMS, "day")
	}
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}

// small spells the numbers that people say as words.
func small(n int) string {
	names := [...]string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n < 0 || n >= len(names) {
		return strconv.Itoa(n)
	}
	return names[n]
}

func counted(n int, unit string) string {
	if n == 1 {
		return "one " + unit
	}
	return small(n) + " " + unit + "s"
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// rank shows a rank x10 as the channel counts: 10 is "1", 15 is "1.5".
func rank(tenths int) string {
	if tenths%10 == 0 {
		return strconv.Itoa(tenths / 10)
	}
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

func titled(m sdk.Media) string {
	if m.Title == "" {
		return "This title"
	}
	return m.Title
}

// doing names a tier inside a sentence: "playing next takes channel rank 2".
func doing(tier string) string {
	if tier == PlayNext {
		return "playing next"
	}
	return "queueing"
}
