package promo

import (
	"fmt"
	"hash/fnv"
	"maps"

	"playbill/core/asrun"
	"playbill/core/shadow"
	"playbill/sdk"
	"playbill/sdk/rotate"
)

// Why a type is not asked for a gap, beside the reasons of package rotate (JOINTS L).
const (
	PoolEmpty        = "pool_empty"
	TypeDisabled     = "type_disabled"
	Skipped          = "skipped"
	RefusedByChannel = "refused_by_channel"
	NoEligibleClip   = "no_eligible_clip"
)

// Gap is the place before one target that is open for a promo now.
type Gap struct {
	Rule   string
	Role   shadow.Role // General or LeadIn
	Target *shadow.Entry
	Slots  []Slot            // one for each type that can be asked, by type id
	Closed []asrun.Candidate // the types that cannot be asked, and why
	Shut   []Slot            // of those the ones whose every clip is rejected
	Timed  uint64            // another number when the clock has made a clip eligible, or ineligible: ask again
}

// Slot is a gap as one type's plugin is asked to fill it.
type Slot struct {
	sdk.Slot
	Plugin   string
	Weight   int64
	Rejected []rotate.Rejection
}

// Open returns the gaps that are open, each with its slots and their eligible clips, before any plugin is asked.
func Open(v View) []Gap {
	if !v.Settings.Enabled || v.Locked || v.Held != "" || v.Shadow.OnAir() == nil {
		return nil
	}
	o := opener{v: v}
	return append(o.leadIns(), o.general()...) // what goes on last stands first
}

// OpenFor returns the lead-in gap of one paid target that is about to be listed, so that its plugin can be asked beside
// the add; nil when none is open.
func OpenFor(v View, target *shadow.Entry) []Gap {
	air := v.Shadow.OnAir()
	o := opener{v: v}
	if !v.Settings.Enabled || v.Locked || v.Held != "" || air == nil || !o.wantsLeadIn(target, air) {
		return nil
	}
	return []Gap{o.gap(RuleLeadIn, shadow.LeadIn, target)}
}

type opener struct {
	v      View
	etas   []int64
	listed map[sdk.Key]bool
	aired  map[string]int64
}

// general opens the gap before the next target when a general is due. Behind a lead-in that is on the air the slot of
// its target has passed; behind a general that is on the air there is no second one.
func (o *opener) general() []Gap {
	rule, due := Due(o.v)
	if !due || o.v.Shadow.OnAir().Role.Promo() {
		return nil
	}
	target := NextTarget(&o.v.Shadow)
	if target == nil || o.v.State.Skip == (Airing{target.ID, target.Airings}) {
		return nil
	}
	return []Gap{o.gap(rule, shadow.General, target)}
}

// leadIns opens the gap of the next target, and of every paid entry: a play-next item can start before anything else
// happens.
func (o *opener) leadIns() []Gap {
	var gaps []Gap
	next := NextTarget(&o.v.Shadow)
	air := o.v.Shadow.OnAir()
	for i := 1; i < o.v.Shadow.Len(); i++ {
		e := o.v.Shadow.At(i)
		if e != next && e.Role != shadow.Paid || !o.wantsLeadIn(e, air) {
			continue
		}
		gaps = append(gaps, o.gap(RuleLeadIn, shadow.LeadIn, e))
	}
	return gaps
}

func (o *opener) wantsLeadIn(e, air *shadow.Entry) bool {
	if e.Leaving != "" || e.Role.Promo() || air.Role == shadow.LeadIn && air.Target == e.ID {
		return false
	}
	if airing, barred := o.v.State.Barred[e.ID]; barred && airing == e.Airings {
		return false
	}
	return o.v.Shadow.LeadInOf(e) == nil
}

// NextTarget returns the next content entry whose airing is still to be prepared: behind a lead-in that is on the air
// its target belongs to the current block.
func NextTarget(s *shadow.Shadow) *shadow.Entry {
	air := s.OnAir()
	for i := 1; i < s.Len(); i++ {
		e := s.At(i)
		if e.Role.Promo() || e.Leaving != "" || air != nil && air.Role == shadow.LeadIn && air.Target == e.ID {
			continue
		}
		return e
	}
	return nil
}

func (o *opener) gap(rule string, role shadow.Role, target *shadow.Entry) Gap {
	g := Gap{Rule: rule, Role: role, Target: target}
	timed := fnv.New64a()
	for _, offer := range o.v.Offers {
		if !serves(offer.Type, role, target) {
			continue
		}
		slot, why := o.slot(offer, target)
		for _, r := range slot.Rejected {
			if byClock(r.Reason) {
				_, _ = fmt.Fprintln(timed, offer.Type.ID, r.Clip.Key) // a hash takes everything
				g.Timed = timed.Sum64()
			}
		}
		if why != "" {
			if len(slot.Rejected) > 0 {
				g.Shut = append(g.Shut, slot)
			}
			g.Closed = append(g.Closed, asrun.Candidate{PromoType: offer.Type.ID, Plugin: offer.Plugin, Rejected: why, Note: offer.Why})
			continue
		}
		g.Slots = append(g.Slots, slot)
	}
	return g
}

func serves(t sdk.PromoType, role shadow.Role, target *shadow.Entry) bool {
	if role == shadow.General {
		return t.Slot == sdk.General
	}
	if t.Slot != sdk.LeadIn {
		return false
	}
	paid := target.Role == shadow.Paid
	return t.Serves == sdk.ServesAny || paid == (t.Serves == sdk.ServesPaid)
}

