package till_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/station"
	"playbill/core/till"
)

// payroll books in memory, as the store does: each key once, nobody who is blocked.
type payroll struct {
	mu      sync.Mutex
	booked  map[string]ledger.Transfer
	known   map[string]bool
	blocked map[string]bool
	broken  error
	calls   int
}

func (p *payroll) Earn(_ context.Context, ts []ledger.Transfer, _ int64) (int, error) {
	return p.book(ts, func(t ledger.Transfer) bool { _, again := p.booked[t.Key]; return again })
}

func (p *payroll) Welcome(_ context.Context, ts []ledger.Transfer, _ int64) (int, error) {
	return p.book(ts, func(t ledger.Transfer) bool { return p.known[t.User] })
}

func (p *payroll) book(ts []ledger.Transfer, skip func(ledger.Transfer) bool) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.broken != nil {
		return 0, p.broken
	}
	for _, t := range ts {
		if !skip(t) && !p.blocked[t.User] {
			p.booked[t.Key], p.known[t.User] = t, true
			n++
		}
	}
	return n, nil
}

func (p *payroll) coins(user string) (c ledger.Coins) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.booked {
		if t.User == user {
			c += t.Amount
		}
	}
	return c
}

// attended is a room in a bubble, whose clock starts at midnight UTC, with somebody paid for being in it.
type attended struct {
	*payroll
	view    station.View
	wage    pay.Wage
	reports []string
	stop    func()
	backMS  atomic.Int64 // by how much the clock was set back
}

func (a *attended) pays() pay.Wage {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.wage
}

// changeWage is what an admin does on the page of prices.
func (a *attended) changeWage(how func(*pay.Wage)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	how(&a.wage)
}

func attend(t *testing.T, p *payroll) *attended {
	t.Helper()
	if p == nil {
		p = &payroll{booked: map[string]ledger.Transfer{}, known: map[string]bool{}, blocked: map[string]bool{}}
	}
	a := &attended{payroll: p, wage: pay.Wage{Enabled: true, IntervalMS: 600_000, Coins: 10, Welcome: 100}, view: station.View{Health: channel.Good, Resolved: true, Self: "bot"}}
	a.here("ann", "bot")
	return a
}

func (a *attended) here(names ...string) {
	people := []channel.User{}
	for _, n := range names {
		people = append(people, channel.User{Key: channel.Fold(n), Name: n, RankTenths: 10})
	}
	a.change(func(v *station.View) { v.People = people })
}

func (a *attended) change(how func(*station.View)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	v := a.view
	how(&v)
	a.view = v
}

// run starts an earner; a.stop ends it and waits.
func (a *attended) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	wall := func() int64 { return time.Now().UnixMilli() - a.backMS.Load() }
	openedMS, opened := wall(), time.Now()
	e := till.NewEarner(till.EarnOptions{Book: a, Rules: pay.Defaults, Wage: a.pays, Now: wall,
		Steady: func() int64 { return max(wall(), openedMS+time.Since(opened).Milliseconds()) }, // as channel.Steady
		View: func() *station.View {
			a.mu.Lock()
			defer a.mu.Unlock()
			v := a.view
			return &v
		},
		Report: func(what string, _ error) { a.reports = append(a.reports, what) }})
	done := make(chan struct{})
	go func() { // ends with ctx; a.stop waits
		defer close(done)
		e.Run(ctx)
	}()
	a.stop = func() { cancel(); <-done }
}

func (a *attended) want(t *testing.T, user string, coins ledger.Coins) {
	t.Helper()
	synctest.Wait()
	if got := a.coins(user); got != coins {
		t.Errorf("%s has %d coins, want %d", user, got, coins)
	}
}

func TestAWageChangesWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := attend(t, nil)
		a.run(t)
		defer a.stop()
		time.Sleep(10*time.Minute + time.Second)
		a.want(t, "ann", 110)
		a.changeWage(func(w *pay.Wage) { w.Coins = 25 })
		time.Sleep(10 * time.Minute)
		a.want(t, "ann", 135)
		a.changeWage(func(w *pay.Wage) { w.IntervalMS = 300_000 })
		time.Sleep(10 * time.Minute) // the intervals from 20 and from 25 minutes
		a.want(t, "ann", 185)
		a.changeWage(func(w *pay.Wage) { w.IntervalMS = 1_800_000 })
		time.Sleep(31 * time.Minute) // the one from 30 minutes; the room is looked at once a minute
		a.want(t, "ann", 210)
		a.changeWage(func(w *pay.Wage) { w.Enabled = false })
		a.here("ann", "bob")
		time.Sleep(2 * time.Hour)
		a.want(t, "ann", 210)
		a.want(t, "bob", 0)
		a.changeWage(func(w *pay.Wage) { w.Enabled, w.IntervalMS, w.Welcome = true, 600_000, 7 })
		time.Sleep(10 * time.Minute)
		a.want(t, "ann", 235)
		a.want(t, "bob", 32)
	})
}

