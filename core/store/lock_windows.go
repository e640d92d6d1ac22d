package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// fileLock is a lock that ends with the process, whatever ends it.
type fileLock struct{ file *os.File }

// takeLock takes the lock or fails with errHeld at once.
func takeLock(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(file.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		err = errHeld
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &fileLock{file: file}, nil
}

// release ends the lock with its file.
func (l *fileLock) release() error { return l.file.Close() }
