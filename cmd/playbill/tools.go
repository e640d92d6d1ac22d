package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"playbill/core/config"
	"playbill/core/fault"
	"playbill/core/pluginhost"
	"playbill/core/promo"
	"playbill/web/api"
)

// tools is what the web changes plugins with.
type tools struct {
	plugins *pluginhost.Host
	live    *config.Live
}

// PluginConfig returns what the configuration says about a plugin, without what came from the environment.
func (t tools) PluginConfig(name string) (api.PluginConfig, error) {
	snap := t.live.Snapshot()
	p, known := snap.Config.Plugins[name]
	if !known {
		return api.PluginConfig{}, noPlugin(name)
	}
	shown, err := without(p.Settings, p.FromEnv)
	if err != nil {
		return api.PluginConfig{}, err
	}
	return api.PluginConfig{Revision: snap.Revision, Enabled: p.Enabled, Settings: shown, FromEnv: slices.Clone(p.FromEnv),
		Given: givenTo(name, p, snap.Config.Promos)}, nil
}

// ChangePlugin applies a change to the configuration at a revision. What comes from the environment stays in the settings.
func (t tools) ChangePlugin(ctx context.Context, ifRevision uint64, name string, c api.PluginChange) (api.Saved, error) {
	p, known := t.live.Snapshot().Config.Plugins[name]
	if !known {
		return api.Saved{}, noPlugin(name)
	}
	patch := config.PluginPatch{Enabled: c.Enabled}
	if c.Settings != nil {
		var err error
		if patch.Settings, err = with(c.Settings, p.Settings, p.FromEnv); err != nil {
			return api.Saved{}, err
		}
	}
	done, err := t.live.Change(ctx, ifRevision, config.Patch{Plugins: map[string]config.PluginPatch{name: patch}})
	return api.Saved{Revision: done.Revision, Persisted: done.Persisted, Reason: done.Reason}, veiled(fieldsOf(err, ""), p.FromEnv)
}

// RestartPlugin gives a plugin a new process.
func (t tools) RestartPlugin(ctx context.Context, name string) error {
	if _, known := t.live.Snapshot().Config.Plugins[name]; !known {
		return noPlugin(name)
	}
	if err := t.plugins.Restart(ctx, name); err != nil {
		return fault.Wrap(err, fault.Conflict, "Nothing was restarted: "+strings.TrimSuffix(err.Error(), ".")+".")
	}
	return nil
}

func noPlugin(name string) error {
	return fault.New(fault.NotFound, "There is no plugin “"+name+"”. A new plugin is added in the file.")
}

// givenTo is what the host gives a plugin where nothing is set, as JSON.
func givenTo(name string, p config.Plugin, promos promo.Settings) map[string]string {
	var own, given map[string]json.RawMessage
	if json.Unmarshal(p.Settings, &own) != nil || json.Unmarshal(settingsOf(name, p, promos), &given) != nil {
		return nil
	}
	out := map[string]string{}
	for key, value := range given {
		if _, set := own[key]; !set {
			out[key] = string(value)
		}
	}
	return out
}

// without is a JSON object without some keys.
func without(object []byte, keys []string) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, err
	}
	for _, key := range keys {
		delete(all, key)
	}
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	return json.Marshal(all)
}

// with is a JSON object with some keys of another one.
func with(object, other []byte, keys []string) ([]byte, error) {
	var all, more map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(object, &all), json.Unmarshal(other, &more)); err != nil {
		return nil, err
	}
	for _, key := range keys {
		if value, has := more[key]; has {
			all[key] = value
		}
	}
	return json.Marshal(all)
}

// fieldsOf tells the web which fields a change was refused for. block is the path before the field's own name; of plugin
// settings it is empty, and their problems carry a pointer of their own.
func fieldsOf(err error, block string) error {
	var found config.Problems
	if err == nil || !errors.As(err, &found) || !fault.Is(err, fault.Invalid) {
		return err
	}
	var fields api.Problems
	for _, p := range found {
		pointer := p.Pointer
		if own, in := strings.CutPrefix(p.Field, block); block != "" && in {
			pointer = "/" + own
		}
		fields = append(fields, api.FieldProblem{Pointer: pointer, Sentence: p.Sentence})
	}
	return fault.Wrap(fields, fault.Invalid, fields[0].Sentence)
}

// veiled is a refusal that says nothing of what the environment holds.
func veiled(err error, fromEnv []string) error {
	var fields api.Problems
	if err == nil || !errors.As(err, &fields) {
		return err
	}
	for i, f := range fields {
		for _, key := range fromEnv {
			if f.Pointer == "/"+key || strings.HasPrefix(f.Pointer, "/"+key+"/") {
				fields[i].Sentence = "What the environment holds for “" + key + "” does not fit."
			}
		}
	}
	return fault.Wrap(fields, fault.Invalid, fields[0].Sentence)
}

// veilOf replaces the texts that a plugin was given from the environment: it may print them.
func veilOf(p config.Plugin) *strings.Replacer {
	var all map[string]any
	var pairs []string
	if len(p.FromEnv) > 0 && json.Unmarshal(p.Settings, &all) == nil {
		for _, key := range p.FromEnv {
			text, is := all[key].(string)
			if n, number := all[key].(float64); number {
				text, is = strconv.FormatFloat(n, 'f', -1, 64), true
			}
			if is && len(text) >= secretLeast {
				pairs = append(pairs, text, "•••")
			}
		}
	}
	return strings.NewReplacer(pairs...)
}

// secretLeast is how long a text is, in bytes, that is veiled: shorter ones stand in every other line.
const secretLeast = 4
