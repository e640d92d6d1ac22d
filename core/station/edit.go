package station

import (
	"context"
	"sync/atomic"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/shadow"
	"playbill/sdk"
)

// Edited is what became of a change that an admin made.
type Edited struct {
	Entry   shadow.EntryID
	Outcome channel.Outcome // Done; or Unknown: it may still come, and the list will show it
	Note    string          // a sentence, where the list is not quite as it was asked for; else empty
}

// Extra is an entry that an admin adds for nothing.
type Extra struct {
	RequestKey string // the same key again adds nothing and is answered as the first time, for as long as this host runs
	Media      sdk.Media
	Temp       bool // it leaves the list at its end
	To         Spot
}

// edit is a change that an admin waits for.
type edit struct {
	do    func(ctx context.Context, h *hands) (Edited, error)
	taken atomic.Bool // by the hands, or by who does not wait any longer: who is first
	done  chan answer // capacity 1
}

// answer is what an edit came to.
type answer struct {
	Edited
	err error
}

// AddEntry puts a media on the list. It waits until the channel has answered or ctx ends; Unknown says that it may still
// come. Faults: AlreadyListed; EventLock for a place inside an event; Unsupported when the bot may not; the channel's own
// refusals; ChannelDown, Starting and Journal when nothing can be changed now.
func (s *Station) AddEntry(ctx context.Context, x Extra) (Edited, error) {
	return s.edit(ctx, func(ctx context.Context, h *hands) (Edited, error) { return h.addExtra(ctx, x) })
}

// MoveEntry moves a listed title to another place; its lead-in follows. Faults: NotFound for what is not listed, Conflict
// for what cannot be moved, and as for AddEntry.
func (s *Station) MoveEntry(ctx context.Context, id shadow.EntryID, to Spot) (Edited, error) {
	return s.edit(ctx, func(ctx context.Context, h *hands) (Edited, error) { return h.moveEntry(ctx, id, to) })
}

// PlayEntry starts a listed title at once. It is brought behind what is on the air first, so that nothing that waits is
// passed over. Faults as for MoveEntry.
func (s *Station) PlayEntry(ctx context.Context, id shadow.EntryID) (Edited, error) {
	return s.edit(ctx, func(ctx context.Context, h *hands) (Edited, error) { return h.playEntry(ctx, id) })
}

// SkipEntry ends what is on the air, if that is still this entry. A temporary one leaves the list; another one stays on
// it, and what follows starts. Faults: Conflict when it is not on the air any more, or nothing follows; Unsupported when
// the bot may not.
func (s *Station) SkipEntry(ctx context.Context, id shadow.EntryID) (Edited, error) {
	return s.edit(ctx, func(ctx context.Context, h *hands) (Edited, error) { return h.skipEntry(ctx, id) })
}

// edit hands a change to the hands and waits for what it comes to. One that they have not begun when ctx ends is not done.
func (s *Station) edit(ctx context.Context, do func(context.Context, *hands) (Edited, error)) (Edited, error) {
	e := &edit{do: do, done: make(chan answer, 1)}
	select {
	case s.edits <- e:
	case <-ctx.Done():
		return Edited{}, busy()
	case <-s.stopped:
		return Edited{}, errStopped
	}
	select {
	case s.wakeHands <- struct{}{}:
	default: // they are awake
	}
	select {
	case a := <-e.done:
		return a.Edited, a.err
	case <-ctx.Done():
		if e.taken.CompareAndSwap(false, true) {
			return Edited{}, busy()
		}
		return Edited{Outcome: channel.Unknown}, nil
	case <-s.stopped:
		return Edited{}, errStopped
	}
}

func busy() error {
	return fault.New(fault.ChannelDown, "The channel is slow, and other changes wait for it. Nothing was done; try again in a moment.")
}

// amend does one change that an admin waits for, and reports whether there was one. While the list cannot be changed it
// is refused in words.
func (h *hands) amend(ctx context.Context) bool {
	select {
	case e := <-h.edits:
		if !e.taken.CompareAndSwap(false, true) {
			return true
		}
		var a answer
		if a.err = shut(h.View()); a.err == nil {
			a.Edited, a.err = e.do(ctx, h)
		}
		e.done <- a
		return true
	default:
		return false
	}
}

// shut says why nothing can be changed now; nil: it can.
func shut(v *View) error {
	why := v.Closed()
	switch {
	case why == nil, why.Code == fault.Permission: // what cannot be added to can still be taken from
		return loadingNow(v)
	case why.Code == fault.ChannelDown:
		return fault.New(why.Code, "The channel cannot be read now, so nothing was changed. What you see is the last that was known of it.")
	case why.Code == fault.Starting:
		return fault.New(why.Code, "Playbill is starting and has not compared its books with the channel yet. Nothing was changed; try again in a moment.")
	default:
		return why
	}
}

// moveEntry moves one title, and seats the promos that stand wrong by it.
func (h *hands) moveEntry(ctx context.Context, id shadow.EntryID, to Spot) (Edited, error) {
	v := h.View()
	e, err := movable(v, id)
	if err != nil {
		return Edited{}, err
	}
	at, err := find(v, e, to)
	if err != nil {
		return Edited{}, err
	}
	if stands(&v.Shadow, e, at.behind) {
		return Edited{Entry: id, Outcome: channel.Done, Note: at.note}, nil
	}
	r := h.arrange(ctx, e, at.behind)
	return outcome(id, r, at.note)
}

