package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"playbill/core/library"
	"playbill/core/promo"
	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/rotate"
	"playbill/web/live"
	"playbill/web/session"
)

// Pool is one promo type with what it can air.
type Pool struct {
	PromoType string         `json:"promo_type"`
	Badge     string         `json:"badge"`
	Slot      *string        `json:"slot"`   // general or lead_in; null: no plugin says
	Serves    *string        `json:"serves"` // of a lead-in: paid, unpaid or any
	Plugin    *string        `json:"plugin"`
	Enabled   bool           `json:"enabled"`
	Order     string         `json:"order"`
	Weight    int64          `json:"weight"`
	Playlists []PoolPlaylist `json:"playlists"`
	Clips     []PoolClip     `json:"clips"`
	CanAir    int            `json:"can_air"` // clips that may air now
	Health    PoolHealth     `json:"health"`
}

// PoolPlaylist is one saved playlist of a pool.
type PoolPlaylist struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Items int    `json:"items"`
	Rev   int64  `json:"rev"`
}

// PoolClip is one clip, in stored order.
type PoolClip struct {
	Key             string         `json:"key"`
	Title           string         `json:"title"`
	Media           live.MediaJSON `json:"media"`
	DurationSeconds int64          `json:"duration_seconds"`
	LastAiredAt     *string        `json:"last_aired_at"` // null: never
	Refusals        int            `json:"refusals"`
	SetAside        bool           `json:"set_aside"`
	RefusedWhy      *string        `json:"refused_why"` // the channel's words
	NotNow          *string        `json:"not_now"`     // why it may not air now: outside_dates, outside_window, resting, evergreen; null: it may
	NextAt          *string        `json:"next_at"`     // from when on it may; null: it may now, or never again
	Never           bool           `json:"never"`       // its dates are over, or its hours never come between them
	LastAiredMS     int64          `json:"-"`
	EndsMS          int64          `json:"-"` // 0: it does not end
	StartsMS        int64          `json:"-"`
	NextMS          int64          `json:"-"` // as NextAt, UTC milliseconds
	evergreen       bool
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
	pools := map[string]Pool{}
	for _, p := range a.PoolsOf(c.Request.Context()) {
		pools[p.PromoType] = p
	}
	return send(c, http.StatusOK, gin.H{"enabled": a.Settings.Promos().Enabled, "pools": pools})
}

// PoolsOf lists the promo types: general ones first, by weight, then lead-ins in the owner's order, then what no plugin
// offers. When the airings cannot be read their times are missing.
func (a *API) PoolsOf(ctx context.Context) []Pool {
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
	aired := a.airedOf(ctx, playlists)
	pools := make([]Pool, 0, len(ids))
	for id := range ids {
		p := Pool{PromoType: id, Badge: Badge(a.Plugins, id), Enabled: true, Order: sdk.OrderRandom}
		if t, has := set.Types[id]; has {
			p.Enabled, p.Order, p.Weight = t.Enabled, t.Order, t.Weight
		}
		if o, has := offers[id]; has {
			p.Plugin, p.Slot, p.Serves = &o.member.Plugin, orNull(slotName(o.kind.Slot)), orNull(servesName(o.kind))
		}
		p.fill(playlists, a.Floor.View().Promo.Refused, aired, rotate.Facts{NowMS: a.now(), Zone: a.zone})
		p.Health = p.judge(set.Enabled, offers, a.now(), a.zone)
		pools = append(pools, p)
	}
	slices.SortFunc(pools, func(x, y Pool) int { return poolOrder(x, y, set) })
	return pools
}

