package station

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/notice"
	"playbill/core/pay"
	"playbill/core/promo"
	"playbill/core/shadow"
)

// hands do one job at a time, as straight-line code, and are the only caller of the driver's Do. What there is to do
// follows from the view, by level; every step starts from a fresh one.
type hands struct {
	*Station
	log   hclog.Logger
	later map[string]time.Time // what failed on the channel, and when it may be tried again
	asked map[string]stamp     // slots that were asked, and under which circumstances
	late  map[string]int       // how often a slot was asked and its plugin did not answer
	plans map[promo.Airing]int // changes of plan before an airing of a target
	told  map[int64]int        // PMs tried per notice
	quiet map[string]bool      // purchases on their way that were not announced yet
	round int64                // of the run for which those plugins were asked that want every advance

	sentN   int64 // the number of the last command that was answered
	calling bool  // one is on its way

	tries map[shadow.EntryID]int // of an event: removals and adds that did not succeed

	extras    map[string]Edited // what an admin added, by request key
	extraKeys []string          // the oldest first
}

func newHands(s *Station) *hands {
	h := &hands{Station: s, log: s.log.Named("hands"), later: map[string]time.Time{}, asked: map[string]stamp{}, late: map[string]int{},
		plans: map[promo.Airing]int{}, told: map[int64]int{}, quiet: map[string]bool{}, tries: map[shadow.EntryID]int{}, extras: map[string]Edited{}}
	for id, p := range s.View().Purchases {
		h.quiet[id] = p.State == pay.Adding // of an earlier run; what stands in its place was announced by it
	}
	return h
}

// work runs until ctx ends.
func (h *hands) work(ctx context.Context) {
	for {
		for ctx.Err() == nil && h.guarded(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-h.wakeHands:
		}
	}
}

// guarded does one job; a panic in it is reported and never ends the host. What there is to do is done again from what is
// so, at the earliest with the next view.
func (h *hands) guarded(ctx context.Context) (did bool) {
	defer h.survive("a job", func() { did = false; h.lost(ctx) })
	ctx, end := context.WithCancel(ctx)
	defer end()
	h.job.Store(&end)
	return h.one(ctx)
}

// lost gives what a job was sending when it panicked the number of its command, so that a state can say of it, as of any other
// of which nobody knows what became, that it never came.
func (h *hands) lost(ctx context.Context) {
	n := h.sentN
	if h.calling {
		n++
	}
	h.calling = false
	err := h.tellFact(ctx, func(m *mind, _ *Turn) error {
		for _, e := range m.shadow.Waiting {
			if e.State == shadow.Sent && e.SentN == unsent {
				numbered := *e
				numbered.SentN = n
				m.withEntry(&numbered)
			}
		}
		return nil
	})
	h.report("what was being sent could not be noted", err)
}

// one does the first job that there is, by precedence, and reports whether there was one.
func (h *hands) one(ctx context.Context) bool {
	if h.deliver(ctx) {
		return true
	}
	v := h.View()
	if !v.Resolved || v.Health != channel.Good {
		return h.amend(ctx) // refused in words
	}
	if v.Firing.Loading() {
		idle := v.Firing.Step == event.Fallback // it waits for what is on the air to end
		return h.fire(ctx, v) || h.amend(ctx) || idle && (h.tellCancelled(ctx, v) || h.tellPeople(ctx, v))
	}
	return h.withdraw(ctx, v) || h.amend(ctx) || h.place(ctx, v) || h.promos(ctx, v) || h.announceFound(ctx, v) || h.tellCancelled(ctx, v) || h.tellPeople(ctx, v) || h.load(ctx, v)
}

// withdraw removes one entry that is not wanted any more. What is on the air plays, unless a person skips it or it is
// a lead-in whose target is gone.
func (h *hands) withdraw(ctx context.Context, v *View) bool {
	air := v.Shadow.OnAir()
	for _, e := range v.Shadow.Entries {
		if e.Leaving == "" || e == air && e.Leaving != ByPerson && e.Leaving != promo.TargetGone || h.notYet(keyOf("remove", e.ID)) {
			continue
		}
		h.takeOff(ctx, e, e == air)
		return true
	}
	return false
}

// takeOff removes one entry, and reports whether the channel said that it did.
func (h *hands) takeOff(ctx context.Context, e *shadow.Entry, onAir bool) bool {
	h.crash("remove.before")
	r := h.do(ctx, editWait, channel.Remove{Item: e.Bind})
	h.crash("remove.after")
	h.fold(ctx, e.ID, channel.Remove{Item: e.Bind}, r)
	if r.Outcome != channel.Done {
		h.postpone(keyOf("remove", e.ID))
		h.complain("an entry could not be removed", e, r)
	} else if onAir || e.Role == shadow.Paid {
		h.postpone(keyOf("remove", e.ID)) // the next state says that it left
	}
	return r.Outcome == channel.Done
}

