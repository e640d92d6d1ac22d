package station

import (
	"context"
	"slices"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/sdk"
)

// watch runs the presence monitor until ctx ends: every interval, and at once when a driver pushes that somebody came,
// left or went AFK. It looks people up and asks the triggers; the clocks are the eyes'.
func (s *Station) watch(ctx context.Context) {
	for {
		set := s.opt.Settings.Presence()
		wait := time.NewTimer(time.Duration(max(set.CheckIntervalMS, 1000)) * time.Millisecond)
		s.untilRound(ctx, wait.C)
		wait.Stop()
		if ctx.Err() != nil {
			return
		}
		if set = s.opt.Settings.Presence(); !set.Enabled || !s.roundOfPresence(ctx, set) {
			s.nobodyLooked(ctx)
		}
	}
}

// untilRound returns when the interval is over, or when the presence of an owner has changed.
func (s *Station) untilRound(ctx context.Context, interval <-chan time.Time) {
	v := s.View()
	start := conditions(v)
	for {
		select {
		case <-ctx.Done():
			return
		case <-interval:
			return
		case <-v.Changed():
		}
		v = s.View()
		if v.Health == channel.Good && v.People != nil && !slices.Equal(start, conditions(v)) {
			return
		}
	}
}

// condition is what presence depends on, for one owner.
type condition struct {
	owner         channel.UserKey
	present, away bool
}

func conditions(v *View) []condition {
	var out []condition
	for _, owner := range owners(v) {
		c := condition{owner: owner}
		for _, p := range v.People {
			if p.Key == owner {
				c.present, c.away = true, p.AFK
			}
		}
		out = append(out, c)
	}
	return out
}

