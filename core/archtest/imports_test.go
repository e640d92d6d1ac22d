package archtest

import (
	"strings"
	"testing"
)

// importRules keep the picture of who may see whom.
func importRules() []rule {
	return []rule{
		{
			name: "every package has a row in the import table", check: hasRow,
			bad:  []snippet{{"core/pantry/pantry.go", "package pantry\n"}},
			good: []snippet{{"core/pay/pay.go", "package pay\n"}, {"web/api/v1/x.go", "package v1\n"}},
		},
		{
			name: "imports point down", check: pointsDown,
			bad: []snippet{
				{"core/pay/x.go", "package pay\nimport _ \"playbill/core/store\"\n"},
				{"core/fault/x.go", "package fault\nimport _ \"playbill/sdk\"\n"},
				{"web/pages/x.go", "package pages\nimport _ \"playbill/core/pluginhost\"\n"},
				{"core/store/x.go", "package store\nimport _ \"playbill/core/config\"\n"},
				{"core/store/x.go", "package store\nimport _ \"playbill/web\"\n"},
				{"plugins/x/main.go", "package main\nimport _ \"playbill/core/fault\"\n"},
				{"cmd/playbill/x.go", "package main\nimport _ \"playbill/core/channel/channeltest\"\n"},
			},
			good: []snippet{
				{"core/pay/x.go", "package pay\nimport _ \"playbill/core/ledger\"\n"},
				{"core/pay/x_test.go", "package pay\nimport _ \"playbill/core/store\"\n"},
				{"core/channel/cytube/x_test.go", "package cytube\nimport _ \"playbill/core/channel/channeltest\"\n"},
				{"cmd/playbill/x.go", "package main\nimport _ \"playbill/core/store\"\n"},
			},
		},
		{
			name: "third parties have one home", check: atHome,
			bad: []snippet{
				{"core/till/x.go", "package till\nimport _ \"gorm.io/gorm\"\n"},
				{"core/station/x.go", "package station\nimport _ \"github.com/gin-gonic/gin\"\n"},
				{"core/pay/x.go", "package pay\nimport _ \"github.com/hashicorp/go-hclog\"\n"},
				{"core/store/x.go", "package store\nimport _ \"github.com/google/go-cmp/cmp\"\n"},
				{"core/store/x.go", "package store\nimport _ \"example.com/unheard/of\"\n"},
				{"core/store/x_test.go", "package store\nimport _ \"example.com/unheard/of\"\n"},
			},
			good: []snippet{
				{"core/store/x.go", "package store\nimport _ \"gorm.io/driver/sqlite\"\n"},
				{"core/station/x.go", "package station\nimport _ \"github.com/hashicorp/go-hclog\"\n"},
				{"core/pay/x_test.go", "package pay\nimport _ \"pgregory.net/rapid\"\n"},
			},
		},
	}
}

func hasRow(p *pack) []finding {
	if _, ok := rowOf(p.path); ok {
		return nil
	}
	return []finding{p.at(p.files[0].syntax, "%s has no row in the import table: add one to rooms() in core/archtest/table_test.go", p.path)}
}

func pointsDown(p *pack) []finding {
	row, ok := rowOf(p.path)
	if !ok {
		return nil // hasRow says so
	}
	var out []finding
	for _, f := range p.files {
		for _, spec := range f.syntax.Imports {
			full := strings.Trim(spec.Path.Value, `"`)
			inside, ours := strings.CutPrefix(full, module+"/")
			switch {
			case !ours || f.test:
			case fitsAny(testOnly(), inside):
				out = append(out, p.at(spec, "%s is for tests only", inside))
			case !fitsAny(row.may, inside):
				out = append(out, p.at(spec, "%s may not import %s (rooms() in core/archtest/table_test.go)", p.path, inside))
			}
		}
	}
	return out
}

func atHome(p *pack) []finding {
	row, _ := rowOf(p.path)
	var out []finding
	for _, f := range p.files {
		for _, spec := range f.syntax.Imports {
			full := strings.Trim(spec.Path.Value, `"`)
			first, _, _ := strings.Cut(full, "/")
			if !strings.Contains(first, ".") {
				continue // the standard library, or ours
			}
			h, known := homeOf(full)
			switch {
			case !known:
				out = append(out, p.at(spec, "%s has no home: add a row to homes() in core/archtest/table_test.go", full))
			case f.test || fitsAny(testKits(), p.path):
			case h.tests:
				out = append(out, p.at(spec, "%s is for tests only", full))
			case h.notPure && row.pure:
				out = append(out, p.at(spec, "%s is PURE and may not import %s", p.path, full))
			case !h.notPure && !fitsAny(h.in, p.path):
				out = append(out, p.at(spec, "%s lives in %s", full, strings.Join(h.in, ", ")))
			}
		}
	}
	return out
}

// homeOf finds the row of a third party's package.
func homeOf(full string) (home, bool) {
	for _, h := range homes() {
		if full == h.prefix || strings.HasPrefix(full, h.prefix+"/") {
			return h, true
		}
	}
	return home{}, false
}

// TestPatterns pins what the table's patterns mean.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"core/pay", "core/pay", true},
		{"core/pay", "core/pay/x", false},
		{"core/store/...", "core/store", true},
		{"core/store/...", "core/store/migrations", true},
		{"core/store/...", "core/storefront", false},
		{"core/channel/*", "core/channel", false},
		{"core/channel/*", "core/channel/cytube", true},
	} {
		if got := fits(c.pattern, c.path); got != c.want {
			t.Errorf("fits(%q, %q) = %v", c.pattern, c.path, got)
		}
	}
}
