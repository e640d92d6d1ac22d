package shadow

import "playbill/core/channel"

// GhostMS is how long after its end an item of ours that comes back is a ghost of a crashed channel (SPEC 2).
const GhostMS = 15 * 60 * 1000

// Shadow is one consistent view. Entries are the bound ones in list order; play order begins at Cur and wraps (At).
type Shadow struct {
	Rev     uint64 // grows when something structural changed
	Epoch   channel.Epoch
	Health  channel.Health
	Entries []*Entry
	Cur     int      // index of the entry on the air, -1: nothing plays
	Waiting []*Entry // wanted or sent, not seen yet; in order of their ids

	SinceMS  int64 // when the entry on the air was first seen there
	AtMS     int64 // when the last Good state was taken
	PlayedMS int64 // media milliseconds of the entry on the air at AtMS
	Rate     float64

	unsure EntryID             // was on the air when a state did not say what plays; 0: that is known
	over   int64               // of the last Good state: one that covers less is older
	blind  bool                // no Good state has been compared with what was stored
	left   []channel.Departure // of states that could not be believed; they count with the next Good one
	drops  []drop              // what we removed and a state may still show
	recent []*Entry            // ours that ended a short while ago, to know ghosts
}

// drop is an item that we removed: a state that does not cover command n may still list it.
type drop struct {
	ref channel.Ref
	n   int64
}

// Restore returns the shadow that a station starts from: what was stored when it last stopped. entries are not ended
// and in list order; recent are ours that ended within GhostMS.
func Restore(epoch channel.Epoch, entries, recent []*Entry, onAir EntryID, sinceMS int64) Shadow {
	s := Shadow{Epoch: epoch, Cur: -1, SinceMS: sinceMS, Rate: 1, blind: true, recent: recent}
	for _, e := range entries {
		if e.State != Bound {
			s.Waiting = append(s.Waiting, e)
			continue
		}
		if e.ID == onAir {
			s.Cur = len(s.Entries)
		}
		s.Entries = append(s.Entries, e)
	}
	return s
}

// Blind reports whether no Good state has been compared with what was stored.
func (s *Shadow) Blind() bool { return s.blind }

// Len is the number of listed entries.
func (s *Shadow) Len() int { return len(s.Entries) }

// At returns the i-th entry in play order; At(0) is on the air when something is.
func (s *Shadow) At(i int) *Entry {
	return s.Entries[(max(s.Cur, 0)+i)%len(s.Entries)]
}

// OnAir returns the entry on the air, or nil.
func (s *Shadow) OnAir() *Entry {
	if s.Cur < 0 || s.Cur >= len(s.Entries) {
		return nil
	}
	return s.Entries[s.Cur]
}

// Find returns the entry with this id, listed or waiting, or nil.
func (s *Shadow) Find(id EntryID) *Entry {
	if i := indexOf(s.Entries, id); i >= 0 {
		return s.Entries[i]
	}
	if i := indexOf(s.Waiting, id); i >= 0 {
		return s.Waiting[i]
	}
	return nil
}

// Place returns an entry's index in play order, or -1.
func (s *Shadow) Place(id EntryID) int {
	i := indexOf(s.Entries, id)
	if i < 0 {
		return -1
	}
	n := len(s.Entries)
	return (i - max(s.Cur, 0) + n) % n
}

// Next returns the entry that follows this one in play order, or nil when it is the last of the round: the entry on
// the air is not followed by itself.
func (s *Shadow) Next(id EntryID) *Entry {
	i := s.Place(id)
	if i < 0 || i+1 >= len(s.Entries) {
		return nil
	}
	return s.At(i + 1)
}

// LeadInOf returns the listed or waiting lead-in of this target's present airing, or nil.
func (s *Shadow) LeadInOf(target *Entry) *Entry {
	for _, list := range [2][]*Entry{s.Entries, s.Waiting} {
		for _, e := range list {
			if e.Role == LeadIn && e.Target == target.ID && e.Airing == target.Airings {
				return e
			}
		}
	}
	return nil
}

// With returns a shadow in which e stands for the entry with its id: a listed one in place, a waiting one in its place,
// a new one that is not listed behind the other waiting ones, an ended one nowhere.
func (s Shadow) With(e *Entry) Shadow {
	s.Rev++
	if i := indexOf(s.Entries, e.ID); i >= 0 {
		s.Entries = replaced(s.Entries, i, e)
		return s
	}
	i := indexOf(s.Waiting, e.ID)
	switch {
	case i >= 0 && e.State == Ended:
		s.Waiting = without(s.Waiting, i)
		s.remember(e)
	case i >= 0:
		s.Waiting = replaced(s.Waiting, i, e)
	case e.State != Ended:
		s.Waiting = append(s.Waiting[:len(s.Waiting):len(s.Waiting)], e)
	}
	return s
}

// remember keeps an ended entry of ours for as long as it may come back as a ghost.
func (s *Shadow) remember(e *Entry) {
	if !e.Temp || (e.Role == Content && e.SentAtMS == 0) {
		return
	}
	kept := make([]*Entry, 0, len(s.recent)+1)
	for _, r := range s.recent {
		if e.EndedAtMS-r.EndedAtMS < GhostMS {
			kept = append(kept, r)
		}
	}
	s.recent = append(kept, e)
}

func indexOf(list []*Entry, id EntryID) int {
	for i, e := range list {
		if e.ID == id {
			return i
		}
	}
	return -1
}

func replaced(list []*Entry, i int, e *Entry) []*Entry {
	out := append([]*Entry(nil), list...)
	out[i] = e
	return out
}

func without(list []*Entry, i int) []*Entry {
	out := make([]*Entry, 0, len(list)-1)
	out = append(out, list[:i]...)
	return append(out, list[i+1:]...)
}

func inserted(list []*Entry, i int, e *Entry) []*Entry {
	out := make([]*Entry, 0, len(list)+1)
	out = append(out, list[:i]...)
	out = append(out, e)
	return append(out, list[i:]...)
}
