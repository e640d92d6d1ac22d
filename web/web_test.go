package web

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/sdk"
	"playbill/web/api"
	"playbill/web/session"
)

// call is one request and what it should bring.
type call struct {
	method, path, token, body string
	header                    map[string]string
}

func (k call) do(s *Server) *httptest.ResponseRecorder {
	r := httptest.NewRequest(k.method, k.path, strings.NewReader(k.body))
	if k.token != "" {
		r.Header.Set("Authorization", "Bearer "+k.token)
	}
	for name, value := range k.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// code reads the machine's part of an error.
func code(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("not an error as JSON: %s", w.Body)
	}
	if p.Error.Message == "" && p.Error.Code != "" {
		t.Errorf("%s has no sentence", p.Error.Code)
	}
	return p.Error.Code
}

func decodeBody(t *testing.T, w *httptest.ResponseRecorder, want int) map[string]any {
	t.Helper()
	if w.Code != want {
		t.Fatalf("status %d, want %d: %s", w.Code, want, w.Body)
	}
	out := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return out
}

// TestPermissionMatrix asks every route of the server as nobody, as a viewer, as an admin, with tokens that are not valid,
// and from another site.
func TestPermissionMatrix(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	levels := map[string]session.Level{}
	for _, r := range s.routes() {
		levels[r.method+" "+r.path] = r.level
	}
	for _, r := range s.engine.Routes() {
		level, known := levels[r.Method+" "+r.Path]
		if !known {
			t.Errorf("%s %s is not in the matrix", r.Method, r.Path)
			continue
		}
		delete(levels, r.Method+" "+r.Path)
		if strings.Contains(r.Path+"/", "/admin/") != (level >= session.Admin) {
			t.Errorf("%s %s asks for %s", r.Method, r.Path, level)
		}
		path := regexp.MustCompile(`[:*][a-z_]+`).ReplaceAllString(r.Path, "1")
		for token, has := range map[string]session.Level{"": session.Public, "viewer": session.Viewer, "admin": session.Admin, "chief": session.Force} {
			got := call{r.Method, path, token, "{}", nil}.do(s)
			switch {
			case has >= level && (got.Code == http.StatusUnauthorized || got.Code == http.StatusForbidden):
				t.Errorf("%s %s as %q: %d %s", r.Method, path, token, got.Code, got.Body)
			case has < level && has == session.Public && (got.Code != http.StatusUnauthorized || code(t, got) != "unauthorized" || got.Header().Get("WWW-Authenticate") == ""):
				t.Errorf("%s %s as nobody: %d %s", r.Method, path, got.Code, got.Body)
			case has < level && has >= session.Viewer && (got.Code != http.StatusForbidden || code(t, got) != "forbidden"):
				t.Errorf("%s %s as %q: %d %s", r.Method, path, token, got.Code, got.Body)
			}
		}
		for _, bad := range []string{"old", "guess"} {
			if got := (call{r.Method, path, bad, "", nil}).do(s); got.Code != http.StatusUnauthorized {
				t.Errorf("%s %s with the token %q: %d", r.Method, path, bad, got.Code)
			}
		}
		foreign := call{r.Method, path, "admin", "{}", map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}}.do(s)
		if refused := foreign.Code == http.StatusForbidden && code(t, foreign) == "cross_origin"; refused != (r.Method != http.MethodGet || path == "/ws") {
			t.Errorf("%s %s from another site: %d %s", r.Method, path, foreign.Code, foreign.Body)
		}
	}
	for left := range levels {
		t.Errorf("%s is in the matrix and nowhere else", left)
	}
}

