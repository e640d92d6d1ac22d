package shadow

import "playbill/core/channel"

// How many consecutive Good states must lack an entry before its absence is a fact: one when the channel pushes, two
// when we poll, three when a polled list is empty or has lost most of what is ours (SPEC 2).
const (
	missesPushed  = 1
	missesPolled  = 2
	missesDoubted = 3
)

// keepUnproven puts back the old entries that the state does not show but does not disprove either, each behind its
// old neighbour, and holds those of which the state is too old to speak at their place.
func (o *observer) keepUnproven(list []*Entry, kept map[EntryID]bool) []*Entry {
	enough := o.missesNeeded(kept)
	var before EntryID
	for _, e := range o.old.Entries {
		switch {
		case kept[e.ID] && e.SentN <= o.u.Over:
		case kept[e.ID]: // listed, but where it stands may be older than our own move
			list = o.hold(list, e, before)
		case o.departed(e): // it left the air and, being temporary, the list
			continue
		case e.SentN > o.u.Over && !o.ch.Rebound:
			list = o.putBack(list, e, before)
		case e.Misses+1 < enough && !o.s.blind:
			n := *e
			n.Misses++
			list = o.putBack(list, &n, before)
		default:
			continue
		}
		before = e.ID
	}
	return list
}

func (o *observer) missesNeeded(kept map[EntryID]bool) int {
	if o.u.Certain {
		return missesPushed
	}
	ours, found := 0, 0
	for _, e := range o.old.Entries {
		if e.Role != Content {
			ours++
			if kept[e.ID] {
				found++
			}
		}
	}
	if len(o.u.List) == 0 || found*2 < ours {
		return missesDoubted
	}
	return missesPolled
}

func (o *observer) departed(e *Entry) bool {
	for i := range o.u.Left {
		d := &o.u.Left[i]
		if e.Temp && d.Epoch == e.Bind.Epoch && d.Item.UID == e.Bind.UID {
			return true
		}
	}
	return false
}

func (o *observer) hold(list []*Entry, e *Entry, before EntryID) []*Entry {
	at := indexOf(list, e.ID)
	now := list[at]
	if at > 0 && list[at-1].ID == before || at == 0 && before == 0 {
		return list
	}
	return o.putBack(append(list[:at], list[at+1:]...), now, before)
}

func (o *observer) putBack(list []*Entry, e *Entry, before EntryID) []*Entry {
	return inserted(list, indexOf(list, before)+1, e)
}

// endMissing ends every old entry that is not in the list any more.
func (o *observer) endMissing(list []*Entry) {
	if len(list) == len(o.old.Entries) && len(o.ch.Appeared) == 0 && len(o.ch.Claimed) == 0 {
		o.ch.Moved = o.ch.Moved || o.reordered(list)
		return
	}
	here := make(map[EntryID]bool, len(list))
	for _, e := range list {
		here[e.ID] = true
	}
	for _, e := range o.old.Entries {
		if here[e.ID] {
			continue
		}
		how := o.howGone(e)
		if aired := o.aired[e.ID]; aired != nil {
			e = aired
		}
		o.end(e, how)
	}
	o.ch.Moved = o.ch.Moved || o.reordered(list)
}

// howGone says why an entry that was listed is not.
func (o *observer) howGone(e *Entry) string {
	for i := len(o.ch.Left) - 1; i >= 0; i-- {
		if o.ch.Left[i].Entry.ID == e.ID {
			return o.ch.Left[i].How
		}
	}
	switch {
	case e.Leaving != "":
		return Withdrawn
	case (o.s.blind || o.u.Gap) && o.passed(e):
		return Passed
	case o.s.blind || o.u.Gap || o.ch.Rebound:
		return Lost
	default:
		return channel.Removed
	}
}

// passed reports whether the entry now on the air stood behind e in the last order that was known: then e played.
func (o *observer) passed(e *Entry) bool { return o.place > o.old.Place(e.ID) }

func (o *observer) end(e *Entry, how string) {
	n := *e
	n.State, n.EndedAtMS, n.EndedHow, n.Proposal, n.Misses = Ended, o.nowMS, how, nil, 0
	o.ch.Ended = append(o.ch.Ended, &n)
	o.s.remember(&n)
}

// reordered reports whether the entries that stayed stand in another order than before.
func (o *observer) reordered(list []*Entry) bool {
	last := int64(0)
	for _, e := range list {
		if e.Ord == 0 {
			continue
		}
		if e.Ord <= last {
			return true
		}
		last = e.Ord
	}
	return false
}

// endWaiting ends the adds of which this state says that they never came.
func (o *observer) endWaiting() {
	rest := o.s.Waiting[:0:0]
	for i, w := range o.s.Waiting {
		if o.claims[i] {
			continue
		}
		if w.State != Sent || o.u.Over < w.SentN {
			rest = append(rest, w)
			continue
		}
		if !o.u.Certain && w.Misses+1 < missesPolled {
			n := *w
			n.Misses++
			rest = append(rest, &n)
			continue
		}
		o.end(w, NeverCame)
	}
	o.s.Waiting = rest
}
