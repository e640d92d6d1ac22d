package pluginhost

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// inWords says what a value must be, for a person beside its field. What is rare is said as the validator says it. The value
// that was found is never in it: it may be a secret.
func inWords(k jsonschema.ErrorKind, otherwise string) string {
	switch k := k.(type) {
	case *kind.Type:
		return "This must be " + either(k.Want, typeWords) + "."
	case *kind.Enum:
		return "This must be " + either(k.Want, jsonWords) + "."
	case *kind.Const:
		return "This must be " + jsonWords(k.Want) + "."
	case *kind.Minimum:
		return "This must be " + number(k.Want) + " or more."
	case *kind.Maximum:
		return "This must be " + number(k.Want) + " or less."
	case *kind.ExclusiveMinimum:
		return "This must be more than " + number(k.Want) + "."
	case *kind.ExclusiveMaximum:
		return "This must be less than " + number(k.Want) + "."
	case *kind.MultipleOf:
		return "This must be a multiple of " + number(k.Want) + "."
	case *kind.Pattern:
		return "This must match " + k.Want + "."
	default:
		return sizeWords(k, otherwise)
	}
}

// sizeWords is about how much there is of something.
func sizeWords(k jsonschema.ErrorKind, otherwise string) string {
	switch k := k.(type) {
	case *kind.MinLength:
		return "This must have at least " + count(k.Want, "character") + "."
	case *kind.MaxLength:
		return "This must have at most " + count(k.Want, "character") + "."
	case *kind.MinItems:
		return "This must have at least " + count(k.Want, "line") + "."
	case *kind.MaxItems:
		return "This must have at most " + count(k.Want, "line") + "."
	case *kind.UniqueItems:
		return "Nothing may stand here twice."
	case *kind.Required:
		return "What must be there is missing: " + strings.Join(k.Missing, ", ") + "."
	case *kind.AdditionalProperties:
		return "The plugin knows no setting " + strings.Join(k.Properties, ", ") + "."
	default:
		return otherwise
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// either joins what is allowed: "a, b or c".
func either[T any](all []T, words func(T) string) string {
	var out []string
	for _, one := range all {
		out = append(out, words(one))
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
}

func typeWords(name string) string {
	switch name {
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "string":
		return "a text"
	case "boolean":
		return "on or off"
	case "array":
		return "a list"
	case "null":
		return "empty"
	default:
		return "an " + name
	}
}

func jsonWords(v any) string {
	if text, is := v.(string); is {
		return "“" + text + "”"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "another value"
	}
	return string(text)
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64() // exact enough for a sentence
	return strconv.FormatFloat(f, 'f', -1, 64)
}
