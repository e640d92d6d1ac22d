// Package channel is what a channel looks like to the station: states in, commands out. Nouns and one interface. PURE.
//
// The contract in full is on [Driver]; package channeltest checks each of its sentences for each driver.
package channel

import (
	"context"
	"strings"

	"playbill/core/fault"
	"playbill/sdk"
)

// UID is the channel's number for a listed item. Zero is a valid UID; NoUID is none.
type UID int64

// NoUID means: not known.
const NoUID UID = -1

// Epoch numbers the periods within which uids may be compared. It only grows, also across restarts: the driver
// starts above the epoch it is opened with.
type Epoch int64

// Ref names a listed item. A driver refuses a Ref of another epoch (fault.Stale).
type Ref struct {
	Epoch Epoch
	UID   UID
}

// UserKey is a user name, case-folded.
type UserKey string

// Fold returns the key of a user name as a channel spells it.
func Fold(name string) UserKey { return UserKey(strings.ToLower(strings.TrimSpace(name))) }

// Health says how far a state may be believed.
type Health int

// Down: no state. Degraded: show it, decide nothing. Good: believe it.
const (
	Down Health = iota
	Degraded
	Good
)

// String names the health as the pages do.
func (h Health) String() string {
	switch h {
	case Good:
		return "good"
	case Degraded:
		return "degraded"
	default:
		return "down"
	}
}

// Item is one row of the live list.
type Item struct {
	UID     UID
	Media   sdk.Media
	Temp    bool
	AddedBy string
}

// How an item left the air.
const (
	Played  = "played"  // to its end
	Skipped = "skipped" // somebody jumped or skipped
	Removed = "removed" // somebody deleted it while it played
)

// Departure is one item that left the air. It carries the whole item, so that an add that nobody has seen listed can
// still be recognised when it has already played.
type Departure struct {
	Epoch    Epoch
	Item     Item
	PlayedMS int64 // media milliseconds
	AtMS     int64
	How      string
}

// User is one named person in the room.
type User struct {
	Key        UserKey
	Name       string
	RankTenths int // CyTube's ranks times ten: 15 is a leader (1.5), 20 a moderator
	AFK        bool
	Muted      bool  // muted or shadow-muted
	LastChatMS int64 // 0: not known
}

// Update is the whole known state at a consistent cut. Never a delta: what must not be lost between two reads is in Left.
type Update struct {
	Over     int64 // every command up to this number shows in this state, or never will; -1: one of an earlier connection may still come
	Shown    int64 // the same of this connection alone, at least Over: what it says of an item that it lists. 0: no more than Over
	Epoch    Epoch
	AtMS     int64 // when the state was taken, UTC
	Health   Health
	Why      string  // a sentence, when Health is not Good
	Final    bool    // Down, and not tried again in this run: a person must do what Why says
	Certain  bool    // an absence is a fact (the channel pushes) or a hint (we poll: believed when seen twice)
	Whole    bool    // the list was sent whole by the channel: an empty one is then the truth
	Gap      bool    // something may have happened since the last state that Left does not show (first state, rejoin, crash)
	Self     string  // our own name, as the channel spells it
	List     []Item  // never changed after it was sent
	Current  int     // index into List, -1: nothing plays
	PlayedMS int64   // media milliseconds of the current item at AtMS
	Rate     float64 // media seconds per second: 1, or the embedded channel's speed
	Left     []Departure
	People   []User // nil: not known
	Can      Can
	Needs    []Need // nil: not known; never changed after it was sent
}

// Need is one thing that the station uses on a channel, and whether the channel lets it have that.
type Need struct {
	What   string // as the channel's own settings call it, where they have it
	Met    bool
	Weight Weight
	Says   string // what is so, in a sentence
	Fix    string // what to do about it, in a sentence; empty when it is met
}

// Weight is how much it matters that a need is not met.
type Weight int

// A matter of taste may be so on purpose. Without what is useful something works less well, without what is grave something
// that is promised to people does not work.
const (
	Taste Weight = iota
	Useful
	Grave
)

// Can is what our rank allows now, and the channel's limits.
type Can struct {
	Add, AddNext, Move, Remove, Jump, Say, Tell bool
	Dupes                                       bool  // the channel accepts a media that is already listed
	ListMax                                     int   // items
	TextMax                                     int   // characters of one chat line or PM
	OverheadMS                                  int64 // wall milliseconds that an item stays on the air beyond its length
	Users                                       bool  // People is kept
}

// Command is one of Add, Move, Remove, Jump, Say, Tell.
type Command interface{ command() }

// The commands. An Add goes to the end of the list or, with Next, right behind the current item.
type (
	Add struct {
		Media sdk.Media
		Next  bool
		Temp  bool
		// Urgent adds pass the others while the driver paces: purchases before promos before loads.
		Urgent Urgency
	}
	// Move puts Item right behind After.
	Move   struct{ Item, After Ref }
	Remove struct{ Item Ref }
	// Jump ends the current item and starts Item.
	Jump struct{ Item Ref }
	Say  struct{ Text string }
	Tell struct {
		To   UserKey
		Text string
	}
)

// Urgency orders adds that wait for the driver's pace.
type Urgency int

// A load waits for promos, promos wait for purchases.
const (
	ForLoad Urgency = iota
	ForPromo
	ForPurchase
)

func (Add) command()    {}
func (Move) command()   {}
func (Remove) command() {}
func (Jump) command()   {}
func (Say) command()    {}
func (Tell) command()   {}

// Outcome of a command.
type Outcome int

// Unknown is not Refused: the effect may still come, until a state with Over >= Result.N says otherwise.
const (
	Unknown Outcome = iota
	Done
	Refused
)

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case Done:
		return "done"
	case Refused:
		return "refused"
	default:
		return "unknown"
	}
}

// Result is what is known of a command's effect.
type Result struct {
	Outcome Outcome
	N       int64 // the command's number on this connection, from 1
	Item    Ref   // of an Add that is Done
	Fault   *fault.Fault
}

// Driver is one connection to one channel.
//
//   - A state is whole, immutable and a consistent cut: never between the frames of one act. States are conflated: one
//     slot, the newest wins; Left accumulates until a state is taken.
//   - Health Good means believe it. An empty list while something plays, or after a connection that has not yet had its
//     rank, is Degraded.
//   - Certain: one Good state without an entry proves its absence. Otherwise two consecutive ones.
//   - Over starts at -1; it is 0 when no command of an earlier connection can come any more. Shown does not wait for that:
//     what is bound on this connection is where the state says, unless a later command of this connection is on its way.
//   - Epoch grows whenever uids cannot be compared with before (rejoin, reload, shuffle, clear).
//   - Do returns when the channel confirmed (Done), refused with a code (Refused), or its context ended (Unknown). It
//     never retries. Pacing happens inside Do; removals and moves are not paced.
//   - Every command gets its number when Do is called, whatever becomes of it.
//   - Lookup returns fault.Missing when the person is, conclusively, not in the room; any other error is doubt.
//   - Close ends the connection and closes Updates.
type Driver interface {
	Updates() <-chan Update
	Do(ctx context.Context, c Command) Result
	Lookup(ctx context.Context, u UserKey) (User, error)
	Close() error
}
