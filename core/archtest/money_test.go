package archtest

import (
	"go/ast"
	"regexp"
)

// moneyNames are the field names that hold coins.
var moneyNames = regexp.MustCompile(`(Coins|Price|Balance)$`)

// wholeCoins keeps fractions away from money.
func wholeCoins() []rule {
	return []rule{{
		name: "no fractions near money", check: noFractions,
		bad: []snippet{
			{"core/pay/x.go", "package pay\nfunc f(percent float64) {}\n"},
			{"core/ledger/x.go", "package ledger\ntype t struct{ Share float32 }\n"},
			{"web/api/x.go", "package api\ntype t struct{ BasePrice float64 }\n"},
			{"web/api/x.go", "package api\ntype t struct{ Balance *float64 }\n"},
		},
		good: []snippet{
			{"core/pay/x.go", "package pay\ntype t struct{ Price int64 }\n"},
			{"core/promo/x.go", "package promo\ntype t struct{ Weight float64 }\n"},
			{"core/pay/x_test.go", "package pay\nvar seconds float64\n"},
		},
	}}
}

func noFractions(p *pack) []finding {
	everywhere := fitsAny(moneyRooms(), p.path)
	var out []finding
	for _, f := range p.code() {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if everywhere && fraction(n) {
					out = append(out, p.at(n, "%s in %s: money is whole coins, and what stands beside it whole units", n.Name, p.path))
				}
			case *ast.Field:
				for _, name := range n.Names {
					if !everywhere && moneyNames.MatchString(name.Name) && holdsFraction(n.Type) {
						out = append(out, p.at(n, "%s holds fractions: money is whole coins", name.Name))
					}
				}
			}
			return true
		})
	}
	return out
}

// fraction reports whether an identifier is a floating-point type.
func fraction(id *ast.Ident) bool { return id.Name == "float32" || id.Name == "float64" }

// holdsFraction reports whether a type mentions one.
func holdsFraction(kind ast.Expr) bool {
	found := false
	ast.Inspect(kind, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && fraction(id) {
			found = true
		}
		return true
	})
	return found
}
