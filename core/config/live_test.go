package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/sdk"
)

const hostFile = `# Our station.
presence {
  grace_seconds = 45 # quiet room
}
plugin "event" {
  settings {
    days = 14 # two weeks
  }
}
`

// openedLive writes a file and takes it over.
func openedLive(t *testing.T, src string, crash func(string)) (*Live, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "playbill.hcl")
	if err := os.WriteFile(path, []byte(src), 0o640); err != nil {
		t.Fatal(err)
	}
	return liveFrom(t, path, crash), path
}

func liveFrom(t *testing.T, path string, crash func(string)) *Live {
	t.Helper()
	file, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return NewLive(file, crash)
}

func graceOf(l *Live, seconds int64) Patch {
	p := l.Presence()
	p.GraceMS = seconds * 1_000
	return Patch{Presence: &p}
}

func mustChange(t *testing.T, l *Live, p Patch) Outcome {
	t.Helper()
	out, err := l.Change(context.Background(), l.Snapshot().Revision, p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func contents(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestChangeIsSavedSwappedAndTold(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	var told []uint64
	l.OnChange(func(s Snapshot) { told = append(told, s.Revision) })
	out := mustChange(t, l, graceOf(l, 90))
	if out != (Outcome{Revision: 2, Persisted: true}) {
		t.Errorf("outcome %+v", out)
	}
	if want := strings.Replace(hostFile, "45", "90", 1); contents(t, path) != want {
		t.Errorf("file: %s", contents(t, path))
	}
	if l.Presence().GraceMS != 90_000 || l.Promos().Revision != 2 || l.Pay().Revision != 2 {
		t.Errorf("live: %+v %d %d", l.Presence(), l.Promos().Revision, l.Pay().Revision)
	}
	if diff := cmp.Diff([]uint64{2}, told); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	again := liveFrom(t, path, nil).Snapshot()
	now := l.Snapshot()
	if diff := cmp.Diff(live(normal(now.Config)), live(normal(again.Config))); diff != "" {
		t.Errorf("a restart reads something else: %s", diff)
	}
}

// normal is a copy without revisions.
func normal(c *Config) *Config {
	n := c.Clone()
	n.settle()
	return n
}

func TestChangeOfNothingLeavesTheFileAlone(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if out := mustChange(t, l, graceOf(l, 45)); !out.Persisted || out.Revision != 2 {
		t.Errorf("%+v", out)
	}
	after, err := os.Stat(path)
	if err != nil || !os.SameFile(before, after) || contents(t, path) != hostFile {
		t.Errorf("the file was replaced: %v", err)
	}
}

func TestChangeRefuses(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	slow, noItems, badType := l.Presence(), l.Promos(), l.Promos()
	slow.GraceMS = -1
	noItems.EveryItems = -3
	badType.Types = map[string]promo.TypeSettings{"trailers": defaultType()}
	price := l.Pay()
	price.Prices = []pay.PriceStep{{UpToMS: 60_000, Coins: 1}}
	cases := []struct {
		name     string
		revision uint64
		patch    Patch
		code     fault.Code
		field    string
	}{
		{"another revision", 7, graceOf(l, 90), fault.Changed, ""},
		{"a bound", 1, Patch{Presence: &slow}, fault.Invalid, "presence.grace_seconds"},
		{"an arm that is neither on nor off", 1, Patch{Promos: &noItems}, fault.Invalid, "promos.general.every_n_items"},
		{"a type that nobody offers", 1, Patch{Promos: &badType}, fault.Invalid, "promos.type.trailers"},
		{"prices without an open end", 1, Patch{Pay: &price}, fault.Invalid, "pay.price[60].up_to_seconds"},
		{"an unknown plugin", 1, Patch{Plugins: map[string]PluginPatch{"evnet": {}}}, fault.NotFound, ""},
		{"settings that are a list", 1, Patch{Plugins: map[string]PluginPatch{"event": {Settings: []byte(`[]`)}}}, fault.Invalid, "plugin.event.settings"},
		{"settings that are not JSON", 1, Patch{Plugins: map[string]PluginPatch{"event": {Settings: []byte(`{`)}}}, fault.Invalid, "plugin.event.settings"},
		{"a key that no file can hold", 1, Patch{Plugins: map[string]PluginPatch{"event": {Settings: []byte(`{"a b":1}`)}}}, fault.Invalid, "plugin.event.settings.a b"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := l.Change(context.Background(), c.revision, c.patch)
			if !fault.Is(err, c.code) {
				t.Fatalf("%v", err)
			}
			var found Problems
			if c.field != "" && (!errors.As(err, &found) || found[0].Field != c.field) {
				t.Errorf("%v", found)
			}
		})
	}
	if l.Snapshot().Revision != 1 || contents(t, path) != hostFile {
		t.Error("a refused change changed something")
	}
}

type checker func(name string, json []byte) []sdk.Problem

func (c checker) CheckSettings(name string, json []byte) []sdk.Problem { return c(name, json) }

func TestPluginsAreAskedBeforeAnythingIsWritten(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	var asked []string
	l.AskPlugins(checker(func(name string, json []byte) []sdk.Problem {
		asked = append(asked, name+string(json))
		if strings.Contains(string(json), "-1") {
			return []sdk.Problem{{Pointer: "/days", Sentence: "Days are counted from 0."}}
		}
		return nil
	}))
	settings := func(json string) Patch {
		return Patch{Plugins: map[string]PluginPatch{"event": {Settings: []byte(json)}}}
	}
	_, err := l.Change(context.Background(), 1, settings(`{"days": -1}`))
	var found Problems
	if !errors.As(err, &found) || found[0].Field != "plugin.event.settings.days" || !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if contents(t, path) != hostFile || l.Snapshot().Revision != 1 {
		t.Error("the objection came too late")
	}
	mustChange(t, l, settings(`{"days": 7}`))
	if want := strings.Replace(hostFile, "14", "7", 1); contents(t, path) != want {
		t.Errorf("file: %s", contents(t, path))
	}
	mustChange(t, l, graceOf(l, 45)) // not about a plugin: nobody is asked
	if diff := cmp.Diff([]string{`event{"days":-1}`, `event{"days":7}`}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestPluginIsSwitchedOffNotDeleted(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	off := false
	mustChange(t, l, Patch{Plugins: map[string]PluginPatch{"event": {Enabled: &off}, "presence-afk": {Enabled: &off}}})
	want := strings.Replace(hostFile, "  }\n}\n", "  }\n  enabled = false\n}\n\nplugin \"presence-afk\" {\n  enabled = false\n}\n", 1)
	if diff := cmp.Diff(want, contents(t, path)); diff != "" {
		t.Error(diff)
	}
}

func TestTypesThatAPutDoesNotNameStay(t *testing.T) {
	l, _ := openedLive(t, "", nil)
	s := l.Promos()
	s.Types = map[string]promo.TypeSettings{"event": {Enabled: false, Order: sdk.OrderShuffle, Weight: 5}}
	mustChange(t, l, Patch{Promos: &s})
	want := Default().Promos.Types
	want["event"] = s.Types["event"]
	if diff := cmp.Diff(want, l.Promos().Types); diff != "" {
		t.Error(diff)
	}
}

func TestEditedByHandMeanwhile(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	edited := hostFile + "# mine\n"
	if err := os.WriteFile(path, []byte(edited), 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := l.Change(context.Background(), 1, graceOf(l, 90))
	if !fault.Is(err, fault.Changed) || !strings.HasPrefix(fault.Of(err).Sentence, "playbill.hcl was edited by hand") {
		t.Errorf("%v", err)
	}
	if contents(t, path) != edited || l.Snapshot().Revision != 1 || l.Presence().GraceMS != 45_000 {
		t.Error("something was changed")
	}
}

func TestWithoutAFile(t *testing.T) {
	file, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	l := NewLive(file, nil)
	out := mustChange(t, l, graceOf(l, 90))
	want := Outcome{Revision: 2, Reason: "Not saved. The host runs without a configuration file. The change is live until the host restarts."}
	if out != want || l.Presence().GraceMS != 90_000 || l.Snapshot().Persisted {
		t.Errorf("%+v", out)
	}
}

func TestUnwritableFile(t *testing.T) {
	if os.Getuid() == 0 { // root may write everything
		asNobody(t)
		return
	}
	l, path := openedLive(t, hostFile, nil)
	if err := os.Chmod(path, 0o440); err != nil {
		t.Fatal(err)
	}
	out := mustChange(t, l, graceOf(l, 90))
	if out.Reason != "Not saved to playbill.hcl. The file cannot be written: permission denied. The change is live until the host restarts." {
		t.Errorf("%+v", out)
	}
}

// TestFileThatCannotBeReplaced stands for a read-only directory also where the tests run as root.
func TestFileThatCannotBeReplaced(t *testing.T) {
	var l *Live
	var path string
	l, path = openedLive(t, hostFile, func(point string) {
		if point == "config.temp_written" { // the rename finds a directory in its way
			os.Remove(path)
			os.Mkdir(path, 0o750)
		}
	})
	out := mustChange(t, l, graceOf(l, 90))
	if out.Persisted || out.Reason != "Not saved to playbill.hcl. The file cannot be written: file exists. The change is live until the host restarts." {
		t.Errorf("%+v", out)
	}
	if l.Presence().GraceMS != 90_000 || l.Snapshot().Persisted {
		t.Error("the change is not live")
	}
	names, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(names) != 1 {
		t.Errorf("left behind: %v %v", names, err)
	}
}

func TestFileGoneAndBack(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	out := mustChange(t, l, graceOf(l, 90))
	if out.Reason != "Not saved to playbill.hcl. The file cannot be found: no such file or directory. The change is live until the host restarts." {
		t.Errorf("%+v", out)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	on := false
	if out := mustChange(t, l, Patch{Plugins: map[string]PluginPatch{"event": {Enabled: &on}}}); !out.Persisted {
		t.Errorf("%+v", out)
	}
	if !strings.Contains(contents(t, path), "grace_seconds = 90 # quiet room") {
		t.Errorf("what was only live is not saved with the next change: %s", contents(t, path))
	}
}

func TestALinkStaysALink(t *testing.T) {
	_, path := openedLive(t, hostFile, nil)
	link := filepath.Join(t.TempDir(), "link.hcl")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	l := liveFrom(t, link, nil)
	mustChange(t, l, graceOf(l, 90))
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(contents(t, path), "= 90") {
		t.Errorf("%v %v", info, err)
	}
}

func TestValueFromTheEnvironmentIsAConflict(t *testing.T) {
	t.Setenv("PLAYBILL_TEST_TOKEN", "secret")
	l, path := openedLive(t, "plugin \"event\" {\n  settings {\n    token = env.PLAYBILL_TEST_TOKEN\n  }\n}\n", nil)
	_, err := l.Change(context.Background(), 1, Patch{Plugins: map[string]PluginPatch{"event": {Settings: []byte(`{"token":"x"}`)}}})
	want := "Nothing was changed. In playbill.hcl, line 3: token comes from the environment. Edit the file by hand to change it."
	if !fault.Is(err, fault.Conflict) || fault.Of(err).Sentence != want {
		t.Errorf("%v", err)
	}
	if l.Snapshot().Revision != 1 || strings.Contains(contents(t, path), "secret") {
		t.Error("something was changed")
	}
}

// TestCrashLeavesAWholeFile stops at every failpoint: what is on the disk loads, and says the old or the new.
func TestCrashLeavesAWholeFile(t *testing.T) {
	saved := strings.Replace(hostFile, "45", "90", 1)
	for point, want := range map[string]string{
		"config.temp_written": hostFile, "config.renamed": saved, "config.swapped": saved,
	} {
		t.Run(point, func(t *testing.T) {
			type stop struct{}
			l, path := openedLive(t, hostFile, func(at string) {
				if at == point {
					panic(stop{})
				}
			})
			func() {
				defer func() {
					if _, is := recover().(stop); !is {
						t.Error("the point was not reached")
					}
				}()
				_, _ = l.Change(context.Background(), 1, graceOf(l, 90))
			}()
			if contents(t, path) != want {
				t.Errorf("file: %s", contents(t, path))
			}
			if found := Validate(path); found != nil {
				t.Errorf("%v", found)
			}
		})
	}
}

// TestOneOfManyWins: of changes that were made from one revision exactly one is applied, while readers never see half of one.
func TestOneOfManyWins(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	const tries = 8
	results := make(chan error, tries)
	var all sync.WaitGroup
	for i := range tries { // each ends after one Change; all.Wait waits for it
		all.Go(func() {
			_, err := l.Change(context.Background(), 1, graceOf(l, int64(100+i)))
			results <- err
			if s := l.Snapshot(); s.Config.Promos.Revision != s.Revision || s.Config.Pay.Revision != s.Revision {
				t.Errorf("half a snapshot: %+v", s)
			}
		})
	}
	all.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
		} else if !fault.Is(err, fault.Changed) {
			t.Error(err)
		}
	}
	if won != 1 || l.Snapshot().Revision != 2 {
		t.Errorf("%d won, revision %d", won, l.Snapshot().Revision)
	}
	if diff := cmp.Diff(live(normal(liveFrom(t, path, nil).Snapshot().Config)), live(normal(l.Snapshot().Config))); diff != "" {
		t.Error(diff)
	}
}

func TestChangeThatNobodyWaitsForDoesNotHappen(t *testing.T) {
	l, path := openedLive(t, hostFile, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Change(ctx, 1, graceOf(l, 90)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if contents(t, path) != hostFile || l.Snapshot().Revision != 1 {
		t.Error("it happened")
	}
}

func TestNaturalUnits(t *testing.T) {
	s := Default().Promos
	for _, change := range []func(*promo.Settings){
		func(*promo.Settings) {}, func(s *promo.Settings) { s.EveryItems, s.EveryMS = 0, -1 },
		func(s *promo.Settings) { s.EveryMS, s.MinAirtimeMS, s.MovieThresholdMS = 30_000, 1, 1_234_567 },
		func(s *promo.Settings) { s.EveryMS = 0 },
	} {
		change(&s)
		back, err := PromosOf(s).Settings()
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(s, back); diff != "" {
			t.Error(diff)
		}
	}
	p := presence.Settings{Enabled: true, GraceMS: 1_500, CheckIntervalMS: 15_000}
	if back, err := PresenceOf(p).Settings(); err != nil || back != p {
		t.Errorf("%+v %v", back, err)
	}
	zero, minus := 0, -1.0
	bad := PromosOf(s)
	bad.General.EveryNItems, bad.General.EveryMMinutes = &zero, &minus
	_, err := bad.Settings()
	want := "every_n_items must be a whole number from 1 to 1000, or null to switch it off, not 0.\nThis must be a number from 0, not -1."
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}
