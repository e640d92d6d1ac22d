package config

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// reader fills parts from blocks and collects what is wrong with them.
type reader struct {
	path     string
	env      func(name string) (string, bool)
	problems Problems
	where    map[string]hcl.Range // field path to its place in the file
}

// read parses a file and fills a fresh default with it. The reader is returned for the places of the fields.
func read(path string, src []byte) (*Config, *hclsyntax.Body, *reader) {
	r := &reader{path: path, env: os.LookupEnv, where: map[string]hcl.Range{}}
	c := Default()
	if len(src) > maxFileBytes {
		r.problems = Problems{{File: path, Sentence: fmt.Sprintf("The file is larger than %d bytes.", maxFileBytes)}}
		return c, nil, r
	}
	if at := notUTF8(src); at > 0 {
		r.problems = Problems{{File: path, Line: at, Column: 1, EndLine: at, EndCol: 1, Sentence: "This line is not UTF-8 text."}}
		return c, nil, r
	}
	file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	r.note(diags, "")
	body, _ := file.Body.(*hclsyntax.Body)
	if diags.HasErrors() {
		r.problems.sort()
		return c, body, r
	}
	r.part(body, wholeFile(c), "")
	if len(r.problems) == 0 {
		c.settle()
		r.cross(c)
	}
	r.problems.sort()
	return c, body, r
}

// notUTF8 returns the first line that holds something else, or 0.
func notUTF8(src []byte) int {
	line := 1
	for len(src) > 0 {
		char, size := utf8.DecodeRune(src)
		switch {
		case char == utf8.RuneError && size == 1:
			return line
		case char == '\n':
			line++
		}
		src = src[size:]
	}
	return 0
}

// part reads one block.
func (r *reader) part(body *hclsyntax.Body, p *part, path string) {
	if p.free != nil {
		r.free(body, p.free, path)
		return
	}
	content, diags := body.Content(p.schema())
	r.note(diags, path)
	for _, f := range p.fields {
		if attr, ok := content.Attributes[f.name]; ok {
			r.field(attr, f, join(path, f.name))
		}
	}
	blocks := content.Blocks.ByType()
	for _, o := range p.ones {
		r.one(blocks[o.name], o, join(path, o.name))
	}
	for _, n := range p.named {
		r.named(blocks[n.name], n, join(path, n.name))
	}
	for _, rs := range p.rows {
		r.rows(blocks[rs.name], rs, join(path, rs.name))
	}
}

// schema is what the block may hold.
func (p *part) schema() *hcl.BodySchema {
	s := &hcl.BodySchema{}
	for _, f := range p.fields {
		s.Attributes = append(s.Attributes, hcl.AttributeSchema{Name: f.name, Required: f.must})
	}
	for _, o := range p.ones {
		s.Blocks = append(s.Blocks, hcl.BlockHeaderSchema{Type: o.name})
	}
	for _, n := range p.named {
		s.Blocks = append(s.Blocks, hcl.BlockHeaderSchema{Type: n.name, LabelNames: []string{"name"}})
	}
	for _, rs := range p.rows {
		s.Blocks = append(s.Blocks, hcl.BlockHeaderSchema{Type: rs.name})
	}
	return s
}

func (r *reader) field(attr *hcl.Attribute, f field, path string) {
	at := attr.Expr.Range()
	r.where[path] = at
	v, ok := r.value(attr.Expr, path)
	if !ok || f.set(v) {
		return
	}
	got := shown(v)
	if len(attr.Expr.Variables()) > 0 {
		got = "what the environment holds" // it may be a secret
	}
	r.refuse(at, path, fmt.Sprintf("%s must be %s, not %s.", f.name, f.want, got))
}

// value evaluates an expression in which only env.NAME is known.
func (r *reader) value(e hcl.Expression, path string) (cty.Value, bool) {
	env, ok := map[string]cty.Value{}, true
	for _, t := range e.Variables() {
		name, is := envName(t)
		if !is {
			r.refuse(t.SourceRange(), path, fmt.Sprintf("There is no variable %q. Text stands in quotes; from the environment it is env.NAME.", t.RootName()))
			ok = false
			continue
		}
		value, set := r.env(name)
		if !set {
			r.refuse(t.SourceRange(), path, fmt.Sprintf("The environment variable %s is not set.", name))
			ok = false
		}
		env[name] = cty.StringVal(value)
	}
	if !ok {
		return cty.NilVal, false
	}
	v, diags := e.Value(&hcl.EvalContext{Variables: map[string]cty.Value{"env": cty.ObjectVal(env)}})
	if diags.HasErrors() {
		r.note(diags, path)
		return cty.NilVal, false
	}
	if !v.IsWhollyKnown() {
		r.refuse(e.Range(), path, "This value cannot be known.")
		return cty.NilVal, false
	}
	return v, true
}

// envName is the NAME of env.NAME.
func envName(t hcl.Traversal) (string, bool) {
	if t.RootName() != "env" || len(t) < 2 {
		return "", false
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		return plain(step.Key)
	}
	return "", false
}

