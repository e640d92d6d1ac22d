package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"playbill/core/fault"
	"playbill/core/ledger"
)

// TestABackupIsOneInstant takes backups while people buy: each is sound, and none holds half a purchase.
func TestABackupIsOneInstant(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	for i := range 8 {
		grant(t, c, fmt.Sprint("u", i), 1_000_000)
	}
	ctx, stop := context.WithCancel(t.Context())
	var buyers sync.WaitGroup
	for i := range 8 {
		buyers.Go(func() { // ends when the backups are taken
			for n := 0; ctx.Err() == nil; n++ {
				o := order(fmt.Sprint("u", i), fmt.Sprint("m", i, "-", n), fmt.Sprint("k", n))
				if _, err := c.Hold(t.Context(), o, testNow, sell); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var last int64
	for i := range 4 {
		file := filepath.Join(t.TempDir(), fmt.Sprint(i, ".db"))
		if err := db.Backup(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		copied, err := OpenReader(t.Context(), Options{Path: file})
		if err != nil {
			t.Fatal(err)
		}
		totals, err := copied.Read(testChannel).VerifyLedger(t.Context())
		if err != nil || totals.Transfers < last {
			t.Error(totals, err)
		}
		last = totals.Transfers
		if _, err := copied.Claim(t.Context(), testChannel, "x"); !fault.Is(err, fault.Unsupported) {
			t.Error("a reader was claimed:", err)
		}
		if err := copied.Close(); err != nil {
			t.Error(err)
		}
		onlyFile(t, file)
	}
	stop()
	buyers.Wait()
}

// onlyFile wants nothing beside a file: no temporary one, no write-ahead log.
func onlyFile(t *testing.T, file string) {
	t.Helper()
	names, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(names) != 1 || names[0].Name() != filepath.Base(file) {
		t.Errorf("beside %s: %v, %v", file, names, err)
	}
}

func TestABackupReplacesNothing(t *testing.T) {
	db := open(t)
	claim(t, db)
	if err := db.Backup(t.Context(), db.Path()); !fault.Is(err, fault.Conflict) {
		t.Error("over the database itself:", err)
	}
	if err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "none", "x.db")); !fault.Is(err, fault.Invalid) {
		t.Error("into no directory:", err)
	}
}

func TestABackupOfBrokenBooksIsNotKept(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	grant(t, c, "ann", 10)
	tamper(t, db, "UPDATE wallets SET balance = 11")
	dir := t.TempDir()
	err := db.Backup(t.Context(), filepath.Join(dir, "x.db"))
	same(t, "invariant", invariant(err), ledger.WalletMatches)
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Error(names, err)
	}
}

// backedUp is a database with one grant, its backup, and a second grant behind it, closed.
func backedUp(t *testing.T) (path, backup string) {
	t.Helper()
	path, backup = filepath.Join(t.TempDir(), "playbill.db"), filepath.Join(t.TempDir(), "backup.db")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	c := claim(t, db)
	grant(t, c, "ann", 10)
	if err := db.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	grant(t, c, "ann", 5)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path, backup
}

func balanceIn(t *testing.T, path string) ledger.Coins {
	t.Helper()
	db := openAt(t, Options{Path: path})
	if _, err := db.Read(testChannel).VerifyLedger(t.Context()); err != nil {
		t.Error(err)
	}
	b, err := db.Read(testChannel).Balance(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestARestoreKeepsTheOldDatabase(t *testing.T) {
	path, backup := backedUp(t)
	kept, err := Restore(t.Context(), backup, path, testNow)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "kept as", kept, path+".before-restore-20270115T080000Z")
	same(t, "restored", balanceIn(t, path), ledger.Coins(10))
	same(t, "kept", balanceIn(t, kept), ledger.Coins(15))
	same(t, "the backup stays", balanceIn(t, backup), ledger.Coins(10))
}

func TestARestoreWhereNothingWas(t *testing.T) {
	_, backup := backedUp(t)
	path := filepath.Join(t.TempDir(), "new", "playbill.db")
	kept, err := Restore(t.Context(), backup, path, testNow)
	same(t, "kept", kept, "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "restored", balanceIn(t, path), ledger.Coins(10))
}

// TestARestoreOverADamagedDatabase leaves a write-ahead log of the damaged one nowhere where it could spoil the new one.
func TestARestoreOverADamagedDatabase(t *testing.T) {
	path, backup := backedUp(t)
	for _, p := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.WriteFile(p, []byte(strings.Repeat("garbage ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := Restore(t.Context(), backup, path, testNow)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
	same(t, "restored", balanceIn(t, path), ledger.Coins(10))
}

func TestARestoreThatCannotBeTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	_, cut := backedUp(t)
	whole, err := os.ReadFile(cut)
	if err != nil {
		t.Fatal(err)
	}
	for name, backup := range map[string]string{
		"nothing there":   filepath.Join(dir, "none.db"),
		"an empty file":   file("empty.db", ""),
		"a text":          file("text.db", strings.Repeat("not a database. ", 1000)),
		"a torn copy":     file("torn.db", string(whole[:len(whole)/2])),
		"a forged ledger": file("forged.db", strings.Replace(string(whole), "welcome", "WELCOME", 1)),
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := backedUp(t)
			if _, err := Restore(t.Context(), backup, path, testNow); err == nil {
				t.Error("it was restored")
			}
			onlyDatabase(t, path)
			same(t, "as before", balanceIn(t, path), ledger.Coins(15))
		})
	}
}

// onlyDatabase wants the database and its locks and no leftovers.
func onlyDatabase(t *testing.T, path string) {
	t.Helper()
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if n.Name() != filepath.Base(path) && !strings.HasSuffix(n.Name(), ".lock") {
			t.Errorf("%s was left behind", n.Name())
		}
	}
}

func TestARestoreWaitsForNoHost(t *testing.T) {
	path, backup := backedUp(t)
	db := openAt(t, Options{Path: path})
	c := claim(t, db)
	if _, err := Restore(t.Context(), backup, path, testNow); !fault.Is(err, fault.Standby) {
		t.Error(err)
	}
	if err := errors.Join(c.Release(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), backup, path, testNow); err != nil {
		t.Error(err)
	}
}
