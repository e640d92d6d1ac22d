package till_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/till"
)

// never is a station that does not get on.
func (d *desk) never(ctx context.Context, p pay.Purchase) (pay.Purchase, error) {
	<-ctx.Done()
	return d.become(p.ID, pay.Adding), nil
}

func TestBuyWaitsFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, desk := open(t)
		d.place = d.never
		began := time.Now()
		p, err := desk.Buy(t.Context(), ada(), wish("k"))
		if err != nil || p.State != pay.Adding || time.Since(began) != 5*time.Second {
			t.Errorf("%s after %s, %v", p.State, time.Since(began), err)
		}
	})
}

func TestClientGoneAfterHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, desk := open(t)
		ctx, leave := context.WithCancel(t.Context())
		d.place = func(ctx context.Context, p pay.Purchase) (pay.Purchase, error) {
			leave()
			select {
			case <-ctx.Done():
				return p, ctx.Err()
			case <-time.After(time.Second):
				return d.become(p.ID, pay.Placed), nil
			}
		}
		if p, err := desk.Buy(ctx, ada(), wish("k")); err != nil || p.State != pay.Placed {
			t.Errorf("%s, %v", p.State, err)
		}
	})
}

func TestClientGoneBeforeHold(t *testing.T) {
	d, desk := open(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := desk.Buy(ctx, ada(), wish("k")); !errors.Is(err, context.Canceled) || len(d.orders) != 0 {
		t.Errorf("%v, %d orders", err, len(d.orders))
	}
}

func TestHeldIsNeverRefused(t *testing.T) {
	d, desk := open(t)
	d.place = func(context.Context, pay.Purchase) (pay.Purchase, error) {
		return pay.Purchase{}, errors.New("stopped")
	}
	p, err := desk.Buy(t.Context(), ada(), wish("k"))
	if err != nil || p.ID != "k" || p.State != pay.Held || len(d.reports) != 1 {
		t.Fatalf("%+v, %v, reports %v", p, err, d.reports)
	}
	// The same key hands it over again.
	d.place = func(_ context.Context, p pay.Purchase) (pay.Purchase, error) { return d.become(p.ID, pay.Placed), nil }
	if p, err := desk.Buy(t.Context(), ada(), wish("k")); err != nil || p.State != pay.Placed {
		t.Errorf("again: %+v, %v", p, err)
	}
}

func TestSameKeyWaitsToo(t *testing.T) {
	d, desk := open(t)
	if _, err := desk.Buy(t.Context(), ada(), wish("k")); err != nil {
		t.Fatal(err)
	}
	d.become("k", pay.Adding)
	d.await = func(_ context.Context, id string) (pay.Purchase, error) { return d.become(id, pay.Placed), nil }
	if p, err := desk.Buy(t.Context(), ada(), wish("k")); err != nil || p.State != pay.Placed {
		t.Errorf("%s, %v", p.State, err)
	}
	d.become("k", pay.Adding)
	d.await = func(context.Context, string) (pay.Purchase, error) {
		d.become("k", pay.Refunded)
		return pay.Purchase{}, fault.New(fault.NotFound, "forgotten")
	}
	if p, err := desk.Buy(t.Context(), ada(), wish("k")); err != nil || p.State != pay.Refunded {
		t.Errorf("forgotten by the station: %s, %v", p.State, err)
	}
}

func TestCancel(t *testing.T) {
	mod := till.Actor{Key: "mod", Name: "Mod"}
	cases := []struct {
		name   string
		actor  till.Actor
		state  pay.State // of ada's purchase, when asked
		ends   pay.State // what becomes of it once withdrawn
		code   fault.Code
		reason string // with which it was withdrawn
		want   pay.State
	}{
		{"the buyer's own", ada(), pay.Placed, pay.Refunded, "", pay.Cancelled, pay.Refunded},
		{"while adding", ada(), pay.Adding, pay.Refunding, "", pay.Cancelled, pay.Refunding},
		{"started before it was removed", ada(), pay.Placed, pay.Settled, "", pay.Cancelled, pay.Settled},
		{"on the air when the wish came", ada(), pay.Placed, pay.Placed, fault.Over, pay.Cancelled, pay.Placed},
		{"by an admin", mod, pay.Placed, pay.Refunded, "", pay.Removed, pay.Refunded},
		{"by a token of an admin", till.Actor{Key: "robot", Token: true, RankTenths: 30}, pay.Held, pay.Refunded, "", pay.Removed, pay.Refunded},
		{"by a token of nobody", till.Actor{Key: "robot", Token: true, RankTenths: 20}, pay.Held, "", fault.NotFound, "", ""},
		{"by somebody absent", till.Actor{Key: "eve"}, pay.Placed, "", fault.NotFound, "", ""},
		{"already settled", ada(), pay.Settled, "", fault.Over, "", pay.Settled},
		{"already refunded", ada(), pay.Refunded, "", "", "", pay.Refunded},
		{"already refunding", ada(), pay.Refunding, pay.Refunded, "", "", pay.Refunded},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, desk := open(t)
			d.purchases["k"] = pay.Purchase{ID: "k", Buyer: "ada", Media: film(), State: c.state}
			d.await = func(_ context.Context, id string) (pay.Purchase, error) { return d.become(id, c.ends), nil }
			p, err := desk.Cancel(t.Context(), c.actor, "k")
			if (err == nil) != (c.code == "") || err != nil && !fault.Is(err, c.code) {
				t.Fatalf("%v, want %q", err, c.code)
			}
			if p.State != c.want || d.withdrawn["k"] != c.reason {
				t.Errorf("%q, withdrawn with %q; want %q, %q", p.State, d.withdrawn["k"], c.want, c.reason)
			}
		})
	}
}

func TestCancelInDoubt(t *testing.T) {
	d, desk := open(t)
	d.purchases["k"] = pay.Purchase{ID: "k", Buyer: "ada", State: pay.Placed}
	d.personErr = errors.New("timeout")
	if _, err := desk.Cancel(t.Context(), till.Actor{Key: "mod"}, "k"); !fault.Is(err, fault.NoAnchor) || len(d.withdrawn) != 0 {
		t.Errorf("an admin whose rank is not known: %v", err)
	}
	if _, err := desk.Cancel(t.Context(), ada(), "k"); err != nil || d.withdrawn["k"] != pay.Cancelled {
		t.Errorf("the buyer needs nobody's word: %v", err)
	}
	if _, err := desk.Cancel(t.Context(), ada(), "other"); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such purchase: %v", err)
	}
}

func TestCancelWaitsALittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, desk := open(t)
		d.purchases["k"] = pay.Purchase{ID: "k", Buyer: "ada", State: pay.Placed}
		d.await = func(ctx context.Context, id string) (pay.Purchase, error) {
			<-ctx.Done()
			return d.Purchase(context.Background(), id)
		}
		began := time.Now()
		p, err := desk.Cancel(t.Context(), ada(), "k")
		if err != nil || p.State != pay.Refunding || time.Since(began) != 5*time.Second {
			t.Errorf("%s after %s, %v", p.State, time.Since(began), err)
		}
	})
}