// arrange moves an entry for an admin. What a person arranges is no quarrel about places, so the count of those starts
// anew, and the lead-in follows however often its target was moved.
func (h *hands) arrange(ctx context.Context, e, behind *shadow.Entry) channel.Result {
	r := h.shift(ctx, e, behind)
	clear(h.plans)
	if r.Outcome == channel.Done {
		h.seatPromos(ctx)
	} else {
		h.moving(ctx, e, 0) // it need not be where a purchase wants it: when it is gone, nobody knows why
	}
	return r
}

// playEntry brings a title behind what is on the air and starts it.
func (h *hands) playEntry(ctx context.Context, id shadow.EntryID) (Edited, error) {
	v := h.View()
	e, err := movable(v, id)
	switch {
	case err != nil && !fault.Is(err, fault.Unsupported):
		return Edited{}, err
	case !v.Can.Jump:
		return Edited{}, fault.New(fault.Unsupported, cannot("start a title"))
	case v.Gate.PromosClosed:
		return Edited{}, fault.New(fault.EventLock, "An event is under way, and starting another title would end it. End its lockout first.")
	}
	at, err := find(v, e, Spot{Where: Top})
	if err != nil {
		return Edited{}, err
	}
	if !stands(&v.Shadow, e, at.behind) {
		if !v.Can.Move {
			return Edited{}, fault.New(fault.Unsupported, cannot("move entries")+" Starting it from where it stands would pass over what waits before it.")
		}
		if r := h.arrange(ctx, e, at.behind); r.Outcome != channel.Done {
			return outcome(id, r, "")
		}
	}
	v = h.View()
	now := v.Shadow.Find(id)
	switch {
	case now == nil || !now.Listed():
		return Edited{}, notListed()
	case now == v.Shadow.OnAir(): // it has started by itself; a jump would start it again, or end it
		return Edited{Entry: id, Outcome: channel.Done}, nil
	}
	h.crash("jump.before")
	r := h.do(ctx, editWait, channel.Jump{Item: now.Bind})
	h.crash("jump.after")
	return outcome(id, r, "")
}

// skipEntry ends what is on the air.
func (h *hands) skipEntry(ctx context.Context, id shadow.EntryID) (Edited, error) {
	v := h.View()
	air := v.Shadow.OnAir()
	if air == nil || air.ID != id {
		return Edited{}, fault.New(fault.Conflict, "It is not on the screen any more, so nothing was skipped.")
	}
	if air.Temp {
		if !v.Can.Remove {
			return Edited{}, fault.New(fault.Unsupported, cannot("remove entries"))
		}
		return Edited{Entry: id, Outcome: channel.Done}, h.RemoveEntry(ctx, id)
	}
	next := v.Shadow.Next(id)
	switch {
	case next == nil:
		return Edited{}, fault.New(fault.Conflict, "Nothing follows it, so it cannot be skipped. Add something first.")
	case !v.Can.Jump:
		return Edited{}, fault.New(fault.Unsupported, cannot("skip"))
	}
	return outcome(id, h.do(ctx, editWait, channel.Jump{Item: next.Bind}), "")
}

// movable returns an entry that may be moved, or says why not.
func movable(v *View, id shadow.EntryID) (*shadow.Entry, error) {
	e := v.Shadow.Find(id)
	switch {
	case e == nil || e.State == shadow.Ended:
		return nil, notListed()
	case e == v.Shadow.OnAir():
		return nil, fault.New(fault.Conflict, called(e)+" is on the screen.")
	case e.Leaving != "":
		return nil, fault.New(fault.Conflict, called(e)+" is being taken off the list.")
	case !e.Listed():
		return nil, fault.New(fault.Conflict, called(e)+" is being added, and has no place yet.")
	case e.Role == shadow.LeadIn:
		return nil, fault.New(fault.Conflict, called(e)+" belongs to the title behind it. Move that, and it follows.")
	case e.Role == shadow.General:
		return nil, fault.New(fault.Conflict, called(e)+" stands before the next title, whichever that is. It cannot be moved, only removed.")
	case e.Role == shadow.Event && v.Gate.PromosClosed:
		return nil, fault.New(fault.EventLock, called(e)+" is part of the event that is under way, whose titles keep their order. End its lockout to change that.")
	case e.Role == shadow.Paid && !settledIn(v, e):
		return nil, fault.New(fault.Conflict, called(e)+" is being brought to the place that was paid for. Try again in a moment.")
	case !v.Can.Move:
		return e, fault.New(fault.Unsupported, cannot("move entries"))
	}
	return e, nil
}

// outcome puts what became of a command into what an admin is told.
func outcome(id shadow.EntryID, r channel.Result, note string) (Edited, error) {
	switch {
	case r.Outcome != channel.Refused:
		return Edited{Entry: id, Outcome: r.Outcome, Note: note}, nil
	case r.Fault != nil:
		return Edited{}, r.Fault
	default:
		return Edited{}, fault.New(fault.Media, "The channel refused it and does not say why.")
	}
}

func notListed() error {
	return fault.New(fault.NotFound, "That entry is not on the list any more.")
}

func cannot(what string) string {
	return "The bot may not " + what + " on this channel. Give it the rank for that in the channel's permissions."
}

func called(e *shadow.Entry) string { return "“" + e.Media.Title + "”" }
