package store

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
)

func names(found ledger.Found) (out []string) {
	for _, v := range found.Viewers {
		out = append(out, v.User)
	}
	return out
}

func TestViewers(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 500)
	grant(t, c, "anna", 2000)
	grant(t, c, "bob", 50)
	grant(t, c, "écoute", 7)
	hold(t, c, order("anna", "m1", "k1"))
	search := func(prefix, by string, limit, offset int) ledger.Found {
		t.Helper()
		found, err := c.Viewers(t.Context(), ledger.Search{Prefix: prefix, Order: by, Limit: limit, Offset: offset})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for _, k := range []struct {
		prefix, by    string
		limit, offset int
		want          []string
		total         int
	}{
		{"", ledger.ByName, 10, 0, []string{"ann", "anna", "bob", "écoute"}, 4},
		{"AN", ledger.ByName, 10, 0, []string{"ann", "anna"}, 2},
		{"an", ledger.ByBalance, 10, 0, []string{"anna", "ann"}, 2},
		{"", ledger.BySeen, 1, 0, []string{"anna"}, 4},
		{"", ledger.ByName, 2, 1, []string{"anna", "bob"}, 4},
		{"é", ledger.ByName, 2, 0, []string{"écoute"}, 1},
		{"%", ledger.ByName, 2, 0, nil, 0},
		{"nobody", ledger.ByName, 2, 0, nil, 0},
	} {
		found := search(k.prefix, k.by, k.limit, k.offset)
		same(t, k.prefix+" by "+k.by, names(found), k.want)
		if found.Total != k.total {
			t.Errorf("%q: %d in all", k.prefix, found.Total)
		}
	}
	if _, err := c.Viewers(t.Context(), ledger.Search{Order: "rank; DROP TABLE wallets"}); err == nil {
		t.Error("an order that there is not")
	}
	anna, err := c.Standing(t.Context(), "anna")
	if err != nil || anna.Held == 0 || anna.Balance+anna.Held != 2000 || anna.SeenAtMS == 0 {
		t.Errorf("%+v, %v", anna, err)
	}
	if nobody, err := c.Standing(t.Context(), "nobody"); err != nil || nobody.CreatedAtMS != 0 || nobody.Name != "nobody" {
		t.Errorf("%+v, %v", nobody, err)
	}
}

// TestStatementPages: the balance on each page is what the transfers up to there make, whatever the size of the pages.
func TestStatementPages(t *testing.T) {
	c := claim(t, open(t))
	viewers := 0
	rapid.Check(t, func(rt *rapid.T) {
		viewers++
		user := "u" + strconv.Itoa(viewers)
		sum := ledger.Coins(0)
		after := map[int64]ledger.Coins{}
		for i, amount := range rapid.SliceOfN(rapid.Int64Range(-50, 50), 1, 12).Draw(rt, "amounts") {
			tr := ledger.Transfer{Kind: ledger.Adjust, Debit: ledger.Issuance, Credit: ledger.Wallet, User: user, Amount: ledger.Coins(max(amount, -amount)),
				Key: user + "-" + strconv.Itoa(i), Reason: "r", Actor: "cli"}
			if amount == 0 {
				continue
			}
			if amount < 0 {
				tr.Debit, tr.Credit = tr.Credit, tr.Debit
			}
			done, err := c.Post(context.Background(), []ledger.Transfer{tr}, testNow)
			if (sum+ledger.Coins(amount) < 0) != fault.Is(err, fault.Balance) {
				rt.Fatalf("%d of %d: %v", amount, sum, err)
			}
			if err == nil {
				sum += ledger.Coins(amount)
				after[done[0].Seq] = sum
			}
		}
		limit, before, seen := rapid.IntRange(1, 5).Draw(rt, "limit"), int64(0), 0
		for {
			s, err := c.Statement(context.Background(), user, limit, before)
			if err != nil {
				rt.Fatal(err)
			}
			balance := s.Balance
			for _, l := range s.Lines {
				if balance != after[l.Seq] {
					rt.Fatalf("after %d: %d, want %d", l.Seq, balance, after[l.Seq])
				}
				balance -= l.WalletChange()
				before = l.Seq
				seen++
			}
			if !s.More {
				break
			}
		}
		if seen != len(after) {
			rt.Fatalf("%d lines of %d", seen, len(after))
		}
	})
}

func TestHistoryPages(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1_000_000)
	var bought []string
	for i := range 7 {
		bought = append(bought, hold(t, c, order("ann", "m"+strconv.Itoa(i), "k"+strconv.Itoa(i))).Purchase.ID)
	}
	before, seen := "", 0
	for {
		past, err := c.HistoryOf(t.Context(), "ann", 3, before)
		if err != nil {
			t.Fatal(err)
		}
		if len(past) == 0 {
			break
		}
		for _, p := range past {
			if p.ID != bought[len(bought)-1-seen] {
				t.Errorf("%d from the newest is %s", seen, p.ID)
			}
			before = p.ID
			seen++
		}
	}
	if seen != len(bought) {
		t.Errorf("%d of %d", seen, len(bought))
	}
}

