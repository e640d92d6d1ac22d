package main

import (
	"testing"

	"playbill/web/browsertest"
)

// weightMax is what the first load of a page may bring over the wire, in bytes: the page, its styles, scripts and the
// pictures that load at once.
const weightMax = 150_000

// TestBrowserWeight weighs the first load of the large pages, by people who have nothing of them yet.
func TestBrowserWeight(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s, _ := stage(t)
	for who, paths := range map[string][]string{"": {"/queue", "/catalog"}, admin: {"/admin", "/admin/promos"}} {
		tab := s.visit(who)
		for _, path := range paths {
			for _, width := range []int64{browsertest.Desktop, browsertest.Phone} {
				tab.Fresh()
				tab.Screen(width, false)
				tab.Open(path)
				tab.Until("everything is there", `performance.getEntriesByType('navigation')[0].loadEventEnd > 0`)
				weigh(t, path, tab.Loads())
			}
		}
	}
}

// weigh holds that a first load is light, and that what gets smaller when it is packed came packed.
func weigh(t *testing.T, path string, loads []browsertest.Load) {
	t.Helper()
	total, packed := int64(0), 0
	for _, one := range loads {
		total += one.Bytes
		if one.Encoding == "gzip" {
			packed++
		} else if one.Bytes > 2000 && one.Kind != "WebSocket" {
			t.Errorf("%s: %s, %d bytes, is not packed", path, one.URL, one.Bytes)
		}
	}
	t.Logf("%s: %d bytes in %d loads", path, total, len(loads))
	if total > weightMax || packed < 3 {
		t.Errorf("%s: %d bytes, %d answers packed; at most %d bytes are allowed", path, total, packed, weightMax)
	}
}
