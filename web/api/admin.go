package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

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

// GetPlugins lists the plugins in merge order.
func (a *API) GetPlugins(c *gin.Context, _ session.Who) error {
	report := a.Plugins.Report()
	out := make([]plugin, len(report))
	for i, p := range report {
		calls := make(map[string]pluginCall, len(p.Calls))
		for hook, n := range p.Calls {
			calls[hook] = pluginCall(n)
		}
		out[i] = plugin{ID: p.Name, Title: p.Title, Summary: p.Summary, Version: p.Version, State: p.State, Reason: orNull(p.Reason),
			Since: instant(p.SinceMS), PID: orNull(p.PID), Priority: p.Priority, SHA256: p.SHA256, Restarts: p.Restarts,
			Hooks: list(p.Hooks), PromoTypes: list(p.PromoTypes), Calls: calls}
	}
	return send(c, http.StatusOK, gin.H{"plugins": out})
}
