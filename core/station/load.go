package station

import (
	"context"
	"fmt"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/shadow"
	"playbill/sdk"
)

// Loading is a saved playlist on its way into the live list.
type Loading struct {
	ID          int64 // per channel, counted from 1
	Playlist    int64
	Name        string // of the playlist, as it was
	By          string // who asked for it
	Total, Done int
	Failed      []event.Failed // titles that the channel did not take, in its words
	StartedAtMS int64
	EndedAtMS   int64  // 0: it is under way
	EndedHow    string // done, cancelled, stopped or interrupted
	Why         string // of one that was stopped or interrupted: a sentence
}

// On reports whether the load is under way.
func (l *Loading) On() bool { return l != nil && l.EndedAtMS == 0 }

// Load begins to add a saved playlist at the end of the live list, a title at a time, behind everything else that the
// channel is asked for. No promo is placed while it is under way. The view says how far it is. Faults: NotFound for the
// playlist, Invalid for an empty one, Conflict while another load or an event is loaded, Unsupported when the bot may not
// add, ChannelDown, Starting and Journal while nothing can be changed.
func (s *Station) Load(ctx context.Context, playlist int64, who audit.Entry) (Loading, error) {
	if err := shut(s.View()); err != nil {
		return Loading{}, err
	}
	p, known := s.opt.Shelf.Programme(playlist)
	switch {
	case !known:
		return Loading{}, fault.New(fault.NotFound, "There is no such playlist. Somebody may have deleted it.")
	case len(p.Items) == 0:
		return Loading{}, fault.New(fault.Invalid, fmt.Sprintf("“%s” is empty, so there is nothing to load.", p.Name))
	}
	var l Loading
	err := s.tell(ctx, func(m *mind, t *Turn) error {
		switch {
		case m.load.On():
			return fault.New(fault.Conflict, fmt.Sprintf("“%s” is being loaded. Wait for it, or cancel it first.", m.load.Name))
		case m.firing.Loading():
			return fault.New(fault.Conflict, fmt.Sprintf("“%s” is being loaded. Load the playlist when it is on the screen.", m.firing.Label))
		case !m.can.Add:
			return fault.New(fault.Unsupported, cannot("add entries"))
		}
		m.lastLoad++
		l = Loading{ID: m.lastLoad, Playlist: playlist, Name: p.Name, By: who.Actor, Total: len(p.Items), StartedAtMS: t.AtMS}
		m.withLoad(t, l)
		m.loading = p.Items
		sign(t, who, actionLoad, "“"+p.Name+"”")
		return nil
	})
	return l, err
}

// CancelLoad ends the load that is under way; what it added stays. Fault: NotFound when there is none.
func (s *Station) CancelLoad(ctx context.Context, who audit.Entry) error {
	return s.tell(ctx, func(m *mind, t *Turn) error {
		if !m.load.On() {
			return fault.New(fault.NotFound, "No playlist is being loaded.")
		}
		name := m.load.Name
		m.endLoad(t, "cancelled", "")
		sign(t, who, actionLoadCancel, "“"+name+"”")
		return nil
	})
}

// withLoad replaces the load, in the mind and in the turn.
func (m *mind) withLoad(t *Turn, l Loading) {
	m.load = &l
	t.Loads = []Loading{l}
}

func (m *mind) endLoad(t *Turn, how, why string) {
	l := *m.load
	l.EndedAtMS, l.EndedHow, l.Why = t.AtMS, how, why
	m.withLoad(t, l)
	m.loading = nil
}

// load adds one title of the load that is under way. Between two of them everything else has its turn.
func (h *hands) load(ctx context.Context, v *View) bool {
	if !v.Load.On() || v.loading == nil || h.notYet("load") {
		return false
	}
	next := v.Load.Done + len(v.Load.Failed)
	if next >= len(v.loading) {
		return false
	}
	e, ok := h.sendingLoad(ctx, v.Load.ID, v.loading[next])
	if !ok {
		h.postpone("load")
		return false
	}
	add := channel.Add{Media: e.Media, Urgent: channel.ForLoad}
	h.crash("add.before")
	r := h.do(ctx, addWait, add)
	h.crash("add.after")
	if paced(r) && h.patient(ctx, e) {
		return true
	}
	h.fold(ctx, e.ID, add, r)
	if r.Outcome == channel.Refused {
		h.refused(ctx, e.ID)
	}
	h.came(ctx, v.Load.ID, e, r)
	return true
}

// sendingLoad makes it durable that the command may leave. While another add of the same media is not resolved it waits.
func (h *hands) sendingLoad(ctx context.Context, load int64, media sdk.Media) (e *shadow.Entry, ok bool) {
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		if !m.load.On() || m.load.ID != load {
			return errStale
		}
		for _, w := range m.shadow.Waiting {
			if w.State == shadow.Sent && w.Media.Key() == media.Key() {
				return errStale
			}
		}
		e = &shadow.Entry{ID: h.opt.Journal.NextEntry(), Role: shadow.Content, State: shadow.Sent, Media: media, AddedBy: m.self,
			SentN: unsent, SentAtMS: t.AtMS}
		m.withEntry(e)
		return nil
	})
	h.report("a title of a load could not be written as sent", err)
	return e, err == nil
}

// patient takes back what was written as sent when the channel only asks for patience: the title is tried again later, as
// often as it takes, for a load is in no hurry.
func (h *hands) patient(ctx context.Context, e *shadow.Entry) bool {
	h.postpone("load")
	h.refused(ctx, e.ID)
	return true
}

// came counts what became of one title. A list that is full, or closed to the bot, ends the load.
func (h *hands) came(ctx context.Context, load int64, e *shadow.Entry, r channel.Result) {
	err := h.tellFact(ctx, func(m *mind, t *Turn) error {
		if !m.load.On() || m.load.ID != load {
			return nil
		}
		l := *m.load
		switch r.Outcome {
		case channel.Done:
			l.Done++
		case channel.Refused:
			l.Failed = append(l.Failed[:len(l.Failed):len(l.Failed)], event.Failed{Title: e.Media.Title, Why: words(r)})
		default:
			l.Failed = append(l.Failed[:len(l.Failed):len(l.Failed)], event.Failed{Title: e.Media.Title, Why: "the channel does not say what became of it; it may still come"})
		}
		m.withLoad(t, l)
		switch {
		case r.Outcome == channel.Refused && r.Fault != nil && (r.Fault.Code == fault.ListFull || r.Fault.Code == fault.Permission):
			m.endLoad(t, "stopped", words(r))
		case l.Done+len(l.Failed) == l.Total:
			m.endLoad(t, "done", "")
		}
		return nil
	})
	h.report("a title of a load could not be counted", err)
}