func TestAdminRankIsTheOwners(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	for rank, want := range map[int]int{30: 200, 31: 403, 0: 403, 10: 200} {
		w.rules.AdminRank = rank
		if got := (call{"GET", "/api/v1/admin/plugins", "admin", "", nil}).do(s); got.Code != want {
			t.Errorf("admin_rank %d: %d, want %d", rank, got.Code, want)
		}
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	s := newWorld().open(t)
	for _, path := range []string{"/", "/queue", "/api/v1/queue", "/api/v1/me", "/nothing", "/healthz", "/assets/1/none"} {
		h := call{"GET", path, "", "", nil}.do(s).Header()
		csp := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: the policy %q lacks %s", path, csp, part)
			}
		}
		if strings.Contains(csp, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// TestFaultsBecomeStatuses sends every fault that a purchase can meet through the whole server.
func TestFaultsBecomeStatuses(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	buy := call{"POST", "/api/v1/purchases", "viewer", `{"media":{"type":"yt","id":"x"},"tier":"queue","quoted_price":250}`, map[string]string{"Idempotency-Key": "k"}}
	for status, codes := range map[int][]fault.Code{
		400: {fault.Invalid, fault.RequestKeyMissing},
		401: {fault.Unauthorized},
		402: {fault.Balance},
		403: {fault.Rank, fault.NotPresent, fault.Blocked, fault.Forbidden},
		404: {fault.NotFound, fault.UnknownItem, fault.Reserved},
		409: {fault.Conflict, fault.Changed, fault.DailyLimit, fault.Cooldown, fault.PendingLimit, fault.AlreadyListed, fault.PriceChanged, fault.RequestKeyConflict},
		410: {fault.Over},
		422: {fault.Media},
		423: {fault.EventLock, fault.PreEventLock, fault.Blackout},
		429: {fault.Limit},
		503: {fault.Starting, fault.Journal, fault.Standby, fault.ChannelDown, fault.NoAnchor, fault.Stopping, fault.Fenced},
	} {
		for _, c := range codes {
			w.err = fault.New(c, "A sentence.")
			if got := buy.do(s); got.Code != status || code(t, got) != string(c) {
				t.Errorf("%s: %d %s, want %d", c, got.Code, got.Body, status)
			}
		}
	}
	w.err = fault.Wrap(pay.Repriced{Quote: pay.Quote{Price: 300}}, fault.PriceChanged, "The price is now 300 coins.")
	got := decodeBody(t, buy.do(s), 409)
	if quote, ok := got["quote"].(map[string]any); !ok || quote["price"] != 300.0 {
		t.Errorf("price_changed brings the new quote: %v", got)
	}
}

// TestUnknownErrorsStayInside: what has no code reaches the log and nobody else; a panic ends nothing.
func TestUnknownErrorsStayInside(t *testing.T) {
	w := newWorld()
	var log bytes.Buffer
	opt := w.options(t)
	opt.Logger = hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Info})
	s, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w.err = os.ErrDeadlineExceeded
	got := call{"GET", "/api/v1/me", "viewer", "", nil}.do(s)
	if got.Code != 500 || code(t, got) != "internal" || strings.Contains(got.Body.String(), "timeout") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if !strings.Contains(log.String(), "i/o timeout") {
		t.Errorf("the log has %s", log.String())
	}
	log.Reset()
	w.panics.Store(true)
	got = call{"GET", "/api/v1/queue", "", "", nil}.do(s)
	if got.Code != 500 || code(t, got) != "internal" || !strings.Contains(log.String(), "the floor has gone") {
		t.Errorf("a panic: %d %s; the log has %s", got.Code, got.Body, log.String())
	}
	w.panics.Store(false)
	if got := (call{"GET", "/api/v1/queue", "", "", nil}).do(s); got.Code != 200 {
		t.Errorf("after the panic: %d", got.Code)
	}
}

func TestQueueNegotiation(t *testing.T) {
	s := newWorld().open(t)
	for accept, want := range map[string]string{
		"": "text/html", "*/*": "text/html", "text/html,application/xhtml+xml,*/*;q=0.8": "text/html", "application/json": "application/json",
		"application/json;q=0.5, text/html": "text/html", "text/html;q=0.2,application/json;q=0.9": "application/json", "application/json;q=0": "text/html",
	} {
		got := call{"GET", "/queue", "", "", map[string]string{"Accept": accept}}.do(s)
		if got.Code != 200 || !strings.HasPrefix(got.Header().Get("Content-Type"), want) || got.Header().Get("Vary") != "Accept" {
			t.Errorf("Accept %q: %d %s", accept, got.Code, got.Header())
		}
	}
	if got := (call{"GET", "/nothing", "", "", map[string]string{"Accept": "text/html"}}).do(s); got.Code != 404 || !strings.Contains(got.Body.String(), "Nothing here.") {
		t.Errorf("a page that is not there: %d %s", got.Code, got.Body)
	}
	if got := (call{"GET", "/api/v1/nothing", "", "", map[string]string{"Accept": "text/html"}}).do(s); code(t, got) != "not_found" {
		t.Errorf("an address of the API that is not there: %s", got.Body)
	}
}

