package store

import "time"

const (
	// batchMax is how many requests the writer takes into one transaction.
	batchMax = 256
	// readersMax is how many query-only connections are open at once.
	readersMax = 4
	// busyTimeout is how long SQLite waits for another process's write lock: a command line beside a running host.
	busyTimeout = 5 * time.Second
	// statementsMax is how many prepared statements the writer keeps.
	statementsMax = 512
	// ordGap is the distance between neighbours in the play order, so that an insert or a move writes one row.
	ordGap = 1 << 20
	// ghostWindow is how long an ended entry of ours is remembered: a crashed channel goes back to its last save, five
	// minutes old at most on CyTube; SPEC 2 says fifteen.
	ghostWindow = 15 * time.Minute
	// usedEvery is how exactly the last use of a token is kept.
	usedEvery = time.Minute
	// noteWait is how long somebody waits for a note that may as well be made the next time.
	noteWait = 250 * time.Millisecond
	// sweepStep is how many old rows are removed in one transaction.
	sweepStep = 500
	// rowsMax is the largest page of any list that is read in pages.
	rowsMax = 1000
	// keysMax is how many media one question names.
	keysMax = 200
)
