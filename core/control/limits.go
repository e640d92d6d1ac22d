package control

import "time"

// ImportMax is how many viewers one part of an import may name: with the longest names and reasons it still fits a request
// line, and the writer is soon free again.
const ImportMax = 100

// The limits of the socket.
const (
	requestBytesMax = 256 << 10        // one request line
	replyBytesMax   = 1 << 20          // one reply line
	connectionsMax  = 8                // commands at a time; the next one waits until one has ended
	dialWait        = 2 * time.Second  // until the host takes a connection
	askWait         = 2 * time.Minute  // until it has answered: a verify reads the whole history
	serveWait       = 2 * time.Minute  // for one request, on the host's side
	idleWait        = 10 * time.Second // until a connection that was taken says something
	pathMost        = 100              // bytes of a socket's path: the system's limit is 104 on macOS, 108 on Linux
)
