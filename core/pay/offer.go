package pay

import (
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/sdk"
)

// Offer quotes one place for m: the price, the balance before and after, and the first refusal in the order of
// SPEC 4.1. A host that cannot sell at all (starting, journal, standby, stopping, fenced) says so before anything else;
// a channel that cannot be sold on (down, degraded, nothing on the air, a room that does not answer) where
// channel_unknown stands.
func (r Rules) Offer(m sdk.Media, tier string, f Facts, nowMS int64) Quote {
	q := Quote{Media: m, Tier: tier, Before: f.Balance, After: f.Balance, Reserved: f.Reserved}
	if tier != Queue && tier != PlayNext {
		return q.refuse(fault.New(fault.Invalid, "There are two ways to request: “queue” and “playnext”."), 0)
	}
	if f.KnownItem && m.DurationMS > 0 {
		q.Base, q.Price = r.price(m.DurationMS, tier, f.RankTenths)
		q.Discount = q.Base - q.Price
	}
	for _, refuse := range inOrder() {
		if why, againAtMS := refuse(r, q, f, nowMS); why != nil {
			return q.refuse(why, againAtMS)
		}
	}
	if short := q.Price - f.Balance; short > 0 {
		q.Short = short
		return q.refuse(r.shortOf(q, f), 0)
	}
	q.After = q.Before - q.Price
	if f.AFK {
		q.Warning = "You are marked as away. If you stay away, this request is cancelled and refunded."
	}
	return q
}

// WithStored returns live facts completed by the stored ones. Of two locks the stored one counts: it is the barrier that
// a hold sees.
func (f Facts) WithStored(stored Facts) Facts {
	f.Balance, f.AccountBlocked = stored.Balance, stored.AccountBlocked
	f.BoughtToday, f.Pending, f.LastUnrefundedMS = stored.BoughtToday, stored.Pending, stored.LastUnrefundedMS
	f.OpenElsewhere = stored.OpenElsewhere
	if stored.Lock != "" && stored.Lock != f.Lock { // the live sentence is about another lock
		f.Lock, f.LockSentence, f.LockOpensAtMS = stored.Lock, "", 0
	}
	return f
}

func (q Quote) refuse(why *fault.Fault, againAtMS int64) Quote {
	q.Refusal, q.AgainAtMS = why, againAtMS
	return q
}

// Repriced is the cause of a price_changed fault: the quote that holds now.
type Repriced struct{ Quote Quote }

// Error names the new price.
func (r Repriced) Error() string { return "the price is " + Words(r.Quote.Price) }

// Accept says why a quote does not sell at the price that the buyer was shown: its refusal, or price_changed with a
// Repriced cause. Nil: it sells. Whoever holds the money calls it inside the transaction.
func (q Quote) Accept(shown ledger.Coins) *fault.Fault {
	if q.Refusal != nil {
		return q.Refusal
	}
	if q.Price == shown {
		return nil
	}
	return fault.Wrap(Repriced{q}, fault.PriceChanged,
		"The price is now "+Words(q.Price)+", not "+Words(shown)+". Nothing was paid. Confirm the new price to go on.")
}

// refusal is one rule: why not, and when it ends by itself (0: not known).
type refusal func(Rules, Quote, Facts, int64) (why *fault.Fault, againAtMS int64)

// inOrder is the order of SPEC 4.1; the balance comes after all of them.
func inOrder() []refusal {
	return []refusal{
		hostClosed, itemUnknown, itemReserved, eventLocked, roomRefuses, accountBlocked, blackedOut,
		dayUsedUp, coolingDown, tooManyPending, listedAlready, channelUnknown,
	}
}
