package station

import (
	"cmp"
	"context"
	"fmt"

	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/promo"
	"playbill/core/shadow"
)

// fire takes the firing one step further: walk (d), from the lock to the event on the air. What is next follows from the
// step and from what is so; the step is written before what it stands for is done, so a kill in between does it again.
func (h *hands) fire(ctx context.Context, v *View) bool {
	f := v.Firing
	switch f.Next(h.so(v)) {
	case event.Withdraw:
		return h.advance(ctx, f, event.Withdrawing, nil)
	case event.Clear:
		return h.advance(ctx, f, event.Clearing, nil)
	case event.Remove:
		return h.removeStranger(ctx, v)
	case event.WriteBody:
		return h.advance(ctx, f, event.Body, h.writeBody)
	case event.Send:
		return h.sendNext(ctx, v)
	case event.WriteRest:
		return h.advance(ctx, f, event.Fallback, h.writeFallback)
	case event.Start, event.Cut:
		return h.startEvent(ctx, v)
	case event.Run:
		return h.advance(ctx, f, event.Running, nil)
	case event.NothingLeft:
		return h.giveUp(ctx, f)
	default:
		return false
	}
}

// advance makes the next step durable, with what it writes, if the firing is still where it was.
func (h *hands) advance(ctx context.Context, f *event.Firing, next event.Step, write func(m *mind, t *Turn, f *event.Firing)) bool {
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		if m.firing == nil || m.firing.ID != f.ID || m.firing.Step != f.Step {
			return errStale
		}
		to := *m.firing
		to.Step = next
		m.withFiring(t, to)
		if write != nil {
			write(m, t, &to)
		}
		return nil
	})
	h.report("a step of an event could not be written", err)
	return err == nil
}

// writeBody gives every title of the body its entry, before anything is sent: the last one is known although single ones
// fail.
func (h *hands) writeBody(m *mind, _ *Turn, f *event.Firing) {
	body, _ := h.opt.Shelf.Programme(f.Playlist)
	for _, media := range body.Items {
		m.withEntry(&shadow.Entry{ID: h.opt.Journal.NextEntry(), Role: shadow.Event, State: shadow.Wanted, Media: media, Temp: true,
			AddedBy: m.self, Firing: f.ID})
	}
}

// writeFallback does the same for what follows the body, which is content like any other.
func (h *hands) writeFallback(m *mind, _ *Turn, f *event.Firing) {
	rest, _ := h.opt.Shelf.Programme(f.Fallback)
	for _, media := range rest.Items {
		m.withEntry(&shadow.Entry{ID: h.opt.Journal.NextEntry(), Role: shadow.Content, State: shadow.Wanted, Media: media,
			AddedBy: m.self, Firing: f.ID})
	}
}

// removeStranger removes one entry that makes room. One that the channel keeps is left where it is after a few tries: the
// event starts with a jump over it.
func (h *hands) removeStranger(ctx context.Context, v *View) bool {
	air := v.Shadow.OnAir()
	for _, e := range v.Shadow.Entries {
		if e == air || e.Leaving == "" || h.tries[e.ID] >= removeTries || h.notYet(keyOf("remove", e.ID)) {
			continue
		}
		if !h.takeOff(ctx, e, false) {
			h.tries[e.ID]++
		}
		return true
	}
	return false
}

// sendNext adds the firing's next entry. They go one after another, each once the one before is known to be listed or
// not: so they stand in their order.
func (h *hands) sendNext(ctx context.Context, v *View) bool {
	e := nextWanted(v)
	if e == nil || h.notYet(keyOf("body", e.ID)) {
		return false
	}
	if !h.sendingBody(ctx, v.Firing, e) {
		h.postpone(keyOf("body", e.ID))
		return false
	}
	h.tries[e.ID]++
	h.addBody(ctx, e)
	h.crash(fmt.Sprintf("fire.body.%d", nth(v, e)))
	return true
}

func nextWanted(v *View) *shadow.Entry {
	var next *shadow.Entry
	for _, e := range v.Shadow.Waiting {
		if e.Firing == v.Firing.ID && e.State == shadow.Wanted && e.Leaving == "" && (next == nil || e.ID < next.ID) {
			next = e
		}
	}
	return next
}

// nth is which of the firing's entries that are there one is, from 1.
func nth(v *View, e *shadow.Entry) int {
	n := 1
	for _, list := range [2][]*shadow.Entry{v.Shadow.Entries, v.Shadow.Waiting} {
		for _, other := range list {
			if other.Firing == e.Firing && other.ID < e.ID {
				n++
			}
		}
	}
	return n
}

// sendingBody makes it durable that the command may leave. While another add of the same media is not resolved it waits:
// nobody could tell the two apart.
func (h *hands) sendingBody(ctx context.Context, f *event.Firing, e *shadow.Entry) bool {
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		now := m.shadow.Find(e.ID)
		if m.firing == nil || m.firing.ID != f.ID || now == nil || now.State != shadow.Wanted || now.Leaving != "" {
			return errStale
		}
		for _, w := range m.shadow.Waiting {
			if w.State == shadow.Sent && w.Media.Key() == now.Media.Key() {
				return errStale
			}
		}
		n := *now
		n.State, n.SentAtMS, n.SentN, n.AddedBy = shadow.Sent, t.AtMS, unsent, m.self
		m.withEntry(&n)
		return nil
	})
	h.report("an event's title could not be written as sent", err)
	return err == nil
}

