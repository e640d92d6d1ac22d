package api

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/pay"
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

// owner is one viewer with pending paid entries, and the clock that counts how long they have been away.
type owner struct {
	Owner   string         `json:"owner"`
	Name    string         `json:"name"`
	Present *bool          `json:"present"` // null: the room is not known
	AFK     *bool          `json:"afk"`
	Pending []ownedEntry   `json:"pending"`
	Clock   *presenceClock `json:"clock"` // null: nothing counts
}

// ownedEntry is one pending paid entry.
type ownedEntry struct {
	EntryID    int64  `json:"entry_id"`
	PurchaseID string `json:"purchase_id"`
	Title      string `json:"title"`
	State      string `json:"state"`
}

// presenceClock is how long an owner has been away without coming back. Only time in which somebody looked counts.
type presenceClock struct {
	Owner       string  `json:"owner"`
	AwaySeconds int64   `json:"away_seconds"`
	LeftSeconds int64   `json:"left_seconds"` // of the host's own grace
	Trigger     string  `json:"trigger"`      // the plugin that counts
	Reason      string  `json:"reason"`
	CountedAt   *string `json:"counted_at"`
}

// GetPresence shows who has pending paid entries, and whose clock counts.
func (a *API) GetPresence(c *gin.Context, _ session.Who) error {
	v, set := a.Floor.View(), a.Settings.Presence()
	owners := ownersOf(v)
	clocks := make([]presenceClock, len(v.Clocks))
	for i, k := range v.Clocks {
		clocks[i] = presenceClock{Owner: string(k.Owner), AwaySeconds: seconds(k.AwayMS), LeftSeconds: seconds(max(set.GraceMS-k.AwayMS, 0)),
			Trigger: k.Plugin, Reason: k.Reason, CountedAt: instant(k.AtMS)}
		if o := owners[k.Owner]; o != nil {
			o.Clock = &clocks[i]
		}
	}
	sorted := make([]owner, 0, len(owners))
	for _, key := range slices.Sorted(maps.Keys(owners)) {
		sorted = append(sorted, *owners[key])
	}
	return send(c, http.StatusOK, gin.H{
		"settings": presenceSettings{set.Enabled, set.GraceMS / 1000, set.CheckIntervalMS / 1000, set.NotifyUser},
		"clocks":   clocks,
		"owners":   sorted,
	})
}

// ownersOf collects the open purchases by owner. The one on the air is never touched, so it is not pending.
func ownersOf(v *station.View) map[channel.UserKey]*owner {
	people := map[channel.UserKey]channel.User{}
	for _, u := range v.People {
		people[u.Key] = u
	}
	air := v.Shadow.OnAir()
	out := map[channel.UserKey]*owner{}
	for _, p := range inOrder(v.Purchases) {
		if air != nil && air.Purchase == p.ID {
			continue
		}
		o := out[p.Buyer]
		if o == nil {
			o = &owner{Owner: string(p.Buyer), Name: cmp.Or(p.BuyerName, string(p.Buyer))}
			if v.People != nil {
				u, here := people[p.Buyer]
				o.Present, o.AFK = &here, &u.AFK
			}
			out[p.Buyer] = o
		}
		o.Pending = append(o.Pending, ownedEntry{p.Entry, p.ID, p.Media.Title, string(p.State)})
	}
	return out
}

// inOrder lists open purchases in the order in which they were bought.
func inOrder(open map[string]pay.Purchase) []pay.Purchase {
	return slices.SortedFunc(maps.Values(open), func(a, b pay.Purchase) int {
		return int(min(max(a.Entry-b.Entry, -1), 1))
	})
}
