package embedded_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest"
	"playbill/core/channel/embedded"
	"playbill/sdk"
)

func TestConformance(t *testing.T) {
	tests := []struct {
		name string
		opts embedded.Options
		wrap func(c *embedded.Channel) channel.Driver
	}{
		{"bare", embedded.Options{}, bare},
		{"with duplicates", embedded.Options{AllowDupes: true}, bare},
		{"as a leader", embedded.Options{RankTenths: 15}, bare},
		{"slow look-ups", embedded.Options{LookupDelay: func(sdk.Media) time.Duration { return 300 * time.Millisecond }}, bare},
		{"in a wrapper without faults", embedded.Options{}, func(c *embedded.Channel) channel.Driver {
			return channeltest.NewFaulty(c, c.Crash)
		}},
		{"in a wrapper after an epoch bump", embedded.Options{}, func(c *embedded.Channel) channel.Driver {
			f := channeltest.NewFaulty(c, c.Crash)
			f.EpochBump()
			return f
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			channeltest.Conformance(t, func(t *testing.T, body func(*testing.T, channeltest.Harness)) {
				file := filepath.Join(t.TempDir(), "list.json")
				synctest.Test(t, func(t *testing.T) {
					o := tc.opts
					o.Channel, o.OpenedAt, o.File = "test", 41, file
					body(t, harness(t, o, tc.wrap))
				})
			})
		})
	}
}

func bare(c *embedded.Channel) channel.Driver { return c }

// harness opens a channel with a moderator in the room.
func harness(t *testing.T, o embedded.Options, wrap func(c *embedded.Channel) channel.Driver) channeltest.Harness {
	var slow atomic.Int64
	delay := o.LookupDelay
	o.LookupDelay = func(m sdk.Media) time.Duration {
		if d := slow.Load(); d > 0 || delay == nil {
			return time.Duration(d)
		}
		return delay(m)
	}
	c, err := embedded.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Join("Mod", 30))
	mod := c.As("Mod")
	return channeltest.Harness{
		Driver: wrap(c), Opened: o.OpenedAt, Self: "playbill", OnlyTemp: o.RankTenths == 15,
		Media: func(n int, length time.Duration) sdk.Media {
			return sdk.Media{Type: "yt", ID: fmt.Sprintf("clip-%d", n), Title: "A clip", DurationMS: length.Milliseconds()}
		},
		Add:     func(m sdk.Media, next, temp bool) { must(mod.Add(m, next, temp)) },
		Remove:  func(uid channel.UID) { must(mod.Remove(uid % 100_000)) }, // as it was before a bump of Faulty
		Skip:    func() { must(mod.Skip()) },
		Shuffle: func() { must(mod.Shuffle()) },
		Clear:   func() { must(mod.Clear()) },
		Join:    func(name string) { must(c.Join(name, 10)) },
		Leave:   func(name string) { must(c.Leave(name)) },
		Chat:    func(name, text string) { must(c.Chat(name, text)) },
		Restart: func() { must(c.Reload()) },
		Slow:    func(d time.Duration) { slow.Store(int64(d)) },
	}
}
