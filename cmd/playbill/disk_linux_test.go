package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// smallDisk is a data directory that is a disk of its own, of 32 MB, for as long as the test runs.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=32m,mode=0700"); err != nil {
		t.Skip("no file system can be mounted here:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	built, err := builtPlugins()
	if err == nil {
		err = os.Symlink(built, filepath.Join(dir, "plugins"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// fill writes a file until there is no room for another byte, and returns what removes it.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "somebody's.video")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; { // ever smaller parts
		if _, err = f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
		if err != nil && !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
	}
	return func() {
		if err := errors.Join(f.Close(), os.Remove(path)); err != nil {
			t.Error(err)
		}
	}
}

// TestTheDiskFills is a disk that fills while the host runs, and has room again.
func TestTheDiskFills(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	t.Parallel()
	s := openShopIn(t, smallDisk(t))
	s.until("it plays", soon, func() bool { return len(s.queue().Items) > 0 })
	s.fails("the disk is full or not writable", fill(t, s.dir))
}
