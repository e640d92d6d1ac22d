package api

import "time"

const (
	bodyMax         = 64 << 10 // bytes of a request
	playlistBodyMax = 8 << 20  // bytes of a playlist: ten thousand items
	importBodyMax   = 64 << 20 // bytes of a file of titles: a hundred thousand have some 30 MB
	pageDefault     = 50       // rows of an answer
	pageMax         = 200
	offsetMax       = 1_000_000       // rows
	reasonMax       = 500             // characters of an admin's reason
	keyMax          = 200             // bytes of an Idempotency-Key
	mediaMax        = 2_000           // bytes of a media id, a link or a title
	editWait        = 6 * time.Second // for the channel to answer a change of the list; after that the list shows it
	nameMax         = 64              // characters of a user name
	secondsMax      = 1_000_000_000
	tokenDays       = 90               // days that an API token lives, where nobody says otherwise
	tokenDaysMax    = 3650             // days
	verifyWait      = 3 * time.Second  // for a check of the whole ledger to end; after that the page shows it
	exportMax       = 10 * time.Minute // for somebody to take the whole ledger
	lockMinutes     = 15               // before an event, where nobody says otherwise
	startsShown     = 5                // of one event
	startsMost      = 400              // of one event in a calendar: one a day for a year
	calendarMax     = 366 * dayMS      // milliseconds of one calendar
	dayMS           = 24 * 3600_000    // milliseconds
	hourMS          = 3600_000         // milliseconds
	seqMax          = 1 << 53          // transfers, as far as JSON numbers are whole
)

// When the overview asks for a hand.
const (
	doubtLongMS   = 5 * 60_000        // milliseconds since an add was sent of which nothing is known
	startLongMS   = 15_000            // milliseconds that a plugin may start
	endsSoonMS    = 3 * 24 * 3600_000 // milliseconds until the last clip of a pool ends
	backupSoonMS  = 3600_000          // milliseconds after a start without any backup
	backupOldMS   = 36 * 3600_000     // milliseconds since the newest backup
	clockOffMS    = 60_000            // milliseconds that the machine's clock has moved
	diskLow       = 1 << 30           // bytes
	diskFull      = 200 << 20         // bytes
	failedMost    = 3                 // titles of an event that a need names
	firstRevision = 1                 // of the configuration, as it was read at the start
)
