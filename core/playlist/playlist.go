// Package playlist is the list rules of a CyTube channel: what plays, what comes next, what an add, a move or a shuffle
// does to uids and places. PURE: time is an argument, chance is a seed.
//
// The embedded channel, the scripted servers of the tests and the simulation stand on it, so that all three agree on what
// a channel does. Two things hold after every call: uids are unique, and something plays if and only if the list is not
// empty.
package playlist

import (
	"math"

	"playbill/core/channel"
)

// Rules are the channel's settings that a list needs. They may be changed between calls, the Rate excepted.
type Rules struct {
	Dupes bool    // a media id that is already listed may be added again
	Max   int     // items; 0: MaxItems
	Rate  float64 // media milliseconds per wall millisecond; 0: 1
}

// List is a channel's playlist, with what is on the air. Not safe for concurrent use.
type List struct {
	Rules Rules

	items   []channel.Item
	shared  bool // items was handed out: copy it before the next change
	cur     int  // index of what is on the air, -1: nothing
	nextUID channel.UID
	epoch   channel.Epoch

	startMS int64 // when the current item had been on the air for baseMS
	baseMS  int64 // media milliseconds
}

// Saved is what survives a restart of the channel: the rows, what is on the air, and for how long.
type Saved struct {
	Items   []channel.Item // uids are not looked at
	Current int            // -1: nothing
	OnAirMS int64          // media milliseconds since the current item started
}

// New returns an empty list. Uids count from 0; epoch is the one it starts with.
func New(r Rules, epoch channel.Epoch) *List {
	return &List{Rules: r, cur: -1, epoch: epoch}
}

// Load returns a list as a channel that was just started has it: the saved rows with uids from 0, and what was on the air
// goes on where it was. A saved current that is no index means: the first item.
func Load(r Rules, epoch channel.Epoch, s Saved, nowMS int64) *List {
	l := New(r, epoch)
	l.items = append([]channel.Item(nil), s.Items...)
	l.number(0)
	if len(l.items) == 0 {
		return l
	}
	if s.Current < 0 || s.Current >= len(l.items) {
		l.start(0, nowMS)
		return l
	}
	l.start(s.Current, nowMS)
	l.baseMS = max(s.OnAirMS, 0)
	return l
}

// Clone returns an independent copy. Cheap: the rows are copied when one of the two changes.
func (l *List) Clone() *List {
	l.shared = true
	c := *l
	return &c
}

// Save returns what a restart goes back to.
func (l *List) Save(nowMS int64) Saved {
	return Saved{Items: l.Items(), Current: l.cur, OnAirMS: l.elapsedMS(nowMS)}
}

// Items returns the rows in list order. The slice is never changed afterwards, and is the same one as last time when no
// row has changed: the caller may compare it by its first element and length.
func (l *List) Items() []channel.Item {
	l.shared = true
	return l.items[:len(l.items):len(l.items)]
}

// Len is the number of rows.
func (l *List) Len() int { return len(l.items) }

// Epoch is the period within which uids may be compared. Shuffle, Clear and Reload begin a new one.
func (l *List) Epoch() channel.Epoch { return l.epoch }

// Current is the index of what is on the air, -1 when the list is empty.
func (l *List) Current() int { return l.cur }

// OnAir returns what is on the air.
func (l *List) OnAir() (channel.Item, bool) {
	if l.cur < 0 {
		return channel.Item{}, false
	}
	return l.items[l.cur], true
}

// Find returns the index of a uid, -1 when it is not listed.
func (l *List) Find(uid channel.UID) int {
	for i := range l.items {
		if l.items[i].UID == uid {
			return i
		}
	}
	return -1
}

// PlayedMS is for how many media milliseconds the current item has been on the air, at most its length. It counts from
// the moment the item came on, so it grows evenly and may be extrapolated by the rate. A live item has no such limit.
func (l *List) PlayedMS(nowMS int64) int64 {
	if l.cur < 0 {
		return 0
	}
	return clampPlayed(l.elapsedMS(nowMS), l.items[l.cur].Media.DurationMS)
}

// PositionMS is where CyTube says that its players stand: below zero during the lead-in, and beyond the length before
// the next item. Zero when nothing plays.
func (l *List) PositionMS(nowMS int64) int64 {
	if l.cur < 0 {
		return 0
	}
	if l.items[l.cur].Media.DurationMS <= 0 {
		return l.elapsedMS(nowMS)
	}
	return l.elapsedMS(nowMS) - LeadInMS
}

// EndsAtMS is when the current item ends by itself; false when nothing plays or what plays is live.
func (l *List) EndsAtMS() (int64, bool) {
	if l.cur < 0 || l.items[l.cur].Media.DurationMS <= 0 {
		return 0, false
	}
	left := l.items[l.cur].Media.DurationMS + OverheadMS - l.baseMS
	return l.startMS + max(int64(math.Ceil(float64(left)/l.rate())), 1), true
}

// OverheadMS is how many wall milliseconds an item of this list stays on the air beyond its length.
func (l *List) OverheadMS() int64 { return int64(math.Round(OverheadMS / l.rate())) }

// Limit is how many items the list may hold.
func (l *List) Limit() int {
	if l.Rules.Max > 0 {
		return l.Rules.Max
	}
	return MaxItems
}

func (l *List) elapsedMS(nowMS int64) int64 {
	if l.cur < 0 {
		return 0
	}
	return l.baseMS + int64(float64(max(nowMS-l.startMS, 0))*l.rate())
}

func (l *List) rate() float64 {
	if l.Rules.Rate > 0 {
		return l.Rules.Rate
	}
	return 1
}

func (l *List) start(i int, atMS int64) {
	l.cur, l.startMS, l.baseMS = i, atMS, 0
}

// own makes the rows ours alone before they change, with room for one more.
func (l *List) own() {
	if !l.shared {
		return
	}
	rows := make([]channel.Item, len(l.items), len(l.items)+1)
	copy(rows, l.items)
	l.items, l.shared = rows, false
}

// number gives every row a new uid, counting from first.
func (l *List) number(first channel.UID) {
	for i := range l.items {
		l.items[i].UID = first + channel.UID(i)
	}
	l.nextUID = first + channel.UID(len(l.items))
}

func clampPlayed(elapsedMS, durationMS int64) int64 {
	if durationMS <= 0 {
		return elapsedMS
	}
	return min(elapsedMS, durationMS)
}
