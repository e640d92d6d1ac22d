package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Problem is one thing wrong with a file or with a value that should become part of it.
type Problem struct {
	File     string // as it was named to Load; empty: the value did not come from a file
	Line     int    // from 1; 0: no place in a file
	Column   int    // from 1, in characters
	EndLine  int
	EndCol   int    // one behind the last character
	Field    string // "promos.type.event.order"; empty: the file as a whole
	Pointer  string // of a plugin's settings: the place in them, as JSON Pointer; empty: as a whole, or something else
	Sentence string // what is wrong and what was expected
}

// String gives the problem on one line: "host.hcl:11,3-20: Sentence."
func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Sentence
	case p.Line == 0:
		return p.File + ": " + p.Sentence
	case p.EndLine != p.Line:
		return fmt.Sprintf("%s:%d,%d-%d,%d: %s", p.File, p.Line, p.Column, p.EndLine, p.EndCol, p.Sentence)
	}
	return fmt.Sprintf("%s:%d,%d-%d: %s", p.File, p.Line, p.Column, p.EndCol, p.Sentence)
}

// Problems is the error of a file or of a change that cannot be used, in the order of the file.
type Problems []Problem

// Error shows the first three, one line each: the rest usually follows from them.
func (ps Problems) Error() string {
	var lines []string
	for i, p := range ps {
		if i == maxShown {
			lines = append(lines, fmt.Sprintf("and %d more", len(ps)-maxShown))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// err returns nil for no problems, so that an empty list is never a non-nil error.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

func problemAt(at hcl.Range, field, sentence string) Problem {
	return Problem{File: at.Filename, Line: at.Start.Line, Column: at.Start.Column,
		EndLine: at.End.Line, EndCol: at.End.Column, Field: field, Sentence: sentence}
}

// problemOf turns a diagnostic of the HCL library into a problem: its detail is a sentence, its summary a headline.
func problemOf(d *hcl.Diagnostic, path, field string) Problem {
	text := d.Detail
	if text == "" {
		text = d.Summary + "."
	}
	text = strings.Join(strings.Fields(text), " ")
	if d.Subject == nil {
		return Problem{File: path, Field: field, Sentence: text}
	}
	return problemAt(*d.Subject, field, text)
}

// shortName is a file as a sentence names it.
func shortName(path string) string { return filepath.Base(path) }
