package shadow

import (
	"slices"

	"playbill/core/channel"
)

// Fold takes in the result of our own command about entry id, so that the next state does not look like a stranger's
// edit. What the channel confirmed has been observed; what is unknown changes nothing but the number to wait for; an
// entry that was refused is left to the caller, who knows whether it is sent again.
func (s Shadow) Fold(id EntryID, c channel.Command, r channel.Result, nowMS int64) (Shadow, Changes) {
	e := s.Find(id)
	if e == nil {
		return s, Changes{}
	}
	if r.Outcome != channel.Done {
		return s.waitFor(e, r), Changes{}
	}
	switch c := c.(type) {
	case channel.Add:
		return s.foldAdd(e, c, r, nowMS)
	case channel.Move:
		return s.foldMove(e, c, r)
	case channel.Remove:
		return s.foldRemove(e, r, nowMS)
	default:
		return s, Changes{}
	}
}

// waitFor notes which command an entry that is not listed yet waits for. A listed one is where states show it: of a command
// that nobody confirmed nothing was taken for granted.
func (s Shadow) waitFor(e *Entry, r channel.Result) Shadow {
	if r.Outcome != channel.Unknown || e.State == Bound {
		return s
	}
	n := *e
	n.SentN = r.N
	return s.With(&n)
}

func (s Shadow) foldAdd(e *Entry, c channel.Add, r channel.Result, nowMS int64) (Shadow, Changes) {
	n := *e
	n.SentN = r.N
	if e.State == Bound { // a state has shown it before its result came
		return s.With(&n), Changes{}
	}
	n.State, n.Bind, n.Misses = Bound, r.Item, 0
	if r.Item.Epoch != s.Epoch {
		n.State, n.Bind = Sent, channel.Ref{} // of another epoch: the next state binds it
		return s.With(&n), Changes{}
	}
	s.Waiting = without(s.Waiting, indexOf(s.Waiting, e.ID))
	if at := slices.IndexFunc(s.Entries, func(x *Entry) bool { return x.Bind == r.Item }); at >= 0 {
		return s.takeOver(&n, at, nowMS)
	}
	at := len(s.Entries)
	if c.Next && s.Cur >= 0 {
		at = s.Cur + 1
	}
	s.place(&n, at)
	return s, Changes{Claimed: []*Entry{s.Find(e.ID)}}
}

// takeOver makes e stand for an item that a state has shown already and that was not recognised: a channel may list a
// media under another id than was sent.
func (s Shadow) takeOver(e *Entry, at int, nowMS int64) (Shadow, Changes) {
	stranger := *s.Entries[at]
	e.Ord, e.Airings, e.AiredAtMS = stranger.Ord, stranger.Airings, stranger.AiredAtMS
	s.Entries = replaced(s.Entries, at, e)
	s.Rev++
	stranger.State, stranger.EndedAtMS, stranger.EndedHow = Ended, nowMS, Merged
	return s, Changes{Claimed: []*Entry{e}, Ended: []*Entry{&stranger}}
}

func (s Shadow) foldMove(e *Entry, c channel.Move, r channel.Result) (Shadow, Changes) {
	from := indexOf(s.Entries, e.ID)
	if from < 0 || e.Bind != c.Item {
		return s, Changes{}
	}
	air := s.OnAir()
	s.Entries = without(s.Entries, from)
	at := 0
	for i, x := range s.Entries {
		if x.Bind == c.After {
			at = i + 1
		}
	}
	n := *e
	n.SentN = r.N
	s.Cur = -1
	s.place(&n, at)
	if air != nil {
		s.Cur = indexOf(s.Entries, air.ID) // also when it is what was moved: a delayed move may find it on the air
	}
	return s, Changes{}
}

// place puts e at a list index; the entry on the air stays on the air.
func (s *Shadow) place(e *Entry, at int) {
	s.Entries = inserted(s.Entries, at, e)
	if s.Cur >= at {
		s.Cur++
	}
	settleOrder(s.Entries)
	s.Rev++
}

// foldRemove ends an entry that the channel confirmed to have removed. One on the air is left to the next state, which
// says how much of it played. So is a paid one: it may have begun a moment before it was removed, which the channel does not
// say with the removal, and then it was sold.
func (s Shadow) foldRemove(e *Entry, r channel.Result, nowMS int64) (Shadow, Changes) {
	at := indexOf(s.Entries, e.ID)
	if at < 0 || at == s.Cur || e.Role == Paid {
		return s, Changes{}
	}
	s.drops = append(s.drops[:len(s.drops):len(s.drops)], drop{e.Bind, r.N})
	s.Entries = without(s.Entries, at)
	if s.Cur > at {
		s.Cur--
	}
	s.Rev++
	n := *e
	n.State, n.EndedAtMS, n.EndedHow, n.Proposal = Ended, nowMS, Withdrawn, nil
	s.remember(&n)
	return s, Changes{Ended: []*Entry{&n}}
}

// Changed returns the entries of now that are not the same rows as in before: new ones and ones whose stored part
// differs. Those that were listed before and are listed now and differ in their binding alone come apart, in rebound: after
// a reconnect that is the whole list. Ended entries are in neither; Changes.Ended has those.
func Changed(before, now *Shadow) (rows, rebound []*Entry) {
	odd := unaligned(nil, before.Entries, now.Entries)
	odd = unaligned(odd, before.Waiting, now.Waiting)
	if len(odd) == 0 {
		return nil, nil
	}
	index := make(map[EntryID]*Entry, len(odd))
	for _, e := range odd {
		index[e.ID] = nil
	}
	for _, list := range [2][]*Entry{before.Entries, before.Waiting} {
		for _, old := range list {
			if _, asked := index[old.ID]; asked {
				index[old.ID] = old
			}
		}
	}
	for _, e := range odd {
		switch old := index[e.ID]; {
		case old == nil:
			rows = append(rows, e)
		case old == e || stored(*old) == stored(*e):
		case old.State == Bound && e.State == Bound && unbound(*old) == unbound(*e):
			rebound = append(rebound, e)
		default:
			rows = append(rows, e)
		}
	}
	return rows, rebound
}

// unaligned appends the entries of now that do not simply continue before: both are walked side by side.
func unaligned(odd, before, now []*Entry) []*Entry {
	next := 0
	for _, e := range now {
		switch {
		case next < len(before) && before[next] == e:
			next++
		case next+1 < len(before) && before[next+1] == e:
			next += 2
		default:
			odd = append(odd, e)
			if next < len(before) && before[next].ID == e.ID {
				next++
			}
		}
	}
	return odd
}

// stored blanks what lives in memory only.
func stored(e Entry) Entry {
	e.Misses, e.SentN = 0, 0
	return e
}

// unbound is what is stored but for the binding.
func unbound(e Entry) Entry {
	e = stored(e)
	e.Bind = channel.Ref{}
	return e
}
