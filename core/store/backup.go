package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"playbill/core/fault"
)

// OpenReader opens a database that may be in use by a host, for reading only: nothing is migrated and nothing can be
// claimed. The error is a fault with one sentence.
func OpenReader(ctx context.Context, o Options) (*DB, error) {
	db := newDB(o)
	if _, err := os.Stat(o.Path); err != nil {
		return nil, unusable(o.Path, err)
	}
	read, err := openPool(dsn(o.Path, "_pragma=query_only(1)"), readersMax)
	if err != nil {
		return nil, unusable(o.Path, err)
	}
	db.files = files{read: read}
	if err := compareSchema(ctx, read); err != nil {
		return nil, errors.Join(unusable(o.Path, err), read.Close())
	}
	if db.readers, err = gormOn(read); err != nil {
		return nil, errors.Join(err, read.Close())
	}
	return db, nil
}

// Backup writes the whole database, as it is at one instant, into a new file while everybody goes on. The file appears
// only when it has been read back: SQLite finds it sound, its schema is ours and the ledger of every channel is true. It
// fails with fault.Conflict when there is such a file already, and with *ledger.Broken when the books are not true.
func (db *DB) Backup(ctx context.Context, file string) (err error) {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return unwritable(file, err)
		}
		return fault.New(fault.Conflict, fmt.Sprintf("There is a file %s already, and a backup replaces nothing. Choose another name, or move it away.", file))
	}
	temp, err := os.CreateTemp(filepath.Dir(file), ".playbill-backup-*")
	if err != nil {
		return unwritable(file, err)
	}
	defer func() { err = errors.Join(err, gone(temp.Name())) }()
	if err := temp.Close(); err != nil {
		return unwritable(file, err)
	}
	if err := db.copyInto(ctx, temp.Name()); err != nil {
		return backupFailed(file, err)
	}
	if err := syncFile(temp.Name()); err != nil {
		return unwritable(file, err)
	}
	if err := proveBackup(ctx, temp.Name()); err != nil {
		return fmt.Errorf("the backup was read back and is not sound: %w", err)
	}
	if err := os.Link(temp.Name(), file); err != nil { // unlike a rename it replaces nothing
		return unwritable(file, err)
	}
	return syncFile(filepath.Dir(file))
}

// Backup writes the whole database into a new file, as DB.Backup does.
func (r *Reader) Backup(ctx context.Context, file string) error { return r.db.Backup(ctx, file) }

// copyInto writes the database into an empty file. The connection is its own: those of the readers may write nowhere.
func (db *DB) copyInto(ctx context.Context, path string) error {
	pool, err := openPool(dsn(db.path), 1)
	if err != nil {
		return err
	}
	_, err = pool.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(err, pool.Close())
}

// proveBackup reads a file as a restore would.
func proveBackup(ctx context.Context, path string) (err error) {
	db, err := OpenReader(ctx, Options{Path: path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.prove(ctx)
}

// prove checks a database from the bottom up: its pages, its references, the ledger of each channel.
func (db *DB) prove(ctx context.Context) error {
	var found string
	if err := db.files.read.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return translate(err)
	}
	if found != "ok" {
		return fault.New(fault.Journal, fmt.Sprintf("The database is damaged: %s.", found))
	}
	var broken string
	err := db.files.read.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check() LIMIT 1`).Scan(&broken)
	if err == nil {
		return fault.New(fault.Journal, fmt.Sprintf("The database is damaged: a row of %s names one that is not there.", broken))
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return translate(err)
	}
	channels, err := db.Channels(ctx)
	if err != nil {
		return err
	}
	for _, c := range channels {
		if _, err := db.Read(c).VerifyLedger(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Channels returns the names of the channels that are stored, in alphabetical order.
func (db *DB) Channels(ctx context.Context) ([]string, error) {
	var names []string
	err := db.readers.WithContext(ctx).Raw("SELECT channel FROM channels ORDER BY channel").Scan(&names).Error
	return names, translate(err)
}

// syncFile makes a file, or the names in a directory, survive a power cut.
func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// gone removes a file that may have been moved already, and what SQLite has put beside it.
func gone(path string) error {
	var all error
	for _, p := range []string{path, path + "-wal", path + "-shm", path + "-journal"} {
		if err := os.Remove(p); !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

func unwritable(file string, err error) error {
	return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be written: %v. Choose a directory that exists and that this user may write.", file, plain(err)))
}

func backupFailed(file string, err error) error {
	if kindOf(err) == kindFull {
		return fault.Wrap(err, fault.Journal, fmt.Sprintf("%s could not be written: its disk is full. Make room and try again.", file))
	}
	return translate(err)
}
