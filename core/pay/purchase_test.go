package pay_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"playbill/core/ledger"
	"playbill/core/pay"
)

const (
	boughtAt = int64(1_000)
	later    = int64(2_000)
)

func purchase() pay.Purchase {
	p, _ := pay.Bought(pay.Purchase{ID: "p1", Buyer: "nine_lives", Price: 450, Base: 500, Discount: 50, BoughtAtMS: boughtAt})
	return p
}

// in brings a purchase to a state by the shortest way there.
func in(t *testing.T, s pay.State) pay.Purchase {
	t.Helper()
	ways := map[pay.State][]pay.Fact{
		pay.Held:      nil,
		pay.Adding:    {pay.Sending},
		pay.Placed:    {pay.Sending, pay.InPlace},
		pay.Refunding: {pay.Sending, pay.Withdrawn},
		pay.Settled:   {pay.Sending, pay.Started},
		pay.Refunded:  {pay.Withdrawn},
	}
	p := purchase()
	for _, f := range ways[s] {
		var err error
		if p, _, err = p.Next(f, pay.Cancelled, boughtAt); err != nil {
			t.Fatal(err)
		}
	}
	if p.State != s {
		t.Fatalf("brought to %q, want %q", p.State, s)
	}
	return p
}

func states() []pay.State {
	return []pay.State{pay.Held, pay.Adding, pay.Placed, pay.Refunding, pay.Settled, pay.Refunded}
}

func facts() []pay.Fact {
	return []pay.Fact{pay.Sending, pay.InPlace, pay.Started, pay.Withdrawn, pay.Gone, pay.Refused, pay.NeverCame}
}

func TestBoughtHoldsThePrice(t *testing.T) {
	p, got := pay.Bought(pay.Purchase{ID: "p1", Buyer: "nine_lives", Price: 450, BoughtAtMS: boughtAt})
	want := []ledger.Transfer{{
		Kind: ledger.Hold, Debit: ledger.Wallet, Credit: ledger.Escrow, User: "nine_lives", Amount: 450,
		Purchase: "p1", Key: "p1:hold", Actor: "host", AtMS: boughtAt,
	}}
	if diff := cmp.Diff(want, got); diff != "" || p.State != pay.Held {
		t.Errorf("state %q, transfers (-want +got):\n%s", p.State, diff)
	}
}

// TestNext is the table of JOINTS E, every state by every fact; what is not named is an error.
func TestNext(t *testing.T) {
	type row struct {
		to     pay.State
		kind   string // of the transfer; empty: none
		reason string // afterwards, when no reason came with the fact
	}
	table := map[pay.State]map[pay.Fact]row{
		pay.Held: {
			pay.Sending:   {to: pay.Adding},
			pay.Withdrawn: {pay.Refunded, ledger.Release, pay.Removed},
		},
		pay.Adding: {
			pay.Sending:   {to: pay.Adding},
			pay.InPlace:   {to: pay.Placed},
			pay.Started:   {to: pay.Settled, kind: ledger.Settle},
			pay.Refused:   {pay.Refunded, ledger.Release, pay.AddFailed},
			pay.NeverCame: {pay.Refunded, ledger.Release, pay.AddFailed},
			pay.Gone:      {pay.Refunded, ledger.Release, pay.Lost},
			pay.Withdrawn: {to: pay.Refunding, reason: pay.Removed},
		},
		pay.Placed: {
			pay.InPlace:   {to: pay.Placed},
			pay.Started:   {to: pay.Settled, kind: ledger.Settle},
			pay.Withdrawn: {to: pay.Refunding, reason: pay.Removed},
			pay.Gone:      {pay.Refunded, ledger.Release, pay.Lost},
		},
		pay.Refunding: {
			pay.InPlace:   {to: pay.Refunding, reason: pay.Cancelled},
			pay.Withdrawn: {to: pay.Refunding, reason: pay.Cancelled},
			pay.Started:   {pay.Settled, ledger.Settle, pay.Cancelled},
			pay.Gone:      {pay.Refunded, ledger.Release, pay.Cancelled},
			pay.Refused:   {pay.Refunded, ledger.Release, pay.Cancelled},
			pay.NeverCame: {pay.Refunded, ledger.Release, pay.Cancelled},
		},
	}
	for _, s := range states() {
		for _, f := range facts() {
			t.Run(string(s)+"/"+string(f), func(t *testing.T) {
				p := in(t, s)
				got, transfers, err := p.Next(f, "", later)
				want, possible := table[s][f]
				if s.Final() {
					want, possible = row{to: s, reason: p.Reason}, true
				}
				if !possible {
					if !errors.Is(err, pay.ErrImpossible) || got != p || transfers != nil {
						t.Fatalf("got %q, %v, %v; want it unchanged and an error", got.State, transfers, err)
					}
					return
				}
				if err != nil || got.State != want.to || got.Reason != want.reason {
					t.Fatalf("got %q (%q), %v; want %q (%q)", got.State, got.Reason, err, want.to, want.reason)
				}
				checkTransfers(t, want.kind, got, transfers)
			})
		}
	}
}

