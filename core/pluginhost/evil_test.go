package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"

	"playbill/sdk"
	"playbill/sdk/plugin"
)

// TestMain lets the test binary play a plugin, or a whole host that is about to be killed.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) >= 4 && os.Args[1] == "as-plugin":
		playPlugin(os.Args[2], os.Args[3])
	case len(os.Args) == 3 && os.Args[1] == "as-host":
		playHost(os.Args[2])
	default:
		os.Exit(run(m))
	}
}

// bundledDir names the folder for the plugins that this run builds.
const bundledDir = "PLAYBILL_TEST_PLUGINS"

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "playbill-plugins")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Setenv(bundledDir, dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// playPlugin serves a plugin of this name that misbehaves in this way.
func playPlugin(name, way string) {
	beforeServing(way)
	p := sdk.Plugin{ID: name, Version: "1.2.3", Title: strings.ToUpper(name), StateVersion: 2, ReadsState: []uint32{1}}
	p.Types = []sdk.PromoType{{ID: strings.ReplaceAll(name, "-", "_"), Badge: "B", Slot: sdk.General, Order: sdk.OrderRandom, Weight: 1}}
	p.OnAdvance = func(ctx context.Context, a sdk.Advance) (sdk.Answer, error) { return advance(ctx, a, way) }
	p.OnPay, p.OnCancel = p.OnAdvance, p.OnAdvance
	p.OnPresence = func(_ context.Context, r sdk.Round) (sdk.Verdicts, error) { return presence(r, way), nil }
	switch way {
	case "last":
		p.Priority = 5
	case "first":
		p.Priority = -5
	case "renamed":
		p.ID = "someone-else"
	case "hookless":
		p.OnAdvance, p.OnPay, p.OnCancel, p.OnPresence = nil, nil, nil, nil
	case "advance-only":
		p.OnPay, p.OnCancel, p.OnPresence = nil, nil, nil
	case "settings":
		p.Schema = []byte(`{"type":"object","additionalProperties":false,"properties":{
			"count":{"type":"integer","minimum":1,"default":3},"inner":{"type":"object","properties":{"deep":{"default":"d"}}}}}`)
		p.Check = func(settings []byte) []sdk.Problem {
			if strings.Contains(string(settings), "13") {
				return []sdk.Problem{{Pointer: "/count", Sentence: "Thirteen is not welcome."}}
			}
			return nil
		}
	case "bad-schema":
		p.Schema = []byte(`{"type":"object","$ref":"file:///etc/passwd"}`)
	}
	plugin.Serve(p)
}

// beforeServing misbehaves before the handshake.
func beforeServing(way string) {
	switch way {
	case "loud":
		fmt.Fprintln(os.Stderr, `{"@message": 42}`)
		fmt.Fprintln(os.Stderr, `{"@level": [], "@message": {"a": null}}`)
		fmt.Fprintln(os.Stderr, "\xff\xfe not text \x1b[31m")
		fmt.Fprintln(os.Stderr, strings.Repeat("long", 50_000))
	case "flood":
		for i := range 20_000 {
			fmt.Fprintln(os.Stderr, "line", i)
		}
	case "exit":
		fmt.Fprintln(os.Stderr, "no projector found")
		os.Exit(7)
	case "silent":
		time.Sleep(time.Hour)
	case "stdout":
		fmt.Println("hello from a library")
	case "cookie":
		goplugin.Serve(&goplugin.ServeConfig{HandshakeConfig: goplugin.HandshakeConfig{MagicCookieKey: "OTHER", MagicCookieValue: "x"}})
	case "protocol":
		fmt.Println("1|7|unix|/nowhere|grpc")
		time.Sleep(time.Hour)
	case "netrpc":
		fmt.Println("1|1|unix|/nowhere|netrpc")
		time.Sleep(time.Hour)
	case "tcp":
		fmt.Println("1|1|tcp|127.0.0.1:1|grpc")
		time.Sleep(time.Hour)
	}
}

// advance answers a promo hook, well or badly.
func advance(_ context.Context, a sdk.Advance, way string) (sdk.Answer, error) {
	good := sdk.Answer{State: []byte("kept"), Note: "as asked"}
	for _, s := range a.Slots {
		good.Inserts = append(good.Inserts, sdk.Insert{SlotID: s.ID, ClipKey: s.Clips[0].Key, Reason: "first"})
	}
	nan, eleven := math.NaN(), 11.0
	switch way {
	case "none":
		return sdk.Answer{Note: "nothing today"}, nil
	case "slow":
		time.Sleep(600 * time.Millisecond)
	case "hang":
		time.Sleep(time.Hour)
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "crash":
		fmt.Fprintln(os.Stderr, "the film tore")
		os.Exit(3)
	case "grandchild":
		child := exec.Command("sleep", "1000")
		child.Stdout, child.Stderr = os.Stderr, os.Stderr
		if err := child.Start(); err != nil {
			return good, err
		}
		fmt.Fprintln(os.Stderr, "grandchild", child.Process.Pid)
		os.Exit(3)
	case "panic":
		panic("index out of range")
	case "error":
		return good, errors.New("no idea")
	case "huge":
		good.Note = strings.Repeat("x", 2<<20)
	case "big-state":
		good.State = make([]byte, plugin.HardState+1)
	case "soft-state":
		good.State = make([]byte, plugin.SoftState+1)
	case "wrong-slot":
		good.Inserts[0].SlotID = "elsewhere"
	case "wrong-clip":
		good.Inserts[0].ClipKey = "private"
	case "twice":
		good.Inserts = append(good.Inserts, good.Inserts[0])
	case "nan":
		good.Inserts[0].WeightFactor = &nan
	case "eleven":
		good.Inserts[0].WeightFactor = &eleven
	case "chatty":
		fmt.Println("said on stdout")
		fmt.Fprintln(os.Stderr, "said on stderr")
	case "tell":
		good.Note = fmt.Sprintf("state=%q v%d settings=%s rev=%d offset=%d paid_by=%q price=%d people=%d pid=%d",
			a.State, a.StateVersion, a.Settings, a.SettingsRevision, a.UTCOffsetSeconds, a.NowPlaying.PaidBy, a.NowPlaying.Price, a.People, os.Getpid())
	case "env":
		good.Note = strings.Join(os.Environ(), "|")
	}
	return good, nil
}

// presence gives verdicts, well or badly.
func presence(r sdk.Round, way string) sdk.Verdicts {
	var out sdk.Verdicts
	for i, o := range r.Owners {
		switch way {
		case "none":
		case "stranger":
			out.Away = append(out.Away, sdk.Verdict{Owner: "nobody", Reason: "owner_left"})
		case "bad-reason":
			out.Away = append(out.Away, sdk.Verdict{Owner: o.Key, Reason: "Owner left!"})
		default:
			out.Away = append(out.Away, sdk.Verdict{Owner: o.Key, Reason: "owner_left", Text: "because\x00 you left", GraceMS: int64(i), Unsure: i%2 == 1})
		}
	}
	return out
}

// playHost runs a host with two plugins and prints their process ids until it is killed.
func playHost(dir string) {
	h, err := New(Options{Dir: dir, Plugins: []Spec{specOf("one", "good"), specOf("two", "stop")}})
	if err == nil {
		err = h.Start(context.Background())
	}
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	<-h.Settled()
	for _, s := range h.Status() {
		fmt.Println("pid", s.PID)
	}
	fmt.Println("up")
	// One of them is stopped: it will not see its lifeline end.
	h.Promo(context.Background(), "OnAdvance", map[string]sdk.Advance{"two": ask("two")})
	time.Sleep(time.Hour)
}

// specOf is a plugin that the test binary plays.
func specOf(name, way string) Spec {
	return Spec{Name: name, Command: os.Args[0], Args: []string{"as-plugin", name, way}, Enabled: true, StartTimeout: 20 * time.Second}
}

// ask is a call with one open slot.
func ask(name string) sdk.Advance {
	kind := strings.ReplaceAll(name, "-", "_")
	return sdk.Advance{
		Call:  sdk.Call{EventID: "e1", NowMS: 1_700_000_000_000, Seed: 1, State: []byte("old"), StateVersion: 1},
		Slots: []sdk.Slot{{ID: "s1", Kind: sdk.General, PromoType: kind, Order: sdk.OrderRandom, Clips: []sdk.Clip{{Key: "c1"}, {Key: "c2"}}}},
	}
}

func command(s Spec) *exec.Cmd { return exec.Command(s.Command, s.Args...) }

func quiet() hclog.Logger { return hclog.NewNullLogger() }
