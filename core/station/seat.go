package station

import (
	"math"

	"playbill/core/pay"
	"playbill/core/shadow"
)

// anchor returns the entry that a purchase belongs behind (JOINTS E): the end of the part of the run that comes before
// it. The run is the unbroken sequence of paid blocks behind the current block, promos being transparent. Nil when
// nothing plays.
func anchor(s *shadow.Shadow, open map[string]pay.Purchase, p pay.Purchase) *shadow.Entry {
	base := s.OnAir()
	if base == nil {
		return nil
	}
	from := 1
	if base.Role == shadow.LeadIn {
		if at := s.Place(base.Target); at > 0 {
			base, from = s.At(at), at+1
		}
	}
	for i := from; i < s.Len(); i++ {
		e := s.At(i)
		if e.Role.Promo() || e.Purchase != "" && e.Purchase == p.ID {
			continue
		}
		other, known := open[e.Purchase]
		if e.Role != shadow.Paid || !known || !precedes(other, p) {
			return base
		}
		base = e
	}
	return base
}

// Behind returns the entry that a new request of this tier would stand behind, or nil when nothing plays.
func Behind(v *View, tier string) *shadow.Entry {
	return anchor(&v.Shadow, v.Purchases, pay.Purchase{Tier: tier, Entry: math.MaxInt64})
}

// precedes reports whether a's place is before b's: play-next before queue, first come first served inside a tier.
func precedes(a, b pay.Purchase) bool {
	if a.Tier != b.Tier {
		return a.Tier == pay.PlayNext
	}
	return a.Entry < b.Entry // numbered as they are sold, whatever the clock said
}

// inPlace reports whether a purchase's entry stands behind its anchor, with nothing but promos between.
func inPlace(s *shadow.Shadow, open map[string]pay.Purchase, p pay.Purchase, e *shadow.Entry) bool {
	at, behind := s.Place(e.ID), anchor(s, open, p)
	if at <= 0 || behind == nil {
		return false
	}
	for i := at - 1; i >= 0; i-- {
		if before := s.At(i); before == behind || !before.Role.Promo() {
			return before == behind
		}
	}
	return false
}

func (m *mind) paidInPlace(e *shadow.Entry) bool {
	return inPlace(&m.shadow, m.purchases, m.purchases[e.Purchase], e)
}

// Position says up which position, counted in content, an entry is: 1 is next. 0: it is not behind the entry on the air.
func Position(s *shadow.Shadow, id shadow.EntryID) int {
	at, n := s.Place(id), 0
	for i := 1; i <= at; i++ {
		if !s.At(i).Role.Promo() {
			n++
		}
	}
	return n
}
