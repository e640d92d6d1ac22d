package pluginhost

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/plugin"
)

// patience is for machines that do ten other things meanwhile; nothing waits for its end when all is well.
const patience = 30 * time.Second

// start runs a host until the test ends, and waits until every plugin has settled.
func start(t testing.TB, opt Options) *Host {
	t.Helper()
	if opt.Dir == "" {
		opt.Dir = shortDir(t)
	}
	h, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := h.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-h.Settled():
	case <-time.After(patience):
		t.Fatalf("not settled: %+v", h.Status())
	}
	return h
}

// shortDir is a folder whose path leaves room for a socket's name.
func shortDir(t testing.TB) string {
	dir, err := os.MkdirTemp("", "ph")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func hostOf(t testing.TB, ways ...string) *Host {
	var specs []Spec
	for _, way := range ways {
		specs = append(specs, specOf(way, way))
	}
	return start(t, Options{Plugins: specs})
}

func statusOf(t testing.TB, h *Host, name string) Status {
	t.Helper()
	all := h.Status()
	i := slices.IndexFunc(all, func(s Status) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no plugin %q", name)
	}
	return all[i]
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("never: %s", what)
		}
	}
}

// askOne asks one plugin, again while the machine is too busy to answer in time.
func askOne(t testing.TB, h *Host, hook station.Hook, name string, a sdk.Advance) station.Outcome {
	t.Helper()
	for range 50 {
		out := h.Promo(t.Context(), hook, map[string]sdk.Advance{name: a})
		if len(out) != 1 {
			t.Fatalf("got %d outcomes", len(out))
		}
		if out[0].Kind != station.Timeout && !strings.Contains(out[0].Why, "still busy") {
			return out[0]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s never answered in time", name)
	return station.Outcome{}
}

func TestEachWayOfAnswering(t *testing.T) {
	tests := map[string]struct {
		kind station.Kind
		why  string
	}{
		"good": {station.Proposed, ""}, "chatty": {station.Proposed, ""}, "loud": {station.Proposed, ""}, "flood": {station.Proposed, ""},
		"soft-state": {station.Proposed, ""},
		"none":       {station.NoOpinion, "nothing today"},
		"crash":      {station.Crashed, "process ended"}, "panic": {station.Crashed, "index out of range"},
		"error": {station.Invalid, "no idea"}, "huge": {station.Invalid, "1048576"}, "big-state": {station.Invalid, "65537"},
		"wrong-slot": {station.Invalid, "elsewhere"}, "wrong-clip": {station.Invalid, "private"}, "twice": {station.Invalid, "twice"},
		"nan": {station.Invalid, "NaN"}, "eleven": {station.Invalid, "11"},
	}
	var ways []string
	for way := range tests {
		ways = append(ways, way)
	}
	h := hostOf(t, ways...)
	eventually(t, "the binary's checksum", func() bool {
		return !slices.ContainsFunc(h.Status(), func(s Status) bool { return s.SHA256 == "" })
	})
	for way, want := range tests {
		t.Run(way, func(t *testing.T) {
			got := askOne(t, h, station.OnAdvance, way, ask(way))
			if got.Kind != want.kind || !strings.Contains(got.Why, want.why) {
				t.Fatalf("got %s (%s), want %s (%s)", got.Kind, got.Why, want.kind, want.why)
			}
			if got.EventID != "e1" || got.Hook != station.OnAdvance || got.Version != "1.2.3" || len(got.SHA256) != 64 || got.StateVersion != 2 ||
				got.AtMS == 0 || got.LatencyUS == 0 || len(got.Request) == 0 {
				t.Errorf("the record is incomplete: %+v", got)
			}
			if want.kind == station.Proposed && (len(got.Answer.Inserts) != 1 || got.Answer.Inserts[0].ClipKey != "c1" || len(got.Reply) == 0 || got.Answer.State == nil) {
				t.Errorf("the answer was not handed on: %+v", got.Answer)
			}
			if want.kind != station.Proposed && got.Answer.Inserts != nil {
				t.Errorf("an answer that does not stand was handed on: %+v", got.Answer)
			}
		})
	}
	if got := statusOf(t, h, "soft-state").Calls[station.OnAdvance].BigStates; got != 1 {
		t.Errorf("%d states above the soft limit were counted, want 1", got)
	}
	if tail := tailOf(statusOf(t, h, "chatty")); !strings.Contains(tail, "said on stdout") || !strings.Contains(tail, "said on stderr") {
		t.Errorf("the log lost what a hook wrote: %q", tail)
	}
	if tail := tailOf(statusOf(t, h, "flood")); !strings.Contains(tail, "dropped ") {
		t.Errorf("a flood left no word of what was dropped: %q", tail)
	}
}

func TestFailedStartsSayWhy(t *testing.T) {
	notRunnable := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(notRunnable, []byte("not a program"), 0o755); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		state State
		why   string
	}{
		"exit": {Backoff, "exit status 7: no projector found"}, "stdout": {Backoff, `printed "hello from a library"`},
		"cookie": {Backoff, "ended before the handshake, exit status 1"}, "silent": {Backoff, "did not finish the handshake in time"},
		"missing": {Backoff, "no such file"}, "garbled": {Backoff, "cannot be run"},
		"protocol": {Incompatible, "another protocol"}, "netrpc": {Incompatible, "does not speak gRPC"}, "tcp": {Incompatible, "Unix socket"},
		"renamed": {Incompatible, "someone-else"}, "hookless": {Incompatible, "at least one hook"}, "bad-schema": {Incompatible, "refers only to itself"},
		"pinned": {Incompatible, "SHA-256"}, "unfit": {Incompatible, "no settings"}, "off": {Disabled, "switched off"}, "good": {Ready, ""},
	}
	var specs []Spec
	for way := range tests {
		spec := specOf(way, way)
		switch way {
		case "silent":
			spec.StartTimeout = 300 * time.Millisecond
		case "missing":
			spec.Command = "/nowhere/plugin"
		case "garbled":
			spec.Command = notRunnable
		case "pinned":
			spec.SHA256 = strings.Repeat("0", 64)
		case "unfit":
			spec.Settings = []byte(`{"a":1}`)
		case "off":
			spec.Enabled = false
		}
		specs = append(specs, spec)
	}
	specs = append(specs, pinned(t))
	tests["allowed"] = struct {
		state State
		why   string
	}{Ready, ""}
	h := start(t, Options{Plugins: specs})
	for way, want := range tests {
		t.Run(way, func(t *testing.T) {
			// A failed start is tried again: look at it between two tries.
			eventually(t, "state "+string(want.state), func() bool {
				s := statusOf(t, h, way)
				return s.State == want.state && strings.Contains(s.Reason, want.why)
			})
		})
	}
	out := h.Promo(t.Context(), station.OnAdvance, map[string]sdk.Advance{"off": ask("off"), "pinned": ask("pinned"), "stranger": ask("x")})
	if len(out) != 3 || out[0].Kind != station.Skipped || out[0].Why != "disabled: switched off" || out[2].Plugin != "stranger" || out[2].Why != "not configured" {
		t.Fatalf("got %+v", out)
	}
}

// pinned allows the binary that it runs.
func pinned(t *testing.T) Spec {
	t.Helper()
	spec := specOf("allowed", "good")
	image, err := os.Open(spec.Command)
	if err != nil {
		t.Fatal(err)
	}
	var s sums
	if spec.SHA256, err = s.of(image); err != nil {
		t.Fatal(err)
	}
	return spec
}

func TestThePluginSeesNothingOfTheHostsEnvironment(t *testing.T) {
	t.Setenv("PLAYBILL_STORE_DSN", "canary-secret")
	h := hostOf(t, "env")
	got := askOne(t, h, station.OnAdvance, "env", ask("env"))
	if strings.Contains(got.Answer.Note, "canary") || !strings.Contains(got.Answer.Note, "GOMAXPROCS=1") {
		t.Fatalf("environment: %s", got.Answer.Note)
	}
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", statusOf(t, h, "env").PID))
	if err == nil && strings.Contains(string(env), "canary") {
		t.Fatalf("environment: %q", env)
	}
}

func TestMergeOrderIsPriorityThenName(t *testing.T) {
	h := start(t, Options{Plugins: []Spec{specOf("c", "good"), specOf("b", "last"), specOf("a", "first"), specOf("d", "good"), specOf("ab", "slow")}})
	want := []string{"a", "ab", "c", "d", "b"}
	per := map[string]sdk.Advance{}
	for _, name := range want {
		per[name] = ask(name)
	}
	for range 3 {
		var got []string
		for _, o := range h.Promo(t.Context(), station.OnAdvance, per) {
			got = append(got, o.Plugin)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("outcomes came as %v, want %v", got, want)
		}
	}
	for i, m := range h.Roster() {
		if m.Plugin != want[i] || !m.Ready || !m.Subscribes(station.OnPay) || len(m.Types) != 1 || !slices.Equal(m.ReadsState, []uint32{1}) {
			t.Errorf("member %d is %+v", i, m)
		}
	}
}

func TestACallCarriesWhatTheHostKnowsAndNoMore(t *testing.T) {
	zone := time.FixedZone("station", 3600)
	plain, trusted := specOf("plain", "tell"), specOf("trusted", "tell")
	trusted.Grants = []sdk.Permission{sdk.UserNames, sdk.Payments, sdk.PresenceCount}
	plain.Revision = 4
	h := start(t, Options{Zone: zone, Secret: []byte("secret"), Plugins: []Spec{plain, trusted}})
	a := ask("x")
	a.NowPlaying = sdk.Entry{PaidBy: "marlowe", Price: 500}
	a.People = 12
	got := askOne(t, h, station.OnAdvance, "plain", a).Answer.Note
	for _, want := range []string{`state="old" v1`, "settings={}", "rev=4", "offset=3600", "price=0", "people=0"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if strings.Contains(got, "marlowe") || strings.Contains(got, `paid_by=""`) {
		t.Errorf("the buyer's name: %s", got)
	}
	got = askOne(t, h, station.OnAdvance, "trusted", a).Answer.Note
	for _, want := range []string{`paid_by="marlowe"`, "price=500", "people=12"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	a.StateVersion = 9
	if got = askOne(t, h, station.OnAdvance, "plain", a).Answer.Note; !strings.Contains(got, `state="" v0`) {
		t.Errorf("a state that the plugin does not read was sent: %s", got)
	}
	if got := askOne(t, h, station.OnCancel, "plain", a); got.Kind != station.Invalid {
		t.Errorf("an insert in OnCancel is %s", got.Kind)
	}
}

func TestPresence(t *testing.T) {
	h := start(t, Options{Plugins: []Spec{specOf("good", "good"), specOf("none", "none"), specOf("stranger", "stranger"), specOf("bad-reason", "bad-reason"), specOf("advance-only", "advance-only")}})
	round := sdk.Round{Call: sdk.Call{EventID: "p1"}, Owners: []sdk.Owner{{Key: "ada"}, {Key: "grace"}}}
	per := map[string]sdk.Round{}
	for _, m := range h.Roster() {
		per[m.Plugin] = round
	}
	got := map[string]station.Outcome{}
	eventually(t, "all answer in time", func() bool {
		late := false
		for _, o := range h.Presence(t.Context(), per) {
			got[o.Plugin] = o
			late = late || o.Kind == station.Timeout || strings.Contains(o.Why, "busy")
		}
		return !late
	})
	good := got["good"].Verdicts.Away
	if len(good) != 2 || good[0].Owner != "ada" || good[0].Text != "because you left" || good[0].Unsure || !good[1].Unsure || good[1].GraceMS != 1 {
		t.Errorf("verdicts came as %+v", good)
	}
	if strings.Contains(string(got["good"].Request), "ada") {
		t.Error("an owner's name was on the wire without the permission")
	}
	for name, want := range map[string]station.Kind{
		"none": station.NoOpinion, "stranger": station.Invalid, "bad-reason": station.Invalid, "advance-only": station.Skipped,
	} {
		if got[name].Kind != want || got[name].Verdicts.Away != nil {
			t.Errorf("%s: %s (%s), want %s", name, got[name].Kind, got[name].Why, want)
		}
	}
}

func TestSettings(t *testing.T) {
	h := start(t, Options{Plugins: []Spec{specOf("settings", "settings")}})
	tests := map[string]string{
		`{"count":0}`: "/count", `{"count":"x"}`: "/count", `{"other":1}`: "", `[]`: "", `{`: "", `{"count":13}`: "/count",
	}
	for settings, pointer := range tests {
		problems := h.SetSettings(t.Context(), "settings", []byte(settings), 9)
		if len(problems) == 0 || problems[0].Pointer != pointer || problems[0].Sentence == "" {
			t.Errorf("%s: %+v, want a problem at %q", settings, problems, pointer)
		}
	}
	if s := statusOf(t, h, "settings"); s.Revision != 0 || string(s.Effective) != `{"count":3}` {
		t.Errorf("refused settings changed something: %s at %d", s.Effective, s.Revision)
	}
	if problems := h.SetSettings(t.Context(), "settings", []byte(`{"inner":{}}`), 7); problems != nil {
		t.Fatalf("%+v", problems)
	}
	if s := statusOf(t, h, "settings"); s.Revision != 7 || string(s.Effective) != `{"count":3,"inner":{"deep":"d"}}` || s.State != Ready {
		t.Errorf("%s at %d, %s", s.Effective, s.Revision, s.State)
	}
	if problems := h.CheckSettings(t.Context(), "nobody", nil); len(problems) != 1 {
		t.Errorf("%+v", problems)
	}
}

func TestSettingsThatWereWrongAtTheStartCanBeMended(t *testing.T) {
	spec := specOf("settings", "settings")
	spec.Settings = []byte(`{"count":13}`)
	h := start(t, Options{Plugins: []Spec{spec}})
	if s := statusOf(t, h, "settings"); s.State != Incompatible || !strings.Contains(s.Reason, "Thirteen") || len(s.Schema) == 0 {
		t.Fatalf("%s: %s", s.State, s.Reason)
	}
	if problems := h.SetSettings(t.Context(), "settings", []byte(`{"count":14}`), 2); problems != nil {
		t.Fatalf("%+v", problems)
	}
	eventually(t, "ready", func() bool { return statusOf(t, h, "settings").State == Ready })
}

func TestNewRefusesWhatCannotBeTwoThings(t *testing.T) {
	for _, specs := range [][]Spec{{{Name: "Bad Name"}}, {{Name: "a"}, {Name: "a"}}} {
		if _, err := New(Options{Plugins: specs}); err == nil {
			t.Errorf("%+v was accepted", specs)
		}
	}
	to := prometheus.NewRegistry()
	if _, err := New(Options{Metrics: to}); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Metrics: to}); err == nil {
		t.Error("the same metrics were registered twice")
	}
}

func TestBackoff(t *testing.T) {
	want := []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second}
	for failures, wait := range want {
		if got := backoff(failures, nil); got != wait {
			t.Errorf("after %d failures %s, want %s", failures, got, wait)
		}
		low, high := backoff(failures, func() float64 { return 0 }), backoff(failures, func() float64 { return 1 })
		if low != wait*8/10 || high != wait*12/10 {
			t.Errorf("after %d failures between %s and %s, want 20 %% around %s", failures, low, high, wait)
		}
	}
}

func TestDescribeNeedsNoHandshake(t *testing.T) {
	spec := specOf("settings", "settings")
	got, err := Describe(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != "settings" || len(got.Types) != 1 || got.Types[0].Slot != "general" || !slices.Equal(got.Hooks, []string{plugin.OnAdvance, plugin.OnPay, plugin.OnCancel, plugin.OnPresence}) {
		t.Fatalf("%+v", got)
	}
	byHand := exec.Command(spec.Command, spec.Args...)
	byHand.Env = []string{}
	said, err := byHand.CombinedOutput()
	if err == nil || byHand.ProcessState.ExitCode() != 1 || strings.Count(string(said), "\n") != 1 {
		t.Fatalf("started by hand it says %q, %v", said, err)
	}
}

// tailOf is what a plugin wrote last, one line each.
func tailOf(s Status) string {
	var lines []string
	for _, line := range s.Log {
		lines = append(lines, line.Text)
	}
	return strings.Join(lines, "\n")
}
