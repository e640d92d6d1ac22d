package pluginhost

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"sync"
	"syscall"
)

// sums remembers the SHA-256 of binaries, which takes longer than starting them, by what changes when a file does.
type sums struct {
	mu   sync.Mutex
	seen map[fileID]string
}

// fileID changes when a file is replaced or written.
type fileID struct {
	device, inode uint64
	size, mtimeNS int64
}

// of returns the hex SHA-256 of an open file, and closes it. One file at a time: nobody waits for it but a pin.
func (s *sums) of(f *os.File) (string, error) {
	defer f.Close() // only read from
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	key := fileID{size: info.Size(), mtimeNS: info.ModTime().UnixNano()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		key.device, key.inode = uint64(stat.Dev), stat.Ino
	}
	if sum, known := s.seen[key]; known {
		return sum, nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	if s.seen == nil {
		s.seen = map[fileID]string{}
	}
	s.seen[key] = hex.EncodeToString(hash.Sum(nil))
	return s.seen[key], nil
}
