// Package live is the live queue as everybody may read it: one model, rendered whole for a request and as deltas for the
// sockets of open pages.
//
// [Snapshot] derives the model from a station's view and [Diff] compares two of them; both are pure. A [Hub] keeps the
// latest model, numbers its changes, and sends each to every socket. What merely ticks is never sent again: times are
// kept as instants on the station's clock, and a reader counts down by itself.
package live

import (
	"cmp"

	"playbill/core/channel"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// State is the live queue at one revision. A value: nothing in it is changed once it was published.
type State struct {
	Channel  string
	Revision int64 // grows with every change that a reader could see; also across restarts
	Now      Now
	Items    []Item // in play order, the entry on the air first; behind them titles that are not listed yet
	Planned  []Planned
	Health   channel.Health
	SeenMS   int64    // when the channel was last seen in a state that can be believed; 0: that is now
	Closed   Sentence // why nothing is sold, whatever the order; zero: the desk is open
	Lock     Lock     // zero: no event closes it
	Next     Event    // the next one that is planned; zero: none
	Watching int      // people in the room; -1: not known
}

// Item is one entry. Comparable: two equal ones look the same.
type Item struct {
	EntryID   int64
	UID       channel.UID // channel.NoUID while it is not bound
	Media     sdk.Media
	Role      shadow.Role
	PromoType string
	Badge     string // the promo type in words
	LeadInFor int64  // 0: none
	PaidBy    string // name; empty: nobody
	Price     int64  // whole coins; 0: not known, or nobody paid
	AddedBy   string
	Temp      bool
	Leaving   string // why it is being taken off; empty: it stays
	Art       string // address of its picture here; empty: it has none
	StartsMS  int64  // expected, UTC milliseconds; 0: it is on the air; -1: not known
}

// Now is what is on the air; EntryID 0 means nothing, or that it is not known.
type Now struct {
	EntryID   int64
	StartedMS int64 // UTC milliseconds
	ZeroMS    int64 // the instant at which its first frame would have been, at this rate
	Rate      float64
	OverMS    int64 // wall milliseconds that it stays beyond its length
}

// PlayedMS is how much of an entry of this length has played at an instant, in media milliseconds.
func (n Now) PlayedMS(lengthMS, atMS int64) int64 {
	played := max(int64(float64(atMS-n.ZeroMS)*n.Rate), 0)
	if lengthMS > 0 {
		played = min(played, lengthMS)
	}
	return played
}

// Planned is a promo that is due before an entry and not placed yet.
type Planned struct {
	PromoType, Badge string
	Before           int64
	Title            string // empty: not chosen yet
}

// Sentence is a code with its words.
type Sentence struct{ Code, Text string }

// Lock is an event that closes the desk.
type Lock struct {
	Sentence
	StartsAtMS int64 // of an event that is to come; 0: it is under way
	OpensAtMS  int64 // when the desk is expected to open again; 0: not known
}

// Event is a start of an event that is to come.
type Event struct {
	ID        int64
	Label     string
	StartsMS  int64 // UTC milliseconds
	ClosesMS  int64 // when requests close before it; StartsMS: with it
	Immutable bool  // no requests until its last title starts
}

// Snapshot derives the model from a view. badge puts a promo type into words. It depends on the view alone and not on the
// clock, so that nothing changes while nothing happens.
func Snapshot(name string, v *station.View, badge func(promoType string) string) State {
	s := State{Channel: name, Health: v.Health, Watching: notCounted, Now: onAir(v)}
	if v.People != nil {
		s.Watching = watching(v)
	}
	if v.Health != channel.Good && !v.Shadow.Blind() {
		s.SeenMS = v.Shadow.AtMS
	}
	if why := v.Closed(); why != nil {
		s.Closed = Sentence{string(why.Code), why.Sentence}
	}
	if v.Gate.PayClosed {
		s.Lock = lock(v)
	}
	if o := v.Next(); o != nil {
		s.Next = Event{o.Schedule, o.Label, o.StartsAtMS, o.ClosesAtMS, o.Immutable}
	}
	s.Items = items(v, badge)
	for _, p := range v.Planned {
		s.Planned = append(s.Planned, Planned{p.PromoType, badge(p.PromoType), int64(p.Before), p.Clip.Title})
	}
	return s
}

// lock is what closes the desk: an event that is to come, the last one where there are several, or one that is on.
func lock(v *station.View) Lock {
	l := Lock{Sentence: Sentence{v.Gate.Code, v.Gate.Sentence}, OpensAtMS: v.Gate.OpensAtMS}
	if v.Gate.PromosClosed {
		return l
	}
	l.Text += " Anything still waiting when it starts is taken off and paid back in full."
	for _, open := range v.Locks {
		l.StartsAtMS = max(l.StartsAtMS, open.StartsAtMS)
	}
	return l
}

// onAir anchors what plays in time. A stored list that nobody has compared with the channel says nothing about it.
func onAir(v *station.View) Now {
	e := v.Shadow.OnAir()
	if e == nil || v.Shadow.Blind() {
		return Now{}
	}
	rate := v.Shadow.Rate
	if rate <= 0 {
		rate = 1
	}
	return Now{EntryID: int64(e.ID), StartedMS: v.Shadow.SinceMS, Rate: rate, OverMS: v.Can.OverheadMS,
		ZeroMS: v.Shadow.AtMS - int64(float64(v.Shadow.PlayedMS)/rate)}
}

func items(v *station.View, badge func(string) string) []Item {
	list := make([]Item, 0, v.Shadow.Len()+len(v.Shadow.Waiting))
	known := v.Shadow.OnAir() != nil && !v.Shadow.Blind()
	var etas []int64
	if known {
		etas = v.ETAs(v.Shadow.AtMS)
	}
	for i := range v.Shadow.Len() {
		item := itemOf(v, v.Shadow.At(i), badge)
		switch {
		case known && i == 0:
			item.StartsMS = onAirStarts
		case known && etas[i] >= 0:
			item.StartsMS = v.Shadow.AtMS + etas[i]
		}
		list = append(list, item)
	}
	for _, e := range v.Shadow.Waiting {
		if e.Role == shadow.Paid || e.Role == shadow.Content {
			list = append(list, itemOf(v, e, badge))
		}
	}
	return list
}

func itemOf(v *station.View, e *shadow.Entry, badge func(string) string) Item {
	item := Item{EntryID: int64(e.ID), UID: channel.NoUID, Media: e.Media, Role: e.Role, PromoType: e.PromoType,
		AddedBy: e.AddedBy, Temp: e.Temp, Leaving: e.Leaving, StartsMS: noTime}
	if e.State == shadow.Bound {
		item.UID = e.Bind.UID
	}
	if e.PromoType != "" {
		item.Badge = badge(e.PromoType)
	}
	if e.Role == shadow.LeadIn {
		item.LeadInFor = int64(e.Target)
	}
	if e.Role == shadow.Paid {
		p, _ := v.Purchase(e.Purchase)
		item.PaidBy, item.Price = cmp.Or(p.BuyerName, string(e.PaidBy)), int64(p.Price)
		if p.State == pay.Refunding {
			item.Leaving = cmp.Or(item.Leaving, p.Reason)
		}
	}
	return item
}

// watching is how many people are in the room, the bot not counted.
func watching(v *station.View) int {
	n := 0
	for _, p := range v.People {
		if p.Name != v.Self {
			n++
		}
	}
	return n
}
