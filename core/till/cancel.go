package till

import (
	"context"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
)

// Cancel asks for a pending purchase to be withdrawn: by its buyer, or by an admin. It waits a little for the removal to
// be observed and returns what became of it: refunded, still refunding, or settled because it started first.
//
// A purchase of somebody else is fault.NotFound to all but admins; one that has started is fault.Over. One that has been
// refunded is returned as it is.
func (t *Till) Cancel(ctx context.Context, a Actor, id string) (pay.Purchase, error) {
	p, err := t.opt.Book.Purchase(ctx, id)
	if err != nil {
		return pay.Purchase{}, err
	}
	reason := pay.Cancelled
	if p.Buyer != a.Key {
		if err := t.admin(ctx, a); err != nil {
			return pay.Purchase{}, err
		}
		reason = pay.Removed
	}
	switch p.State {
	case pay.Refunded:
		return p, nil
	case pay.Settled:
		return p, fault.New(fault.Over, title(p)+" has started, so its coins are spent. It cannot be cancelled any more.")
	case pay.Refunding: // somebody was first, and the first reason stays
	default:
		if err := t.opt.Floor.Withdraw(ctx, []string{id}, reason); err != nil {
			return p, err
		}
	}
	return t.gone(ctx, p)
}

// gone waits until a withdrawn purchase has ended, or a little.
func (t *Till) gone(ctx context.Context, p pay.Purchase) (pay.Purchase, error) {
	ctx, cancel := context.WithTimeout(ctx, cancelWait)
	defer cancel()
	now := t.await(ctx, p)
	if now.State == pay.Placed { // on the air already when the wish was taken in, and about to be settled
		return now, fault.New(fault.Over, title(p)+" is starting. It cannot be cancelled any more.")
	}
	return now, nil
}

// admin refuses who is not an admin right now. Whose purchase it is stays a secret to them.
func (t *Till) admin(ctx context.Context, a Actor) error {
	rank := a.RankTenths
	if !a.Token {
		u, err := t.who(ctx, a.Key)
		if err != nil {
			return err
		}
		rank = u.RankTenths
	}
	if need := t.opt.Rules().AdminRank; need <= 0 || rank < need {
		return notYours()
	}
	return nil
}

func (t *Till) who(ctx context.Context, u channel.UserKey) (channel.User, error) {
	user, err := t.opt.Floor.Person(ctx, u)
	switch {
	case err == nil:
		return user, nil
	case fault.Is(err, fault.Missing):
		return channel.User{}, notYours()
	default:
		return channel.User{}, fault.Wrap(err, fault.NoAnchor,
			"The channel does not say who is there, so your rank is not known. Try again in a minute.")
	}
}

func notYours() error {
	return fault.New(fault.NotFound, "There is no such purchase of yours.")
}

func title(p pay.Purchase) string {
	if p.Media.Title == "" {
		return "This title"
	}
	return p.Media.Title
}
