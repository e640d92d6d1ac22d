package station

import (
	"slices"

	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/shadow"
)

// The places that an admin names. They stay right while the list moves.
const (
	Top    = "top" // behind what is on the air
	End    = "end" // in play order: before the list comes round again
	After  = "after"
	Before = "before"
)

// Spot is a place on the list.
type Spot struct {
	Where string         // Top, End, After or Before
	Entry shadow.EntryID // of After and Before
}

// place is a Spot as the list is now.
type place struct {
	behind *shadow.Entry // nil: the list is empty
	note   string        // why it is not exactly the place that was named
}

// find returns the place of a Spot for an entry, or for a new one (nil). What stands between a lead-in and its title is
// before both; what would stand inside an event is refused.
func find(v *View, e *shadow.Entry, to Spot) (place, error) {
	rest := without(&v.Shadow, e)
	if len(rest) == 0 {
		return place{}, nil
	}
	at, err := index(v, rest, to)
	if err != nil {
		return place{}, err
	}
	out := place{}
	if air := rest[0]; air == v.Shadow.OnAir() && air.Role == shadow.LeadIn {
		if title := indexOf(rest, air.Target); at < title {
			at, out.note = title, called(air)+" belongs to "+called(rest[title])+", so it stands behind that."
		}
	}
	for at > 0 && rest[at].Role == shadow.LeadIn {
		if rest[at].Target != to.Entry {
			out.note = called(rest[at]) + " stays with the title behind it, so it stands before both."
		}
		at--
	}
	for at+1 < len(rest) && rest[at+1].Role == shadow.General && at == 0 {
		at++ // it belongs before the next title, whichever that is
	}
	if to.Where != After && to.Where != Before {
		out.note = ""
	}
	if last := lastOfEvent(v, rest); at < last {
		return place{}, fault.New(fault.EventLock, "That place is inside the event that is under way, whose titles stay together. Behind "+
			called(rest[last])+" it is free.")
	}
	out.behind = rest[at]
	return out, nil
}

// index returns behind which of the others a Spot is.
func index(v *View, rest []*shadow.Entry, to Spot) (int, error) {
	if v.Shadow.OnAir() == nil && to.Where != End {
		return 0, fault.New(fault.NoAnchor, "What is on the screen is not known now, so no place can be named. Try again in a moment.")
	}
	switch to.Where {
	case Top:
		return 0, nil
	case End:
		return len(rest) - 1, nil
	}
	at := indexOf(rest, to.Entry)
	switch {
	case at < 0:
		return 0, fault.New(fault.NotFound, "The entry beside which it should stand is not on the list any more.")
	case to.Where == After:
		return at, nil
	case at == 0:
		return 0, fault.New(fault.Conflict, called(rest[0])+" is on the screen. Nothing comes before it.")
	default:
		return at - 1, nil
	}
}

// without is the list in play order without an entry and its lead-in, which follows it.
func without(s *shadow.Shadow, e *shadow.Entry) []*shadow.Entry {
	var in *shadow.Entry
	if e != nil {
		in = s.LeadInOf(e)
	}
	out := make([]*shadow.Entry, 0, s.Len())
	for i := range s.Len() {
		if x := s.At(i); x != e && (x != in || x == s.OnAir()) {
			out = append(out, x)
		}
	}
	return out
}

// stands reports whether an entry stands behind another one already, its own promos between them.
func stands(s *shadow.Shadow, e, behind *shadow.Entry) bool {
	for i := s.Place(e.ID) - 1; i >= 0; i-- {
		if x := s.At(i); x == behind || x.Role != shadow.LeadIn {
			return x == behind
		}
	}
	return false
}

// lastOfEvent is the index of the last title of the event that is under way; -1: none is.
func lastOfEvent(v *View, rest []*shadow.Entry) int {
	last := -1
	for i, e := range rest {
		if v.Gate.PromosClosed && e.Role == shadow.Event {
			last = i
		}
	}
	return last
}

// settledIn reports whether a paid entry has been seen in the place that was paid for, and need not be brought back there.
func settledIn(v *View, e *shadow.Entry) bool {
	return v.Purchases[e.Purchase].State == pay.Placed && !v.reseat[e.Purchase]
}

func indexOf(list []*shadow.Entry, id shadow.EntryID) int {
	return slices.IndexFunc(list, func(e *shadow.Entry) bool { return e.ID == id })
}
