package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCheck(t *testing.T) {
	ok := Transfer{Kind: Grant, Debit: Issuance, Credit: Wallet, User: "ann", Amount: 10, Key: "k", Actor: "host"}
	with := func(change func(*Transfer)) Transfer {
		c := ok
		change(&c)
		return c
	}
	for _, c := range []struct {
		name string
		t    Transfer
		ok   bool
	}{
		{"a grant", ok, true},
		{"the largest", with(func(t *Transfer) { t.Amount = MaxAmount }), true},
		{"a makegood with its reason", with(func(t *Transfer) { t.Kind, t.Reason = Makegood, "p1" }), true},
		{"an adjustment down", with(func(t *Transfer) { t.Kind, t.Reason, t.Debit, t.Credit = Adjust, "x", Wallet, Issuance }), true},
		{"a hold", with(func(t *Transfer) { t.Kind, t.Purchase, t.Debit, t.Credit = Hold, "p1", Wallet, Escrow }), true},
		{"nothing", with(func(t *Transfer) { t.Amount = 0 }), false},
		{"less than nothing", with(func(t *Transfer) { t.Amount = -1 }), false},
		{"too much", with(func(t *Transfer) { t.Amount = MaxAmount + 1 }), false},
		{"nobody", with(func(t *Transfer) { t.User = "" }), false},
		{"no key", with(func(t *Transfer) { t.Key = "" }), false},
		{"no actor", with(func(t *Transfer) { t.Actor = "" }), false},
		{"an unknown kind", with(func(t *Transfer) { t.Kind = "gift" }), false},
		{"a grant from revenue", with(func(t *Transfer) { t.Debit = Revenue }), false},
		{"a grant for a purchase", with(func(t *Transfer) { t.Purchase = "p1" }), false},
		{"a makegood without a reason", with(func(t *Transfer) { t.Kind = Makegood }), false},
		{"an adjustment without a reason", with(func(t *Transfer) { t.Kind = Adjust }), false},
		{"a hold without a purchase", with(func(t *Transfer) { t.Kind, t.Debit, t.Credit = Hold, Wallet, Escrow }), false},
		{"a release to revenue", with(func(t *Transfer) { t.Kind, t.Purchase, t.Debit, t.Credit = Release, "p1", Escrow, Revenue }), false},
	} {
		if err := c.t.Check(); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrTransfer) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSumTellsFieldsApart(t *testing.T) {
	a := Transfer{Kind: "ab", Debit: "c"}
	b := Transfer{Kind: "a", Debit: "bc"}
	if a.Sum() == b.Sum() || a.Inputs() == b.Inputs() {
		t.Error("letters may move from one field to the next")
	}
	if c := (Transfer{Kind: "ab", Debit: "c", UserName: "Ann"}); c.Sum() != a.Sum() {
		t.Error("a name's spelling is part of the chain")
	}
}

// history is a random legal history with what follows from it.
func history(t *rapid.T) Books {
	b := Books{Wallets: map[string]Coins{}, Open: map[string]Coins{}}
	owner := map[string]string{}
	add := func(x Transfer) {
		n := len(b.Transfers) + 1
		x.Key, x.Actor, x.AtMS = fmt.Sprintf("k%d", n), "host", int64(n)
		var prev [32]byte
		if n > 1 {
			prev = b.Transfers[n-2].Hash
		}
		b.Transfers = append(b.Transfers, x.Link(int64(n), prev))
		b.Wallets[x.User] += x.WalletChange()
	}
	for range rapid.IntRange(1, 40).Draw(t, "transfers") {
		user := rapid.SampledFrom([]string{"ann", "bob", "cid"}).Draw(t, "user")
		open := slices.Sorted(maps.Keys(b.Open))
		switch what := rapid.IntRange(0, 4).Draw(t, "what"); {
		case what == 0 && b.Wallets[user] > 0:
			coins := Coins(rapid.Int64Range(1, int64(b.Wallets[user])).Draw(t, "price"))
			id := fmt.Sprintf("p%d", len(b.Transfers))
			b.Open[id], owner[id] = coins, user
			add(Transfer{Kind: Hold, Debit: Wallet, Credit: Escrow, User: user, Amount: coins, Purchase: id})
		case what == 1 && len(open) > 0, what == 2 && len(open) > 0:
			id := rapid.SampledFrom(open).Draw(t, "purchase")
			end := Transfer{Kind: Settle, Debit: Escrow, Credit: Revenue, User: owner[id], Amount: b.Open[id], Purchase: id}
			if what == 2 {
				end.Kind, end.Credit = Release, Wallet
			}
			delete(b.Open, id)
			add(end)
		case what == 3 && b.Wallets[user] > 0:
			coins := Coins(rapid.Int64Range(1, int64(b.Wallets[user])).Draw(t, "less"))
			add(Transfer{Kind: Adjust, Debit: Wallet, Credit: Issuance, User: user, Amount: coins, Reason: "slip"})
		default:
			coins := Coins(rapid.Int64Range(1, 1000).Draw(t, "coins"))
			add(Transfer{Kind: Grant, Debit: Issuance, Credit: Wallet, User: user, Amount: coins})
		}
	}
	return b
}

func TestLegalHistoriesVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := history(t)
		v := NewVerifier()
		for _, x := range b.Transfers {
			if err := v.Add(x); err != nil {
				t.Fatal(err)
			}
		}
		if err := v.Close(b.Wallets, b.Open); err != nil {
			t.Fatal(err)
		}
		if s := v.Totals(); s.Issued != s.Wallets+s.Escrow+s.Revenue || s.Transfers != int64(len(b.Transfers)) {
			t.Fatalf("the sums are not zero: %+v", s)
		}
		if seq, hash := v.Head(); seq != int64(len(b.Transfers)) || hash != b.Transfers[seq-1].Hash {
			t.Fatal("the head is not the last transfer")
		}
	})
}

