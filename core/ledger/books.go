package ledger

// Standing is a viewer as the books know them.
type Standing struct {
	Purse
	Held     Coins // in escrow, for requests that have not ended
	SeenAtMS int64 // when they last earned, bought, or had a page open as themselves, UTC milliseconds; 0: not known
}

// The orders of a search for viewers.
const (
	ByName    = "name"
	ByBalance = "balance" // the richest first
	BySeen    = "seen"    // the last seen first
)

// Search asks for a page of viewers.
type Search struct {
	Prefix        string // of the name, in any case; empty: all
	Order         string // ByName, ByBalance or BySeen
	Limit, Offset int    // rows
}

// Found is a page of viewers.
type Found struct {
	Total   int // that the search would find in all
	Viewers []Standing
}

// Statement is a page of a viewer's transfers, newest first.
type Statement struct {
	Balance Coins // after the newest transfer of this page
	Lines   []Line
	More    bool // there are older ones
}

// Line is one transfer of a statement.
type Line struct {
	Transfer
	Title string // of the purchase that it belongs to; empty: it belongs to none
}

// Sheet is the ledger at one instant, and how far it has been checked.
type Sheet struct {
	Totals
	CheckedAtMS, CheckedSeq int64   // the last check that found it true, and the last transfer in it; UTC milliseconds, 0: none
	WholeAtMS, WholeSeq     int64   // the last check of the whole history, whatever it found
	Broken                  *Broken // what that found; nil: it was true
}

// Check is one check of the whole history, done or under way.
type Check struct {
	AskedAtMS int64 // UTC milliseconds; 0: nobody has asked since the start
	EndedAtMS int64 // 0: it is under way, or waits
	Transfers int64 // that it read
	Err       error // *Broken: the history is not true; another one: it could not be checked
}