// TestSheetIsWhatAVerifyFinds, with a mark anywhere in the history or none.
func TestSheetIsWhatAVerifyFinds(t *testing.T) {
	c := claim(t, open(t))
	check := func(when string) ledger.Sheet {
		t.Helper()
		s, err := c.Sheet(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, when, s.Totals, verify(t, c))
		return s
	}
	check("no transfers")
	grant(t, c, "ann", 5000)
	if s := check("no mark"); s.CheckedAtMS != 0 || s.WholeAtMS != 0 {
		t.Errorf("%+v", s)
	}
	if _, err := c.VerifyWhole(t.Context(), 50); err != nil {
		t.Fatal(err)
	}
	h := hold(t, c, order("ann", "m1", "k1"))
	if s := check("after the mark"); s.CheckedSeq != 1 || s.WholeAtMS != 50 {
		t.Errorf("%+v", s)
	}
	grant(t, c, "bob", 5)
	if _, err := c.VerifySince(t.Context(), 60); err != nil {
		t.Fatal(err)
	}
	if s := check("at the mark"); s.CheckedAtMS != 60 || s.WholeAtMS != 50 || s.WholeSeq != 1 || s.Escrow != h.Purchase.Price {
		t.Errorf("%+v", s)
	}
}

func TestWhatACheckFoundStays(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	grant(t, c, "ann", 500)
	tamper(t, db, "UPDATE wallets SET balance = 501")
	for range 2 {
		if _, err := c.VerifyWhole(t.Context(), 70); invariant(err) != ledger.WalletMatches {
			t.Fatal(err)
		}
	}
	s, err := c.Sheet(t.Context())
	if err != nil || s.Broken == nil || s.Broken.Invariant != ledger.WalletMatches || s.WholeAtMS != 70 || s.CheckedAtMS != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	tamper(t, db, "UPDATE wallets SET balance = 500")
	if _, err := c.VerifySince(t.Context(), 80); err != nil {
		t.Fatal(err)
	}
	if s, err = c.Sheet(t.Context()); err != nil || s.Broken != nil || s.WholeAtMS != 80 {
		t.Errorf("a check of the whole that finds nothing: %+v, %v", s, err)
	}
}

func TestBlockingIsWrittenOnce(t *testing.T) {
	c := claim(t, open(t))
	block := func(reason, key string) error {
		action := "viewer.block"
		if reason == "" {
			action = "viewer.unblock"
		}
		return c.SetBlocked(t.Context(), ledger.Purse{User: "ann", Name: "Ann", Blocked: reason}, testNow,
			audit.Entry{Actor: "eve", Action: action, Subject: "Ann", After: reason, Key: key})
	}
	for _, k := range []struct {
		reason, key string
		code        fault.Code
		rows        int
		blocked     string
	}{
		{"spam", "k1", "", 1, "spam"},
		{"spam", "k1", "", 1, "spam"},                    // the same request again
		{"spam", "k2", "", 1, "spam"},                    // so already
		{"", "k3", "", 2, ""},                            // opened
		{"spam", "k1", "", 2, ""},                        // a very late repetition of the first request blocks nobody
		{"other", "k3", fault.RequestKeyConflict, 2, ""}, // another change under a used key
		{"more spam", "k4", "", 3, "more spam"},
	} {
		if err := block(k.reason, k.key); k.code != "" != fault.Is(err, k.code) || err != nil && k.code == "" {
			t.Fatalf("%q %s: %v", k.reason, k.key, err)
		}
		trail, err := c.AuditTrail(t.Context(), audit.Query{})
		w, werr := c.Wallet(t.Context(), "ann")
		if err != nil || werr != nil || len(trail) != k.rows || w.Blocked != k.blocked {
			t.Errorf("%q %s: %d rows, blocked %q, %v %v", k.reason, k.key, len(trail), w.Blocked, err, werr)
		}
	}
}

