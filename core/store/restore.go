package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"playbill/core/fault"
)

// Restore puts a backup in the place of the database at path, while no host runs on it, and returns the name under which
// the old database was kept beside it; empty: there was none. The backup is copied, brought up to date and proved first,
// and until then nothing is touched. It fails with fault.Standby while a host has a channel of this database.
func Restore(ctx context.Context, backup, path string, nowMS int64) (kept string, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", unwritable(path, err)
	}
	locks, err := lockAll(path)
	defer func() {
		for _, l := range locks {
			err = errors.Join(err, l.release())
		}
	}()
	if err != nil {
		return "", err
	}
	staged, err := stage(backup, path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, gone(staged)) }()
	if err := proveStaged(ctx, staged, backup); err != nil {
		return "", err
	}
	if kept, err = keepOld(ctx, path, nowMS); err != nil {
		return kept, err
	}
	if err := os.Rename(staged, path); err != nil {
		return kept, unwritable(path, err)
	}
	return kept, syncFile(filepath.Dir(path))
}

// lockAll takes the lock of every channel that has ever been claimed on this database.
func lockAll(path string) ([]*fileLock, error) {
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	var locks []*fileLock
	for _, n := range names {
		if !strings.HasPrefix(n.Name(), filepath.Base(path)+".") || !strings.HasSuffix(n.Name(), ".lock") {
			continue
		}
		l, err := takeLock(filepath.Join(filepath.Dir(path), n.Name()))
		if errors.Is(err, errHeld) {
			return locks, fault.New(fault.Standby, "A Playbill host runs on this database. Stop it first; nothing was changed.")
		}
		if err != nil {
			return locks, unwritable(path, err)
		}
		locks = append(locks, l)
	}
	return locks, nil
}

// stage copies the backup next to the database, so that it can be moved into its place in one step.
func stage(backup, path string) (string, error) {
	from, err := os.Open(backup)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, fmt.Sprintf("%s cannot be read: %v. Nothing was changed.", backup, plain(err)))
	}
	defer func() { _ = from.Close() }() // it was only read
	to, err := os.CreateTemp(filepath.Dir(path), ".playbill-restore-*")
	if err != nil {
		return "", unwritable(path, err)
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return "", errors.Join(unwritable(path, err), gone(to.Name()))
	}
	return to.Name(), nil
}

// proveStaged brings the copy up to date, as a start would, and checks it.
func proveStaged(ctx context.Context, staged, backup string) error {
	if yes, err := IsDatabase(staged); err != nil || !yes { // an empty file would be migrated to an empty database
		return errors.Join(err, fault.New(fault.Invalid, fmt.Sprintf("%s is not a backup of Playbill. Nothing was changed.", backup)))
	}
	db, err := Open(ctx, Options{Path: staged})
	if err == nil {
		err = errors.Join(db.prove(ctx), db.Close())
	}
	if err != nil {
		if f := fault.Of(err); f != nil {
			return fault.Wrap(err, f.Code, fmt.Sprintf("%s cannot be restored, and nothing was changed. %s",
				backup, strings.ReplaceAll(f.Sentence, staged, "It")))
		}
		return fmt.Errorf("%s cannot be restored, and nothing was changed: %w", backup, err)
	}
	return syncFile(staged)
}

// keepOld gives the old database a second name and takes away its write-ahead log, which would spoil the new one. The
// old one may be damaged, so its log is brought home if that can be done, and kept beside it if not.
func keepOld(ctx context.Context, path string, nowMS int64) (kept string, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", gone(path)
	}
	if pool, err := openPool(dsn(path), 1); err == nil {
		_, _ = pool.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)") // a damaged database cannot, and is kept as it is
		_ = pool.Close()
	}
	kept = path + ".before-restore-" + time.UnixMilli(nowMS).UTC().Format("20060102T150405Z")
	for _, end := range []string{"", "-wal"} {
		if err := os.Link(path+end, kept+end); err != nil && (end == "" || !errors.Is(err, fs.ErrNotExist)) {
			return "", unwritable(kept+end, err)
		}
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return kept, err
		}
	}
	return kept, nil
}
