package station

import (
	"context"
	"errors"
	"maps"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/promo"
	"playbill/core/shadow"
)

// eyes own the mind. They take in states, results and letters, one at a time, and wait for nothing but the journal.
type eyes struct {
	*Station
	mind    mind
	backlog []Turn // facts that were observed and could not be committed yet
	journal error  // why the journal cannot be written; nil: it can
}

// letter is a change that somebody else wants in the mind: it is committed before the answer, or refused. One that
// tells of a fact is not refused.
type letter struct {
	fold func(m *mind, t *Turn) error
	fact bool
	lost error      // somebody else could not write the journal; there is nothing to fold then
	done chan error // capacity 1
}

// look runs until ctx ends or the channel is fenced off.
func (e *eyes) look(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	updates := e.opt.Driver.Updates()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case u, open := <-updates:
			if !open {
				updates = nil
				u = channel.Update{Health: channel.Down, Why: "The connection to the channel was closed."}
			}
			err = e.fact(ctx, func(m *mind, t *Turn) error { return e.observe(m, t, u) })
		case l := <-e.letters:
			err = e.answer(ctx, l)
		case <-tick.C:
			err = e.fact(ctx, e.tick)
		}
		if err == nil || !fault.Is(err, fault.Fenced) {
			err = e.clock(ctx)
		}
		if fault.Is(err, fault.Fenced) {
			return err
		}
	}
}

// fact folds something that has happened. It cannot be refused: when it cannot be committed the mirror goes on, what
// needs the row is withheld, and the turn is tried again.
func (e *eyes) fact(ctx context.Context, fold func(m *mind, t *Turn) error) error {
	if err := e.catchUp(ctx); err != nil {
		return err
	}
	next, t, err := e.fold(fold)
	if err != nil {
		e.log.Error("a state could not be folded", "error", err)
		return nil
	}
	if e.journal != nil {
		e.keep(t)
	} else if err := e.commit(ctx, &next, t); err != nil {
		if fault.Is(err, fault.Fenced) {
			return err
		}
		e.failed(err)
		e.keep(t)
	}
	e.mind = next
	e.publish()
	return nil
}

// answer folds a letter. Nothing of it remains when it cannot be committed.
func (e *eyes) answer(ctx context.Context, l letter) error {
	if l.lost != nil {
		if e.journal == nil {
			e.failed(l.lost)
			e.publish()
		}
		return nil
	}
	if l.fact {
		err := e.fact(ctx, l.fold)
		l.done <- err
		return err
	}
	err := e.refusal()
	if err == nil {
		var next mind
		var t Turn
		if next, t, err = e.fold(l.fold); err == nil {
			switch err = e.commit(ctx, &next, t); {
			case err == nil:
				e.mind = next
			case fault.Is(err, fault.Conflict): // the schema refuses this one, and nothing else
			case !fault.Is(err, fault.Fenced):
				e.failed(err)
				err = e.refusal()
			}
			e.publish()
		}
	}
	l.done <- err
	return err
}

// failed notes that the journal cannot be written. Until it can, letters are refused and the hands rest: what they
// would send needs a row.
func (e *eyes) failed(err error) {
	e.journal = err
	e.log.Error("a turn could not be committed; paying is closed until it can", "error", err)
}

func (e *eyes) refusal() error {
	if e.journal != nil {
		return fault.Wrap(e.journal, fault.Journal, e.shut())
	}
	return nil
}

// shut is what everybody is told while the journal cannot be written: what that means, and what the journal says itself.
func (e *eyes) shut() string {
	if f := fault.Of(e.journal); f != nil && f.Sentence != "" {
		return journalSentence + " " + f.Sentence
	}
	return journalSentence
}

const journalSentence = "The journal cannot be written, so nothing is sold and no promo is placed until it can. What plays is still followed."

// fold runs one change on a copy of the mind and completes the turn with what follows from it.
func (e *eyes) fold(change func(m *mind, t *Turn) error) (next mind, t Turn, err error) {
	defer e.survive("a turn", func() { next, t, err = e.mind, Turn{}, errPanicked })
	next = e.mind
	next.set = e.opt.Settings.Promos()
	t = Turn{AtMS: nowMS()}
	if err := change(&next, &t); err != nil {
		return next, t, err
	}
	e.follow(&next, &t)
	e.close(&next, &t)
	t.Epoch = next.shadow.Epoch
	rows, rebound := shadow.Changed(&e.mind.shadow, &next.shadow)
	t.Entries, t.Rebound = append(t.Entries, rows...), rebound
	if !samePromo(e.mind.promo, next.promo) {
		t.Promo = &next.promo
	}
	return next, t, nil
}

// commit makes a turn durable and takes over what the store made of it.
func (e *eyes) commit(ctx context.Context, next *mind, t Turn) error {
	if t.Empty() {
		return nil
	}
	e.crash("turn.commit.before")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	got, err := e.opt.Journal.Commit(ctx, t)
	if err != nil {
		return err
	}
	e.crash("turn.commit.after")
	for _, f := range t.Firings {
		e.crash("fire." + string(f.Step))
	}
	if len(t.Unlocked) > 0 {
		e.crash("lock.closed")
	}
	for _, p := range t.played {
		if e.opt.Played != nil {
			e.opt.Played(p)
		}
	}
	e.absorb(next, t, got)
	return nil
}

