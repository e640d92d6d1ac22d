package promo

import (
	"cmp"
	"maps"

	"playbill/core/asrun"
	"playbill/core/shadow"
	"playbill/sdk"
)

// The rules by which a slot is open.
const (
	RuleItems   = "cadence_items"
	RuleMinutes = "cadence_minutes"
	RuleLeadIn  = "lead_in"
)

// Counts reports whether an airing has been on the air long enough to count: MinAirtimeMS of media time, its whole
// length if that is shorter. Promos never count, nor does what began while the cadence stood still.
func Counts(r asrun.Row, airMS int64, set Settings) bool {
	if r.Counted || r.Held || shadow.Role(r.Role).Promo() {
		return false
	}
	need := set.MinAirtimeMS
	if r.LengthMS > 0 {
		need = min(need, r.LengthMS)
	}
	return airMS >= need
}

// Aired folds one airing into the cadence: a general that started begins a new count, a content entry that counted
// adds to it, a lead-in that started is the only one its target gets this time.
func (s State) Aired(r asrun.Row) State {
	switch {
	case shadow.Role(r.Role) == shadow.General:
		s.Counted, s.LastGeneralMS, s.Skip = 0, r.StartedAtMS, Airing{}
		s.CreditBefore = nil
		s.LastAired = set(s.LastAired, r.PromoType, clipOf(r))
		s.AiredMS = airedAt(s.AiredMS, clipOf(r), r.StartedAtMS)
	case shadow.Role(r.Role) == shadow.LeadIn:
		s.LastAired = set(s.LastAired, r.PromoType, clipOf(r))
		s.AiredMS = airedAt(s.AiredMS, clipOf(r), r.StartedAtMS)
	case r.Counted:
		s.Counted++
	}
	return s
}

// airedAt notes when a clip started.
func airedAt(m map[string]int64, clip string, atMS int64) map[string]int64 {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]int64{}
	}
	m[clip] = max(m[clip], atMS)
	if len(m) > airedMax {
		oldest := clip
		for c, at := range m {
			if at < m[oldest] || at == m[oldest] && c < oldest {
				oldest = c
			}
		}
		delete(m, oldest)
	}
	return m
}

// Due reports whether a general promo is due, and by which rule. While one is placed and has not aired it reserves the
// slot, and nothing is due.
func Due(v View) (rule string, due bool) {
	if !v.Settings.Enabled || v.Locked || generalWaits(&v.Shadow) {
		return "", false
	}
	if v.Settings.EveryItems > 0 && v.State.Counted >= v.Settings.EveryItems {
		return RuleItems, true
	}
	if v.Settings.EveryMS >= 0 && v.NowMS-v.State.LastGeneralMS >= v.Settings.EveryMS {
		return RuleMinutes, true
	}
	return "", false
}

func generalWaits(s *shadow.Shadow) bool {
	air := s.OnAir()
	for _, list := range [2][]*shadow.Entry{s.Entries, s.Waiting} {
		for _, e := range list {
			if e.Role == shadow.General && e != air {
				return true
			}
		}
	}
	return false
}

// placed is the state once a clip was chosen for a slot.
func (s State) placed(promoType, clip string, credit map[string]int64) State {
	s.LastClip = set(s.LastClip, promoType, clip)
	if credit != nil {
		s.CreditBefore, s.Credit = s.Credit, credit
	}
	return s
}

// NeverAired gives back what a promo took that ended without having aired: the last clip of its type is then that of
// the newest one that still waits in now, else the one that aired last; a general gives back the credits too.
func (s State) NeverAired(e *shadow.Entry, now *shadow.Shadow) State {
	if s.LastClip[e.PromoType] == e.Media.Key().ClipKey() {
		s.LastClip = set(s.LastClip, e.PromoType, cmp.Or(newestClip(now, e), s.LastAired[e.PromoType]))
	}
	if e.Role == shadow.General && s.CreditBefore != nil {
		s.Credit, s.CreditBefore = s.CreditBefore, nil
	}
	return s
}

// newestClip is the clip that was placed last of those of e's type that are there without it; empty: none.
func newestClip(now *shadow.Shadow, e *shadow.Entry) string {
	var newest *shadow.Entry
	for _, list := range [2][]*shadow.Entry{now.Entries, now.Waiting} {
		for _, x := range list {
			if x.Role.Promo() && x.PromoType == e.PromoType && x.ID != e.ID && (newest == nil || x.ID > newest.ID) {
				newest = x
			}
		}
	}
	if newest == nil {
		return ""
	}
	return newest.Media.Key().ClipKey()
}

func clipOf(r asrun.Row) string { return sdk.Key{Type: r.MediaType, ID: r.MediaID}.ClipKey() }

// RemovedByPerson remembers that somebody took a promo off the list: a general is not due again before the same
// target, a lead-in not for the same airing of its target.
func (s State) RemovedByPerson(e, target *shadow.Entry) State {
	switch {
	case target == nil:
	case e.Role == shadow.General:
		s.Skip = Airing{target.ID, target.Airings}
	case e.Role == shadow.LeadIn:
		s = s.Bar(e.Target, e.Airing)
	}
	return s
}

// Bar remembers that an airing of a target gets no further lead-in.
func (s State) Bar(target shadow.EntryID, airing int64) State {
	barred := maps.Clone(s.Barred)
	if barred == nil {
		barred = map[shadow.EntryID]int64{}
	}
	barred[target] = airing
	s.Barred = barred
	return s
}

// RefusedByChannel counts a refusal of a clip before a target.
func (s State) RefusedByChannel(clip, why string, at Airing) State {
	refused := maps.Clone(s.Refused)
	if refused == nil {
		refused = map[string]Refused{}
	}
	refused[clip] = Refused{Times: refused[clip].Times + 1, Why: why, At: at}
	s.Refused = refused
	return s
}

// Accepted forgets the refusals of a clip that the channel took.
func (s State) Accepted(clip string) State {
	if _, was := s.Refused[clip]; was {
		s.Refused = maps.Clone(s.Refused)
		delete(s.Refused, clip)
	}
	return s
}

// Forget drops what is remembered about entries that are not there any more.
func (s State) Forget(there func(shadow.EntryID) bool) State {
	for id := range s.Barred {
		if !there(id) {
			barred := maps.Clone(s.Barred)
			maps.DeleteFunc(barred, func(id shadow.EntryID, _ int64) bool { return !there(id) })
			s.Barred = barred
			return s
		}
	}
	return s
}

func set(m map[string]string, k, v string) map[string]string {
	if m[k] == v {
		return m
	}
	m = maps.Clone(m)
	if m == nil {
		m = map[string]string{}
	}
	m[k] = v
	return m
}
