package station

import (
	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/sdk"
)

// View is the published state: one atomic pointer, replaced whole. Never changed after it was published.
type View struct {
	Rev       uint64 // grows with every published change
	AtMS      int64
	Shadow    shadow.Shadow
	Health    channel.Health
	Why       string // a sentence, when Health is not Good
	Can       channel.Can
	Needs     []channel.Need // what the station uses on the channel, as it was told last; nil: not known
	Self      string
	People    []channel.User // nil: not known
	Gate      event.Gate
	Locks     []event.Lock
	Purchases map[string]pay.Purchase // open ones
	Ended     map[string]pay.Purchase // those that ended lately
	Clocks    []presence.Clock
	Promo     promo.State
	Planned   []Planned
	Journal   string // a sentence while commits fail; paying is closed
	Resolved  bool   // the first healthy state has been compared with the journal; until then nothing is sold
	LastAsRun int64  // the run on the air
	Schedules []event.Schedule
	Firing    *event.Firing      // the event that has begun and keeps its lock; nil: none
	Upcoming  []event.Occurrence // the next start of every schedule that is armed, by time
	Alarms    []event.Firing     // events that did not go well and that nobody has put away, the oldest first
	Load      *Loading           // the last one; nil: none
	changed   chan struct{}
	loading   []sdk.Media
	notices   []Notice
	cancelled []cancelled
	states    map[string]PluginState
	reseat    map[string]bool
	moved     map[shadow.EntryID]int
}

// Planned is a promo that is expected and not placed yet.
type Planned = promo.Planned

// ETAs returns, for each entry in play order, in how many wall milliseconds it is expected to start, planned promos
// included; 0 for the one on the air, -1 where it is not known.
func (v *View) ETAs(atMS int64) []int64 {
	etas := v.Shadow.ETAs(v.Can.OverheadMS, atMS)
	later, next := int64(0), 0
	for i := range etas {
		e := v.Shadow.At(i)
		for next < len(v.Planned) && v.Planned[next].Before == e.ID {
			later += wallMS(v.Planned[next].LengthMS, v.Shadow.Rate) + v.Can.OverheadMS
			next++
		}
		if etas[i] > 0 {
			etas[i] += later
		}
	}
	return etas
}

func wallMS(mediaMS int64, rate float64) int64 {
	if rate <= 0 {
		return mediaMS
	}
	return int64(float64(mediaMS) / rate)
}

// Changed is closed when a newer View has been published.
func (v *View) Changed() <-chan struct{} { return v.changed }

// Next is the next event, or nil.
func (v *View) Next() *event.Occurrence {
	if len(v.Upcoming) == 0 {
		return nil
	}
	return &v.Upcoming[0]
}

// Closed says why nothing is sold now, whatever the order; nil: the desk is open.
func (v *View) Closed() *fault.Fault {
	switch {
	case v.Journal != "":
		return fault.New(fault.Journal, v.Journal)
	case !v.Resolved && v.Why != "":
		return fault.New(fault.Starting, v.Why+" Requests open as soon as Playbill has compared its books with the channel.")
	case !v.Resolved:
		return fault.New(fault.Starting, "Playbill is starting and has not compared its books with the channel yet. Requests open as soon as it has.")
	case v.Health != channel.Good && v.Why != "":
		return fault.New(fault.ChannelDown, v.Why+" Requests are paused and nobody pays.")
	case v.Health != channel.Good:
		return fault.New(fault.ChannelDown, "The channel cannot be read now, so requests are paused and nobody pays.")
	case v.Stopped():
		return fault.New(fault.Permission, "The bot lacks a permission in the channel, so nothing can be sold. Requests open when its owner has changed that.")
	default:
		return nil
	}
}

// Stopped reports whether the channel denies the bot what nothing can be sold without; Needs says it in words.
func (v *View) Stopped() bool { return v.Needs != nil && (!v.Can.Add || !v.Can.Move) }

// Unready says what keeps the station from its work, a sentence or two each and for its owner; nil when nothing does.
func (v *View) Unready() []string {
	var out []string
	switch {
	case v.Health != channel.Good && v.Why != "":
		out = append(out, v.Why)
	case v.Health != channel.Good:
		out = append(out, "The channel cannot be read now.")
	}
	if v.Journal != "" {
		out = append(out, v.Journal)
	}
	if !v.Resolved {
		out = append(out, "The channel has not been compared with the books yet.")
	}
	for _, n := range v.Needs {
		if v.Stopped() && n.Weight == channel.Grave && !n.Met {
			out = append(out, "“"+n.What+"”: "+n.Says+" "+n.Fix)
		}
	}
	return out
}

// Purchase returns an open purchase, or one that ended lately.
func (v *View) Purchase(id string) (pay.Purchase, bool) {
	if p, ok := v.Purchases[id]; ok {
		return p, true
	}
	p, ok := v.Ended[id]
	return p, ok
}

// EntryOf returns the entry of an open purchase, or nil.
func (v *View) EntryOf(id string) *shadow.Entry {
	for _, list := range [2][]*shadow.Entry{v.Shadow.Entries, v.Shadow.Waiting} {
		for _, e := range list {
			if e.Purchase == id {
				return e
			}
		}
	}
	return nil
}
