package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is this module's import path.
const module = "playbill"

// pack is one package as it stands on disk: all its files, whatever their build tags.
type pack struct {
	path  string // inside the module: "core/pay"
	fset  *token.FileSet
	files []*source
}

// source is one parsed file.
type source struct {
	name      string // inside the module
	lines     int
	test      bool
	generated bool
	syntax    *ast.File
}

// finding is one place that breaks a rule.
type finding struct{ where, what string }

// at makes a finding at a position.
func (p *pack) at(n ast.Node, format string, args ...any) finding {
	pos := p.fset.Position(n.Pos())
	return finding{where: fmt.Sprintf("%s:%d", pos.Filename, pos.Line), what: fmt.Sprintf(format, args...)}
}

// code returns the files that the rules about code apply to: neither tests nor generated.
func (p *pack) code() []*source {
	return slices.DeleteFunc(slices.Clone(p.files), func(f *source) bool { return f.test || f.generated })
}

// root finds the module's folder from the test's own.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}

// load parses every Go file of the module.
func load(t testing.TB) []*pack {
	t.Helper()
	byPath := map[string]*pack{}
	top := root(t)
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != top && skipped(d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		return add(byPath, filepath.ToSlash(rel), string(text))
	})
	if err != nil {
		t.Fatal(err)
	}
	packs := make([]*pack, 0, len(byPath))
	for _, p := range byPath {
		packs = append(packs, p)
	}
	slices.SortFunc(packs, func(a, b *pack) int { return strings.Compare(a.path, b.path) })
	return packs
}

// skipped names folders that hold no package of ours.
func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules"
}

// add parses one file into its package.
func add(byPath map[string]*pack, name, text string) error {
	p := byPath[path.Dir(name)]
	if p == nil {
		p = &pack{path: path.Dir(name), fset: token.NewFileSet()}
		byPath[p.path] = p
	}
	syntax, err := parser.ParseFile(p.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	p.files = append(p.files, &source{
		name:      name,
		lines:     strings.Count(text, "\n"),
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(syntax),
		syntax:    syntax,
	})
	return nil
}

// one makes a package of a single snippet.
func one(t *testing.T, name, text string) *pack {
	t.Helper()
	byPath := map[string]*pack{}
	if err := add(byPath, name, text); err != nil {
		t.Fatal(err)
	}
	return byPath[path.Dir(name)]
}

// imported returns the local names of a file's imports.
func imported(f *source) map[string]string {
	names := map[string]string{}
	for _, spec := range f.syntax.Imports {
		full := strings.Trim(spec.Path.Value, `"`)
		local := path.Base(full)
		if strings.HasPrefix(local, "v") && strings.Trim(local[1:], "0123456789") == "" {
			local = path.Base(path.Dir(full)) // math/rand/v2 is called rand
		}
		if spec.Name != nil {
			local = spec.Name.Name
		}
		names[local] = full
	}
	return names
}

// selected calls back for every use of an imported package's name.
func selected(f *source, use func(n ast.Node, from, name string)) {
	names := imported(f)
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] != "" {
			use(sel, names[x.Name], sel.Sel.Name)
		}
		return true
	})
}
