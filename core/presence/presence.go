// Package presence is the grace clocks of owners who are away. PURE.
package presence

import "playbill/core/channel"

// Settings is the presence block, at one revision.
type Settings struct {
	Enabled         bool
	GraceMS         int64
	CheckIntervalMS int64
	NotifyUser      bool
}

// Clock counts how long an owner has been away, by any trigger, without a conclusive return. Stored as a length, so
// that time during which nobody looked is never counted.
type Clock struct {
	Owner  channel.UserKey
	AwayMS int64
	Plugin string // the trigger that counts
	Reason string
	AtMS   int64 // when AwayMS was brought up to date
}

// Verdict of one trigger about one owner, from one conclusive look-up.
type Verdict struct {
	Owner   channel.UserKey
	Plugin  string
	Away    bool
	Unsure  bool // neither: a dead, late or doubtful trigger
	Reason  string
	Text    string
	GraceMS int64 // 0: the host's own
}

// Cancel names an owner whose grace is over, and why.
type Cancel struct {
	Owner  channel.UserKey
	Reason string
	Text   string
	Plugin string
}
