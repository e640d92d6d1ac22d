package station

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"playbill/core/channel"
	"playbill/core/pay"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/sdk"
)

// stamp is the circumstances under which a slot was asked: while they stay the same, asking again is idle.
type stamp struct {
	settings, shelf uint64
	roster          string
	refused         int
	timed           uint64 // which clips the clock forbids
}

func (h *hands) stampNow(v *View, roster []Member) stamp {
	var ready []string
	for _, m := range roster {
		if m.Ready {
			ready = append(ready, m.Plugin+"@"+m.Version)
		}
	}
	s := stamp{settings: h.opt.Settings.Promos().Revision, shelf: h.opt.Shelf.Revision(), roster: strings.Join(ready, " ")}
	for _, r := range v.Promo.Refused {
		s.refused += r.Times
	}
	return s
}

// promoView is what a plan may look at, from one view.
func (s *Station) promoView(v *View) promo.View {
	now := nowMS()
	p := promo.View{Shadow: v.Shadow, State: v.Promo, Settings: s.opt.Settings.Promos(), Pools: s.opt.Shelf.Pools(),
		Zone: s.opt.Zone, AirMS: v.Shadow.AirMS(now), Locked: v.Gate.PromosClosed, Dupes: v.Can.Dupes, OverheadMS: v.Can.OverheadMS, NowMS: now}
	switch {
	case v.Load.On():
		p.Held = "held_by_load"
	case !v.Can.Add:
		p.Held = "permission"
	}
	for _, m := range s.opt.Asker.Roster() {
		for _, t := range m.Types {
			p.Offers = append(p.Offers, promo.Offer{Type: t, Plugin: m.Plugin, Ready: m.Ready && m.Subscribes(OnAdvance), Why: m.Why})
		}
	}
	return p
}

// Forecast says which promos are to be expected under settings that need not be saved. It reads the latest View, and
// changes nothing; nil while nothing can be said.
func (s *Station) Forecast(set promo.Settings) []Planned {
	v := s.View()
	if !v.Resolved || v.Health != channel.Good {
		return nil
	}
	p := s.promoView(v)
	p.Settings = set
	return promo.Forecast(p)
}

// answers is what one question to the plugins brought.
type answers struct {
	promo.Answers
	hook  Hook
	event string
	seed  uint64
	gaps  []promo.Gap // those that were put to the plugins
	calls []Outcome
}

// ask puts the gaps' slots to the plugins that offer their types, in parallel, and waits until the hook's deadline.
// Plugins in also are asked even without a slot.
func (h *hands) ask(ctx context.Context, hook Hook, v *View, gaps []promo.Gap, also []string) answers {
	a := answers{hook: hook, event: h.nextEvent(hook), seed: h.opt.Seed(), gaps: gaps}
	slots := map[string][]promo.Slot{}
	for _, g := range gaps {
		for _, s := range g.Slots {
			slots[s.Plugin] = append(slots[s.Plugin], s)
		}
	}
	for _, plugin := range also {
		slots[plugin] = append(slots[plugin], []promo.Slot(nil)...)
	}
	if len(slots) == 0 {
		return a
	}
	per := map[string]sdk.Advance{}
	now, upcoming := seen(v)
	for plugin, theirs := range slots {
		adv := sdk.Advance{Call: h.call(v, plugin, a.event, a.seed), NowPlaying: now, Upcoming: upcoming, People: len(v.People)}
		for _, s := range theirs {
			adv.Slots = append(adv.Slots, s.Slot)
		}
		per[plugin] = adv
	}
	a.calls = h.stamped(v, h.opt.Asker.Promo(ctx, hook, per))
	for _, out := range a.calls {
		a.take(out, slots[out.Plugin])
	}
	return a
}

// stamped notes on each outcome which state its plugin was sent.
func (s *Station) stamped(v *View, outs []Outcome) []Outcome {
	for i := range outs {
		outs[i].StateRev = v.states[outs[i].Plugin].Base
	}
	return outs
}

