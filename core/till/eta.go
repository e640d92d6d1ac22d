package till

import (
	"slices"

	"playbill/core/shadow"
	"playbill/core/station"
)

// expected says when a request of this tier would start, UTC milliseconds (0: not known), and up which place, counted
// in content. etas are the distances of its view.
func expected(v *station.View, tier string, etas []int64, nowMS int64) (startsMS int64, position int) {
	s := &v.Shadow
	next := behind(v, tier)
	for i := 1; i < next; i++ {
		if !s.At(i).Role.Promo() {
			position++
		}
	}
	position++
	for next < s.Len() && s.At(next).Role == shadow.General { // belongs to the gap: it plays before whatever comes next
		next++
	}
	if etas[next] < 0 {
		return 0, position
	}
	return nowMS + etas[next], position
}

// distances is how far off each entry is in play order, planned promos included as on the queue page, milliseconds, and
// behind them the end of the last one; negative where it is not known. Something must be on the air.
func distances(v *station.View, nowMS int64) []int64 {
	longer := *v
	s := &longer.Shadow
	s.Entries = slices.Insert(slices.Clone(s.Entries), s.Cur, &shadow.Entry{}) // the last place before the list begins again
	s.Cur++
	return longer.ETAs(nowMS)
}

// behind is the place in play order where a request of this tier would go.
func behind(v *station.View, tier string) int {
	return v.Shadow.Place(station.Behind(v, tier).ID) + 1
}
