package sample

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"playbill/core/library"
	"playbill/sdk"
)

func titles(t *testing.T) []library.Title {
	t.Helper()
	titles, err := Titles()
	if err != nil {
		t.Fatal(err)
	}
	return titles
}

func playlists(t *testing.T) []library.Playlist {
	t.Helper()
	lists, err := Playlists()
	if err != nil {
		t.Fatal(err)
	}
	return lists
}

func TestCatalogIsPlausible(t *testing.T) {
	all := titles(t)
	films := 0
	seen := map[sdk.Key]string{}
	names := map[string]bool{}
	for _, one := range all {
		if other, twice := seen[one.Media.Key()]; twice {
			t.Errorf("%s and %s have the same id", other, one.Media.Title)
		}
		seen[one.Media.Key()] = one.Media.Title
		if names[one.Media.Title] {
			t.Errorf("%s is there twice", one.Media.Title)
		}
		names[one.Media.Title] = true
		if one.Year < 1890 || one.Year > 1970 {
			t.Errorf("%s is of %d", one.Media.Title, one.Year)
		}
		if ms := one.Media.DurationMS; ms < 5_000 || ms > 4*3_600_000 {
			t.Errorf("%s takes %d ms", one.Media.Title, ms)
		}
		if one.Media.DurationMS >= 3_600_000 {
			films++
		}
		if len(one.Categories) == 0 || one.Source != "sample" {
			t.Errorf("%s has categories %q, source %q", one.Media.Title, one.Categories, one.Source)
		}
		nowhere(t, one.Media)
	}
	if len(all) < 200 || films < 60 {
		t.Errorf("%d titles, %d of an hour or more", len(all), films)
	}
}

// nowhere holds that an address cannot be anybody's: .invalid is reserved for that (RFC 2606).
func nowhere(t *testing.T, m sdk.Media) {
	t.Helper()
	u, err := url.Parse(m.ID)
	if err != nil || m.Type != "cm" || u.Scheme != "https" || u.Host != "sample.invalid" || !strings.HasSuffix(u.Path, ".json") {
		t.Errorf("%s has the address %s %s", m.Title, m.Type, m.ID)
	}
}

func TestPlaylistsCoverTheDemo(t *testing.T) {
	catalog := map[sdk.Key]bool{}
	for _, one := range titles(t) {
		catalog[one.Media.Key()] = true
	}
	var content, events int
	var types []string
	for _, p := range playlists(t) {
		switch {
		case p.PromoType != "":
			types = append(types, p.PromoType)
			checkPool(t, p, catalog)
		case p.Immutable:
			events++
		default:
			content++
		}
		for _, item := range p.Items {
			nowhere(t, item.Media)
			if p.PromoType == "" && !catalog[item.Media.Key()] {
				t.Errorf("%s: %s is not in the catalog", p.Name, item.Media.Title)
			}
		}
	}
	slices.Sort(types)
	want := []string{"channel_identity", "event", "feature_presentation", "mod_shoutout", "viewers_choice"}
	if content != 3 || events != 1 || !slices.Equal(types, want) {
		t.Errorf("%d lists of content, %d events, pools %q", content, events, types)
	}
}

func checkPool(t *testing.T, p library.Playlist, catalog map[sdk.Key]bool) {
	t.Helper()
	if n := len(p.Items); n < 4 || n > 6 {
		t.Errorf("%s has %d clips", p.Name, n)
	}
	for _, item := range p.Items {
		if ms := item.Media.DurationMS; ms < 8_000 || ms > 40_000 {
			t.Errorf("%s takes %d ms", item.Media.Title, ms)
		}
		if catalog[item.Media.Key()] {
			t.Errorf("%s is a clip and in the catalog", item.Media.Title)
		}
	}
}

// The films that viewers can buy must outnumber what the event keeps back.
func TestMostOfTheCatalogIsForSale(t *testing.T) {
	kept := map[sdk.Key]bool{}
	for _, p := range playlists(t) {
		for _, item := range p.Items {
			kept[item.Media.Key()] = kept[item.Media.Key()] || p.Immutable
		}
	}
	free := 0
	for _, one := range titles(t) {
		if !kept[one.Media.Key()] {
			free++
		}
	}
	if free < 200 {
		t.Errorf("only %d titles are for sale", free)
	}
}
