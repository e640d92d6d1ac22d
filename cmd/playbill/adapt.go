package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"playbill/core/channel/embedded"
	"playbill/core/config"
	"playbill/core/control"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/pluginhost"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/station"
	"playbill/sdk"
	"playbill/web/api"
)

// shelf is the library as the station wants it: with a revision.
type shelf struct {
	*library.Library
	revision atomic.Uint64
	kept     atomic.Pointer[programmes]
}

// programmes are playlists in the words of events, built once per revision of the library.
type programmes struct {
	revision uint64
	lists    sync.Map // id: event.Programme
}

func newShelf(l *library.Library) *shelf {
	s := &shelf{Library: l}
	l.OnChange(func() { s.revision.Add(1) })
	return s
}

// Revision grows with every change of pools and reservations.
func (s *shelf) Revision() uint64 { return s.revision.Load() }

// Programme returns a playlist as an event or a load plays it.
func (s *shelf) Programme(id int64) (event.Programme, bool) {
	now, kept := s.revision.Load(), s.kept.Load()
	if kept == nil || kept.revision != now {
		kept = &programmes{revision: now}
		s.kept.Store(kept)
	}
	if p, built := kept.lists.Load(id); built {
		return p.(event.Programme), true
	}
	list, known := s.Playlist(id)
	if !known {
		return event.Programme{}, false
	}
	p := event.Programme{ID: list.ID, Name: list.Name, Immutable: list.Immutable, Items: make([]sdk.Media, len(list.Items))}
	for i, item := range list.Items {
		p.Items[i] = item.Media
	}
	kept.lists.Store(id, p)
	return p, true
}

// counter is the library as the till wants it: what can be bought.
type counter struct{ *library.Library }

// Title returns the media that stands in the catalog under this key.
func (c counter) Title(k sdk.Key) (sdk.Media, bool) {
	t, ok := c.Library.Title(k)
	return t.Media, ok
}

// vetting is the plugin host as the configuration wants it. CheckSettings has a deadline of its own.
type vetting struct{ plugins *pluginhost.Host }

// CheckSettings asks a plugin about settings.
func (v vetting) CheckSettings(name string, settings []byte) []sdk.Problem {
	ctx, cancel := context.WithTimeout(context.Background(), vetWait)
	defer cancel()
	return v.plugins.CheckSettings(ctx, name, settings)
}

// vetWait is how long a plugin may take to look at its settings.
const vetWait = 2 * time.Second

// thresholdPlugin is the bundled plugin to which the host hands promos.movie_threshold_seconds, and thresholdSetting the
// name that it knows it by.
const (
	thresholdPlugin  = "feature-presentation"
	thresholdSetting = "movie_threshold_seconds"
	thresholdMost    = 86_400 // the plugin's own bound
)

// settingsOf is what a plugin is given: its block, and the movie threshold where its owner has set none.
func settingsOf(name string, p config.Plugin, promos promo.Settings) []byte {
	if name != thresholdPlugin {
		return p.Settings
	}
	var settings map[string]any
	if err := json.Unmarshal(p.Settings, &settings); err != nil || settings == nil {
		return p.Settings // the plugin says what is wrong with it
	}
	if _, set := settings[thresholdSetting]; set {
		return p.Settings
	}
	settings[thresholdSetting] = min(max((promos.MovieThresholdMS+999)/1000, 1), thresholdMost)
	merged, err := json.Marshal(settings)
	if err != nil {
		return p.Settings
	}
	return merged
}

// specs are the plugins as the configuration has them.
func (h *host) specs() []pluginhost.Spec {
	snap := h.live.Snapshot()
	var out []pluginhost.Spec
	for _, name := range slices.Sorted(maps.Keys(snap.Config.Plugins)) {
		p := snap.Config.Plugins[name]
		out = append(out, pluginhost.Spec{Name: name, Command: pluginPath(name, p.Command, h.folders), SHA256: p.SHA256, Enabled: p.Enabled,
			Settings: settingsOf(name, p, snap.Config.Promos), Revision: snap.Revision})
	}
	return out
}

// applyPlugins hands a change of the configuration to the plugins that it concerns.
func (h *host) applyPlugins(snap config.Snapshot) {
	ctx, cancel := context.WithTimeout(context.Background(), vetWait)
	defer cancel()
	for _, s := range h.plugins.Status() {
		p, configured := snap.Config.Plugins[s.Name]
		if !configured {
			continue
		}
		if err := h.plugins.SetEnabled(s.Name, p.Enabled); err != nil {
			h.log.Error("a plugin could not be switched", "plugin", s.Name, "error", err)
		}
		settings := settingsOf(s.Name, p, snap.Config.Promos)
		if string(settings) == string(s.Settings) {
			continue
		}
		for _, wrong := range h.plugins.SetSettings(ctx, s.Name, settings, snap.Revision) {
			h.log.Error("a plugin refused settings that it had accepted", "plugin", s.Name, "at", wrong.Pointer, "why", wrong.Sentence)
		}
	}
}

// listPlugins is the roster for the command line.
func (h *host) listPlugins() []control.Plugin {
	if h.plugins == nil {
		return stoppedPlugins(h.conf)
	}
	var out []control.Plugin
	for _, s := range h.plugins.Status() {
		out = append(out, control.Plugin{Name: s.Name, Version: s.Version, State: string(s.State), Reason: s.Reason, PID: s.PID})
	}
	return out
}

// report is the plugin host as the web wants it. What plugins say is shown without the secrets that they were given.
type report struct {
	*pluginhost.Host
	live *config.Live
}

