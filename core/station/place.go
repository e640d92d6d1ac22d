package station

import (
	"cmp"
	"context"
	"slices"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/promo"
	"playbill/core/shadow"
)

// place takes one purchase a way towards its place, in buying order: walk B from the hold to the announcement. After a
// restart, or when a step did not succeed, it goes on from what is so.
func (h *hands) place(ctx context.Context, v *View) bool {
	for _, p := range inBuyingOrder(v.Purchases) {
		e := v.EntryOf(p.ID)
		if e == nil || e.Leaving != "" || h.notYet(keyOf("place", e.ID)) {
			continue
		}
		switch {
		case p.State == pay.Held && e.State == shadow.Wanted:
			h.buy(ctx, p, e)
			return true
		case p.State == pay.Adding && e.State == shadow.Bound:
			h.seatPaid(ctx, p, e)
			return true
		case p.State == pay.Placed && v.reseat[p.ID]:
			h.seatAgain(ctx, p, e)
			return true
		}
	}
	return false
}

func inBuyingOrder(open map[string]pay.Purchase) []pay.Purchase {
	all := make([]pay.Purchase, 0, len(open))
	for _, p := range open {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b pay.Purchase) int {
		return cmp.Or(cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.ID, b.ID)) // entries are numbered as they are sold; a clock may be set back
	})
	return all
}

// buy is the purchase job: sent, the lead-in's plugin asked beside the add, both added, both moved back to back.
func (h *hands) buy(ctx context.Context, p pay.Purchase, e *shadow.Entry) {
	if reason := h.refusal(p, e); reason != "" {
		h.report("a purchase could not be withdrawn", h.Withdraw(ctx, []string{p.ID}, reason))
		return
	}
	if !h.sending(ctx, e) {
		return
	}
	h.quiet[p.ID] = true
	answers := h.askPay(ctx, e) // beside the add
	if !h.addPaid(ctx, p, e) {
		<-answers
		return
	}
	got := <-answers
	h.crash("pay_asked.after")
	h.insertFor(ctx, e.ID, got)
	h.seatPaid(ctx, p, e)
}

// refusal checks again what may have changed since the hold: a restart may lie between.
func (h *hands) refusal(p pay.Purchase, e *shadow.Entry) string {
	v := h.View()
	if v.Gate.PromosClosed { // an event, which withdraws every purchase; what was bought before its pre-event lock goes on
		return pay.Displaced
	}
	if anchor(&v.Shadow, v.Purchases, p) == nil {
		return pay.NoAnchor
	}
	if v.Can.Dupes {
		return ""
	}
	for _, other := range v.Shadow.Entries {
		if other.Media.Key() == e.Media.Key() && other.ID != e.ID {
			return pay.AddFailed
		}
	}
	return ""
}

// sending makes it durable that the command may leave.
func (h *hands) sending(ctx context.Context, e *shadow.Entry) bool {
	h.crash("sent.before")
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		p, now := m.purchases[e.Purchase], m.shadow.Find(e.ID)
		if now == nil || p.State != pay.Held || now.Leaving != "" {
			return errStale
		}
		n := *now
		n.State, n.SentAtMS, n.AddedBy = shadow.Sent, t.AtMS, m.self
		n.SentN = unsent
		m.withEntry(&n)
		m.fact(t, p.ID, pay.Sending, "")
		return nil
	})
	h.crash("sent.after")
	h.report("a purchase could not be written as sent", err)
	return err == nil
}

// unsent is the number of a command that is about to leave: no state can speak of it yet.
const unsent = int64(1) << 62

// errStale: what the step was for is not so any more. Not an error of anybody's.
var errStale = fault.New(fault.Stale, "what this was for has changed")

// addPaid adds the entry, again while the channel only asks for patience, and reports whether it is listed.
func (h *hands) addPaid(ctx context.Context, p pay.Purchase, e *shadow.Entry) bool {
	for try := 1; ; try++ {
		v := h.View()
		behind := anchor(&v.Shadow, v.Purchases, p)
		add := channel.Add{Media: e.Media, Temp: true, Urgent: channel.ForPurchase,
			Next: v.Can.AddNext && behind != nil && behind == v.Shadow.OnAir()}
		h.crash("add.before")
		r := h.do(ctx, addWait, add)
		h.crash("add.after")
		if paced(r) && try < addTries && h.still(p.ID, pay.Adding) {
			continue
		}
		h.fold(ctx, e.ID, add, r)
		if r.Outcome == channel.Refused {
			h.refused(ctx, e.ID)
		}
		return r.Outcome == channel.Done
	}
}

func (h *hands) still(id string, s pay.State) bool {
	p, known := h.View().Purchases[id]
	return known && p.State == s
}

// refused ends an entry whose add the channel refused.
func (h *hands) refused(ctx context.Context, id shadow.EntryID) {
	err := h.tellFact(ctx, func(m *mind, t *Turn) error {
		e := m.shadow.Find(id)
		if e == nil || e.State != shadow.Sent {
			return nil
		}
		n := *e
		n.State, n.EndedAtMS, n.EndedHow, n.Proposal = shadow.Ended, t.AtMS, shadow.Refused, nil
		before := m.shadow
		m.withEntry(&n)
		m.take(t, &before, shadow.Changes{Ended: []*shadow.Entry{&n}})
		return nil
	})
	h.report("a refusal could not be written", err)
}

