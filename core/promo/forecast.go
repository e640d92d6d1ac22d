package promo

import (
	"playbill/core/shadow"
	"playbill/sdk"
	"playbill/sdk/rotate"
)

// ForecastEntries is how far ahead a forecast looks.
const ForecastEntries = 40

// Planned is a promo that is expected before an entry and not placed yet.
type Planned struct {
	Role      shadow.Role
	PromoType string         // empty: which general type is not drawn yet
	Before    shadow.EntryID // the entry in front of whose block it is expected
	Clip      sdk.Media      // zero: not chosen yet
	LengthMS  int64          // the mean of the clips that it may be
}

// Forecast says which promos are to be expected among the next entries, from what the cadence has counted and what the
// owner has set. It asks no plugin, so it knows neither the clip nor, among several general types, the type.
func Forecast(v View) []Planned {
	air := v.Shadow.OnAir()
	if air == nil || !v.Settings.Enabled || v.Locked {
		return nil
	}
	f := forecaster{v: v, etas: v.Shadow.ETAs(v.OverheadMS, v.NowMS), counted: v.State.Counted, lastMS: v.State.LastGeneralMS}
	if !air.Role.Promo() && v.AirMS < v.Settings.MinAirtimeMS {
		f.counted++ // it will have counted before the next one starts
	}
	f.reserved = generalWaits(&v.Shadow)
	for i := 1; i < v.Shadow.Len() && i <= ForecastEntries; i++ {
		f.entry(i, v.Shadow.At(i))
	}
	return f.planned
}

type forecaster struct {
	v        View
	etas     []int64
	counted  int
	lastMS   int64
	reserved bool // a general is placed and has not come yet
	planned  []Planned
}

func (f *forecaster) entry(i int, e *shadow.Entry) {
	startsMS := f.v.NowMS + max(f.etas[i], 0)
	switch e.Role {
	case shadow.General:
		f.counted, f.lastMS, f.reserved = 0, startsMS, false
		return
	case shadow.LeadIn:
		return
	}
	if f.generalDue(startsMS) {
		if p, any := f.expected(shadow.General, e, startsMS); any {
			f.planned = append(f.planned, p)
			f.counted, f.lastMS = 0, startsMS
		}
	}
	if f.v.Shadow.LeadInOf(e) == nil && (e.Role == shadow.Paid || e.Media.DurationMS >= f.v.Settings.MovieThresholdMS) {
		if airing, barred := f.v.State.Barred[e.ID]; !barred || airing != e.Airings {
			if p, any := f.expected(shadow.LeadIn, e, startsMS); any {
				f.planned = append(f.planned, p)
			}
		}
	}
	f.counted++
}

func (f *forecaster) generalDue(atMS int64) bool {
	set := f.v.Settings
	return !f.reserved && (set.EveryItems > 0 && f.counted >= set.EveryItems || set.EveryMS >= 0 && atMS-f.lastMS >= set.EveryMS)
}

// expected describes the promo that one of the enabled types with clips would place.
func (f *forecaster) expected(role shadow.Role, target *shadow.Entry, startsMS int64) (p Planned, any bool) {
	p = Planned{Role: role, Before: target.ID}
	total, clips := int64(0), int64(0)
	types := 0
	for _, o := range f.v.Offers {
		set, pool := f.v.Settings.Type(o.Type), f.airable(o.Type.ID, startsMS)
		if !serves(o.Type, role, target) || !o.Ready || !set.Enabled || len(pool) == 0 || role == shadow.General && set.Weight <= 0 {
			continue
		}
		types++
		p.PromoType = o.Type.ID
		for _, c := range pool {
			total, clips = total+c.Media.DurationMS, clips+1
		}
	}
	if types == 0 {
		return p, false
	}
	if types > 1 {
		p.PromoType = ""
	}
	p.LengthMS = total / clips
	return p, true
}

// airable are the clips of a pool whose terms allow an airing then, as far as can be said now.
func (f *forecaster) airable(promoType string, startsMS int64) []sdk.Clip {
	facts := rotate.Facts{NowMS: startsMS, AirsAtMS: startsMS, Zone: f.v.Zone, AiredMS: f.v.State.AiredMS}
	var clips []sdk.Clip
	for _, c := range f.v.Pools[promoType] {
		if facts.Forbids(c) == "" {
			clips = append(clips, c)
		}
	}
	return clips
}
