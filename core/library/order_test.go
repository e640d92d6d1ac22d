package library

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"playbill/sdk"
)

// shelfOf makes a snapshot of titles a, b, c ...: minutes long, added in turn.
func shelfOf(minutes ...int64) *snapshot {
	var titles []Title
	for i, m := range minutes {
		id := string(rune('a' + i))
		titles = append(titles, Title{Media: sdk.Media{Type: "yt", ID: id, Title: "Title " + id, DurationMS: m * 60_000}, AddedAtMS: int64(i),
			Tags: []string{"Noir " + id}, People: []string{"Ida Lupino"}})
	}
	return assemble(newCatalog(titles), nil, nil)
}

func ids(found Found) string {
	var all []string
	for _, t := range found.Titles {
		all = append(all, t.Media.ID)
	}
	return strings.Join(all, "")
}

func TestOrders(t *testing.T) {
	s := shelfOf(90, 0, 7, 90, 20)
	s.played = playing{{Type: "yt", ID: "b"}: 50, {Type: "yt", ID: "e"}: 70}
	s.catalog.titles[0].ClosedToMS, s.catalog.titles[2].ClosedFromMS = 30, 40
	s.hidden.add(3)
	for q, want := range map[Query]string{
		{Show: ShowReserved, Reserved: true}:             "d",
		{Show: ShowPlayed, RestedMS: 60, Reserved: true}: "e",
		{Show: ShowPlayed, Reserved: true}:               "be",
		{Show: ShowClosed, NowMS: 29, Reserved: true}:    "ac",
		{Show: ShowClosed, NowMS: 30, Reserved: true}:    "c",
	} {
		if got := ids(s.search(q)); got != want {
			t.Errorf("%+v finds %s, want %s", q, got, want)
		}
	}
	s.hidden = newSet(5)
	for q, want := range map[Query]string{
		{}:                                       "abcde",
		{Sort: SortTitle}:                        "abcde",
		{Sort: SortNewest}:                       "edcba",
		{Sort: SortShortest}:                     "ceadb",
		{Sort: SortLongest}:                      "adecb",
		{Sort: SortRecent}:                       "ebacd",
		{Sort: SortRested}:                       "acdbe",
		{Sort: "by the moon"}:                    "abcde",
		{Sort: SortLongest, Offset: 1, Limit: 2}: "de",
		{MinMS: 1, MaxMS: 1_200_000}:             "ce",
		{MaxMS: 420_000}:                         "c",
		{RestedMS: 60}:                           "abcd",
		{RestedMS: 50}:                           "acd",
		{Tag: "noir B"}:                          "b",
		{Tag: "ida lupino", Offset: 3}:           "de",
		{Tag: "lupino"}:                          "",
		{Text: "lupino c"}:                       "c",
	} {
		if got := ids(s.search(q)); got != want {
			t.Errorf("%+v finds %s, want %s", q, got, want)
		}
	}
}

// Every order has every title once, and pages of it lie side by side.
func TestOrdersAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := shelfOf(rapid.SliceOfN(rapid.Int64Range(0, 3), 1, 20).Draw(t, "minutes")...)
		s.played = playing{}
		for i := range s.catalog.titles {
			if rapid.Bool().Draw(t, "played") {
				s.played[s.catalog.titles[i].Media.Key()] = rapid.Int64Range(1, 3).Draw(t, "at")
			}
		}
		for _, sort := range Sorts() {
			whole := ids(s.search(Query{Sort: sort}))
			letters := strings.Split(whole, "")
			slices.Sort(letters)
			paged := ""
			for from := range len(s.catalog.titles) {
				paged += ids(s.search(Query{Sort: sort, Offset: from, Limit: 1}))
			}
			if len(slices.Compact(letters)) != len(s.catalog.titles) || paged != whole {
				t.Fatalf("%s: %s, in pages %s", sort, whole, paged)
			}
		}
	})
}

func TestClosed(t *testing.T) {
	for _, c := range []struct {
		from, to, at int64
		want         string
	}{
		{0, 0, 5, "0 false"}, {3, 0, 5, "0 true"}, {0, 9, 5, "9 true"}, {3, 9, 5, "9 true"}, {3, 9, 2, "0 false"}, {3, 9, 9, "0 false"}, {3, 9, 3, "9 true"},
	} {
		until, closed := Title{ClosedFromMS: c.from, ClosedToMS: c.to}.Closed(c.at)
		if got := fmt.Sprint(until, closed); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
