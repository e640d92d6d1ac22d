package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Build makes sure that the binaries of plugins in the source tree are in outDir and not older than their sources:
// go.mod, go.sum, sdk/ and plugins/<name>. It calls progress before each one that it builds; progress may be nil. An
// up-to-date folder needs no Go toolchain.
func Build(ctx context.Context, sourceRoot, outDir string, names []string, progress func(name string)) error {
	shared, err := newest(filepath.Join(sourceRoot, "go.mod"), filepath.Join(sourceRoot, "go.sum"), filepath.Join(sourceRoot, "sdk"))
	if err != nil {
		return fmt.Errorf("look at the plugins' sources: %w", err)
	}
	out, err := filepath.Abs(outDir)
	if err != nil {
		return fmt.Errorf("find the folder for plugins: %w", err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make the folder for plugins: %w", err)
	}
	for _, name := range names {
		own, err := newest(filepath.Join(sourceRoot, "plugins", name))
		if err != nil {
			return fmt.Errorf("look at the sources of %s: %w", name, err)
		}
		binary := filepath.Join(out, name)
		if info, err := os.Stat(binary); err == nil && info.ModTime().After(own) && info.ModTime().After(shared) {
			continue
		}
		if progress != nil {
			progress(name)
		}
		if err := build(ctx, sourceRoot, name, binary); err != nil {
			return err
		}
	}
	return nil
}

// build writes beside the binary and renames: a build that is cut leaves the old one.
func build(ctx context.Context, sourceRoot, name, binary string) error {
	fresh := binary + ".new"
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", fresh, "./plugins/"+name)
	cmd.Dir = sourceRoot
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build plugin %s: %w\n%s", name, err, strings.TrimSpace(string(said)))
	}
	// The Go toolchain leaves an unchanged result as old as it was.
	now := time.Now()
	if err := os.Chtimes(fresh, now, now); err != nil {
		return fmt.Errorf("build plugin %s: %w", name, err)
	}
	if err := os.Rename(fresh, binary); err != nil {
		return fmt.Errorf("build plugin %s: %w", name, err)
	}
	return nil
}

// newest is when the last of these files was written; folders count with all their Go files but tests. A file that is
// not there counts as old.
func newest(paths ...string) (time.Time, error) {
	var last time.Time
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() || name != path && (!strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go")) {
				return nil
			}
			info, err := d.Info()
			if err == nil && info.ModTime().After(last) {
				last = info.ModTime()
			}
			return err
		})
		if err != nil && !(errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(path, ".sum")) {
			return last, err
		}
	}
	return last, nil
}
