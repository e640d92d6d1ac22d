package web

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"playbill/core/access"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/till"
	"playbill/sdk"
	"playbill/web/api"
	"playbill/web/session"
)

// tab is one browser: it keeps cookies and sends forms.
type tab struct {
	s       *Server
	cookies map[string]string
	address string
}

func newTab(s *Server) *tab { return &tab{s, map[string]string{}, "192.0.2.1:1234"} }

func (b *tab) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html")
	r.RemoteAddr = b.address
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.s.Handler().ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

var sixDigits = regexp.MustCompile(`\d{6}`)

// code asks for one and reads the bot's message.
func (b *tab) code(t *testing.T, w *world, name string) string {
	t.Helper()
	if got := b.send("POST", "/login", url.Values{"name": {name}}); got.Code != 200 {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	return sixDigits.FindString(<-w.told)
}

func (b *tab) redeem(name, code string) *httptest.ResponseRecorder {
	return b.send("POST", "/login/code", url.Values{"name": {name}, "code": {code}, "next": {"/catalog"}})
}

// logIn is the whole way.
func (b *tab) logIn(t *testing.T, w *world, name string) {
	t.Helper()
	if got := b.redeem(name, b.code(t, w, name)); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/catalog" {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
}

func inTheRoom() *world {
	w := newWorld()
	w.people = map[channel.UserKey]channel.User{"quietstorm": {Key: "quietstorm", Name: "QuietStorm", RankTenths: 10},
		"halcyon": {Key: "halcyon", Name: "Halcyon", RankTenths: 30}}
	return w
}

func TestLogInByCode(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	b := newTab(s)
	if got := b.send("GET", "/account?x=1", nil); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/login?next=%2Faccount%3Fx%3D1" {
		t.Fatalf("nobody is asked who they are: %d %v", got.Code, got.Header())
	}
	b.logIn(t, w, "quietstorm")
	page := b.send("GET", "/account", nil)
	for _, want := range []string{"QuietStorm, you have", "1,840", "Cancel, get 500 back", "Detour &lt;1945&gt;", "because an event started", "This browser"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the account page lacks %q", want)
		}
	}
	queue := b.send("GET", "/queue", nil).Body.String()
	if !strings.Contains(queue, `data-me="quietstorm"`) || strings.Count(queue, `<li class="entry paid mine`) != 1 {
		t.Error("own titles are not marked")
	}
	if got := b.send("GET", "/admin/promos/pools", nil); got.Code != http.StatusForbidden {
		t.Errorf("a viewer reads admin pages: %d", got.Code)
	}
	if got := b.send("POST", "/logout", nil); got.Code != http.StatusSeeOther || len(b.cookies) != 0 {
		t.Errorf("log out: %d %v", got.Code, b.cookies)
	}
}

func TestCookieOfASession(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	b := newTab(s)
	code := b.code(t, w, "quietstorm")
	set := b.redeem("quietstorm", code).Header().Values("Set-Cookie")
	if !strings.HasPrefix(set[0], "playbill=s_") || !strings.Contains(set[0], "HttpOnly") || !strings.Contains(set[0], "SameSite=Lax") || !strings.Contains(set[0], "Path=/") {
		t.Errorf("%q", set)
	}
	if _, stored := w.sessions[sha256.Sum256([]byte(b.cookies["playbill"]))]; !stored {
		t.Error("a session is stored by the hash of its secret")
	}
	stolen := newTab(s)
	stolen.cookies["playbill"] = "s_guess"
	if got := stolen.send("GET", "/queue", nil); got.Code != 200 || strings.Contains(got.Body.String(), "data-me") {
		t.Errorf("a cookie that opens nothing is nobody's: %d", got.Code)
	}
}

