package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gorm.io/gorm/schema"

	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/station"
)

func TestMigrationsAreGapless(t *testing.T) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		if !strings.HasPrefix(f.Name(), fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("migration %d is %s", i+1, f.Name())
		}
	}
	if len(files) == 0 {
		t.Error("there are none")
	}
}

// TestRowsFitTheSchema compares the columns of every row with its table, both ways.
func TestRowsFitTheSchema(t *testing.T) {
	db := open(t)
	unread := map[string]bool{"audit.undone_by": true, "purchases.entry_id": true}
	for _, row := range []any{channelRow{}, walletRow{}, purchaseRow{}, transferRow{}, entryRow{}, runRow{}, decisionRow{}, callRow{}, stateRow{},
		clockRow{}, noticeRow{}, lockRow{}, markRow{}, playlistRow{}, itemRow{}, titleRow{}, tokenRow{}, auditRow{}, pluginRow{}, jobRow{}} {
		parsed, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			t.Fatal(err)
		}
		stored := map[string]bool{}
		var names []string
		if err := db.readers.Raw("SELECT name FROM pragma_table_info(?)", parsed.Table).Scan(&names).Error; err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			stored[n] = true
			if parsed.FieldsByDBName[n] == nil && !unread[parsed.Table+"."+n] {
				t.Errorf("%s.%s is in no row", parsed.Table, n)
			}
		}
		for _, n := range parsed.DBNames {
			if !stored[n] && !unread[parsed.Table+"."+n] {
				t.Errorf("%s has no column %s", parsed.Table, n)
			}
		}
	}
}

func TestASchemaChangedByHandIsRefused(t *testing.T) {
	for name, change := range map[string]string{
		"a trigger taken off": "DROP TRIGGER transfers_no_update",
		"an index taken off":  "DROP INDEX purchases_one_open_per_media",
		"a column added":      "ALTER TABLE wallets ADD COLUMN bonus INTEGER",
		"a table added":       "CREATE TABLE extra (x INTEGER)",
	} {
		t.Run(name, func(t *testing.T) {
			path := closed(t, change)
			_, err := Open(t.Context(), Options{Path: path})
			if !fault.Is(err, fault.Journal) || !strings.Contains(err.Error(), "schema is not the one") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// closed makes a database, changes it past the store, and returns its path.
func closed(t *testing.T, changes ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "playbill.db")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error("closing twice:", err)
	}
	direct, err := sql.Open(engine, dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if _, err := direct.Exec(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := direct.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatCannotBeOpenedSaysWhy(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	newer := closed(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	for _, c := range []struct{ path, says string }{
		{garbage, "is damaged or is not a Playbill database"},
		{newer, "written by a newer Playbill (schema 9999"},
		{dir, "cannot be written"},
		{filepath.Join(file, "x", "playbill.db"), "cannot be written"},
	} {
		db, err := Open(t.Context(), Options{Path: c.path})
		if err == nil {
			_ = db.Close()
		}
		f := fault.Of(err)
		if f == nil || !strings.Contains(f.Sentence, c.says) {
			t.Errorf("%s: %v", c.path, err)
		}
	}
}

func TestTheReadersCannotWrite(t *testing.T) {
	db := open(t)
	if err := db.readers.Exec("DELETE FROM wallets").Error; err == nil {
		t.Error("a reader wrote")
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := db.writer.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v", pragma, got, err)
		}
	}
}

// TestACopyTakenAtAnyMomentOpens copies database and WAL at a failpoint, as a kill would leave them.
func TestACopyTakenAtAnyMomentOpens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "playbill.db")
	for _, point := range []string{"hold.before", "hold.after"} {
		t.Run(point, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "playbill.db")
			db := openAt(t, Options{Path: path, Crash: func(p string) {
				if p == point {
					copyFile(t, path, copied)
					copyFile(t, path+"-wal", copied+"-wal")
				}
			}})
			c := claim(t, db)
			grant(t, c, "ann", 250)
			held := len(openIDs(t, c))
			hold(t, c, order("ann", point, point))
			after := claim(t, openAt(t, Options{Path: copied}))
			if point == "hold.after" {
				held++
			}
			same(t, "purchases", len(openIDs(t, after)), held)
			verify(t, after)
			again, err := after.Hold(context.Background(), order("ann", point, point), testNow, sell)
			if err != nil || again.Again != (point == "hold.after") {
				t.Errorf("the viewer's retry: %+v, %v", again, err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func openIDs(t *testing.T, c *Channel) []string {
	t.Helper()
	ps, err := c.AllOpen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(ps))
	for i, p := range ps {
		ids[i] = p.ID
	}
	return ids
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err != nil {
		t.Error(err)
		return
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Error(err)
	}
	if err := out.Close(); err != nil {
		t.Error(err)
	}
}

func TestItRunsInABubble(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db, err := Open(t.Context(), Options{Path: filepath.Join(dir, "playbill.db")})
		if err != nil {
			t.Fatal(err)
		}
		c, err := db.Claim(t.Context(), testChannel, "test")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 24 {
			time.Sleep(time.Hour)
			if _, err := c.Commit(t.Context(), station.Turn{AtMS: time.Now().UnixMilli()}); err != nil {
				t.Fatal(err)
			}
			grant(t, c, "ann", ledger.Coins(i+1))
		}
		synctest.Wait()
		same(t, "transfers", verify(t, c).Transfers, int64(24))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