// Report lists the plugins in merge order.
func (r report) Report() []api.PluginReport {
	var out []api.PluginReport
	configured := r.live.Snapshot().Config.Plugins
	for _, s := range r.Status() {
		veil := veilOf(configured[s.Name])
		one := api.PluginReport{Name: s.Name, Title: s.Title, Summary: s.Summary, Version: s.Version, State: string(s.State), Reason: veil.Replace(s.Reason),
			SinceMS: s.SinceMS, PID: s.PID, Priority: s.Priority, SHA256: s.SHA256, Restarts: s.Restarts, Calls: map[string]api.PluginCalls{},
			Bundled: slices.Contains(config.Bundled(), s.Name), Command: s.Command, Exit: veil.Replace(s.Exit), Schema: s.Schema}
		for _, line := range s.Log {
			one.Log = append(one.Log, api.LogLine{AtMS: line.AtMS, Bad: line.Bad, Text: veil.Replace(line.Text)})
		}
		for _, hook := range s.Hooks {
			one.Hooks = append(one.Hooks, string(hook))
		}
		for _, t := range s.Types {
			one.PromoTypes = append(one.PromoTypes, t.ID)
		}
		for hook, calls := range s.Calls {
			one.Calls[string(hook)] = callsOf(calls)
		}
		out = append(out, one)
	}
	return out
}

func callsOf(c pluginhost.Calls) api.PluginCalls {
	outcomes := make(map[string]int64, len(c.Outcomes))
	for kind, n := range c.Outcomes {
		outcomes[string(kind)] = n
	}
	return api.PluginCalls{Outcomes: outcomes, Late: c.Late, P50US: c.P50US, P99US: c.P99US, AllowedMS: c.Allowed.Milliseconds()}
}

// editor is the configuration as the web changes it.
type editor struct{ live *config.Live }

// SavePromos applies settings to the configuration at a revision.
func (e editor) SavePromos(ctx context.Context, ifRevision uint64, s promo.Settings) (api.Saved, error) {
	done, err := e.live.Change(ctx, ifRevision, config.Patch{Promos: &s})
	return api.Saved{Revision: done.Revision, Persisted: done.Persisted, Reason: done.Reason}, err
}

// SavePay applies the pay and the earn block to the configuration at a revision.
func (e editor) SavePay(ctx context.Context, ifRevision uint64, r pay.Rules, w pay.Wage) (api.Saved, error) {
	done, err := e.live.Change(ctx, ifRevision, config.Patch{Pay: &r, Earn: &w})
	return api.Saved{Revision: done.Revision, Persisted: done.Persisted, Reason: done.Reason}, pointed(err)
}

// Earn returns the earn block as it runs.
func (e editor) Earn() pay.Wage { return e.live.Earn() }

// pointed gives a refused change the fields that it is about, as the web names them.
func pointed(err error) error {
	var found config.Problems
	if !errors.As(err, &found) || !fault.Is(err, fault.Invalid) {
		return err
	}
	var fields api.Problems
	for _, p := range found {
		fields = append(fields, api.FieldProblem{Pointer: "/" + strings.ReplaceAll(p.Field, ".", "/"), Sentence: p.Sentence})
	}
	return fault.Wrap(errors.Join(err, fields), fault.Invalid, fault.Of(err).Sentence)
}

// SavePresence applies presence settings to the configuration at a revision.
func (e editor) SavePresence(ctx context.Context, ifRevision uint64, s presence.Settings) (api.Saved, error) {
	done, err := e.live.Change(ctx, ifRevision, config.Patch{Presence: &s})
	return api.Saved{Revision: done.Revision, Persisted: done.Persisted, Reason: done.Reason}, fieldsOf(err, "presence.")
}

// Saved says how the configuration that runs now was saved.
func (e editor) Saved() api.Saved {
	snap := e.live.Snapshot()
	return api.Saved{Revision: snap.Revision, Persisted: snap.Persisted, Reason: snap.Reason}
}

// open gives the desk the doors of the embedded channel, which has none of its own for those who act by token.
func (d *desk) open(room *embedded.Channel) { d.doors.Store(room) }

// secretOf reads the secret from which plugins' opaque user keys are made, the same in every run, and makes it the first
// time.
func secretOf(dataDir string) ([]byte, error) {
	path := filepath.Join(dataDir, "secret")
	secret, err := os.ReadFile(path)
	if err == nil && len(secret) == secretBytes {
		return secret, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the host's secret: %w", err)
	}
	secret = make([]byte, secretBytes)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("find chance for the host's secret: %w", err)
	}
	if err := os.WriteFile(path, secret, 0o600); err != nil {
		return nil, fmt.Errorf("write the host's secret: %w", err)
	}
	return secret, nil
}

// crashVariable names the failpoint at which a child process of a test kills itself.
const crashVariable = "PLAYBILL_CRASH_AT"

// crashPoint returns the function that the rooms call at their failpoints: nil, unless a test asks for a crash.
func crashPoint(at string) func(string) {
	if at == "" {
		return nil
	}
	return func(point string) {
		if point == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
	}
}

// nextPort is the port behind one that is in use.
func nextPort(port string) string {
	n, err := strconv.Atoi(port)
	if err != nil || n >= 65_535 {
		return "8081"
	}
	return strconv.Itoa(n + 1)
}

var _ station.Shelf = (*shelf)(nil)

// measured is what the channel inside the host finds out about a media. It has nowhere to look but the catalog, so what is
// neither there nor comes with a length is refused: it would stay on the air for ever.
func measured(l *library.Library) func(sdk.Media) (sdk.Media, error) {
	return func(m sdk.Media) (sdk.Media, error) {
		if _, known := l.Title(m.Key()); known || m.DurationMS > 0 {
			return m, nil
		}
		return m, fault.New(fault.Media, "This channel cannot find out how long that is. Put it into the catalog with its length first.")
	}
}
