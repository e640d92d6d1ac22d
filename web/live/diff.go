package live

import (
	"slices"
)

// Change is what became of one model: applied to the old one it gives the new one.
type Change struct {
	Now, Health, Closed, Lock, Next, Watching, Planned bool // these parts changed, and the new model has them

	Removed []int64 // entries that are gone
	Put     []Put   // new, changed or moved entries, front to back
	Shifts  []Shift // of the expected starts, front to back; entries in Put are not concerned
}

// Put says: take this entry out, if it is there, and put it behind another one. Applied front to back.
type Put struct {
	After int64 // 0: at the front
	Item  Item
}

// Shift says that the entries from this one on, up to the entry of the next Shift, are expected so much later than was
// said before.
type Shift struct {
	From    int64
	Seconds int64 // negative: earlier
}

// Empty reports whether nothing has changed.
func (c *Change) Empty() bool {
	return !c.Now && !c.Health && !c.Closed && !c.Lock && !c.Next && !c.Watching && !c.Planned &&
		len(c.Removed)+len(c.Put)+len(c.Shifts) == 0
}

// Diff compares what readers know with what is so. It returns the change, and what readers know once they have it: their
// expected starts may differ from the true ones by less than two seconds, which is never worth a word.
func Diff(old, now State) (told State, c Change) {
	told = now
	told.Items = slices.Clone(now.Items)
	told.Now = settled(old.Now, now.Now)
	c.Now = told.Now != old.Now
	c.Health = now.Health != old.Health || now.SeenMS != old.SeenMS
	told.Lock = untilThen(old.Lock, now.Lock)
	c.Closed, c.Lock, c.Watching = now.Closed != old.Closed, told.Lock != old.Lock, now.Watching != old.Watching
	c.Next = now.Next != old.Next
	c.Planned = !slices.Equal(now.Planned, old.Planned)
	compare(old.Items, told.Items, &c)
	return told, c
}

// settled keeps what readers were told of the air while it is still right.
func settled(old, now Now) Now {
	moved := now.ZeroMS - old.ZeroMS
	if moved >= -shiftSlack && moved <= shiftSlack && now.EntryID == old.EntryID && now.Rate == old.Rate && now.OverMS == old.OverMS &&
		near(now.StartedMS, old.StartedMS) {
		return old
	}
	return now
}

// untilThen keeps what readers were told of a lock while it is still right.
func untilThen(old, now Lock) Lock {
	if near(now.OpensAtMS, old.OpensAtMS) {
		now.OpensAtMS = old.OpensAtMS
	}
	return now
}

func near(a, b int64) bool { return a-b <= shiftSlack && b-a <= shiftSlack }

// compare fills in what became of the list, and corrects the expected starts of now to what readers will know.
func compare(old, now []Item, c *Change) {
	at := make(map[int64]int, len(old))
	for i, item := range old {
		at[item.EntryID] = i
	}
	from := make([]int, len(now)) // index in old, -1: new
	for i, item := range now {
		from[i] = -1
		if was, known := at[item.EntryID]; known {
			from[i] = was
			delete(at, item.EntryID)
		}
	}
	for _, item := range old {
		if _, gone := at[item.EntryID]; gone {
			c.Removed = append(c.Removed, item.EntryID)
		}
	}
	stays := inOrder(from)
	var run runOfShifts
	for i := range now {
		if !stays[i] || !alike(old[from[i]], now[i]) {
			continue // it is put with a time of its own; those behind it move with those before

		}
		now[i].StartsMS = run.told(old[from[i]], now[i], c)
	}
	var after int64
	for i, item := range now {
		if !stays[i] || !alike(old[from[i]], item) {
			c.Put = append(c.Put, Put{after, item})
		}
		after = item.EntryID
	}
}

// alike reports whether a shift of the expected start is all that readers have to be told.
func alike(old, now Item) bool {
	if (old.StartsMS > 0) != (now.StartsMS > 0) && now.StartsMS != onAirStarts {
		return false
	}
	old.StartsMS, now.StartsMS = 0, 0
	return old == now
}

// runOfShifts is the part of the list that moves together.
type runOfShifts struct{ seconds int64 }

// told returns the expected start that readers will know of an entry that stays, and begins a new run when it moves
// otherwise than those before it.
func (r *runOfShifts) told(old, now Item, c *Change) int64 {
	if old.StartsMS <= 0 || now.StartsMS <= 0 {
		return now.StartsMS
	}
	if !near(old.StartsMS+r.seconds*1000, now.StartsMS) {
		r.seconds = 0
		if !near(old.StartsMS, now.StartsMS) {
			r.seconds = rounded(now.StartsMS - old.StartsMS)
		}
		c.Shifts = append(c.Shifts, Shift{now.EntryID, r.seconds})
	}
	return old.StartsMS + r.seconds*1000
}

func rounded(ms int64) int64 {
	if ms < 0 {
		return -(-ms + 500) / 1000
	}
	return (ms + 500) / 1000
}

// inOrder marks the most entries that can stay where they are: the longest increasing sequence of their old places. All
// others are put.
func inOrder(from []int) []bool {
	tails := make([]int, 0, len(from)) // index in from of the smallest end of a sequence of this length
	before := make([]int, len(from))
	for i, place := range from {
		if place < 0 {
			continue
		}
		n, _ := slices.BinarySearchFunc(tails, place, func(j, place int) int { return from[j] - place })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	stays := make([]bool, len(from))
	if len(tails) == 0 {
		return stays
	}
	for i := tails[len(tails)-1]; i >= 0; i = before[i] {
		stays[i] = true
	}
	return stays
}