// TestAnyMutationIsFound changes one thing in a legal history, once leaving the chain as it was and once making it anew,
// as somebody would who knows how.
func TestAnyMutationIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := history(t)
		i := rapid.IntRange(0, len(b.Transfers)-1).Draw(t, "at")
		how := rapid.IntRange(0, 9).Draw(t, "how")
		mutate(&b, i, how)
		if err := b.Verify(); err == nil {
			t.Fatalf("mutation %d of transfer %d is not found", how, i)
		}
	})
}

func TestMutationsUnderANewChainAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := history(t)
		i := rapid.IntRange(0, len(b.Transfers)-1).Draw(t, "at")
		how := rapid.SampledFrom([]int{0, 1, 5, 6, 7, 8}).Draw(t, "how") // those that move coins
		mutate(&b, i, how)
		var prev [32]byte
		for n := range b.Transfers {
			b.Transfers[n] = b.Transfers[n].Link(int64(n+1), prev)
			prev = b.Transfers[n].Hash
		}
		if err := b.Verify(); err == nil {
			t.Fatalf("mutation %d of transfer %d is not found", how, i)
		}
	})
}

func mutate(b *Books, i, how int) {
	x := &b.Transfers[i]
	switch how {
	case 0:
		x.Amount++
	case 1:
		x.User += "a"
	case 2:
		x.Reason += "a"
	case 3:
		x.AtMS++
	case 4:
		x.Hash[7] ^= 1
	case 5:
		b.Transfers = slices.Delete(b.Transfers, i, i+1)
	case 6:
		b.Transfers = slices.Insert(b.Transfers, i, *x)
	case 7:
		b.Wallets[x.User]++
	case 8:
		b.Open["p0"]++
	case 9:
		x.Actor, x.Key = x.Key, x.Actor
	}
}

func TestVerifyNamesTheInvariant(t *testing.T) {
	grant := Transfer{Kind: Grant, Debit: Issuance, Credit: Wallet, User: "ann", Amount: 10, Key: "g", Actor: "host"}
	hold := Transfer{Kind: Hold, Debit: Wallet, Credit: Escrow, User: "ann", Amount: 10, Key: "h", Actor: "host", Purchase: "p"}
	settle := Transfer{Kind: Settle, Debit: Escrow, Credit: Revenue, User: "ann", Amount: 10, Key: "s", Actor: "host", Purchase: "p"}
	less := settle
	less.Amount = 9
	bare := grant
	bare.Actor = ""
	for _, c := range []struct {
		want string
		ts   []Transfer
		last func(*Transfer)
	}{
		{ChainGapless, []Transfer{grant}, func(t *Transfer) { t.Seq = 2 }},
		{ChainUnbroken, []Transfer{grant, hold}, func(t *Transfer) { t.Prev[0]++ }},
		{ChainHash, []Transfer{grant}, func(t *Transfer) { t.Amount = 11 }},
		{RouteAllowed, []Transfer{bare}, nil},
		{WalletNotBelow, []Transfer{hold}, nil},
		{HeldOnce, []Transfer{grant, grant, hold, hold}, nil},
		{HeldOnce, []Transfer{grant, grant, hold, settle, hold}, nil},
		{EndedOnce, []Transfer{grant, hold, settle, settle}, nil},
		{EndMatchesHold, []Transfer{grant, hold, less}, nil},
		{WalletMatches, []Transfer{grant, grant}, nil},
		{EscrowMatches, []Transfer{grant, grant, hold}, nil},
	} {
		b := Books{Wallets: map[string]Coins{"ann": 10}}
		var prev [32]byte
		for i, x := range c.ts {
			b.Transfers = append(b.Transfers, x.Link(int64(i+1), prev))
			prev = b.Transfers[i].Hash
		}
		if c.last != nil {
			c.last(&b.Transfers[len(b.Transfers)-1])
		}
		var broken *Broken
		if err := b.Verify(); !errors.As(err, &broken) || broken.Invariant != c.want {
			t.Errorf("want %s, got %v", c.want, err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	const n = 100_000
	ts := make([]Transfer, n)
	var prev [32]byte
	for i := range ts {
		ts[i] = Transfer{Kind: Grant, Debit: Issuance, Credit: Wallet, User: fmt.Sprint("u", i%500), Amount: 10,
			Key: fmt.Sprint("k", i), Actor: "host"}.Link(int64(i+1), prev)
		prev = ts[i].Hash
	}
	for b.Loop() {
		v := NewVerifier()
		for _, t := range ts {
			if err := v.Add(t); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/transfer")
}
