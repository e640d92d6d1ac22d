package browsertest

import "time"

// How long things may take on a busy machine, and how often they are looked at. No test depends on how fast they are.
const (
	startWait = 60 * time.Second       // until the browser answers
	patience  = 30 * time.Second       // for one wait or one act
	glance    = 40 * time.Millisecond  // between two looks
	grain     = 900                    // characters of a page's text in the message of a failure
	dragSteps = 12                     // mouse moves of a drag
	dragPause = 25 * time.Millisecond  // between them: a page that animates a drag needs frames
	dragHold  = 150 * time.Millisecond // before the first move and before the release
)

// The two screens that every page is looked at: CSS pixels.
const (
	Phone       = 390
	Desktop     = 1440
	phoneHeight = 844
	deskHeight  = 900
)
