package web

import (
	"context"
	"encoding/json"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
	"playbill/web/api"
)

// office is what the overview and the promos page ask of the host.
type office struct {
	house   api.Condition
	nights  int
	tried   string
	aired   map[sdk.Key]int64
	plugins []api.PluginReport // nil: one that is ready
	conf    api.PluginConfig
	change  api.PluginChange
	again   int
	watch   presence.Settings
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func newOffice() *office {
	return &office{house: api.Condition{AtMS: noon, StartedMS: noon - 3_600_000, Driver: "embedded", Room: "lantern", File: "playbill.hcl",
		Database: 318 << 20, Free: 41 << 30, Memory: 47 << 20, CommitUS: 800, CheckedMS: noon - 60_000, CopiedMS: noon - 3_600_000},
		conf:  api.PluginConfig{Revision: 7, Enabled: true, Settings: []byte("{}")},
		watch: presence.Settings{Enabled: true, GraceMS: 60_000, CheckIntervalMS: 15_000, NotifyUser: true}}
}

func (w *world) Condition(context.Context) api.Condition { return w.office.house }

func (w *world) Night(context.Context) error {
	w.office.nights++
	return w.err
}

// Forecast expects a general promo before entry 4, twice as many when every title is to have one.
func (w *world) Forecast(set promo.Settings) []station.Planned {
	planned := []station.Planned{{Role: shadow.General, PromoType: "channel_identity", Before: 4, LengthMS: 20_000}}
	if set.EveryItems == 1 {
		planned = append(planned, station.Planned{Role: shadow.General, PromoType: "channel_identity", Before: 6, LengthMS: 20_000})
	}
	return planned
}

func (w *world) TryClip(_ context.Context, clip string) error {
	if _, refused := w.view.Load().Promo.Refused[clip]; !refused {
		return fault.New(fault.NotFound, "The channel has not refused this clip.")
	}
	w.office.tried = clip
	return w.err
}

func (w *world) PutAway(_ context.Context, firing int64, who audit.Entry) error {
	for _, f := range w.view.Load().Alarms {
		if f.ID == firing {
			w.trail = append(w.trail, who)
			return nil
		}
	}
	return fault.New(fault.NotFound, "There is no such alarm.")
}

func (w *world) FlagPlaylist(ctx context.Context, id, _ int64, f library.Flags, who audit.Entry) (library.Playlist, error) {
	p := w.lists[id-1]
	p.Immutable, p.PromoType = f.Immutable, f.PromoType
	return w.SavePlaylist(ctx, p, who)
}

func (w *world) LastAired(context.Context, []sdk.Key) (map[sdk.Key]int64, error) {
	return w.office.aired, w.err
}

func (w *world) PluginConfig(name string) (api.PluginConfig, error) {
	for _, p := range w.Report() {
		if p.Name == name {
			return w.office.conf, nil
		}
	}
	return api.PluginConfig{}, fault.New(fault.NotFound, "There is no such plugin.")
}

func (w *world) ChangePlugin(_ context.Context, rev uint64, _ string, c api.PluginChange) (api.Saved, error) {
	if rev != w.office.conf.Revision {
		return api.Saved{}, fault.New(fault.Changed, "The settings were changed meanwhile.")
	}
	w.office.change = c
	return w.saved, w.err
}

func (w *world) RestartPlugin(context.Context, string) error {
	w.office.again++
	return w.err
}

func (w *world) SavePresence(_ context.Context, rev uint64, s presence.Settings) (api.Saved, error) {
	if rev != w.saved.Revision {
		return api.Saved{}, fault.New(fault.Changed, "The settings were changed meanwhile.")
	}
	if w.err == nil {
		w.office.watch = s
	}
	return w.saved, w.err
}
