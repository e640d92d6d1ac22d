// Package sdk holds the nouns that a plugin and the host share. Standard library only, no wire format, PURE.
//
// A plugin is a [Plugin]: a struct of functions. The hooks it subscribes to are the functions that are set. Every hook
// is a pure function of its argument, which carries settings, state, time and seed; a plugin keeps nothing between
// calls that could change an answer, and never changes the channel itself: it proposes, the host decides.
package sdk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// Media is one thing that can be played. Type and ID are the channel's words ("yt", "dQw4w9WgXcQ"); a length of zero
// means live or not known.
type Media struct {
	Type, ID, Title string
	DurationMS      int64
}

// Key is what the channel compares: type and id.
type Key struct{ Type, ID string }

// Key returns the media's identity.
func (m Media) Key() Key { return Key{m.Type, m.ID} }

// ClipKey returns the short name of a clip on the wire and in a plugin's state: 16 hex digits of SHA-256 over type and
// id. It is stable across restarts and playlists, and short enough that a deck of 500 fits into a plugin's state.
func (k Key) ClipKey() string {
	sum := sha256.Sum256([]byte(k.Type + "\x00" + k.ID))
	return hex.EncodeToString(sum[:8])
}

// Clip is one eligible clip of a pool, in stored order.
type Clip struct {
	Key         string // Key.ClipKey of the media
	Media       Media
	Tags        []string
	Evergreen   bool
	LastAiredMS int64 // UTC milliseconds; 0: never
	Terms       Terms // the host's: a plugin is offered only what they allow, and sees none
}

// Terms are when a clip may air, as its owner wrote it. The zero value is always.
type Terms struct {
	StartsAtMS int64    // UTC milliseconds before which it does not air; 0: none
	EndsAtMS   int64    // UTC milliseconds from which it does not air; 0: none
	Windows    []Window // in the station's time zone; none: always
	RestMS     int64    // from one start to the next at least; 0: none
}

// Window is hours on some days of the week, by the clocks of the station. When From is not before To it ends on the day
// after the one that is named.
type Window struct {
	Days     uint8 // bit 0 is Sunday, as in time.Weekday
	From, To int   // minutes of the day: From 0 to 1439, To 1 to 1440
}

// Entry is a queued thing as a plugin sees it.
type Entry struct {
	ID         int64
	Media      Media
	Role       string // content, paid, general, lead_in, event
	PromoType  string
	PaidBy     string // opaque without the permission UserNames
	Price      int64  // whole coins; 0 without the permission Payments
	StartsInMS int64  // expected; 0 for what is on the air
	Tags       []string
}

// SlotKind is where in a block a promo stands.
type SlotKind int

// The two kinds of slot: before any content entry on the cadence, or before one target it belongs to.
const (
	General SlotKind = iota + 1
	LeadIn
)

// The orders in which a type plays its clips.
const (
	OrderRandom     = "random"
	OrderSequential = "sequential"
	OrderShuffle    = "shuffle"
)

// Slot is an open place before a target, with the clips that may fill it: the host has already left out what the pool's
// dates, the channel's refusals and the list itself forbid.
type Slot struct {
	ID        string
	Kind      SlotKind
	PromoType string
	Target    Entry // what the clip would precede
	AirsAtMS  int64 // expected, UTC milliseconds
	Clips     []Clip
	Order     string // the owner's choice for this type: random, sequential or shuffle
	NoRepeat  bool
	LastClip  string // ClipKey of the clip of this type that aired or was placed last; empty: none yet
}

// Call is what every hook gets: all of its inputs, so that the answer is a pure function of them.
type Call struct {
	EventID          string // same id, same event; an effect happens at most once per event and plugin
	Channel          string
	NowMS            int64 // UTC milliseconds
	UTCOffsetSeconds int   // of the station's time zone at NowMS
	Seed             uint64
	SettingsRevision uint64
	Settings         []byte // JSON, valid by the plugin's schema
	State            []byte // what the plugin returned last, or empty
	StateVersion     uint32
}

