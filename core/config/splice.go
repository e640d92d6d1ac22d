package config

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// splicer collects the few edits that make a file say what a configuration says. Everything else in the file, comments and
// alignment included, keeps its bytes.
type splicer struct {
	src    []byte
	nl     string // the file's line ending
	read   *reader
	edits  []edit
	refuse *Problem // the first value that must not be overwritten
}

// edit replaces the bytes from start to end.
type edit struct {
	start, end int
	text       string
}

// block is a place in the file: a block, or the whole file where outer is nil.
type block struct {
	outer *hclsyntax.Block
	body  *hclsyntax.Body
	path  string
}

// splice returns the file with the run-time blocks of want in it. A value that is computed from the environment and would
// have to change is a Problem; any other error means that the result does not read back as want.
func splice(path string, src []byte, want *Config) ([]byte, error) {
	have, body, r := read(path, src)
	if err := r.problems.err(); err != nil {
		return nil, err
	}
	want = want.Clone()
	if found := normalize(want); len(found) > 0 {
		return nil, found
	}
	s := &splicer{src: src, nl: lineEnding(src), read: r}
	s.block(block{body: body}, liveBlocks(have), liveBlocks(want))
	if s.refuse != nil {
		return nil, Problems{*s.refuse}
	}
	out := s.apply()
	back, _, r := read(path, out)
	if err := r.problems.err(); err != nil {
		return nil, fmt.Errorf("the new text of %s does not read: %w", path, err)
	}
	if !reflect.DeepEqual(live(back), live(want)) {
		return nil, fmt.Errorf("the new text of %s does not say what was asked for", path)
	}
	return out, nil
}

// live is the part of a configuration that changes at run time.
func live(c *Config) Config {
	return Config{Pay: c.Pay, Presence: c.Presence, Promos: c.Promos, Plugins: c.Plugins}
}

// block compares what a block says with what it should say.
func (s *splicer) block(b block, have, want *part) {
	have, want = opened(have, want)
	var lines []string
	for i, f := range want.fields {
		lines = append(lines, s.field(b, f, have.fields[i])...)
	}
	for i, o := range want.ones {
		lines = append(lines, s.inner(b, o.name, "", have.ones[i].part, o.part)...)
	}
	for i, n := range want.named {
		for _, label := range n.labels() {
			known := slices.Contains(have.named[i].labels(), label)
			h, _ := have.named[i].open(label)
			w, _ := n.open(label)
			more := s.inner(b, n.name, label, h, w)
			if !known && len(more) == 0 && s.find(b, n.name, label) == nil {
				more = s.fresh(n.name, label, nil)
			}
			lines = append(lines, more...)
		}
	}
	for i, rs := range want.rows {
		lines = append(lines, s.rows(b, have.rows[i], rs)...)
	}
	s.insert(b, lines)
}

// opened gives free parts fields: one for each key of either side, null where a side lacks it.
func opened(have, want *part) (*part, *part) {
	if want.free == nil {
		return have, want
	}
	return freeFields(have, want), freeFields(want, have)
}

// field returns the line of a new argument; one that stands in the file is replaced or removed where it stands.
func (s *splicer) field(b block, want, have field) []string {
	v := want.get()
	if alike(v, have.get()) {
		return nil
	}
	attr := b.body.Attributes[want.name]
	if attr == nil {
		if isAbsent(v) {
			return nil
		}
		return []string{want.name + " = " + literal(v)}
	}
	if vars := attr.Expr.Variables(); len(vars) > 0 {
		s.computed(attr, join(b.path, want.name))
		return nil
	}
	if isAbsent(v) {
		s.remove(hcl.RangeBetween(attr.NameRange, attr.Expr.Range()))
		return nil
	}
	at := attr.Expr.Range()
	s.edits = append(s.edits, edit{at.Start.Byte, at.End.Byte, literal(v)})
	return nil
}

// keepComputed refuses to take away a row with a computed value.
func (s *splicer) keepComputed(in *hclsyntax.Block, path string) {
	for _, attr := range in.Body.Attributes {
		if len(attr.Expr.Variables()) > 0 {
			s.computed(attr, join(path, attr.Name))
		}
	}
}

func (s *splicer) computed(attr *hclsyntax.Attribute, field string) {
	if s.refuse != nil {
		return
	}
	p := problemAt(attr.Expr.Range(), field,
		fmt.Sprintf("%s comes from the environment. Edit the file by hand to change it.", attr.Name))
	s.refuse = &p
}

// inner goes into a block of the file, or returns the lines of a new one if there is something to say in it.
func (s *splicer) inner(b block, name, label string, have, want *part) []string {
	if found := s.find(b, name, label); found != nil {
		s.block(block{found, found.Body, join(b.path, strings.TrimSuffix(name+"."+label, "."))}, have, want)
		return nil
	}
	text := differing(have, want)
	if len(text) == 0 {
		return nil
	}
	return s.fresh(name, label, text)
}

func (s *splicer) find(b block, name, label string) *hclsyntax.Block {
	for _, in := range b.body.Blocks {
		if in.Type == name && (label == "" || len(in.Labels) == 1 && in.Labels[0] == label) {
			return in
		}
	}
	return nil
}