func (r *reader) one(blocks hcl.Blocks, o one, path string) {
	for i, b := range blocks {
		if i > 0 {
			r.refuse(b.DefRange, path, fmt.Sprintf("There is a %s block already, at line %d.", o.name, blocks[0].DefRange.Start.Line))
			continue
		}
		r.where[path] = b.DefRange
		r.part(b.Body.(*hclsyntax.Body), o.part, path)
	}
}

func (r *reader) named(blocks hcl.Blocks, n named, path string) {
	seen := map[string]int{}
	for i, b := range blocks {
		label, at := b.Labels[0], join(path, b.Labels[0])
		if first, twice := seen[label]; twice {
			r.refuse(b.DefRange, at, fmt.Sprintf("There is a %s %q already, at line %d.", n.name, label, first))
			continue
		}
		seen[label] = b.DefRange.Start.Line
		if n.most > 0 && i >= n.most {
			r.refuse(b.DefRange, at, fmt.Sprintf("One host runs one %s. Start a second host for %q.", n.name, label))
			continue
		}
		r.where[at] = b.LabelRanges[0]
		p, why := n.open(label)
		if why != "" {
			r.refuse(b.LabelRanges[0], at, why)
			continue
		}
		if !r.notBuilt(n.name, b.Body.(*hclsyntax.Body), at) {
			r.part(b.Body.(*hclsyntax.Body), p, at)
		}
	}
}

// notBuilt refuses the drivers that a later version brings. Their other arguments are not looked at: they are not ours
// to judge yet.
func (r *reader) notBuilt(block string, body *hclsyntax.Body, path string) bool {
	attr := body.Attributes["driver"]
	if block != "channel" || attr == nil || len(attr.Expr.Variables()) > 0 {
		return false
	}
	v, _ := attr.Expr.Value(nil)
	driver, _ := plain(v)
	if driver != APIGate {
		return false
	}
	r.refuse(attr.Expr.Range(), join(path, "driver"),
		fmt.Sprintf("The driver %q is not in this version. Use %q or %q.", driver, Embedded, CyTube))
	return true
}

func (r *reader) rows(blocks hcl.Blocks, rs rows, path string) {
	for i, b := range blocks {
		if i == 0 {
			rs.clear()
			r.where[path] = b.DefRange
		}
		row := rs.add()
		r.part(b.Body.(*hclsyntax.Body), row, path)
		for _, f := range row.fields {
			if place, ok := r.where[join(path, f.name)]; ok {
				r.where[join(rowPath(path, row), f.name)] = place
				delete(r.where, join(path, f.name))
			}
		}
		r.where[rowPath(path, row)] = b.DefRange
	}
}

// rowPath names a row by its key: "pay.price[900]".
func rowPath(path string, row *part) string {
	key := shown(row.fields[0].get())
	return path + "[" + strings.TrimPrefix(key, "the text ") + "]"
}

// free reads a block of any keys into one JSON object.
func (r *reader) free(body *hclsyntax.Body, f *free, path string) {
	attrs, diags := body.JustAttributes()
	r.note(diags, path)
	values := map[string]cty.Value{}
	var computed []string
	for name, attr := range attrs {
		if len(attr.Expr.Variables()) > 0 {
			computed = append(computed, name)
		}
		r.where[join(path, name)] = attr.Expr.Range()
		v, ok := r.value(attr.Expr, join(path, name))
		if ok && !spellable(v) {
			r.refuse(attr.Expr.Range(), join(path, name), name+" holds a number that is too large or too fine.")
			ok = false
		}
		if ok {
			values[name] = v
		}
	}
	json, err := marshal(cty.ObjectVal(values))
	if err != nil {
		r.refuse(body.MissingItemRange(), path, "These settings have no JSON form: "+err.Error()+".")
		return
	}
	if len(json) > maxSettingsBytes {
		r.refuse(body.MissingItemRange(), path, fmt.Sprintf("These settings are larger than %d bytes.", maxSettingsBytes))
		return
	}
	f.set(json)
	slices.Sort(computed)
	f.env(computed)
}

// spellable reports whether every number in v is of a size that a file can spell.
func spellable(v cty.Value) bool {
	ok := true
	_ = cty.Walk(v, func(_ cty.Path, at cty.Value) (bool, error) {
		if !at.IsNull() && at.Type() == cty.Number {
			_, fits := rational(at)
			ok = ok && fits
		}
		return ok, nil
	})
	return ok
}

// marshal is a value as JSON: object keys sorted, numbers as they were typed.
func marshal(v cty.Value) ([]byte, error) { return ctyjson.Marshal(v, v.Type()) }

// unmarshal is JSON as a value of the file.
func unmarshal(json []byte) (cty.Value, error) {
	t, err := ctyjson.ImpliedType(json)
	if err != nil {
		return cty.NilVal, err
	}
	return ctyjson.Unmarshal(json, t)
}

func (r *reader) note(diags hcl.Diagnostics, path string) {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			r.problems = append(r.problems, problemOf(d, r.path, path))
		}
	}
}

func (r *reader) refuse(at hcl.Range, field, sentence string) {
	r.problems = append(r.problems, problemAt(at, field, sentence))
}

// place is where a field stands, or the nearest block around it that stands in the file.
func (r *reader) place(field string) hcl.Range {
	for field != "" {
		if at, ok := r.where[field]; ok {
			return at
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return hcl.Range{Filename: r.path}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
