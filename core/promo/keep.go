package promo

import (
	"playbill/core/asrun"
	"playbill/core/shadow"
	"playbill/sdk"
	"playbill/sdk/rotate"
)

// Why a promo that waits is taken off again (JOINTS L).
const (
	HeldByEvent     = "held_by_event"
	SettingsChanged = "settings_changed"
	Lapsed          = "lapsed"
	TargetGone      = "target_gone"
	TargetOnAir     = "target_on_air"
	StateConflict   = "state_conflict" // a second general, or a second lead-in for one airing
)

// Keep looks at the promos that are there: each stands where it should, or is seated there, or is withdrawn. What must
// go comes first.
func Keep(v View) []Step {
	var steps, seats []Step
	air := v.Shadow.OnAir()
	v.surplus = surplus(&v.Shadow)
	for _, e := range v.Shadow.Waiting {
		if why := unwanted(v, e, air); e.Role.Promo() && e.Leaving == "" && why != "" {
			steps = append(steps, withdraw(v, e, why))
		}
	}
	for _, e := range v.Shadow.Entries {
		if !e.Role.Promo() || e.Leaving != "" {
			continue
		}
		if why := unwanted(v, e, air); why != "" {
			steps = append(steps, withdraw(v, e, why))
			continue
		}
		if e == air || air == nil || v.Held != "" {
			continue
		}
		if before := follower(&v.Shadow, e); before != 0 && !stands(&v.Shadow, e, before) {
			seats = append(seats, seat(v, e, before))
		}
	}
	return append(steps, seats...)
}

// unwanted says why a promo must go; empty: it may stay. One that is on the air goes only when its target has gone.
func unwanted(v View, e, air *shadow.Entry) string {
	if e == air {
		if e.Role == shadow.LeadIn && v.Shadow.Find(e.Target) == nil {
			return TargetGone
		}
		return ""
	}
	switch {
	case v.Locked:
		return HeldByEvent
	case !v.Settings.Enabled || disabled(v, e.PromoType):
		return SettingsChanged
	case !inPool(v, e):
		return Lapsed
	case lapsed(v, e) != "":
		return lapsed(v, e)
	case v.surplus[e.ID]:
		return StateConflict
	case e.Role == shadow.LeadIn:
		return targetLost(v, e, air)
	default:
		return ""
	}
}

// surplus are the promos beside which another one has their place already: the first in play order keeps it.
func surplus(s *shadow.Shadow) map[shadow.EntryID]bool {
	var second map[shadow.EntryID]bool
	taken := map[Airing]bool{} // the zero Airing is the general's
	take := func(e *shadow.Entry) {
		if !e.Role.Promo() || e.Leaving != "" {
			return
		}
		place := Airing{e.Target, e.Airing}
		if taken[place] {
			if second == nil {
				second = map[shadow.EntryID]bool{}
			}
			second[e.ID] = true
		}
		taken[place] = true
	}
	for i := range s.Entries {
		take(s.At(i))
	}
	for _, e := range s.Waiting {
		take(e)
	}
	return second
}

func targetLost(v View, e, air *shadow.Entry) string {
	target := v.Shadow.Find(e.Target)
	switch {
	case target == nil || target.Leaving != "":
		return TargetGone
	case target == air || target.Airings != e.Airing:
		return TargetOnAir
	default:
		return ""
	}
}

// disabled reports whether the owner turned a type off. A type that no plugin offers any more keeps what waits.
func disabled(v View, promoType string) bool {
	if set, has := v.Settings.Types[promoType]; has {
		return !set.Enabled
	}
	return false
}

func inPool(v View, e *shadow.Entry) bool {
	_, in := clipIn(v, e)
	return in
}

func clipIn(v View, e *shadow.Entry) (sdk.Clip, bool) {
	for _, c := range v.Pools[e.PromoType] {
		if c.Media.Key() == e.Media.Key() {
			return c, true
		}
	}
	return sdk.Clip{}, false
}

// lapsed says why the terms of a clip that waits forbid that it airs when it is expected to; empty: they do not.
func lapsed(v View, e *shadow.Entry) string {
	c, in := clipIn(v, e)
	if t := c.Terms; !in || t.StartsAtMS == 0 && t.EndsAtMS == 0 && t.RestMS == 0 && len(t.Windows) == 0 {
		return ""
	}
	return rotate.Facts{NowMS: v.NowMS, AirsAtMS: airsAt(v, e), Zone: v.Zone, AiredMS: v.State.AiredMS}.Forbids(c)
}

// airsAt is when a promo that waits is expected to air, from the place where it belongs: it may still have to be seated.
func airsAt(v View, e *shadow.Entry) int64 {
	at := e.ID
	if before := follower(&v.Shadow, e); before != 0 && !stands(&v.Shadow, e, before) {
		at = before
	}
	i := v.Shadow.Place(at)
	if i < 0 {
		return max(v.NowMS, e.PlannedAtMS)
	}
	return v.NowMS + max(v.Shadow.ETAs(v.OverheadMS, v.NowMS)[i], 0)
}

// follower returns the entry that a promo must stand directly before, or 0 when there is none yet.
func follower(s *shadow.Shadow, e *shadow.Entry) shadow.EntryID {
	if e.Role == shadow.LeadIn {
		if target := s.Find(e.Target); target != nil && target.Listed() {
			return target.ID
		}
		return 0
	}
	target := NextTarget(s)
	if target == nil {
		return 0
	}
	return blockHead(s, target)
}

// blockHead returns what a general must stand before: the target's lead-in when that stands in its place, else the
// target.
func blockHead(s *shadow.Shadow, target *shadow.Entry) shadow.EntryID {
	if in := s.LeadInOf(target); in != nil && in.Listed() && in != s.OnAir() && stands(s, in, target.ID) {
		return in.ID
	}
	return target.ID
}

// InPlace reports whether a promo stands where it belongs, or is on the air already.
func InPlace(s *shadow.Shadow, e *shadow.Entry) bool {
	if e == s.OnAir() {
		return true
	}
	before := follower(s, e)
	return before != 0 && stands(s, e, before)
}

func stands(s *shadow.Shadow, e *shadow.Entry, before shadow.EntryID) bool {
	next := s.Next(e.ID)
	return next != nil && next.ID == before
}

func seat(v View, e *shadow.Entry, before shadow.EntryID) Step {
	return Step{Kind: Seat, Entry: e.ID, Before: before, Decision: asrun.Decision{Target: int64(before), Rule: "seat",
		Outcome: OutcomeSeated, SettingsRev: v.Settings.Revision, Detail: asrun.Detail{PromoType: e.PromoType, Plugin: e.Plugin, Clip: e.Media.Title}}}
}

func withdraw(v View, e *shadow.Entry, why string) Step {
	return Step{Kind: Withdraw, Entry: e.ID, Reason: why, Decision: asrun.Decision{Target: int64(e.Target), Rule: "withdraw",
		Outcome: OutcomeWithdrawn, SettingsRev: v.Settings.Revision, Detail: asrun.Detail{PromoType: e.PromoType, Plugin: e.Plugin, Clip: e.Media.Title, Reason: why}}}
}
