package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/web/session"
)

// Overview is what an admin sees first: what needs a hand, then figures, then health.
type Overview struct {
	Needs   []Need        `json:"needs"`
	Today   TodayFigures  `json:"today"`
	Channel ChannelHealth `json:"channel"`
	Plugins PluginsHealth `json:"plugins"`
	Ledger  LedgerHealth  `json:"ledger"`
	Host    HostHealth    `json:"host"`
	house   Condition
}

// House is the condition that the overview was made of.
func (o *Overview) House() Condition { return o.house }

// TodayFigures is what was booked and aired since midnight by the station's clock.
type TodayFigures struct {
	Since        *string      `json:"since"`
	Requests     int          `json:"requests"`
	Refunded     int          `json:"refunded"`
	Spent        ledger.Coins `json:"coins_spent"`
	Earned       ledger.Coins `json:"coins_earned"`
	Promos       int          `json:"promos_aired"`
	PromosCut    int          `json:"promos_cut"` // that did not play to their end
	PromoSeconds int64        `json:"promo_seconds"`
}

// ChannelHealth is how the channel is.
type ChannelHealth struct {
	Health   string  `json:"health"` // good, degraded or down
	Why      *string `json:"why"`
	Driver   string  `json:"driver"`
	Room     string  `json:"room"`
	OnAir    *string `json:"on_air"`
	Entries  int     `json:"entries"`
	Paid     int     `json:"paid"`
	Promos   int     `json:"promos"`
	People   *int    `json:"people"` // the bot not counted; null: not known
	Active   *int    `json:"active"` // those of them that are not AFK
	Resolved bool    `json:"resolved"`
}

// PluginsHealth counts the plugins. One that its owner switched off is neither ready nor missing.
type PluginsHealth struct {
	Ready   int   `json:"ready"`
	Wanted  int   `json:"wanted"`
	Off     int   `json:"off"`
	P99US   int64 `json:"slowest_p99_us"`
	AllowMS int64 `json:"slowest_allowed_ms"`
	Calls   int64 `json:"calls"`
	Late    int64 `json:"late"`
}

// LedgerHealth is what the ledger adds up to now, and when it was last found true.
type LedgerHealth struct {
	True      bool         `json:"true"`
	Problem   *string      `json:"problem"`
	CheckedAt *string      `json:"checked_at"`
	Wallets   ledger.Coins `json:"wallets"`
	Revenue   ledger.Coins `json:"revenue"`
	Issued    ledger.Coins `json:"issued"`
	Held      ledger.Coins `json:"held"` // now
	Requests  int          `json:"requests"`
}

// HostHealth is how the host is.
type HostHealth struct {
	StartedAt   *string `json:"started_at"`
	Database    int64   `json:"database_bytes"`
	WAL         int64   `json:"wal_bytes"`
	Free        int64   `json:"free_bytes"`   // -1: not known
	Memory      int64   `json:"memory_bytes"` // -1: not known
	CommitUS    int64   `json:"commit_us"`
	BackupAt    *string `json:"backup_at"`
	ConfigFile  *string `json:"config_file"`
	ConfigSaved bool    `json:"config_saved"`
}

// GetOverview says what needs a hand, and how everything is.
func (a *API) GetOverview(c *gin.Context, _ session.Who) error {
	return send(c, http.StatusOK, a.OverviewNow(c.Request.Context()))
}

// PostNight checks the whole ledger and copies the database now. An error is what was found.
func (a *API) PostNight(c *gin.Context, who session.Who) error {
	a.record(c.Request.Context(), a.act(who, "host.night", "the ledger and the backup"))
	if err := a.House.Night(c.Request.Context()); err != nil {
		return err
	}
	house := a.House.Condition(c.Request.Context())
	return send(c, http.StatusOK, gin.H{"checked_at": instant(house.CheckedMS), "backup_at": instant(house.CopiedMS),
		"sentence": "The ledger is true, and there is a backup of today."})
}

// PostSeen puts the alarm of an event away.
func (a *API) PostSeen(c *gin.Context, who session.Who) error {
	id, err := idOf(c, "id", "alarm")
	if err != nil {
		return err
	}
	if err := a.Stage.PutAway(c.Request.Context(), id, a.act(who, "", "")); err != nil {
		return err
	}
	return send(c, http.StatusOK, gin.H{"sentence": "It is put away. The event's own history keeps it."})
}

// OverviewNow is the overview at this instant.
func (a *API) OverviewNow(ctx context.Context) Overview {
	v, house, saved := a.Floor.View(), a.House.Condition(ctx), a.Promos.Saved()
	out := Overview{Needs: list(a.Needs(ctx)), Channel: channelHealth(v, house), Plugins: pluginsHealth(a.Plugins.Report()), house: house}
	d := house.Today
	out.Today = TodayFigures{instant(d.FromMS), d.Paid, d.Refunded, d.Spent, d.Earned, d.Promos, d.PromosCut, seconds(d.PromoMS)}
	out.Ledger = LedgerHealth{True: house.Broken == "", Problem: orNull(house.Broken), CheckedAt: instant(house.CheckedMS),
		Wallets: house.Ledger.Wallets, Revenue: house.Ledger.Revenue, Issued: house.Ledger.Issued, Requests: len(v.Purchases)}
	for _, p := range v.Purchases {
		out.Ledger.Held += p.Price
	}
	out.Host = HostHealth{instant(house.StartedMS), house.Database, house.WAL, house.Free, house.Memory, house.CommitUS,
		instant(house.CopiedMS), orNull(house.File), saved.Persisted}
	return out
}

func channelHealth(v *station.View, house Condition) ChannelHealth {
	out := ChannelHealth{Health: v.Health.String(), Why: orNull(v.Why), Driver: house.Driver, Room: house.Room, Resolved: v.Resolved}
	if air := v.Shadow.OnAir(); air != nil && v.Health == channel.Good {
		out.OnAir = &air.Media.Title
	}
	for _, e := range v.Shadow.Entries {
		out.Entries++
		if e.Role == shadow.Paid {
			out.Paid++
		}
		if e.Role.Promo() {
			out.Promos++
		}
	}
	if v.People != nil {
		people, active := 0, 0
		for _, p := range v.People {
			if p.Name == v.Self {
				continue
			}
			people++
			if !p.AFK {
				active++
			}
		}
		out.People, out.Active = &people, &active
	}
	return out
}

func pluginsHealth(all []PluginReport) PluginsHealth {
	var out PluginsHealth
	for _, p := range all {
		switch p.State {
		case "disabled":
			out.Off++
			continue
		case "ready":
			out.Ready++
		}
		out.Wanted++
		for _, calls := range p.Calls {
			if calls.P99US > out.P99US {
				out.P99US, out.AllowMS = calls.P99US, calls.AllowedMS
			}
			out.Late += calls.Late
			for _, n := range calls.Outcomes {
				out.Calls += n
			}
		}
	}
	return out
}
