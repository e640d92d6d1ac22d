// Package audit is who changed what, and how to take it back. PURE.
package audit

// Entry is one row of the audit trail, written in the transaction of the change that it records.
type Entry struct {
	ID      int64  // counted from 1 per channel; 0: not stored yet
	AtMS    int64  // UTC milliseconds
	Actor   string // an admin's user key, a token's name, "cli" or "host"
	Action  string // "ledger.grant", "playlist.save", ...
	Subject string // what was changed, for a person
	Before  string // JSON of what was; empty: nothing
	After   string // JSON of what is; empty: nothing
	Undo    string // JSON of what takes it back; empty: it cannot be
	Key     string // the Idempotency-Key of the request, where the change has nowhere else to keep it; empty: none

	Undoes   int64  // the entry that this one takes back; 0: none. It is written once for an entry, whoever asks how often
	UndoneBy int64  // the entry that took this one back; 0: it stands
	Undoer   string // who did
}

// Query asks for a page of the trail, newest first.
type Query struct {
	BeforeID int64  // 0: from the newest
	Limit    int    // rows
	Actor    string // empty: anybody
	Action   string // an action, or the word before its dot: all of that kind; empty: any
}
