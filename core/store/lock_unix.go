//go:build unix

package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// fileLock is a lock that ends with the process, whatever ends it.
type fileLock struct{ file *os.File }

// takeLock takes the lock or fails with errHeld at once. flock belongs to the open file, so that two claims of one
// process exclude each other too. The file stays behind: removing it would let two processes lock two files of one name.
func takeLock(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = errHeld
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &fileLock{file: file}, nil
}

// release ends the lock with its file.
func (l *fileLock) release() error { return l.file.Close() }
