package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/config"
)

// serveConfig is the configuration of a quiet host on a free port.
func serveConfig(t testing.TB, dir, address, more string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "playbill.hcl")
	text := "listen = [\"" + address + "\"]\ndata_dir = \"" + dir + "\"\n" + more
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serveOn starts a host and waits until it is ready.
func serveOn(t testing.TB, path, address string) *program {
	t.Helper()
	p := start(t, "serve", "--config", path)
	p.url = "http://" + address
	p.until("the host is ready", soon, func() bool { return p.status("/readyz") == http.StatusOK })
	return p
}

func TestServeStopsInGoodOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host with its plugins")
	}
	dir, address := dataDir(t), freeAddress(t)
	path := serveConfig(t, dir, address, "")
	p := serveOn(t, path, address)
	p.until("it says where it is", soon, func() bool {
		said := p.said.String()
		return strings.Contains(said, "Playbill serves channel main on http://"+address) && strings.Contains(said, "\nReady: ")
	})

	second := start(t, "serve", "--config", path)
	<-second.done
	if code := second.cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(second.said.String(), "Another Playbill host") {
		t.Errorf("a second host on the same data: exit code %d\n%s", code, second.said)
	}

	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if code := p.cmd.ProcessState.ExitCode(); code != exitOK {
		t.Errorf("SIGTERM: exit code %d", code)
	}
	for _, left := range []string{"control.sock", "playbill.db-wal"} {
		if _, err := os.Stat(filepath.Join(dir, left)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a stop in good order leaves %s behind (%v)", left, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "channel-main.json")); err != nil {
		t.Errorf("the channel's list was not saved: %v", err)
	}
}

// TestADataDirectoryMayBeRelative holds that plugins, which run elsewhere, find their sockets all the same.
func TestADataDirectoryMayBeRelative(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host with its plugins")
	}
	dir, address := dataDir(t), freeAddress(t)
	path := serveConfig(t, filepath.Base(dir), address, "")
	p := startIn(t, filepath.Dir(dir), nil, "serve", "--config", path)
	p.until("every plugin is ready", soon, func() bool {
		return strings.Count(p.said.String(), "plugin is ready") == len(config.Bundled())
	})
	if code := p.stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// TestASecondCtrlCStopsAtOnce holds a request open, for which the first Ctrl-C waits.
func TestASecondCtrlCStopsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	address := freeAddress(t)
	path := serveConfig(t, t.TempDir(), address, withoutPlugins())
	p := serveOn(t, path, address)
	token := playbill(t, "token", "create", "--name", "slow", "--rank", "1", "--config", path)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "POST /api/v1/purchases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: x\r\n"+
		"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n", token)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(answer, "100 Continue") {
		t.Fatalf("%q, %v", answer, err) // the handler waits for the body now
	}
	begun := time.Now()
	for range 2 {
		if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		select {
		case <-p.done:
		case <-time.After(2 * echo):
		}
	}
	<-p.done
	if code := p.cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d after %s", code, time.Since(begun))
	}
}

// withoutPlugins switches every bundled plugin off.
func withoutPlugins() string {
	var text strings.Builder
	for _, name := range config.Bundled() {
		text.WriteString("plugin \"" + name + "\" {\n  enabled = false\n}\n")
	}
	return text.String()
}

func TestAPanicIsReported(t *testing.T) {
	var said buffer
	h := &host{log: hclog.New(&hclog.LoggerOptions{Output: &said})}
	err := h.guarded("station", func() error { panic("a fault in a job") })
	if err == nil || !strings.Contains(sentence(err), "The station stopped on a fault of its own") {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(said.String(), "a fault in a job") || !strings.Contains(said.String(), "serve_test.go") {
		t.Errorf("the log says %s", said.String())
	}
}

func TestTheMovieThresholdReachesItsPlugin(t *testing.T) {
	promos := config.Default().Promos
	promos.MovieThresholdMS = 1_800_500
	for _, one := range []struct{ plugin, settings, want string }{
		{"feature-presentation", `{}`, `{"movie_threshold_seconds":1801}`},
		{"feature-presentation", `{"movie_threshold_seconds":60}`, `{"movie_threshold_seconds":60}`},
		{"feature-presentation", `[]`, `[]`},
		{"viewers-choice", `{}`, `{}`},
	} {
		if got := string(settingsOf(one.plugin, config.Plugin{Settings: []byte(one.settings)}, promos)); got != one.want {
			t.Errorf("%s with %s is given %s, want %s", one.plugin, one.settings, got, one.want)
		}
	}
}

func TestTheSecretStays(t *testing.T) {
	dir := t.TempDir()
	first, err := secretOf(dir)
	if err != nil || len(first) != secretBytes {
		t.Fatalf("%x, %v", first, err)
	}
	second, err := secretOf(dir)
	if err != nil || string(first) != string(second) {
		t.Errorf("the second start has another secret (%v)", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "secret")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestTheDemosConfigurationIsValidAndStays(t *testing.T) {
	dir := t.TempDir()
	file, err := demo{data: dir}.configured()
	if err != nil {
		t.Fatal(err)
	}
	if c := file.Config; c.DataDir != dir || c.Channel.Speed != 60 || c.Promos.EveryItems != 3 || c.Presence.GraceMS != 6_000 {
		t.Errorf("%+v", c)
	}
	path := filepath.Join(dir, configName)
	if err := os.WriteFile(path, []byte("channel \"mine\" {\n  speed = 2\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err = demo{data: dir, speed: 9, listen: "127.0.0.1:1"}.configured()
	if err != nil {
		t.Fatal(err)
	}
	if c := file.Config; c.Channel.Name != "mine" || c.Channel.Speed != 9 || c.Listen[0] != "127.0.0.1:1" {
		t.Errorf("what the owner wrote, with the flags over it: %+v", c)
	}
}