// absorb takes over what the store made of a committed turn: the states of plugins whose compare-and-set succeeded.
func (e *eyes) absorb(next *mind, t Turn, got Committed) {
	lost := map[string]bool{}
	for _, plugin := range got.Conflicts {
		e.log.Warn("a plugin's state had moved on; its new state was dropped", "plugin", plugin)
		lost[plugin] = true
	}
	for _, s := range t.States {
		if !lost[s.Plugin] {
			next.withState(s)
		}
	}
}

// keep adds a turn to those that wait for the journal.
func (e *eyes) keep(t Turn) {
	if t.Empty() {
		return
	}
	if len(e.backlog) >= backlogMax {
		e.log.Error("too many turns wait for the journal; the oldest is given up")
		e.backlog = e.backlog[1:]
	}
	e.backlog = append(e.backlog, t)
}

// catchUp tries again to commit what waits for the journal, in order; when nothing waits, a turn that says no more than
// that we live.
func (e *eyes) catchUp(ctx context.Context) error {
	for e.journal != nil {
		var err error
		if len(e.backlog) > 0 {
			err = e.commit(ctx, &e.mind, e.backlog[0])
		} else {
			err = e.alive(ctx)
		}
		switch {
		case fault.Is(err, fault.Fenced):
			return err
		case err != nil:
			e.journal = err
			return nil
		case len(e.backlog) <= 1:
			e.backlog, e.journal = nil, nil
			e.log.Info("the journal can be written again")
		default:
			e.backlog = e.backlog[1:]
		}
	}
	return nil
}

func (e *eyes) alive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	_, err := e.opt.Journal.Commit(ctx, Turn{AtMS: nowMS(), Epoch: e.mind.shadow.Epoch})
	return err
}

// publish replaces the view and wakes who waits for it.
func (e *eyes) publish() {
	m := &e.mind
	old := e.view.Load()
	v := &View{Rev: old.Rev + 1, AtMS: nowMS(), Shadow: m.shadow, Health: m.shadow.Health, Why: m.why, Can: m.can, Needs: m.needs, Self: m.self,
		People: m.people, Gate: e.gate(m), Locks: m.locks, Purchases: m.purchases, Ended: map[string]pay.Purchase{},
		Clocks: m.clocks, Promo: m.promo, Resolved: m.resolved && e.journal == nil, changed: make(chan struct{}),
		notices: m.notices, cancelled: m.cancelled, states: m.states, reseat: m.reseat, moved: m.moved,
		Schedules: m.schedules, Firing: m.firing, Upcoming: e.upcoming(m.schedules), Alarms: m.alarms, Load: m.load, loading: m.loading}
	for _, p := range m.ended {
		v.Ended[p.ID] = p
	}
	if m.run != nil {
		v.LastAsRun = m.run.RunID
	}
	if e.journal != nil {
		v.Journal = e.shut()
	}
	if v.Resolved && v.Health == channel.Good {
		v.Planned = e.forecast(v)
	}
	e.view.Store(v)
	close(old.changed)
	select {
	case e.wakeHands <- struct{}{}:
	default: // they are awake
	}
}

func (e *eyes) forecast(v *View) (planned []Planned) {
	defer e.survive("a forecast", func() { planned = nil })
	return promo.Forecast(e.promoView(v))
}

// tell hands a change to the eyes and waits until it is committed. Nobody may call it from the eyes.
func (s *Station) tell(ctx context.Context, fold func(m *mind, t *Turn) error) error {
	return s.send(ctx, letter{fold: fold, done: make(chan error, 1)})
}

// tellFact hands over something that has happened.
func (s *Station) tellFact(ctx context.Context, fold func(m *mind, t *Turn) error) error {
	return s.send(context.WithoutCancel(ctx), letter{fold: fold, fact: true, done: make(chan error, 1)})
}

func (s *Station) send(ctx context.Context, l letter) error {
	select {
	case s.letters <- l:
	case <-s.stopped:
		return errStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-l.done:
		return err
	case <-s.stopped:
		return errStopped
	}
}

var (
	errStopped  = errors.New("station: stopped")
	errPanicked = errors.New("station: a panic, which has been reported")
)

func nowMS() int64 { return time.Now().UnixMilli() }

func samePromo(a, b promo.State) bool {
	return a.Counted == b.Counted && a.LastGeneralMS == b.LastGeneralMS && a.Skip == b.Skip &&
		maps.Equal(a.Credit, b.Credit) && maps.Equal(a.CreditBefore, b.CreditBefore) && maps.Equal(a.LastClip, b.LastClip) &&
		maps.Equal(a.LastAired, b.LastAired) && maps.Equal(a.Barred, b.Barred) && maps.Equal(a.Refused, b.Refused) &&
		maps.Equal(a.AiredMS, b.AiredMS)
}
