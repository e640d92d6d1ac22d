// Package promo is cadence, type choice, block grammar and what to do when the list is not what it should be. PURE.
package promo

import (
	"time"

	"playbill/core/asrun"
	"playbill/core/shadow"
	"playbill/sdk"
)

// The ways to choose a general type.
const (
	Weighted = "weighted"
	Balanced = "balanced"
)

// Settings is the promos block, at one revision.
type Settings struct {
	Revision         uint64
	Enabled          bool
	MovieThresholdMS int64 // handed to the plugins whose settings ask for it
	NoRepeat         bool
	LeadInOrder      []string // which lead-in wins among several claims; types not named come after, by id

	EveryItems   int   // content entries between two generals; 0: this arm is off
	EveryMS      int64 // at most this long since the last one aired; -1: this arm is off; 0: before every target
	MinAirtimeMS int64 // media time after which a content entry counts
	Selection    string

	Types map[string]TypeSettings
}

// TypeSettings is one type's sub-block.
type TypeSettings struct {
	Enabled bool
	Order   string
	Weight  int64 // 0-1000; general types only; 0: never
}

// Offer is a promo type that some loaded plugin offers, with the plugin's name and whether it can be asked now.
type Offer struct {
	Type   sdk.PromoType
	Plugin string
	Ready  bool
	Why    string // when not Ready
}

// State is what the cadence must remember; stored with every turn. A value: changing it makes a new one.
type State struct {
	Counted       int                      // content entries that counted since the last general aired
	LastGeneralMS int64                    // when the last general started, or the host first started
	Skip          Airing                   // a person removed the general before this target: none there
	Credit        map[string]int64         // smooth weighted round-robin, in thousandths of a weight
	CreditBefore  map[string]int64         // to give back when the general that was placed never aired
	LastClip      map[string]string        // per type: ClipKey of the clip that aired or was placed last
	LastAired     map[string]string        // per type: ClipKey of the clip that aired last
	Barred        map[shadow.EntryID]int64 // targets that get no lead-in at this airing: it aired, or a person removed it
	Refused       map[string]Refused       // per ClipKey: refusals by the channel
	AiredMS       map[string]int64         // per ClipKey: when it started last, UTC milliseconds; the latest airedMax of them
}

// Airing names one coming airing of an entry: on a looping list each time round is another.
type Airing struct {
	Target shadow.EntryID
	N      int64
}

// Refused counts how often the channel refused a clip; at RefusalsMax it is set aside.
type Refused struct {
	Times int
	Why   string // the channel's words
	At    Airing // the target before which it was refused last: not tried there again
}

// RefusalsMax is how many refusals set a clip aside (SPEC 3.4).
const RefusalsMax = 3

// airedMax is for how many clips it is remembered when they aired. Beyond it the one that aired longest ago is forgotten.
const airedMax = 1000

// View is everything a plan may look at.
type View struct {
	Shadow     shadow.Shadow
	State      State
	Settings   Settings
	Offers     []Offer
	Pools      map[string][]sdk.Clip // per promo type, in stored order
	AirMS      int64                 // media milliseconds that the entry on the air has played
	Held       string                // why no promo may be placed now (held_by_event, held_by_load, unsettled); empty: may
	Locked     bool                  // an event is locked: what waits is withdrawn
	Dupes      bool                  // the channel accepts a media that is already listed
	OverheadMS int64
	NowMS      int64
	Zone       *time.Location // of the clips' windows; nil: UTC

	surplus map[shadow.EntryID]bool // while Keep looks
}

// Proposal is one plugin's insert, as the host received it.
type Proposal struct {
	Plugin   string
	Priority int
	sdk.Insert
	BaseRev      int64
	StateVersion uint32
	NextState    []byte
}

// Declined is why a plugin that was asked proposed nothing for a slot.
type Declined struct {
	SlotID string
	Plugin string
	Reason string // no_opinion, timeout, crashed, invalid, skipped, settings_changed
	Note   string
}

// Answers is what came back from the plugins.
type Answers struct {
	Proposals []Proposal
	Declined  []Declined
}

// StepKind is what to do with a promo entry.
type StepKind int

// Insert a new promo, seat an existing one elsewhere, withdraw one.
const (
	Insert StepKind = iota + 1
	Seat
	Withdraw
)

// Step is one change that makes the list what it should be.
type Step struct {
	Kind     StepKind
	Entry    shadow.EntryID // Seat and Withdraw
	Before   shadow.EntryID // Insert and Seat: the entry that must follow it directly
	Reason   string         // Withdraw: a promo reason of JOINTS L
	Role     shadow.Role    // Insert
	Target   *shadow.Entry  // Insert
	Proposal Proposal       // Insert
	Clip     sdk.Clip       // Insert
	Type     string         // Insert
	AirsAtMS int64          // Insert: expected
	State    State          // Insert: the cadence's state once this step is taken
	Decision asrun.Decision // without id, time and event, which the station fills in
}

// Plan is the difference between what is and what should be. No steps is a decision too: Skipped says why a slot that
// is open stays empty.
type Plan struct {
	Steps   []Step
	Skipped []asrun.Decision
}
