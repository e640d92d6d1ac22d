// Package fault is the one error type that crosses rooms: a machine code, a sentence for a person, and the cause.
// PURE. A code exists only where somebody acts on it; an error without a Fault is internal and its text reaches nobody.
package fault

import "errors"

// Code says what kind of thing went wrong. The list is JOINTS L: refusals of a purchase, states of the host, and
// what a channel answers to a command.
type Code string

// Refusals of a purchase, in the order in which they are checked (SPEC 4.1).
const (
	UnknownItem   Code = "unknown_item"
	Reserved      Code = "reserved"
	EventLock     Code = "event_lock"
	PreEventLock  Code = "pre_event_lock"
	Rank          Code = "rank"
	NotPresent    Code = "not_present"
	Blocked       Code = "blocked"
	Blackout      Code = "blackout"
	DailyLimit    Code = "daily_limit"
	Cooldown      Code = "cooldown"
	PendingLimit  Code = "pending_limit"
	AlreadyListed Code = "already_listed"
	NoAnchor      Code = "channel_unknown"
	Balance       Code = "balance"
)

// What can be wrong with a request itself, or with the host's state when it came.
const (
	Invalid            Code = "invalid"
	NotFound           Code = "not_found"
	Unauthorized       Code = "unauthorized"
	Forbidden          Code = "forbidden"
	CrossOrigin        Code = "cross_origin"
	Conflict           Code = "conflict"
	Changed            Code = "changed"
	Over               Code = "over"
	Limit              Code = "limit"
	PriceChanged       Code = "price_changed"
	RequestKeyMissing  Code = "request_key_missing"
	RequestKeyConflict Code = "request_key_conflict"
	Starting           Code = "starting"
	Journal            Code = "journal"
	Standby            Code = "standby"
	ChannelDown        Code = "channel_down"
	Fenced             Code = "fenced"
	Stopping           Code = "stopping"
)

// What a channel answers to a command (JOINTS C). Every other text of a channel is Media, with its own words.
const (
	Duplicate   Code = "duplicate"
	TooFast     Code = "too_fast"
	ListFull    Code = "list_full"
	TooLong     Code = "too_long"
	Permission  Code = "permission"
	Missing     Code = "missing"
	Media       Code = "media"
	Unsupported Code = "unsupported"
	Stale       Code = "stale"
	Dropped     Code = "dropped"
	Muted       Code = "muted"
)

// Fault is an error that somebody acts on.
type Fault struct {
	Code     Code
	Sentence string // for a person: what happened, and what to do now
	Cause    error  // for the log; may be nil
}

// New returns a Fault without a cause.
func New(code Code, sentence string) *Fault { return &Fault{Code: code, Sentence: sentence} }

// Wrap returns a Fault that keeps its cause.
func Wrap(cause error, code Code, sentence string) *Fault {
	return &Fault{Code: code, Sentence: sentence, Cause: cause}
}

// Error gives code, sentence and cause on one line.
func (f *Fault) Error() string {
	text := string(f.Code) + ": " + f.Sentence
	if f.Cause != nil {
		text += " (" + f.Cause.Error() + ")"
	}
	return text
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Of returns the Fault inside err, or nil.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// Is reports whether err carries a Fault with this code.
func Is(err error, code Code) bool {
	f := Of(err)
	return f != nil && f.Code == code
}
