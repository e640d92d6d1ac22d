// Package shadow is our mirror of the live list. PURE: a Shadow is a value; Observe returns the next one.
package shadow

import (
	"playbill/core/channel"
	"playbill/sdk"
)

// EntryID is ours and durable; per channel, counted from 1.
type EntryID int64

// Role of an entry.
type Role string

// The five roles.
const (
	Content Role = "content"
	Paid    Role = "paid"
	General Role = "general"
	LeadIn  Role = "lead_in"
	Event   Role = "event"
)

// Promo reports whether entries of this role are promos, and so no targets and not counted by the cadence.
func (r Role) Promo() bool { return r == General || r == LeadIn }

// State of an entry (JOINTS D).
type State string

// The four states. Wanted: a row, nothing was sent. Sent: an add may have left. Bound: seen on the list. Ended: gone.
const (
	Wanted State = "wanted"
	Sent   State = "sent"
	Bound  State = "bound"
	Ended  State = "ended"
)

// How an entry ended, beside channel.Played, channel.Skipped and channel.Removed.
const (
	Refused   = "refused"    // the channel refused the add
	NeverCame = "never_came" // unresolved, absent, and past its horizon
	Lost      = "lost"       // vanished before it played
	Passed    = "passed"     // it played while nobody looked
	Withdrawn = "withdrawn"  // we took it off the list, or never sent it
	Ghost     = "ghost"      // a crashed channel brought back what had ended
	Merged    = "merged"     // taken for someone else's until the answer to our own add named it
)

// Proposal is a plugin's new state that waits on its entry until the entry is seen in its place.
type Proposal struct {
	Plugin  string
	Base    int64 // revision of the stored state that it was computed from
	Version uint32
	Next    []byte
}

// Undo is the plugin's state before the one that came with this entry: it is restored when the entry ends without
// having aired and nothing was built on it.
type Undo struct {
	Rev     int64 // the stored revision for which it holds
	Version uint32
	Data    []byte
}

// Entry is one queued thing. Immutable: a change makes a new one.
type Entry struct {
	ID      EntryID
	Role    Role
	State   State
	Media   sdk.Media
	Temp    bool
	AddedBy string

	PromoType string          // general and lead-in
	Target    EntryID         // of a lead-in
	Airing    int64           // of a lead-in: the target's Airings when it was planned, so each time round is a new target
	Purchase  string          // paid
	PaidBy    channel.UserKey // paid
	Firing    int64           // event

	Bind     channel.Ref // when State is Bound; checked against every state, never inherited
	SentN    int64       // the command that concerns it; a state with Over and Shown < SentN says nothing about this entry. 0: none since it was bound
	SentAtMS int64
	Misses   int    // consecutive states of a polling driver that did not show it
	Leaving  string // why we want it gone; empty: we do not

	Ord         int64 // sparse, in list order: one insert or move writes one row
	Airings     int64 // how often it has started
	AiredAtMS   int64 // when it last started
	PlannedAtMS int64 // when we expected it to start, at the time it was queued
	EndedAtMS   int64
	EndedHow    string

	Decision int64     // why it is here; 0: not by a decision
	Plugin   string    // who proposed it, for ever
	Proposal *Proposal // waits until it is in place
	Undo     *Undo     // from then until it airs
}

// Listed reports whether the entry has been seen on the list and has not ended.
func (e *Entry) Listed() bool { return e.State == Bound }