// take sorts one outcome into proposals and, for each slot without one, why there is none.
func (a *answers) take(out Outcome, slots []promo.Slot) {
	for _, s := range slots {
		i := slices.IndexFunc(out.Answer.Inserts, func(in sdk.Insert) bool { return in.SlotID == s.ID })
		if out.Kind != Proposed || i < 0 {
			kind := out.Kind
			if kind == Proposed {
				kind = NoOpinion
			}
			a.Declined = append(a.Declined, promo.Declined{SlotID: s.ID, Plugin: out.Plugin, Reason: string(kind), Note: out.Why})
			continue
		}
		a.Proposals = append(a.Proposals, promo.Proposal{Plugin: out.Plugin, Priority: out.Priority, Insert: out.Answer.Inserts[i],
			BaseRev: out.StateRev, StateVersion: out.StateVersion, NextState: out.Answer.State})
	}
}

// unanswered reports whether a plugin that could fill a gap was late or died, so that its opinion is not known.
func (a *answers) unanswered(g promo.Gap) bool {
	for _, s := range g.Slots {
		for _, d := range a.Declined {
			if d.SlotID == s.ID && (d.Reason == string(Timeout) || d.Reason == string(Crashed)) {
				return true
			}
		}
	}
	return false
}

// keep takes over the calls of a question whose answers were thrown away: they are recorded, their states are not kept.
func (a *answers) keep(calls []Outcome) {
	for _, c := range calls {
		c.Answer.State = nil
		a.calls = append(a.calls, c)
	}
}

// filled notes that an insert was tried for a gap: it is not one that stays empty for want of a proposal.
func (a *answers) filled(s promo.Step) {
	a.gaps = slices.DeleteFunc(slices.Clone(a.gaps), func(g promo.Gap) bool { return g.Role == s.Role && g.Target.ID == s.Target.ID })
}

// alone asks a plugin that filled several slots with one state once more for the one slot that was chosen: the state that
// is kept must not have used up what is not placed.
func (h *hands) alone(ctx context.Context, s promo.Step, got *answers) (promo.Step, bool) {
	slot, several := got.slotOf(s.Proposal)
	if !several || s.Proposal.NextState == nil {
		return s, true
	}
	gap := promo.Gap{Rule: s.Decision.Rule, Role: s.Role, Target: s.Target, Slots: []promo.Slot{slot}}
	again := h.ask(ctx, got.hook, h.View(), []promo.Gap{gap}, nil)
	got.calls = append(got.calls, again.calls...)
	for _, p := range again.Proposals {
		for _, c := range slot.Clips {
			if p.SlotID == slot.ID && p.ClipKey == c.Key {
				return s.With(p, c), true
			}
		}
	}
	return s, false
}

// slotOf returns the slot that a proposal is for, and whether its plugin filled others with the same state.
func (a *answers) slotOf(p promo.Proposal) (slot promo.Slot, several bool) {
	for _, other := range a.Proposals {
		several = several || other.Plugin == p.Plugin && other.SlotID != p.SlotID
	}
	for _, g := range a.gaps {
		for _, s := range g.Slots {
			if s.ID == p.SlotID {
				slot = s
			}
		}
	}
	return slot, several
}

// askPay asks, beside the add, which lead-in a paid entry gets.
func (h *hands) askPay(ctx context.Context, e *shadow.Entry) <-chan answers {
	v := h.View()
	done := make(chan answers, 1)
	gaps := h.ready(promo.OpenFor(h.promoView(v), e), OnPay)
	go func() { // ends at the hook's deadline; buy waits for it
		defer h.survive("a question to plugins", func() { done <- answers{} })
		done <- h.ask(ctx, OnPay, v, gaps, nil)
	}()
	return done
}

// ready keeps of each gap the slots whose plugins subscribe to the hook.
func (h *hands) ready(gaps []promo.Gap, hook Hook) []promo.Gap {
	subscribed := map[string]bool{}
	for _, m := range h.opt.Asker.Roster() {
		subscribed[m.Plugin] = m.Ready && m.Subscribes(hook)
	}
	for i := range gaps {
		gaps[i].Slots = slices.DeleteFunc(gaps[i].Slots, func(s promo.Slot) bool { return !subscribed[s.Plugin] })
	}
	return gaps
}