// tellPeople sends one PM that somebody is owed and who is in the room.
func (h *hands) tellPeople(ctx context.Context, v *View) bool {
	if !v.Can.Tell {
		return false
	}
	for _, n := range v.notices {
		key := fmt.Sprintf("tell %d", n.ID)
		here := slices.ContainsFunc(v.People, func(u channel.User) bool { return u.Key == n.User })
		if !here {
			delete(h.told, n.ID)
			continue
		}
		if h.told[n.ID] >= tellTries || h.notYet(key) {
			continue
		}
		h.told[n.ID]++
		r := h.do(ctx, sayWait, channel.Tell{To: n.User, Text: notice.Say(n.Text, v.Can.TextMax)})
		h.postpone(key)
		if r.Outcome == channel.Done {
			h.wasTold(ctx, n.ID)
		}
		return true
	}
	return false
}

func (h *hands) wasTold(ctx context.Context, id int64) {
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		m.notices = slices.DeleteFunc(slices.Clone(m.notices), func(n Notice) bool { return n.ID == id })
		t.Told = append(t.Told, id)
		return nil
	})
	h.report("a notice could not be marked as told", err)
}

// announceFound announces a purchase that came to its place without us: its add was unknown, or of an earlier run.
func (h *hands) announceFound(ctx context.Context, v *View) bool {
	maps.DeleteFunc(h.quiet, func(id string, _ bool) bool { _, open := v.Purchases[id]; return !open })
	for _, p := range inBuyingOrder(v.Purchases) {
		if p.State == pay.Placed && h.quiet[p.ID] {
			h.announce(ctx, p)
			return true
		}
	}
	return false
}

// announce says in the room what was bought. Best effort, once.
func (h *hands) announce(ctx context.Context, p pay.Purchase) {
	delete(h.quiet, p.ID)
	v := h.View()
	e := v.EntryOf(p.ID)
	if e == nil || !v.Can.Say {
		return
	}
	at := Position(&v.Shadow, e.ID)
	if at == 0 {
		return
	}
	text := notice.Added(p.Media.Title, p.BuyerName, p.Price, at)
	h.do(ctx, sayWait, channel.Say{Text: notice.Say(text, v.Can.TextMax)})
}

// do sends one command and waits for its outcome, at most so long.
func (h *hands) do(ctx context.Context, wait time.Duration, c channel.Command) channel.Result {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	h.calling = true
	r := h.opt.Driver.Do(ctx, c)
	h.calling, h.sentN = false, r.N
	h.log.Debug("command", "command", fmt.Sprintf("%T", c), "n", r.N, "outcome", r.Outcome, "fault", r.Fault)
	return r
}

// fold lets the eyes take in the result of a command. It is an observation: it cannot be refused.
func (h *hands) fold(ctx context.Context, id shadow.EntryID, c channel.Command, r channel.Result) {
	err := h.tellFact(ctx, func(m *mind, t *Turn) error {
		before := m.shadow
		next, ch := m.shadow.Fold(id, c, r, t.AtMS)
		m.shadow = next
		m.take(t, &before, ch)
		return nil
	})
	h.report("the result of a command could not be folded; the next state will show it", err)
}

// later and notYet keep what failed on the channel from being tried in a tight circle.
func (h *hands) postpone(key string) { h.later[key] = time.Now().Add(retryAfter) }

func (h *hands) notYet(key string) bool {
	at, has := h.later[key]
	if has && !time.Now().Before(at) {
		delete(h.later, key)
		return false
	}
	return has
}

func keyOf(what string, id shadow.EntryID) string { return fmt.Sprintf("%s %d", what, id) }

func (h *hands) complain(what string, e *shadow.Entry, r channel.Result) {
	h.log.Warn(what, "entry", e.ID, "title", e.Media.Title, "outcome", r.Outcome, "fault", r.Fault)
}

func (h *hands) report(what string, err error) {
	if err != nil && !fault.Is(err, fault.Journal) && err != errStopped && err != error(errStale) && !errors.Is(err, context.Canceled) {
		h.log.Error(what, "error", err)
	}
}

// paced reports whether a refusal says no more than: not now.
func paced(r channel.Result) bool {
	return r.Outcome == channel.Refused && r.Fault != nil && (r.Fault.Code == fault.TooFast || r.Fault.Code == fault.Dropped)
}