func TestPresentViewersEarn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := attend(t, nil)
		a.run(t)
		defer a.stop()
		a.want(t, "ann", 100) // welcome
		time.Sleep(10*time.Minute + time.Second)
		a.want(t, "ann", 110)
		a.here("ann", "bob")
		time.Sleep(10 * time.Minute)
		a.want(t, "ann", 120)
		a.want(t, "bob", 110)
		a.here("bob") // ann leaves after the first look of this interval
		time.Sleep(10 * time.Minute)
		a.want(t, "ann", 120)
		a.want(t, "bob", 120)
		a.want(t, "bot", 0)
	})
}

// TestAnHourThatComesAgainIsPaidOnce: a clock that is set back by an hour costs nobody that hour, nor is it paid twice when
// the host starts again within it.
func TestAnHourThatComesAgainIsPaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := attend(t, nil)
		a.run(t)
		time.Sleep(65 * time.Minute)
		a.want(t, "ann", 160)
		a.backMS.Store(time.Hour.Milliseconds())
		time.Sleep(30 * time.Minute)
		a.want(t, "ann", 190) // as if nothing had been
		a.stop()
		a.run(t) // 35 minutes past, for the second time: what was paid ahead of it is not paid again
		defer func() { a.stop() }()
		time.Sleep(50 * time.Minute)
		a.want(t, "ann", 190)
		time.Sleep(30 * time.Minute) // the intervals from 90 and from 100 minutes past
		a.want(t, "ann", 210)
	})
}

func TestLookingInWhenItIsPaidEarnsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := attend(t, nil)
		a.run(t)
		defer a.stop()
		time.Sleep(8*time.Minute + 30*time.Second)
		a.here("ann", "bob")
		time.Sleep(2 * time.Minute)
		a.want(t, "ann", 110)
		a.want(t, "bob", 100) // the welcome only
	})
}

func TestNobodyEarnsTwiceForOneInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := attend(t, nil)
		first.here("ann", "Ann") // two tabs
		for range 5 {            // five restarts within one interval, and two hosts for a while
			first.run(t)
			other := attend(t, first.payroll)
			other.run(t)
			time.Sleep(90 * time.Second)
			first.stop()
			other.stop()
		}
		first.run(t)
		time.Sleep(3 * time.Minute)
		first.want(t, "ann", 110)
		first.stop()
	})
}

func TestInDoubtNobodyIsCounted(t *testing.T) {
	for name, doubt := range map[string]func(*station.View){
		"degraded":       func(v *station.View) { v.Health = channel.Degraded },
		"starting":       func(v *station.View) { v.Resolved = false },
		"journal":        func(v *station.View) { v.Journal = "It cannot be written." },
		"people unknown": func(v *station.View) { v.People = nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := attend(t, nil)
				a.change(doubt)
				a.run(t)
				time.Sleep(21 * time.Minute)
				synctest.Wait()
				if a.calls != 0 {
					t.Errorf("%d bookings in doubt", a.calls)
				}
				// Half an interval in doubt does not cost the other half.
				a.stop()
				a = attend(t, nil)
				a.run(t)
				time.Sleep(2 * time.Minute) // 23 minutes past
				here := a.view.People
				a.change(doubt)
				time.Sleep(5 * time.Minute)
				a.change(func(v *station.View) {
					v.Health, v.Resolved, v.Journal, v.People = channel.Good, true, "", here
				})
				time.Sleep(3 * time.Minute)
				a.want(t, "ann", 110)
				a.stop()
			})
		})
	}
}

func TestWhatIsEarnedWaitsForTheBooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := attend(t, nil)
		a.blocked["eve"] = true
		a.here("ann", "eve")
		a.run(t)
		defer a.stop()
		synctest.Wait()
		a.mu.Lock()
		a.broken = errors.New("the disk is full")
		a.mu.Unlock()
		time.Sleep(25 * time.Minute)
		a.want(t, "ann", 100)
		a.mu.Lock()
		a.broken = nil
		a.mu.Unlock()
		time.Sleep(2 * time.Minute)
		a.want(t, "ann", 120)
		a.want(t, "eve", 0)
		if want := []string{"what viewers have earned could not be booked; it is tried again"}; !slices.Equal(a.reports, want) {
			t.Errorf("reported: %q", a.reports)
		}
	})
}
