package config

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// indentStep is one level of indentation in blocks that we write.
const indentStep = "  "

// isAbsent tells a free key that a side does not have from one that is null.
func isAbsent(v cty.Value) bool { return v == cty.NilVal }

// alike compares two values of one field.
func alike(a, b cty.Value) bool {
	if isAbsent(a) || isAbsent(b) {
		return isAbsent(a) && isAbsent(b)
	}
	return a.RawEquals(b)
}

// literal is a value as the file spells it, on one line.
func literal(v cty.Value) string {
	if v.IsNull() || v.Type().IsPrimitiveType() {
		return string(hclwrite.TokensForValue(v).Bytes())
	}
	var items []string
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		item := literal(element)
		if v.Type().IsObjectType() {
			item = objectKey(key.AsString()) + " = " + item
		}
		items = append(items, item)
	}
	switch {
	case !v.Type().IsObjectType():
		return "[" + strings.Join(items, ", ") + "]"
	case len(items) == 0:
		return "{}"
	}
	return "{ " + strings.Join(items, ", ") + " }"
}

// objectKey quotes a key that is not a name, or that would mean something else there: { for = 1 } is a loop.
func objectKey(key string) string {
	if hclsyntax.ValidIdentifier(key) && !slices.Contains([]string{"for", "null", "true", "false"}, key) {
		return key
	}
	return literal(cty.StringVal(key))
}

// fresh returns the lines of a new block.
func (s *splicer) fresh(name, label string, inner []string) []string {
	head := name
	if label != "" {
		head += " " + literal(cty.StringVal(label))
	}
	lines := []string{head + " {"}
	for _, line := range inner {
		lines = append(lines, indentStep+line)
	}
	return append(lines, "}")
}

// differing returns the lines of what want says and have, its default, does not.
func differing(have, want *part) []string {
	have, want = opened(have, want)
	var s splicer
	var names, values []string
	for i, f := range want.fields {
		if v := f.get(); !isAbsent(v) && (f.must || !alike(v, have.fields[i].get())) {
			names, values = append(names, f.name), append(values, literal(v))
		}
	}
	lines := aligned(names, values)
	nest := func(name, label string, inner []string) {
		if len(inner) > 0 {
			lines = append(lines, s.fresh(name, label, inner)...)
		}
	}
	for i, o := range want.ones {
		nest(o.name, "", differing(have.ones[i].part, o.part))
	}
	for i, n := range want.named {
		for _, label := range n.labels() {
			h, _ := have.named[i].open(label)
			w, _ := n.open(label)
			nest(n.name, label, differing(h, w))
		}
	}
	for i, rs := range want.rows {
		if target := rs.list(); !sameRows(have.rows[i].list(), target) {
			for _, row := range target {
				lines = append(lines, s.fresh(rs.name, "", differing(rs.fresh(), row))...)
			}
		}
	}
	return lines
}

// aligned puts the equals signs of a new block under each other, as everybody writes HCL.
func aligned(names, values []string) []string {
	width := 0
	for _, n := range names {
		width = max(width, len(n))
	}
	lines := make([]string, len(names))
	for i, n := range names {
		lines[i] = n + strings.Repeat(" ", width-len(n)) + " = " + values[i]
	}
	return lines
}

// freeFields are the keys of a free part, and those of the other side as absent, in one order.
func freeFields(p, other *part) *part {
	mine, theirs := object(p.free.get()), object(other.free.get())
	all := maps.Clone(mine)
	for key := range theirs {
		if _, have := mine[key]; !have {
			all[key] = cty.NilVal
		}
	}
	out := &part{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out.fields = append(out.fields, field{name: key, get: func() cty.Value { return all[key] }})
	}
	return out
}

// object is a JSON object as values of the file; anything else has been refused before.
func object(json []byte) map[string]cty.Value {
	v, err := unmarshal(json)
	if err != nil || v.IsNull() || !v.Type().IsObjectType() {
		return map[string]cty.Value{}
	}
	m := v.AsValueMap()
	if m == nil {
		m = map[string]cty.Value{}
	}
	return m
}

// keys are the names of an object's attributes.
func keys(v cty.Value) iter.Seq[string] { return maps.Keys(v.Type().AttributeTypes()) }

// isArgument reports whether a key can stand on the left of an equals sign.
func isArgument(key string) bool { return hclsyntax.ValidIdentifier(key) }
