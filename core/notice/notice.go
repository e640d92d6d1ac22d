// Package notice is the words of the bot: what it says in the channel and what it owes people. PURE.
//
// Everything that the bot says goes through Say, whoever wrote the words.
package notice

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"

	"playbill/core/ledger"
)

// Say makes a text safe to be said: one line, no control or invisible formatting characters, spaces made plain and
// single, no leading "/" (a channel would take it for a command, CyTube's src/channel/chat.js: "/" begins one), at most
// limit runes, cut with an ellipsis. A limit of 0 or less is no limit. The result may be empty: then there is nothing to
// say.
func Say(text string, limit int) string {
	line := strings.Join(strings.FieldsFunc(clean(text), unicode.IsSpace), " ")
	line = strings.TrimLeft(line, "/ ")
	return Cut(line, limit)
}

// Cut shortens a text to at most limit runes, the last of them an ellipsis when something was cut off. 0 or less: no
// limit.
func Cut(text string, limit int) string {
	runes := []rune(text)
	if limit <= 0 || len(runes) <= limit {
		return text
	}
	return strings.TrimRight(string(runes[:limit-1]), " ") + "…"
}

// clean drops what cannot be seen and does harm (controls, direction marks, zero-width characters, what is not UTF-8)
// and keeps spaces of every kind as word breaks. U+200D stays: it joins emoji.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200d':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == unicode.ReplacementChar:
			return -1
		default:
			return r
		}
	}, text)
}

// Added announces a purchase that stands in its place. position counts content entries, not promos: 1 is "next".
func Added(title, user string, price ledger.Coins, position int) string {
	return title + " added to the queue by " + user + " for " + sum(price) + ", up " + Position(position)
}

// LoginCode brings somebody the code with which they log in.
func LoginCode(code string) string {
	return "Your login code is " + code + ". It works once, for five minutes, in the browser that asked for it. " +
		"If that was not you, ignore it and tell nobody."
}

// SettledAfterAll tells a buyer that a request which was being withdrawn began first, and so was sold.
func SettledAfterAll(title string) string {
	return title + " started before it could be taken off, so its coins are spent"
}

// CutShort tells a buyer that a paid title was cut by an event before half of it had played, and that its coins are back.
func CutShort(title string, coins ledger.Coins) string {
	return title + " was cut short by an event. " + sum(coins) + " are back"
}

// Cancelled is the one PM about everything that was cancelled for one reason. text ends the sentence ("because you left
// the channel"; Because has the host's own); it may be empty. Titles that do not fit into limit runes are counted: "and 2
// more"; 0 or less is no limit. No titles: nothing to say.
func Cancelled(titles []string, text string, limit int) string {
	if len(titles) == 0 {
		return ""
	}
	for named := len(titles); named > 0; named-- {
		said := cancelled(titles[:named], len(titles)-named, text)
		if limit <= 0 || len([]rune(said)) <= limit {
			return said
		}
	}
	rest := len([]rune(cancelled([]string{"…"}, len(titles)-1, text))) - 1
	first := Cut(titles[0], max(limit-rest, 1))
	return Cut(cancelled([]string{first}, len(titles)-1, text), limit)
}

func cancelled(titles []string, more int, text string) string {
	verb := " was cancelled and refunded"
	if len(titles)+more > 1 {
		verb = " were cancelled and refunded"
	}
	return strings.TrimSpace(joined(titles, more) + verb + " " + text)
}

// joined is a list in a sentence: "A", "A and B", "A, B and C", "A, B and 2 more".
func joined(names []string, more int) string {
	if more > 0 {
		names = append(names[:len(names):len(names)], strconv.Itoa(more)+" more")
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Because ends the sentence about a refund: why, in words. text is a trigger's own and goes before the host's; a reason
// that nobody has words for is named as it is.
func Because(reason, text string) string {
	return cmp.Or(text, because(reason))
}

// because has words for each reason of SPEC 4.3, as package pay names them.
func because(reason string) string {
	switch reason {
	case "add_failed":
		return "because the channel did not take it"
	case "move_failed":
		return "because it could not be moved to its place"
	case "no_anchor":
		return "because the channel did not say what is playing"
	case "displaced":
		return "because an event started and cleared the list"
	case "reserved":
		return "because it was set aside for a programme of the channel"
	case "removed":
		return "because an admin took it off"
	case "cancelled":
		return "because you cancelled it"
	case "owner_left":
		return "because you left the channel"
	case "owner_afk":
		return "because you went AFK"
	case "lost":
		return "because it vanished from the list before it played"
	case "blocked":
		return "because your account was blocked"
	default:
		return "because of: " + strings.ReplaceAll(cmp.Or(reason, "a reason not known"), "_", " ")
	}
}

// sum is money as people read it: "1 coin", "1,350 coins".
func sum(coins ledger.Coins) string {
	if coins == 1 {
		return "1 coin"
	}
	digits := strconv.FormatInt(int64(coins), 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits + " coins"
}
