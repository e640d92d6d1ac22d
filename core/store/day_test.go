package store

import (
	"testing"

	"playbill/core/asrun"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

func TestSinceSumsUpFromAnInstant(t *testing.T) {
	c := claim(t, open(t))
	if _, err := c.Post(t.Context(), []ledger.Transfer{granted("ann", 9, "long ago")}, testNow-1); err != nil {
		t.Fatal(err)
	}
	grant(t, c, "ann", 1000)
	paid := hold(t, c, order("ann", "a", "k1"))
	commit(t, c, station.Turn{Purchases: []station.PurchaseFact{{ID: paid.Purchase.ID, Fact: pay.Withdrawn}}})
	got, err := c.Since(t.Context(), testNow)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the day", got, Day{Paid: 1, Refunded: 1, Granted: 1000})
	if later, err := c.Since(t.Context(), testNow+1_000_000); err != nil || later != (Day{}) {
		t.Errorf("a day in which nothing happened: %+v, %v", later, err)
	}
}

func TestLastAired(t *testing.T) {
	c := claim(t, open(t))
	entry := content(1, 0)
	run := func(id int64, role, clip string, atMS int64) asrun.Row {
		return asrun.Row{RunID: id, Entry: int64(entry.ID), Role: role, MediaType: "yt", MediaID: clip, Title: clip, LengthMS: 10_000,
			StartedAtMS: atMS, EndedAtMS: atMS + 9, AiredMS: 9, How: "skipped", PeopleStart: -1, PeopleEnd: -1}
	}
	commit(t, c, station.Turn{Entries: []*shadow.Entry{entry}, Airings: []asrun.Row{run(1, "general", "a", testNow), run(2, "lead_in", "a", testNow+50),
		run(3, "content", "a", testNow+90), run(4, "content", "b", testNow+95)}})
	a, b := sdk.Key{Type: "yt", ID: "a"}, sdk.Key{Type: "yt", ID: "b"}
	many := []sdk.Key{a, b}
	for range keysMax {
		many = append(many, sdk.Key{Type: "yt", ID: "never"})
	}
	got, err := c.LastAired(t.Context(), many)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "last aired", got, map[sdk.Key]int64{a: testNow + 50})
	day, err := c.Since(t.Context(), testNow)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "promos", day, Day{Promos: 2, PromosCut: 2, PromoMS: 18})
}

func TestSumsAreThoseOfAFullCheck(t *testing.T) {
	c := claim(t, open(t))
	if sums, at, err := c.Sums(t.Context()); err != nil || at != 0 || sums != (ledger.Totals{}) {
		t.Fatalf("never checked: %+v, %d, %v", sums, at, err)
	}
	grant(t, c, "ann", 1000)
	hold(t, c, order("ann", "a", "k1"))
	if _, err := c.VerifySince(t.Context(), testNow); err != nil {
		t.Fatal(err)
	}
	back := hold(t, c, order("ann", "b", "k2"))
	commit(t, c, station.Turn{Purchases: []station.PurchaseFact{{ID: back.Purchase.ID, Fact: pay.Withdrawn}}})
	hold(t, c, order("ann", "c", "k3"))
	take := ledger.Transfer{Kind: ledger.Adjust, Debit: ledger.Wallet, Credit: ledger.Issuance, User: "ann", Amount: 7, Key: "less", Reason: "too much", Actor: "host"}
	if _, err := c.Post(t.Context(), []ledger.Transfer{take}, testNow); err != nil {
		t.Fatal(err)
	}
	got, at, err := c.Sums(t.Context())
	if err != nil || at != testNow {
		t.Fatalf("checked at %d, %v", at, err)
	}
	want, err := c.VerifyWhole(t.Context(), testNow)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "sums", got, want)
	if s := c.Sizes(); s.Bytes == 0 || s.CommitUS == 0 {
		t.Errorf("%+v", s)
	}
}
