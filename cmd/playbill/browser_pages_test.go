package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"playbill/core/event"
	"playbill/core/pay"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/web/browsertest"
)

// view is one page in one state, as TestBrowserPages looks at it: on a phone and on a desk, in light and in dark, and
// without scripts. To add a page, add a line to views: its route as web/routes.go has it, who looks, and what it says.
// A word in braces in a path stands for something of the house: words has them.
type view struct {
	name  string // of its pictures in .shots
	route string // as the routes have it; empty: one more state of a page that has its line already
	path  string // empty: the route
	as    string // owner of the session: "" nobody, admin, or a viewer
	says  string // a part of what it shows, also without scripts
	ready string // an expression that is true when its scripts have done their work; empty: at once
	code  string // of the answer, when it is not 200
}

// isLive is true when the queue has heard from the host.
const isLive = `document.querySelector('[data-wire]').textContent === 'Live'`

// settingsRead is true when the script of the promos page has read its form.
const settingsRead = `document.querySelector('#save').disabled`

// views are the pages of the house that stage has filled.
func views() []view {
	return []view{
		{name: "queue", route: "/queue", says: "Running order", ready: isLive},
		{name: "queue-mine", path: "/queue", as: "Ember", says: "Yours", ready: isLive},
		{name: "catalog", route: "/catalog", says: "Silent"},
		{name: "catalog-found", path: "/catalog?q=chaplin", as: "Ember", says: "for “chaplin”"},
		{name: "catalog-nothing", path: "/catalog?q=sherlok", says: "Did you mean"},
		{name: "catalog-category", path: "/catalog?category=Horror", says: "Horror"},
		{name: "item", route: "/catalog/item", path: "/catalog/item?{film}", as: "Ember", says: "Play it next"},
		{name: "item-nobody", path: "/catalog/item?{film}", says: "Log in to request it"},
		{name: "item-listed", path: "/catalog/item?{listed}", as: "Ember", says: "It can be requested again"},
		{name: "receipt", route: "/receipt", path: "/receipt?{film}&tier=queue", as: "Ember", says: "You pay"},
		{name: "receipt-next", path: "/receipt?{film}&tier=playnext", as: "Ember", says: "Your balance after"},
		{name: "receipt-refused", path: "/receipt?{listed}&tier=queue", as: "Ember", says: "Nothing has been taken"},
		{name: "receipt-short", path: "/receipt?{long}&tier=playnext", as: "Wren", says: "Still missing"},
		{name: "account", route: "/account", as: "Ember", says: "Waiting to play"},
		{name: "account-new", path: "/account", as: "Wren", says: "Nothing of yours is waiting"},
		{name: "login", route: "/login", says: "There is no password"},
		{name: "login-link", route: "/login/token", says: "This link works once"},
		{name: "messages", route: "/demo/pms", says: "Be a viewer"},
		{name: "messages-in", path: "/demo/pms?name=Ember", says: "What the bot tells Ember"},
		{name: "not-there", path: "/nowhere", says: "There is nothing at this address", code: "404"},
		{name: "not-yours", path: "/admin", as: "Ember", says: "admin", code: "403"},
		{name: "login-needed", path: "/account", says: "Log in", code: "401"},

		{name: "admin", route: "/admin", as: admin, says: "Needs attention"},
		{name: "admin-queue", route: "/admin/queue", as: admin, says: "Running order", ready: `window.Sortable`},
		{name: "admin-queue-found", path: "/admin/queue?find=one", as: admin, says: "Show all"},
		{name: "admin-playlists", route: "/admin/playlists", as: admin, says: "Saved playlists"},
		{name: "admin-playlist", route: "/admin/playlists/:id", path: "/admin/playlists/1", as: admin, says: "Add a title", ready: `window.Sortable || !document.querySelector('#items-list')`},
		{name: "admin-events", route: "/admin/events", as: admin, says: "Nothing is planned"},
		{name: "admin-event", path: "/admin/events?new=1", as: admin, says: "Close requests before", ready: `document.querySelector('#next-starts').textContent.includes('20:00')`},
		{name: "admin-catalog", route: "/admin/catalog", as: admin, says: "Add a title"},
		{name: "admin-catalog-aside", path: "/admin/catalog?show=reserved", as: admin, says: "Set aside"},
		{name: "admin-catalog-nothing", path: "/admin/catalog?q=sherlok", as: admin, says: "No title fits that"},
		{name: "admin-title", route: "/admin/catalog/item", path: "/admin/catalog/item?{film}", as: admin, says: "Closed to viewers"},
		{name: "admin-import", route: "/admin/catalog/import", as: admin, says: "No site is configured"},
		{name: "admin-promos", route: "/admin/promos", as: admin, says: "Why, and why not", ready: settingsRead},
		{name: "admin-presence", route: "/admin/presence", as: admin, says: "What counts as away"},
		{name: "admin-plugins", route: "/admin/plugins", as: admin, says: "Promo types"},
		{name: "admin-plugin", route: "/admin/plugins/:name", path: "/admin/plugins/feature-presentation", as: admin, says: "A film is at least"},
		{name: "admin-ledger", route: "/admin/ledger", as: admin, says: "The ledger is true"},
		{name: "admin-ledger-nobody", path: "/admin/ledger?q=nosuchname", as: admin, says: "has ever had a coin"},
		{name: "admin-viewer", route: "/admin/ledger/:user", path: "/admin/ledger/ember", as: admin, says: "Correct balance"},
		{name: "admin-tokens", route: "/admin/tokens", as: admin, says: "Make a token"},
		{name: "admin-audit", route: "/admin/audit", as: admin, says: "Who changed what"},
		{name: "admin-prices", route: "/admin/prices", as: admin, says: "What titles cost", ready: `document.querySelector('#earning-words').textContent !== ''`},
		{name: "admin-promos-pool", path: "/admin/promos?pool=channel_identity", as: admin, says: "Its clips", ready: settingsRead},
	}
}

