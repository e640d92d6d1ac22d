package station

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/shadow"
)

// Options is what a station is made of.
type Options struct {
	Channel  string
	Journal  Journal
	Driver   channel.Driver
	Asker    Asker
	Shelf    Shelf
	Settings Settings
	Zone     *time.Location
	Seed     func() uint64      // the hands' only source of chance; one goroutine asks it
	Played   func(event.Played) // is told of titles of events that are to move to the end of their playlists; must not wait. nil: nobody
	Crash    func(point string) // failpoints of the tests; nil in production
	Logger   hclog.Logger       // nil: silent
}

// Station is one channel's owner.
type Station struct {
	opt       Options
	log       hclog.Logger
	view      atomic.Pointer[View]
	letters   chan letter
	messages  chan message
	edits     chan *edit
	wakeHands chan struct{}
	wakeRound chan struct{}
	stopped   chan struct{} // closed when the eyes are
	fence     int64
	events    atomic.Int64                       // hook events of this run, for their ids
	job       atomic.Pointer[context.CancelFunc] // ends what the hands are doing; an event does
	born      mind
}

// New loads what was stored and returns a station that is not running yet. Its View shows the stored list, of which
// nothing is sold until the channel has been seen.
func New(ctx context.Context, opt Options) (*Station, error) {
	w, err := opt.Journal.Load(ctx)
	if err != nil {
		return nil, err
	}
	if opt.Logger == nil {
		opt.Logger = hclog.NewNullLogger()
	}
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	s := &Station{fence: w.Fence, opt: opt, log: opt.Logger, letters: make(chan letter, lettersMax),
		messages: make(chan message, messagesMax), edits: make(chan *edit, editsMax), wakeHands: make(chan struct{}, 1),
		wakeRound: make(chan struct{}, 1), stopped: make(chan struct{})}
	s.born = wake(w, nowMS())
	s.born.log, s.born.number = s.log, opt.Journal.NextEntry
	s.born.arm(opt.Zone)
	s.view.Store(&View{changed: make(chan struct{})})
	(&eyes{Station: s, mind: s.born}).publish()
	return s, nil
}

// Run returns when ctx ends, or with fault.Fenced when another host has taken the channel.
func (s *Station) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var others sync.WaitGroup
	others.Go(func() { newHands(s).work(ctx) }) // stopped by ctx
	others.Go(func() { s.watch(ctx) })          // stopped by ctx
	err := (&eyes{Station: s, mind: s.born}).look(ctx)
	close(s.stopped)
	stop()
	others.Wait()
	return err
}

// View returns the latest published state. Never blocks.
func (s *Station) View() *View { return s.view.Load() }