func checkTransfers(t *testing.T, kind string, p pay.Purchase, got []ledger.Transfer) {
	t.Helper()
	if kind == "" {
		if got != nil {
			t.Errorf("transfers %v, want none", got)
		}
		return
	}
	if p.EndedAtMS != later {
		t.Errorf("ended at %d, want %d", p.EndedAtMS, later)
	}
	want := ledger.Transfer{Kind: kind, Debit: ledger.Escrow, Credit: ledger.Revenue, User: "nine_lives", Amount: 450,
		Purchase: "p1", Key: "p1:" + kind, Actor: "host", AtMS: later}
	if kind == ledger.Release {
		want.Credit, want.Reason = ledger.Wallet, p.Reason
	}
	if diff := cmp.Diff([]ledger.Transfer{want}, got); diff != "" {
		t.Errorf("transfers (-want +got):\n%s", diff)
	}
}

func TestReasonsThatComeWithAFact(t *testing.T) {
	cases := []struct {
		from   pay.State
		fact   pay.Fact
		reason string
	}{
		{pay.Held, pay.Withdrawn, pay.OwnerLeft},
		{pay.Adding, pay.Withdrawn, pay.Displaced},
		{pay.Adding, pay.Gone, pay.MoveFailed},
		{pay.Adding, pay.Refused, pay.NoAnchor},
		{pay.Placed, pay.Gone, pay.MoveFailed},
		{pay.Placed, pay.Withdrawn, "gone_fishing"},
	}
	for _, c := range cases {
		got, _, err := in(t, c.from).Next(c.fact, c.reason, later)
		if err != nil || got.Reason != c.reason {
			t.Errorf("%s + %s: reason %q, %v; want %q", c.from, c.fact, got.Reason, err, c.reason)
		}
	}
}

func TestFirstReasonStays(t *testing.T) {
	p := in(t, pay.Refunding)
	for _, f := range []pay.Fact{pay.Withdrawn, pay.InPlace, pay.Gone} {
		var err error
		if p, _, err = p.Next(f, pay.OwnerAFK, later); err != nil || p.Reason != pay.Cancelled {
			t.Fatalf("after %s the reason is %q (%v), want the first: %q", f, p.Reason, err, pay.Cancelled)
		}
	}
}

// TestCoinsAreNeitherMintedNorLost: whatever facts come in whatever order, a hold ends at most once, terms never change,
// and a purchase is final exactly when its escrow is empty.
func TestCoinsAreNeitherMintedNorLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, held := pay.Bought(pay.Purchase{ID: "p", Buyer: "u", BoughtAtMS: 1,
			Price: ledger.Coins(rapid.Int64Range(1, 1e12).Draw(t, "price"))})
		terms := p
		accounts := map[ledger.Account]ledger.Coins{}
		post(accounts, held)
		for at := range int64(rapid.IntRange(0, 12).Draw(t, "facts")) {
			f := rapid.SampledFrom(facts()).Draw(t, "fact")
			next, transfers, err := p.Next(f, rapid.SampledFrom([]string{"", "cancelled"}).Draw(t, "reason"), at+2)
			if err != nil && (next != p || transfers != nil) {
				t.Fatal("an error changed something")
			}
			if p.State.Final() && (next != p || transfers != nil) {
				t.Fatal("a final purchase changed")
			}
			p = next
			post(accounts, transfers)
		}
		want := map[pay.State]ledger.Account{pay.Settled: ledger.Revenue, pay.Refunded: ledger.Wallet}[p.State]
		escrow := accounts[ledger.Escrow]
		if p.State.Final() {
			if escrow != 0 || accounts[want] < 0 || want == ledger.Revenue && accounts[want] != terms.Price {
				t.Fatalf("%s with accounts %v", p.State, accounts)
			}
		} else if escrow != terms.Price {
			t.Fatalf("%s with %d in escrow, want %d", p.State, escrow, terms.Price)
		}
		if p.Price != terms.Price || p.Buyer != terms.Buyer || p.ID != terms.ID {
			t.Fatal("the terms changed")
		}
		if p.State.Final() != (p.EndedAtMS != 0) || (p.State == pay.Refunded || p.State == pay.Refunding) && p.Reason == "" {
			t.Fatalf("%+v", p)
		}
	})
}

func post(accounts map[ledger.Account]ledger.Coins, ts []ledger.Transfer) {
	for _, t := range ts {
		accounts[t.Debit] -= t.Amount
		accounts[t.Credit] += t.Amount
	}
}
