package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// socketName is the socket in a data directory.
const socketName = "control.sock"

// hiddenTail is what listenAt adds to the folder of a socket while it makes one.
const hiddenTail = len("/.c1234567890/s")

// socketPath is where the socket of a data directory is. A path that is too long for the system is replaced by one in a
// private folder of the system's temporary folder, named after the data directory, so that both sides find it.
func socketPath(dataDir string) (string, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", dataDir, err)
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // two names of one folder have one socket
	}
	if max(len(socketName)+1, hiddenTail)+len(dir) <= pathMost {
		return filepath.Join(dir, socketName), nil
	}
	private := filepath.Join(os.TempDir(), "playbill-control-"+strconv.Itoa(os.Getuid()))
	if err := ownFolder(private); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(private, hex.EncodeToString(sum[:8])+".sock"), nil
}

// ownFolder makes a folder that only we can enter, or makes sure that the one that is there is such a one: anybody may
// make files in the temporary folder.
func ownFolder(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a folder for the control socket: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("look at the folder of the control socket: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !ours(info) {
		return fmt.Errorf("%s is not a private folder of this user: remove it, or choose a data directory with a shorter path", path)
	}
	return nil
}
