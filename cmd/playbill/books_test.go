package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheOriginalsBalances imports the database of the original economy twice.
func TestTheOriginalsBalances(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("c.hcl", []byte("data_dir = \"data\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	old, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "economy.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = old.Exec(`CREATE TABLE accounts (id INTEGER PRIMARY KEY, username TEXT, channel TEXT, balance INTEGER);
		INSERT INTO accounts (username, channel, balance) VALUES ('Halcyon', 'lounge', 700), ('halcyon', 'lounge', 50),
		('Ember', 'lounge', 0), ('Third', 'lounge', 7), ('Fourth', 'attic', 9);
		VACUUM INTO 'economy.db'`)
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"", exitFailed, "attic, lounge. Name one with --from-channel."},
		{"--from-channel Lounge", exitOK, "2 grants booked from source original/lounge: 757 coins."},
		{"--from-channel lounge", exitOK, "2 grants had been booked before"},
		{"--from-channel attic", exitOK, "1 grant booked from source original/attic: 9 coins."},
	} {
		var out bytes.Buffer
		code := run(t.Context(), strings.Fields("ledger import economy.db --config c.hcl "+c.args), &out, &out)
		if code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%q: exit code %d, %s", c.args, code, out.String())
		}
	}
}

// TestTheBooksBesideARunningHost imports, exports and copies while the host runs, and sees somebody earn.
func TestTheBooksBesideARunningHost(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	dir, address := dataDir(t), freeAddress(t)
	path := serveConfig(t, dir, address, withoutPlugins()+"earn {\n  interval_seconds = 1\n  coins = 3\n  welcome = 40\n}\n")
	p := serveOn(t, path, address)
	list, file := filepath.Join(t.TempDir(), "prizes.csv"), filepath.Join(t.TempDir(), "copy.db")
	var many strings.Builder
	many.WriteString("user,amount\n")
	for i := range 250 { // more than one part
		fmt.Fprintf(&many, "viewer%d,%d\n", i, i+1)
	}
	if err := os.WriteFile(list, []byte(many.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	command := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if code := run(t.Context(), append(args, "--config", path), &out, &out); code != want {
			t.Errorf("%s: exit code %d, %s", args, code, out.String())
		}
		return out.String()
	}
	if said := command(exitOK, "ledger", "import", list); !strings.Contains(said, "250 grants booked from source prizes.csv: 31,375 coins.") {
		t.Error(said)
	}
	command(exitOK, "token", "create", "--name", "Halcyon", "--rank", "1") // who has a token is in the embedded room
	p.until("Halcyon has earned", soon, func() bool {
		history := command(exitOK, "ledger", "export")
		return strings.Contains(history, ",grant,issuance,wallet,halcyon,40,,welcome:halcyon,") &&
			strings.Contains(history, ",earn,issuance,wallet,halcyon,3,,earn:")
	})
	command(exitOK, "ledger", "verify")
	command(exitOK, "backup", file)
	command(exitFailed, "backup", file)
	if said := command(exitFailed, "restore", file); !strings.Contains(said, "A Playbill host runs on") {
		t.Error(said)
	}
	if code := p.stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if said := command(exitOK, "restore", file); !strings.Contains(said, "was restored to") {
		t.Error(said)
	}
	if said := command(exitOK, "ledger", "verify"); !strings.Contains(said, "The ledger is true") {
		t.Error(said)
	}
}