// TestGolden pins the page and the JSON of one evening. PLAYBILL_GOLDEN=write writes them anew.
func TestGolden(t *testing.T) {
	s := newWorld().open(t)
	versions := regexp.MustCompile(`/assets/[0-9a-f]{12}/`)
	for name, k := range map[string]call{
		"queue.html": {"GET", "/", "", "", nil},
		"queue.json": {"GET", "/api/v1/queue", "", "", nil},
	} {
		got := k.do(s)
		text := versions.ReplaceAllString(got.Body.String(), "/assets/VERSION/")
		if strings.HasSuffix(name, ".json") {
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, []byte(text), "", "  "); err != nil {
				t.Fatal(err)
			}
			text = pretty.String() + "\n"
		}
		file := filepath.Join("testdata", name)
		if os.Getenv("PLAYBILL_GOLDEN") == "write" {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPageKeepsThePolicy: no page carries a script, a style or a handler of its own, everything it asks for is there, and
// what comes from people is text.
func TestPageKeepsThePolicy(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	inline := regexp.MustCompile(`(?i)<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?:[^>]*)>[^<]`)
	asks := regexp.MustCompile(`\s(?:src|href)="([^"]+)"`)
	for _, k := range []call{{"GET", "/queue", "", "", nil}, {"GET", "/catalog", "", "", nil}, {"GET", "/catalog/item?type=yt&id=x", "viewer", "", nil}, {"GET", "/login", "", "", nil}, {"GET", "/demo/pms?name=ada", "", "", nil}, {"GET", "/nothing", "", "", map[string]string{"Accept": "text/html"}}} {
		page := k.do(s).Body.String()
		if found := inline.FindString(page); found != "" {
			t.Errorf("%s: inline %q", k.path, found)
		}
		for _, m := range asks.FindAllStringSubmatch(page, -1) {
			if strings.HasPrefix(m[1], "#") {
				continue
			}
			if got := (call{"GET", html.UnescapeString(m[1]), "viewer", "", nil}).do(s); got.Code != 200 || got.Body.Len() == 0 {
				t.Errorf("%s asks for %s: %d", k.path, m[1], got.Code)
			}
		}
	}
	page := call{"GET", "/queue", "", "", nil}.do(s).Body.String()
	if strings.Contains(page, "<Hollywood>") || !strings.Contains(page, "Felix in &lt;Hollywood&gt;") {
		t.Error("a title is taken for markup")
	}
}

func TestAssets(t *testing.T) {
	s := newWorld().open(t)
	css := regexp.MustCompile(`/assets/[0-9a-f]{12}/playbill\.css`).FindString(call{"GET", "/", "", "", nil}.do(s).Body.String())
	got := call{"GET", css, "", "", nil}.do(s)
	if got.Code != 200 || !strings.Contains(got.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/css") {
		t.Errorf("%s: %d %v", css, got.Code, got.Header())
	}
	for path, want := range map[string]int{"/assets/old/live.js": 200, "/assets/old/../../web.go": 404, "/assets/old/img": 404, "/assets/old/": 404} {
		got := call{"GET", path, "", "", nil}.do(s)
		if got.Code != want || strings.Contains(got.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, got.Code, got.Header())
		}
	}
}

func TestHouseLights(t *testing.T) {
	s := newWorld().open(t)
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	got := call{"POST", "/lights", "", "theme=dark", form}.do(s)
	cookie := got.Header().Get("Set-Cookie")
	if got.Code != http.StatusSeeOther || !strings.Contains(cookie, "lights=dark") || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Errorf("%d %v", got.Code, got.Header())
	}
	for value, want := range map[string]string{"dark": `data-theme="dark"`, "light": `data-theme="light"`, "x\"": `<html lang="en">`, "": `<html lang="en">`} {
		page := call{"GET", "/", "", "", map[string]string{"Cookie": "lights=" + value}}.do(s).Body.String()
		if !strings.Contains(page, want) {
			t.Errorf("lights %q: %.80s", value, page)
		}
	}
	if got := (call{"POST", "/lights", "", "theme=system", form}).do(s); !strings.Contains(got.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("system: %v", got.Header())
	}
	if got := (call{"POST", "/lights", "", "theme=red", form}).do(s); got.Code != 400 {
		t.Errorf("red: %d", got.Code)
	}
}

