package main

import (
	"bytes"
	"database/sql"
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
