package main

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"playbill/core/channel"
	"playbill/core/control"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/till"
	"playbill/sdk"
	"playbill/web/browsertest"
)

// The tests of this package that are named TestBrowser open the pages in a real browser: browser_pages_test.go has every
// page in a table, the other browser_*_test.go files have one flow each. They need a Chromium; without one they skip.

// chromium is the browser of this test run, started for the first test that needs it; tidy ends it.
var chromium struct {
	sync.Mutex
	browser *browsertest.Browser
	err     error
}

// browserOf returns the browser of this test run.
func browserOf(t testing.TB) *browsertest.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("opens pages of the whole program in a browser")
	}
	path, err := browsertest.Find()
	if err != nil {
		t.Skip(err)
	}
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.browser == nil && chromium.err == nil {
		chromium.browser, chromium.err = browsertest.Start(path)
	}
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	return chromium.browser
}

// closeBrowser ends the browser of this test run, when there is one.
func closeBrowser() {
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.browser != nil {
		chromium.browser.Close()
	}
}

// house is a whole host in this process, on a channel whose people a test plays: Owner has rank 5 and puts titles on the
// list, Keeper is the admin of the pages, viewers come by letIn.
type house struct {
	*host
	t       testing.TB
	dir     string // its data
	path    string // of the configuration
	address string
	origin  string
}

// The people of a house.
const (
	owner = "Owner"
	admin = "Keeper"
)

// houseRules let a test do in seconds what takes an evening: nobody waits between two requests, and who leaves is seen to
// have left at once. The channel runs in real time: what should end is ended by skip.
const houseRules = `
channel "main" {
  driver          = "embedded"
  add_interval_ms = 50
}
earn {
  enabled = false
}
pay {
  cooldown_seconds = 0
  daily_limit      = 0
  pending_limit    = 5
}
presence {
  grace_seconds          = 1
  check_interval_seconds = 1
}
`

// onlyPlugin switches all plugins off but one.
func onlyPlugin(name string) string {
	return strings.Replace(withoutPlugins(), "plugin \""+name+"\" {\n  enabled = false\n", "plugin \""+name+"\" {\n", 1)
}

// houseOn opens a house with a configuration of its own; empty: houseRules.
func houseOn(t testing.TB, rules string) *house {
	t.Helper()
	if rules == "" {
		rules = houseRules
	}
	dir, address := dataDir(t), freeAddress(t)
	s := &house{t: t, dir: dir, path: serveConfig(t, dir, address, "time_zone = \"Europe/Lisbon\"\n"+rules), address: address, origin: "http://" + address}
	s.open()
	t.Cleanup(s.shut)
	return s
}

// open starts the host, and lets the owner in.
func (s *house) open() {
	s.t.Helper()
	file, err := loadConfig(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	h, err := open(s.t.Context(), setup{file: file, folders: []string{filepath.Join(file.Config.DataDir, "plugins")}, logTo: io.Discard, stock: stock})
	if err != nil {
		s.t.Fatal(err)
	}
	s.host = h
	if s.room != nil {
		s.ok(s.room.Join(owner, 50))
		s.ok(s.room.Join(admin, 30))
	}
}

// shut stops the host. A house that is shut already stays so.
func (s *house) shut() {
	if s.host == nil {
		return
	}
	s.ok(s.close())
	s.host = nil
}

func (s *house) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// until waits for something in the house.
func (s *house) until(what string, met func() bool) {
	s.t.Helper()
	eventually(s.t, what, met)
}

// letIn lets a viewer into the room, with coins.
func (s *house) letIn(name string, purse ledger.Coins) {
	s.t.Helper()
	s.ok(s.room.Join(name, viewerRank))
	s.until(name+" is seen in the room", func() bool {
		_, err := s.station.Person(s.t.Context(), channel.Fold(name))
		return err == nil
	})
	if purse == 0 {
		return
	}
	gift := ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: strings.ToLower(name), UserName: name,
		Amount: purse, Key: "gift:" + name, Reason: "a good start", Actor: cliActor}
	_, err := s.books.Post(s.t.Context(), []ledger.Transfer{gift}, nowMS())
	s.ok(err)
}

