package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/ledger"
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
	entries, err := c.AuditTrail(t.Context(), 10, 0)
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
