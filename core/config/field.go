package config

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
)

// flag is true or false.
func flag(name string, at *bool) field {
	return field{name: name, want: "true or false",
		set: func(v cty.Value) bool {
			if v.IsNull() || v.Type() != cty.Bool {
				return false
			}
			*at = v.True()
			return true
		},
		get: func() cty.Value { return cty.BoolVal(*at) }}
}

// whole is a number without a fraction, low to high.
func whole[T ~int | ~int64](name string, at *T, low, high int64) field {
	return scaled(name, at, unit{per: 1, low: low, high: high})
}

// unit says how a number of the file becomes an integer: times per, within bounds in the file's unit.
type unit struct {
	per       int64
	low, high int64
	above     bool // low itself is not allowed
	null      bool // null may stand for off
	off       int64
}

// scaled is a decimal number that is stored as an integer, exactly: 0.5 minutes are 30000 ms; a part that the integer
// cannot hold is refused.
func scaled[T ~int | ~int64](name string, at *T, u unit) field {
	return field{name: name, want: u.words(),
		set: func(v cty.Value) bool {
			if v.IsNull() {
				if u.null {
					*at = T(u.off)
				}
				return u.null
			}
			n, ok := exact(v, u)
			if ok {
				*at = T(n)
			}
			return ok
		},
		get: func() cty.Value {
			if u.null && int64(*at) == u.off {
				return cty.NullVal(cty.Number)
			}
			return decimal(int64(*at), u.per)
		}}
}

func (u unit) words() string {
	kind := "a number"
	if u.per == 1 {
		kind = "a whole number"
	}
	text := fmt.Sprintf("%s from %d to %d", kind, u.low, u.high)
	if u.above {
		text = fmt.Sprintf("%s above %d, up to %d", kind, u.low, u.high)
	}
	switch u.per {
	case 10:
		text += " with at most one decimal place"
	case 1_000, 60_000, 3_600_000:
		text += " with at most three decimal places"
	}
	if u.null {
		text += ", or null to switch it off"
	}
	return text
}

// exact returns a number times its unit when that is an integer within the bounds.
func exact(v cty.Value, u unit) (int64, bool) {
	r, ok := rational(v)
	if !ok || r.Cmp(big.NewRat(u.low, 1)) < 0 || r.Cmp(big.NewRat(u.high, 1)) > 0 {
		return 0, false
	}
	if u.above && r.Cmp(big.NewRat(u.low, 1)) == 0 {
		return 0, false
	}
	r.Mul(r, big.NewRat(u.per, 1))
	return r.Num().Int64(), r.IsInt()
}

// rational returns a number as the decimal that the owner typed. HCL keeps it as a binary fraction of 512 bits, whose
// shortest decimal form is what was typed; sizes that no setting has are refused before they cost anything.
func rational(v cty.Value) (*big.Rat, bool) {
	if v.IsNull() || v.Type() != cty.Number || !v.IsKnown() {
		return nil, false
	}
	f := v.AsBigFloat()
	if e := f.MantExp(nil); f.IsInf() || e > maxExponent2 || e < -maxExponent2 {
		return nil, false
	}
	text := f.Text('f', -1)
	if _, fraction, _ := strings.Cut(text, "."); len(fraction) > maxDecimals {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// decimal is n/per as a number of the file. A third of a minute has no decimal form: it comes out as many threes, which
// set refuses, so that no value passes a check that the file could not hold.
func decimal(n, per int64) cty.Value {
	r := big.NewRat(n, per)
	text := r.FloatString(maxDecimals)
	if r.IsInt() {
		text = r.Num().String()
	} else {
		text = strings.TrimRight(text, "0")
	}
	v, err := cty.ParseNumberVal(text)
	if err != nil {
		return cty.NumberIntVal(n)
	}
	return v
}

// text is a string that ok accepts; want says what that is.
func text(name string, at *string, want string, ok func(string) bool) field {
	return field{name: name, want: want,
		set: func(v cty.Value) bool {
			s, is := plain(v)
			if !is || !ok(s) {
				return false
			}
			*at = s
			return true
		},
		get: func() cty.Value { return cty.StringVal(*at) }}
}

// choice is one of some words.
func choice(name string, at *string, words ...string) field {
	return text(name, at, oneOf(words), func(s string) bool { return slices.Contains(words, s) })
}

// texts is a list of strings that ok accepts, none twice.
func texts(name string, at *[]string, want string, ok func(string) bool) field {
	return field{name: name, want: want,
		set: func(v cty.Value) bool {
			list, is := plainList(v)
			for i, s := range list {
				is = is && ok(s) && !slices.Contains(list[:i], s)
			}
			if is {
				*at = nilIfEmpty(list)
			}
			return is
		},
		get: func() cty.Value {
			list := make([]cty.Value, 0, len(*at))
			for _, s := range *at {
				list = append(list, cty.StringVal(s))
			}
			return cty.TupleVal(list)
		}}
}

// speed is how fast the embedded channel plays.
func speed(name string, at *float64) field {
	u := unit{per: 1_000, low: 0, high: maxSpeed, above: true}
	return field{name: name, want: u.words(),
		set: func(v cty.Value) bool {
			n, ok := exact(v, u)
			if ok {
				*at = float64(n) / float64(u.per)
			}
			return ok
		},
		get: func() cty.Value { return cty.NumberFloatVal(*at) }}
}

func plain(v cty.Value) (string, bool) {
	if v.IsNull() || v.Type() != cty.String {
		return "", false
	}
	s := v.AsString()
	return s, len(s) <= maxTextBytes && utf8.ValidString(s)
}

func plainList(v cty.Value) ([]string, bool) {
	if v.IsNull() || !v.Type().IsTupleType() && !v.Type().IsListType() {
		return nil, false
	}
	var list []string
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		s, ok := plain(element)
		if !ok {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}

// shown is a value as a sentence names it.
func shown(v cty.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Type() == cty.String:
		s := []rune(v.AsString())
		if len(s) > 40 {
			return "the text " + strconv.Quote(string(s[:40])) + "..."
		}
		return "the text " + strconv.Quote(string(s))
	case v.Type() == cty.Number:
		if _, fits := rational(v); !fits {
			return "a number as large or as fine as this" // spelling out 1e999999 takes minutes
		}
		return v.AsBigFloat().Text('g', 12)
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.True())
	case v.Type().IsTupleType():
		return "this list"
	}
	return "an object"
}

// oneOf is `"a", "b" or "c"`.
func oneOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	last := len(quoted) - 1
	if last < 1 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
