package station_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

var update = flag.Bool("update", false, "rewrite the expectations of testdata/*.txt from what happens")

// TestScenarios runs testdata/*.txt: text scripts whose expectation is the full trace, under virtual time, on the real
// SQLite store and the embedded channel.
//
// A script is blocks of commands, each followed by "----" and the trace that it must leave: what was sent to the channel,
// what became of purchases and promos, what aired, which coins moved, what plugins were asked, why, what people were
// told, and the list at the end. The commands are in world_test.go.
//
// What the goroutines of station and channel do in the same instant of virtual time has no order. A script whose trace
// differs is therefore run again, which is logged; one that does not leave its trace in three runs fails.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios found", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			diff := ""
			for run := range scenarioRuns {
				synctest.Test(t, func(t *testing.T) { diff = script(t, file, string(text)) })
				if diff == "" {
					return
				}
				t.Logf("run %d differs:\n%s", run+1, diff)
			}
			t.Error(diff)
		})
	}
}

// scenarioRuns is how often a script may be run until it leaves its trace.
const scenarioRuns = 3

// script runs one and returns where its trace differs.
func script(t *testing.T, file, text string) (diff string) {
	w := newWorld(t)
	defer w.close()
	var out strings.Builder
	for _, b := range blocks(text) {
		for _, line := range b.lines {
			out.WriteString(line + "\n")
			if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(line, "#") {
				if err := w.command(words); err != nil {
					t.Fatalf("%s: %s: %v", file, line, err)
				}
			}
		}
		if !b.traced {
			continue
		}
		got := w.trace()
		fmt.Fprintf(&out, "----\n%s", got)
		if !*update && got != b.want {
			diff += fmt.Sprintf("%s: after %q\n--- got\n%s--- want\n%s", file, last(b.lines), got, b.want)
		}
		out.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return diff
}

// block is some commands and the trace that they must leave.
type block struct {
	lines  []string
	traced bool
	want   string
}

func blocks(text string) []block {
	var out []block
	var b block
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		switch {
		case line == "----" && !b.traced:
			b.traced = true
		case b.traced && line == "":
			out, b = append(out, b), block{}
		case b.traced:
			b.want += line + "\n"
		default:
			b.lines = append(b.lines, line)
		}
	}
	return append(out, b)
}

func last(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i] != "" {
			return lines[i]
		}
	}
	return ""
}
