package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/till"
)

func TestARequestKeyBuysOnce(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	first := hold(t, c, order("ann", "a", "k1"))
	retitled := order("ann", "a", "k1")
	retitled.Media.Title = "Another title"
	again := hold(t, c, retitled)
	same(t, "purchase", again.Purchase, first.Purchase)
	same(t, "entry", again.Entry, first.Entry)
	if first.Again || !again.Again {
		t.Error("Again does not say so")
	}
	for name, o := range map[string]till.Order{
		"media": order("ann", "b", "k1"),
		"tier":  func() till.Order { o := order("ann", "a", "k1"); o.Tier = pay.PlayNext; return o }(),
		"price": func() till.Order { o := order("ann", "a", "k1"); o.PriceShown = 200; return o }(),
	} {
		if _, err := c.Hold(t.Context(), o, testNow, sell); !fault.Is(err, fault.RequestKeyConflict) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := c.Hold(t.Context(), order("ann", "b", ""), testNow, sell); !fault.Is(err, fault.RequestKeyMissing) {
		t.Errorf("no key: %v", err)
	}
	same(t, "balance", balance(t, c, "ann"), ledger.Coins(750))
}

func TestARefusalUsesNoKey(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	o := order("ann", "a", "k1")
	_, err := c.Hold(t.Context(), o, testNow, func(pay.Facts) pay.Quote { return pay.Quote{Price: 250, Refusal: fault.New(fault.Cooldown, "Wait.")} })
	if !fault.Is(err, fault.Cooldown) {
		t.Errorf("got %v", err)
	}
	dearer := func(pay.Facts) pay.Quote { return pay.Quote{Base: 500, Price: 500} }
	if _, err := c.Hold(t.Context(), o, testNow, dearer); !fault.Is(err, fault.PriceChanged) {
		t.Errorf("got %v", err)
	}
	if h := hold(t, c, o); h.Again {
		t.Error("a refusal used the key up")
	}
}

func TestFactsAreStoredOnes(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	grant(t, c, "ann", 1000)
	grant(t, c, "bob", 1000)
	open := hold(t, c, order("ann", "a", "k1"))
	refunded := hold(t, c, order("ann", "b", "k2"))
	commit(t, c, station.Turn{Purchases: []station.PurchaseFact{{ID: refunded.Purchase.ID, Fact: pay.Withdrawn}}})
	facts := func(user, media string) pay.Facts {
		f, err := c.Facts(t.Context(), channel.UserKey(user), order(user, media, "").Media.Key(), testDay, testNow)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	same(t, "ann", facts("ann", "c"), pay.Facts{Balance: 750, BoughtToday: 1, Pending: 1, LastUnrefundedMS: testNow})
	same(t, "bob", facts("bob", "a"), pay.Facts{Balance: 1000, OpenElsewhere: true})
	same(t, "nobody", facts("cid", "b"), pay.Facts{})

	if err := c.SetBlocked(t.Context(), ledger.Purse{User: "bob", Name: "Bob", Blocked: "spam"}, testNow, audit.Entry{Actor: "ann", Action: "account.block"}); err != nil {
		t.Fatal(err)
	}
	lock := "INSERT INTO locks (channel, lock_id, kind, schedule_id, opened_at_ms) VALUES ('lounge', %d, '%s', 1, 1)"
	if err := raw(t.Context(), db, fmt.Sprintf(lock, 1, "pre_event")); err != nil {
		t.Fatal(err)
	}
	same(t, "bob", facts("bob", "c"), pay.Facts{Balance: 1000, AccountBlocked: "spam", Lock: fault.PreEventLock})
	if err := raw(t.Context(), db, fmt.Sprintf(lock, 2, "event")); err != nil {
		t.Fatal(err)
	}
	same(t, "during the event", facts("bob", "c").Lock, fault.EventLock)
	same(t, "open", open.Purchase.State, pay.Held)
}

// TestOneRefusedRequestDoesNotSpoilOthers puts many requests into shared transactions, every third of them refused by
// the till and one by the schema.
func TestOneRefusedRequestDoesNotSpoilOthers(t *testing.T) {
	c := claim(t, open(t))
	const callers = 60
	for i := range callers {
		grant(t, c, fmt.Sprint("u", i), 250)
	}
	var all sync.WaitGroup
	errs := make([]error, callers)
	for i := range callers {
		all.Go(func() {
			o := order(fmt.Sprint("u", i), fmt.Sprint("m", i), "k")
			if i == 1 {
				o.Tier = "first" // the schema knows no such tier
			}
			_, errs[i] = c.Hold(context.Background(), o, testNow, func(f pay.Facts) pay.Quote {
				q := sell(f)
				if i%3 == 0 {
					q.Refusal = fault.New(fault.Cooldown, "Wait.")
				}
				return q
			})
		})
	}
	all.Wait()
	sold := 0
	for i, err := range errs {
		switch {
		case i == 1 && violates(err) != "purchases_tier_known", i%3 == 0 && !fault.Is(err, fault.Cooldown):
			t.Errorf("%d: %v", i, err)
		case i != 1 && i%3 != 0:
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
			sold++
		}
	}
	same(t, "escrow", verify(t, c).Escrow, ledger.Coins(250*sold))
	seen := map[shadow.EntryID]bool{}
	for _, e := range load(t, c).Entries {
		seen[e.ID] = true
	}
	same(t, "entries", len(seen), sold)
}

// TestABrokenCommitFailsTheWholeBatch has one request whose damage shows only at COMMIT.
func TestABrokenCommitFailsTheWholeBatch(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	grant(t, c, "ann", 1000)
	good := &request{ctx: t.Context(), done: make(chan struct{}), work: func(tx *tx) error {
		return tx.Exec("UPDATE wallets SET blocked_reason = 'x'").Error
	}}
	bad := &request{ctx: t.Context(), done: make(chan struct{}), work: func(tx *tx) error {
		return tx.Exec(strings.ReplaceAll(purchaseSQL("p1", 99, "a", "k1"), "'c'", "'lounge'")).Error
	}}
	batchOf(t, db, good, bad)
	if violates(good.err) != "purchases_hold_fk" || violates(bad.err) != "purchases_hold_fk" {
		t.Errorf("good %v, bad %v", good.err, bad.err)
	}
	p, err := c.Wallet(t.Context(), "ann")
	if err != nil || p.Blocked != "" {
		t.Errorf("half of it stayed: %+v, %v", p, err)
	}
}

// batchOf stops the writer's goroutine and runs one batch in its place.
func batchOf(t *testing.T, db *DB, batch ...*request) {
	t.Helper()
	w := db.writer
	close(w.quit)
	<-w.ended
	w.transact(batch)
	w.quit, w.ended = make(chan struct{}), make(chan struct{})
	go w.run() // stopped by Close
}

func TestPost(t *testing.T) {
	c := claim(t, open(t))
	g := granted("ann", 10, "g1")
	g.UserName = "Ann"
	first, err := c.Post(t.Context(), []ledger.Transfer{g}, 5, audit.Entry{Actor: "cli", Action: "ledger.grant", Subject: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Post(t.Context(), []ledger.Transfer{g, granted("bob", 7, "g2")}, 9, audit.Entry{Actor: "cli", Action: "ledger.grant", Subject: "Bob"})
	if err != nil {
		t.Fatal(err)
	}
	first[0].UserName = ""
	same(t, "the first one again", again[0], first[0])
	more := granted("ann", 11, "g1")
	if _, err := c.Post(t.Context(), []ledger.Transfer{granted("ann", 1, "g3"), more}, 9); !fault.Is(err, fault.RequestKeyConflict) {
		t.Errorf("the same key with another amount: %v", err)
	}
	less := ledger.Transfer{Kind: ledger.Adjust, Debit: ledger.Wallet, Credit: ledger.Issuance, User: "ann", Amount: 11, Key: "a1", Reason: "slip", Actor: "cli"}
	if _, err := c.Post(t.Context(), []ledger.Transfer{less}, 9); !fault.Is(err, fault.Balance) {
		t.Errorf("below zero: %v", err)
	}
	for _, bad := range []ledger.Transfer{{}, {Kind: ledger.Hold, Debit: ledger.Wallet, Credit: ledger.Escrow, User: "ann", Amount: 1, Key: "h", Purchase: "p", Actor: "x"}} {
		if _, err := c.Post(t.Context(), []ledger.Transfer{bad}, 9); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", bad.Kind, err)
		}
	}
	same(t, "totals", verify(t, c), ledger.Totals{Transfers: 2, Issued: 17, Wallets: 17})
	purses, err := c.Wallets(t.Context(), "AN", 10)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "search", purses, []ledger.Purse{{User: "ann", Name: "Ann", Balance: 10, CreatedAtMS: 5}})
	statement, err := c.Statement(t.Context(), "ann", 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "statement", statement, ledger.Statement{Balance: 10, Lines: []ledger.Line{{Transfer: first[0]}}})
	trail, err := c.AuditTrail(t.Context(), audit.Query{Limit: 10})
	if err != nil || len(trail) != 2 || trail[0].Subject != "Bob" || trail[0].AtMS != 9 || trail[0].ID != 2 {
		t.Errorf("audit: %+v, %v", trail, err)
	}
}

// TestVerifyFindsWhatHandsChanged edits rows as somebody with the file would: the guards taken off first.
func TestVerifyFindsWhatHandsChanged(t *testing.T) {
	for _, c := range []struct{ want, sql string }{
		{ledger.ChainHash, "UPDATE transfers SET amount = amount + 1 WHERE seq = 1"},
		{ledger.ChainHash, "UPDATE transfers SET reason = 'a gift' WHERE seq = 1"},
		{ledger.ChainHash, "UPDATE transfers SET at_ms = 1 WHERE seq = 2"},
		{ledger.ChainHash, "UPDATE transfers SET hash = zeroblob(32) WHERE seq = 2"},
		{ledger.ChainUnbroken, "UPDATE transfers SET prev_hash = x'00' WHERE seq = 2"},
		{ledger.ChainGapless, "DELETE FROM transfers WHERE seq = 2"},
		{ledger.WalletMatches, "DELETE FROM transfers WHERE seq = 4"},
		{ledger.HeadMatches, "UPDATE channels SET transfer_seq = 9"},
		{ledger.WalletMatches, "UPDATE wallets SET balance = balance + 1"},
		{ledger.WalletMatches, "INSERT INTO wallets (channel, user_key, user_name, balance, created_at_ms) VALUES ('lounge', 'cid', 'Cid', 5, 1)"},
		{ledger.EscrowMatches, "UPDATE purchases SET price = price + 1, base_price = base_price + 1 WHERE state = 'held'"},
		{ledger.PurchasesMatches, "UPDATE purchases SET state = 'settled' WHERE state = 'refunded'"},
		{ledger.EscrowMatches, "UPDATE purchases SET state = 'held', end_seq = NULL, ended_at_ms = NULL WHERE state = 'refunded'"},
	} {
		t.Run(c.want, func(t *testing.T) {
			db := open(t)
			ch := claim(t, db)
			grant(t, ch, "ann", 1000)
			h := hold(t, ch, order("ann", "a", "k1"))
			commit(t, ch, station.Turn{Purchases: []station.PurchaseFact{{ID: h.Purchase.ID, Fact: pay.Withdrawn}}})
			hold(t, ch, order("ann", "b", "k2"))
			verify(t, ch)
			for _, s := range []string{"PRAGMA writable_schema = ON", "DELETE FROM sqlite_schema WHERE type = 'trigger'", "PRAGMA writable_schema = RESET",
				"PRAGMA foreign_keys = OFF", c.sql} {
				if _, err := db.writer.conn.ExecContext(t.Context(), s); err != nil {
					t.Fatal(s, err)
				}
			}
			_, err := ch.VerifyLedger(t.Context())
			var broken *ledger.Broken
			if !errors.As(err, &broken) || broken.Invariant != c.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestTheLedgerStaysTrue plays random purchases, facts, grants and refusals; after each the books must be true.
func TestTheLedgerStaysTrue(t *testing.T) {
	db := open(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		c, err := db.Claim(t.Context(), fmt.Sprint("room", n), "test")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Release() }()
		var known []string
		facts := []pay.Fact{pay.Sending, pay.InPlace, pay.Started, pay.Withdrawn, pay.Gone, pay.Refused, pay.NeverCame}
		for i := range rapid.IntRange(1, 25).Draw(r, "steps") {
			user := rapid.SampledFrom([]string{"ann", "bob"}).Draw(r, "user")
			switch rapid.IntRange(0, 4).Draw(r, "what") {
			case 0:
				grant(t, c, user, ledger.Coins(rapid.Int64Range(1, 600).Draw(r, "coins")))
			case 1:
				media := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "media")
				h, err := c.Hold(t.Context(), order(user, media, fmt.Sprint("k", rapid.IntRange(0, i).Draw(r, "key"))), testNow, func(f pay.Facts) pay.Quote {
					q := sell(f)
					if f.OpenElsewhere || f.Balance < q.Price {
						q.Refusal = fault.New(fault.Balance, "No.")
					}
					return q
				})
				if err != nil && fault.Of(err) == nil {
					r.Fatal(err)
				}
				if err == nil {
					known = append(known, h.Purchase.ID)
				}
			default:
				if len(known) == 0 {
					continue
				}
				var turn station.Turn
				for range rapid.IntRange(1, 3).Draw(r, "facts") {
					turn.Purchases = append(turn.Purchases, station.PurchaseFact{ID: rapid.SampledFrom(known).Draw(r, "purchase"),
						Fact: rapid.SampledFrom(facts).Draw(r, "fact"), Reason: pay.Cancelled})
				}
				if _, err := c.Commit(t.Context(), turn); err != nil && !errors.Is(err, pay.ErrImpossible) {
					r.Fatal(err)
				}
			}
		}
		if _, err := c.VerifyLedger(t.Context()); err != nil {
			r.Fatal(err)
		}
	})
}

func TestOpenOfBlocked(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	grant(t, c, "bob", 1000)
	hold(t, c, order("ann", "a", "k1"))
	held := hold(t, c, order("bob", "b", "k1"))
	ended := hold(t, c, order("bob", "c", "k2"))
	commit(t, c, station.Turn{Purchases: []station.PurchaseFact{{ID: ended.Purchase.ID, Fact: pay.Withdrawn, Reason: pay.Cancelled}}})
	if err := c.SetBlocked(t.Context(), ledger.Purse{User: "bob", Name: "Bob", Blocked: "x"}, testNow); err != nil {
		t.Fatal(err)
	}
	open, err := c.OpenOfBlocked(t.Context())
	if err != nil || len(open) != 1 || open[0].ID != held.Purchase.ID {
		t.Error(open, err)
	}
}
