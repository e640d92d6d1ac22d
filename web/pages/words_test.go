package pages

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/sdk"
)

func TestWords(t *testing.T) {
	for ms, want := range map[int64]string{
		-5: "soon", 29_999: "soon", 30_000: "in 1 min", 778_000: "in 13 min", 3_569_999: "in 59 min", 3_570_000: "in 1 h 00", 8_383_000: "in 2 h 20",
	} {
		if got := distance(ms); got != want {
			t.Errorf("distance(%d) = %q, want %q", ms, got, want)
		}
	}
	for ms, want := range map[int64]string{0: "live", 499: "0 s", 45_000: "45 s", 60_000: "1 min", 1_440_000: "24 min", 4_020_000: "1 h 07 min"} {
		if got := length(ms); got != want {
			t.Errorf("length(%d) = %q, want %q", ms, got, want)
		}
	}
	for ms, want := range map[int64]string{-1: "0:00", 20_999: "0:20", 3_992_000: "1:06:32", 60_000: "1:00"} {
		if got := counter(ms); got != want {
			t.Errorf("counter(%d) = %q, want %q", ms, got, want)
		}
	}
	if got := place(time.FixedZone("America/New_York", 0)); got != "New York" {
		t.Errorf("%q", got)
	}
}

func TestTariff(t *testing.T) {
	var got []string
	for _, p := range prices(pay.Defaults()) {
		got = append(got, p.What+": "+p.Coins)
	}
	want := []string{"Up to 15 minutes: 250", "Up to 35 minutes: 500", "Up to 65 minutes: 750", "Longer: 1,000", "Play next: 3 × the price"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	one := pay.Rules{Enabled: true, Prices: []pay.PriceStep{{Coins: ledger.Coins(1)}}, Multiplier: 1}
	if got := prices(one); len(got) != 1 || got[0] != (price{"Any length", "1"}) {
		t.Errorf("%q", got)
	}
}

// TestScriptAgrees holds together what stands in the pages and in the script: a row that the script renders must look like
// the one that it replaces.
func TestScriptAgrees(t *testing.T) {
	text, err := assets.ReadFile("assets/live.js")
	if err != nil {
		t.Fatal(err)
	}
	script := string(text)
	part := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindStringSubmatch(script)
		if found == nil {
			t.Fatalf("the script has no %s", pattern)
		}
		return found[1]
	}
	var names []string
	for _, m := range regexp.MustCompile(`'([a-z]+)'`).FindAllStringSubmatch(part(`(?s)const ART = \[(.*?)\]`), -1) {
		names = append(names, m[1])
	}
	if !slices.Equal(names, drawings()) {
		t.Errorf("drawings %q, want %q", names, drawings())
	}
	for _, name := range names {
		if _, err := assets.ReadFile("assets/art/" + name + ".svg"); err != nil {
			t.Error(err)
		}
	}
	for _, m := range regexp.MustCompile(`(\w+): '(\w+)'`).FindAllStringSubmatch(part(`const KINDS = \{(.*?)\}`), -1) {
		if kindOf(m[1]) != m[2] {
			t.Errorf("%s is %q in the script and %q here", m[1], m[2], kindOf(m[1]))
		}
	}
	if part(`const ROWS = (\d+)`) != strconv.Itoa(rowsMax) {
		t.Error("the script shows another number of rows")
	}
	for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"} {
		if strings.Contains(script, bad) {
			t.Errorf("the script uses %s", bad)
		}
	}
}

func TestArtIsTheSameEveryTime(t *testing.T) {
	// FNV-1a of "yt:mThe General", as the script computes it.
	if got := art(sdk.Media{Type: "yt", ID: "mThe General"}); got != "art/bread.svg" {
		t.Errorf("%s", got)
	}
}
