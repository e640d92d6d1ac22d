package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets this test binary be the program too: under the name playbill, which is on the PATH of every test.
func TestMain(m *testing.M) { testscript.Main(tidy{m}, map[string]func(){"playbill": main}) }

// tidy runs the tests, ends their browser and removes the plugins that were built for them.
type tidy struct{ m *testing.M }

// Run runs all tests.
func (t tidy) Run() int {
	code := t.m.Run()
	closeBrowser()
	if dir := builtDir(); dir != "" {
		_ = os.RemoveAll(dir) // in the temporary folder: nobody misses it
	}
	return code
}

// TestScripts runs the command line as a user does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "forge": forge, "taken": taken,
		},
	})
}

// exits runs a program and wants one exit code: exits 3 playbill ledger verify ...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	got := 0
	if errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// forge replaces bytes in a file, as somebody with a hex editor would: forge FILE OLD NEW, of one length.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 || len(args[1]) != len(args[2]) {
		ts.Fatalf("usage: forge FILE OLD NEW")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if !bytes.Contains(data, []byte(args[1])) {
		ts.Fatalf("%s has no %q", path, args[1])
	}
	ts.Check(os.WriteFile(path, bytes.ReplaceAll(data, []byte(args[1]), []byte(args[2])), 0o600))
}

// taken listens on a free port until the script ends, and puts it into $PORT and the one behind it into $NEXT.
func taken(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv("PORT", port)
	ts.Setenv("NEXT", nextPort(port))
}

func TestRanks(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "1": 10, "1.5": 15, "3": 30, "255": 2550} {
		if got, err := rankTenths(text); err != nil || got != want {
			t.Errorf("rank %q = %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "x", "1.55", "256", "1,5", "1e1", " 1"} {
		if got, err := rankTenths(text); err == nil {
			t.Errorf("rank %q = %d", text, got)
		} else if exitCode(err) != exitUsage {
			t.Errorf("rank %q: exit code %d", text, exitCode(err))
		}
	}
}

func TestShellWords(t *testing.T) {
	for _, word := range []string{"plain", "/a/b-c_d.e", "with space", "it's", "$HOME", "`x`", "new\nline", ""} {
		out, err := exec.Command("sh", "-c", "printf %s "+shell(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q came out of the shell as %q, %v", word, out, err)
		}
	}
}

func TestPluginsAreLookedUp(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	write := func(dir, name string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(first, "event", 0o600) // not a program
	write(second, "event", 0o700)
	write(second, "other", 0o700)
	folders := []string{first, second}
	if got := pluginPath("event", "", folders); got != filepath.Join(second, "event") {
		t.Errorf("event is %s", got)
	}
	if got := pluginPath("event", filepath.Join(second, "other"), folders); got != filepath.Join(second, "other") {
		t.Errorf("the owner's command is %s", got)
	}
	if got := pluginPath("nowhere", "", folders); got != "nowhere" {
		t.Errorf("a missing one is %s", got)
	}
}
