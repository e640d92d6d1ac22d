package pluginhost

import (
	"time"

	"playbill/core/station"
)

// How long a hook may take: one deadline for all plugins that are asked (SPEC 8).
const (
	advanceDeadline  = 150 * time.Millisecond
	payDeadline      = 100 * time.Millisecond
	cancelDeadline   = 100 * time.Millisecond
	presenceDeadline = time.Second
	// lingerFor is how long the host listens for an answer that is late. Until then the plugin is busy and is not asked.
	lingerFor = 5 * time.Second
)

// Starting, watching and ending a process.
const (
	startTimeout     = 3 * time.Second // to the handshake, unless a Spec says otherwise
	introduceTimeout = 2 * time.Second // for Describe, settings and Configure together
	configureTimeout = 2 * time.Second
	describeTimeout  = 5 * time.Second // for --describe

	backoffFirst  = 250 * time.Millisecond
	backoffMost   = 30 * time.Second
	backoffJitter = 0.2 // of the wait, to either side
	healthyAfter  = 5 * time.Minute

	healthEvery    = 2 * time.Second
	healthDeadline = 2 * time.Second
	healthMisses   = 3 // in a row: the process is deaf and is killed

	drainFor     = time.Second
	exitNotice   = 20 * time.Millisecond  // a death is known by then
	killGrace    = 500 * time.Millisecond // between SIGTERM and SIGKILL of the group
	lastWordsFor = 100 * time.Millisecond // to read what a dead process had written
)

// What a plugin may write.
const (
	lineBytes      = 4 << 10 // of a log line; the rest is cut
	linesPerSecond = 100
	tailLines      = 50
	firstLineBytes = 4 << 10 // of the handshake
	noteBytes      = 500
	textBytes      = 200
)

// Other sizes.
const (
	latencySamples = 512 // per plugin and hook
	socketPathMost = 100 // bytes; sockaddr_un holds 108 on Linux and 104 elsewhere
	socketPathTail = 60  // of those: the folder of one process, go-plugin's own and the socket
	weightMost     = 1000
	factorMost     = 10
	upcomingMost   = 10
	priorityMost   = 1_000_000
	secretBytes    = 32
)

// deadline is how long the station waits for a hook.
func deadline(h station.Hook) time.Duration {
	switch h {
	case station.OnPay:
		return payDeadline
	case station.OnCancel:
		return cancelDeadline
	case station.OnPresence:
		return presenceDeadline
	default:
		return advanceDeadline
	}
}
