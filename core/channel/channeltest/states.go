package channeltest

import (
	"slices"

	"playbill/core/channel"
)

// states is the part of Faulty that states go through: what is waiting to be read, and what is armed for the next one.
type states struct {
	raw     *channel.Update // the inner driver's last state, without its departures
	over    int64           // of what was queued last
	queue   []waiting
	bumps   int64
	held    *channel.Update // waits for the next state, to come after it
	reorder bool
	lie     *channel.Health // a stale, empty state is wanted, of this health
	sick    *channel.Health
	why     string
	changed bool // the last state must be shown again
}

// waiting is a state that was not read yet. One that is pinned is delivered whatever comes after it.
type waiting struct {
	update channel.Update
	pinned bool
}

// Reorder delivers the next state after the one that follows it: late, with its own Over and time. Its departures come
// with the state that overtook it, so that none is lost and their order stays.
func (f *Faulty) Reorder() { f.change(func(s *states) { s.reorder = true }) }

// StaleEmpty delivers one state with an empty list, whatever plays, and then the true one again. Like a read that went
// wrong it is neither whole nor certain; health is Degraded or Good.
func (f *Faulty) StaleEmpty(health channel.Health) {
	f.change(func(s *states) { s.lie, s.changed = &health, true })
}

// EpochBump delivers the same list under a new epoch and new uids. Refs from before are stale from then on; later ones
// are translated for the inner driver.
func (f *Faulty) EpochBump() {
	f.change(func(s *states) { s.bumps, s.changed = s.bumps+1, true })
}

// Sick gives every state this health, with a sentence, until Well.
func (f *Faulty) Sick(health channel.Health, why string) {
	f.change(func(s *states) { s.sick, s.why, s.changed = &health, why, true })
}

// Well ends Sick.
func (f *Faulty) Well() { f.change(func(s *states) { s.sick, s.changed = nil, true }) }

// Updates is where the states come: one slot, the newest wins, the states of a fault excepted.
func (f *Faulty) Updates() <-chan channel.Update { return f.out }

func (f *Faulty) change(do func(s *states)) {
	f.mu.Lock()
	do(&f.states)
	f.mu.Unlock()
	f.wake()
}

// carry takes states from the inner driver and hands them on.
func (f *Faulty) carry() {
	defer close(f.out)
	in := f.inner.Updates()
	for {
		head, out := f.head()
		select {
		case u, ok := <-in:
			if !ok {
				return
			}
			f.take(u)
		case <-f.poke:
			f.again()
		case out <- head:
			f.handed()
		case <-f.life.Done():
			return
		}
	}
}

// head returns the state that is to be read next, and the channel to send it on; nil when there is none.
func (f *Faulty) head() (channel.Update, chan<- channel.Update) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.states.queue) == 0 {
		return channel.Update{}, nil
	}
	return f.states.queue[0].update, f.out
}

func (f *Faulty) handed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.states.queue = f.states.queue[1:]
}

// take takes in one state of the inner driver.
func (f *Faulty) take(u channel.Update) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.states
	raw := u
	raw.Left = nil
	s.raw = &raw
	u = f.outward(u)
	switch {
	case s.held != nil:
		held := *s.held
		s.held = nil
		u.Left = slices.Concat(held.Left, u.Left)
		held.Left = nil
		s.push(waiting{u, true})
		s.push(waiting{held, true})
		s.push(waiting{f.outward(raw), false})
	case s.reorder:
		s.reorder = false
		s.held = &u
	default:
		s.push(waiting{u, false})
	}
}

// again shows the last state once more when a command or a fault has changed what it must say.
func (f *Faulty) again() {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.states
	if s.raw == nil || s.held != nil {
		return // the next state says it
	}
	u := f.outward(*s.raw)
	if s.lie != nil {
		lie := u
		lie.Health, lie.Certain, lie.Whole = *s.lie, false, false
		lie.List, lie.Current, lie.PlayedMS = nil, -1, 0
		if lie.Health != channel.Good {
			lie.Why = "The list came back empty while something plays."
		}
		s.lie = nil
		s.push(waiting{lie, true})
	}
	if s.changed || u.Over != s.over {
		s.changed = false
		s.push(waiting{u, false})
	}
}

// push puts a state behind those that wait. It replaces the last one, and takes over its departures, unless one of the
// two is pinned.
func (s *states) push(w waiting) {
	s.over = w.update.Over
	last := len(s.queue) - 1
	if last < 0 || w.pinned || s.queue[last].pinned {
		s.queue = append(s.queue, w)
		return
	}
	w.update.Left = slices.Concat(s.queue[last].update.Left, w.update.Left)
	s.queue[last] = w
}

// outward says a state of the inner driver in the wrapper's numbers.
func (f *Faulty) outward(u channel.Update) channel.Update {
	s := &f.states
	u.Over = f.over(u.Over)
	if s.sick != nil {
		u.Health, u.Why = *s.sick, s.why
	}
	if s.bumps == 0 {
		return u
	}
	u.Epoch += channel.Epoch(s.bumps)
	u.List = slices.Clone(u.List)
	for i := range u.List {
		u.List[i].UID += s.shift()
	}
	u.Left = slices.Clone(u.Left)
	for i := range u.Left {
		u.Left[i].Epoch += channel.Epoch(s.bumps)
		u.Left[i].Item.UID += s.shift()
	}
	return u
}

// over is what the inner driver's Over covers of the wrapper's commands.
func (f *Faulty) over(inner int64) int64 {
	if inner < 0 {
		return inner
	}
	over := f.n
	for n, o := range f.open {
		if o.over(inner) {
			delete(f.open, n)
			continue
		}
		over = min(over, n-1)
	}
	return over
}

func (s *states) shift() channel.UID { return channel.UID(s.bumps * uidsPerBump) }

func (s *states) outwardRef(r channel.Ref) channel.Ref {
	return channel.Ref{Epoch: r.Epoch + channel.Epoch(s.bumps), UID: r.UID + s.shift()}
}

// inward says a command in the inner driver's numbers. A ref from before a bump becomes one of an epoch that the inner
// driver has left behind.
func (s *states) inward(c channel.Command) channel.Command {
	ref := func(r channel.Ref) channel.Ref {
		return channel.Ref{Epoch: r.Epoch - channel.Epoch(s.bumps), UID: r.UID - s.shift()}
	}
	switch c := c.(type) {
	case channel.Move:
		return channel.Move{Item: ref(c.Item), After: ref(c.After)}
	case channel.Remove:
		return channel.Remove{Item: ref(c.Item)}
	case channel.Jump:
		return channel.Jump{Item: ref(c.Item)}
	}
	return c
}