// Place hands a held purchase to the station and waits until it is placed or has ended, or until ctx ends; it goes on
// either way. It returns the purchase as it is then.
func (s *Station) Place(ctx context.Context, p pay.Purchase, e *shadow.Entry) (pay.Purchase, error) {
	err := s.tellFact(ctx, func(m *mind, _ *Turn) error {
		if !m.knows(p.ID) { // the book may have been read before it ended
			m.withPurchase(p)
			m.withEntry(e)
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	return s.Await(ctx, p.ID)
}

// Await waits until a purchase is placed or has ended, or until ctx ends, and returns it as it is then. A purchase that
// the station does not know any more is fault.NotFound: the book knows it.
func (s *Station) Await(ctx context.Context, id string) (pay.Purchase, error) {
	for {
		v := s.View()
		p, known := v.Purchase(id)
		if !known {
			return p, fault.New(fault.NotFound, "The station does not know this purchase.")
		}
		if p.State == pay.Placed || p.State.Final() {
			return p, nil
		}
		select {
		case <-v.Changed():
		case <-ctx.Done():
			return p, nil
		case <-s.stopped:
			return p, nil
		}
	}
}

// Withdraw records that purchases are not wanted any more, and why. It returns once that is durable; the refund follows
// the removal. Those that have ended, or are on the air, stay as they are.
func (s *Station) Withdraw(ctx context.Context, ids []string, reason string) error {
	s.crash("withdraw.before")
	err := s.tell(ctx, func(m *mind, t *Turn) error {
		for _, id := range ids {
			m.withdraw(t, id, reason)
		}
		return nil
	})
	s.crash("withdraw.after")
	return err
}

// Unwritten is told that somebody else could not write the journal. The desk is closed then as if a turn of our own had
// failed, and opens again with the next second in which it can be written. Never blocks.
func (s *Station) Unwritten(err error) {
	select {
	case s.letters <- letter{lost: err}:
	default: // so much is going on that the eyes find out by themselves
	}
}

// RemoveEntry takes an entry off the list, whatever it is: a paid one is refunded, the one on the air is skipped.
func (s *Station) RemoveEntry(ctx context.Context, id shadow.EntryID) error {
	return s.tell(ctx, func(m *mind, t *Turn) error {
		e := m.shadow.Find(id)
		if e == nil || e.State != shadow.Bound {
			return fault.New(fault.NotFound, "That entry is not on the list any more.")
		}
		if e.Role == shadow.Paid && e != m.shadow.OnAir() {
			m.withdraw(t, e.Purchase, pay.Removed)
			return nil
		}
		n := *e
		n.Leaving = ByPerson
		m.withEntry(&n)
		return nil
	})
}

// TryClip forgets that the channel refused a clip, so that it may be tried again. clip is its sdk.Key.ClipKey.
func (s *Station) TryClip(ctx context.Context, clip string) error {
	return s.tell(ctx, func(m *mind, _ *Turn) error {
		if _, refused := m.promo.Refused[clip]; !refused {
			return fault.New(fault.NotFound, "The channel has not refused this clip, so there is nothing to try again.")
		}
		m.promo = m.promo.Accepted(clip)
		return nil
	})
}

// Person says who somebody is right now. fault.Missing: conclusively not in the room; any other error is doubt.
func (s *Station) Person(ctx context.Context, u channel.UserKey) (channel.User, error) {
	v := s.View()
	if v.Health == channel.Good && v.People != nil {
		for _, p := range v.People {
			if p.Key == u {
				return p, nil
			}
		}
		return channel.User{}, fault.New(fault.Missing, "That person is not in the room.")
	}
	if v.Health != channel.Good {
		return channel.User{}, fault.New(fault.ChannelDown, "The channel cannot be read now.")
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	return s.opt.Driver.Lookup(ctx, u)
}

// OpenLock closes pay, and for an event promos, from the moment it returns: no hold commits after it.
func (s *Station) OpenLock(ctx context.Context, l event.Lock) (id int64, err error) {
	err = s.tell(ctx, func(m *mind, t *Turn) error {
		id = m.openLock(t, l)
		return nil
	})
	return id, err
}

// CloseLock opens again what a lock closed.
func (s *Station) CloseLock(ctx context.Context, id int64, by string) error {
	return s.tell(ctx, func(m *mind, t *Turn) error {
		if m.closeLocks(t, by, func(l event.Lock) bool { return l.ID == id }) == 0 {
			return fault.New(fault.NotFound, "That lock is not open.")
		}
		return nil
	})
}

// preempt ends what the hands are doing: an event begins. What was on its way is resolved like anything else.
func (s *Station) preempt() {
	if end := s.job.Load(); end != nil {
		(*end)()
	}
}

// survive is deferred around a piece of work: it reports a panic, and lets the work end as after says.
func (s *Station) survive(what string, after func()) {
	if p := recover(); p != nil {
		s.log.Error("a panic in the station", "in", what, "panic", p, "stack", string(debug.Stack()))
		after()
	}
}

func (s *Station) crash(point string) {
	if s.opt.Crash != nil {
		s.opt.Crash(point)
	}
}
