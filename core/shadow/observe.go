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
	Gap      bool      // the channel was not seen for a time before this state
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
	if s.older(&u) {
		s.left = append(s.left[:len(s.left):len(s.left)], u.Left...)
		return s, Changes{}
	}
	s.over = u.Over
	if s.confirms(&u) {
		s.measure(&u)
		return s, Changes{}
	}
	o := observer{old: s, s: s, u: u, nowMS: nowMS, number: number}
	return o.run()
}

// measure takes over what a state says of the time on the air. While it does not say what plays, the clock goes on.
func (s *Shadow) measure(u *channel.Update) {
	played := u.PlayedMS
	if u.Current < 0 {
		played = s.PlayedMS + media(max(u.AtMS-s.AtMS, 0), s.Rate)
	}
	s.Health, s.AtMS, s.PlayedMS, s.Rate = u.Health, u.AtMS, played, u.Rate
}

// older reports whether a state was taken before the last one that counted: it never undoes that. Of two that cover the
// same commands the time decides, unless it is so far back that the clock must have been set.
func (s *Shadow) older(u *channel.Update) bool {
	if s.blind || u.Gap || u.Epoch > s.Epoch {
		return false
	}
	late := s.AtMS - u.AtMS
	return u.Over < s.over || u.Over == s.over && late > 0 && late < lateMS
}

// lateMS is by how much a state may be late; one that seems later still tells of a clock that was set back.
const lateMS = 60_000

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
		if it.UID != e.Bind.UID || it.Temp != e.Temp || e.Misses != 0 || it.Media.ID != e.Media.ID || it.Media.Type != e.Media.Type || told(e, it) {
			return false
		}
	}
	return true
}

// told reports whether the channel knows how long an entry is that was added without that: by a bare link.
func told(e *Entry, it *channel.Item) bool { return e.Media.DurationMS <= 0 && it.Media.DurationMS > 0 }

// observer is one Observe under way.
type observer struct {
	old, s Shadow
	u      channel.Update
	nowMS  int64
	number func() EntryID
	ch     Changes
	claims []bool             // per waiting entry: taken
	here   []bool             // per old entry: still listed
	stayed []EntryID          // aired, and listed on as somebody's content
	onAir  *Entry             // what was on the air before
	offAir bool               // it has left
	aired  map[EntryID]*Entry // what started and ended unseen, with that airing counted
	older  bool               // the list shows what had left it: it is an earlier one, of a channel that crashed
	place  int                // where the entry now on the air stood in the old play order, -1: it is new
}

func (o *observer) run() (Shadow, Changes) {
	o.claims = make([]bool, len(o.s.Waiting))
	o.aired = map[EntryID]*Entry{}
	if o.onAir = o.old.OnAir(); o.onAir == nil && o.old.unsure != 0 {
		o.onAir = o.old.Find(o.old.unsure)
	}
	o.s.unsure = 0
	o.ch.Resolved, o.ch.Gap = o.s.blind, o.u.Gap
	o.ch.Rebound = o.u.Epoch != o.s.Epoch || o.s.blind
	o.takeMeasures()

	list := o.match()
	o.place = -1
	if cur := o.current(list); cur >= 0 {
		o.place = o.old.Place(list[cur].ID)
	}
	list = o.keepUnproven(list)
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
	o.s.measure(&o.u)
	var drops []drop
	for _, d := range o.s.drops {
		if !o.shows(d.n) && d.ref.Epoch == o.u.Epoch {
			drops = append(drops, d)
		}
	}
	o.s.drops = drops
}

// match returns the state's list as entries: known ones bound by uid, or anew in a new epoch; waiting ones that
// appeared; and new ones. It marks the old entries that were found.
func (o *observer) match() []*Entry {
	find := o.byUID()
	if o.ch.Rebound {
		find = o.byKind(func(*Entry) bool { return true })
	}
	list := make([]*Entry, 0, len(o.u.List)+2)
	o.here = make([]bool, len(o.old.Entries))
	for i := range o.u.List {
		it := &o.u.List[i]
		if o.dropped(it.UID) {
			continue
		}
		old := find(it)
		if old >= 0 && !o.outlives(o.old.Entries[old], it, i) {
			o.here[old] = true
			list = append(list, o.bound(o.old.Entries[old], it))
			continue
		}
		if old >= 0 {
			o.stayed = append(o.stayed, o.old.Entries[old].ID)
		}
		list = append(list, o.appear(it))
	}
	return list
}

