package outside

import "time"

const (
	dialWait     = 5 * time.Second  // for a connection, and for its TLS
	answerWait   = 20 * time.Second // for a whole answer
	idleWait     = time.Minute      // before an unused connection is closed
	idleConns    = 2                // unused connections to one host
	headerMax    = 64 << 10         // bytes of an answer's header
	redirectsMax = 3
	burst        = 5 // requests that may come at once, under a rate
)
