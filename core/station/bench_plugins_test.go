package station_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"playbill/core/channel"
	"playbill/core/pluginhost"
	"playbill/core/station"
	"playbill/sdk"
)

// realPlugins builds the seven plugins, starts them as processes, and waits until they are settled.
func realPlugins(b *testing.B) *pluginhost.Host {
	b.Helper()
	ctx, dir := context.Background(), b.TempDir()
	names := []string{"channel-identity", "event", "mod-shoutout", "feature-presentation", "viewers-choice", "presence-leave", "presence-afk"}
	if err := pluginhost.Build(ctx, filepath.Join("..", ".."), dir, names, nil); err != nil {
		b.Fatal(err)
	}
	var specs []pluginhost.Spec
	for _, n := range names {
		specs = append(specs, pluginhost.Spec{Name: n, Command: filepath.Join(dir, n), Enabled: true})
	}
	host, err := pluginhost.New(pluginhost.Options{Dir: filepath.Join(dir, "run"), Plugins: specs})
	if err != nil {
		b.Fatal(err)
	}
	if err := host.Start(ctx); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = host.Stop(ctx) })
	<-host.Settled()
	return host
}

// sendings is a driver that notes when an add is sent.
type sendings struct {
	channel.Driver
	sent chan time.Time
}

func (s *sendings) Do(ctx context.Context, c channel.Command) channel.Result {
	if _, add := c.(channel.Add); add {
		select {
		case s.sent <- time.Now():
		default:
		}
	}
	return s.Driver.Do(ctx, c)
}

// BenchmarkSlotDueToSent is from the moment a slot falls due until the command for its general promo is sent, with seven
// plugin processes, the embedded channel and a durable turn between. Target: p99 under 25 ms. Beside it: the bare fan-out
// to the general plugins, and the commit of one turn.
func BenchmarkSlotDueToSent(b *testing.B) {
	host := realPlugins(b)
	drive := &sendings{Driver: room(b, 4000), sent: make(chan time.Time, 1)}
	pools := map[string][]sdk.Clip{"channel_identity": clips("ident", 20), "event": clips("event", 20), "mod_shoutout": clips("shout", 20)}
	w := newBenchWith(b, b.TempDir(), drive, host, pools)
	w.until(func(v *station.View) bool { return v.Resolved })
	var took, fanOut, commits []time.Duration
	for b.Loop() {
		due := w.makeDue()
		select {
		case sent := <-drive.sent:
			took = append(took, sent.Sub(due))
		case <-time.After(30 * time.Second):
			b.Fatal("a promo that was due was not sent")
		}
		b.StopTimer()
		w.takeBack()
		fanOut = append(fanOut, timed(func() { _ = host.Promo(context.Background(), station.OnAdvance, threeSlots(pools)) }))
		commits = append(commits, timed(func() { _, _ = w.book.Commit(context.Background(), station.Turn{AtMS: now(), OnAir: &station.OnAir{}}) }))
		b.StartTimer()
	}
	report(b, "sent", took)
	report(b, "fan-out", fanOut)
	report(b, "commit", commits)
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func report(b *testing.B, what string, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, what+"-p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, what+"-p99-ms")
}

func threeSlots(pools map[string][]sdk.Clip) map[string]sdk.Advance {
	per := map[string]sdk.Advance{}
	for plugin, promoType := range map[string]string{"channel-identity": "channel_identity", "event": "event", "mod-shoutout": "mod_shoutout"} {
		per[plugin] = sdk.Advance{Call: sdk.Call{EventID: "bench", NowMS: now(), Seed: 1},
			Slots: []sdk.Slot{{ID: "s", Kind: sdk.General, PromoType: promoType, Clips: pools[promoType], Order: sdk.OrderRandom}}}
	}
	return per
}
