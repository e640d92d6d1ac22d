package archtest

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// wordRules keep names that say nothing and promises that nobody keeps out of the code.
func wordRules() []rule {
	later := "TO" + "DO" // in two pieces, so that this file keeps its own rule
	return []rule{
		{
			name: "packages are named for what they are", check: namedWell,
			bad: []snippet{
				{"core/util/x.go", "package util\n"},
				{"core/pay/helpers/x.go", "package helpers\n"},
				{"core/manager/x.go", "package pay\n"},
			},
			good: []snippet{{"core/pay/x.go", "package pay\n"}},
		},
		{
			name: "nothing is left for later", check: nothingLater,
			bad: []snippet{
				{"core/pay/x.go", "package pay\n\n// " + later + ": round down\n"},
				{"core/pay/x_test.go", "package pay\n\n/* FIX" + "ME */\n"},
			},
			good: []snippet{{"core/pay/x.go", "package pay\n\n// Rounds down.\n"}},
		},
	}
}

func namedWell(p *pack) []finding {
	empty := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "manager", "misc", "shared"}
	for _, name := range []string{path.Base(p.path), p.files[0].syntax.Name.Name} {
		if slices.Contains(empty, strings.TrimSuffix(name, "_test")) {
			return []finding{p.at(p.files[0].syntax, "%q says nothing: name the package for the thing it holds", name)}
		}
	}
	return nil
}

// later are the words by which a promise is left in the code.
var later = regexp.MustCompile(`\b(TODO|FIXME)\b`)

func nothingLater(p *pack) []finding {
	var out []finding
	for _, f := range p.files {
		if f.generated {
			continue
		}
		for _, group := range f.syntax.Comments {
			for _, c := range group.List {
				if later.MatchString(c.Text) {
					out = append(out, p.at(c, "do it, or say in the comment what is so and why"))
				}
			}
		}
	}
	return out
}
