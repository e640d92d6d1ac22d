package station

import (
	"context"
	"fmt"
	"slices"
	"time"

	"playbill/core/asrun"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/promo"
	"playbill/core/shadow"
)

// promos brings the promos closer to what they should be: one step, or one question to the plugins. Walk A from the
// open slot to the clip in its place.
func (h *hands) promos(ctx context.Context, v *View) bool {
	pv := h.promoView(v)
	if s, wrong := h.wrong(pv); wrong {
		return h.step(ctx, v, s)
	}
	gaps, also := h.open(v, pv)
	if len(gaps) == 0 && len(also) == 0 {
		return false
	}
	got := h.ask(ctx, OnAdvance, v, gaps, also)
	if h.opt.Settings.Promos().Revision != pv.Settings.Revision {
		v = h.View() // the settings changed while they were asked
		again := h.ask(ctx, OnAdvance, v, promo.Open(h.promoView(v)), nil)
		again.keep(got.calls)
		got = again
	}
	h.onceMore(got)
	h.fill(ctx, got)
	return true
}

// onceMore lets gaps be asked again in a while whose plugin was late or died: that says nothing about its opinion. A few
// times only, for each such question may cost its deadline.
func (h *hands) onceMore(got answers) {
	for _, g := range got.gaps {
		key := gapKey(g.Role, g.Target)
		if !got.unanswered(g) || h.late[key] >= lateTries {
			continue
		}
		h.late[key]++
		delete(h.asked, key)
		h.later[key] = time.Now().Add(lateAfter)
	}
}

// open returns the gaps that have not been asked under the present circumstances, and the plugins that want to be asked
// at every advance and have not been at this one. It notes both as asked.
func (h *hands) open(v *View, pv promo.View) (gaps []promo.Gap, also []string) {
	roster := h.opt.Asker.Roster()
	fresh := v.LastAsRun != h.round
	if fresh {
		h.newRound(v)
	}
	now := h.stampNow(v, roster)
	for _, g := range promo.Open(pv) {
		at, key := promo.Airing{Target: g.Target.ID, N: g.Target.Airings}, gapKey(g.Role, g.Target)
		now.timed = g.Timed
		if h.asked[key] == now || h.plans[at] >= plansPerTarget || h.notYet(key) {
			continue
		}
		h.asked[key] = now
		gaps = append(gaps, g)
	}
	for _, m := range roster {
		if fresh && m.Ready && m.EveryAdvance && m.Subscribes(OnAdvance) {
			also = append(also, m.Plugin)
		}
	}
	return gaps, also
}

// gapKey names the gap before one airing of a target.
func gapKey(role shadow.Role, target *shadow.Entry) string {
	return fmt.Sprintf("%s %d.%d", role, target.ID, target.Airings)
}

// newRound forgets what was remembered about entries that are not ahead any more.
func (h *hands) newRound(v *View) {
	h.round = v.LastAsRun
	clear(h.asked)
	clear(h.late)
	for at := range h.plans {
		if e := v.Shadow.Find(at.Target); e == nil || e.Airings != at.N {
			delete(h.plans, at)
		}
	}
}

// insertFor fills the lead-in gap of one paid entry with what its plugin answered to OnPay. Both are seated afterwards.
func (h *hands) insertFor(ctx context.Context, target shadow.EntryID, got answers) {
	if len(got.calls) == 0 {
		return
	}
	plan := promo.Fill(h.promoView(h.View()), got.Answers, got.seed)
	for _, s := range plan.Steps {
		if s.Target.ID == target {
			h.insert(ctx, s, &got)
			break
		}
	}
	h.record(ctx, &got, nil)
}

