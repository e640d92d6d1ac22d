package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"playbill/core/config"
	"playbill/core/pluginhost"
)

// How long a test waits for something that usually takes seconds. A busy machine may be slow; nothing depends on how fast
// it is.
const (
	soon  = 60 * time.Second
	later = 3 * time.Minute
)

// workshop is where the bundled plugins are built, once for all tests.
var workshop struct {
	sync.Mutex
	dir string
	err error
}

// builtPlugins returns a folder with the bundled plugins.
func builtPlugins() (string, error) {
	workshop.Lock()
	defer workshop.Unlock()
	if workshop.dir == "" && workshop.err == nil {
		if workshop.dir, workshop.err = os.MkdirTemp("", "playbill-plugins-"); workshop.err == nil {
			workshop.err = pluginhost.Build(context.Background(), sourceTree(), workshop.dir, config.Bundled(), nil)
		}
	}
	return workshop.dir, workshop.err
}

// builtDir is the folder that builtPlugins made; empty: none.
func builtDir() string {
	workshop.Lock()
	defer workshop.Unlock()
	return workshop.dir
}

// program is one running playbill.
type program struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string
	said *buffer
	done chan struct{} // closed when the process has ended
}

// buffer is what a program has said so far.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// dataDir is a fresh data directory with built plugins in it.
func dataDir(t testing.TB) string {
	t.Helper()
	built, err := builtPlugins()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(built, filepath.Join(dir, "plugins")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// start runs a command that serves on a port of its own until the test ends.
func start(t testing.TB, args ...string) *program {
	t.Helper()
	return startIn(t, "", nil, args...)
}

// startIn is start in a directory, with more in the environment.
func startIn(t testing.TB, dir string, env []string, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command("playbill", args...), said: &buffer{}, done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = dir, append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%v said:\n%s", args, p.said)
		}
	})
	return p
}

// demoOn starts a demo on a data directory and waits until it is ready.
func demoOn(t testing.TB, dir string) *program {
	t.Helper()
	address := freeAddress(t)
	p := start(t, "demo", "--data", dir, "--listen", address)
	p.url = "http://" + address
	p.until("the host is ready", soon, func() bool { return p.status("/readyz") == http.StatusOK })
	return p
}

// freeAddress is an address whose port nobody uses.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// kill ends the program as a power cut does.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
}

// stop asks the program to end and returns its exit code.
func (p *program) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(soon):
		p.t.Fatal("the program did not stop")
	}
	return p.cmd.ProcessState.ExitCode()
}

// until polls for a condition.
func (p *program) until(what string, limit time.Duration, met func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		if met() {
			return
		}
		select {
		case <-p.done:
			p.t.Fatalf("the program ended before %s", what)
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

func (p *program) status(path string) int {
	res, err := http.Get(p.url + path)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode
}

// call sends one request and decodes the answer into into, which may be nil.
func (p *program) call(method, path, token string, body, into any) int {
	p.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			p.t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "walk-"+strconv.FormatInt(time.Now().UnixNano(), 10))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			p.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
	return res.StatusCode
}

// playbill runs one command to its end and returns what it printed.
func playbill(t testing.TB, args ...string) string {
	t.Helper()
	var out, complaint bytes.Buffer
	cmd := exec.Command("playbill", args...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("playbill %s: %v\n%s", strings.Join(args, " "), err, complaint.String())
	}
	return strings.TrimSpace(out.String())
}

// What the walk reads of the API: the names that the issue fixes.
type (
	mediaKey struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}
	queueItem struct {
		EntryID   int64    `json:"entry_id"`
		UID       *int64   `json:"uid"`
		Title     string   `json:"title"`
		Media     mediaKey `json:"media"`
		Role      string   `json:"role"`
		PromoType *string  `json:"promo_type"`
		LeadInFor *int64   `json:"lead_in_for"`
		PaidBy    *string  `json:"paid_by"`
	}
	queueState struct {
		Channel  string      `json:"channel"`
		Revision int64       `json:"revision"`
		Items    []queueItem `json:"items"`
	}
	purchaseState struct {
		ID     string `json:"id"`
		State  string `json:"state"`
		Price  int64  `json:"price"`
		Reason string `json:"reason"`
	}
)

func (p *program) queue() queueState {
	p.t.Helper()
	var q queueState
	if code := p.call(http.MethodGet, "/api/v1/queue", "", nil, &q); code != http.StatusOK {
		p.t.Fatalf("GET /api/v1/queue: %d", code)
	}
	return q
}