// seatPaid moves a listed paid entry behind its anchor, verifies it, and announces it. An entry that cannot be brought
// to its place is given up and refunded.
func (h *hands) seatPaid(ctx context.Context, p pay.Purchase, e *shadow.Entry) {
	v := h.View()
	now := v.Shadow.Find(e.ID)
	if now == nil || !now.Listed() || now == v.Shadow.OnAir() || now.Leaving != "" {
		return
	}
	if !inPlace(&v.Shadow, v.Purchases, p, now) {
		if v.moved[now.ID] >= moveTries {
			h.report("a purchase could not be withdrawn", h.Withdraw(ctx, []string{p.ID}, pay.MoveFailed))
			return
		}
		if !h.moveBehind(ctx, now, anchor(&v.Shadow, v.Purchases, p)) {
			h.postpone(keyOf("place", now.ID))
			return
		}
	}
	h.seatPromos(ctx)
	if h.still(p.ID, pay.Placed) {
		h.announce(ctx, p)
	}
}

// seatAgain brings a placed purchase back behind the current block, after a shuffle.
func (h *hands) seatAgain(ctx context.Context, p pay.Purchase, e *shadow.Entry) {
	v := h.View()
	if e.Listed() && e != v.Shadow.OnAir() && !inPlace(&v.Shadow, v.Purchases, p, e) {
		if !h.moveBehind(ctx, e, anchor(&v.Shadow, v.Purchases, p)) && v.moved[e.ID] < moveTries {
			h.postpone(keyOf("place", e.ID))
			return
		}
	}
	err := h.tell(ctx, func(m *mind, _ *Turn) error {
		m.reseat = cloneSet(m.reseat)
		delete(m.reseat, p.ID)
		return nil
	})
	h.report("a purchase could not be brought back", err)
}

// moveBehind moves e right behind another entry and reports whether it stands there.
func (h *hands) moveBehind(ctx context.Context, e, behind *shadow.Entry) bool {
	return h.shift(ctx, e, behind).Outcome == channel.Done
}

// shift moves e right behind another entry. The anchor is looked at once more right before: never one that is about to
// vanish.
func (h *hands) shift(ctx context.Context, e, behind *shadow.Entry) channel.Result {
	v := h.View()
	e, behind = v.Shadow.Find(e.ID), refreshed(&v.Shadow, behind)
	switch {
	case e == nil || behind == nil || e == behind || !e.Listed() || !behind.Listed() || e == v.Shadow.OnAir():
		return channel.Result{Outcome: channel.Refused, Fault: fault.New(fault.Conflict, "The list has moved on meanwhile, so nothing was changed. Look at it and try again.")}
	case ending(v, behind):
		return channel.Result{Outcome: channel.Refused, Fault: fault.New(fault.Conflict, called(behind)+" ends in a moment, and what is put behind it now could vanish with it. Try again in a few seconds.")}
	}
	move := channel.Move{Item: e.Bind, After: behind.Bind}
	h.moving(ctx, e, +1)
	h.crash("move.before")
	r := h.do(ctx, editWait, move)
	h.crash("move.after")
	h.fold(ctx, e.ID, move, r)
	if r.Outcome != channel.Done {
		h.complain("an entry could not be moved", e, r)
		return r
	}
	h.moving(ctx, e, 0)
	return r
}

// moving notes that a paid entry is being moved: if it is gone afterwards, the move is why.
func (h *hands) moving(ctx context.Context, e *shadow.Entry, add int) {
	if e.Role != shadow.Paid {
		return
	}
	err := h.tell(ctx, func(m *mind, _ *Turn) error {
		m.moved = cloneSet(m.moved)
		if m.moved[e.ID] += add; add == 0 {
			delete(m.moved, e.ID)
		}
		return nil
	})
	h.report("a move could not be noted", err)
}

func refreshed(s *shadow.Shadow, e *shadow.Entry) *shadow.Entry {
	if e == nil {
		return nil
	}
	return s.Find(e.ID)
}

// ending reports whether an entry is a temporary one on the air with less than five seconds left: it vanishes, and on
// CyTube what is moved behind it vanishes too.
func ending(v *View, e *shadow.Entry) bool {
	if e != v.Shadow.OnAir() || !e.Temp || e.Media.DurationMS <= 0 {
		return false
	}
	left := v.Shadow.ETAs(v.Can.OverheadMS, nowMS())
	return len(left) > 1 && left[1] < anchorLeftMS
}

// seatPromos seats what stands wrong because of what was just moved.
func (h *hands) seatPromos(ctx context.Context) {
	for range 3 {
		v := h.View()
		steps := promo.Keep(h.promoView(v))
		if len(steps) == 0 || !h.step(ctx, v, steps[0]) {
			return
		}
	}
}
