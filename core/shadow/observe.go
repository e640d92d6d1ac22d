package shadow

import (
	"playbill/core/channel"
	"playbill/sdk"
)

// Advance is one entry that left the air.
type Advance struct {
	Entry    *Entry
	PlayedMS int64
	AtMS     int64
	How      string
	Unseen   bool // it had started and ended between two states, or while we were blind
}

// Changes is what one Observe or Fold found. Empty when the state confirmed what was known.
type Changes struct {
	Left     []Advance // in the order in which they left
	Started  *Entry    // now on the air, and was not before, or is again
	Claimed  []*Entry  // waiting entries that appeared
	Appeared []*Entry  // by someone else's hand, and ghosts
	Ended    []*Entry  // final rows; EndedHow says how
	Moved    bool      // somebody else changed the order
	Rebound  bool      // a new epoch: everything was bound anew
	Resolved bool      // the first Good state since Restore
}

// Empty reports whether nothing structural was found.
func (c *Changes) Empty() bool {
	return len(c.Left) == 0 && c.Started == nil && len(c.Claimed) == 0 && len(c.Appeared) == 0 &&
		len(c.Ended) == 0 && !c.Moved && !c.Rebound && !c.Resolved
}

// Observe takes in one state. A state that is not Good changes health and nothing else; what it says has left the air
// counts with the next Good one. number gives ids to entries that appear.
func (s Shadow) Observe(u channel.Update, nowMS int64, number func() EntryID) (Shadow, Changes) {
	if u.Health != channel.Good {
		s.Health = u.Health
		if len(u.Left) > 0 {
			s.left = append(s.left[:len(s.left):len(s.left)], u.Left...)
		}
		return s, Changes{}
	}
	if s.confirms(&u) {
		s.Health, s.AtMS, s.PlayedMS, s.Rate = u.Health, u.AtMS, u.PlayedMS, u.Rate
		return s, Changes{}
	}
	o := observer{old: s, s: s, u: u, nowMS: nowMS, number: number}
	return o.run()
}

// confirms reports whether the state shows exactly what is known. It allocates nothing: this is the path of every
// state of a quiet channel, with thousands of entries.
func (s *Shadow) confirms(u *channel.Update) bool {
	if s.blind || s.Health != channel.Good || u.Epoch != s.Epoch || u.Gap || u.Current != s.Cur ||
		len(u.List) != len(s.Entries) || len(u.Left) > 0 || len(s.left) > 0 || len(s.drops) > 0 {
		return false
	}
	for _, w := range s.Waiting {
		if w.State == Sent && u.Over >= w.SentN {
			return false
		}
	}
	for i, e := range s.Entries {
		it := &u.List[i]
		if it.UID != e.Bind.UID || it.Temp != e.Temp || e.Misses != 0 || it.Media.ID != e.Media.ID || it.Media.Type != e.Media.Type {
			return false
		}
	}
	return true
}

// observer is one Observe under way.
type observer struct {
	old, s Shadow
	u      channel.Update
	nowMS  int64
	number func() EntryID
	ch     Changes
	claims []bool             // per waiting entry: taken
	onAir  *Entry             // what was on the air before
	offAir bool               // it has left
	aired  map[EntryID]*Entry // what started and ended unseen, with that airing counted
	place  int                // where the entry now on the air stood in the old play order, -1: it is new
}

func (o *observer) run() (Shadow, Changes) {
	o.claims = make([]bool, len(o.s.Waiting))
	o.aired = map[EntryID]*Entry{}
	o.onAir = o.old.OnAir()
	o.ch.Resolved = o.s.blind
	o.ch.Rebound = o.u.Epoch != o.s.Epoch || o.s.blind
	o.takeMeasures()

	list, kept := o.match()
	o.place = -1
	if cur := o.current(list); cur >= 0 {
		o.place = o.old.Place(list[cur].ID)
	}
	list = o.keepUnproven(list, kept)
	o.leaveAir(list)
	o.endMissing(list)
	o.startAir(list)
	settleOrder(list)
	o.s.Entries = list
	o.s.Cur = o.current(list)
	o.endWaiting()
	o.refresh()
	o.s.blind = false
	if !o.ch.Empty() {
		o.s.Rev++
	}
	return o.s, o.ch
}

// takeMeasures takes over everything of a state that is not its list.
func (o *observer) takeMeasures() {
	o.u.Left = append(o.s.left[:len(o.s.left):len(o.s.left)], o.u.Left...)
	o.s.left = nil
	o.s.Health, o.s.Epoch = o.u.Health, o.u.Epoch
	o.s.AtMS, o.s.PlayedMS, o.s.Rate = o.u.AtMS, o.u.PlayedMS, o.u.Rate
	var drops []drop
	for _, d := range o.s.drops {
		if d.n > o.u.Over && d.ref.Epoch == o.u.Epoch {
			drops = append(drops, d)
		}
	}
	o.s.drops = drops
}