// TestCodesThatDoNotWork: every wrong way brings the same words.
func TestCodesThatDoNotWork(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	b, other := newTab(s), newTab(s)
	old := b.code(t, w, "quietstorm")
	code := b.code(t, w, "quietstorm")
	wrong := "000000"
	if wrong == code {
		wrong = "000001"
	}
	words := regexp.MustCompile(`role="alert">.*?</svg>([^<]*)`)
	for name, got := range map[string]*httptest.ResponseRecorder{
		"older": b.redeem("quietstorm", old), "another browser": other.redeem("quietstorm", code), "another name": b.redeem("halcyon", code),
		"nobody's name": b.redeem("nobody", code), "wrong": b.redeem("quietstorm", wrong),
	} {
		m := words.FindStringSubmatch(got.Body.String())
		if got.Code != 400 || len(m) != 2 || !strings.HasPrefix(m[1], "That code does not work here.") {
			t.Errorf("%s: %d %q", name, got.Code, m)
		}
	}
	if got := b.redeem("quietstorm", code); got.Code != http.StatusSeeOther {
		t.Errorf("the newest: %d", got.Code)
	}
	if got := b.redeem("quietstorm", code); got.Code != 400 {
		t.Errorf("a second time: %d", got.Code)
	}
}

func TestAskingTellsNobodyWhoIsThere(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	text := func(name string) string {
		got := newTab(s).send("POST", "/login", url.Values{"name": {name}})
		return strings.ReplaceAll(got.Body.String(), name, "NAME")
	}
	if text("halcyon") != text("nobodyatall") {
		t.Error("the answers differ")
	}
	<-w.told
	s.login.Close()
	if len(w.told) != 0 || len(w.codes) != 1 {
		t.Errorf("%d messages, %d codes for somebody who is not there", len(w.told), len(w.codes))
	}
}

func TestLimitsOfLogins(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	limited := func(name func(i int) string, address func(i int) string, most int) int {
		for i := range most {
			b := newTab(s)
			b.address = address(i)
			if got := b.send("POST", "/login", url.Values{"name": {name(i)}}); got.Code == http.StatusTooManyRequests {
				return i
			}
			s.login.Close() // the last one is out
		}
		return most
	}
	numbered := func(i int) string { return "name" + string(rune('a'+i%26)) + string(rune('a'+i/26)) }
	everywhere := func(i int) string { return "203.0.113." + string(rune('1'+i%9)) + string(rune('0'+i/9%10)) + ":1" }
	if n := limited(func(int) string { return "somebody" }, everywhere, 10); n != 3 {
		t.Errorf("one name: refused after %d", n)
	}
	if n := limited(numbered, func(int) string { return "198.51.100.7:1" }, 30); n != 12 {
		t.Errorf("one address: refused after %d", n)
	}
	if n := limited(numbered, everywhere, 60); n == 60 {
		t.Error("there is no limit over all")
	}
}

func TestNoCodesWithoutARoom(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	w.edit(func(v *view) { v.Health = channel.Down })
	if got := newTab(s).send("POST", "/login", url.Values{"name": {"halcyon"}}); got.Code != 503 || !strings.Contains(got.Body.String(), "cannot be reached now") {
		t.Errorf("%d", got.Code)
	}
}

// TestAdminsBySession: rank is the room's, now; reading goes on for a day when the room is silent, writing does not.
func TestAdminsBySession(t *testing.T) {
	w := inTheRoom()
	opt := w.options(t)
	now := noon
	opt.Now = func() int64 { return now }
	s, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := newTab(s)
	b.logIn(t, w, "halcyon")
	ask := func(method string) int { return b.send(method, "/admin/promos/config", nil).Code }
	if read := ask("GET"); read != 200 {
		t.Fatalf("an admin reads: %d", read)
	}
	delete(w.people, "halcyon")
	now += 60_000
	if read, write := b.send("GET", "/api/v1/admin/plugins", nil).Code, ask("PUT"); read != 200 || write != 403 {
		t.Errorf("while the room is silent: read %d, write %d", read, write)
	}
	now += 24 * 3_600_000
	if read := b.send("GET", "/api/v1/admin/plugins", nil).Code; read != 403 {
		t.Errorf("a day later: %d", read)
	}
	w.people["halcyon"] = channel.User{Key: "halcyon", RankTenths: 10}
	if read := b.send("GET", "/api/v1/admin/plugins", nil).Code; read != 403 {
		t.Errorf("no admin any more: %d", read)
	}
}