// notPages are the routes that answer a GET and show no page of their own.
func notPages() map[string]string {
	return map[string]string{
		"/":                      "is /queue",
		"/assets/:version/*file": "files",
		"/art":                   "pictures",
		"/ws":                    "a socket",
		"/healthz":               "for programs",
		"/readyz":                "for programs",
		"/metrics":               "for programs",
		"/admin/promos/config":   "the API under the address that the original has",
		"/admin/promos/pools":    "the API under the address that the original has",
		"/admin/promos/effect":   "a part of /admin/promos",
	}
}

// TestEveryPageIsLookedAt holds that each route with a page has a line in views.
func TestEveryPageIsLookedAt(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range views() {
		seen[v.route] = true
	}
	routes := getRoutes(t)
	for _, route := range routes {
		if _, excused := notPages()[route]; !excused && !seen[route] {
			t.Errorf("no browser looks at %s: add a line to views, or say in notPages why not", route)
		}
	}
	for route := range notPages() {
		if !slices.Contains(routes, route) {
			t.Errorf("%s is excused and is no route", route)
		}
	}
}

// getRoutes reads the routes that answer a GET, the API left out, where web has them: {get, "/path", level, handler}.
func getRoutes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(sourceTree(), "web", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no source of web: ", err)
	}
	var out []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if line, ok := n.(*ast.CompositeLit); ok && len(line.Elts) == 4 {
				out = append(out, getRoute(line.Elts)...)
			}
			return true
		})
	}
	if len(out) < 10 {
		t.Fatalf("only %q were found: the routes are written in another way", out)
	}
	return out
}

func getRoute(line []ast.Expr) []string {
	method, path := "", ""
	switch m := line[0].(type) {
	case *ast.Ident:
		method = m.Name
	case *ast.SelectorExpr:
		method = m.Sel.Name
	}
	if text, ok := line[1].(*ast.BasicLit); ok {
		path, _ = strconv.Unquote(text.Value)
	}
	if (method == "get" || method == "MethodGet") && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/api/") {
		return []string{path}
	}
	return nil
}

// stage fills a house: a list with promos, paid places of two people, and for Ember a past with everything in it. Its words
// are what a path may name.
func stage(t *testing.T) (s *house, words *strings.Replacer) {
	t.Helper()
	s = houseOn(t, houseRules+`
promos {
  general {
    every_n_items       = 2
    min_airtime_seconds = 0
  }
}
`)
	<-s.plugins.Settled()
	s.letIn("Ember", 4_000)
	s.letIn("Wren", 60)
	s.letIn("Tallis", 3_000)
	s.programme("one-week-1920", "cops-1922", "easy-street-1917", "the-kid-1921", "the-goat-1921", "big-business-1929")
	s.buys("Ember", "the-kiss-1896", pay.PlayNext)
	s.skip()
	for s.station.View().Shadow.OnAir().Media.Title != s.film("the-kiss-1896").Title {
		s.skip() // its Viewer's Choice
	}
	back := s.buys("Ember", "cinderella-1899", pay.Queue)
	_, err := s.till.Cancel(t.Context(), actorOf("Ember"), back.ID)
	s.ok(err)
	s.untilState(back.ID, pay.Refunded)
	s.buys("Ember", "the-house-of-the-devil-1896", pay.Queue)
	s.buys("Tallis", "a-trip-to-the-moon-1902", pay.PlayNext)
	name := func(slug string) string {
		m := s.film(slug)
		return url.Values{"type": {m.Type}, "id": {m.ID}}.Encode()
	}
	return s, strings.NewReplacer("{film}", name("the-merry-frolics-of-satan-1906"), "{listed}", name("the-goat-1921"), "{long}", name("the-phantom-of-the-opera-1925"))
}

