package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/sdk"
)

// PluginChecker asks a running plugin about its settings. A plugin that is not running has no objection: it is asked when
// it starts. It must answer within a time of its own and must not change the configuration.
type PluginChecker interface {
	CheckSettings(name string, json []byte) []sdk.Problem
}

// Snapshot is the configuration at one moment. Nobody changes what is in it.
type Snapshot struct {
	Revision  uint64 // grows by one with every change
	Config    *Config
	Persisted bool   // the file says what runs
	Reason    string // when not Persisted: a sentence for the settings page
}

// Patch is a change: the blocks that are not nil, each whole, and plugins by id.
type Patch struct {
	Promos   *promo.Settings // types that it does not name stay as they are
	Presence *presence.Settings
	Pay      *pay.Rules
	Earn     *pay.Wage
	Plugins  map[string]PluginPatch
}

// PluginPatch changes what is not nil.
type PluginPatch struct {
	Enabled  *bool
	Settings []byte // one JSON object, whole
}

// Outcome is how a change ended that is live.
type Outcome struct {
	Revision  uint64
	Persisted bool
	Reason    string // when not Persisted
}

// Live is the configuration of a running host: read without waiting, changed by one at a time.
type Live struct {
	path  string
	crash func(point string)
	now   atomic.Pointer[Snapshot]

	// Held by the one change that is under way, and by those who register. A channel and not a lock, so that a request
	// that goes away stops waiting.
	turn chan struct{}

	// Guarded by turn.
	hash  [sha256.Size]byte // of the file as it was last read or written
	asks  PluginChecker
	heard []func(Snapshot)
}

// oneTurn is the capacity of Live.turn: one change at a time.
const oneTurn = 1

// NewLive takes over a loaded file; its revision is 1. crash is called at the failpoints config.temp_written,
// config.renamed and config.swapped; nil in production.
func NewLive(file *File, crash func(point string)) *Live {
	if crash == nil {
		crash = func(string) {}
	}
	l := &Live{path: file.Path, hash: file.hash, crash: crash, turn: make(chan struct{}, oneTurn)}
	first := &Snapshot{Revision: 1, Config: file.Config.Clone(), Persisted: file.Path != ""}
	if file.Path == "" {
		first.Reason = "The host runs without a configuration file. A change is live until the host restarts."
	}
	l.now.Store(first.stamped())
	return l
}

// Snapshot returns the current configuration. Never blocks.
func (l *Live) Snapshot() Snapshot { return *l.now.Load() }

// Promos returns the promos block with the revision it belongs to. Never blocks.
func (l *Live) Promos() promo.Settings { return l.now.Load().Config.Promos }

// Presence returns the presence block. Never blocks.
func (l *Live) Presence() presence.Settings { return l.now.Load().Config.Presence }

// Events returns the events block. Never blocks.
func (l *Live) Events() event.Settings { return l.now.Load().Config.Events }

// Pay returns the pay block with the revision it belongs to. Never blocks.
func (l *Live) Pay() pay.Rules { return l.now.Load().Config.Pay }

// Earn returns the earn block. Never blocks.
func (l *Live) Earn() pay.Wage { return l.now.Load().Config.Earn }

// AskPlugins names who is asked about plugin settings before they are written.
func (l *Live) AskPlugins(c PluginChecker) {
	l.turn <- struct{}{}
	defer l.free()
	l.asks = c
}

// OnChange registers a function that is told every later snapshot, in order, before the Change that made it returns. It
// must be quick and must not call Change.
func (l *Live) OnChange(told func(Snapshot)) {
	l.turn <- struct{}{}
	defer l.free()
	l.heard = append(l.heard, told)
}

