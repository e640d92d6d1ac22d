package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
)

// stateRules keep hidden state and hidden work out of every package.
func stateRules() []rule {
	return []rule{
		{
			name: "no init functions", check: noInit,
			bad:  []snippet{{"core/store/x.go", "package store\nfunc init() {}\n"}, {"core/store/x_test.go", "package store\nfunc init() {}\n"}},
			good: []snippet{{"core/store/x.go", "package store\ntype T int\nfunc (T) init() {}\n"}},
		},
		{
			name: "no package variables that can change", check: noVariables,
			bad: []snippet{
				{"core/store/x.go", "package store\nvar open int\n"},
				{"core/store/x.go", "package store\nvar names = map[string]int{}\n"},
				{"core/store/x.go", "package store\nvar now = func() int { return 1 }\n"},
				{"core/store/x.go", "package store\nvar (\n\tlist = []int{1}\n)\n"},
			},
			good: []snippet{
				{"core/store/x.go", "package store\nimport \"errors\"\nvar ErrGone = errors.New(\"gone\")\n"},
				{"core/store/x.go", "package store\nimport \"playbill/core/fault\"\nvar errGone = fault.New(fault.Over, \"gone\")\n"},
				{"core/store/x.go", "package store\nimport \"regexp\"\nvar word = regexp.MustCompile(`a`)\n"},
				{"core/store/x.go", "package store\nimport \"embed\"\n//go:embed x\nvar files embed.FS\n"},
				{"core/store/x.go", "package store\ntype I interface{}\ntype T struct{}\nvar _ I = (*T)(nil)\n"},
				{"core/store/x_test.go", "package store\nvar update = 1\n"},
			},
		},
		{
			name: "every goroutine names who stops it", check: goroutinesNamed,
			bad: []snippet{
				{"core/station/x.go", "package station\nfunc f() {\n\tgo f()\n}\n"},
				{"core/station/x.go", "package station\nfunc f() {\n\t// runs in the background\n\tgo f()\n}\n"},
				{"core/station/x.go", "package station\nimport \"sync\"\nfunc f(wg *sync.WaitGroup) {\n\twg.Go(func() {})\n}\n"},
			},
			good: []snippet{
				{"core/station/x.go", "package station\nfunc f() {\n\t// Stopped by the context; Close waits for it.\n\tgo f()\n}\n"},
				{"core/station/x.go", "package station\nfunc f() {\n\tgo f() // ends with the read above\n}\n"},
				{"core/station/x.go", "package station\nfunc f() {\n\t// Both end with the process.\n\tgo f()\n\tgo f()\n}\n"},
				{"core/station/x.go", "package station\n// f starts the goroutine that ends with close.\nfunc f() {\n\tgo f()\n}\n"},
			},
		},
	}
}

func noInit(p *pack) []finding {
	var out []finding
	for _, f := range p.files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && !f.generated && fn.Recv == nil && fn.Name.Name == "init" {
				out = append(out, p.at(fn, "init runs before anybody can say no: make it a constructor"))
			}
		}
	}
	return out
}

func noVariables(p *pack) []finding {
	var out []finding
	for _, f := range p.code() {
		for _, d := range f.syntax.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, s := range group.Specs {
				if v := s.(*ast.ValueSpec); !fixed(group, v) {
					out = append(out, p.at(v, "%s is a package variable: make it a function, a constant or a field", v.Names[0].Name))
				}
			}
		}
	}
	return out
}

// fixed reports whether a package variable is one of those that nobody changes.
func fixed(group *ast.GenDecl, v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" || embedded(group.Doc) || embedded(v.Doc) {
		return true
	}
	for _, value := range v.Values {
		call, ok := value.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		from, ok := sel.X.(*ast.Ident)
		if !ok {
			return false
		}
		switch from.Name + "." + sel.Sel.Name {
		case "errors.New", "fault.New", "regexp.MustCompile":
		default:
			return false
		}
	}
	return len(v.Values) > 0
}

// embedded reports whether a declaration is filled in by the compiler.
func embedded(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:embed ") {
			return true
		}
	}
	return false
}

// ending are the words by which a comment says how a goroutine ends.
var ending = regexp.MustCompile(`(?i)\b(stop|end|wait|cancel|clos|return|until|exit|join|lives)`)

// itself are the words by which a function's own comment speaks of the goroutine that it starts.
var itself = regexp.MustCompile(`(?i)\b(goroutine|thread)`)

func goroutinesNamed(p *pack) []finding {
	var out []finding
	for _, f := range p.code() {
		if fitsAny(testKits(), p.path) {
			continue
		}
		said := commentLines(p, f)
		above := 0 // last line of the goroutine that was named last: a comment may be about several
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && itself.MatchString(fn.Doc.Text()) && ending.MatchString(fn.Doc.Text()) {
				continue
			}
			ast.Inspect(d, func(n ast.Node) bool {
				if !starts(n) {
					return true
				}
				line := p.fset.Position(n.Pos()).Line
				if above == line-1 || ending.MatchString(said[line]+" "+said[line-1]) {
					above = p.fset.Position(n.End()).Line
				} else {
					out = append(out, p.at(n, "a comment here or above must name who stops this goroutine and who waits for it"))
				}
				return true
			})
		}
	}
	return out
}

// starts reports whether a node starts a goroutine: a go statement, or Go of a WaitGroup or an error group.
func starts(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		return true
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Go" && len(n.Args) == 1
	}
	return false
}

// commentLines returns the whole text of each comment by its first and by its last line.
func commentLines(p *pack, f *source) map[int]string {
	said := map[int]string{}
	for _, group := range f.syntax.Comments {
		said[p.fset.Position(group.Pos()).Line] = group.Text()
		said[p.fset.Position(group.End()).Line] = group.Text()
	}
	return said
}
