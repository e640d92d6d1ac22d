package pluginhost

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	goplugin "github.com/hashicorp/go-plugin"

	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/plugin/pluginpb"
)

func bundledNames() []string {
	return []string{"channel-identity", "event", "feature-presentation", "mod-shoutout", "presence-afk", "presence-leave", "viewers-choice"}
}

// bundled builds the seven plugins, once per run of the test binary: TestMain keeps the folder and removes it.
func bundled(t testing.TB) []Spec {
	t.Helper()
	if testing.Short() {
		t.Skip("builds seven binaries")
	}
	dir := os.Getenv(bundledDir)
	if err := Build(context.Background(), filepath.Join("..", ".."), dir, bundledNames(), func(name string) { t.Log("build ", name) }); err != nil {
		t.Fatal(err)
	}
	var specs []Spec
	for _, name := range bundledNames() {
		specs = append(specs, Spec{Name: name, Command: filepath.Join(dir, name), Enabled: true, StartTimeout: 20 * time.Second})
	}
	return specs
}

func TestTheBundledPlugins(t *testing.T) {
	specs := bundled(t)
	h := start(t, Options{Plugins: specs})
	for _, s := range h.Status() {
		if s.State != Ready {
			t.Fatalf("%s is %s: %s %v", s.Name, s.State, s.Reason, s.Log)
		}
		if len(s.Needs) > 0 {
			t.Errorf("%s needs permissions: %v", s.Name, s.Needs)
		}
	}
	t.Logf("the seven take %d MB", residentMB(h))
	slot := func(kind string, at sdk.SlotKind, target sdk.Entry) sdk.Advance {
		return sdk.Advance{Call: sdk.Call{EventID: "e", Seed: 4}, Slots: []sdk.Slot{{ID: "s", Kind: at, PromoType: kind, Order: sdk.OrderShuffle, Target: target, Clips: []sdk.Clip{{Key: "c1"}, {Key: "c2"}}}}}
	}
	film := sdk.Entry{Role: "content", Media: sdk.Media{DurationMS: 3_600_000}}
	paid := sdk.Entry{Role: "paid", Media: sdk.Media{DurationMS: 60_000}}
	for name, ask := range map[string]sdk.Advance{
		"channel-identity": slot("channel_identity", sdk.General, film), "event": slot("event", sdk.General, film), "mod-shoutout": slot("mod_shoutout", sdk.General, film),
		"feature-presentation": slot("feature_presentation", sdk.LeadIn, film), "viewers-choice": slot("viewers_choice", sdk.LeadIn, paid),
	} {
		if got := askOne(t, h, station.OnAdvance, name, ask); got.Kind != station.Proposed || got.Answer.State == nil {
			t.Errorf("%s: %s (%s)", name, got.Kind, got.Why)
		}
	}
	var reasons []string
	eventually(t, "both triggers answer", func() bool {
		reasons = nil
		round := sdk.Round{Call: sdk.Call{EventID: "p"}, Owners: []sdk.Owner{{Key: "ada"}, {Key: "grace", Present: true, AFK: true}}}
		for _, o := range h.Presence(t.Context(), map[string]sdk.Round{"presence-afk": round, "presence-leave": round}) {
			for _, v := range o.Verdicts.Away {
				reasons = append(reasons, v.Owner+" "+v.Reason)
			}
		}
		return len(reasons) == 2
	})
	if !slices.Equal(reasons, []string{"ada owner_left", "grace owner_afk"}) {
		t.Errorf("leaving does not come before AFK: %v", reasons)
	}
}

// residentMB is what the plugins' processes have in memory, shared pages counted in each; 0 where nobody says.
func residentMB(h *Host) int {
	sum := 0
	for _, s := range h.Status() {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID))
		for line := range strings.Lines(string(text)) {
			var kb int
			if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
				sum += kb
			}
		}
	}
	return sum / 1024
}

func TestBuildLeavesWhatIsFresh(t *testing.T) {
	bundled(t)
	dir := filepath.Dir(bundled(t)[0].Command)
	err := Build(t.Context(), filepath.Join("..", ".."), dir, bundledNames(), func(name string) { t.Errorf("%s was built again", name) })
	if err != nil {
		t.Fatal(err)
	}
	if err := Build(t.Context(), filepath.Join("..", ".."), t.TempDir(), []string{"no-such-plugin"}, nil); err == nil {
		t.Fatal("a plugin without sources was built")
	}
}

// spread prints the middle and the 99th percentile.
func spread(b *testing.B, name string, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), name+"-p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), name+"-p99-µs")
}

// BenchmarkFanOut asks seven plugins, beside seven bare calls in parallel over the same connections.
func BenchmarkFanOut(b *testing.B) {
	var specs []Spec
	per := map[string]sdk.Advance{}
	for i := range 7 {
		name := fmt.Sprint("p", i)
		specs = append(specs, specOf(name, "good"))
		per[name] = ask(name)
	}
	h := start(b, Options{Plugins: specs})
	request := plugin.PromoRequest(ask("p0"))
	clients := make([]pluginpb.PluginClient, len(h.units))
	for i, u := range h.units {
		clients[i] = pluginpb.NewPluginClient(u.live.conn)
	}
	var ours, bare []time.Duration
	late := 0
	for b.Loop() { // in turns, so that both meet the same machine
		began := time.Now()
		for _, o := range h.Promo(b.Context(), station.OnAdvance, per) {
			if o.Kind != station.Proposed {
				late++
			}
		}
		ours = append(ours, time.Since(began))
		began = time.Now()
		var all sync.WaitGroup
		for _, c := range clients {
			all.Go(func() {
				if _, err := c.OnAdvance(b.Context(), request); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		bare = append(bare, time.Since(began))
	}
	spread(b, "host", ours)
	spread(b, "bare", bare)
	b.ReportMetric(float64(late), "not-in-time")
}

// BenchmarkStart brings seven plugins to ready, beside seven starts with go-plugin's own client and a first answer.
func BenchmarkStart(b *testing.B) {
	specs := bundled(b)
	var ours, bare []time.Duration
	for b.Loop() {
		h, err := New(Options{Dir: shortDir(b), Plugins: specs})
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := h.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		<-h.Settled()
		ours = append(ours, time.Since(began))
		if err := h.Stop(b.Context()); err != nil {
			b.Fatal(err)
		}
		bare = append(bare, bareStarts(b, specs))
	}
	spread(b, "host", ours)
	spread(b, "bare", bare)
}

func bareStarts(b *testing.B, specs []Spec) time.Duration {
	clients := make([]*goplugin.Client, len(specs))
	began := time.Now()
	var all sync.WaitGroup
	for i, spec := range specs {
		clients[i] = goplugin.NewClient(&goplugin.ClientConfig{
			HandshakeConfig: plugin.Handshake(), Plugins: plugin.Set(sdk.Plugin{}), Cmd: command(spec), Logger: quiet(),
			AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		})
		all.Go(func() {
			protocol, err := clients[i].Client()
			if err != nil {
				b.Error(err)
				return
			}
			conn := protocol.(*goplugin.GRPCClient).Conn
			if _, err := pluginpb.NewPluginClient(conn).Describe(b.Context(), &pluginpb.DescribeRequest{}); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	for _, c := range clients {
		all.Go(c.Kill)
	}
	all.Wait()
	return took
}