// Change applies a patch to the configuration at revision ifRevision: validate, ask the plugins, write the file, swap,
// tell. A change that is returned without an error is live; Outcome says whether it is also in the file. Faults, with
// nothing changed: Changed (another revision is current, or the file was edited by hand), Invalid (with Problems inside),
// NotFound (an unknown plugin), Conflict (a value comes from the environment).
func (l *Live) Change(ctx context.Context, ifRevision uint64, patch Patch) (Outcome, error) {
	select {
	case l.turn <- struct{}{}:
		defer l.free()
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	}
	old := l.now.Load()
	if ifRevision != old.Revision {
		return Outcome{}, fault.New(fault.Changed, "The settings were changed meanwhile, by somebody else or in another tab. Nothing was changed. Reload, then make the change again.")
	}
	next, err := patched(old.Config, patch)
	if err != nil {
		return Outcome{}, err
	}
	if err := l.objections(next, patch); err != nil {
		return Outcome{}, err
	}
	if err := ctx.Err(); err != nil {
		return Outcome{}, err
	}
	return l.apply(old, next)
}

// apply is the part of a change that nobody can call back.
func (l *Live) apply(old *Snapshot, next *Config) (Outcome, error) {
	snap := &Snapshot{Revision: old.Revision + 1, Config: next, Persisted: true}
	if err := l.save(next); err != nil {
		var unsaved *notSaved
		if !errors.As(err, &unsaved) {
			return Outcome{}, err
		}
		snap.Persisted, snap.Reason = false, unsaved.Error()
	}
	l.now.Store(snap.stamped())
	l.crash("config.swapped")
	for _, told := range l.heard {
		told(*snap)
	}
	return Outcome{Revision: snap.Revision, Persisted: snap.Persisted, Reason: snap.Reason}, nil
}

// patched returns a valid configuration with the patch in it.
func patched(old *Config, patch Patch) (*Config, error) {
	next := old.Clone()
	if patch.Promos != nil {
		types := next.Promos.Types
		next.Promos = clonePromos(*patch.Promos)
		for id, t := range types {
			if _, named := next.Promos.Types[id]; !named {
				next.Promos.Types[id] = t
			}
		}
	}
	if patch.Presence != nil {
		next.Presence = *patch.Presence
	}
	if patch.Pay != nil {
		next.Pay = clonePay(*patch.Pay)
	}
	if patch.Earn != nil {
		next.Earn = *patch.Earn
	}
	for id, p := range patch.Plugins {
		if err := patchPlugin(next, id, p); err != nil {
			return nil, err
		}
	}
	if found := normalize(next); len(found) > 0 {
		return nil, invalid(found)
	}
	return next, nil
}

func patchPlugin(c *Config, id string, patch PluginPatch) error {
	p, known := c.Plugins[id]
	if !known {
		return fault.New(fault.NotFound, fmt.Sprintf("There is no plugin %q. A new plugin is added in the file.", id))
	}
	if patch.Enabled != nil {
		p.Enabled = *patch.Enabled
	}
	if patch.Settings != nil {
		p.Settings = slices.Clone(patch.Settings)
	}
	c.Plugins[id] = p
	return nil
}

// objections asks the plugins whose settings are in the patch.
func (l *Live) objections(next *Config, patch Patch) error {
	if l.asks == nil {
		return nil
	}
	var found Problems
	for id, p := range patch.Plugins {
		if p.Settings == nil {
			continue
		}
		for _, is := range l.asks.CheckSettings(id, next.Plugins[id].Settings) {
			path := "plugin." + id + ".settings" + strings.ReplaceAll(is.Pointer, "/", ".")
			found = append(found, Problem{Field: path, Pointer: is.Pointer, Sentence: is.Sentence})
		}
	}
	if len(found) > 0 {
		return invalid(found)
	}
	return nil
}

// invalid keeps the single problems as the cause, for a page that shows them beside their fields.
func invalid(found Problems) error {
	return fault.Wrap(found, fault.Invalid, found[0].Sentence)
}

// stamped gives the blocks the revision that they are read with.
func (s *Snapshot) stamped() *Snapshot {
	s.Config.Promos.Revision, s.Config.Pay.Revision = s.Revision, s.Revision
	return s
}

// free ends a turn.
func (l *Live) free() { <-l.turn }
