package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/web/session"
)

// plugin is one plugin as an admin sees it.
type plugin struct {
	ID         string                `json:"id"`
	Title      string                `json:"title"`
	Summary    string                `json:"summary"`
	Version    string                `json:"version"`
	State      string                `json:"state"`
	Reason     *string               `json:"reason"`
	Since      *string               `json:"since"`
	PID        *int                  `json:"pid"`
	Priority   int                   `json:"priority"`
	SHA256     string                `json:"sha256"`
	Restarts   int64                 `json:"restarts"`
	Hooks      []string              `json:"hooks"`
	PromoTypes []string              `json:"promo_types"`
	Calls      map[string]pluginCall `json:"calls"`
}

// pluginCall is what became of the calls of one hook.
type pluginCall struct {
	Outcomes  map[string]int64 `json:"outcomes"`
	Late      int64            `json:"late"`
	P50US     int64            `json:"p50_us"`
	P99US     int64            `json:"p99_us"`
	AllowedMS int64            `json:"allowed_ms"`
}

// pluginDetail is one plugin with its settings. What came from the environment is named and never shown.
type pluginDetail struct {
	plugin
	Command  string            `json:"command"`
	Exit     *string           `json:"last_exit"`
	Enabled  bool              `json:"enabled"`
	Schema   json.RawMessage   `json:"settings_schema"` // null: none, or not known before it has started
	Settings json.RawMessage   `json:"settings"`
	FromEnv  []string          `json:"from_environment"`
	Given    map[string]string `json:"given"` // by the host, where nothing is set
}

// pluginSaved is how a change of a plugin ended.
type pluginSaved struct {
	Persisted bool    `json:"persisted"`
	Reason    *string `json:"reason"` // when not persisted
	Sentence  string  `json:"sentence"`
}

// logLine is one line that a plugin wrote.
type logLine struct {
	At   *string `json:"at"`
	Bad  bool    `json:"bad"`
	Text string  `json:"text"`
}

// GetPlugins lists the plugins in merge order.
func (a *API) GetPlugins(c *gin.Context, _ session.Who) error {
	report := a.Plugins.Report()
	out := make([]plugin, len(report))
	for i, p := range report {
		out[i] = pluginOf(p)
	}
	return send(c, http.StatusOK, gin.H{"plugins": out})
}

func pluginOf(p PluginReport) plugin {
	calls := make(map[string]pluginCall, len(p.Calls))
	for hook, n := range p.Calls {
		calls[hook] = pluginCall(n)
	}
	return plugin{ID: p.Name, Title: p.Title, Summary: p.Summary, Version: p.Version, State: p.State, Reason: orNull(p.Reason),
		Since: instant(p.SinceMS), PID: orNull(p.PID), Priority: p.Priority, SHA256: p.SHA256, Restarts: p.Restarts,
		Hooks: list(p.Hooks), PromoTypes: list(p.PromoTypes), Calls: calls}
}

// PluginAt is a plugin with what the configuration says about it; fault.NotFound when there is none of this name.
func (a *API) PluginAt(name string) (PluginReport, PluginConfig, error) {
	conf, err := a.Tools.PluginConfig(name)
	if err != nil {
		return PluginReport{}, conf, err
	}
	for _, p := range a.Plugins.Report() {
		if p.Name == name {
			return p, conf, nil
		}
	}
	return PluginReport{}, conf, fault.New(fault.NotFound, "There is no plugin “"+name+"”.")
}

// GetPlugin returns one plugin with its settings, with their revision as ETag.
func (a *API) GetPlugin(c *gin.Context, _ session.Who) error {
	p, conf, err := a.PluginAt(c.Param("name"))
	if err != nil {
		return err
	}
	out := pluginDetail{plugin: pluginOf(p), Command: p.Command, Exit: orNull(p.Exit), Enabled: conf.Enabled, Schema: p.Schema, Settings: conf.Settings,
		FromEnv: list(conf.FromEnv), Given: conf.Given}
	c.Header("ETag", etag(conf.Revision))
	return send(c, http.StatusOK, out)
}

// GetPluginLog returns the last lines that a plugin wrote, oldest first.
func (a *API) GetPluginLog(c *gin.Context, _ session.Who) error {
	p, _, err := a.PluginAt(c.Param("name"))
	if err != nil {
		return err
	}
	lines := make([]logLine, len(p.Log))
	for i, l := range p.Log {
		lines[i] = logLine{instant(l.AtMS), l.Bad, l.Text}
	}
	return send(c, http.StatusOK, gin.H{"lines": lines})
}

// PutPluginSettings replaces the settings of a plugin. What comes from the environment stays, and is not part of the body.
func (a *API) PutPluginSettings(c *gin.Context, who session.Who) error {
	p, conf, err := a.PluginAt(c.Param("name"))
	if err != nil {
		return err
	}
	var body map[string]any
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	if body == nil {
		return fault.New(fault.Invalid, "Settings are one JSON object.")
	}
	for _, key := range conf.FromEnv {
		if _, has := body[key]; has {
			return fault.New(fault.Conflict, "“"+key+"” comes from the environment. Edit the file by hand to change it.")
		}
	}
	rev, err := matched(c, conf.Revision)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(asWritten(body, conf.Settings, p.Schema))
	if err != nil {
		return fmt.Errorf("write the settings of %s: %w", p.Name, err)
	}
	saved, err := a.Tools.ChangePlugin(c.Request.Context(), rev, p.Name, PluginChange{Settings: settings})
	if err != nil {
		return err
	}
	e := a.act(who, "plugin.settings", p.Name)
	e.Before, e.After = string(conf.Settings), string(settings)
	a.record(c.Request.Context(), e)
	c.Header("ETag", etag(saved.Revision))
	acts := "with its next call"
	if p.State != "ready" {
		acts = "when the plugin runs again"
	}
	return send(c, http.StatusOK, pluginSaved{saved.Persisted, orNull(saved.Reason), saved.sentence(acts)})
}

