package config

import "github.com/zclconf/go-cty/cty"

// part is one block of the file, bound to the value that it fills. The same part reads the block, checks the value, and
// says what the block would have to hold.
type part struct {
	fields []field
	ones   []one
	named  []named
	rows   []rows
	free   *free // a block of free keys; excludes all others
}

// field is one argument of a block.
type field struct {
	name string
	must bool                   // it has no default
	want string                 // what it must be, for a sentence: "a whole number from 1 to 9"
	set  func(v cty.Value) bool // takes a value, or reports that it is not what is wanted
	get  func() cty.Value       // the value as the file would spell it
}

// free is a block whose keys are not ours: a plugin's settings, kept as one JSON object.
type free struct {
	get func() []byte
	set func(json []byte)
	env func(keys []string) // is told which keys came from the environment
}

// one is a block without a label that stands at most once.
type one struct {
	name string
	part *part
}

// named is a block with one label. open returns the part of a label, or a sentence why there can be none; labels lists
// those that the value holds.
type named struct {
	name   string
	most   int // how many blocks may stand; 0: any number
	open   func(label string) (*part, string)
	labels func() []string
}

// rows is a block without a label that stands any number of times. The first field of a row is its key.
type rows struct {
	name  string
	clear func()       // forget the default's rows: the file has its own
	add   func() *part // one more row
	fresh func() *part // a row that belongs to no list
	list  func() []*part
}

// same reports whether two parts of one shape hold the same values in their fields.
func same(a, b *part) bool {
	for i := range a.fields {
		if !alike(a.fields[i].get(), b.fields[i].get()) {
			return false
		}
	}
	return true
}

// needed marks a field without which its block means nothing.
func needed(f field) field {
	f.must = true
	return f
}

// kept makes every change of these fields final: for values that live in a map.
func kept(fields []field, keep func()) []field {
	for i := range fields {
		set := fields[i].set
		fields[i].set = func(v cty.Value) bool {
			ok := set(v)
			keep()
			return ok
		}
	}
	return fields
}
