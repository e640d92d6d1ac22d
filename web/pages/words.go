package pages

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/sdk"
)

// The words of this file stand in assets/live.js once more, for the script renders the same rows.

// clock is a time of day in a zone: "21:07".
func clock(ms int64, zone *time.Location) string { return time.UnixMilli(ms).In(zone).Format("15:04") }

// iso is an instant with its zone, for <time>.
func iso(ms int64, zone *time.Location) string {
	return time.UnixMilli(ms).In(zone).Format(time.RFC3339)
}

// distance is a time to come: "in 13 min", "in 1 h 11", "soon".
func distance(ms int64) string {
	minutes := (ms + 30_000) / 60_000
	switch {
	case minutes < 1:
		return "soon"
	case minutes < 60:
		return fmt.Sprintf("in %d min", minutes)
	default:
		return fmt.Sprintf("in %d h %02d", minutes/60, minutes%60)
	}
}

// length is how long a title is: "24 min", "1 h 07 min", "40 s"; empty for one that has no end.
func length(ms int64) string {
	minutes := (ms + 30_000) / 60_000
	switch {
	case ms <= 0:
		return "live"
	case ms < 60_000:
		return fmt.Sprintf("%d s", (ms+500)/1000)
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	default:
		return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
	}
}

// counter is a place in a title, or its length: "1:06:32", "0:20".
func counter(ms int64) string {
	s := max(ms, 0) / 1000
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// coins is a sum in words: "1 coin", "1,350 coins".
func coins(n int64) string { return pay.Words(ledger.Coins(n)) }

// number is a small number as a sentence has it.
func number(n int) string {
	names := [...]string{"none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
	if n < len(names) {
		return names[n]
	}
	return strconv.Itoa(n)
}

// plural is a number with its noun: "1 title", "8 titles".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// art picks a drawing for a media that brings none, always the same one.
func art(m sdk.Media) string {
	names := drawings()
	h := fnv.New32a()
	h.Write([]byte(m.Type + ":" + m.ID))
	return "art/" + names[h.Sum32()%uint32(len(names))] + ".svg"
}

// drawings are the files of assets/art that stand for a title; none.svg is for fragments.
func drawings() []string {
	return []string{"bread", "cat", "chess", "clock", "engine", "ferry", "garden", "mail", "mask", "mobile", "moon", "phone",
		"road", "souls", "synth", "umbrella", "wheel"}
}
