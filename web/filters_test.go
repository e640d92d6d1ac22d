package web

import (
	"strings"
	"testing"

	"playbill/core/library"
)

// TestCatalogFilters: length, price and order narrow the public catalog, go along from page to page, and what is none of
// the choices is left out of account.
func TestCatalogFilters(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	page := call{"GET", "/catalog?q=moon&category=Silent&length=901-2100&max_price=250&sort=longest", "viewer", "", nil}.do(s).Body.String()
	for address, want := range map[string]library.Query{
		"/catalog?q=moon&length=901-2100&sort=longest": {Text: "moon", MinMS: 901_000, MaxMS: 2_100_000, Sort: library.SortLongest, Limit: 40},
		"/catalog?length=3901-":                        {MinMS: 3_901_000, Limit: 40},
		"/catalog?max_price=250":                       {MaxMS: 900_000, Limit: 40},
		"/catalog?length=1-2&sort=colour&max_price=7":  {Limit: 5}, // the shelves of the first page
	} {
		w.asked = nil
		call{"GET", address, "viewer", "", nil}.do(s)
		found := false
		for _, q := range w.asked {
			found = found || q == want || want.Limit == 5 && q.Sort == "" && q.MinMS == 0 && q.MaxMS == 0
		}
		if !found {
			t.Errorf("%s asks for %+v", address, w.asked)
		}
	}
	if !strings.Contains(page, `value="longest" selected`) || !strings.Contains(page, "length=901-2100") {
		t.Error("the filters are not kept")
	}
}