// slot makes one type's slot, or says why it cannot be asked.
func (o *opener) slot(offer Offer, target *shadow.Entry) (s Slot, why string) {
	set := o.v.Settings.Type(offer.Type)
	pool := o.v.Pools[offer.Type.ID]
	switch {
	case !set.Enabled || offer.Type.Slot == sdk.General && set.Weight <= 0:
		return s, TypeDisabled
	case len(pool) == 0:
		return s, PoolEmpty
	case !offer.Ready:
		return s, Skipped
	}
	facts := o.facts(offer.Type.ID, target)
	clips, rejected := rotate.Eligible(pool, facts)
	if len(clips) == 0 {
		return Slot{Slot: sdk.Slot{PromoType: offer.Type.ID}, Plugin: offer.Plugin, Rejected: rejected}, o.common(rejected)
	}
	eta := o.eta(target)
	return Slot{Plugin: offer.Plugin, Weight: set.Weight, Rejected: rejected, Slot: sdk.Slot{
		ID:        fmt.Sprintf("%s.%d.%d", offer.Type.ID, target.ID, target.Airings),
		Kind:      offer.Type.Slot,
		PromoType: offer.Type.ID,
		Target:    Seen(target, max(eta, 0)),
		AirsAtMS:  o.v.NowMS + max(eta, 0),
		Clips:     o.dated(clips),
		Order:     set.Order,
		NoRepeat:  o.v.Settings.NoRepeat,
		LastClip:  o.v.State.LastClip[offer.Type.ID],
	}}, ""
}

// common is the reason that all clips of a pool share, if they do.
func (o *opener) common(rejected []rotate.Rejection) string {
	why := rejected[0].Reason
	for _, r := range rejected {
		if r.Reason != rejected[0].Reason {
			return NoEligibleClip
		}
		if r.Reason == rotate.SetAside && o.v.State.Refused[r.Clip.Key].Times < RefusalsMax {
			why = RefusedByChannel // before this target only
		}
	}
	return why
}

// Type returns the settings of a type: the owner's, else the plugin's defaults.
func (s Settings) Type(t sdk.PromoType) TypeSettings {
	if set, has := s.Types[t.ID]; has {
		return set
	}
	return TypeSettings{Enabled: true, Order: t.Order, Weight: int64(t.Weight)}
}

func (o *opener) facts(promoType string, target *shadow.Entry) rotate.Facts {
	if o.listed == nil && !o.v.Dupes {
		o.listed = listedClips(o.v)
	}
	aside := map[string]string{}
	for clip, r := range o.v.State.Refused {
		if r.Times >= RefusalsMax || r.At == (Airing{target.ID, target.Airings}) {
			aside[clip] = r.Why
		}
	}
	if o.aired == nil {
		o.aired = o.v.aired()
	}
	return rotate.Facts{SetAside: aside, Listed: o.listed, NoRepeat: o.v.Settings.NoRepeat, LastClip: o.v.State.LastClip[promoType],
		NowMS: o.v.NowMS, AirsAtMS: o.v.NowMS + max(o.eta(target), 0), Zone: o.v.Zone, AiredMS: o.aired}
}

// dated returns the clips as a plugin is told of them: when each aired last, and nothing of their terms.
func (o *opener) dated(clips []sdk.Clip) []sdk.Clip {
	out := make([]sdk.Clip, len(clips))
	for i, c := range clips {
		c.LastAiredMS, c.Terms = o.v.State.AiredMS[c.Key], sdk.Terms{}
		out[i] = c
	}
	return out
}

// aired is when each clip started last. A promo that waits on the list is as good as aired: what has to rest behind it
// rests.
func (v View) aired() map[string]int64 {
	var waiting []string
	for _, list := range [2][]*shadow.Entry{v.Shadow.Entries, v.Shadow.Waiting} {
		for _, e := range list {
			if e.Role.Promo() && e != v.Shadow.OnAir() {
				waiting = append(waiting, e.Media.Key().ClipKey())
			}
		}
	}
	if len(waiting) == 0 && v.State.AiredMS != nil {
		return v.State.AiredMS
	}
	aired := map[string]int64{}
	maps.Copy(aired, v.State.AiredMS)
	for _, clip := range waiting {
		aired[clip] = v.NowMS
	}
	return aired
}

// byClock reports whether time alone ends a reason.
func byClock(reason string) bool {
	return reason == rotate.OutsideDates || reason == rotate.OutsideWindow || reason == rotate.Resting
}

// listedClips are the media of the pools that are on the list. A list is long, pools are short: the map is made of those.
func listedClips(v View) map[sdk.Key]bool {
	clips := map[sdk.Key]bool{}
	for _, pool := range v.Pools {
		for _, c := range pool {
			clips[c.Media.Key()] = false
		}
	}
	for _, list := range [2][]*shadow.Entry{v.Shadow.Entries, v.Shadow.Waiting} {
		for _, e := range list {
			if _, clip := clips[e.Media.Key()]; clip {
				clips[e.Media.Key()] = true
			}
		}
	}
	return clips
}

func (o *opener) eta(target *shadow.Entry) int64 {
	if o.etas == nil {
		o.etas = o.v.Shadow.ETAs(o.v.OverheadMS, o.v.NowMS)
	}
	if i := o.v.Shadow.Place(target.ID); i >= 0 {
		return o.etas[i]
	}
	return -1
}

// Seen returns an entry as plugins see it.
func Seen(e *shadow.Entry, startsInMS int64) sdk.Entry {
	return sdk.Entry{ID: int64(e.ID), Media: e.Media, Role: string(e.Role), PromoType: e.PromoType,
		PaidBy: string(e.PaidBy), StartsInMS: startsInMS}
}
