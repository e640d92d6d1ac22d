package notice

import "strconv"

// Position names a place among the entries to come: 1 is "next", 2 "second". Less than 1 is "next" too.
func Position(n int) string {
	if n <= 1 {
		return "next"
	}
	return Ordinal(n)
}

// Ordinal spells a number from 1 to 9,999 as an ordinal: "second", "twenty-first", "one hundred and third". Others are
// written with digits: "10000th".
func Ordinal(n int) string {
	if n < 1 || n > 9_999 {
		return strconv.Itoa(n) + suffix(n)
	}
	thousands, hundreds, rest := n/1_000, n/100%10, n%100
	words := ""
	if thousands > 0 {
		words = unit(thousands) + " thousand"
	}
	if hundreds > 0 {
		words = spaced(words) + unit(hundreds) + " hundred"
	}
	if rest == 0 {
		return words + "th"
	}
	if words != "" {
		words += " and "
	}
	return words + belowHundred(rest)
}

func spaced(words string) string {
	if words == "" {
		return ""
	}
	return words + " "
}

func belowHundred(n int) string {
	first := [...]string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
		"eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"}
	tens := [...]string{"", "", "twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet"}
	switch {
	case n < 20:
		return first[n]
	case n%10 == 0:
		return tens[n/10] + "ieth"
	default:
		return tens[n/10] + "y-" + first[n%10]
	}
}

func unit(n int) string {
	return [...]string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}[n]
}

func suffix(n int) string {
	if n < 0 {
		n = -n
	}
	if tens := n / 10 % 10; tens == 1 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	default:
		return "th"
	}
}
