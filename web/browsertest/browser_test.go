package browsertest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestAxe pins the vendored file. Its licence is beside it.
func TestAxe(t *testing.T) {
	const want = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c" // axe-core 4.14.1, axe.min.js of the npm package
	sum := sha256.Sum256([]byte(axe))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("axe.min.js has the checksum %s, want %s", got, want)
	}
}

// browserFor starts a browser for one test.
func browserFor(t *testing.T) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	path, err := Find()
	if err != nil {
		t.Skip(err)
	}
	b, err := Start(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// TestWhatGoesWrongIsSeen opens pages that each do one thing wrong.
func TestWhatGoesWrongIsSeen(t *testing.T) {
	b := browserFor(t)
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/good":
			_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Good</title><link rel="icon" href="data:,"><main><h1>Good</h1><p>All is well.</p></main>`))
		case "/error":
			_, _ = w.Write([]byte(`<script>console.error('a complaint')</script>`))
		case "/thrown":
			_, _ = w.Write([]byte(`<script>setTimeout(() => { throw new Error('nobody caught me') })</script>`))
		case "/policy":
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			_, _ = w.Write([]byte(`<p style="color:red">inline</p>`))
		case "/missing":
			_, _ = w.Write([]byte(`<img src="/gone.png" alt="">`))
		case "/other":
			_, _ = w.Write([]byte(`<img src="` + other.URL + `/pixel.png" alt="">`))
		case "/wide":
			_, _ = w.Write([]byte(`<meta name="viewport" content="width=device-width"><div style="width:2000px">wide</div><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`))
		default:
			http.NotFound(w, r)
		}
	}))
	defer site.Close()
	tab := b.Visit(t, site.URL)
	tab.Open("/good")
	if found := slices.Concat(tab.Faults(), tab.Check()); len(found) > 0 {
		t.Errorf("a good page: %q", found)
	}
	for path, want := range map[string]string{"/error": "a complaint", "/thrown": "nobody caught me", "/policy": "content security policy",
		"/missing": "/gone.png was answered with 404", "/other": "request to another origin: " + other.URL} {
		tab.Open(path)
		Eval[bool](tab, `new Promise((done) => setTimeout(() => done(true), 50))`)
		if faults := tab.Faults(); !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("%s: %q, want %q among them", path, faults, want)
		}
	}
	tab.Open("/wide")
	if tab.Wide() == "" {
		t.Error("a page of 2000 px is not wide")
	}
	if found := tab.Check(); !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, "image-alt") }) {
		t.Errorf("axe finds %q", found)
	}
	tab.Faults() // the icon that these pages lack
}
