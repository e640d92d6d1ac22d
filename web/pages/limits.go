package pages

import "time"

const (
	rowsMax     = 200 // entries of the running order on one page; the rest is counted
	tagLength   = 12  // hex digits that tell versions of a file apart
	assetAge    = 365 * 24 * time.Hour
	lightsAge   = 365 * 24 * time.Hour
	lightsBody  = 1 << 10 // bytes of a form
	formBody    = 8 << 10 // bytes of any other form
	pageTitles  = 40      // titles on a page of the catalog
	shelfMin    = 2       // titles that make a shelf of their own
	shelfTitles = 5       // titles that a shelf shows
	shelvesMax  = 8       // shelves of the catalog's first page; the rest is behind its picks
	picksMax    = 14      // categories to pick from
	viewersMax  = 50      // viewers on a page of the ledger
	deedsMax    = 50      // entries on a page of the audit trail
	pastMax     = 30      // purchases, and movements, of an account page
	stockRows   = 50      // titles of the catalog on one page of the admins
	wrongsMax   = 100     // lines that a job could not do, on its page
	itemRows    = 100     // items of a saved playlist on one page
	orderRows   = 60      // titles of the running order on one page of the admins
	seekMax     = 100     // characters of a search that are shown again
)

const (
	loadShown    = 10 * time.Minute // a load that has ended stays on every admin page so long
	hourMS       = 3600_000
	dayMS        = 24 * hourMS
	decisionsMax = 20 // decisions that the promos page tells
	startsShown  = 5  // starts of an event that its form names
	startsOfWeek = 50 // starts of one event in a week
	firingsShown = 8  // past events that the page of events tells
	yearsShown   = 50 // how far the calendar goes, both ways
	lockMinutes  = 15 // before an event, in the form of a new one
)
