package embedded

import "time"

// Defaults of Options, and CyTube's figures (reference: cytube.md 2 to 7).
const (
	defaultSelf          = "playbill"
	defaultRankTenths    = 30        // a channel admin
	defaultAddIntervalMS = 600       // between two adds of ours: CyTube lets one through every 500 ms, less jitter
	defaultAddRetries    = 2         // of an add that was too fast
	defaultAFKTimeoutMS  = 600_000   // without a chat line
	defaultChatMax       = 320       // characters of a chat line or PM
	retryWaitMS          = 1_000     // before an add that was too fast is sent again
	breakerMS            = 20_000    // behind a look-up longer than this the next request starts
	heartbeatMS          = 5_000     // a state at least this often while something plays
	idleMS               = 3_600_000 // how long the clock sleeps when nothing is due
	saveEvery            = 5 * time.Minute
)

// Sizes of what is kept in memory.
const (
	updatesCap = 1      // one slot, the newest wins
	wakeCap    = 1      // a wake-up that is pending says it all
	leftMax    = 10_000 // departures that nobody has read; the oldest go first
	chatKept   = 500    // chat lines
	pmsKept    = 2_000  // PMs of all people together
)

// filePerm is for the saved list: it holds no secret, and other programs have no business in it.
const filePerm = 0o600
