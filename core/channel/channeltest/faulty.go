package channeltest

import (
	"context"
	"slices"
	"sync"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
)

// Faulty is a driver that does what its inner driver does, until a fault is armed. Each method that names a fault injects
// it once, into the next command that fits or into the next state; several may be armed. Commands have the wrapper's own
// numbers, and Over is said in them: it stays true whatever was dropped, delayed or sent twice.
//
// One goroutine carries states from the inner driver; Close stops it and the delayed commands, and waits for them.
type Faulty struct {
	inner   channel.Driver
	restart func()
	out     chan channel.Update
	poke    chan struct{}   // something changed that the states must show
	life    context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex // guards everything below
	closed bool
	armed  []armed
	n      int64
	open   map[int64]*order
	states states
	lookup error
}

// Match says which commands a fault is for.
type Match func(c channel.Command) bool

// Any fits every command.
func Any(channel.Command) bool { return true }

// Adds fits every add.
func Adds(c channel.Command) bool { _, ok := c.(channel.Add); return ok }

// Moves fits every move.
func Moves(c channel.Command) bool { _, ok := c.(channel.Move); return ok }

// Removes fits every removal.
func Removes(c channel.Command) bool { _, ok := c.(channel.Remove); return ok }

// Tells fits every PM.
func Tells(c channel.Command) bool { _, ok := c.(channel.Tell); return ok }

// armed is a fault that waits for its command.
type armed struct {
	match Match
	send  sender
}

// sender is a way to send a command.
type sender func(ctx context.Context, o *order) channel.Result

// order is one command on its way. It is over when it is not flying and the inner driver's state covers all that was sent.
type order struct {
	n       int64
	command channel.Command
	flying  int     // ways on which it still may be sent
	inner   []int64 // numbers that the inner driver gave it
}

func (o *order) over(innerOver int64) bool {
	return o.flying == 0 && !slices.ContainsFunc(o.inner, func(n int64) bool { return n > innerOver })
}

// NewFaulty wraps a driver. restart makes the inner channel crash back to its last save; nil if it cannot.
func NewFaulty(inner channel.Driver, restart func()) *Faulty {
	life, stop := context.WithCancel(context.Background())
	f := &Faulty{
		inner: inner, restart: restart, out: make(chan channel.Update), poke: make(chan struct{}, pokeCap),
		life: life, stop: stop, open: map[int64]*order{},
	}
	f.running.Go(f.carry) // ends when the inner driver closes its states, or with life; Close waits
	return f
}

// Delay holds the next command that fits for d before it is sent. If its context ends meanwhile the result is Unknown,
// and the command is sent all the same.
func (f *Faulty) Delay(d time.Duration, match Match) {
	f.arm(match, func(ctx context.Context, o *order) channel.Result { return f.late(ctx, o, d) })
}

// Drop loses the next command that fits: it is not sent, and the result is Unknown.
func (f *Faulty) Drop(match Match) {
	f.arm(match, func(context.Context, *order) channel.Result { return channel.Result{} })
}

// Duplicate sends the next command that fits twice. The result is that of the first.
func (f *Faulty) Duplicate(match Match) {
	f.arm(match, func(ctx context.Context, o *order) channel.Result {
		first := f.send(ctx, o, o.command)
		f.send(ctx, o, o.command)
		return first
	})
}

// Unknown hides the result of the next command that fits. It is sent or, with happens false, lost as by Drop.
func (f *Faulty) Unknown(match Match, happens bool) {
	if !happens {
		f.Drop(match)
		return
	}
	f.arm(match, func(ctx context.Context, o *order) channel.Result {
		f.send(ctx, o, o.command)
		return channel.Result{}
	})
}

// Refuse refuses the next command that fits, without sending it.
func (f *Faulty) Refuse(match Match, code fault.Code, sentence string) {
	f.arm(match, func(context.Context, *order) channel.Result {
		return channel.Result{Outcome: channel.Refused, Fault: fault.New(code, sentence)}
	})
}

// MoveSwallowed makes the item of the next move disappear, as CyTube does when its anchor is no longer listed. The result
// is Unknown.
func (f *Faulty) MoveSwallowed() {
	f.arm(Moves, func(ctx context.Context, o *order) channel.Result {
		f.send(ctx, o, channel.Remove{Item: o.command.(channel.Move).Item})
		return channel.Result{}
	})
}

// Restart makes the inner channel crash back to its last save.
func (f *Faulty) Restart() {
	if f.restart != nil {
		f.restart()
	}
}

// LookupFails makes every look-up fail with this error, until it is called with nil.
func (f *Faulty) LookupFails(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lookup = err
}

// Do sends one command, by the fault that is armed for it or as it is.
func (f *Faulty) Do(ctx context.Context, c channel.Command) channel.Result {
	o, send := f.accept(c)
	res := channel.Result{}
	if ctx.Err() == nil {
		res = send(ctx, o)
	}
	res.N = o.n
	f.landed(o)
	return res
}

// Lookup asks the inner driver, unless look-ups fail.
func (f *Faulty) Lookup(ctx context.Context, u channel.UserKey) (channel.User, error) {
	f.mu.Lock()
	err := f.lookup
	f.mu.Unlock()
	if err != nil {
		return channel.User{}, err
	}
	return f.inner.Lookup(ctx, u)
}

// Close closes the inner driver.
func (f *Faulty) Close() error {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.stop()
	err := f.inner.Close()
	f.running.Wait()
	return err
}

func (f *Faulty) arm(match Match, send sender) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = append(f.armed, armed{match, send})
}

// accept numbers a command and takes the first fault that fits it.
func (f *Faulty) accept(c channel.Command) (*order, sender) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	o := &order{n: f.n, command: c, flying: 1}
	f.open[o.n] = o
	for i, a := range f.armed {
		if a.match == nil || a.match(c) {
			f.armed = slices.Delete(f.armed, i, i+1)
			return o, a.send
		}
	}
	return o, func(ctx context.Context, o *order) channel.Result { return f.send(ctx, o, c) }
}

// send hands a command to the inner driver, in its numbers.
func (f *Faulty) send(ctx context.Context, o *order, c channel.Command) channel.Result {
	f.mu.Lock()
	c = f.states.inward(c)
	f.mu.Unlock()
	res := f.inner.Do(ctx, c)
	f.mu.Lock()
	defer f.mu.Unlock()
	o.inner = append(o.inner, res.N)
	if res.Outcome == channel.Done && res.Item != (channel.Ref{}) {
		res.Item = f.states.outwardRef(res.Item)
	}
	return res
}

// late sends a command after d, whether or not anybody still waits for it.
func (f *Faulty) late(ctx context.Context, o *order, d time.Duration) channel.Result {
	done := make(chan channel.Result, resultCap)
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return channel.Result{}
	}
	o.flying++
	f.running.Go(func() { // ends with its command or with life; Close waits
		defer f.landed(o)
		select {
		case <-time.After(d):
			done <- f.send(f.life, o, o.command)
		case <-f.life.Done():
			done <- channel.Result{}
		}
	})
	f.mu.Unlock()
	select {
	case res := <-done:
		return res
	case <-ctx.Done():
		return channel.Result{}
	}
}

// landed says that a command is no longer on one of its ways, and has the states show it.
func (f *Faulty) landed(o *order) {
	f.mu.Lock()
	o.flying--
	f.mu.Unlock()
	f.wake()
}

func (f *Faulty) wake() {
	select {
	case f.poke <- struct{}{}:
	default:
	}
}
