package archtest

import (
	"go/ast"
	"slices"
	"strings"
)

// pureRules keep clock, chance, concurrency and I/O out of the PURE rooms: there they are arguments.
func pureRules() []rule {
	pay := func(body string) snippet { return snippet{"core/pay/x.go", "package pay\n" + body} }
	return []rule{
		{
			name: "PURE rooms touch nothing outside", check: staysPure,
			bad: []snippet{
				pay("import \"time\"\nvar x = time.Now\n"),
				pay("import \"time\"\nfunc f() { <-time.After(1) }\n"),
				pay("import clock \"time\"\nfunc f() { clock.Sleep(1) }\n"),
				pay("import \"time\"\nfunc f() { time.LoadLocation(\"Europe/Lisbon\") }\n"),
				pay("import \"context\"\nfunc f() { context.WithTimeout(nil, 1) }\n"),
				pay("func f() { go f() }\n"),
				pay("import _ \"sync\"\n"),
				pay("import _ \"sync/atomic\"\n"),
				pay("import _ \"os\"\n"),
				pay("import _ \"net/http\"\n"),
				pay("import _ \"log/slog\"\n"),
				pay("import _ \"crypto/rand\"\n"),
				pay("import \"math/rand/v2\"\nfunc f() int { return rand.IntN(3) }\n"),
				{"sdk/x.go", "package sdk\nimport _ \"os\"\n"},
			},
			good: []snippet{
				pay("import \"time\"\nfunc f(d time.Duration) int64 { return d.Milliseconds() }\n"),
				pay("import \"math/rand/v2\"\nfunc f(seed uint64) int { return rand.New(rand.NewPCG(seed, 0)).IntN(3) }\n"),
				{"core/pay/x_test.go", "package pay\nimport _ \"os\"\n"},
				{"core/station/x.go", "package station\nimport _ \"sync\"\n"},
			},
		},
	}
}

// impure are imports that a PURE room may not have at all.
func impure() []string {
	return []string{"os/...", "io/ioutil", "net/...", "sync/...", "syscall/...", "log/...", "crypto/rand", "runtime/...", "unsafe", "plugin"}
}

// outside are functions of otherwise harmless packages that reach for a clock, a file or a stop watch.
func outside() map[string][]string {
	return map[string][]string{
		"time":    {"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Sleep", "LoadLocation", "Local"},
		"context": {"WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause", "AfterFunc"},
	}
}

// seeded are the names of math/rand that take their chance from an argument.
func seeded() []string {
	return []string{"New", "NewSource", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}
}

func staysPure(p *pack) []finding {
	if row, _ := rowOf(p.path); !row.pure {
		return nil
	}
	var out []finding
	for _, f := range p.code() {
		for _, spec := range f.syntax.Imports {
			if full := strings.Trim(spec.Path.Value, `"`); fitsAny(impure(), full) {
				out = append(out, p.at(spec, "%s is PURE and may not import %s", p.path, full))
			}
		}
		selected(f, func(n ast.Node, from, name string) {
			chance := (from == "math/rand" || from == "math/rand/v2") && !slices.Contains(seeded(), name)
			if chance || slices.Contains(outside()[from], name) {
				out = append(out, p.at(n, "%s is PURE and may not use %s.%s: make it an argument", p.path, from, name))
			}
		})
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				out = append(out, p.at(g, "%s is PURE and may not start a goroutine", p.path))
			}
			return true
		})
	}
	return out
}