// Advance is the event of OnAdvance, OnPay and OnCancel.
type Advance struct {
	Call
	NowPlaying Entry
	Upcoming   []Entry // at most 10, in play order
	Slots      []Slot  // this plugin's open slots; may be empty for a plugin that asked for every advance
	People     int     // how many are present; 0 without the permission PresenceCount

	Cancelled    Entry  // OnCancel: the paid entry that was removed
	CancelReason string // OnCancel: owner_left, removed, ...
	LeadInAired  bool   // OnCancel: its lead-in had begun to play
	LeadIn       string // OnCancel: ClipKey of the lead-in that this plugin had placed before it; empty: none
}

// Insert proposes one clip for one slot.
type Insert struct {
	SlotID, ClipKey string
	Reason          string   // one line for "why this"
	WeightFactor    *float64 // scales the type's weight for this one slot, 0 to 10; nil: 1. General slots only
}

// Answer is what a promo hook gives back. A nil State leaves the state as it was. With an Insert the new state is kept
// only once the clip was seen in its place; without one it is kept at once.
type Answer struct {
	Inserts []Insert
	State   []byte
	Note    string
}

// Owner is one viewer with pending paid entries, from a conclusive look-up.
type Owner struct {
	Key          string // for the answer; opaque without the permission UserNames
	Present, AFK bool
	SinceMS      int64 // in this condition since, UTC milliseconds; 0: not known
	LastChatMS   int64 // UTC milliseconds; 0: not known
	AwayMS       int64 // what the host's clock has counted so far
}

// Round is the event of OnPresence.
type Round struct {
	Call
	Owners []Owner
}

// Verdict says that one owner counts as away.
type Verdict struct {
	Owner   string
	Reason  string // the refund's reason code: owner_left, owner_afk, or the plugin's own, [a-z_]{1,32}
	Text    string // "because you left the channel": ends the sentence that the owner is told
	GraceMS int64  // 0: the host's own grace
	Unsure  bool   // neither away nor present: the clock stays as it is
}

// Verdicts is what OnPresence gives back; an owner who is not named is present.
type Verdicts struct {
	Away  []Verdict
	State []byte
	Note  string
}

// PromoType is one type that a plugin offers.
type PromoType struct {
	ID     string // "channel_identity": what a saved playlist is tagged with
	Badge  string // "Channel ID"
	Slot   SlotKind
	Order  string // the default
	Weight int    // the default; general types only
	Serves Serves // lead-in types only
}

// Serves says which targets a lead-in type is for.
type Serves int

// A lead-in serves any target, paid ones only, or unpaid ones only.
const (
	ServesAny Serves = iota
	ServesPaid
	ServesUnpaid
)

// Permission is a field of the calls that the host leaves out unless the admin granted it.
type Permission int

// The permissions.
const (
	UserNames     Permission = iota + 1 // else owners are opaque keys
	Payments                            // price of purchases
	PresenceCount                       // how many are in the room
	Network                             // the process may open sockets
)

// Need is a permission with the reason that the admin reads.
type Need struct {
	Permission Permission
	Reason     string
}

// Problem is one thing wrong with settings, with a JSON Pointer (RFC 6901) to it.
type Problem struct{ Pointer, Sentence string }

// Plugin is a strategy as data. The hooks it subscribes to are the functions that are set: one with another signature
// does not compile, one that is nil is never called.
type Plugin struct {
	ID      string // "channel-identity": lower case, digits, hyphens; unique in a host
	Version string // semantic version
	Title   string
	Summary string // one sentence for the admin page
	Types   []PromoType
	Needs   []Need

	Schema       []byte // JSON Schema 2020-12 of the settings; empty: no settings
	StateVersion uint32
	ReadsState   []uint32 // versions it accepts beside StateVersion; any other means: start from empty state
	Priority     int      // merge order: lower first, then id
	EveryAdvance bool     // be asked on every advance, not only when one of our slots is open

	Check      func(settings []byte) []Problem
	OnAdvance  func(context.Context, Advance) (Answer, error)
	OnPay      func(context.Context, Advance) (Answer, error)
	OnCancel   func(context.Context, Advance) (Answer, error)
	OnPresence func(context.Context, Round) (Verdicts, error)
}