// asWritten leaves out what only repeats a default and was not set before: a file should say what its owner said.
func asWritten(body map[string]any, before, schema []byte) map[string]any {
	var was map[string]any
	var described struct {
		Properties map[string]struct {
			Default any `json:"default"`
		} `json:"properties"`
	}
	if json.Unmarshal(before, &was) != nil || len(schema) == 0 || json.Unmarshal(schema, &described) != nil {
		return body
	}
	out := maps.Clone(body)
	for key, value := range body {
		_, set := was[key]
		if p, known := described.Properties[key]; known && !set && p.Default != nil && reflect.DeepEqual(p.Default, value) {
			delete(out, key)
		}
	}
	return out
}

// PostPluginEnable switches a plugin on, without a restart of the host.
func (a *API) PostPluginEnable(c *gin.Context, who session.Who) error {
	return a.switchPlugin(c, who, true)
}

// PostPluginDisable switches a plugin off. A call that it has is finished first.
func (a *API) PostPluginDisable(c *gin.Context, who session.Who) error {
	return a.switchPlugin(c, who, false)
}

func (a *API) switchPlugin(c *gin.Context, who session.Who, on bool) error {
	p, conf, err := a.PluginAt(c.Param("name"))
	if err != nil {
		return err
	}
	rev, err := matched(c, conf.Revision)
	if err != nil {
		return err
	}
	saved, err := a.Tools.ChangePlugin(c.Request.Context(), rev, p.Name, PluginChange{Enabled: &on})
	if err != nil {
		return err
	}
	action, said := "plugin.disable", "is switched off. A call that it had is finished first."
	if on {
		action, said = "plugin.enable", "is switched on. It has a say as soon as it is ready."
	}
	e := a.act(who, action, p.Name)
	e.Before, e.After = jsonOf(gin.H{"enabled": conf.Enabled}), jsonOf(gin.H{"enabled": on})
	a.record(c.Request.Context(), e)
	sentence := nameOf(p) + " " + said
	if !saved.Persisted {
		sentence += " " + saved.Reason
	}
	c.Header("ETag", etag(saved.Revision))
	return send(c, http.StatusOK, pluginSaved{saved.Persisted, orNull(saved.Reason), sentence})
}

// PostPluginRestart gives a plugin a new process from its binary as it is on disk. One that runs goes on until the new one
// is ready, so no call is lost.
func (a *API) PostPluginRestart(c *gin.Context, who session.Who) error {
	p, _, err := a.PluginAt(c.Param("name"))
	if err != nil {
		return err
	}
	if err := a.Tools.RestartPlugin(c.Request.Context(), p.Name); err != nil {
		return err
	}
	a.record(c.Request.Context(), a.act(who, "plugin.restart", p.Name))
	said := nameOf(p) + " starts again."
	if p.State == "ready" {
		said = nameOf(p) + " has a new process. No call was lost."
	}
	return send(c, http.StatusOK, gin.H{"sentence": said})
}

func nameOf(p PluginReport) string {
	if p.Title != "" {
		return p.Title
	}
	return p.Name
}

// PluginStateWords is a state in words.
func PluginStateWords(state string) string {
	switch state {
	case "ready":
		return "Ready"
	case "starting":
		return "Starting"
	case "draining":
		return "Finishing"
	case "disabled":
		return "Switched off"
	case "backoff":
		return "Stopped, starts again"
	case "quarantined":
		return "In quarantine"
	case "incompatible":
		return "Cannot run as it is"
	default:
		return readable(state)
	}
}

// UpFor is how long a plugin has been in its state.
func (p PluginReport) UpFor(nowMS int64) string { return SpanWords(max(nowMS-p.SinceMS, 0)) }

// Asked is how often the hooks of a plugin were asked, and what became of it, all hooks together.
func (p PluginReport) Asked() (n int64, outcomes map[string]int64, late int64) {
	outcomes = map[string]int64{}
	for _, calls := range p.Calls {
		late += calls.Late
		for kind, times := range calls.Outcomes {
			n += times
			outcomes[kind] += times
		}
	}
	return n, outcomes, late
}

// Slowest is the hook whose answers come closest to its deadline; false: none was answered yet.
func (p PluginReport) Slowest() (hook string, calls PluginCalls, any bool) {
	for _, h := range slices.Sorted(maps.Keys(p.Calls)) {
		c := p.Calls[h]
		if c.AllowedMS > 0 && c.P99US > 0 && (!any || c.P99US*calls.AllowedMS > calls.P99US*c.AllowedMS) {
			hook, calls, any = h, c, true
		}
	}
	return hook, calls, any
}
