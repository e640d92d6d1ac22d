package cytube_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/channel/cytube"
	"playbill/sdk"
)

const openedAt = 41

// TestConformance holds the driver against every sentence of the contract, in simulated time, with the waits that a real
// server needs.
func TestConformance(t *testing.T) {
	tests := []struct {
		name string
		opts cytubetest.Options
	}{
		{"bare", cytubetest.Options{}},
		{"with duplicates", cytubetest.Options{Dupes: true}},
		{"as a leader", cytubetest.Options{Accounts: accounts(15)}},
		{"with a password", cytubetest.Options{Password: "sesame"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			channeltest.Conformance(t, func(t *testing.T, body func(*testing.T, channeltest.Harness)) {
				synctest.Test(t, func(t *testing.T) {
					w := open(t, tc.opts)
					h := w.harness()
					h.OnlyTemp = tc.opts.Accounts != nil
					body(t, h)
				})
			})
		})
	}
}

// world is a server on a network of its own, and a driver on it.
type world struct {
	t      *testing.T
	server *cytubetest.Server
	driver *cytube.Driver
	last   channel.Update
	left   []channel.Departure
	states int
}

// open starts both. They end with the test.
func open(t *testing.T, o cytubetest.Options) *world {
	t.Helper()
	return openAs(t, o, cytube.Options{})
}

func openAs(t *testing.T, o cytubetest.Options, as cytube.Options) *world {
	t.Helper()
	network := cytubetest.NewMemory()
	o.Listener = network
	server, err := cytubetest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	as.Server, as.OpenedAt, as.Client = server.URL(), openedAt, network.Client()
	as.Channel = orElse(as.Channel, "test")
	as.User = orElse(as.User, "playbill")
	as.Password = orElse(as.Password, "secret")
	as.ChannelPassword = orElse(as.ChannelPassword, o.Password)
	driver, err := cytube.Open(as)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, server: server, driver: driver}
	t.Cleanup(func() {
		_ = driver.Close()
		server.Close()
		as.Client.CloseIdleConnections()
	})
	return w
}

func orElse(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}

func accounts(rankTenths int) map[string]cytubetest.Account {
	return map[string]cytubetest.Account{"playbill": {Password: "secret", RankTenths: rankTenths}}
}

func (w *world) harness() channeltest.Harness {
	s := w.server
	return channeltest.Harness{
		Driver: w.driver, Opened: openedAt, Self: "playbill", Patience: 3 * time.Minute,
		Media:  w.media,
		Add:    s.Add,
		Remove: s.Remove, Skip: s.Skip, Shuffle: s.Shuffle, Clear: s.Clear,
		Join:    func(name string) { s.Join(name, 10) },
		Leave:   s.Leave,
		Chat:    s.Chat,
		Restart: func() { s.Restart(true, time.Second) },
		Slow:    s.Slow,
	}
}

// media is the n-th of many clips that the server knows.
func (w *world) media(n int, length time.Duration) sdk.Media {
	m := sdk.Media{Type: "yt", ID: fmt.Sprintf("clip-%d", n), Title: "A clip", DurationMS: length.Milliseconds()}
	if length > 0 {
		w.server.Know(m)
	}
	return m
}
