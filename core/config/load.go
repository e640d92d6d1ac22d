package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// File is a configuration and the file that it came from.
type File struct {
	Path   string // as it was given; empty: there is no file, Config is the default
	Config *Config
	hash   [sha256.Size]byte // of the bytes that were read
}

// Load reads a configuration file. An empty path gives the default without a file. The error is Problems when the file can
// be read but not used, else it wraps what the system said (fs.ErrNotExist and the like).
func Load(path string) (*File, error) {
	if path == "" {
		return &File{Config: Default()}, nil
	}
	src, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, _, r := read(path, src)
	if err := r.problems.err(); err != nil {
		return nil, err
	}
	return &File{Path: path, Config: c, hash: sha256.Sum256(src)}, nil
}

// Validate returns everything that is wrong with a file, in its order; none: a host can start on it.
func Validate(path string) []Problem {
	_, err := Load(path)
	if err == nil {
		return nil
	}
	var found Problems
	if errors.As(err, &found) {
		return found
	}
	return []Problem{{File: path, Sentence: "The file cannot be read: " + reason(err) + "."}}
}

// readFile reads at most one byte more than a file may have, so that a device or a log given by mistake is refused by
// its size and not read to its end.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFileBytes+1))
}

// reason is the system's own words, without the path that the sentence around it names already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err.Error()
	}
	return err.Error()
}
