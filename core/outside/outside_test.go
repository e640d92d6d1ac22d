package outside

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true,
		"127.0.0.1": false, "10.1.2.3": false, "192.168.0.1": false, "172.16.0.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "0.1.2.3": false, "255.255.255.255": false, "224.0.0.1": false, "::1": false, "::": false, "fe80::1": false,
		"fd00::1": false, "ff02::1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "198.18.0.1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
	if err := publicOnly("tcp", "[::ffff:127.0.0.1]:80", nil); !errors.Is(err, ErrPrivate) {
		t.Errorf("a loopback address inside IPv6: %v", err)
	}
}

func TestGet(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			w.Header().Set("Content-Type", "Text/Plain; charset=utf-8")
			_, _ = io.WriteString(w, r.Header.Get("Authorization"))
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("x", 101))
		case "/away":
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/here":
			http.Redirect(w, r, "/ok", http.StatusFound)
		}
	}))
	defer site.Close()
	c := New(Options{Hosts: []string{"127.0.0.1"}, Private: true})
	defer c.Close()
	for path, want := range map[string]error{"/ok": nil, "/here": nil, "/long": ErrLong, "/away": ErrHost} {
		r, err := c.Get(t.Context(), site.URL+path, http.Header{"Authorization": {"Token x"}}, 100)
		if !errors.Is(err, want) || want == nil && (r.Status != 200 || r.Type != "text/plain" || string(r.Body) != "Token x") {
			t.Errorf("%s: %+v %v", path, r, err)
		}
	}
	if _, err := c.Get(t.Context(), site.URL+"/round", nil, 100); err == nil {
		t.Error("round and round it goes")
	}
	for _, address := range []string{"http://localhost/", "file:///etc/passwd", "http://127.0.0.1.example/", "http://u:p@127.0.0.1/", "", "%", "//127.0.0.1/"} {
		if _, err := c.Get(t.Context(), address, nil, 100); !errors.Is(err, ErrHost) {
			t.Errorf("%q: %v", address, err)
		}
	}
	shut := New(Options{Hosts: []string{"127.0.0.1"}})
	if _, err := shut.Get(t.Context(), site.URL+"/ok", nil, 100); !errors.Is(err, ErrPrivate) {
		t.Errorf("a private address: %v", err)
	}
}

func TestRate(t *testing.T) {
	c := New(Options{PerMinute: 60})
	at := time.Now()
	for range burst {
		c.limiter.ReserveN(at, 1)
	}
	if wait := c.limiter.ReserveN(at, 1).DelayFrom(at); wait != time.Second {
		t.Errorf("the sixth request of a second waits %s", wait)
	}
}
