// Package ledger is double entry in whole coins: accounts, transfers, and the check of the books. PURE.
package ledger

// Coins is an amount of money, whole coins. Never negative in a Transfer.
type Coins int64

// Account is a class of accounts; wallets and escrow are per viewer and per purchase.
type Account string

// The four classes.
const (
	Wallet   Account = "wallet"
	Escrow   Account = "escrow"
	Revenue  Account = "revenue"
	Issuance Account = "issuance"
)

// The kinds of transfer (SPEC 4.4).
const (
	Grant    = "grant"
	Earn     = "earn"
	Hold     = "hold"
	Settle   = "settle"
	Release  = "release"
	Adjust   = "adjust"
	Makegood = "makegood"
)

// Transfer moves one amount from one account to another: the sum over all accounts is zero by construction.
type Transfer struct {
	Seq           int64 // place in the chain, gapless from 1; 0: not stored yet
	Kind          string
	Debit, Credit Account
	User          string // case-folded key of the one viewer it is about
	Amount        Coins
	Purchase      string // empty: none
	Key           string // idempotency key, unique per channel
	Reason, Actor string
	AtMS          int64
	Prev, Hash    [32]byte // the chain, once stored
}