func TestUndoneOnce(t *testing.T) {
	c := claim(t, open(t))
	trail := []audit.Entry{{Actor: "eve", Action: "ledger.grant", Subject: "ann", Undo: "{}"}}
	if _, err := c.Post(t.Context(), []ledger.Transfer{granted("ann", 100, "g")}, testNow, trail...); err != nil || trail[0].ID != 1 {
		t.Fatal(trail, err)
	}
	back := func(key string) error {
		tr := ledger.Transfer{Kind: ledger.Adjust, Debit: ledger.Wallet, Credit: ledger.Issuance, User: "ann", Amount: 10, Key: key, Reason: "undo", Actor: "bob"}
		_, err := c.Post(t.Context(), []ledger.Transfer{tr}, testNow, audit.Entry{Actor: "bob", Action: "undo", Subject: "x", Undoes: 1})
		return err
	}
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = back(strconv.Itoa(i)) })
	}
	all.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if !fault.Is(err, fault.Over) {
			t.Error(err)
		}
	}
	e, err := c.AuditEntry(t.Context(), 1)
	if err != nil || done != 1 || balance(t, c, "ann") != 90 || e.UndoneBy != 2 || e.Undoer != "bob" {
		t.Errorf("%d done, %+v, %v", done, e, err)
	}
	if _, err := c.AuditEntry(t.Context(), 99); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestAuditFilters(t *testing.T) {
	c := claim(t, open(t))
	err := c.Audit(t.Context(), audit.Entry{AtMS: 1, Actor: "ann", Action: "ledger.grant"}, audit.Entry{AtMS: 2, Actor: "bob", Action: "ledger.adjust"},
		audit.Entry{AtMS: 3, Actor: "ann", Action: "ledgers.other"}, audit.Entry{AtMS: 4, Actor: "ann", Action: "token.create"})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		of   audit.Query
		want []int64
	}{
		{audit.Query{}, []int64{4, 3, 2, 1}},
		{audit.Query{Actor: "ann"}, []int64{4, 3, 1}},
		{audit.Query{Action: "ledger"}, []int64{2, 1}},
		{audit.Query{Action: "ledger.grant"}, []int64{1}},
		{audit.Query{Action: "ledger.grant", Actor: "bob"}, []int64{}},
		{audit.Query{BeforeID: 3, Limit: 1}, []int64{2}},
	} {
		entries, err := c.AuditTrail(t.Context(), k.of)
		ids := []int64{}
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("%+v", k.of), ids, k.want)
	}
	actors, err := c.AuditActors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "actors", actors, []string{"ann", "bob"})
}

// TestAdjustingBesideBuying: admins take coins while the viewer buys. Whatever comes first, nothing goes below zero, the
// refused one is refused for the balance, and the books are true.
func TestAdjustingBesideBuying(t *testing.T) {
	c := claim(t, open(t))
	price := sell(pay.Facts{Balance: 1 << 40}).Price
	grant(t, c, "ann", price*8)
	var all sync.WaitGroup
	bought, taken := make([]error, 16), make([]error, 16)
	for i := range 16 {
		all.Go(func() {
			_, bought[i] = c.Hold(context.Background(), order("ann", "m"+strconv.Itoa(i), "k"+strconv.Itoa(i)), testNow, func(f pay.Facts) pay.Quote {
				q := sell(f)
				if f.Balance < q.Price {
					q.Refusal = fault.New(fault.Balance, "short")
				}
				return q
			})
		})
		all.Go(func() {
			tr := ledger.Transfer{Kind: ledger.Adjust, Debit: ledger.Wallet, Credit: ledger.Issuance, User: "ann", Amount: price, Key: "a" + strconv.Itoa(i), Reason: "slip", Actor: "eve"}
			_, taken[i] = c.Post(context.Background(), []ledger.Transfer{tr}, testNow)
		})
	}
	all.Wait()
	done := 0
	for _, err := range append(bought, taken...) {
		if err == nil {
			done++
		} else if !fault.Is(err, fault.Balance) {
			t.Error(err)
		}
	}
	totals := verify(t, c)
	if done != 8 || balance(t, c, "ann") != 0 || totals.Wallets != 0 {
		t.Errorf("%d of 8, %+v", done, totals)
	}
}

// TestBlockingBesideBuying: once a block is durable nothing more is sold, and everything sold before is found by whoever
// withdraws.
func TestBlockingBesideBuying(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1_000_000)
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			_, err := c.Hold(context.Background(), order("ann", "m"+strconv.Itoa(i), "k"+strconv.Itoa(i)), testNow, func(f pay.Facts) pay.Quote {
				q := sell(f)
				if f.AccountBlocked != "" {
					q.Refusal = fault.New(fault.Blocked, "blocked")
				}
				return q
			})
			if err != nil && !fault.Is(err, fault.Blocked) {
				t.Error(err)
			}
		})
	}
	if err := c.SetBlocked(t.Context(), ledger.Purse{User: "ann", Name: "ann", Blocked: "spam"}, testNow); err != nil {
		t.Fatal(err)
	}
	found, err := c.OpenOfBlocked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all.Wait()
	open, err := c.OpenOf(t.Context(), "ann")
	if err != nil || len(open) != len(found) {
		t.Errorf("%d were sold, %d of them were there after the block; %v", len(open), len(found), err)
	}
	verify(t, c)
}
