package store

import (
	"errors"
	"testing"

	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/station"
)

func since(t testing.TB, c *Channel) error {
	t.Helper()
	_, err := c.VerifySince(t.Context(), testNow)
	return err
}

func tamper(t testing.TB, db *DB, statements ...string) {
	t.Helper()
	if err := raw(t.Context(), db, statements...); err != nil {
		t.Fatal(err)
	}
}

func invariant(err error) string {
	var b *ledger.Broken
	if errors.As(err, &b) {
		return b.Invariant
	}
	return ""
}

func TestAStartChecksFromTheMark(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	grant(t, c, "ann", 1000)
	held := hold(t, c, order("ann", "a", "k1"))
	if err := since(t, c); err != nil {
		t.Fatal(err)
	}
	m, err := c.mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "mark", m.Seq, int64(2))
	same(t, "held at the mark", m.Holds[held.Purchase.ID], ledger.OpenHold{User: "ann", Amount: 250})

	// The hold ends behind the mark, and the sums are those of the whole history.
	commit(t, c, station.Turn{Purchases: []station.PurchaseFact{{ID: held.Purchase.ID, Fact: pay.Withdrawn, Reason: pay.Cancelled}}})
	grant(t, c, "bob", 5)
	got, err := c.VerifySince(t.Context(), testNow)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "totals", got, verify(t, c))
	same(t, "totals", got, ledger.Totals{Transfers: 4, Issued: 1005, Wallets: 1005})

	// What was changed before the mark is for the nightly check; what was changed behind it is found at the start.
	tamper(t, db, "DROP TRIGGER transfers_no_update", "UPDATE transfers SET reason = 'x' WHERE seq = 1")
	if err := since(t, c); err != nil {
		t.Error("from the mark:", err)
	}
	_, err = c.VerifyWhole(t.Context(), testNow)
	same(t, "whole", invariant(err), ledger.ChainHash)
	grant(t, c, "bob", 6)
	tamper(t, db, "UPDATE transfers SET reason = 'x' WHERE seq = 5")
	same(t, "behind the mark", invariant(since(t, c)), ledger.ChainHash)
	same(t, "and again, for the mark has not moved", invariant(since(t, c)), ledger.ChainHash)
}

func TestTheSumsAreCheckedFromTheMarkToo(t *testing.T) {
	for name, c := range map[string]struct{ change, want string }{
		"a wallet":              {"UPDATE wallets SET balance = balance + 1 WHERE user_key = 'ann'", ledger.WalletMatches},
		"a wallet from nowhere": {"INSERT INTO wallets (channel, user_key, user_name, balance, created_at_ms) VALUES ('lounge', 'eve', 'Eve', 9, 0)", ledger.WalletMatches},
		"the chain's end":       {"UPDATE channels SET transfer_seq = transfer_seq + 1", ledger.HeadMatches},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			book := claim(t, db)
			grant(t, book, "ann", 1000)
			if err := since(t, book); err != nil {
				t.Fatal(err)
			}
			tamper(t, db, c.change)
			same(t, "found", invariant(since(t, book)), c.want)
		})
	}
}

func TestADoubtfulMarkIsNotUsed(t *testing.T) {
	for name, change := range map[string]string{
		"not JSON":             "UPDATE ledger_marks SET sums = 'x'",
		"it does not add up":   `UPDATE ledger_marks SET sums = replace(sums, '"ann":1000', '"ann":999')`,
		"another transfer":     "UPDATE ledger_marks SET head = zeroblob(32)",
		"no such transfer":     "UPDATE ledger_marks SET seq = 9",
		"it has gone":          "DELETE FROM ledger_marks",
		"a number that is not": "UPDATE ledger_marks SET seq = -1",
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			c := claim(t, db)
			grant(t, c, "ann", 1000)
			if err := since(t, c); err != nil {
				t.Fatal(err)
			}
			tamper(t, db, change, "DROP TRIGGER transfers_no_update", "UPDATE transfers SET reason = 'x' WHERE seq = 1")
			same(t, "the whole history is checked", invariant(since(t, c)), ledger.ChainHash)
		})
	}
}
