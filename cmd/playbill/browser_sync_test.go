package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"playbill/core/library"
	"playbill/web/browsertest"
)

// mediaSite is a MediaCMS site of three media on two pages; the channel cannot take the second. Its second page waits for
// somebody to send on.
func mediaSite(t *testing.T) (address string, on chan struct{}) {
	on = make(chan struct{})
	media := func(token, title string) string {
		return fmt.Sprintf(`{"friendly_token":%q,"title":%q,"media_type":"video","state":"public","duration":90}`, token, title)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/api/v1/media" && r.URL.Query().Get("page") == "1":
			fmt.Fprintf(w, `{"count":3,"next":"2","results":[%s,%s]}`, media("one", "Harbour Lights"), media("two", "A Broken Reel"))
		case r.URL.Path == "/api/v1/media":
			select {
			case <-on:
			case <-r.Context().Done():
			}
			fmt.Fprintf(w, `{"count":3,"next":null,"results":[%s]}`, media("three", "The Ferryman"))
		case strings.Contains(r.URL.Path, "two"):
			http.NotFound(w, r)
		default: // a manifest, or the details of a media: each reads its own
			fmt.Fprint(w, `{"title":"x","duration":90,"live":false,"sources":[{"url":"https://media.invalid/x.mp4"}],"state":"public","tags_info":[],"categories_info":[{"title":"Sea"}]}`)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, on
}

// TestBrowserSync starts a sync, sees how far it is, stops the host under it, sees what was done, and lets the next one go on
// from there.
func TestBrowserSync(t *testing.T) {
	browserOf(t)
	t.Parallel()
	site, on := mediaSite(t)
	s := houseOn(t, houseRules+withoutPlugins()+`
mediacms {
  url                 = "`+site+`"
  every_hours         = 0
  requests_per_minute = 6000
  private_network     = true
}
`)
	tab := s.visit(admin)
	tab.Open("/admin/catalog/import")
	tab.UntilText("#site-state", "There was no sync yet.")
	tab.Click("#sync-now", "Sync now")
	tab.UntilText("#site-state", "2 of 3")
	tab.UntilText("#site-state", "1 problem")
	if browsertest.Eval[int](tab, `document.querySelector('#site-state progress').max`) != 3 {
		t.Error("it is not known how much there is")
	}
	look(t, tab, view{name: "admin-import-runs", says: "2 of 3"}, "/admin/catalog/import")

	s.shut()
	s.open()
	tab = s.visit(admin)
	tab.Open("/admin/catalog/import")
	tab.UntilText("#site-state", "Interrupted")
	tab.UntilText("#site-state", "after 2 of 3. What was done stays. The next sync goes on from there.")
	look(t, tab, view{name: "admin-import-cut", says: "Interrupted"}, "/admin/catalog/import")
	close(on)
	tab.Open("/admin/catalog/import")
	tab.Click("#sync-now", "Sync now")
	tab.UntilText("#site-state", "It went on from where the one before was cut")
	tab.Until("the earlier one is kept, with what the channel would not take",
		`document.querySelector('#jobs').textContent.includes('A Broken Reel') && document.querySelector('#jobs').innerText.includes('Interrupted')`)
	if got := s.library.Search(library.Query{Category: "Sea"}).Total; got != 2 {
		t.Errorf("%d titles of the site are in the catalog", got)
	}
	tab.Open("/catalog?category=Sea")
	tab.UntilText("main", "Harbour Lights")
}
