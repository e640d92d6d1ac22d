package shadow

import (
	"slices"

	"playbill/core/channel"
)

// How many consecutive Good states must lack an entry before its absence is a fact: one when the channel pushes, two
// when we poll, three when a polled list is empty or has lost most of what is ours (SPEC 2).
const (
	missesPushed  = 1
	missesPolled  = 2
	missesDoubted = 3
)

// keepUnproven puts back the old entries that the state does not show but does not disprove either, each behind its
// old neighbour, and holds those of which the state is too old to speak at their place.
func (o *observer) keepUnproven(list []*Entry) []*Entry {
	enough := o.missesNeeded()
	back := backlog{behind: map[EntryID][]*Entry{}, held: map[EntryID]bool{}}
	for i, e := range o.old.Entries {
		switch {
		case o.here[i] && !o.tooOldFor(e):
			back.after = e.ID
		case o.here[i]: // listed, but where it stands may be older than our own move
			back.hold(e)
		case slices.Contains(o.stayed, e.ID) || o.departed(e): // it left the air and, being temporary or another one now, the list
		case o.tooOldFor(e) && !o.ch.Rebound:
			o.here[i] = true
			back.put(e)
		case e.Misses+1 < enough && !o.s.blind:
			n := *e
			n.Misses++
			o.here[i] = true
			back.put(&n)
		}
	}
	return back.into(list)
}

// tooOldFor reports whether the state may have been taken before our last command about a listed entry. That is one of this
// connection: a new epoch binds anew. Whatever may still come of an earlier one will be seen to come.
func (o *observer) tooOldFor(e *Entry) bool { return e.SentN > 0 && !o.shows(e.SentN) }

// shows reports whether the effect of a command of this connection is in the state.
func (o *observer) shows(n int64) bool { return n <= max(o.u.Over, o.u.Shown) }

// backlog is what stands behind which listed entry, although the state does not say so.
type backlog struct {
	after  EntryID // the last entry that stays where the state shows it; 0: none
	behind map[EntryID][]*Entry
	held   map[EntryID]bool // listed, and taken to another place
}

func (b *backlog) put(e *Entry) { b.behind[b.after] = append(b.behind[b.after], e) }

func (b *backlog) hold(e *Entry) {
	b.held[e.ID] = true
	b.put(e)
}

// into returns the list with everything at its place.
func (b *backlog) into(list []*Entry) []*Entry {
	if len(b.behind) == 0 {
		return list
	}
	shown := make(map[EntryID]*Entry, len(b.held))
	for _, e := range list {
		if b.held[e.ID] {
			shown[e.ID] = e
		}
	}
	out := make([]*Entry, 0, len(list)+len(b.behind))
	place := func(at EntryID) {
		for _, e := range b.behind[at] {
			if now := shown[e.ID]; now != nil {
				e = now // as the state shows it, but for its place
			}
			out = append(out, e)
		}
	}
	place(0)
	for _, e := range list {
		if !b.held[e.ID] {
			out = append(out, e)
			place(e.ID)
		}
	}
	return out
}

func (o *observer) missesNeeded() int {
	if o.u.Certain {
		return missesPushed
	}
	ours, found := 0, 0
	for i, e := range o.old.Entries {
		if e.Role != Content {
			ours++
			if o.here[i] {
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

// endMissing ends every old entry that is not in the list any more.
func (o *observer) endMissing(list []*Entry) {
	if len(list) == len(o.old.Entries) && len(o.ch.Appeared) == 0 && len(o.ch.Claimed) == 0 {
		o.ch.Moved = o.ch.Moved || o.reordered(list)
		return
	}
	for i, e := range o.old.Entries {
		if o.here[i] {
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

// passed reports whether the entry now on the air stood behind e in the last order that was known, and there was time for
// everything up to e to play since then: then e played. A channel that crashed goes back to an older list and another
// item; what that skipped did not play, and a list that shows what had left it already says so.
func (o *observer) passed(e *Entry) bool {
	place := o.old.Place(e.ID)
	if o.place <= place || o.older {
		return false
	}
	if o.old.SinceMS == 0 {
		return true
	}
	var lengthMS int64
	for i := range place + 1 {
		lengthMS += o.old.At(i).Media.DurationMS
	}
	return o.nowMS-o.old.SinceMS+passedSlackMS >= wall(lengthMS, o.old.Rate)
}

// passedSlackMS is how much less than its length an item may have been on the air to have played while nobody looked.
const passedSlackMS = 3000

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
		if w.Firing != 0 && w.Leaving == "" { // an event's title that never came is still wanted
			n := *w
			n.State, n.SentAtMS, n.SentN = Wanted, 0, 0
			rest = append(rest, &n)
			continue
		}
		o.end(w, NeverCame)
	}
	o.s.Waiting = rest
}
