package cytube

import "time"

// How long things may take, wall time (reference: cytube.md, and JOINTS C).
const (
	configWait     = 10 * time.Second       // for /socketconfig
	dialWait       = 15 * time.Second       // for the websocket and its handshake
	joinWait       = 20 * time.Second       // from the connection to the answer to our login
	zombieWait     = 10 * time.Second       // from that to a first word of the channel itself, and to our rank in it
	rankSettle     = time.Second            // after our rank, for what else the channel sends to a new arrival
	settle         = 10 * time.Millisecond  // of silence behind a frame, after which an act is over
	settleMost     = 100 * time.Millisecond // how long a state waits for such a silence
	halfActWait    = 2 * time.Second        // for the rest of an act that began; then the state is Degraded and we ask
	moveWait       = 2 * time.Second        // for the echo of a move
	jumpWait       = 5 * time.Second        // for the echo of a jump
	talkGap        = 105 * time.Millisecond // between two lines beyond the burst
	talkWait       = 5 * time.Second        // for the echo of a chat line or PM
	breaker        = 20 * time.Second       // behind a look-up longer than this CyTube runs the next request beside it
	horizon        = 60 * time.Second       // after which a request that was not heard of can no longer come
	horizonMost    = 10 * time.Minute       // and so long at most behind others of ours, or over many short connections
	clearRace      = 500 * time.Millisecond // a request sent so shortly before a clear may reach the server behind it
	requestEvery   = 61 * time.Second       // CyTube sends a list on request once a minute
	resyncEvery    = 10 * time.Minute       // between two lists that we ask for although nothing is amiss
	probeEvery     = 10 * time.Second       // between two questions of what plays
	replayMost     = time.Minute            // older chat than this is replay, whatever the two clocks say
	duplicatePause = 60 * time.Second       // before the one retry after somebody else logged in as us
	duplicateCalm  = 10 * time.Minute       // a second such kick within this time is the last
	longPause      = 60 * time.Second       // after an answer that a quick retry cannot change
	refusedPause   = 10 * time.Second       // after a refused connection: exactly one is let through in this time
	backoffFirst   = time.Second            // before the first retry; doubled for each one after it
	backoffMost    = 30 * time.Second       // between two retries, without the jitter
	connectEvery   = 10 * time.Second       // connections beyond the burst, per address, as CyTube counts them
	idleSleep      = time.Hour              // how long the clock sleeps when nothing is due
	addRetryPause  = time.Second            // before an add that was too fast is sent again
	playedSlack    = 500 * time.Millisecond // short of its length that an item may be cut and still count as played
	restartSlack   = 2 * time.Second        // that a position may jump back without being a new start
	floorTurn      = time.Millisecond       // the clock's shortest sleep
)

// Defaults of Options.
const (
	defaultChatMax       = 320 // characters of a chat line or PM (max-chat-message-length)
	defaultAddIntervalMS = 600 // CyTube lets one add through every 500 ms, less jitter
	defaultAddRetries    = 2
	defaultServer        = "https://cytu.be"
)

// Sizes.
const (
	updatesCap   = 1       // one slot, the newest wins
	wakeCap      = 1       // a wake-up that is pending says it all
	outCap       = 1024    // frames that wait to be written; more, and the connection is given up
	leftMax      = 10_000  // departures that nobody has read; the oldest go first
	configMax    = 64_000  // bytes of a socketconfig
	connectBurst = 4       // CyTube lets five through; one is left for a person at the same address
	sentenceMax  = 300     // characters of the server's words that are quoted
	durationMax  = 1 << 40 // milliseconds; longer ones are nonsense
)

// Figures of CyTube's list.
const (
	listMax    = 4000 // playlist.max-items
	overheadMS = 5000 // an item stays on the air so much longer than its length
	leadInMS   = 3000 // of it before the item moves: currentTime starts at -3
)
