package api

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/station"
	"playbill/web/session"
)

// presenceSettings is the presence block.
type presenceSettings struct {
	Enabled              bool  `json:"enabled"`
	GraceSeconds         int64 `json:"grace_seconds"`
	CheckIntervalSeconds int64 `json:"check_interval_seconds"`
	NotifyUser           bool  `json:"notify_user"`
}

// Owner is one viewer with pending paid entries, and the clock that counts how long they have been away.
type Owner struct {
	Owner   string         `json:"owner"`
	Name    string         `json:"name"`
	Present *bool          `json:"present"` // null: the room is not known
	AFK     *bool          `json:"afk"`
	Pending []OwnedEntry   `json:"pending"`
	Clock   *PresenceClock `json:"clock"` // null: nothing counts
}

// OwnedEntry is one pending paid entry.
type OwnedEntry struct {
	EntryID    int64  `json:"entry_id"`
	PurchaseID string `json:"purchase_id"`
	Title      string `json:"title"`
	State      string `json:"state"`
}

// PresenceClock is how long an owner has been away without coming back. Only time in which somebody looked counts.
type PresenceClock struct {
	Owner       string  `json:"owner"`
	AwaySeconds int64   `json:"away_seconds"`
	LeftSeconds int64   `json:"left_seconds"` // of the host's own grace
	Trigger     string  `json:"trigger"`      // the plugin that counts
	Reason      string  `json:"reason"`
	CountedAt   *string `json:"counted_at"`
	SinceMS     int64   `json:"-"` // about when the owner went away, UTC milliseconds
}

// GetPresence shows who has pending paid entries, and whose clock counts.
func (a *API) GetPresence(c *gin.Context, _ session.Who) error {
	clocks := []PresenceClock{}
	owners := a.OwnersNow()
	for _, k := range a.Floor.View().Clocks {
		clocks = append(clocks, a.clockOf(k))
	}
	c.Header("ETag", etag(a.Promos.Saved().Revision))
	return send(c, http.StatusOK, gin.H{"settings": settingsOf(a.Settings.Presence()), "clocks": clocks, "owners": owners})
}

// OwnersNow lists who has pending paid entries, with the clocks that count, by user key.
func (a *API) OwnersNow() []Owner {
	v := a.Floor.View()
	owners := ownersOf(v)
	for _, k := range v.Clocks {
		if o := owners[k.Owner]; o != nil {
			counted := a.clockOf(k)
			o.Clock = &counted
		}
	}
	sorted := make([]Owner, 0, len(owners))
	for _, key := range slices.Sorted(maps.Keys(owners)) {
		sorted = append(sorted, *owners[key])
	}
	return sorted
}

func (a *API) clockOf(k presence.Clock) PresenceClock {
	grace := a.Settings.Presence().GraceMS
	return PresenceClock{Owner: string(k.Owner), AwaySeconds: seconds(k.AwayMS), LeftSeconds: seconds(max(grace-k.AwayMS, 0)),
		Trigger: k.Plugin, Reason: k.Reason, CountedAt: instant(k.AtMS), SinceMS: k.AtMS - k.AwayMS}
}

// presenceSaved is how a change of the presence settings ended.
type presenceSaved struct {
	Config    presenceSettings `json:"config"`
	Persisted bool             `json:"persisted"`
	Reason    *string          `json:"reason"` // when not persisted
	Sentence  string           `json:"sentence"`
}

// PutPresence replaces the presence settings. They act from the next check on.
func (a *API) PutPresence(c *gin.Context, who session.Who) error {
	rev, err := matched(c, a.Promos.Saved().Revision)
	if err != nil {
		return err
	}
	var body struct {
		Enabled              *bool  `json:"enabled"`
		GraceSeconds         *int64 `json:"grace_seconds"`
		CheckIntervalSeconds *int64 `json:"check_interval_seconds"`
		NotifyUser           *bool  `json:"notify_user"`
	}
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	if body.Enabled == nil || body.GraceSeconds == nil || body.CheckIntervalSeconds == nil || body.NotifyUser == nil {
		return fault.New(fault.Invalid, "The whole object is needed: enabled, grace_seconds, check_interval_seconds and notify_user. Nothing was changed.")
	}
	next := presence.Settings{Enabled: *body.Enabled, NotifyUser: *body.NotifyUser}
	if next.GraceMS, err = milliseconds("grace_seconds", *body.GraceSeconds); err != nil {
		return err
	}
	if next.CheckIntervalMS, err = milliseconds("check_interval_seconds", *body.CheckIntervalSeconds); err != nil {
		return err
	}
	old := a.Settings.Presence()
	if was := settingsOf(old); was.GraceSeconds == *body.GraceSeconds { // the file may be finer than the form
		next.GraceMS = old.GraceMS
	}
	if was := settingsOf(old); was.CheckIntervalSeconds == *body.CheckIntervalSeconds {
		next.CheckIntervalMS = old.CheckIntervalMS
	}
	saved, err := a.Watch.SavePresence(c.Request.Context(), rev, next)
	if err != nil {
		return err
	}
	e := a.act(who, "presence.config", "presence settings")
	e.Before, e.After = jsonOf(settingsOf(old)), jsonOf(settingsOf(next))
	a.record(c.Request.Context(), e)
	c.Header("ETag", etag(saved.Revision))
	return send(c, http.StatusOK, presenceSaved{settingsOf(next), saved.Persisted, orNull(saved.Reason), saved.sentence("from the next check on")})
}

func settingsOf(s presence.Settings) presenceSettings {
	return presenceSettings{s.Enabled, s.GraceMS / 1000, s.CheckIntervalMS / 1000, s.NotifyUser}
}

// ownersOf collects the open purchases by owner. The one on the air is never touched, so it is not pending.
func ownersOf(v *station.View) map[channel.UserKey]*Owner {
	people := map[channel.UserKey]channel.User{}
	for _, u := range v.People {
		people[u.Key] = u
	}
	air := v.Shadow.OnAir()
	out := map[channel.UserKey]*Owner{}
	for _, p := range inOrder(v.Purchases) {
		if air != nil && air.Purchase == p.ID {
			continue
		}
		o := out[p.Buyer]
		if o == nil {
			o = &Owner{Owner: string(p.Buyer), Name: cmp.Or(p.BuyerName, string(p.Buyer))}
			if v.People != nil {
				u, here := people[p.Buyer]
				o.Present, o.AFK = &here, &u.AFK
			}
			out[p.Buyer] = o
		}
		o.Pending = append(o.Pending, OwnedEntry{p.Entry, p.ID, p.Media.Title, string(p.State)})
	}
	return out
}

// inOrder lists open purchases in the order in which they were bought.
func inOrder(open map[string]pay.Purchase) []pay.Purchase {
	return slices.SortedFunc(maps.Values(open), func(a, b pay.Purchase) int {
		return int(min(max(a.Entry-b.Entry, -1), 1))
	})
}
