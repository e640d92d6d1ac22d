package config

import (
	"bytes"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const examplePath = "../../config.example.hcl"

func TestExampleEqualsTheDefaults(t *testing.T) {
	file, err := Load(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), file.Config); diff != "" {
		t.Error(diff)
	}
}

func TestExampleNamesEveryField(t *testing.T) {
	src, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	mentions := func(pattern string) {
		t.Helper()
		if !regexp.MustCompile(`(?m)^[ #]*` + pattern).Match(src) {
			t.Errorf("config.example.hcl has no line %q", pattern)
		}
	}
	var walk func(p *part)
	walk = func(p *part) {
		for _, f := range p.fields {
			mentions(f.name + ` *=`)
		}
		for _, o := range p.ones {
			mentions(o.name + ` \{`)
			walk(o.part)
		}
		for _, n := range p.named {
			for _, label := range n.labels() {
				mentions(n.name + ` "` + label + `" \{`)
				inner, _ := n.open(label)
				walk(inner)
			}
		}
		for _, rs := range p.rows {
			mentions(rs.name + ` \{`)
			walk(rs.fresh())
		}
	}
	walk(wholeFile(Default()))
}

func TestExampleLoadsWithItsExamplesSwitchedOn(t *testing.T) {
	src, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	on := regexp.MustCompile(`(?m)^( *)#(\w|  \w|\})`).ReplaceAll(src, []byte("$1$2"))
	if bytes.Equal(on, src) {
		t.Fatal("no example was switched on")
	}
	c, _, r := read("config.example.hcl", on)
	if err := r.problems.err(); err != nil {
		t.Fatal(err)
	}
	if len(c.Pay.Discounts) != 1 || len(c.Pay.Blackouts) != 1 || c.Pay.Blackouts[0].ForMS != 12_600_000 {
		t.Errorf("discounts %v, blackouts %v", c.Pay.Discounts, c.Pay.Blackouts)
	}
}

func TestEmptyFileIsTheDefault(t *testing.T) {
	for _, src := range []string{"", "\n", "# nothing\n", "\xef\xbb\xbf"} {
		c, _, r := read("host.hcl", []byte(src))
		if len(r.problems) > 0 {
			t.Errorf("%q: %v", src, r.problems)
		}
		if diff := cmp.Diff(Default(), c); diff != "" {
			t.Errorf("%q: %s", src, diff)
		}
	}
}

func TestDefaultsAreValid(t *testing.T) {
	if found := normalize(Default()); len(found) > 0 {
		t.Error(found)
	}
}
