package shadow

import "playbill/core/channel"

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
}

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
	for _, e := range s.Entries {
		if e.ID == id {
			return e
		}
	}
	for _, e := range s.Waiting {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// Place returns an entry's index in play order, or -1.
func (s *Shadow) Place(id EntryID) int {
	for i := range s.Entries {
		if s.At(i).ID == id {
			return i
		}
	}
	return -1
}
