package keeper

import "time"

const (
	// nightHour is when the night's work is done, by the station's clock: few are awake, and it is no hour that summer
	// time skips or repeats.
	nightHour = 4
	// startDelay is how long after a start the first copy is made, if the newest one is older than staleAfter.
	startDelay = 10 * time.Minute
	staleAfter = 24 * time.Hour
	// lookEvery is how often the clock is looked at: it may be set, and a machine may sleep.
	lookEvery = time.Minute
	// copiesKept is how many nightly copies are kept.
	copiesKept = 7

	// How long what is not kept for ever is kept (SPEC 12.10).
	callsKept     = 30 * 24 * time.Hour
	decisionsKept = 90 * 24 * time.Hour
	auditKept     = 366 * 24 * time.Hour
)
