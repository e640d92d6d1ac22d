package archtest

import (
	"slices"
	"testing"
)

// rule is one house rule about one package, with snippets that must break it and snippets that must not.
type rule struct {
	name  string
	check func(p *pack) []finding
	bad   []snippet
	good  []snippet
}

// snippet is one small file.
type snippet struct{ file, text string }

// rules is the house.
func rules() []rule {
	return slices.Concat(importRules(), pureRules(), stateRules(), docRules(), tagRules(), sizeRules(), wholeCoins(), wordRules())
}

// TestHouse runs every rule over the module.
func TestHouse(t *testing.T) {
	packs := load(t)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			for _, p := range packs {
				for _, f := range r.check(p) {
					t.Errorf("%s: %s", f.where, f.what)
				}
			}
		})
	}
}

// TestRulesBite proves each rule on snippets: one that finds nothing in bad code would hold nothing.
func TestRulesBite(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			if len(r.bad) == 0 {
				t.Fatal("the rule has no snippet that breaks it")
			}
			for _, s := range r.bad {
				if len(r.check(one(t, s.file, s.text))) == 0 {
					t.Errorf("finds nothing in %s:\n%s", s.file, s.text)
				}
			}
			for _, s := range r.good {
				for _, f := range r.check(one(t, s.file, s.text)) {
					t.Errorf("finds fault with good code in %s: %s\n%s", f.where, f.what, s.text)
				}
			}
		})
	}
}