// fill decides on a fresh view which proposals are taken, and inserts them one by one: each time anew, because the list
// moves on. What stands wrong is mended first, unless that failed a moment ago. A plugin's answer carries one new state,
// so of each plugin one insert is taken; its other slots are asked again.
func (h *hands) fill(ctx context.Context, got answers) {
	used := map[string]bool{}
	for {
		v := h.View()
		pv := h.promoView(v)
		if s, wrong := h.wrong(pv); wrong {
			h.step(ctx, v, s)
			continue
		}
		plan := promo.Fill(pv, got.Answers, got.seed)
		i := slices.IndexFunc(plan.Steps, func(s promo.Step) bool { return !used[s.Proposal.Plugin] })
		if i < 0 {
			if len(plan.Steps) > 0 {
				clear(h.asked) // what is left over is asked anew
			}
			h.record(ctx, &got, got.asked(plan.Skipped))
			return
		}
		used[plan.Steps[i].Proposal.Plugin] = true
		if !h.insert(ctx, plan.Steps[i], &got) {
			clear(h.asked) // the rest is asked anew
			h.record(ctx, &got, nil)
			return
		}
	}
}

// wrong returns the first promo that stands wrong, or should not be there, and may be mended now.
func (h *hands) wrong(pv promo.View) (promo.Step, bool) {
	for _, s := range promo.Keep(pv) {
		if !h.notYet(keyOf("promo", s.Entry)) {
			return s, true
		}
	}
	return promo.Step{}, false
}

// asked keeps the decisions about gaps that this question was about: the others were decided when they were asked, or
// will be.
func (a *answers) asked(skipped []asrun.Decision) []asrun.Decision {
	return slices.DeleteFunc(skipped, func(d asrun.Decision) bool {
		return !slices.ContainsFunc(a.gaps, func(g promo.Gap) bool { return g.Rule == d.Rule && int64(g.Target.ID) == d.Target })
	})
}

// record keeps what was asked and answered when nothing came of it, and why a slot stays empty.
func (h *hands) record(ctx context.Context, got *answers, skipped []asrun.Decision) {
	if len(got.calls) == 0 && len(skipped) == 0 {
		return
	}
	calls := got.calls
	got.calls = nil
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		for _, d := range skipped {
			m.decide(t, d, got.event, got.hook)
		}
		t.Calls = calls
		t.States = append(t.States, counted(m, calls)...)
		return nil
	})
	h.report("a decision could not be kept", err)
}

// decide adds a decision to a turn and returns its id.
func (m *mind) decide(t *Turn, d asrun.Decision, event string, hook Hook) int64 {
	m.lastDecision++
	d.ID, d.AtMS, d.EventID, d.Hook = m.lastDecision, t.AtMS, event, string(hook)
	t.Decisions = append(t.Decisions, d)
	return d.ID
}

// step seats or withdraws a promo that is there.
func (h *hands) step(ctx context.Context, v *View, s promo.Step) bool {
	e := v.Shadow.Find(s.Entry)
	if e == nil {
		return false
	}
	if s.Kind == promo.Withdraw {
		if h.withdrawPromo(ctx, s) {
			return true
		}
		h.postpone(keyOf("promo", s.Entry))
		return false
	}
	at := promo.Airing{Target: s.Before}
	if before := v.Shadow.Find(s.Before); before != nil {
		at.N = before.Airings
	}
	if h.plans[at]++; h.plans[at] > plansPerTarget {
		h.postpone(keyOf("promo", s.Entry))
		return false // somebody moves it as often as we do
	}
	if !h.moveBehind(ctx, e, previous(&v.Shadow, s.Before, e.ID)) {
		h.postpone(keyOf("promo", s.Entry))
		return false
	}
	return true
}

// previous returns the entry that stands before another in play order, leaving one out of account.
func previous(s *shadow.Shadow, id, but shadow.EntryID) *shadow.Entry {
	for i := s.Place(id) - 1; i >= 0; i-- {
		if e := s.At(i); e.ID != but {
			return e
		}
	}
	return nil
}

// withdrawPromo makes it durable that a promo is not wanted any more; one that was not sent ends at once.
func (h *hands) withdrawPromo(ctx context.Context, s promo.Step) bool {
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		e := m.shadow.Find(s.Entry)
		if e == nil || e.Leaving != "" {
			return errStale
		}
		n := *e
		n.Leaving = s.Reason
		m.withEntry(&n)
		m.decide(t, s.Decision, "", "")
		return nil
	})
	h.report("a promo could not be withdrawn", err)
	return err == nil
}

