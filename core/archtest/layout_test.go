package archtest

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// TestTopLevel holds the owner's layout: nothing else stands at the top.
func TestTopLevel(t *testing.T) {
	for _, odd := range strangers(os.DirFS(root(t))) {
		t.Errorf("%s does not belong at the top level", odd)
	}
	if got := strangers(fstest.MapFS{"core/x": {}, "Makefile": {}, ".ci/run": {}, "playbill": {}, ".gitignore": {Data: []byte("/playbill\n")}}); !slices.Equal(got, []string{"Makefile"}) {
		t.Errorf("the rule does not bite: %q", got)
	}
}

// strangers lists what stands at the top and is neither allowed, nor hidden, nor ignored build output.
func strangers(tree fs.FS) []string {
	ignored, _ := fs.ReadFile(tree, ".gitignore") // none: nothing is ignored
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		return []string{err.Error()}
	}
	var odd []string
	for _, e := range entries {
		known := slices.Contains(topLevel(), e.Name()) || strings.HasPrefix(e.Name(), ".")
		if !known && !slices.Contains(strings.Fields(string(ignored)), "/"+e.Name()) {
			odd = append(odd, e.Name())
		}
	}
	return odd
}

// TestMigrationsGapless holds that migrations are numbered 1, 2, 3 in every folder of them.
func TestMigrationsGapless(t *testing.T) {
	for _, gap := range gaps(os.DirFS(root(t)), "core/store/migrations") {
		t.Error(gap)
	}
	for name, bad := range map[string]fstest.MapFS{
		"gap":       {"m/sqlite/00001_a.sql": {}, "m/sqlite/00003_b.sql": {}},
		"twice":     {"m/sqlite/00001_a.sql": {}, "m/sqlite/00001_b.sql": {}},
		"no number": {"m/first.sql": {}},
	} {
		if len(gaps(bad, "m")) == 0 {
			t.Errorf("%s: the rule does not bite", name)
		}
	}
	if got := gaps(fstest.MapFS{"m/sqlite/00001_a.sql": {}, "m/pg/00001_a.sql": {}, "m/pg/00002_b.sql": {}}, "m"); len(got) > 0 {
		t.Errorf("finds fault with good numbers: %q", got)
	}
}

// gaps lists what is wrong with the numbers of the migrations below a folder, if there is one.
func gaps(tree fs.FS, top string) []string {
	numbers := map[string][]int{}
	var wrong []string
	err := fs.WalkDir(tree, top, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || (path.Ext(name) != ".sql" && path.Ext(name) != ".go") || path.Base(name) == "migrations.go" {
			return nil // no folder yet is no gap
		}
		digits, _, _ := strings.Cut(path.Base(name), "_")
		n, err := strconv.Atoi(digits)
		if err != nil {
			if path.Ext(name) == ".sql" {
				wrong = append(wrong, name+": a migration begins with its number")
			}
			return nil
		}
		numbers[path.Dir(name)] = append(numbers[path.Dir(name)], n)
		return nil
	})
	if err != nil {
		return []string{err.Error()}
	}
	for dir, ns := range numbers {
		slices.Sort(ns)
		for i, n := range ns {
			if n != i+1 {
				wrong = append(wrong, fmt.Sprintf("%s: number %d stands where %d should", dir, n, i+1))
				break
			}
		}
	}
	return wrong
}

// TestTourIsComplete holds that core/doc.go, the tour of the code, names every package.
func TestTourIsComplete(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "core", "doc.go"))
	if err != nil {
		t.Fatalf("the tour of the code is missing: %v", err)
	}
	var paths []string
	for _, p := range load(t) {
		paths = append(paths, p.path)
	}
	for _, missing := range unnamed(string(text), paths) {
		t.Errorf("core/doc.go does not name %s", missing)
	}
	if got := unnamed("pay sells; channel/embedded is one", []string{"core/pay", "core/ledger", "core/channel/embedded", "cmd/x"}); !slices.Equal(got, []string{"core/ledger"}) {
		t.Errorf("the rule does not bite: %q", got)
	}
}

// unnamed lists the packages whose last name is not a word of the text. The commands explain themselves.
func unnamed(text string, paths []string) []string {
	var out []string
	for _, p := range paths {
		if p == "core" || fits("cmd/...", p) {
			continue
		}
		word := regexp.MustCompile(`(^|[^\w-])` + regexp.QuoteMeta(path.Base(p)) + `($|[^\w-])`)
		if !word.MatchString(text) {
			out = append(out, p)
		}
	}
	return out
}
