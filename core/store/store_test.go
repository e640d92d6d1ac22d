package store

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/till"
	"playbill/sdk"
)

const (
	testChannel = "lounge"
	testDay     = 20261122
	testNow     = int64(1_800_000_000_000)
)

// open opens a database in the test's own directory.
func open(t testing.TB) *DB {
	t.Helper()
	return openAt(t, Options{Path: filepath.Join(t.TempDir(), "playbill.db")})
}

func openAt(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func claim(t testing.TB, db *DB) *Channel {
	t.Helper()
	c, err := db.Claim(t.Context(), testChannel, "test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// grant gives a viewer coins; every call another grant.
func grant(t testing.TB, c *Channel, user string, coins ledger.Coins) {
	t.Helper()
	_, err := c.Post(t.Context(), []ledger.Transfer{granted(user, coins, user+":"+strconv.FormatInt(int64(c.NextEntry()), 10))}, testNow)
	if err != nil {
		t.Fatal(err)
	}
}

func granted(user string, coins ledger.Coins, key string) ledger.Transfer {
	return ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: user, Amount: coins,
		Key: key, Reason: "welcome", Actor: "host"}
}

func order(buyer, media, key string) till.Order {
	return till.Order{RequestKey: key, Buyer: channel.UserKey(buyer), BuyerName: buyer, Tier: pay.Queue, PriceShown: 250,
		Media: sdk.Media{Type: "yt", ID: media, Title: "Title " + media, DurationMS: 60_000}, AddedBy: "bot", StationDay: testDay}
}

// sell accepts what the balance covers, at 250 coins.
func sell(f pay.Facts) pay.Quote {
	return pay.Quote{Base: 300, Discount: 50, Price: 250, Before: f.Balance}
}

func hold(t testing.TB, c *Channel, o till.Order) till.Held {
	t.Helper()
	h, err := c.Hold(t.Context(), o, testNow, sell)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func commit(t testing.TB, c *Channel, turn station.Turn) station.Committed {
	t.Helper()
	if turn.AtMS == 0 {
		turn.AtMS = testNow
	}
	done, err := c.Commit(t.Context(), turn)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func load(t testing.TB, c *Channel) station.World {
	t.Helper()
	w, err := c.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func verify(t testing.TB, c *Channel) ledger.Totals {
	t.Helper()
	totals, err := c.VerifyLedger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return totals
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// raw runs statements in one request of the writer, as a method would.
func raw(ctx context.Context, db *DB, statements ...string) error {
	return db.writer.do(ctx, func(t *tx) error {
		for _, s := range statements {
			if err := t.Exec(s).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// content is a listed entry that somebody else added.
func content(id int64, uid channel.UID) *shadow.Entry {
	return &shadow.Entry{ID: shadow.EntryID(id), Role: shadow.Content, State: shadow.Bound, AddedBy: "someone", Ord: id * ordGap,
		Media: sdk.Media{Type: "yt", ID: "c" + strconv.FormatInt(id, 10), Title: "Content", DurationMS: 1000},
		Bind:  channel.Ref{Epoch: 1, UID: uid}}
}

func TestAPurchaseFromHoldToSettled(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	held := hold(t, c, order("ann", "a", "k1"))
	same(t, "state", held.Purchase.State, pay.Held)
	same(t, "balance while held", balance(t, c, "ann"), ledger.Coins(750))

	e := *held.Entry
	e.State, e.SentAtMS, e.SentN = shadow.Sent, testNow, 1
	commit(t, c, station.Turn{Entries: []*shadow.Entry{&e}, Purchases: []station.PurchaseFact{{ID: held.Purchase.ID, Fact: pay.Sending}}})
	e.State, e.Bind = shadow.Bound, channel.Ref{Epoch: 3, UID: 0}
	done := commit(t, c, station.Turn{Epoch: 3, Entries: []*shadow.Entry{&e},
		Purchases: []station.PurchaseFact{{ID: held.Purchase.ID, Fact: pay.InPlace}, {ID: held.Purchase.ID, Fact: pay.Started}}})
	same(t, "purchases told", len(done.Purchases), 1)
	same(t, "state", done.Purchases[0].State, pay.Settled)

	got, err := c.Purchase(t.Context(), held.Purchase.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "stored", got, done.Purchases[0])
	same(t, "entry", got.Entry, int64(e.ID))
	same(t, "totals", verify(t, c), ledger.Totals{Transfers: 3, Issued: 1000, Wallets: 750, Revenue: 250})

	w := load(t, c)
	want := e
	want.SentN = 0 // of an earlier run
	same(t, "entries", w.Entries, []*shadow.Entry{&want})
	same(t, "epoch", w.Epoch, channel.Epoch(3))
	same(t, "open purchases", len(w.Purchases), 0)
}

func balance(t testing.TB, c *Channel, user string) ledger.Coins {
	t.Helper()
	b, err := c.Balance(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