// tellCancelled tells the plugins of one paid entry whose refund is committed, and keeps the states they answer with.
func (h *hands) tellCancelled(ctx context.Context, v *View) bool {
	if len(v.cancelled) == 0 {
		return false
	}
	c := v.cancelled[0]
	event, seed := h.nextEvent(OnCancel), h.opt.Seed()
	per := map[string]sdk.Advance{}
	now, upcoming := seen(v)
	for _, m := range h.opt.Asker.Roster() {
		if !m.Ready || !m.Subscribes(OnCancel) {
			continue
		}
		adv := sdk.Advance{Call: h.call(v, m.Plugin, event, seed), NowPlaying: now, Upcoming: upcoming, People: len(v.People),
			Cancelled: paidSeen(c.entry, c.purchase), CancelReason: c.purchase.Reason, LeadInAired: c.leadInAired}
		if c.leadInBy == m.Plugin && !c.leadInAired {
			adv.LeadIn = c.leadIn
		}
		per[m.Plugin] = adv
	}
	var calls []Outcome
	if len(per) > 0 {
		calls = h.stamped(v, h.opt.Asker.Promo(ctx, OnCancel, per))
	}
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		m.cancelled = slices.Clone(m.cancelled[1:])
		t.Calls = calls
		t.States = append(t.States, counted(m, calls)...)
		return nil
	})
	h.report("the answers to a cancel could not be kept", err)
	return true
}

// counted are the new states of plugins that proposed nothing: they are kept at once, unless one of theirs still waits
// on an entry.
func counted(m *mind, calls []Outcome) []PluginState {
	var states []PluginState
	for _, out := range calls {
		data := out.Answer.State
		if out.Hook == OnPresence {
			data = out.Verdicts.State
		}
		if data == nil || len(out.Answer.Inserts) > 0 || m.proposes(out.Plugin) {
			continue
		}
		states = append(states, PluginState{Plugin: out.Plugin, Base: out.StateRev, Version: out.StateVersion, Data: data})
	}
	return states
}

// proposes reports whether a new state of this plugin waits on an entry.
func (m *mind) proposes(plugin string) bool {
	for _, list := range [2][]*shadow.Entry{m.shadow.Entries, m.shadow.Waiting} {
		for _, e := range list {
			if e.Proposal != nil && e.Proposal.Plugin == plugin {
				return true
			}
		}
	}
	return false
}

func (s *Station) call(v *View, plugin, event string, seed uint64) sdk.Call {
	now := nowMS()
	_, offset := time.UnixMilli(now).In(s.opt.Zone).Zone()
	state := v.states[plugin]
	return sdk.Call{EventID: event, Channel: s.opt.Channel, NowMS: now, UTCOffsetSeconds: offset, Seed: seed,
		State: state.Data, StateVersion: state.Version}
}

// seedOf is the chance of a presence round: it comes from the event's name, so that rounds, which are made when people
// come and go, do not change what the hands draw.
func seedOf(event string) uint64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(event))
	return sum.Sum64()
}

// nextEvent numbers a hook event. The fence makes it unique across restarts.
func (s *Station) nextEvent(hook Hook) string {
	return fmt.Sprintf("%s-%d-%d", hook, s.fence, s.events.Add(1))
}

// seen returns what is on the air and what follows, as plugins see it.
func seen(v *View) (now sdk.Entry, upcoming []sdk.Entry) {
	etas := v.Shadow.ETAs(v.Can.OverheadMS, nowMS())
	for i := 0; i < v.Shadow.Len() && i <= upcomingMax; i++ {
		e := v.Shadow.At(i)
		s := paidSeen(e, v.Purchases[e.Purchase])
		s.StartsInMS = max(etas[i], 0)
		if i == 0 && v.Shadow.Cur >= 0 {
			now = s
			continue
		}
		upcoming = append(upcoming, s)
	}
	return now, upcoming
}

func paidSeen(e *shadow.Entry, p pay.Purchase) sdk.Entry {
	s := promo.Seen(e, 0)
	s.Price = int64(p.Price)
	return s
}
