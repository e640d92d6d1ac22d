package pay

import (
	"cmp"
	"errors"
	"fmt"

	"playbill/core/ledger"
)

// host is the actor of every transfer that a purchase makes of itself.
const host = "host"

// ErrImpossible is wrapped by Next's error for a fact that cannot befall a purchase in its state. Somebody has
// observed wrongly; nothing may be written.
var ErrImpossible = errors.New("pay: a fact that cannot be")

// Bought accepts a purchase: its first state, and the transfer that holds its price. ID, Buyer, Price and BoughtAtMS
// must be set.
func Bought(p Purchase) (Purchase, []ledger.Transfer) {
	p.State, p.Reason, p.EndedAtMS = Held, "", 0
	return p, []ledger.Transfer{p.transfer(ledger.Hold, "", p.BoughtAtMS)}
}

// Next is the whole state machine (JOINTS E): the new purchase and the transfers that go with it. The store calls it
// inside its transaction; the database repeats the rule in a trigger.
//
// A final purchase takes any fact and stays as it is, and so do the repeats that a level-triggered host produces:
// Sending while adding, InPlace while placed or refunding, Withdrawn while refunding (the first reason stays). Every
// other fact that a state does not know is an error that wraps ErrImpossible; the purchase comes back unchanged.
//
// An empty reason is filled in: Removed for Withdrawn, AddFailed for Refused and NeverCame, Lost for Gone. A purchase
// that was being withdrawn and began first is Settled and keeps the reason for which it should have gone.
func (p Purchase) Next(f Fact, reason string, nowMS int64) (Purchase, []ledger.Transfer, error) {
	if p.State.Final() {
		return p, nil, nil
	}
	switch p.State {
	case Held:
		return p.nextHeld(f, reason, nowMS)
	case Adding:
		return p.nextAdding(f, reason, nowMS)
	case Placed:
		return p.nextPlaced(f, reason, nowMS)
	case Refunding:
		return p.nextRefunding(f, nowMS)
	default:
		return p.impossible(f)
	}
}

// nextHeld: the money is held and nothing was sent, so there is nothing to take off the list.
func (p Purchase) nextHeld(f Fact, reason string, nowMS int64) (Purchase, []ledger.Transfer, error) {
	switch f {
	case Sending:
		return p.in(Adding)
	case Withdrawn:
		return p.refunded(cmp.Or(reason, Removed), nowMS)
	default:
		return p.impossible(f)
	}
}

// nextAdding: an add may have left. Only an answer, a sighting or the driver's horizon ends that.
func (p Purchase) nextAdding(f Fact, reason string, nowMS int64) (Purchase, []ledger.Transfer, error) {
	switch f {
	case Sending: // sent again after an explicit refusal for pace
		return p, nil, nil
	case InPlace:
		return p.in(Placed)
	case Started:
		return p.settled(nowMS)
	case Withdrawn:
		return p.refunding(reason)
	case Refused, NeverCame:
		return p.refunded(cmp.Or(reason, AddFailed), nowMS)
	case Gone: // bound, and taken away before it stood in its place
		return p.refunded(cmp.Or(reason, Lost), nowMS)
	default:
		return p.impossible(f)
	}
}

// nextPlaced: it has been seen in its place, so it cannot be said that it never came.
func (p Purchase) nextPlaced(f Fact, reason string, nowMS int64) (Purchase, []ledger.Transfer, error) {
	switch f {
	case InPlace:
		return p, nil, nil
	case Started:
		return p.settled(nowMS)
	case Withdrawn:
		return p.refunding(reason)
	case Gone:
		return p.refunded(cmp.Or(reason, Lost), nowMS)
	default:
		return p.impossible(f)
	}
}

// nextRefunding: the money goes back once nothing of it can play any more. If it plays first, it was sold.
func (p Purchase) nextRefunding(f Fact, nowMS int64) (Purchase, []ledger.Transfer, error) {
	switch f {
	case InPlace, Withdrawn:
		return p, nil, nil
	case Started:
		return p.settled(nowMS)
	case Gone, Refused, NeverCame:
		return p.refunded(p.Reason, nowMS)
	default:
		return p.impossible(f)
	}
}

func (p Purchase) in(s State) (Purchase, []ledger.Transfer, error) {
	p.State = s
	return p, nil, nil
}

func (p Purchase) refunding(reason string) (Purchase, []ledger.Transfer, error) {
	p.State, p.Reason = Refunding, cmp.Or(reason, Removed)
	return p, nil, nil
}

func (p Purchase) refunded(reason string, nowMS int64) (Purchase, []ledger.Transfer, error) {
	p.State, p.Reason, p.EndedAtMS = Refunded, reason, nowMS
	return p, []ledger.Transfer{p.transfer(ledger.Release, reason, nowMS)}, nil
}

func (p Purchase) settled(nowMS int64) (Purchase, []ledger.Transfer, error) {
	p.State, p.EndedAtMS = Settled, nowMS
	return p, []ledger.Transfer{p.transfer(ledger.Settle, "", nowMS)}, nil
}

func (p Purchase) impossible(f Fact) (Purchase, []ledger.Transfer, error) {
	return p, nil, fmt.Errorf("%w: %s on purchase %s, which is %q", ErrImpossible, f, p.ID, p.State)
}

// transfer moves the purchase's price along the route of its kind. One of each kind per purchase: the key says so.
func (p Purchase) transfer(kind, reason string, atMS int64) ledger.Transfer {
	from, to := route(kind)
	return ledger.Transfer{
		Kind: kind, Debit: from, Credit: to,
		User: string(p.Buyer), Amount: p.Price, Purchase: p.ID,
		Key: p.ID + ":" + kind, Reason: reason, Actor: host, AtMS: atMS,
	}
}

func route(kind string) (from, to ledger.Account) {
	switch kind {
	case ledger.Hold:
		return ledger.Wallet, ledger.Escrow
	case ledger.Settle:
		return ledger.Escrow, ledger.Revenue
	default: // ledger.Release
		return ledger.Escrow, ledger.Wallet
	}
}
