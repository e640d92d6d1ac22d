package till

import (
	"context"
	"strconv"

	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/sdk"
)

// Quote says what one place would cost, when it would play, and why it is refused now. The error is of reading the
// books; a refusal is in the quote.
func (t *Till) Quote(ctx context.Context, a Actor, k sdk.Key, tier string) (pay.Quote, error) {
	c := t.ask(ctx, a, k, tier)
	stored, err := t.opt.Book.Facts(ctx, a.Key, k, c.stationDay, c.nowMS)
	if err != nil {
		return pay.Quote{}, err
	}
	return c.quote(stored), nil
}

// Buy sells one place, once: it looks at the room, holds the money together with everything that is stored about it,
// hands the purchase to the station and waits a little for its place. Once the money is held the purchase belongs to the
// station, whatever becomes of ctx, and is returned as it is when the wait is over.
//
// Every refusal is a fault of SPEC 4.1; another price than the shown one is fault.PriceChanged. The same request key
// returns the first purchase as it is now.
func (t *Till) Buy(ctx context.Context, a Actor, w Wish) (pay.Purchase, error) {
	if why := checkKey(w.RequestKey); why != nil {
		return pay.Purchase{}, why
	}
	c := t.ask(ctx, a, w.Media, w.Tier)
	if err := ctx.Err(); err != nil {
		return pay.Purchase{}, err
	}
	// From here on nobody can call it off half-way: a hold that committed while its request went away would belong to
	// nobody.
	ctx = context.WithoutCancel(ctx)
	t.opt.Crash("hold.before")
	held, err := t.opt.Book.Hold(ctx, c.order(w), c.nowMS, c.quote)
	if fault.Is(err, fault.Journal) {
		t.opt.Unwritten(err)
	}
	if err != nil {
		return pay.Purchase{}, err
	}
	t.opt.Crash("hold.after")
	return t.place(ctx, held), nil
}

// place hands over what was sold and waits. The money is held: an error of the station cannot refuse it any more, it is
// reported, and the purchase is taken up again from the books, by the same request key or at the next start.
func (t *Till) place(ctx context.Context, held Held) pay.Purchase {
	ctx, cancel := context.WithTimeout(ctx, buyWait)
	defer cancel()
	if held.Again && (held.Purchase.State != pay.Held || held.Entry == nil) {
		return t.await(ctx, held.Purchase)
	}
	p, err := t.opt.Floor.Place(ctx, held.Purchase, held.Entry)
	if err != nil {
		t.opt.Report("a purchase could not be handed to the station", err)
		return held.Purchase
	}
	return p
}

// await waits for a purchase that the station has already; one that it has forgotten is as the books say.
func (t *Till) await(ctx context.Context, p pay.Purchase) pay.Purchase {
	if p.State.Final() {
		return p
	}
	now, err := t.opt.Floor.Await(ctx, p.ID)
	if fault.Is(err, fault.NotFound) {
		now, err = t.opt.Book.Purchase(context.WithoutCancel(ctx), p.ID)
	}
	if err != nil {
		t.opt.Report("the state of a purchase could not be read", err)
		return p
	}
	return now
}

func checkKey(key string) *fault.Fault {
	switch {
	case key == "":
		return fault.New(fault.RequestKeyMissing,
			"Nothing was paid: the request has no Idempotency-Key. Send a new one with each purchase, and the same one to try again.")
	case len(key) > requestKeyMax:
		return fault.New(fault.Invalid, "Nothing was paid: the Idempotency-Key is longer than "+strconv.Itoa(requestKeyMax)+" bytes.")
	default:
		return nil
	}
}