// TestBrowserPages looks at every page.
func TestBrowserPages(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s, words := stage(t)
	for _, who := range []string{"", "Ember", "Wren", admin} {
		tab := s.visit(who)
		for _, v := range views() {
			if v.as == who {
				t.Run(v.name, func(t *testing.T) { look(t, tab, v, words.Replace(v.path)) })
			}
		}
	}
}

// look opens a page on both screens, in light and dark, and without scripts.
func look(t *testing.T, tab *browsertest.Tab, v view, path string) {
	if path == "" {
		path = v.route
	}
	tab = tab.For(t)
	if v.code != "" {
		tab.Expect("answered with "+v.code, "status of "+v.code)
	}
	tab.Screen(browsertest.Desktop, false)
	tab.Open(path)
	if v.ready != "" {
		tab.Until(v.name+" is ready", v.ready)
	}
	tab.UntilText("body", v.says)
	for _, one := range []struct {
		width int64
		dark  bool
		name  string
	}{
		{browsertest.Desktop, false, "1440-light"}, {browsertest.Desktop, true, "1440-dark"},
		{browsertest.Phone, true, "390-dark"}, {browsertest.Phone, false, "390-light"},
	} {
		tab.Screen(one.width, one.dark)
		for _, found := range tab.Check() {
			t.Errorf("%s: %s", one.name, found)
		}
		if wide := tab.Wide(); wide != "" && one.width == browsertest.Phone {
			t.Errorf("%s scrolls sideways: %s", one.name, wide)
		}
		tab.Shot(picture(v.name + "-" + one.name))
	}
	tab.Screen(browsertest.Desktop, false)
	tab.Scripts(false)
	defer tab.Scripts(true)
	tab.Open(path)
	if !strings.Contains(tab.Text("body"), v.says) {
		t.Errorf("without scripts the page does not say %q", v.says)
	}
}

// TestBrowserEmptyHouse is a channel on which nothing plays.
func TestBrowserEmptyHouse(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	look(t, s.visit(""), view{name: "queue-empty", says: "The list is empty", ready: isLive}, "/queue")
}

// TestBrowserLockedHouse is a channel on which an event is about to start.
func TestBrowserLockedHouse(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922")
	s.shut()
	s.lock("Silent Sunday")
	s.open()
	s.letIn("Ember", 4_000)
	tab := s.visit("Ember")
	look(t, tab, view{name: "queue-locked", says: "Silent Sunday", ready: isLive}, "/queue")
	look(t, tab, view{name: "receipt-locked", says: "Silent Sunday"}, receiptOf(s.film("the-kiss-1896"), pay.Queue))
}

// lock stores the lock of an event that starts in a quarter of an hour, while the host is shut.
func (s *house) lock(label string) {
	s.t.Helper()
	file, err := loadConfig(s.path)
	s.ok(err)
	db, err := store.Open(s.t.Context(), store.Options{Path: file.Config.StoreDSN()})
	s.ok(err)
	books, err := db.Claim(s.t.Context(), file.Config.Channel.Name, "a test")
	s.ok(err)
	now := nowMS()
	_, err = books.Commit(s.t.Context(), station.Turn{AtMS: now, Locked: []event.Lock{
		{ID: 1, Kind: event.PreEvent, Schedule: 1, Label: label, OpenedAtMS: now, StartsAtMS: now + 900_000}}})
	s.ok(err)
	s.ok(db.Close())
}

// TestBrowserDarkHouse is a host on a CyTube server, before it has connected and after it has lost it.
func TestBrowserDarkHouse(t *testing.T) {
	browserOf(t)
	t.Parallel()
	server := cyTubeServer(t)
	s := houseOn(t, withoutPlugins()+strings.Replace(onCyTube, "SERVER", server.URL(), 1))
	s.until("the list is there", func() bool { return s.station.View().Shadow.OnAir() != nil })
	server.Restart(true, time.Hour)
	s.until("the channel is lost", func() bool { return s.station.View().Closed() != nil })
	look(t, s.visit(""), view{name: "queue-lost", says: "We lost the room", ready: `document.querySelector('[data-wire]').textContent.startsWith('Last seen ')`}, "/queue")
	s.shut()
	s.open()
	look(t, s.visit(""), view{name: "queue-starting", says: "The house is not open yet", ready: isLive}, "/queue")
}
