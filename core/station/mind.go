package station

import (
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/asrun"
	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/sdk"
)

// mind is all that the eyes know. A turn works on a copy: what it holds by reference is never changed in place, so a
// turn that cannot be committed leaves nothing behind.
type mind struct {
	shadow    shadow.Shadow
	promo     promo.State
	states    map[string]PluginState
	clocks    []presence.Clock
	purchases map[string]pay.Purchase
	ended     []pay.Purchase
	locks     []event.Lock
	notices   []Notice
	run       *asrun.Row // the airing that is open
	schedules []event.Schedule
	firing    *event.Firing          // the one that has not ended; nil: none
	ran       map[int64]event.Firing // by id, the last ones
	alarms    []event.Firing         // that nobody has put away, the oldest first
	load      *Loading               // the last one; nil: none
	loading   []sdk.Media            // what the load that is under way adds; nil: none is, or it is of an earlier run
	reseat    map[string]bool
	moved     map[shadow.EntryID]int // moves of a paid entry that did not bring it to its place
	cancelled []cancelled
	refunds   map[refundKey][]string // titles of one cancel whose others are not refunded yet
	texts     map[string]string      // how a trigger words its reason

	log    hclog.Logger
	number func() shadow.EntryID // an id that no entry has had
	why    string
	can    channel.Can
	needs  []channel.Need
	self   string
	people []channel.User

	lastRun, lastDecision, lastNotice, lastLock int64
	lastSchedule, lastFiring, lastLoad          int64
	bornMS                                      int64 // when this run began
	noted                                       int64 // the last notice that is a row
	resolved                                    bool

	set     promo.Settings // as they are in this turn
	counted asrun.Row      // the airing that the cadence counted last
}

// cancelled is a paid entry whose refund is committed and of which the plugins are still to be told.
type cancelled struct {
	purchase    pay.Purchase
	entry       *shadow.Entry
	leadIn      string // ClipKey of its lead-in; empty: it had none
	leadInBy    string
	leadInAired bool
}

// refundKey is one cancel: the same owner, for the same reason.
type refundKey struct {
	owner  channel.UserKey
	reason string
}

// wake makes the mind that a station starts with.
func wake(w World, nowMS int64) mind {
	m := mind{
		shadow:    shadow.Restore(w.Epoch, w.Entries, w.Recent, w.OnAir.Entry, w.OnAir.SinceMS),
		promo:     w.Promo,
		states:    maps.Clone(w.States),
		clocks:    presence.Resume(w.Clocks, nowMS),
		purchases: map[string]pay.Purchase{},
		locks:     w.Locks,
		notices:   w.Notices,
		run:       w.OpenRun,
		lastRun:   w.LastRun, lastDecision: w.LastDecision, lastNotice: w.LastNotice, lastLock: w.LastLock,
		noted: w.LastNotice, bornMS: nowMS,
		schedules: w.Schedules, firing: w.Firing, alarms: w.Alarms, load: w.Load,
		lastSchedule: w.LastSchedule, lastFiring: w.LastFiring, lastLoad: w.LastLoad,
	}
	m.ran = map[int64]event.Firing{}
	for _, f := range w.Ran {
		m.ran[f.ID] = f
	}
	for _, p := range w.Purchases {
		m.withPurchase(p)
	}
	if m.promo.LastGeneralMS == 0 {
		m.promo.LastGeneralMS = nowMS
	}
	return m
}

// arm says which schedules cannot be armed: each such row disables only itself. A start that was computed in another zone
// is computed anew.
func (m *mind) arm(zone *time.Location) {
	m.schedules = slices.Clone(m.schedules)
	for i, s := range m.schedules {
		if err := s.Check(zone); err != nil {
			m.schedules[i].Broken = fault.Of(err).Sentence
			continue
		}
		if s.NextAtMS > 0 && s.Next(s.NextAtMS-1, zone) != s.NextAtMS {
			m.schedules[i].NextAtMS = s.Next(m.bornMS, zone)
		}
	}
}

// off reports whether the cadence stands still.
func (m *mind) off() bool { return !m.set.Enabled || m.gate().PromosClosed }

func (m *mind) gate() event.Gate { return event.GateOf(m.locks) }

// withEntry replaces one entry.
func (m *mind) withEntry(e *shadow.Entry) { m.shadow = m.shadow.With(e) }

// withPurchase takes over a purchase as the store made it; a final one moves to those that ended lately.
func (m *mind) withPurchase(p pay.Purchase) {
	m.purchases = maps.Clone(m.purchases)
	if !p.State.Final() {
		m.purchases[p.ID] = p
		return
	}
	delete(m.purchases, p.ID)
	m.ended = append(slices.Clone(m.ended), p)
	if len(m.ended) > endedMax {
		m.ended = m.ended[len(m.ended)-endedMax:]
	}
}

// knows reports whether a purchase is open, or has ended lately.
func (m *mind) knows(purchase string) bool {
	_, open := m.purchases[purchase]
	return open || slices.ContainsFunc(m.ended, func(p pay.Purchase) bool { return p.ID == purchase })
}

// withState takes over a plugin's state that was committed.
func (m *mind) withState(s PluginState) {
	m.states = maps.Clone(m.states)
	if m.states == nil {
		m.states = map[string]PluginState{}
	}
	m.states[s.Plugin] = PluginState{Plugin: s.Plugin, Base: s.Base + 1, Version: s.Version, Data: s.Data}
}

// entryOf returns the entry of a purchase, or nil.
func (m *mind) entryOf(purchase string) *shadow.Entry {
	for _, list := range [2][]*shadow.Entry{m.shadow.Entries, m.shadow.Waiting} {
		for _, e := range list {
			if e.Purchase == purchase {
				return e
			}
		}
	}
	return nil
}

func cloneSet[K comparable, V any](m map[K]V) map[K]V {
	if c := maps.Clone(m); c != nil {
		return c
	}
	return map[K]V{}
}
