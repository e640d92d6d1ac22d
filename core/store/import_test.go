package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
)

func TestAnImportIsNeverDoubled(t *testing.T) {
	c := claim(t, open(t))
	grants := []ledger.Transfer{granted("ann", 10, "import:old:ann"), granted("bob", 20, "import:old:bob")}
	trail := audit.Entry{Actor: "cli", Action: "ledger.import", Subject: "old"}
	for i, want := range []ledger.Imported{{New: 2, Coins: 30}, {Again: 2}} {
		got, err := c.Import(t.Context(), grants, testNow, trail)
		if err != nil {
			t.Fatal(err)
		}
		same(t, []string{"first", "again"}[i], got, want)
	}
	// A viewer who has more now is told of, and one who is new is booked.
	grants[1].Amount, grants[1].UserName = 25, "Bob"
	grants = append(grants, granted("cid", 1, "import:old:cid"))
	got, err := c.Import(t.Context(), grants, testNow, trail)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "with another amount", got, ledger.Imported{New: 1, Coins: 1, Again: 1, Differ: []string{"Bob"}})
	same(t, "totals", verify(t, c), ledger.Totals{Transfers: 3, Issued: 31, Wallets: 31})
	entries, err := c.AuditTrail(t.Context(), audit.Query{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "audit entries", len(entries), 2)

	_, err = c.Import(t.Context(), []ledger.Transfer{{Kind: ledger.Earn, Debit: ledger.Issuance, Credit: ledger.Wallet, User: "ann",
		Amount: 1, Key: "k", Actor: "cli"}}, testNow)
	if !fault.Is(err, fault.Invalid) {
		t.Error("something else than grants:", err)
	}
}

func TestExportIsTheHistory(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	hold(t, c, order("ann", "a", "k1"))
	v := ledger.NewVerifier()
	for x, err := range c.ExportTransfers(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "totals", v.Totals(), verify(t, c))
	for range c.ExportTransfers(t.Context()) {
		break // whoever has seen enough may go
	}
	grant(t, c, "ann", 1) // and holds nothing up
}

// original makes a database as the original economy keeps it.
func original(t *testing.T, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "economy.db")
	direct, err := sql.Open(engine, dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := direct.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := direct.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

const accounts = `CREATE TABLE accounts (id INTEGER PRIMARY KEY, username TEXT, channel TEXT, balance INTEGER)`

func TestReadOriginal(t *testing.T) {
	path := original(t, accounts, `INSERT INTO accounts (username, channel, balance) VALUES ('Ann', 'Lounge', 10), ('ann', 'Lounge', 5),
		('bob', 'Lounge', 0), ('b b', 'Lounge', 3), ('cid', 'Lounge', -3), ('dee', 'Lounge', 7), ('eve', 'Other', 9)`)
	for _, name := range []string{"Lounge", "lounge"} {
		got, err := ReadOriginal(t.Context(), path, name)
		if err != nil {
			t.Fatal(err)
		}
		same(t, name, got, Original{Channel: "Lounge", Left: 3, Merged: 1,
			Openings: []ledger.Opening{{User: "Ann", Amount: 15}, {User: "dee", Amount: 7}}})
	}
	for _, name := range []string{"", "nowhere"} {
		_, err := ReadOriginal(t.Context(), path, name)
		if !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "Lounge, Other") {
			t.Error(err)
		}
	}
	one := original(t, accounts, "INSERT INTO accounts (username, channel, balance) VALUES ('Ann', 'Lounge', 10)")
	if got, err := ReadOriginal(t.Context(), one, ""); err != nil || got.Channel != "Lounge" {
		t.Error(got, err)
	}
}

func TestWhatIsNoOriginal(t *testing.T) {
	for name, statements := range map[string][]string{
		"another table":   {"CREATE TABLE users (name TEXT)"},
		"other columns":   {"CREATE TABLE accounts (username TEXT, channel TEXT, coins INTEGER)", "INSERT INTO accounts VALUES ('a', 'x', 1)"},
		"fractions":       {"CREATE TABLE accounts (username TEXT, channel TEXT, balance REAL)", "INSERT INTO accounts VALUES ('a', 'x', 1.5)"},
		"no name":         {accounts, "INSERT INTO accounts (channel, balance) VALUES ('x', 1)"},
		"nobody":          {accounts},
		"too many coins":  {accounts, "INSERT INTO accounts (username, channel, balance) VALUES ('a', 'x', 1000000000001)"},
		"too many in all": {accounts, "INSERT INTO accounts (username, channel, balance) VALUES ('a', 'x', 1000000000000), ('A', 'x', 1)"},
	} {
		_, err := ReadOriginal(t.Context(), original(t, statements...), "x")
		if f := fault.Of(err); f == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadOriginal(t.Context(), filepath.Join(t.TempDir(), "none.db"), ""); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestNobodyEarnsTwiceForOneInterval(t *testing.T) {
	path := filepath.Join(t.TempDir(), "playbill.db")
	wage := pay.Wage{IntervalMS: 600_000, Coins: 10, Welcome: 100}
	earned := func(start int64, users ...string) (ts []ledger.Transfer) {
		for _, u := range users {
			ts = append(ts, wage.Earned(start, channel.User{Key: channel.UserKey(u), Name: u}))
		}
		return ts
	}
	earn := func(c *Channel, ts []ledger.Transfer, want int) {
		t.Helper()
		if n, err := c.Earn(t.Context(), ts, testNow); err != nil || n != want {
			t.Errorf("booked %d, want %d, %v", n, want, err)
		}
	}
	start := wage.Interval(testNow)
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	c := claim(t, db)
	if err := c.SetBlocked(t.Context(), ledger.Purse{User: "eve", Name: "Eve", Blocked: "sells coins"}, testNow); err != nil {
		t.Fatal(err)
	}
	earn(c, earned(start, "ann", "bob", "eve"), 2)
	earn(c, earned(start, "ann", "bob", "ann"), 0)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	c = claim(t, openAt(t, Options{Path: path})) // a restart within the interval, with another wage
	wage.Coins = 20
	earn(c, earned(start, "ann", "cid"), 1)
	earn(c, earned(start+wage.IntervalMS, "ann"), 1)
	same(t, "ann", balance(t, c, "ann"), ledger.Coins(30))
	same(t, "blocked", balance(t, c, "eve"), ledger.Coins(0))
	verify(t, c)
}

func TestOnlyTheNewAreWelcomed(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 5)
	if err := c.SetBlocked(t.Context(), ledger.Purse{User: "eve", Name: "Eve", Blocked: "sells coins"}, testNow); err != nil {
		t.Fatal(err)
	}
	wage := pay.Wage{IntervalMS: 600_000, Welcome: 100}
	var ts []ledger.Transfer
	for _, u := range []string{"ann", "bob", "eve", "bob"} {
		ts = append(ts, wage.Greeting(channel.User{Key: channel.UserKey(u), Name: u}))
	}
	for _, want := range []int{1, 0} {
		if n, err := c.Welcome(t.Context(), ts, testNow); err != nil || n != want {
			t.Errorf("welcomed %d, want %d, %v", n, want, err)
		}
	}
	same(t, "totals", verify(t, c), ledger.Totals{Transfers: 2, Issued: 105, Wallets: 105})
	if _, err := c.Earn(t.Context(), []ledger.Transfer{{Kind: ledger.Adjust, Debit: ledger.Wallet, Credit: ledger.Issuance, User: "ann",
		Amount: 1, Key: "k", Reason: "x", Actor: "host"}}, testNow); !fault.Is(err, fault.Invalid) {
		t.Error("somebody was paid less than nothing:", err)
	}
}
