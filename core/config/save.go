package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"playbill/core/fault"
)

// save writes the run-time blocks of want into the file. Three outcomes: nil, the file says want; a *notSaved, it does not
// and the change may still be applied; any other error, the change must not be applied at all.
func (l *Live) save(want *Config) error {
	if l.path == "" {
		return &notSaved{sentence: "Not saved. The host runs without a configuration file. " + untilRestart}
	}
	target, err := filepath.EvalSymlinks(l.path) // else the rename would replace the link
	if err != nil {
		return l.cannot("found", err)
	}
	src, err := readFile(target)
	if err != nil {
		return l.cannot("read", err)
	}
	if sha256.Sum256(src) != l.hash {
		return fault.New(fault.Changed, shortName(l.path)+
			" was edited by hand since the host read it. Nothing was changed. Restart the host to take the edit in, then make the change again.")
	}
	out, err := splice(l.path, src, want)
	var refused Problems
	switch {
	case errors.As(err, &refused):
		return fault.Wrap(err, fault.Conflict, fmt.Sprintf("Nothing was changed. In %s, line %d: %s",
			shortName(l.path), refused[0].Line, refused[0].Sentence))
	case err != nil:
		return &notSaved{cause: err, sentence: "Not saved to " + shortName(l.path) + ". The file is written in a way that cannot be edited safely here. " + untilRestart}
	case string(out) == string(src):
		return nil
	}
	return l.replace(target, out)
}

// replace puts the new text in the file's place: temporary file beside it, sync, rename, sync of the directory. A crash at
// any point leaves the old text or the new one, whole.
func (l *Live) replace(target string, text []byte) error {
	if err := writable(target); err != nil {
		return l.cannot("written", err)
	}
	dir := filepath.Dir(target)
	temp, err := renameio.NewPendingFile(target, renameio.WithTempDir(dir), renameio.WithExistingPermissions())
	if err != nil {
		return l.cannot("written", err)
	}
	defer temp.Cleanup() // after the rename there is nothing to clean up
	if _, err := temp.Write(text); err != nil {
		return l.cannot("written", err)
	}
	if err := temp.Sync(); err != nil {
		return l.cannot("written", err)
	}
	l.crash("config.temp_written")
	if err := temp.CloseAtomicallyReplace(); err != nil {
		return l.cannot("written", err)
	}
	l.crash("config.renamed")
	l.hash = sha256.Sum256(text)
	if err := syncDir(dir); err != nil {
		return &notSaved{cause: err, sentence: "Written to " + shortName(l.path) + ", but the disk did not confirm it: " + reason(err) + ". It may be lost if the power fails now."}
	}
	return nil
}

// writable opens the file for writing and leaves it as it is: a rename needs only the directory, so it would go over the
// head of an owner who made the file read-only.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

const untilRestart = "The change is live until the host restarts."

// notSaved is why a change that is applied is not in the file.
type notSaved struct {
	sentence string
	cause    error
}

// Error is the sentence that the admin reads.
func (n *notSaved) Error() string { return n.sentence }

// Unwrap returns what the system said.
func (n *notSaved) Unwrap() error { return n.cause }

func (l *Live) cannot(what string, err error) *notSaved {
	return &notSaved{cause: err, sentence: fmt.Sprintf("Not saved to %s. The file cannot be %s: %s. %s",
		shortName(l.path), what, reason(err), untilRestart)}
}