func poolOrder(x, y Pool, set promo.Settings) int {
	rank := func(p Pool) int {
		switch {
		case p.Slot == nil:
			return 3
		case *p.Slot == slotName(sdk.General):
			return 1
		default:
			return 2
		}
	}
	place := func(p Pool) int {
		if i := slices.Index(set.LeadInOrder, p.PromoType); i >= 0 {
			return i
		}
		return len(set.LeadInOrder)
	}
	return cmp.Or(rank(x)-rank(y), cmp.Compare(y.Weight, x.Weight), place(x)-place(y), cmp.Compare(x.PromoType, y.PromoType))
}

// airedOf is when the clips of all pools were last on the air. What cannot be read is in the log, and nothing else waits
// for it.
func (a *API) airedOf(ctx context.Context, playlists []library.Playlist) map[sdk.Key]int64 {
	var keys []sdk.Key
	seen := map[sdk.Key]bool{}
	for _, l := range playlists {
		for _, item := range l.Items {
			if k := item.Media.Key(); l.PromoType != "" && !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	aired, err := a.Airings.LastAired(ctx, keys)
	if err != nil && ctx.Err() == nil {
		a.logger.Error("the airings of the clips could not be read", "error", err)
	}
	return aired
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

func servesName(t sdk.PromoType) string {
	switch {
	case t.Slot != sdk.LeadIn:
		return ""
	case t.Serves == sdk.ServesPaid:
		return "paid"
	case t.Serves == sdk.ServesAny:
		return "any"
	default:
		return "unpaid"
	}
}

// fill collects the clips: playlists by creation, then position, the same media once.
func (p *Pool) fill(playlists []library.Playlist, refused map[string]promo.Refused, aired map[sdk.Key]int64, facts rotate.Facts) {
	p.Playlists, p.Clips = []PoolPlaylist{}, []PoolClip{}
	seen := map[sdk.Key]bool{}
	for _, l := range playlists {
		if l.PromoType != p.PromoType {
			continue
		}
		p.Playlists = append(p.Playlists, PoolPlaylist{l.ID, l.Name, len(l.Items), l.Rev})
		for _, item := range l.Items {
			k := item.Media.Key()
			if seen[k] {
				continue
			}
			seen[k] = true
			facts.AirsAtMS, facts.AiredMS = facts.NowMS, map[string]int64{k.ClipKey(): aired[k]}
			clip := clipOf(item, refused[k.ClipKey()], aired[k], facts)
			p.Clips = append(p.Clips, clip)
		}
	}
	p.count()
}

// count says how many clips may air now. Evergreen ones do when no other may.
func (p *Pool) count() {
	able, spare := 0, 0
	for _, c := range p.Clips {
		switch {
		case c.SetAside || c.NotNow != nil:
		case c.evergreen:
			spare++
		default:
			able++
		}
	}
	if p.CanAir = able; able == 0 {
		p.CanAir = spare
		return
	}
	kept := rotate.Evergreen
	for i := range p.Clips {
		if c := &p.Clips[i]; c.evergreen && !c.SetAside && c.NotNow == nil {
			c.NotNow = &kept
		}
	}
}

func clipOf(item library.Item, no promo.Refused, airedMS int64, facts rotate.Facts) PoolClip {
	k := item.Media.Key()
	next, ever := rotate.Next(item.Terms(), facts.NowMS, airedMS, facts.Zone)
	if next == facts.NowMS {
		next = 0
	}
	return PoolClip{NextAt: instant(next), NextMS: next, Never: !ever, evergreen: item.Evergreen, Key: k.ClipKey(), Title: item.Media.Title, Media: live.MediaJSON{Type: k.Type, ID: k.ID},
		DurationSeconds: seconds(item.Media.DurationMS), LastAiredAt: instant(airedMS), LastAiredMS: airedMS,
		Refusals: no.Times, SetAside: no.Times >= promo.RefusalsMax, RefusedWhy: orNull(no.Why),
		NotNow:   orNull(facts.Forbids(sdk.Clip{Key: k.ClipKey(), Media: item.Media, Terms: item.Terms()})),
		StartsMS: item.StartsAtMS, EndsMS: item.EndsAtMS}
}
