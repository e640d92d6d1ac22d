package channeltest

import "time"

const (
	// patience is how long a state may take to show what is so, when the Harness does not say otherwise.
	patience = 30 * time.Second
	// uidsPerBump is how far an epoch bump of Faulty moves the uids.
	uidsPerBump = 100_000
	// pokeCap is one: a wake-up that is pending says it all.
	pokeCap = 1
	// resultCap lets a delayed command leave its result behind when nobody waits for it any more.
	resultCap = 1
	// unreadMax is how many states may wait to be read: one slot, and one state that was being sent.
	unreadMax = 2
)