// addBody adds one entry at the end of the list, again while the channel only asks for patience. A refusal is noted, and
// the rest goes on.
func (h *hands) addBody(ctx context.Context, e *shadow.Entry) {
	add := channel.Add{Media: e.Media, Temp: e.Temp, Urgent: channel.ForPurchase}
	for try := 1; ; try++ {
		h.crash("add.before")
		r := h.do(ctx, addWait, add)
		h.crash("add.after")
		if paced(r) && try < addTries {
			continue
		}
		h.fold(ctx, e.ID, add, r)
		switch {
		case paced(r):
			h.waitsAgain(ctx, e)
		case r.Outcome == channel.Refused:
			h.failedTitle(ctx, e, words(r))
		case r.Outcome == channel.Unknown && h.tries[e.ID] >= addTries:
			h.log.Warn("the channel does not say what became of an event's title", "title", e.Media.Title)
		}
		return
	}
}

// waitsAgain takes back that a title was sent: the channel only asked for patience, and gets it.
func (h *hands) waitsAgain(ctx context.Context, e *shadow.Entry) {
	h.postpone(keyOf("body", e.ID))
	err := h.tellFact(ctx, func(m *mind, _ *Turn) error {
		if now := m.shadow.Find(e.ID); now != nil && now.State == shadow.Sent {
			n := *now
			n.State, n.SentAtMS, n.SentN = shadow.Wanted, 0, 0
			m.withEntry(&n)
		}
		return nil
	})
	h.report("a title could not be put back", err)
}

// words is what the channel says of a refusal.
func words(r channel.Result) string {
	if r.Fault == nil {
		return "the channel does not say why"
	}
	return cmp.Or(r.Fault.Sentence, string(r.Fault.Code))
}

// failedTitle ends an entry that the channel refused, and notes it with the firing.
func (h *hands) failedTitle(ctx context.Context, e *shadow.Entry, why string) {
	err := h.tellFact(ctx, func(m *mind, t *Turn) error {
		now := m.shadow.Find(e.ID)
		if now == nil || now.State != shadow.Sent {
			return nil
		}
		n := *now
		n.State, n.EndedAtMS, n.EndedHow = shadow.Ended, t.AtMS, shadow.Refused
		before := m.shadow
		m.withEntry(&n)
		m.take(t, &before, shadow.Changes{Ended: []*shadow.Entry{&n}})
		if f := m.firing; f.On() && f.ID == e.Firing {
			more := *f
			more.Failed = append(f.Failed[:len(f.Failed):len(f.Failed)], event.Failed{Title: e.Media.Title, Why: why})
			m.withFiring(t, more)
		}
		return nil
	})
	h.report("a title that failed could not be noted", err)
}

// startEvent ends the item on the air, or starts the first title where nothing plays. The mark comes first: it says what is
// owed to who paid for that item. An entry that could not be removed is jumped over.
func (h *hands) startEvent(ctx context.Context, v *View) bool {
	air, first := v.Shadow.OnAir(), firstOf(v)
	if first == nil || h.notYet("start") || air != nil && !h.marked(ctx, air) {
		return false
	}
	h.postpone("start")
	if air == nil || v.Can.Jump && v.Shadow.Next(air.ID) != first {
		h.crash("jump.before")
		h.do(ctx, editWait, channel.Jump{Item: first.Bind})
		h.crash("jump.after")
		return true
	}
	h.takeOff(ctx, air, true)
	return true
}

// firstOf is the firing's first entry that is listed.
func firstOf(v *View) *shadow.Entry {
	for i := range v.Shadow.Len() {
		if e := v.Shadow.At(i); e.Firing == v.Firing.ID && e.Leaving == "" {
			return e
		}
	}
	return nil
}

// marked makes it durable that the event ends what is on the air, and what is owed for it.
func (h *hands) marked(ctx context.Context, air *shadow.Entry) bool {
	if air.Leaving != "" {
		return true
	}
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		e := m.shadow.OnAir()
		if e == nil || e.ID != air.ID || !m.firing.Loading() {
			return errStale
		}
		n := *e
		n.Leaving = pay.Displaced
		switch {
		case e.Role.Promo():
			n.Leaving = promo.HeldByEvent
		case e.Role == shadow.Paid && !event.Half(m.shadow.AirMS(t.AtMS), e.Media.DurationMS):
			n.Leaving = CutByEvent
		}
		m.withEntry(&n)
		return nil
	})
	h.report("the end of what is on the air could not be written", err)
	return err == nil
}

// giveUp lifts the lock of an event of which nothing could be loaded, and tells admins.
func (h *hands) giveUp(ctx context.Context, f *event.Firing) bool {
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		if m.firing == nil || m.firing.ID != f.ID || m.firing.Loaded > 0 {
			return errStale
		}
		m.endFiring(t, event.NothingCame)
		return nil
	})
	h.report("an event could not be given up", err)
	return err == nil
}

// loadingNow refuses changes of admins while an event is loaded.
func loadingNow(v *View) error {
	if !v.Firing.Loading() {
		return nil
	}
	return fault.New(fault.EventLock, fmt.Sprintf("“%s” is being loaded, and the list is its own until it is on the screen. Nothing was changed; try again in a moment.", v.Firing.Label))
}
