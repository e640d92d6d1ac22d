package till_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"playbill/core/audit"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/till"
)

// accounts are the books of one viewer's purchases. The desk's station learns of a purchase when the test says so.
type accounts struct {
	*desk
	blocked string
	asked   int
	arrive  func(asked int) // called with each look into the books
}

func (a *accounts) SetBlocked(_ context.Context, p ledger.Purse, _ int64, _ ...audit.Entry) error {
	if p.User == "" {
		return errors.New("nobody")
	}
	a.blocked = p.Blocked
	return nil
}

// Withdraw leaves out what the station does not know, as it does.
func (a *accounts) Withdraw(ctx context.Context, ids []string, reason string) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, known := a.view.Purchases[id]; return !known })
	return a.desk.Withdraw(ctx, ids, reason)
}

func (a *accounts) OpenOfBlocked(context.Context) ([]pay.Purchase, error) {
	a.asked++
	if a.arrive != nil {
		a.arrive(a.asked)
	}
	if a.blocked == "" {
		return nil, nil
	}
	var out []pay.Purchase
	for _, id := range slices.Sorted(maps.Keys(a.purchases)) {
		if p := a.purchases[id]; !p.State.Final() {
			out = append(out, p)
		}
	}
	return out, nil
}

func blocking(t *testing.T, states map[string]pay.State) (*accounts, *till.Till) {
	t.Helper()
	d, _ := open(t)
	a := &accounts{desk: d}
	d.view.Purchases = map[string]pay.Purchase{}
	for id, s := range states {
		d.purchases[id] = pay.Purchase{ID: id, Buyer: "ada", State: s}
		d.view.Purchases[id] = d.purchases[id]
	}
	return a, till.New(till.Options{Book: d, Floor: a, Catalog: d, Accounts: a, Rules: func() pay.Rules { return d.rules },
		Now: func() int64 { return now }})
}

func TestBlockingTakesBackWhatIsPending(t *testing.T) {
	a, desk := blocking(t, map[string]pay.State{"held": pay.Held, "adding": pay.Adding, "placed": pay.Placed, "settled": pay.Settled,
		"refunding": pay.Refunding})
	if err := desk.Block(t.Context(), ledger.Purse{User: "ada", Name: "Ada", Blocked: "sells coins"}, audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"held": pay.Banned, "adding": pay.Banned, "placed": pay.Banned}; !maps.Equal(a.withdrawn, want) {
		t.Errorf("withdrawn: %v", a.withdrawn)
	}
	if a.blocked != "sells coins" {
		t.Errorf("blocked for %q", a.blocked)
	}
}

func TestUnblockingTakesNothingBack(t *testing.T) {
	a, desk := blocking(t, map[string]pay.State{"placed": pay.Placed})
	if err := desk.Block(t.Context(), ledger.Purse{User: "ada"}, audit.Entry{}); err != nil || len(a.withdrawn) > 0 {
		t.Error(a.withdrawn, err)
	}
	if err := desk.Block(t.Context(), ledger.Purse{Blocked: "x"}, audit.Entry{}); err == nil || a.asked > 0 {
		t.Error("a block that is not durable has effects")
	}
}

// TestBlockingBetweenHoldAndPlace finds a purchase that was held just before the block and reaches the station just
// after the first look.
func TestBlockingBetweenHoldAndPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, desk := blocking(t, nil)
		late := pay.Purchase{ID: "late", Buyer: "ada", State: pay.Held}
		a.purchases["late"] = late
		a.arrive = func(asked int) {
			if asked == 3 {
				a.view.Purchases["late"] = late
			}
		}
		if err := desk.Block(t.Context(), ledger.Purse{User: "ada", Blocked: "x"}, audit.Entry{}); err != nil {
			t.Fatal(err)
		}
		if a.withdrawn["late"] != pay.Banned || a.asked != 3 {
			t.Errorf("withdrawn %v after %d looks", a.withdrawn, a.asked)
		}
	})
}