// owners returns, in order, who has pending paid entries that are not on the air.
func owners(v *View) []channel.UserKey {
	var out []channel.UserKey
	air := v.Shadow.OnAir()
	for _, p := range v.Purchases {
		if p.State != pay.Refunding && (air == nil || air.Purchase != p.ID) {
			out = append(out, p.Buyer)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// roundOfPresence looks every owner up once, asks the triggers about those of whom the answer is conclusive, and cancels
// for those whose grace is over. False: the round could not be made, or not be kept, and says nothing.
func (s *Station) roundOfPresence(ctx context.Context, set presence.Settings) (kept bool) {
	defer s.survive("a presence round", func() { kept = false })
	v := s.View()
	if v.Health != channel.Good || !v.Resolved {
		return false
	}
	all := owners(v)
	pending := all
	var seen []sdk.Owner
	for _, owner := range all {
		if o, conclusive := s.lookUp(ctx, v, owner); conclusive {
			seen = append(seen, o)
		}
	}
	var verdicts []presence.Verdict
	var calls []Outcome
	if len(seen) > 0 {
		calls = s.askPresence(ctx, v, seen)
		verdicts = s.verdicts(calls, seen)
	}
	if len(verdicts) == 0 { // no trigger has a say, so nobody says away of whom we saw
		pending = slices.DeleteFunc(slices.Clone(all), func(owner channel.UserKey) bool {
			return slices.ContainsFunc(seen, func(o sdk.Owner) bool { return o.Key == string(owner) })
		})
	}
	if len(all) == 0 && len(v.Clocks) == 0 {
		return true
	}
	err := s.tell(ctx, func(m *mind, t *Turn) error {
		if m.shadow.Health != channel.Good {
			return errStale // it stopped being certain meanwhile
		}
		clocks, cancels := presence.Observe(presence.Keep(m.clocks, pending), verdicts, set.GraceMS, t.AtMS)
		if !slices.Equal(clocks, m.clocks) {
			t.Clocks = &clocks
		}
		m.clocks = clocks
		for _, c := range cancels {
			m.cancelAll(t, c)
		}
		if worthKeeping(calls) {
			t.Calls = calls
		}
		t.States = append(t.States, counted(m, calls)...)
		return nil
	})
	if err != nil && !fault.Is(err, fault.Journal) && !fault.Is(err, fault.Stale) && err != errStopped {
		s.log.Error("a presence round could not be kept", "error", err)
	}
	return err == nil
}

// nobodyLooked brings the clocks up to date without counting, so that the next round does not count the time for which
// this one cannot speak. What is stored stays: a start counts from its own first round anyway.
func (s *Station) nobodyLooked(ctx context.Context) {
	if len(s.View().Clocks) == 0 {
		return
	}
	err := s.tellFact(ctx, func(m *mind, t *Turn) error {
		m.clocks, _ = presence.Observe(m.clocks, nil, 0, t.AtMS)
		return nil
	})
	if err != nil && err != errStopped {
		s.log.Error("the presence clocks could not be held", "error", err)
	}
}

// worthKeeping reports whether a round is recorded: rounds in which every trigger found everybody present are not.
func worthKeeping(calls []Outcome) bool {
	return slices.ContainsFunc(calls, func(o Outcome) bool {
		return len(o.Verdicts.Away) > 0 || o.Kind != Proposed && o.Kind != NoOpinion
	})
}

// cancelAll withdraws every pending purchase of one owner together.
func (m *mind) cancelAll(t *Turn, c presence.Cancel) {
	for _, p := range inBuyingOrder(m.purchases) {
		if p.Buyer == c.Owner {
			m.withdraw(t, p.ID, c.Reason)
		}
	}
	if c.Text != "" {
		m.texts = cloneSet(m.texts)
		m.texts[c.Reason] = c.Text
	}
}

// lookUp says what is known of one owner; inconclusive when the room could not be asked.
func (s *Station) lookUp(ctx context.Context, v *View, owner channel.UserKey) (sdk.Owner, bool) {
	o := sdk.Owner{Key: string(owner)}
	for _, c := range v.Clocks {
		if c.Owner == owner {
			o.AwayMS = c.AwayMS
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	u, err := s.opt.Driver.Lookup(ctx, owner)
	if fault.Is(err, fault.Missing) {
		return o, true
	}
	if err != nil {
		s.log.Debug("a look-up was inconclusive", "error", err)
		return o, false
	}
	o.Present, o.AFK, o.LastChatMS = true, u.AFK, u.LastChatMS
	return o, true
}

func (s *Station) askPresence(ctx context.Context, v *View, seen []sdk.Owner) []Outcome {
	per := map[string]sdk.Round{}
	for _, m := range s.opt.Asker.Roster() {
		if !m.Subscribes(OnPresence) || !m.Ready {
			continue
		}
		event := s.nextEvent(OnPresence)
		per[m.Plugin] = sdk.Round{Call: s.call(v, m.Plugin, event, seedOf(event)), Owners: seen}
	}
	if len(per) == 0 {
		return nil
	}
	return s.stamped(v, s.opt.Asker.Presence(ctx, per))
}

// verdicts turns the outcomes into verdicts. A trigger that is dead, late or invalid is unsure about everybody; one
// that is not loaded or disabled has no say.
func (s *Station) verdicts(calls []Outcome, seen []sdk.Owner) []presence.Verdict {
	var out []presence.Verdict
	for _, m := range s.opt.Asker.Roster() {
		if !m.Subscribes(OnPresence) || m.Disabled {
			continue
		}
		i := slices.IndexFunc(calls, func(o Outcome) bool { return o.Plugin == m.Plugin })
		answered := i >= 0 && (calls[i].Kind == Proposed || calls[i].Kind == NoOpinion)
		for _, o := range seen {
			v := presence.Verdict{Owner: channel.UserKey(o.Key), Plugin: m.Plugin, Unsure: !answered}
			if answered {
				v = judged(v, calls[i].Verdicts)
			}
			out = append(out, v)
		}
	}
	return out
}

// judged is what a trigger answered about one owner; one it does not name is present.
func judged(v presence.Verdict, all sdk.Verdicts) presence.Verdict {
	for _, said := range all.Away {
		if channel.UserKey(said.Owner) == v.Owner {
			v.Away, v.Unsure = !said.Unsure, said.Unsure
			v.Reason, v.Text, v.GraceMS = said.Reason, said.Text, said.GraceMS
		}
	}
	return v
}
