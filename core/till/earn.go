package till

import (
	"cmp"
	"context"
	"time"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/station"
)

// Payroll is the ledger as the earner needs it. Each method is one transaction, and leaves out whoever is blocked and
// what was booked before. Both return how many transfers were booked.
type Payroll interface {
	// Earn books what was earned.
	Earn(ctx context.Context, ts []ledger.Transfer, nowMS int64) (int, error)
	// Welcome books grants for those who never had a transfer.
	Welcome(ctx context.Context, ts []ledger.Transfer, nowMS int64) (int, error)
}

// EarnOptions is what an earner is made of.
type EarnOptions struct {
	Book  Payroll
	View  func() *station.View
	Rules func() pay.Rules // who may buy may earn
	Wage  func() pay.Wage  // the current revision; never blocks
	Now   func() int64     // UTC milliseconds
	// Steady is Now as it would be if the clock had not been set back while we run: intervals are counted by it, for those of
	// the hour that comes again were paid. nil: Now. A host that starts in such an hour pays again when it is over.
	Steady func() int64
	// Report takes what could not be booked; it is tried again. nil: nothing is said.
	Report func(what string, err error)
}

// Earner pays viewers for being there.
type Earner struct {
	opt      EarnOptions
	wage     pay.Wage // by which the interval is watched
	interval int64    // start of the one that is being watched, UTC
	there    pay.Attendance
	owed     []ledger.Transfer // earned and not booked yet
	greeted  map[channel.UserKey]bool
	failing  bool
}

// NewEarner returns an earner that is not running yet.
func NewEarner(opt EarnOptions) *Earner {
	if opt.Report == nil {
		opt.Report = func(string, error) {}
	}
	if opt.Steady == nil {
		opt.Steady = opt.Now
	}
	e := &Earner{opt: opt, wage: opt.Wage(), greeted: map[channel.UserKey]bool{}}
	e.interval = e.wage.Interval(opt.Steady())
	return e
}

// Run looks at the room until ctx ends, and pays at the end of each interval. An interval that is cut by a restart is
// paid for what is seen of it afterwards; while the room cannot be seen nobody is counted.
func (e *Earner) Run(ctx context.Context) {
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		e.look(ctx)
		wait.Reset(min(max(time.Duration(e.wage.IntervalMS)*time.Millisecond/looksPerInterval, lookLeast), lookMost))
	}
}

// look closes an interval that is over, counts who is there, and books what is owed.
func (e *Earner) look(ctx context.Context) {
	now, steady := e.opt.Now(), e.opt.Steady()
	e.heed(e.opt.Wage(), steady)
	if start := e.wage.Interval(steady); start != e.interval {
		e.owe(e.there.There())
		e.interval, e.there = start, pay.Attendance{}
	}
	if v := e.opt.View(); e.wage.Enabled && v.Closed() == nil && v.People != nil {
		r := e.opt.Rules()
		earning := pay.Earning(v.People, v.Self, min(r.QueueRank, r.NextRank))
		e.there.Look(earning)
		e.greet(ctx, earning, now)
	}
	e.pay(ctx, now)
}

// heed takes up a changed wage. Another length of the interval begins a new one, and what was seen of the one before is not
// paid: nobody is paid twice for one time. Another sum counts from the interval that is under way.
func (e *Earner) heed(w pay.Wage, nowMS int64) {
	if w.IntervalMS != e.wage.IntervalMS || !w.Enabled {
		e.interval, e.there = w.Interval(nowMS), pay.Attendance{}
	}
	e.wage = w
}

// owe notes what an interval has earned. When the books cannot be written for very long the oldest is given up.
func (e *Earner) owe(there []channel.User) {
	if e.wage.Coins == 0 {
		return
	}
	for _, u := range there {
		e.owed = append(e.owed, e.wage.Earned(e.interval, u))
	}
	e.owed = e.owed[max(0, len(e.owed)-owedMax):]
}

// pay books what is owed, a part at a time, so that buyers never wait long behind it.
func (e *Earner) pay(ctx context.Context, nowMS int64) {
	for len(e.owed) > 0 {
		n := min(len(e.owed), payStep)
		_, err := e.opt.Book.Earn(ctx, e.owed[:n], nowMS)
		if !e.booked(ctx, "what viewers have earned could not be booked; it is tried again", err) {
			return
		}
		e.owed = e.owed[n:]
	}
}

// greet welcomes who has not been seen before. Whoever leaves is forgotten: the books know whom they have welcomed.
func (e *Earner) greet(ctx context.Context, earning []channel.User, nowMS int64) {
	if e.wage.Welcome == 0 {
		return
	}
	here := make(map[channel.UserKey]bool, len(earning))
	var fresh []ledger.Transfer
	for _, u := range earning {
		if e.greeted[u.Key] {
			here[u.Key] = true
		} else if len(fresh) < payStep { // the others at the next look
			fresh = append(fresh, e.wage.Greeting(u))
		}
	}
	e.greeted = here
	if len(fresh) == 0 {
		return
	}
	_, err := e.opt.Book.Welcome(ctx, fresh, nowMS)
	if !e.booked(ctx, "new viewers could not be welcomed; it is tried again", err) {
		return
	}
	for _, t := range fresh {
		e.greeted[channel.UserKey(t.User)] = true
	}
}

// booked reports the first of several failures.
func (e *Earner) booked(ctx context.Context, what string, err error) bool {
	if err != nil && !e.failing && ctx.Err() == nil {
		e.opt.Report(what, err)
	}
	e.failing = err != nil
	return cmp.Or(err, ctx.Err()) == nil
}