func TestLoginLink(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	w.links[sha256.Sum256([]byte("link"))] = access.Token{Name: "keeper", RankTenths: 30, CreatedBy: access.LinkMaker, ExpiresAtMS: noon + 1000}
	b := newTab(s)
	if got := b.send("GET", "/login/token?secret=link", nil); got.Code != 200 || !strings.Contains(got.Body.String(), `value="link"`) || len(b.cookies) != 0 {
		t.Fatalf("looking opens nothing: %d", got.Code)
	}
	form := url.Values{"secret": {"link"}}
	if got := b.send("POST", "/login/token", form); got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if got := b.send("GET", "/api/v1/admin/plugins", nil); got.Code != 200 {
		t.Errorf("what it opened: %d", got.Code)
	}
	if got := newTab(s).send("POST", "/login/token", form); got.Code != 400 {
		t.Errorf("again: %d", got.Code)
	}
}

// TestAnAdminReadsAfterARestart: the rank that the room confirmed is kept with the session, so a host that starts while the
// room is down can still be looked into, for a day. Nothing can be changed.
func TestAnAdminReadsAfterARestart(t *testing.T) {
	w := inTheRoom()
	now := noon
	opt := w.options(t)
	opt.Now = func() int64 { return now }
	start := func() *Server {
		s, err := New(opt)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	b := newTab(start())
	b.logIn(t, w, "halcyon")
	read := func() int { return b.send("GET", "/api/v1/admin/plugins", nil).Code }
	for range 3 {
		if got := read(); got != 200 {
			t.Fatalf("an admin reads: %d", got)
		}
	}
	if w.confirmed != 1 {
		t.Errorf("the same rank was written down %d times", w.confirmed)
	}
	delete(w.people, "halcyon")
	w.edit(func(v *view) { v.Health, v.People = channel.Down, nil })
	b.s = start()
	now += 3_600_000
	if got, put := read(), b.send("PUT", "/admin/promos/config", nil).Code; got != 200 || put != 403 {
		t.Errorf("after a restart with the room down: read %d, write %d", got, put)
	}
	now += 23 * 3_600_000
	if got := read(); got != 403 {
		t.Errorf("a day later: %d", got)
	}
}

// TestLoginLinkWithTheRoomDown: the link is the way in when the bot can send nobody a code, and ends with the log out.
func TestLoginLinkWithTheRoomDown(t *testing.T) {
	w := newWorld()
	w.edit(func(v *view) { v.Health, v.People = channel.Down, nil })
	w.links[sha256.Sum256([]byte("link"))] = access.Token{Name: "keeper", RankTenths: 30, CreatedBy: access.LinkMaker, ExpiresAtMS: noon + 1000}
	b := newTab(w.open(t))
	if got := b.send("POST", "/login/token", url.Values{"secret": {"link"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if got := b.send("GET", "/admin", nil); got.Code != 200 {
		t.Errorf("an admin page: %d", got.Code)
	}
	if page := b.send("GET", "/account", nil).Body.String(); !strings.Contains(page, "by a login link") {
		t.Error("the account page does not show the session that a link opened")
	}
	stolen := newTab(b.s)
	stolen.cookies["playbill"] = b.cookies["playbill"]
	if got := b.send("POST", "/logout", nil); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code)
	}
	if got := stolen.send("GET", "/api/v1/me", nil); got.Code != http.StatusUnauthorized {
		t.Errorf("after the log out its secret still opens: %d", got.Code)
	}
}

func TestSocketEndsWithItsSession(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	b := newTab(s)
	b.logIn(t, w, "quietstorm")
	conn, _, err := websocket.Dial(t.Context(), server.URL+"/ws", &websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {"playbill=" + b.cookies["playbill"]}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if _, _, err := conn.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	sessions, err := s.login.Sessions(t.Context(), "quietstorm")
	if err != nil || len(sessions) != 1 {
		t.Fatal(sessions, err)
	}
	if got := b.send("POST", "/account/sessions", url.Values{"id": {sessions[0].ID}}); got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	for err == nil {
		_, _, err = conn.Read(t.Context())
	}
	if websocket.CloseStatus(err) != 4001 {
		t.Errorf("the socket ends with %v", err)
	}
}

func TestWatchEndsInTime(t *testing.T) {
	l := session.NewLogin(session.Options{Now: func() int64 { return noon }})
	ended, stop := l.Watch(session.Who{Browser: true, Session: "s", UntilMS: noon + 10})
	defer stop()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the page of a session that is over stays connected")
	}
}

// TestBuyWithoutAScript walks from the title over its receipt to the account page.
func TestBuyWithoutAScript(t *testing.T) {
	w := inTheRoom()
	w.quote = pay.Quote{Media: sdk.Media{Type: "yt", ID: "x", Title: "Nosferatu", DurationMS: 5_640_000}, Tier: pay.Queue, Base: 1000, Discount: 100, Price: 900,
		Before: 1840, After: 940, ExpectedStartMS: noon + 46*60_000, Position: 3}
	s := w.open(t)
	b := newTab(s)
	b.logIn(t, w, "quietstorm")
	receipt := b.send("GET", "/receipt?type=yt&id=x", nil).Body.String()
	for _, want := range []string{"Pay 900 coins", "1,000", "−100", "Your discount, 10 %", "1,840", "940", ">20:53<", "in 46 min", "Up third."} {
		if !strings.Contains(receipt, want) {
			t.Errorf("the receipt lacks %q", want)
		}
	}
	form := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`).FindAllStringSubmatch(receipt, -1) {
		form.Set(m[1], m[2])
	}
	w.bought = pay.Purchase{ID: "p9", Buyer: "quietstorm"}
	got := b.send("POST", "/receipt", form)
	want := till.Wish{RequestKey: form.Get("key"), Media: sdk.Key{Type: "yt", ID: "x"}, Tier: pay.Queue, PriceShown: 900}
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/account?bought=p9" || w.wish != want || len(want.RequestKey) < 20 {
		t.Errorf("%d %v: wished %+v", got.Code, got.Header(), w.wish)
	}
	if w.actor.Token || w.actor.Key != "quietstorm" {
		t.Errorf("bought as %+v", w.actor)
	}
}

func TestReceiptRefused(t *testing.T) {
	w := inTheRoom()
	w.quote = pay.Quote{Media: sdk.Media{Type: "yt", ID: "x", Title: "Nosferatu", DurationMS: 5_640_000}, Tier: pay.PlayNext, Base: 3000, Price: 2700, Discount: 300,
		Before: 1840, After: 1840, Short: 860, Refusal: fault.New(fault.Balance, "You are 860 coins short for playing it next. You have enough to queue it: 900 coins.")}
	s := w.open(t)
	b := newTab(s)
	b.logIn(t, w, "quietstorm")
	receipt := b.send("GET", "/receipt?type=yt&id=x&tier=playnext", nil).Body.String()
	if strings.Contains(receipt, "<button class=\"btn first\">Pay") || !strings.Contains(receipt, "You are 860 coins short") || !strings.Contains(receipt, "Still missing") {
		t.Error("a refused receipt offers to pay, or does not say why not")
	}
	w.quote.Refusal, w.err = nil, nil
	for path, want := range map[string]int{"/receipt?type=yt&id=none": 404, "/receipt?type=yt&id=x&tier=first": 400} {
		if got := b.send("GET", path, nil); got.Code != want {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

func TestNextIsALocalPage(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	for next, want := range map[string]string{"/catalog?q=x": "/catalog?q=x", "https://evil.example/": "/account", "//evil.example": "/account",
		"/\\evil.example": "/account", "": "/account", "/login": "/account", "javascript:alert(1)": "/account"} {
		page := newTab(s).send("GET", "/login?"+url.Values{"next": {next}}.Encode(), nil).Body.String()
		if !strings.Contains(page, `name="next" value="`+want+`"`) {
			t.Errorf("next %q", next)
		}
	}
}

// TestOpenAPI holds the description against the routes, both ways.
func TestOpenAPI(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	described := map[string]session.Level{}
	for _, o := range api.Operations() {
		described[o.Method+" "+o.Path] = o.Level
	}
	for _, r := range s.routes() {
		if !strings.HasPrefix(r.path, "/api/") {
			continue
		}
		level, known := described[r.method+" "+r.path]
		if !known || level != r.level {
			t.Errorf("%s %s: described %v, as %s, and asks for %s", r.method, r.path, known, level, r.level)
		}
		delete(described, r.method+" "+r.path)
	}
	for left := range described {
		t.Errorf("%s is described and nowhere", left)
	}
	var doc struct {
		OpenAPI string                               `json:"openapi"`
		Paths   map[string]map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(call{"GET", "/api/v1/openapi.json", "", "", nil}.do(s).Body.Bytes(), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatal(doc.OpenAPI, err)
	}
	if doc.Paths["/api/v1/purchases/{id}"]["delete"]["summary"] == nil {
		t.Error("a parameter of a path is not as OpenAPI has it")
	}
}

// TestPermissionMatrixOfSessions asks every route in a browser that is logged in as a viewer, as an admin, with a session that
// is over, and from another site's page.
func TestPermissionMatrixOfSessions(t *testing.T) {
	w := inTheRoom()
	s := w.open(t)
	plant := func(user channel.UserKey, until int64) string {
		secret := "s_" + string(user)
		w.sessions[sha256.Sum256([]byte(secret))] = access.Session{ID: "id", User: user, Name: string(user), CreatedAtMS: noon, ExpiresAtMS: until}
		return "playbill=" + secret
	}
	for _, r := range s.routes() {
		path := regexp.MustCompile(`[:*][a-z_]+`).ReplaceAllString(r.path, "1")
		for user, has := range map[channel.UserKey]session.Level{"quietstorm": session.Viewer, "halcyon": session.Admin} {
			got := call{r.method, path, "", "{}", map[string]string{"Cookie": plant(user, noon+1)}}.do(s)
			if refused := got.Code == http.StatusUnauthorized || got.Code == http.StatusForbidden; refused != (has < r.level) {
				t.Errorf("%s %s as %s: %d %s", r.method, path, user, got.Code, got.Body)
			}
			over := call{r.method, path, "", "{}", map[string]string{"Cookie": plant(user, noon)}}.do(s)
			if (over.Code == http.StatusUnauthorized) != (r.level > session.Public) {
				t.Errorf("%s %s with a session of %s that is over: %d", r.method, path, user, over.Code)
			}
		}
		foreign := call{r.method, path, "", "{}", map[string]string{"Cookie": plant("halcyon", noon+1), "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}}.do(s)
		if refused := foreign.Code == http.StatusForbidden && code(t, foreign) == "cross_origin"; refused != (r.method != http.MethodGet || path == "/ws") {
			t.Errorf("%s %s from another site's page: %d", r.method, path, foreign.Code)
		}
	}
}

// TestTheDeskIsLinkedForAdmins: who may open the admin pages finds them, and nobody else is shown a closed door.
func TestTheDeskIsLinkedForAdmins(t *testing.T) {
	s := newWorld().open(t)
	for token, want := range map[string]bool{"": false, "viewer": false, "admin": true} {
		page := call{"GET", "/catalog", token, "", map[string]string{"Accept": "text/html"}}.do(s)
		if got := strings.Contains(page.Body.String(), `<a href="/admin">Admin</a>`); got != want {
			t.Errorf("as %q the desk is linked: %t", token, got)
		}
	}
}
