package ledger

import (
	"errors"
	"maps"
)

// Mark is a checked history in short: where it ended, and what followed from it. A Verifier that starts there needs the
// transfers behind it only. It does not remember which purchases have ended, so a purchase that is held a second time is
// found from the first transfer only; the schema refuses that as well.
type Mark struct {
	Seq     int64    // the last transfer that was checked
	Head    [32]byte // its hash
	Totals  Totals
	Wallets map[string]Coins    // by viewer, without empty ones
	Holds   map[string]OpenHold // by purchase
}

// OpenHold is a hold that has not ended.
type OpenHold struct {
	User   string
	Amount Coins
}

// ErrMark says that a mark contradicts itself.
var ErrMark = errors.New("ledger: a mark that does not add up")

// Check returns ErrMark for a mark that no history can have: it was damaged, or written by hand.
func (m Mark) Check() error {
	var wallets, escrow Coins
	for _, c := range m.Wallets {
		if c <= 0 {
			return ErrMark
		}
		wallets += c
	}
	for _, h := range m.Holds {
		if h.Amount <= 0 || h.User == "" {
			return ErrMark
		}
		escrow += h.Amount
	}
	t := m.Totals
	if m.Seq < 0 || t.Transfers != m.Seq || t.Wallets != wallets || t.Escrow != escrow || t.Revenue < 0 ||
		t.Issued != wallets+escrow+t.Revenue {
		return ErrMark
	}
	return nil
}

// Mark returns what has been checked so far. It is worth something only if nothing was broken.
func (v *Verifier) Mark() Mark {
	m := Mark{Seq: v.seq, Head: v.head, Totals: v.totals, Wallets: map[string]Coins{}, Holds: maps.Clone(v.holds)}
	for user, coins := range v.wallets {
		if coins != 0 {
			m.Wallets[user] = coins
		}
	}
	return m
}

// Resume returns a Verifier that expects the transfer behind the mark.
func Resume(m Mark) *Verifier {
	v := NewVerifier()
	v.seq, v.head, v.totals = m.Seq, m.Head, m.Totals
	maps.Copy(v.wallets, m.Wallets)
	maps.Copy(v.holds, m.Holds)
	return v
}
