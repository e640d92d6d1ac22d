package till

import "time"

const (
	// buyWait is how long a buyer waits for the place after the money is held (SPEC 4.2).
	buyWait = 5 * time.Second
	// cancelWait is how long a buyer waits for a removal to be observed.
	cancelWait = 5 * time.Second
	// requestKeyMax bounds an Idempotency-Key, in bytes.
	requestKeyMax = 200
)
