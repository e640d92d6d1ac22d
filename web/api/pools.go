package api

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"playbill/core/library"
	"playbill/core/promo"
	"playbill/core/station"
	"playbill/sdk"
	"playbill/web/live"
	"playbill/web/session"
)

// The conditions of a pool.
const (
	poolGood      = "good"
	poolThin      = "thin" // one clip: it will repeat
	poolEmpty     = "empty"
	poolOff       = "off"
	poolNotReady  = "not_ready"
	poolNoPlugin  = "no_plugin"
	poolRefused   = "refused" // the channel has refused every clip of it
	poolSystemOff = "promos_off"
)

// pool is one promo type with what it can air.
type pool struct {
	PromoType string         `json:"promo_type"`
	Badge     string         `json:"badge"`
	Slot      *string        `json:"slot"` // general or lead_in; null: no plugin says
	Plugin    *string        `json:"plugin"`
	Enabled   bool           `json:"enabled"`
	Order     string         `json:"order"`
	Weight    int64          `json:"weight"`
	Playlists []poolPlaylist `json:"playlists"`
	Clips     []poolClip     `json:"clips"`
	Health    poolHealth     `json:"health"`
}

// poolPlaylist is one saved playlist of a pool.
type poolPlaylist struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Items int    `json:"items"`
}

// poolClip is one clip, in stored order.
type poolClip struct {
	Key             string         `json:"key"`
	Title           string         `json:"title"`
	Media           live.MediaJSON `json:"media"`
	DurationSeconds int64          `json:"duration_seconds"`
	Refusals        int            `json:"refusals"`
	SetAside        bool           `json:"set_aside"`
	RefusedWhy      *string        `json:"refused_why"` // the channel's words
}

// poolHealth is a condition with its sentence.
type poolHealth struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
}

// offer is a promo type with the plugin that offers it.
type offer struct {
	kind   sdk.PromoType
	member station.Member
}

// offers are the promo types that loaded plugins offer; the first in merge order has a type.
func (a *API) offers() map[string]offer {
	out := map[string]offer{}
	for _, m := range a.Plugins.Roster() {
		for _, t := range m.Types {
			if _, taken := out[t.ID]; !taken {
				out[t.ID] = offer{t, m}
			}
		}
	}
	return out
}

// GetPools shows each promo type: its playlists, its clips, and whether it can air.
func (a *API) GetPools(c *gin.Context, _ session.Who) error {
	set, offers, playlists := a.Settings.Promos(), a.offers(), a.Shelf.Playlists()
	ids := map[string]bool{}
	for id := range set.Types {
		ids[id] = true
	}
	for id := range offers {
		ids[id] = true
	}
	for _, p := range playlists {
		if p.PromoType != "" {
			ids[p.PromoType] = true
		}
	}
	pools := map[string]pool{}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		p := pool{PromoType: id, Badge: Badge(a.Plugins, id), Enabled: true, Order: sdk.OrderRandom}
		if t, has := set.Types[id]; has {
			p.Enabled, p.Order, p.Weight = t.Enabled, t.Order, t.Weight
		}
		if o, has := offers[id]; has {
			p.Plugin, p.Slot = &o.member.Plugin, orNull(slotName(o.kind.Slot))
		}
		p.fill(playlists, a.Floor.View().Promo.Refused)
		p.Health = p.judge(set.Enabled, offers)
		pools[id] = p
	}
	return send(c, http.StatusOK, gin.H{"enabled": set.Enabled, "pools": pools})
}

// Badge puts a promo type into words: those of the plugin that offers it, else, while none does, those of SPEC 3.1, else
// its id made readable.
func Badge(plugins Plugins, id string) string {
	if id == "" { // planned, and the type is not drawn yet
		return "Promo"
	}
	for _, m := range plugins.Roster() {
		for _, t := range m.Types {
			if t.ID == id && t.Badge != "" {
				return t.Badge
			}
		}
	}
	switch id {
	case "channel_identity":
		return "Channel ID"
	case "event":
		return "Event"
	case "mod_shoutout":
		return "Mod Shoutout"
	case "feature_presentation":
		return "Feature"
	case "viewers_choice":
		return "Viewer’s Choice"
	default:
		return readable(id)
	}
}

func slotName(k sdk.SlotKind) string {
	switch k {
	case sdk.General:
		return "general"
	case sdk.LeadIn:
		return "lead_in"
	default:
		return ""
	}
}

// fill collects the clips: playlists by creation, then position, the same media once.
func (p *pool) fill(playlists []library.Playlist, refused map[string]promo.Refused) {
	p.Playlists, p.Clips = []poolPlaylist{}, []poolClip{}
	seen := map[sdk.Key]bool{}
	for _, l := range playlists {
		if l.PromoType != p.PromoType {
			continue
		}
		p.Playlists = append(p.Playlists, poolPlaylist{l.ID, l.Name, len(l.Items)})
		for _, item := range l.Items {
			k := item.Media.Key()
			if seen[k] {
				continue
			}
			seen[k] = true
			no := refused[k.ClipKey()]
			p.Clips = append(p.Clips, poolClip{Key: k.ClipKey(), Title: item.Media.Title, Media: live.MediaJSON{Type: k.Type, ID: k.ID},
				DurationSeconds: seconds(item.Media.DurationMS), Refusals: no.Times, SetAside: no.Times >= promo.RefusalsMax, RefusedWhy: orNull(no.Why)})
		}
	}
}

// judge says whether the pool can air, and what to do when it cannot.
func (p *pool) judge(systemOn bool, offers map[string]offer) poolHealth {
	aside := 0
	for _, clip := range p.Clips {
		if clip.SetAside {
			aside++
		}
	}
	left := len(p.Clips) - aside
	o, offered := offers[p.PromoType]
	switch {
	case !systemOn:
		return poolHealth{poolSystemOff, "Promos are turned off."}
	case !p.Enabled:
		return poolHealth{poolOff, "This type is turned off."}
	case !offered:
		return poolHealth{poolNoPlugin, "No plugin offers this type, so nothing of it airs."}
	case !o.member.Ready:
		return poolHealth{poolNotReady, "The plugin “" + o.member.Plugin + "” does not answer now: " + cmp.Or(o.member.Why, "it is not ready") + "."}
	case len(p.Playlists) == 0:
		return poolHealth{poolEmpty, "Empty: no saved playlist is tagged " + p.PromoType + "."}
	case len(p.Clips) == 0:
		return poolHealth{poolEmpty, "Empty: the tagged playlists have no clips."}
	case left == 0:
		return poolHealth{poolRefused, "The channel has refused every clip three times. Replace them."}
	case aside > 0:
		return poolHealth{poolGood, fmt.Sprintf("%d of %d clips can air; the channel has refused the others three times.", left, len(p.Clips))}
	case left == 1:
		return poolHealth{poolThin, "One clip: it airs every time."}
	default:
		return poolHealth{poolGood, fmt.Sprintf("%d clips.", left)}
	}
}