// outlives reports whether an entry of ours has aired and its item is listed all the same, because somebody made it
// permanent. What was paid for, or planned, airs once; what stays is content like any other.
func (o *observer) outlives(e *Entry, it *channel.Item, at int) bool {
	return e.Role != Content && !it.Temp && at != o.u.Current && (e.Airings > 0 || o.departed(e))
}

func (o *observer) dropped(uid channel.UID) bool {
	for _, d := range o.s.drops {
		if d.ref.UID == uid {
			return true
		}
	}
	return false
}

// byUID finds old entries within one epoch, by their index; -1: none. The neighbour of the last one found is tried first:
// lists change little.
func (o *observer) byUID() func(*channel.Item) int {
	next := 0
	var index map[channel.UID]int
	var older func(*channel.Item) int
	return func(it *channel.Item) int {
		if index == nil {
			for skip := next; skip < len(o.old.Entries) && skip < next+2; skip++ {
				if o.same(o.old.Entries[skip], it) {
					next = skip + 1
					return skip
				}
			}
			index, older = o.indexed()
		}
		if i, ok := index[it.UID]; ok && o.same(o.old.Entries[i], it) {
			return i
		}
		return older(it)
	}
}

// indexed returns the old entries of this epoch by uid, and a search for those that no poll has shown since an earlier
// one: their uids mean nothing any more.
func (o *observer) indexed() (index map[channel.UID]int, older func(*channel.Item) int) {
	index = make(map[channel.UID]int, len(o.old.Entries))
	for i, e := range o.old.Entries {
		if e.Bind.Epoch == o.u.Epoch {
			index[e.Bind.UID] = i
		}
	}
	return index, o.byKind(func(e *Entry) bool { return e.Bind.Epoch != o.u.Epoch })
}

func (o *observer) same(e *Entry, it *channel.Item) bool {
	return e.Bind.Epoch == o.u.Epoch && e.Bind.UID == it.UID && e.Media.ID == it.Media.ID && e.Media.Type == it.Media.Type
}

// kind is what identifies an entry when uids cannot be compared (JOINTS D).
type kind struct {
	key     sdk.Key
	temp    bool
	addedBy string
}

// byKind binds anew what an epoch change has left without a uid: among equals the earlier entry takes the earlier item.
// What we sent as temporary is known to us as that, even when a moderator has made it permanent: if nothing else is such
// an item, it is ours.
func (o *observer) byKind(which func(*Entry) bool) func(*channel.Item) int {
	next := make([]int, len(o.old.Entries)) // of the same kind, by index; -1: none
	first := map[kind]int{}
	if o.ch.Rebound {
		first = make(map[kind]int, len(o.old.Entries))
	}
	for i := len(next) - 1; i >= 0; i-- {
		e := o.old.Entries[i]
		if !which(e) {
			continue
		}
		k := kind{e.Media.Key(), e.Temp, e.AddedBy}
		next[i] = -1
		if later, more := first[k]; more {
			next[i] = later
		}
		first[k] = i
	}
	return func(it *channel.Item) int {
		k := kind{it.Media.Key(), it.Temp, it.AddedBy}
		i, left := first[k]
		if !left || i < 0 {
			k.temp = true
			if i, left = first[k]; !left || i < 0 || o.old.Entries[i].Role == Content {
				return -1
			}
		}
		first[k] = next[i]
		return i
	}
}

// bound returns e as this state shows it; e itself when nothing about it changed.
func (o *observer) bound(e *Entry, it *channel.Item) *Entry {
	ref := channel.Ref{Epoch: o.u.Epoch, UID: it.UID}
	if e.Bind == ref && e.Misses == 0 && e.Temp == it.Temp && e.State == Bound && !told(e, it) {
		return e
	}
	n := *e
	if told(e, it) {
		n.Media = it.Media
	}
	n.State, n.Bind, n.Misses = Bound, ref, 0
	if o.ch.Rebound {
		n.SentN = 0 // the list came whole, behind everything that was confirmed
	}
	if n.Role == Content {
		n.Temp = it.Temp
	}
	return &n
}

// appear makes an entry of an item that nobody knows: a waiting one of ours, a ghost, or someone else's. What waits need
// not have come as it was sent: an add-next of what is listed takes over that item's permanence (reference: cytube).
func (o *observer) appear(it *channel.Item) *Entry {
	ours := it.AddedBy == o.u.Self && it.AddedBy != ""
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
		o.older = true
		if it.Temp {
			e.Leaving = Ghost
		}
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
