// Package pay is the rules of selling places: price, eligibility, and the states of a purchase. PURE.
package pay

import (
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/sdk"
)

// State of a purchase. Quoted is not stored: a quote is an answer, not a record.
type State string

// The six stored states; Settled and Refunded are final.
const (
	Held      State = "held"
	Adding    State = "adding"
	Placed    State = "placed"
	Refunding State = "refunding"
	Settled   State = "settled"
	Refunded  State = "refunded"
)

// Final reports whether the state never changes again.
func (s State) Final() bool { return s == Settled || s == Refunded }

// The tiers: behind the run of paid entries, or at its head.
const (
	Queue    = "queue"
	PlayNext = "playnext"
)

// Purchase is one paid request.
type Purchase struct {
	ID, RequestKey string
	Buyer          channel.UserKey
	BuyerName      string // as the channel spells it
	Media          sdk.Media
	Tier           string
	Base, Discount ledger.Coins // whole price before the discount, and what is taken off
	Price          ledger.Coins // Base - Discount
	StationDay     int          // yyyymmdd in the station's zone
	State          State
	Reason         string // why refunding or refunded
	BoughtAtMS     int64
	EndedAtMS      int64
	Entry          int64 // the entry that was bought
	BoughtReserved bool  // by an admin, although it was reserved: that alone does not refund it
}

// Fact is something that has happened to a purchase's entry. Facts are observed, never assumed.
type Fact string

// The facts.
const (
	Sending   Fact = "sending"    // the entry's row says sent; the command leaves after this is durable
	InPlace   Fact = "in_place"   // bound, and seen where it belongs
	Started   Fact = "started"    // on the air in a healthy state, or passed while we were away
	Withdrawn Fact = "withdrawn"  // somebody wants it gone (reason)
	Gone      Fact = "gone"       // seen absent after it was bound
	Refused   Fact = "refused"    // the channel refused the add
	NeverCame Fact = "never_came" // unresolved, absent, and past its horizon
)

// The reasons of a refund (SPEC 4.3); a trigger may bring its own.
const (
	AddFailed  = "add_failed"
	MoveFailed = "move_failed"
	NoAnchor   = "no_anchor"
	Displaced  = "displaced"
	Reserved   = "reserved"
	Removed    = "removed"
	Cancelled  = "cancelled"
	OwnerLeft  = "owner_left"
	OwnerAFK   = "owner_afk"
	Lost       = "lost"
	Banned     = "blocked"
)

// Rules are the settings of the pay block, at one revision.
type Rules struct {
	Revision   uint64
	Enabled    bool
	Prices     []PriceStep // by length, ascending; the last one has UpToMS 0: any longer length
	Multiplier int64       // play next costs so many times the base
	Discounts  []Discount  // by channel rank
	DailyLimit int         // per station day; 0: no limit
	CooldownMS int64       // since the last purchase that was not refunded
	Pending    int         // pending purchases per viewer; 0: no limit
	QueueRank  int         // rank x10 needed for Queue
	NextRank   int         // rank x10 needed for PlayNext
	AdminRank  int         // rank x10 for the admin pages and API
	ForceRank  int         // rank x10 for force-play
	Blackouts  []Blackout  // when nothing is sold
	NotifyUser bool        // tell buyers of refunds by PM
}

// PriceStep is one row of the price list.
type PriceStep struct {
	UpToMS int64
	Coins  ledger.Coins
}

// Discount gives Percent off from channel rank RankTenths.
type Discount struct {
	RankTenths int
	Percent    int64
}

// Blackout is a window in which nothing is sold: a cron expression in the station's zone, and a length.
type Blackout struct {
	Cron   string
	ForMS  int64 // length in milliseconds
	Reason string
}

// Facts about the buyer, the item and the channel: what is stored is read inside the transaction that will hold the
// money, what is live comes from the station's view.
type Facts struct {
	// stored
	Balance          ledger.Coins
	BoughtToday      int
	Pending          int
	LastUnrefundedMS int64      // 0: never
	AccountBlocked   string     // reason; empty: not blocked
	OpenElsewhere    bool       // somebody has an open purchase of this media
	Lock             fault.Code // event_lock or pre_event_lock; empty: open

	// live
	KnownItem     bool
	Unbuyable     string // why the item cannot be bought at all (live, zero length); empty: can
	Reserved      bool
	Closed        bool  // an admin has closed the title
	ClosedToMS    int64 // UTC; 0: until somebody opens it
	LockSentence  string
	LockOpensAtMS int64 // UTC; 0: not known
	Present       bool
	PresenceKnown bool // false: the room could not be asked; closed on doubt
	Absent        bool // the actor is a token: acts also when the name is absent
	RankTenths    int
	Muted         bool
	AFK           bool
	Blackout      string // sentence; empty: none now
	BlackoutEndMS int64  // UTC; 0: not known
	OnList        bool
	ListedAt      string // "at 21:44"
	AnchorKnown   bool
	StationClosed *fault.Fault // starting, journal, channel_down
	NextDayMS     int64        // when the station day ends
}

// Quote is an offer. Refusal says why it cannot be accepted now; the prices are filled in all the same where they are
// known.
type Quote struct {
	Media           sdk.Media
	Tier            string
	Base            ledger.Coins // before the discount, with the tier's multiplier
	Discount        ledger.Coins
	Price           ledger.Coins
	Before, After   ledger.Coins // the balance
	ExpectedStartMS int64        // UTC; 0: not known
	Position        int          // up which place, counted in content: 1 is next; 0: not known
	Warning         string       // AFK buyers may buy, and are warned
	Refusal         *fault.Fault
	AgainAtMS       int64        // UTC: when the refusal ends by itself; 0: not known, or never
	Reserved        bool         // only an admin may buy it
	Short           ledger.Coins // how many coins are missing, when Refusal is for the balance
}