// rows pairs the rows that stand in the file with those that should: first by key, then what is left in order, so that a
// row keeps its comments when its key changes. Rows too many are removed, rows too few added.
func (s *splicer) rows(b block, have, want rows) []string {
	target := want.list()
	var standing []*hclsyntax.Block
	for _, in := range b.body.Blocks {
		if in.Type == want.name {
			standing = append(standing, in)
		}
	}
	if len(standing) == 0 && sameRows(have.list(), target) {
		return nil
	}
	now := make([]*part, len(standing))
	for i, in := range standing {
		now[i] = have.fresh()
		s.read.part(in.Body, now[i], b.path)
	}
	pairs := pair(now, target)
	for i, in := range standing {
		if pairs[i] < 0 {
			s.keepComputed(in, rowPath(join(b.path, want.name), now[i]))
			s.remove(hcl.RangeBetween(in.TypeRange, in.CloseBraceRange))
			continue
		}
		s.block(block{in, in.Body, rowPath(join(b.path, want.name), now[i])}, now[i], target[pairs[i]])
	}
	var lines []string
	for j, row := range target {
		if !slices.Contains(pairs, j) {
			lines = append(lines, s.fresh(want.name, "", differing(want.fresh(), row))...)
		}
	}
	return lines
}

func sameRows(a, b []*part) bool {
	return slices.EqualFunc(a, b, same)
}

// pair returns for each row that stands the index of the row it becomes, or -1.
func pair(now, target []*part) []int {
	pairs := make([]int, len(now))
	taken := make([]bool, len(target))
	match := func(fits func(a, b *part) bool) {
		for i := range now {
			for j := range target {
				if pairs[i] < 0 && !taken[j] && fits(now[i], target[j]) {
					pairs[i], taken[j] = j, true
				}
			}
		}
	}
	for i := range pairs {
		pairs[i] = -1
	}
	match(same)
	match(func(a, b *part) bool { return alike(a.fields[0].get(), b.fields[0].get()) })
	match(func(a, b *part) bool { return true })
	return pairs
}

// insert puts lines at the end of a block, before its closing brace and in its indentation.
func (s *splicer) insert(b block, lines []string) {
	if len(lines) == 0 {
		return
	}
	if b.outer == nil {
		s.append(lines)
		return
	}
	open, end := b.outer.OpenBraceRange.End.Byte, b.outer.CloseBraceRange.Start.Byte
	outer := s.indentAt(b.outer.TypeRange.Start.Byte)
	indent := s.innerIndent(b.body, outer)
	text := ""
	for _, line := range lines {
		text += indent + line + s.nl
	}
	lineStart := s.lineStart(end)
	switch {
	case b.outer.OpenBraceRange.End.Line == b.outer.CloseBraceRange.Start.Line:
		s.unfold(open, end, indent, s.nl+text+outer)
	case blank(s.src[lineStart:end]):
		s.edits = append(s.edits, edit{lineStart, lineStart, text})
	default: // a comment stands before the brace
		s.edits = append(s.edits, edit{end, end, s.nl + text + outer})
	}
}

// unfold makes a block of one line a block of several.
func (s *splicer) unfold(open, end int, indent, tail string) {
	left, right := open, end
	for left < end && isSpace(s.src[left]) {
		left++
	}
	for right > left && isSpace(s.src[right-1]) {
		right--
	}
	if left == right {
		s.edits = append(s.edits, edit{open, end, tail})
		return
	}
	s.edits = append(s.edits, edit{open, left, s.nl + indent}, edit{right, end, tail})
}

// append puts new blocks at the end of the file, each behind an empty line.
func (s *splicer) append(lines []string) {
	text := ""
	if n := len(s.src); n > 0 && s.src[n-1] != '\n' {
		text = s.nl
	}
	for i, line := range lines {
		if (i > 0 || len(s.src) > 0) && !strings.HasPrefix(line, " ") && line != "}" {
			text += s.nl
		}
		text += line + s.nl
	}
	s.edits = append(s.edits, edit{len(s.src), len(s.src), text})
}

// remove takes a range away, and its line when nothing else stands on it.
func (s *splicer) remove(at hcl.Range) {
	start, end := at.Start.Byte, at.End.Byte
	if ls := s.lineStart(start); blank(s.src[ls:start]) {
		rest := end
		for rest < len(s.src) && isSpace(s.src[rest]) {
			rest++
		}
		if tail := s.src[rest:]; bytes.HasPrefix(tail, []byte("\r\n")) {
			start, end = ls, rest+2
		} else if bytes.HasPrefix(tail, []byte("\n")) {
			start, end = ls, rest+1
		} else if len(tail) > 0 { // a comment, which takes the place
			end = rest
		}
	}
	s.edits = append(s.edits, edit{start, end, ""})
}

func (s *splicer) apply() []byte {
	slices.SortStableFunc(s.edits, func(a, b edit) int { return a.start - b.start })
	var out bytes.Buffer
	at := 0
	for _, e := range s.edits {
		out.Write(s.src[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(s.src[at:])
	return out.Bytes()
}

func (s *splicer) lineStart(at int) int { return bytes.LastIndexByte(s.src[:at], '\n') + 1 }

// indentAt is the white space before what stands at a place.
func (s *splicer) indentAt(at int) string {
	line := s.src[s.lineStart(at):at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// innerIndent is how the block indents what is in it, or two spaces more than the block itself.
func (s *splicer) innerIndent(body *hclsyntax.Body, outer string) string {
	first := -1
	note := func(at int) {
		if first < 0 || at < first {
			first = at
		}
	}
	for _, a := range body.Attributes {
		note(a.SrcRange.Start.Byte)
	}
	for _, b := range body.Blocks {
		note(b.TypeRange.Start.Byte)
	}
	if first >= 0 && blank(s.src[s.lineStart(first):first]) {
		return s.indentAt(first)
	}
	return outer + indentStep
}

func lineEnding(src []byte) string {
	if i := bytes.IndexByte(src, '\n'); i > 0 && src[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func blank(b []byte) bool { return len(bytes.TrimLeft(b, " \t")) == 0 }
