// Package ledger is double entry in whole coins: accounts, transfers, the chain that ties them together, and the check
// of the books. PURE.
package ledger

import (
	"errors"
	"fmt"
)

// Coins is an amount of money, whole coins. Never negative in a Transfer.
type Coins int64

// MaxAmount is the largest amount of one transfer, in coins: nine million of them still fit an int64.
const MaxAmount Coins = 1_000_000_000_000

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
	UserName      string // as the channel spells it, to name a new wallet; empty: not known. Not part of the chain
	Amount        Coins
	Purchase      string // empty: none
	Key           string // idempotency key, unique per channel
	Reason, Actor string
	AtMS          int64
	Prev, Hash    [32]byte // the chain, once stored
}

// ErrTransfer is wrapped by every error of Check.
var ErrTransfer = errors.New("ledger: a transfer that no rule allows")

// Check refuses a transfer that no route allows (the schema's transfers_route says the same): coins leave and enter
// the accounts of its kind, and it names its purchase, or its reason, where the kind asks for one.
func (t Transfer) Check() error {
	switch {
	case t.Amount <= 0 || t.Amount > MaxAmount:
		return fmt.Errorf("%w: %s of %d coins", ErrTransfer, t.Kind, t.Amount)
	case t.User == "":
		return fmt.Errorf("%w: %s names no viewer", ErrTransfer, t.Kind)
	case t.Key == "":
		return fmt.Errorf("%w: %s has no idempotency key", ErrTransfer, t.Kind)
	case t.Actor == "":
		return fmt.Errorf("%w: %s names no actor", ErrTransfer, t.Kind)
	case !t.routed():
		return fmt.Errorf("%w: %s from %s to %s", ErrTransfer, t.Kind, t.Debit, t.Credit)
	case t.OfPurchase() != (t.Purchase != ""):
		return fmt.Errorf("%w: %s with purchase %q", ErrTransfer, t.Kind, t.Purchase)
	case (t.Kind == Adjust || t.Kind == Makegood) && t.Reason == "":
		return fmt.Errorf("%w: %s gives no reason", ErrTransfer, t.Kind)
	}
	return nil
}

// OfPurchase reports whether transfers of this kind belong to a purchase: hold, settle and release. A makegood names
// its purchase in its reason only, for that purchase's own transfers have ended.
func (t Transfer) OfPurchase() bool {
	return t.Kind == Hold || t.Kind == Settle || t.Kind == Release
}

// Ends reports whether the transfer ends a hold.
func (t Transfer) Ends() bool { return t.Kind == Settle || t.Kind == Release }

// WalletChange is what the transfer does to its viewer's wallet: plus, minus or nothing.
func (t Transfer) WalletChange() Coins {
	switch {
	case t.Credit == Wallet:
		return t.Amount
	case t.Debit == Wallet:
		return -t.Amount
	}
	return 0
}

func (t Transfer) routed() bool {
	from, to := t.Debit, t.Credit
	switch t.Kind {
	case Grant, Earn, Makegood:
		return from == Issuance && to == Wallet
	case Adjust:
		return from == Issuance && to == Wallet || from == Wallet && to == Issuance
	case Hold:
		return from == Wallet && to == Escrow
	case Settle:
		return from == Escrow && to == Revenue
	case Release:
		return from == Escrow && to == Wallet
	}
	return false
}

// Purse is one viewer's wallet as it stands.
type Purse struct {
	User        string // case-folded key
	Name        string // as the channel spells it
	Balance     Coins
	Blocked     string // why this account neither buys nor earns; empty: it may
	CreatedAtMS int64  // UTC milliseconds
}
