package live

import "time"

const (
	framesMax   = 16               // frames that may wait for one socket before it is dropped
	ringMax     = 256              // deltas that are kept for sockets that come back
	socketsMax  = 20_000           // sockets at a time
	writeWait   = 10 * time.Second // one frame; a socket that takes longer is dropped
	pingEvery   = 30 * time.Second // a silent socket is asked whether it is there
	pongWait    = 10 * time.Second // and has this long to answer
	gatherFor   = 20 * time.Millisecond
	lookEvery   = time.Second // the view is looked at this often, also when nobody said that it changed
	shiftSlack  = 2_000       // milliseconds by which an expected start may move before anybody is told
	deltaMax    = 1_200       // changed entries in one delta; more than that, and a whole state is shorter
	readMax     = 512         // bytes a browser may send: it has nothing to say
	closeWait   = 5 * time.Second
	noTime      = int64(-1) // an expected start that is not known
	notCounted  = -1        // people that nobody counts
	onAirStarts = int64(0)  // the expected start of the entry on the air
)
