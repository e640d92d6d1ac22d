package archtest

import (
	"go/ast"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// tagRules keep wire, file and row formats at the edges.
func tagRules() []rule {
	return []rule{
		{
			name: "struct tags stand at the edges", check: tagsAtEdges,
			bad: []snippet{
				{"core/pay/x.go", "package pay\ntype t struct { A int `json:\"a\"` }\n"},
				{"core/pay/x.go", "package pay\ntype t struct { A int `gorm:\"column:a\"` }\n"},
				{"core/store/x.go", "package store\ntype t struct { A int `hcl:\"a\"` }\n"},
				{"core/pay/x.go", "package pay\nfunc f() { type t struct { A int `json:\"a\"` } }\n"},
				{"web/pages/x.go", "package pages\ntype t struct { A int `json:\"a\"` }\n"},
			},
			good: []snippet{
				{"core/store/x.go", "package store\ntype row struct { A int `gorm:\"column:a\"` }\n"},
				{"core/config/x.go", "package config\ntype t struct { A int `hcl:\"a\"` }\n"},
				{"core/channel/cytube/x.go", "package cytube\ntype t struct { A int `json:\"a\"` }\n"},
				{"core/pay/x_test.go", "package pay\ntype t struct { A int `json:\"a\"` }\n"},
			},
		},
		{
			name: "rows are private to the store", check: rowsPrivate,
			bad:  []snippet{{"core/store/x.go", "package store\ntype Row struct { A int `gorm:\"column:a\"` }\n"}},
			good: []snippet{{"core/store/x.go", "package store\ntype row struct { A int `gorm:\"column:a\"` }\n"}},
		},
	}
}

// tagged reports whether a field carries a tag with this key.
func tagged(field *ast.Field, key string) bool {
	if field.Tag == nil {
		return false
	}
	text, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return false
	}
	_, ok := reflect.StructTag(text).Lookup(key)
	return ok
}

func tagsAtEdges(p *pack) []finding {
	var out []finding
	for _, f := range p.code() {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok {
				return true
			}
			for key, in := range tagHomes() {
				if tagged(field, key) && !fitsAny(in, p.path) {
					out = append(out, p.at(field, "%s: tags stand only in %s (tagHomes() in core/archtest/table_test.go)", key, strings.Join(in, ", ")))
				}
			}
			return true
		})
	}
	return out
}

func rowsPrivate(p *pack) []finding {
	var out []finding
	for _, f := range p.code() {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				return true
			}
			kind, ok := spec.Type.(*ast.StructType)
			if ok && slices.ContainsFunc(kind.Fields.List, func(field *ast.Field) bool { return tagged(field, "gorm") }) {
				out = append(out, p.at(spec, "%s is a row and must not be exported", spec.Name.Name))
			}
			return true
		})
	}
	return out
}