// match returns the state's list as entries: known ones bound by uid, or anew in a new epoch; waiting ones that
// appeared; and new ones. kept marks the old entries that were found.
func (o *observer) match() (list []*Entry, kept map[EntryID]bool) {
	find := o.byUID()
	if o.ch.Rebound {
		find = o.byKind()
	}
	list = make([]*Entry, 0, len(o.u.List)+2)
	kept = make(map[EntryID]bool, len(o.u.List))
	for i := range o.u.List {
		it := &o.u.List[i]
		if o.dropped(it.UID) {
			continue
		}
		if e := find(it); e != nil {
			kept[e.ID] = true
			list = append(list, o.bound(e, it))
			continue
		}
		list = append(list, o.appear(it))
	}
	return list, kept
}

func (o *observer) dropped(uid channel.UID) bool {
	for _, d := range o.s.drops {
		if d.ref.UID == uid {
			return true
		}
	}
	return false
}

// byUID finds old entries within one epoch. The neighbour of the last one found is tried first: lists change little.
func (o *observer) byUID() func(*channel.Item) *Entry {
	next := 0
	var index map[channel.UID]int
	return func(it *channel.Item) *Entry {
		if index == nil {
			for skip := next; skip < len(o.old.Entries) && skip < next+2; skip++ {
				if e := o.old.Entries[skip]; same(e, it) {
					next = skip + 1
					return e
				}
			}
			index = make(map[channel.UID]int, len(o.old.Entries))
			for i, e := range o.old.Entries {
				index[e.Bind.UID] = i
			}
		}
		i, ok := index[it.UID]
		if !ok || !same(o.old.Entries[i], it) {
			return nil
		}
		return o.old.Entries[i]
	}
}

func same(e *Entry, it *channel.Item) bool {
	return e.Bind.UID == it.UID && e.Media.ID == it.Media.ID && e.Media.Type == it.Media.Type
}

// kind is what identifies an entry when uids cannot be compared (JOINTS D).
type kind struct {
	key     sdk.Key
	temp    bool
	addedBy string
}

// byKind binds anew after an epoch change: among equals the earlier entry takes the earlier item.
func (o *observer) byKind() func(*channel.Item) *Entry {
	waiting := make(map[kind][]*Entry, len(o.old.Entries))
	for _, e := range o.old.Entries {
		k := kind{e.Media.Key(), e.Temp, e.AddedBy}
		waiting[k] = append(waiting[k], e)
	}
	return func(it *channel.Item) *Entry {
		k := kind{it.Media.Key(), it.Temp, it.AddedBy}
		queue := waiting[k]
		if len(queue) == 0 {
			return nil
		}
		waiting[k] = queue[1:]
		return queue[0]
	}
}

// bound returns e as this state shows it; e itself when nothing about it changed.
func (o *observer) bound(e *Entry, it *channel.Item) *Entry {
	ref := channel.Ref{Epoch: o.u.Epoch, UID: it.UID}
	if e.Bind == ref && e.Misses == 0 && e.Temp == it.Temp && e.State == Bound {
		return e
	}
	n := *e
	n.State, n.Bind, n.Misses = Bound, ref, 0
	if n.Role == Content {
		n.Temp = it.Temp
	}
	return &n
}

// appear makes an entry of an item that nobody knows: a waiting one of ours, a ghost, or someone else's.
func (o *observer) appear(it *channel.Item) *Entry {
	ours := it.Temp && it.AddedBy == o.u.Self && it.AddedBy != ""
	if ours {
		if w := o.claim(it.Media.Key()); w != nil {
			e := o.bound(w, it)
			o.ch.Claimed = append(o.ch.Claimed, e)
			return e
		}
	}
	e := &Entry{ID: o.number(), Role: Content, State: Bound, Media: it.Media, Temp: it.Temp, AddedBy: it.AddedBy,
		Bind: channel.Ref{Epoch: o.u.Epoch, UID: it.UID}}
	if ours && o.endedLately(it.Media.Key()) {
		e.Leaving = Ghost
	}
	o.ch.Appeared = append(o.ch.Appeared, e)
	return e
}

// claim takes the waiting entry of this media whose command has left.
func (o *observer) claim(k sdk.Key) *Entry {
	for i, w := range o.s.Waiting {
		if !o.claims[i] && w.State == Sent && w.Media.Key() == k {
			o.claims[i] = true
			return w
		}
	}
	return nil
}

func (o *observer) endedLately(k sdk.Key) bool {
	for _, r := range o.s.recent {
		if r.Media.Key() == k && o.nowMS-r.EndedAtMS < GhostMS {
			return true
		}
	}
	return false
}
