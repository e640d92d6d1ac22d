package ledger

import (
	"fmt"
	"maps"
	"slices"
)

// The invariants, by the name under which a broken one is reported.
const (
	ChainGapless     = "chain_gapless"           // transfers are numbered 1, 2, 3, ...
	ChainUnbroken    = "chain_unbroken"          // each names the hash of the one before it
	ChainHash        = "chain_hash"              // each says what it said when it was stored
	RouteAllowed     = "transfers_route"         // each moves a possible amount between the accounts of its kind
	WalletNotBelow   = "wallets_never_negative"  // no wallet is below zero after any transfer
	HeldOnce         = "transfers_held_once"     // a purchase is held once
	EndedOnce        = "transfers_ended_once"    // a hold ends at most once, and nothing ends that was not held
	EndMatchesHold   = "transfers_terms"         // a hold ends for the same viewer with the same amount
	WalletMatches    = "wallet_matches_history"  // each wallet is the sum of its transfers
	EscrowMatches    = "escrow_matches_open"     // escrow holds the price of every open purchase and nothing else
	HeadMatches      = "chain_head_matches"      // the stored head of the chain is its last transfer
	PurchasesMatches = "purchases_match_history" // each ended purchase ended as its transfers say
)

// Broken is a broken invariant.
type Broken struct {
	Invariant string // one of the names above
	Seq       int64  // the transfer at which it shows; 0: in the sums
	Detail    string
}

// Error names the invariant, the transfer and what was found.
func (b *Broken) Error() string {
	if b.Seq == 0 {
		return fmt.Sprintf("ledger: %s is broken: %s", b.Invariant, b.Detail)
	}
	return fmt.Sprintf("ledger: %s is broken at transfer %d: %s", b.Invariant, b.Seq, b.Detail)
}

// Totals are the sums over all transfers. Issued = Wallets + Escrow + Revenue, always.
type Totals struct {
	Transfers                        int64
	Issued, Wallets, Escrow, Revenue Coins
}

// Verifier checks a history one transfer at a time. It keeps a sum per viewer, the open holds, and the ids of purchases
// that have ended, never the transfers.
type Verifier struct {
	seq     int64
	head    [32]byte
	wallets map[string]Coins
	holds   map[string]OpenHold
	ended   map[string]struct{}
	totals  Totals
	broken  *Broken
}

// NewVerifier returns a Verifier that expects the first transfer.
func NewVerifier() *Verifier {
	return &Verifier{wallets: map[string]Coins{}, holds: map[string]OpenHold{}, ended: map[string]struct{}{}}
}

// Add takes the next transfer, in order of Seq. It returns the first broken invariant as *Broken, and the same again
// from then on.
func (v *Verifier) Add(t Transfer) error {
	if v.broken == nil {
		v.broken = v.check(t)
	}
	if v.broken != nil {
		return v.broken
	}
	return nil
}

// Close compares the sums with the stored balances and with the prices of the purchases that have not ended. It returns
// the first broken invariant as *Broken.
func (v *Verifier) Close(wallets, open map[string]Coins) error {
	if v.broken == nil {
		v.broken = v.sums(wallets, open)
	}
	if v.broken != nil {
		return v.broken
	}
	return nil
}

// Head returns the number and the hash of the last transfer; 0 and zeros before the first.
func (v *Verifier) Head() (seq int64, hash [32]byte) { return v.seq, v.head }

// Totals returns the sums so far.
func (v *Verifier) Totals() Totals { return v.totals }

func (v *Verifier) check(t Transfer) *Broken {
	if b := v.chained(t); b != nil {
		return b
	}
	if err := t.Check(); err != nil {
		return &Broken{RouteAllowed, t.Seq, err.Error()}
	}
	if b := v.held(t); b != nil {
		return b
	}
	v.wallets[t.User] += t.WalletChange()
	if left := v.wallets[t.User]; left < 0 {
		return &Broken{WalletNotBelow, t.Seq, fmt.Sprintf("wallet of %s stands at %d", t.User, left)}
	}
	v.sum(t)
	return nil
}

func (v *Verifier) chained(t Transfer) *Broken {
	switch {
	case t.Seq != v.seq+1:
		return &Broken{ChainGapless, t.Seq, fmt.Sprintf("expected transfer %d", v.seq+1)}
	case t.Prev != v.head:
		return &Broken{ChainUnbroken, t.Seq, "it does not follow the transfer before it"}
	case t.Hash != t.Sum():
		return &Broken{ChainHash, t.Seq, "it does not say what it said when it was stored"}
	}
	v.seq, v.head = t.Seq, t.Hash
	return nil
}

func (v *Verifier) held(t Transfer) *Broken {
	if !t.OfPurchase() {
		return nil
	}
	open, isOpen := v.holds[t.Purchase]
	_, hasEnded := v.ended[t.Purchase]
	switch {
	case t.Kind == Hold && (isOpen || hasEnded):
		return &Broken{HeldOnce, t.Seq, "purchase " + t.Purchase + " was held before"}
	case t.Kind == Hold:
		v.holds[t.Purchase] = OpenHold{t.User, t.Amount}
		return nil
	case !isOpen:
		return &Broken{EndedOnce, t.Seq, "purchase " + t.Purchase + " has no open hold"}
	case open != (OpenHold{t.User, t.Amount}):
		return &Broken{EndMatchesHold, t.Seq, fmt.Sprintf("%d coins of %s were held for purchase %s, it ends %d of %s",
			open.Amount, open.User, t.Purchase, t.Amount, t.User)}
	}
	delete(v.holds, t.Purchase)
	v.ended[t.Purchase] = struct{}{}
	return nil
}

func (v *Verifier) sum(t Transfer) {
	v.totals.Transfers++
	v.totals.Wallets += t.WalletChange()
	switch t.Kind {
	case Hold:
		v.totals.Escrow += t.Amount
	case Settle:
		v.totals.Escrow -= t.Amount
		v.totals.Revenue += t.Amount
	case Release:
		v.totals.Escrow -= t.Amount
	default:
		v.totals.Issued += t.WalletChange()
	}
}

func (v *Verifier) sums(wallets, open map[string]Coins) *Broken {
	for _, user := range names(v.wallets, wallets) {
		if stored, sum := wallets[user], v.wallets[user]; stored != sum {
			return &Broken{WalletMatches, 0, fmt.Sprintf("wallet of %s says %d, its transfers %d", user, stored, sum)}
		}
	}
	for _, purchase := range names(v.holds, open) {
		if price, held := open[purchase], v.holds[purchase].Amount; price != held {
			return &Broken{EscrowMatches, 0, fmt.Sprintf("purchase %s has %d coins open, %d are held", purchase, price, held)}
		}
	}
	return nil
}

// names returns the keys of both, each once and sorted, so that the first broken one is always the same.
func names[V, W any](a map[string]V, b map[string]W) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

// Books is a whole history with what should follow from it.
type Books struct {
	Transfers []Transfer
	Wallets   map[string]Coins
	Open      map[string]Coins // purchase -> price, of every purchase that has not ended
}

// Verify returns the first broken invariant as *Broken, or nil.
func (b Books) Verify() error {
	v := NewVerifier()
	for _, t := range b.Transfers {
		if err := v.Add(t); err != nil {
			return err
		}
	}
	return v.Close(b.Wallets, b.Open)
}
