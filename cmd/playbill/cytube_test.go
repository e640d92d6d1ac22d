package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"playbill/cmd/playbill/sample"
	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/config"
	"playbill/sdk"
)

// onCyTube is what a host on a scripted CyTube server is configured with: promos often, and no patience with who leaves.
const onCyTube = `
channel "films" {
  driver          = "cytube"
  server          = "SERVER"
  channel         = "test"
  password        = "secret"
  add_interval_ms = 600
}
pay {
  cooldown_seconds = 0
}
presence {
  grace_seconds          = 1
  check_interval_seconds = 1
}
promos {
  general {
    every_n_items       = 2
    min_airtime_seconds = 1
  }
}
`

// TestTheWholeHostOnCyTube walks the program over a CyTube server: promos, a purchase with its lead-in, a refund, a shuffle,
// a kick, a restart of the server with a purchase on its way, and true books behind all of it.
func TestTheWholeHostOnCyTube(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program with its plugins")
	}
	t.Parallel()
	server := cyTubeServer(t)
	dir, address := dataDir(t), freeAddress(t)
	path := serveConfig(t, dir, address, strings.Replace(onCyTube, "SERVER", server.URL(), 1))
	stocked(t, path)
	p := serveOn(t, path, address)
	visitor := playbill(t, "token", "create", "--name", "visitor", "--rank", "1", "--config", path)
	admin := playbill(t, "token", "create", "--name", "keeper", "--rank", "3", "--config", path)
	playbill(t, "ledger", "grant", "visitor", "100000", "--reason", "a walk", "--config", path)

	p.until("a general promo stands on the server's list", soon, func() bool { return ours(server) > 0 })
	p.until("it has aired", later, func() bool { return p.aired(admin, "general", "") })
	first := p.buy(visitor, "queue", 3*time.Second)
	p.until("the purchase has settled", later, func() bool { return p.purchase(visitor, first.ID).State == "settled" })
	p.hadLeadIn(admin, *first.EntryID)
	p.until("the room was told", soon, func() bool {
		return slices.ContainsFunc(server.Said(), func(l [2]string) bool { return strings.Contains(l[1], "added to the queue by visitor") })
	})

	left := p.buy(visitor, "queue", 5*time.Second)
	server.Shuffle()
	server.Leave("visitor")
	p.until("who left was refunded, or saw it first", later, func() bool {
		return slices.Contains([]string{"refunded", "settled"}, p.purchase(admin, left.ID).State)
	})
	if got := p.purchase(admin, left.ID); got.State == "refunded" && got.Reason != "owner_left" {
		t.Errorf("refunded because of %q", got.Reason)
	}
	server.Join("visitor", 10)

	server.Kick("playbill", "Channel reloading")
	p.until("the host is back", later, func() bool { return server.Connections() == 1 && p.status("/readyz") == 200 })
	again := p.buy(visitor, "queue", 0)
	server.Restart(true, time.Second)
	p.until("the purchase that the restart hit has ended", later, func() bool {
		return slices.Contains([]string{"settled", "refunded"}, p.purchase(admin, again.ID).State)
	})
	if code := p.stop(); code != exitOK {
		t.Errorf("stopped with exit code %d", code)
	}
	if said := playbill(t, "ledger", "verify", "--config", path); !strings.HasPrefix(said, "The ledger is true: ") {
		t.Error(said)
	}
}

// cyTubeServer has short programmes on its list, knows the demo's titles and clips as short ones, and has a visitor.
func cyTubeServer(t *testing.T) *cytubetest.Server {
	t.Helper()
	s, err := cytubetest.New(cytubetest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	titles, err := sample.Titles()
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range titles {
		s.Know(brief(title.Media))
	}
	lists, err := sample.Playlists()
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		for _, item := range list.Items {
			s.Know(brief(item.Media))
		}
	}
	for i := range 4 {
		s.Add(brief(sdk.Media{Type: "yt", ID: fmt.Sprint("programme-", i), Title: fmt.Sprint("Programme ", i)}), false, false)
	}
	s.Join("visitor", 10)
	return s
}

func brief(m sdk.Media) sdk.Media {
	m.DurationMS = 2000
	return m
}

// ours counts the temp items that the bot added.
func ours(s *cytubetest.Server) int {
	n := 0
	for _, it := range s.Items() {
		if it.Temp && channel.Fold(it.AddedBy) == "playbill" {
			n++
		}
	}
	return n
}

// stocked fills the library of a host with the demo's titles and clips.
func stocked(t *testing.T, path string) {
	t.Helper()
	file, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(t.Context(), setup{file: file, logTo: io.Discard, stock: stock})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
}
