package till

import "time"

const (
	// buyWait is how long a buyer waits for the place after the money is held (SPEC 4.2).
	buyWait = 5 * time.Second
	// cancelWait is how long a buyer waits for a removal to be observed.
	cancelWait = 5 * time.Second
	// requestKeyMax bounds an Idempotency-Key, in bytes.
	requestKeyMax = 200

	// blockTries is how often a blocked account's purchases are looked for, and blockWait the pause between: a purchase is
	// between the books and the station for milliseconds.
	blockTries = 20
	blockWait  = 50 * time.Millisecond
	// looksPerInterval is how often the room is looked at in one interval of earning, within lookLeast and lookMost.
	looksPerInterval = 10
	lookLeast        = time.Second
	lookMost         = time.Minute
	// payStep is how many transfers of earning are booked in one transaction.
	payStep = 100
	// owedMax is how many transfers wait for books that cannot be written.
	owedMax = 10_000
)