// insert places one new promo: decision, calls, entry and cadence in one turn, then the command. It reports whether the
// outcome is known. When the promo is gone again before its target has started, the gap is asked anew.
func (h *hands) insert(ctx context.Context, s promo.Step, got *answers) bool {
	s, ok := h.alone(ctx, s, got)
	if !ok {
		h.postpone(gapKey(s.Role, s.Target))
		return false
	}
	h.plans[promo.Airing{Target: s.Target.ID, N: s.Target.Airings}]++
	delete(h.asked, gapKey(s.Role, s.Target))
	got.filled(s)
	e, ok := h.sendingPromo(ctx, s, got)
	if !ok {
		h.postpone(gapKey(s.Role, s.Target))
		clear(h.asked)
		return false
	}
	r := h.addPromo(ctx, s, e)
	if r.Outcome == channel.Refused {
		h.refusedPromo(ctx, s, e, r.Fault)
		return true
	}
	h.crash("leadin.placed.after")
	return r.Outcome == channel.Done
}

// sendingPromo makes it durable that the command may leave. The plugin's new state waits on the entry.
func (h *hands) sendingPromo(ctx context.Context, s promo.Step, got *answers) (*shadow.Entry, bool) {
	id := h.opt.Journal.NextEntry()
	var e *shadow.Entry
	err := h.tell(ctx, func(m *mind, t *Turn) error {
		target := m.shadow.Find(s.Target.ID)
		if m.proposes(s.Proposal.Plugin) || target == nil || target == m.shadow.OnAir() || target.Airings != s.Target.Airings {
			return errStale
		}
		e = &shadow.Entry{ID: id, Role: s.Role, State: shadow.Sent, Media: s.Clip.Media, Temp: true, AddedBy: m.self,
			PromoType: s.Type, SentN: unsent, SentAtMS: t.AtMS, PlannedAtMS: s.AirsAtMS, Plugin: s.Proposal.Plugin,
			Proposal: &shadow.Proposal{Plugin: s.Proposal.Plugin, Base: s.Proposal.BaseRev, Version: s.Proposal.StateVersion, Next: s.Proposal.NextState}}
		if s.Proposal.NextState == nil {
			e.Proposal = nil // it leaves its state as it was
		}
		if s.Role == shadow.LeadIn {
			e.Target, e.Airing = target.ID, target.Airings
		}
		e.Decision = m.decide(t, s.Decision, got.event, got.hook)
		t.Calls = got.calls
		t.States = append(t.States, counted(m, got.calls)...)
		m.promo = s.State
		m.withEntry(e)
		return nil
	})
	h.report("a promo could not be written as sent", err)
	if err != nil {
		return nil, false
	}
	got.calls = nil
	h.crash("leadin.sent.after")
	return e, true
}

func (h *hands) addPromo(ctx context.Context, s promo.Step, e *shadow.Entry) channel.Result {
	for try := 1; ; try++ {
		v := h.View()
		add := channel.Add{Media: e.Media, Temp: true, Urgent: channel.ForPromo,
			Next: v.Can.AddNext && previous(&v.Shadow, s.Before, e.ID) == v.Shadow.OnAir()}
		r := h.do(ctx, addWait, add)
		h.crash("leadin.add.after")
		if paced(r) && try < addTries && h.View().Shadow.Find(e.ID) != nil {
			continue
		}
		h.fold(ctx, e.ID, add, r)
		return r
	}
}

// refusedPromo ends a promo whose clip the channel refused. Refusals for pace, duplicates, permission or a full list
// say nothing about the clip.
func (h *hands) refusedPromo(ctx context.Context, s promo.Step, e *shadow.Entry, f *fault.Fault) {
	h.log.Warn("the channel refused a promo", "clip", e.Media.Title, "type", e.PromoType, "fault", f)
	if f != nil && (f.Code == fault.Media || f.Code == fault.TooLong) {
		err := h.tell(ctx, func(m *mind, _ *Turn) error {
			m.promo = m.promo.RefusedByChannel(e.Media.Key().ClipKey(), f.Sentence, promo.Airing{Target: s.Target.ID, N: s.Target.Airings})
			return nil
		})
		h.report("a refusal could not be counted", err)
	} else {
		h.postpone(gapKey(s.Role, s.Target))
		clear(h.asked)
	}
	h.refused(ctx, e.ID)
}