func TestReady(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	v := *w.view.Load()
	v.Resolved = false
	w.view.Store(&v)
	got := decodeBody(t, call{"GET", "/readyz", "", "", nil}.do(s), 503)
	if reasons := got["reasons"].([]any); len(reasons) != 2 {
		t.Errorf("%v", got)
	}
	close(w.settled)
	decodeBody(t, call{"GET", "/readyz", "", "", nil}.do(s), 503)
	v = *evening()
	v.Health, v.Why = channel.Down, "The bot is banned."
	w.view.Store(&v)
	if got := (call{"GET", "/readyz", "", "", nil}).do(s); got.Code != 503 || !strings.Contains(got.Body.String(), "The bot is banned.") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	v = *evening()
	v.Needs = []channel.Need{{What: "Add to playlist", Weight: channel.Grave, Says: "The bot may not add.", Fix: "Click here."}}
	v.Can.Add = false
	w.view.Store(&v)
	if got := (call{"GET", "/readyz", "", "", nil}).do(s); got.Code != 503 || !strings.Contains(got.Body.String(), "may not add. Click here.") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	w.view.Store(evening())
	decodeBody(t, call{"GET", "/readyz", "", "", nil}.do(s), 200)
	decodeBody(t, call{"GET", "/healthz", "", "", nil}.do(s), 200)
	if got := (call{"GET", "/metrics", "", "", nil}).do(s); got.Code != 404 {
		t.Errorf("metrics that nobody keeps: %d", got.Code)
	}
}

func TestMetricsAreTheCallers(t *testing.T) {
	opt := newWorld().options(t)
	opt.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("playbill_up 1")) })
	s, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := (call{"GET", "/metrics", "", "", nil}).do(s); got.Body.String() != "playbill_up 1" {
		t.Errorf("%s", got.Body)
	}
}

func TestBadProxy(t *testing.T) {
	opt := newWorld().options(t)
	opt.TrustedProxies = []string{"not an address"}
	if _, err := New(opt); err == nil || !strings.Contains(err.Error(), "trusted_proxies") {
		t.Errorf("%v", err)
	}
}

// TestPagesOfTrouble renders what the page says when things are not as they should be.
func TestPagesOfTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(w *world)
		want []string
	}{
		"down":     {func(w *world) { w.edit(func(v *view) { v.Health = channel.Down }) }, []string{"We lost the room.", "On screen when we last saw it"}},
		"starting": {func(w *world) { w.edit(func(v *view) { v.Resolved = false }) }, []string{"The house is not open yet."}},
		"journal":  {func(w *world) { w.edit(func(v *view) { v.Journal = "The disk is full." }) }, []string{"Requests are paused.", "The disk is full."}},
		"locked": {func(w *world) {
			w.edit(func(v *view) {
				v.Gate.PayClosed, v.Gate.Code, v.Gate.Sentence, v.Gate.OpensAtMS = true, "event_lock", "Silent Sunday is on. They open later.", noon+480_000
			})
		}, []string{"Silent Sunday is on.", "They open later.", ">8 min<"}},
		"dark": {func(w *world) {
			w.edit(func(v *view) { v.Shadow.Cur, v.Shadow.Entries, v.Shadow.Waiting = -1, nil, nil })
		}, []string{"Nothing is on.", "The list is empty."}},
		"closed": {func(w *world) { w.rules.Enabled = false }, []string{"Running order"}},
	} {
		w := newWorld()
		c.edit(w)
		page := call{"GET", "/", "", "", nil}.do(w.open(t)).Body.String()
		for _, want := range c.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page does not say %q", name, want)
			}
		}
		if name == "closed" && strings.Contains(page, "What a request costs") {
			t.Error("prices are shown where nothing is sold")
		}
	}
}

// TestLongListIsCut: the page shows a part and says how much follows; the JSON has everything.
func TestLongListIsCut(t *testing.T) {
	w := newWorld()
	w.edit(func(v *view) {
		for id := range 300 {
			v.Shadow.Entries = append(v.Shadow.Entries, &shadow.Entry{ID: shadow.EntryID(1000 + id), State: shadow.Bound, Role: shadow.Content, Media: sdk.Media{Type: "yt", ID: "x", Title: "More", DurationMS: 60_000}})
		}
	})
	s := w.open(t)
	page := call{"GET", "/", "", "", nil}.do(s).Body.String()
	if n := strings.Count(page, "data-entry="); n != 200 || !strings.Contains(page, "107 more follow.") {
		t.Errorf("%d rows", n)
	}
	if items := decodeBody(t, call{"GET", "/api/v1/queue", "", "", nil}.do(s), 200)["items"].([]any); len(items) != 308 {
		t.Errorf("%d items", len(items))
	}
}
