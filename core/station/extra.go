package station

import (
	"context"
	"slices"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/shadow"
)

// addExtra adds what an admin wants on the list: a row that says sent, the command, and its place.
func (h *hands) addExtra(ctx context.Context, x Extra) (Edited, error) {
	if first, again := h.extras[x.RequestKey]; again && x.RequestKey != "" {
		return first, nil
	}
	v := h.View()
	if err := addable(v, x); err != nil {
		return Edited{}, err
	}
	at, err := find(v, nil, x.To)
	if err != nil {
		return Edited{}, err
	}
	e, err := h.sendingExtra(ctx, x)
	if err != nil {
		return Edited{}, err
	}
	r := h.sendExtra(ctx, e, at.behind)
	got, err := outcome(e.ID, r, at.note)
	if err != nil {
		return got, err
	}
	if r.Outcome == channel.Done {
		got.Note = h.seatExtra(ctx, e.ID, x.To, got.Note)
	}
	h.remember(x.RequestKey, got)
	return got, nil
}

// addable says why something cannot be added; nil: it can.
func addable(v *View, x Extra) error {
	same := func(e *shadow.Entry) bool { return e.Media.Key() == x.Media.Key() }
	switch {
	case !v.Can.Add:
		return fault.New(fault.Unsupported, cannot("add to the list"))
	case slices.ContainsFunc(v.Shadow.Waiting, same):
		return fault.New(fault.AlreadyListed, "“"+x.Media.Title+"” is being added already.")
	case !v.Can.Dupes && slices.ContainsFunc(v.Shadow.Entries, same):
		return fault.New(fault.AlreadyListed, "“"+x.Media.Title+"” is on the list already, and this channel lists a title once. Move it instead.")
	case v.Can.ListMax > 0 && v.Shadow.Len() >= v.Can.ListMax:
		return fault.New(fault.ListFull, "The channel's list is full. Remove something first.")
	default:
		return nil
	}
}

// sendingExtra makes it durable that the command may leave.
func (h *hands) sendingExtra(ctx context.Context, x Extra) (*shadow.Entry, error) {
	id := h.opt.Journal.NextEntry()
	var e *shadow.Entry
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		e = &shadow.Entry{ID: id, Role: shadow.Content, State: shadow.Sent, Media: x.Media, Temp: x.Temp, AddedBy: m.self, SentN: unsent, SentAtMS: t.AtMS}
		m.withEntry(e)
		return nil
	})
	h.crash("extra.sent.after")
	return e, err
}

// sendExtra adds the entry, again while the channel only asks for patience.
func (h *hands) sendExtra(ctx context.Context, e, behind *shadow.Entry) channel.Result {
	for try := 1; ; try++ {
		v := h.View()
		add := channel.Add{Media: e.Media, Temp: e.Temp, Urgent: channel.ForPurchase,
			Next: v.Can.AddNext && behind != nil && behind == v.Shadow.OnAir()}
		r := h.do(ctx, addWait, add)
		h.crash("extra.add.after")
		if paced(r) && try < addTries {
			continue
		}
		h.fold(ctx, e.ID, add, r)
		if r.Outcome == channel.Refused {
			h.refused(ctx, e.ID)
		}
		return r
	}
}

// seatExtra brings a listed entry to its place and returns the note about it. It is on the list either way.
func (h *hands) seatExtra(ctx context.Context, id shadow.EntryID, to Spot, note string) string {
	v := h.View()
	e := v.Shadow.Find(id)
	if e == nil || !e.Listed() || e == v.Shadow.OnAir() {
		return note
	}
	at, err := find(v, e, to)
	if err == nil && at.behind != nil && !stands(&v.Shadow, e, at.behind) {
		var r channel.Result
		if r = h.arrange(ctx, e, at.behind); r.Outcome != channel.Done {
			return called(e) + " was added, but could not be brought to its place. It stands where the list shows it."
		}
	}
	if err != nil {
		return called(e) + " was added at the end of the list: its place is gone."
	}
	return note
}

// remember keeps what a request came to, the newest ones.
func (h *hands) remember(key string, got Edited) {
	if key == "" {
		return
	}
	if len(h.extraKeys) >= extrasMax {
		delete(h.extras, h.extraKeys[0])
		h.extraKeys = h.extraKeys[1:]
	}
	h.extras[key] = got
	h.extraKeys = append(h.extraKeys, key)
}
