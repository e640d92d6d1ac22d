package api

import (
	"cmp"
	"fmt"
	"time"

	"playbill/sdk/rotate"
)

// The conditions of a pool.
const (
	PoolGood      = "good"
	PoolThin      = "thin"      // one clip: it will repeat
	PoolAside     = "set_aside" // the channel has refused some clips three times
	PoolEnding    = "ending"    // all its clips end soon
	PoolEmpty     = "empty"
	PoolDry       = "dry"   // no clip may air now: dates, hours, rest
	PoolNever     = "never" // no clip ever will: its hours never come between its dates
	PoolOff       = "off"
	PoolNotReady  = "not_ready"
	PoolNoPlugin  = "no_plugin"
	PoolRefused   = "refused" // the channel has refused every clip of it
	PoolSystemOff = "promos_off"
)

// PoolHealth is a condition with its sentence.
type PoolHealth struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
}

// Severity is how a condition is marked: good, warn, bad, or empty for what its owner has turned off.
func (h PoolHealth) Severity() string {
	switch h.State {
	case PoolGood, PoolThin:
		return "good"
	case PoolOff, PoolSystemOff:
		return ""
	case PoolRefused, PoolNoPlugin:
		return severityBad
	default:
		return severityWarn
	}
}

// judge says whether the pool can air, and what to do when it cannot.
func (p *Pool) judge(systemOn bool, offers map[string]offer, nowMS int64, zone *time.Location) PoolHealth {
	o, offered := offers[p.PromoType]
	switch {
	case !systemOn:
		return PoolHealth{PoolSystemOff, "Promos are turned off."}
	case !p.Enabled:
		return PoolHealth{PoolOff, "This type is turned off."}
	case !offered:
		return PoolHealth{PoolNoPlugin, "No plugin offers this type, so nothing of it airs."}
	case o.member.Disabled:
		return PoolHealth{PoolOff, "Its plugin “" + o.member.Plugin + "” is switched off."}
	case !o.member.Ready:
		return PoolHealth{PoolNotReady, "The plugin “" + o.member.Plugin + "” does not answer now: " + cmp.Or(o.member.Why, "it is not ready") + "."}
	case len(p.Playlists) == 0:
		return PoolHealth{PoolEmpty, "Empty: no saved playlist is tagged " + p.PromoType + "."}
	case len(p.Clips) == 0:
		return PoolHealth{PoolEmpty, "Empty: the tagged playlists have no clips."}
	}
	return p.judgeClips(nowMS, zone)
}

// judgeClips is about a pool that has some and may air them.
func (p *Pool) judgeClips(nowMS int64, zone *time.Location) PoolHealth {
	aside, why, last := 0, "", int64(0)
	endless := false
	for _, clip := range p.Clips {
		if clip.SetAside {
			aside++
			why = "“" + clip.Title + "” was refused three times: " + word(clip.RefusedWhy)
		} else if clip.EndsMS == 0 {
			endless = true
		} else {
			last = max(last, clip.EndsMS)
		}
	}
	switch {
	case aside == len(p.Clips):
		return PoolHealth{PoolRefused, "The channel has refused every clip three times. Replace them, or try them again."}
	case p.CanAir == 0 && !endless && last <= nowMS:
		return PoolHealth{PoolDry, "Every clip has ended. Nothing of it airs until there are new ones."}
	case p.CanAir == 0 && p.never():
		return PoolHealth{PoolNever, "No clip of it will ever air: their days and hours never come between their dates. Change the one or the other."}
	case p.CanAir == 0:
		return PoolHealth{PoolDry, "No clip may air now: " + p.notNow() + "." + p.nextWords(nowMS, zone)}
	case aside == 1:
		return PoolHealth{PoolAside, why}
	case aside > 0:
		return PoolHealth{PoolAside, fmt.Sprintf("%d of %d clips can air; the channel has refused the others three times.", p.CanAir, len(p.Clips))}
	case !endless && last-nowMS < endsSoonMS:
		return PoolHealth{PoolEnding, "All its clips end soon."}
	case len(p.Clips) == 1:
		return PoolHealth{PoolThin, "One clip: it airs every time."}
	case p.CanAir < len(p.Clips):
		return PoolHealth{PoolGood, fmt.Sprintf("%d of %d clips can air now.", p.CanAir, len(p.Clips))}
	default:
		return PoolHealth{PoolGood, fmt.Sprintf("%d clips.", len(p.Clips))}
	}
}

// never reports whether no clip that the channel takes will air again.
func (p *Pool) never() bool {
	for _, clip := range p.Clips {
		if !clip.SetAside && !clip.Never {
			return false
		}
	}
	return true
}

// nextWords says when the first clip may air, as a sentence behind another one; empty: not known.
func (p *Pool) nextWords(nowMS int64, zone *time.Location) string {
	first := int64(0)
	for _, clip := range p.Clips {
		if !clip.SetAside && clip.NextMS > nowMS && (first == 0 || clip.NextMS < first) {
			first = clip.NextMS
		}
	}
	if first == 0 {
		return ""
	}
	at, form := time.UnixMilli(first).In(zone), "15:04"
	if first-nowMS >= 20*3_600_000 {
		form = "Mon 2 Jan, 15:04"
	}
	return " The next one may from " + at.Format(form) + " on."
}

// endMS is when the last of the clips ends, UTC milliseconds; 0: some do not end.
func (p *Pool) endMS() int64 {
	last := int64(0)
	for _, clip := range p.Clips {
		if clip.EndsMS == 0 {
			return 0
		}
		last = max(last, clip.EndsMS)
	}
	return last
}

// notNow joins the reasons of the clips that may not air now.
func (p *Pool) notNow() string {
	all := map[string]bool{}
	for _, clip := range p.Clips {
		if clip.NotNow != nil {
			all[*clip.NotNow] = true
		}
	}
	var words []string
	for _, one := range []string{rotate.OutsideDates, rotate.OutsideWindow, rotate.Resting} {
		if all[one] {
			words = append(words, ReasonWords(one))
		}
	}
	return joined(words)
}

// word is a sentence of the channel's, or what stands for it when it gave none.
func word(why *string) string {
	if why == nil {
		return "it gave no reason."
	}
	return *why
}
