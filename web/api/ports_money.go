package api

import (
	"context"
	"iter"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/ledger"
	"playbill/core/pay"
)

// Money is what the pages about people and coins ask of the rooms.
type Money struct {
	Accounts Accounts
	Checker  Checker
	Blocks   Blocks
	History  History
	Keys     Keys
	Tariff   Tariff
}

// Accounts is the ledger and the viewers in it: *store.Channel.
type Accounts interface {
	// Sheet returns the sums of the ledger and how far it has been checked.
	Sheet(ctx context.Context) (ledger.Sheet, error)
	// Viewers searches for viewers by the beginning of their name.
	Viewers(ctx context.Context, s ledger.Search) (ledger.Found, error)
	// Standing returns one viewer; an empty wallet for somebody who is not known.
	Standing(ctx context.Context, user string) (ledger.Standing, error)
	// ExportTransfers yields the whole history, oldest first, all of one instant. An error is the last thing that it yields.
	ExportTransfers(ctx context.Context) iter.Seq2[ledger.Transfer, error]
}

// Checker checks the ledger: *keeper.Keeper.
type Checker interface {
	// Verify wants the whole ledger checked now, and returns that check once it has ended, or as it is when ctx ends.
	Verify(ctx context.Context) ledger.Check
	// Checked returns the last check that somebody has asked for.
	Checked() ledger.Check
}

// Blocks closes and opens accounts: *till.Till.
type Blocks interface {
	// Block blocks an account with the reason in the purse and takes back what it has pending, or opens it with an empty one.
	Block(ctx context.Context, p ledger.Purse, trail audit.Entry) error
}

// History is the audit trail, to be read: *store.Channel.
type History interface {
	// AuditTrail returns a page of it, newest first.
	AuditTrail(ctx context.Context, of audit.Query) ([]audit.Entry, error)
	// AuditEntry returns one entry, or fault.NotFound.
	AuditEntry(ctx context.Context, id int64) (audit.Entry, error)
	// AuditActors returns everybody who is in it, by name.
	AuditActors(ctx context.Context) ([]string, error)
}

// Keys are the API tokens.
type Keys interface {
	// Tokens returns all of them, by name, revoked ones and login links too.
	Tokens(ctx context.Context) ([]access.Token, error)
	// Issue makes a token and returns its secret, which is stored nowhere. fault.Conflict: one of this name is in use.
	Issue(ctx context.Context, t access.Token, trail audit.Entry) (secret string, err error)
	// Revoke ends a token; fault.NotFound when none of this name is in use.
	Revoke(ctx context.Context, name string, trail audit.Entry) error
}

// Tariff is the pay and the earn block. Over config.Live.
type Tariff interface {
	// Earn returns the earn block as it runs.
	Earn() pay.Wage
	// SavePay applies both to the configuration at a revision. Faults, with nothing changed: Changed, Conflict, and Invalid,
	// with Problems as the cause where single fields are wrong.
	SavePay(ctx context.Context, ifRevision uint64, r pay.Rules, w pay.Wage) (Saved, error)
}