// film is a title of the sample catalog by its words in lower case with hyphens: "the-general-1926".
func (s *house) film(slug string) sdk.Media {
	s.t.Helper()
	for _, t := range s.library.Titles() {
		if strings.HasSuffix(t.Media.ID, "/"+slug+".json") {
			return t.Media
		}
	}
	s.t.Fatalf("there is no title %s", slug)
	return sdk.Media{}
}

// programme puts titles on the list, and waits until the first is on the air and the desk is open.
func (s *house) programme(slugs ...string) {
	s.t.Helper()
	for _, slug := range slugs {
		s.ok(s.room.As(owner).Add(s.film(slug), false, false))
	}
	s.until("the list is there and the desk is open", func() bool {
		v := s.station.View()
		return v.Closed() == nil && v.Shadow.OnAir() != nil && v.Shadow.Len() >= len(slugs)
	})
}

// skip ends what is on the air, and waits until the host has seen that.
func (s *house) skip() {
	s.t.Helper()
	before := s.station.View().Shadow.OnAir()
	s.ok(s.room.As(owner).Skip())
	s.until("something else is on the air", func() bool {
		now := s.station.View().Shadow.OnAir()
		return now != nil && (before == nil || now.ID != before.ID)
	})
}

// actorOf is somebody at the desk.
func actorOf(name string) till.Actor { return till.Actor{Key: channel.Fold(name), Name: name} }

// buys lets somebody buy a place without a browser, and waits until it has it.
func (s *house) buys(name, slug, tier string) pay.Purchase {
	s.t.Helper()
	who, media := actorOf(name), s.film(slug).Key()
	quote, err := s.till.Quote(s.t.Context(), who, media, tier)
	s.ok(err)
	if quote.Refusal != nil {
		s.t.Fatalf("%s may not buy %s: %s", name, slug, quote.Refusal.Sentence)
	}
	p, err := s.till.Buy(s.t.Context(), who, till.Wish{RequestKey: name + slug, Media: media, Tier: tier, PriceShown: quote.Price})
	s.ok(err)
	s.untilState(p.ID, pay.Placed)
	return p
}

// untilState waits until a purchase has come so far.
func (s *house) untilState(id string, want pay.State) {
	s.t.Helper()
	s.until(fmt.Sprintf("purchase %s is %s", id, want), func() bool {
		p, err := s.books.Purchase(s.t.Context(), id)
		return err == nil && p.State == want
	})
}

// sixDigits is a login code.
var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

// code is the login code in what the bot tells somebody behind the first letters.
func (s *house) code(name string, behind int) string {
	s.t.Helper()
	var code string
	s.until("the bot sends "+name+" a code", func() bool {
		for _, line := range s.room.PMs(name)[behind:] {
			code = cmp.Or(sixDigits.FindString(line.Text), code)
		}
		return code != ""
	})
	return code
}

// link is a login link for an admin.
func (s *house) link(name string) string {
	s.t.Helper()
	link, err := s.desk.CreateToken(s.t.Context(), control.NewToken{Name: name, RankTenths: 30, Login: true})
	s.ok(err)
	return link[strings.Index(link, "/login/"):]
}

// visit opens a tab for somebody: an empty name for nobody in particular, admin for who keeps the house, else a viewer who is in the
// room and logs in with a code.
func (s *house) visit(name string) *browsertest.Tab {
	s.t.Helper()
	return s.visitOn(s.t, name)
}

// visitOn is visit for a part of a test.
func (s *house) visitOn(t testing.TB, name string) *browsertest.Tab {
	t.Helper()
	tab := browserOf(t).Visit(t, s.origin)
	switch name {
	case "":
	case admin:
		tab.Open(s.link(admin))
		tab.Click("main button", "Log in with this link")
		tab.UntilAt("/queue")
	default:
		letters := len(s.room.PMs(name))
		tab.Open("/login?name=" + name)
		tab.Click("main button", "Send a code")
		tab.UntilText("label", "Code for "+name)
		tab.Fill("#code", s.code(name, letters))
		tab.Click("main button", "Log in")
		tab.UntilAt("/account")
	}
	return tab
}

// picture is where a screenshot is kept: .shots at the top of the source tree, which git ignores.
func picture(name string) string { return filepath.Join(sourceTree(), ".shots", name+".png") }

// receiptOf is the address of a receipt.
func receiptOf(m sdk.Media, tier string) string {
	return "/receipt?" + url.Values{"type": {m.Type}, "id": {m.ID}, "tier": {tier}}.Encode()
}
