package main

import (
	"net/url"
	"testing"

	"playbill/core/pay"
	"playbill/sdk"
	"playbill/web/browsertest"
)

// TestBrowserCatalog imports a pasted list that has a bad line, finds its title where viewers look, closes it for a time and
// sees that it is refused, takes that back, and takes the title out of the catalog and in again.
func TestBrowserCatalog(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922")
	s.letIn("Ember", 4_000)
	viewer, tab := s.visit("Ember"), s.visit(admin)
	film := sdk.Key{Type: "yt", ID: "abcdefghijk"}
	query := url.Values{"type": {film.Type}, "id": {film.ID}}.Encode()

	tab.Open("/admin/catalog/import")
	tab.Fill("#text", "type,id,title,length,categories\nyt,abcdefghijk,The Lighthouse Keeper,7:05,Silent\nyt,bbbbbbbbbbb,No Length Here,half an hour,Silent\n")
	tab.Click("#import-form button", "See what it would do")
	tab.UntilText("#preview", "Line 3")
	if _, there := s.library.Title(film); there {
		t.Error("to look has stored it")
	}
	tab.Shot(picture("admin-import-preview"))
	tab.Click("#import-go", "Import 1 title")
	tab.UntilText("#jobs", "1 title added")
	tab.UntilText("#jobs", "Done")

	viewer.Open("/catalog?q=lighthouse")
	viewer.Click("main a", "The Lighthouse Keeper")
	viewer.UntilText("main", "Queue it for")

	tab.Open("/admin/catalog?q=lighthouse")
	tab.Click("main a", "The Lighthouse Keeper")
	tab.UntilAt("/admin/catalog/item")
	for id, value := range map[string]string{"from": "2020-01-01T10:00", "to": "2090-01-01T10:00"} {
		browsertest.Eval[bool](tab, `(document.querySelector("#`+id+`").value = "`+value+`") !== ""`)
	}
	tab.Fill("#tags", "sea, storm")
	tab.Click("#title-form button", "Save")
	tab.UntilText("#toasts", "The Lighthouse Keeper is saved.")
	tab.UntilText("main", "can request it again from 1 Jan 2090, 10:00")
	viewer.Open("/receipt?" + query + "&tier=" + pay.Queue)
	viewer.UntilText("main", "cannot be requested now")
	tab.Click("#toasts button", "Undo")
	s.until("it is open again", func() bool {
		_, closed := s.library.Closed(film, nowMS())
		return !closed
	})
	viewer.Open("/receipt?" + query + "&tier=" + pay.Queue)
	viewer.UntilText("main", "You pay")

	tab.Open("/admin/catalog/item?" + query)
	tab.Click("#take button", "Take it out")
	tab.UntilText("main", "took it away")
	tab.Open("/admin/catalog?show=gone")
	tab.UntilText("#titles-list", "The Lighthouse Keeper")
	tab.Open("/admin/audit?action=catalog")
	tab.Click("#deed-list li:first-child button", "Undo")
	s.until("it is there again", func() bool {
		_, there := s.library.Title(film)
		return there
	})

	tab.Open("/admin/catalog")
	tab.Fill("#ref", "https://youtu.be/ccccccccccc")
	tab.Fill("#new-title", "A Walk in the Snow")
	tab.Fill("#new-length", "half")
	tab.Click("#add-form button", "Add it")
	tab.UntilText("#add-form", "A length is written 7:05")
	tab.Fill("#new-length", "1:02:03")
	tab.Click("#add-form button", "Add it")
	tab.UntilAt("/admin/catalog/item")
	tab.UntilText("h1", "A Walk in the Snow")
	if got, _ := s.library.Title(sdk.Key{Type: "yt", ID: "ccccccccccc"}); got.Media.DurationMS != 3_723_000 {
		t.Errorf("it is %d ms long", got.Media.DurationMS)
	}
}
