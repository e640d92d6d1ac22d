package socketio

import "time"

const (
	// readLimit is the longest frame we take, in bytes. CyTube sends a list of 4,000 items as one frame of 975 kB and caps
	// nothing that it sends (reference: cytube.md 1).
	readLimit = 16 << 20
	// writeWait is how long one frame may take to leave.
	writeWait = 10 * time.Second
	// closeWait is how long the farewell may take.
	closeWait = time.Second
	// defaultPing is the server's ping interval when it does not say one that makes sense.
	defaultPing = 25 * time.Second
	// longestPing is the longest ping interval that makes sense.
	longestPing = 5 * time.Minute
	// pingGrace is how much later than its interval a ping may come: longer silence is a dead connection.
	pingGrace = 20 * time.Second
	// path is where every Socket.IO server answers.
	path = "/socket.io/"
)
