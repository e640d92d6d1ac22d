package web

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCompressed asks for answers of all kinds, packed and not.
func TestCompressed(t *testing.T) {
	long := strings.Repeat("a long answer. ", 200)
	h := compressed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Vary", "Accept")
			_, _ = w.Write([]byte(long))
		case "/problem":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(long))
		case "/short":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("short"))
		case "/picture":
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte(long))
		case "/packed":
			w.Header().Set("Content-Type", "text/css")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte(long))
		case "/parts":
			w.Header().Set("Content-Type", "text/plain")
			for range 3 {
				_, _ = w.Write([]byte(long))
				w.(http.Flusher).Flush()
			}
		case "/nothing":
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	for _, c := range []struct {
		path, accept string
		code         int
		encoding     string
		vary         []string
		length       int
	}{
		{"/page", "gzip", 200, "gzip", []string{"Accept", "Accept-Encoding"}, len(long)},
		{"/page", "", 200, "", []string{"Accept", "Accept-Encoding"}, len(long)},
		{"/problem", "br, gzip", 404, "gzip", []string{"Accept-Encoding"}, len(long)},
		{"/short", "gzip", 200, "", []string{"Accept-Encoding"}, 5},
		{"/picture", "gzip", 200, "", nil, len(long)},
		{"/packed", "gzip", 200, "gzip", nil, -1},
		{"/parts", "gzip", 200, "gzip", []string{"Accept-Encoding"}, 3 * len(long)},
		{"/nothing", "gzip", 204, "", nil, 0},
		{"/untouched", "gzip", 200, "", nil, 0},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body := io.Reader(w.Body)
		if c.encoding == "gzip" && c.length >= 0 {
			unpacked, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(c.path, err)
			}
			body = unpacked
		}
		text, err := io.ReadAll(body)
		if w.Code != c.code || w.Header().Get("Content-Encoding") != c.encoding || c.length >= 0 && len(text) != c.length || err != nil {
			t.Errorf("%s: %d %v, %d bytes, %v", c.path, w.Code, w.Header(), len(text), err)
		}
		if diff := cmp.Diff(c.vary, w.Header()["Vary"]); diff != "" {
			t.Errorf("%s: Vary %s", c.path, diff)
		}
	}
}

// TestNothingIsPackedForASocket lets an upgrade through as it came, and takes over no other connection.
func TestNothingIsPackedForASocket(t *testing.T) {
	var got http.ResponseWriter
	h := compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { got = w }))
	plain := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/ws", nil)
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Accept-Encoding", "gzip")
	h.ServeHTTP(plain, r)
	if got != http.ResponseWriter(plain) {
		t.Error("a socket's answer goes through something")
	}
	h.ServeHTTP(plain, httptest.NewRequest(http.MethodGet, "/", nil))
	if taker, ok := got.(http.Hijacker); !ok {
		t.Error("no hijacker")
	} else if _, _, err := taker.Hijack(); !errors.Is(err, http.ErrNotSupported) {
		t.Error(err)
	}
}

// TestAssetTags asks for assets again.
func TestAssetTags(t *testing.T) {
	s := newWorld().open(t)
	get := func(accept, tag string) *httptest.ResponseRecorder {
		return call{"GET", "/assets/old/playbill.css", "", "", map[string]string{"Accept-Encoding": accept, "If-None-Match": tag}}.do(s)
	}
	plain, packed := get("", ""), get("gzip", "")
	tags := []string{plain.Header().Get("ETag"), packed.Header().Get("ETag")}
	if slices.Contains(tags, "") || tags[0] == tags[1] || packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len()*3 > plain.Body.Len() {
		t.Errorf("tags %q, %d bytes and %d packed", tags, plain.Body.Len(), packed.Body.Len())
	}
	for _, w := range []*httptest.ResponseRecorder{plain, packed} {
		if diff := cmp.Diff([]string{"Accept-Encoding"}, w.Header()["Vary"]); diff != "" {
			t.Error(diff)
		}
	}
	if got := get("gzip", "\"x\", "+tags[1]); got.Code != http.StatusNotModified || got.Body.Len() != 0 {
		t.Errorf("asked again: %d, %d bytes", got.Code, got.Body.Len())
	}
	if got := get("gzip", tags[0]); got.Code != http.StatusOK {
		t.Errorf("asked again with the tag of the other encoding: %d", got.Code)
	}
	page := call{"GET", "/queue", "", "", map[string]string{"Accept-Encoding": "gzip", "Accept": "text/html"}}.do(s)
	if page.Header().Get("Content-Encoding") != "gzip" || strings.Join(page.Header()["Vary"], " ") != "Accept Accept-Encoding" {
		t.Errorf("a page: %v", page.Header())
	}
}
