package station

import "time"

// The limits of a station. Each loop, queue, retry and wait has its own, with its unit.
const (
	tickEvery      = time.Second      // what waits is re-checked this often
	addWait        = 40 * time.Second // an add's look-up takes up to 30 s on CyTube (reference: cytube, section 3)
	editWait       = 5 * time.Second  // a move or removal
	sayWait        = 5 * time.Second  // a chat line or PM
	commitWait     = 10 * time.Second // a turn; longer means that the disk does not answer
	lookupWait     = 2 * time.Second  // one person
	lettersMax     = 256              // requests to the eyes that may wait
	messagesMax    = 16               // PMs that people wait for
	editsMax       = 16               // changes that admins wait for
	extrasMax      = 1_000            // requests of admins whose answer is kept, so that they count once
	backlogMax     = 10_000           // turns that are kept while the journal fails
	endedMax       = 256              // purchases that ended lately and are still shown
	ranMax         = 16               // firings that are remembered, for what of them is still to play
	alarmsMax      = 20               // things that went wrong with events and that nobody has put away
	removeTries    = 3                // an entry that makes room for an event is asked for so often
	addTries       = 3                // an add that is refused for pace or dropped is sent so often
	moveTries      = 4                // a paid entry is moved so often before it is given up
	plansPerTarget = 6                // changes of plan before one airing of a target before its promos are left alone
	tellTries      = 3                // PMs tried for one notice each time its person is seen
	lateTries      = 3                // a slot whose plugin did not answer is asked again so often
	lateAfter      = 10 * time.Second // and so much later
	retryAfter     = 3 * time.Second  // before something that failed on the channel is tried again
	noticeMin      = 240              // characters of a message, where the channel does not say
	upcomingMax    = 10               // entries that a plugin is told of
	anchorLeftMS   = 5000             // a temporary item with less than this left is no anchor (SPEC 3.4)
)
