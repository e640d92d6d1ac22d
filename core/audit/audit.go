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
	Undo    string // JSON of the request that takes it back; empty: it cannot be
}
