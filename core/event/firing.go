package event

import "playbill/sdk"

// Step is how far a firing has come. It is written before what it stands for is done, and what it stands for is done
// again after a restart: every step compares before it acts.
type Step string

// The steps, in order; a firing that never began is Missed.
const (
	Locked      Step = "locked"      // requests and promos are closed; nothing else has happened
	Withdrawing Step = "withdrawing" // every open purchase is being withdrawn
	Clearing    Step = "clearing"    // every entry but the one on the air is being removed
	Body        Step = "body"        // its entries are being added behind the one on the air
	Fallback    Step = "fallback"    // then those of the fallback; then the item on the air is ended
	Running     Step = "running"     // it is on the air
	Ended       Step = "ended"
	Missed      Step = "missed"
)

// How a firing ended.
const (
	Over         = "over"          // its last title started; of a preemptable one, its first
	LockoutEnded = "lockout_ended" // an admin made the rest of it ordinary content
	NothingCame  = "no_body"       // not one of its titles could be loaded
	TooLate      = "missed"        // it never began
	Superseded   = "superseded"    // another event began
)

// Firing is one run of a schedule. What it needs of the schedule is copied: that may be edited or deleted meanwhile.
type Firing struct {
	ID         int64 // per channel, counted from 1
	Schedule   int64
	Label      string
	Playlist   int64
	Fallback   int64 // 0: none
	Immutable  bool
	DueAtMS    int64
	OpenedAtMS int64
	By         string // who started it by hand; empty: the clock
	Step       Step
	Loaded     int      // body entries that are listed or have aired
	Failed     []Failed // body and fallback entries that are not
	LastEntry  int64    // the last body entry that was loaded; when it starts the lock lifts. 0: not known yet
	EndedAtMS  int64
	EndedHow   string
	Alarm      string // a sentence for admins; empty: all went well
	SeenBy     string // who has put the alarm away; empty: nobody yet
}

// Failed is one title that could not be loaded, and why in the channel's words.
type Failed struct {
	Title string
	Why   string
}

// On reports whether the firing has not ended.
func (f *Firing) On() bool { return f != nil && f.EndedAtMS == 0 }

// Loading reports whether the firing is still being carried out: nothing else changes the list meanwhile.
func (f *Firing) Loading() bool { return f.On() && f.Step != Running }

// So is what is so, as far as a firing goes.
type So struct {
	NowMS      int64
	MaxLateMS  int64
	Open       int // purchases that are neither on the air nor being withdrawn
	Strangers  int // listed entries that are not the firing's, the one on the air left out
	Wanted     int // entries of the firing that are to be sent
	Unresolved int // entries of the firing of whose add the outcome is not known
	Standing   int // body entries that are listed or have aired
	Air        Air
	LeftMS     int64 // wall milliseconds until the item on the air ends; -1: not known
	Started    bool  // the last body entry has started, or none is left
}

// Air says whose entry is on the air.
type Air int

// Nothing plays, or it is not known what; somebody else's; the firing's own.
const (
	Silence Air = iota
	Others
	Own
)

// Act is what a firing does next.
type Act string

// The acts. Wait: what it needs has not come yet.
const (
	Wait        Act = "wait"
	Abandon     Act = "abandon"        // too late, and nothing was done yet
	Withdraw    Act = "withdraw"       // enter Withdrawing
	Clear       Act = "clear"          // enter Clearing
	Remove      Act = "remove"         // remove one stranger
	WriteBody   Act = "write_body"     // enter Body and write its entries
	Send        Act = "send"           // add the next entry
	WriteRest   Act = "write_fallback" // enter Fallback and write its entries
	Start       Act = "start"          // nothing plays: start the first body entry
	Cut         Act = "cut"            // end the item on the air
	Run         Act = "run"            // enter Running
	Lift        Act = "lift"           // the lock lifts
	NothingLeft Act = "nothing_left"   // not one body entry was loaded: the lock lifts, and admins are told
)

// Next is what a firing does next, from what is so. It depends on nothing else, so a lost event, a kill and a restart
// need no path of their own.
func (f *Firing) Next(so So) Act {
	switch f.Step {
	case Locked:
		if so.NowMS > f.DueAtMS+LateMS {
			return Abandon
		}
		return Withdraw
	case Withdrawing:
		if so.Open > 0 {
			return Wait
		}
		return Clear
	case Clearing:
		if so.Strangers > 0 {
			return Remove
		}
		return WriteBody
	case Body, Fallback:
		return f.load(so)
	case Running:
		if so.Started || !f.Immutable {
			return Lift
		}
	}
	return Wait
}

func (f *Firing) load(so So) Act {
	switch {
	case so.Strangers > 0:
		return Remove
	case so.Unresolved > 0:
		return Wait
	case so.Wanted > 0:
		return Send
	case f.Step == Body:
		return WriteRest
	case so.Standing == 0:
		return NothingLeft
	case so.Air == Own:
		return Run
	case so.Air == Silence:
		return Start
	case f.cuts(so):
		return Cut
	}
	return Wait
}

// cuts reports whether the item on the air is ended now: at the start, unless it ends by itself in time.
func (f *Firing) cuts(so So) bool {
	return so.NowMS >= f.DueAtMS && (so.LeftMS < 0 || so.NowMS+so.LeftMS > f.DueAtMS+so.MaxLateMS)
}

// Played is a title of an event, or of what follows it, that was on the air for half of its length.
type Played struct {
	Playlist int64
	Media    sdk.Key
}

// Half reports whether an item has been on the air for half of its length, and so counts as played (SPEC 7). Of one
// without a length every airing counts.
func Half(airedMS, lengthMS int64) bool { return airedMS*2 >= lengthMS }
