package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"playbill/core/config"
	"playbill/core/pluginhost"
)

// moduleLine begins the go.mod of our source tree.
const moduleLine = "module playbill"

// pluginFolders are where a plugin without a command of its own is looked up: beside the host, and in the data directory.
func pluginFolders(dataDir string) []string {
	folders := []string{filepath.Join(dataDir, "plugins")}
	if exe, err := os.Executable(); err == nil {
		beside := filepath.Dir(exe)
		folders = append([]string{filepath.Join(beside, "plugins"), beside}, folders...)
	}
	return folders
}

// pluginPath is the program of a plugin: an absolute path when it is there, else what was looked for.
func pluginPath(name, command string, folders []string) string {
	if command != "" {
		folders, name = []string{""}, command
	}
	for _, folder := range folders {
		path := filepath.Join(folder, name)
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
			continue
		}
		if abs, err := filepath.Abs(path); err == nil {
			return abs
		}
	}
	return name
}

// sourceTree finds the source tree from the working directory, else from the program's own. Empty: there is none, as for
// a program that was installed.
func sourceTree() string {
	var from []string
	if dir, err := os.Getwd(); err == nil {
		from = append(from, dir)
	}
	if exe, err := os.Executable(); err == nil {
		from = append(from, filepath.Dir(exe))
	}
	for _, dir := range from {
		for ; ; dir = filepath.Dir(dir) {
			text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			if line, _, _ := strings.Cut(string(text), "\n"); err == nil && strings.TrimSpace(line) == moduleLine {
				return dir
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return ""
}

// buildPlugins makes sure that a demo has the bundled plugins: built from the source tree when there is one, else they
// have to stand beside the program.
func buildPlugins(ctx context.Context, dataDir string, out io.Writer) error {
	source, names := sourceTree(), config.Bundled()
	if source == "" {
		for _, name := range names {
			if path := pluginPath(name, "", pluginFolders(dataDir)); !filepath.IsAbs(path) {
				return say("The plugin %s is neither beside this program nor in %s. Run the demo from the source tree, which builds it: go run ./cmd/playbill demo.",
					name, filepath.Join(dataDir, "plugins"))
			}
		}
		return nil
	}
	built := 0
	err := pluginhost.Build(ctx, source, filepath.Join(dataDir, "plugins"), names, func(name string) {
		built++
		fmt.Fprintf(out, "Building plugin %s\n", name)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return say("The plugins cannot be built, and the demo needs them. Install Go, or mend what the compiler says:\n%w", err)
	}
	if built > 0 {
		fmt.Fprintf(out, "%s built.\n\n", capital(count(built, "plugin")))
	}
	return nil
}
