package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"playbill/core/fault"
	"playbill/core/ledger"
)

// desk answers with what a test put there.
type desk struct {
	mu     sync.Mutex
	grants []Grant
	lists  []Import
	files  []string
	tokens []NewToken
	gone   []string
	totals ledger.Totals
	fail   error
	enter  chan struct{} // if set: told when Verify has begun
	leave  chan struct{} // and Verify waits for it
}

func (d *desk) Grant(_ context.Context, g Grant) (Granted, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.grants = append(d.grants, g)
	return Granted{User: g.User, Amount: g.Amount, Balance: g.Amount + 1}, d.fail
}

func (d *desk) Import(_ context.Context, i Import) (ledger.Imported, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lists = append(d.lists, i)
	return ledger.Imported{New: len(i.Lines), Coins: 7, Differ: []string{"Bob"}}, d.fail
}

func (d *desk) Backup(_ context.Context, file string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files = append(d.files, file)
	return d.fail
}

func (d *desk) CreateToken(_ context.Context, n NewToken) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens = append(d.tokens, n)
	return "secret", d.fail
}

func (d *desk) RevokeToken(_ context.Context, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = append(d.gone, name)
	return d.fail
}

func (d *desk) Verify(context.Context) (ledger.Totals, error) {
	if d.enter != nil {
		d.enter <- struct{}{}
		<-d.leave
	}
	return d.totals, d.fail
}

func (d *desk) Room(context.Context) (Room, error) {
	return Room{Good: true, Self: "playbill", Needs: []Need{{What: "Chat", Says: "The bot may not.", Fix: "Let it."}}}, d.fail
}

func (d *desk) Plugins(context.Context) ([]Plugin, error) {
	if d.fail == nil {
		return []Plugin{{Name: "presence-leave", Version: "1.0.0", State: "ready", PID: 7}}, nil
	}
	panic("a desk that breaks")
}

func serve(t *testing.T, dir string, d Desk) *Server {
	t.Helper()
	s, err := Listen(dir, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func dial(t *testing.T, dir string) *Client {
	t.Helper()
	c, err := Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestEveryRequestReachesTheDesk(t *testing.T) {
	d := &desk{totals: ledger.Totals{Transfers: 3, Issued: 500, Wallets: 300, Escrow: 200}}
	dir := t.TempDir()
	serve(t, dir, d)
	c := dial(t, dir)
	ctx := t.Context()

	g := Grant{User: "Halcyon", Amount: 40, Reason: "a “prize”\nof two lines", Key: "k"}
	granted, err := c.Grant(ctx, g)
	if err != nil || granted != (Granted{"Halcyon", 40, 41}) {
		t.Errorf("Grant = %+v, %v", granted, err)
	}
	n := NewToken{Name: "bot", RankTenths: 15, ExpiresAtMS: 9}
	if secret, err := c.CreateToken(ctx, n); err != nil || secret != "secret" {
		t.Errorf("CreateToken = %q, %v", secret, err)
	}
	if err := c.RevokeToken(ctx, "bot"); err != nil {
		t.Errorf("RevokeToken = %v", err)
	}
	if totals, err := c.Verify(ctx); err != nil || totals != d.totals {
		t.Errorf("Verify = %+v, %v", totals, err)
	}
	longest := Import{Source: "old"}
	for range ImportMax {
		longest.Lines = append(longest.Lines, Given{User: strings.Repeat("<", 64), Amount: ledger.MaxAmount, Reason: strings.Repeat("\x01", 200)})
	}
	if done, err := c.Import(ctx, longest); err != nil || done.New != ImportMax || done.Coins != 7 || len(done.Differ) != 1 {
		t.Errorf("Import = %+v, %v", done, err)
	}
	if diff := cmp.Diff([]Import{longest}, d.lists); diff != "" {
		t.Error(diff)
	}
	if err := c.Backup(ctx, "/a/b c.db"); err != nil || len(d.files) != 1 || d.files[0] != "/a/b c.db" {
		t.Errorf("Backup = %v, %v", d.files, err)
	}
	room, err := c.Room(ctx)
	if want := (Room{Good: true, Self: "playbill", Needs: []Need{{What: "Chat", Says: "The bot may not.", Fix: "Let it."}}}); err != nil || !cmp.Equal(want, room) {
		t.Errorf("Room: %v %+v", err, room)
	}
	plugins, err := c.Plugins(ctx)
	if diff := cmp.Diff([]Plugin{{Name: "presence-leave", Version: "1.0.0", State: "ready", PID: 7}}, plugins); diff != "" || err != nil {
		t.Errorf("Plugins: %v\n%s", err, diff)
	}
	if diff := cmp.Diff([]Grant{g}, d.grants); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]NewToken{n}, d.tokens); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"bot"}, d.gone); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsCrossTheSocket(t *testing.T) {
	dir := t.TempDir()
	d := &desk{}
	serve(t, dir, d)
	c := dial(t, dir)

	d.fail = fmt.Errorf("wrapped: %w", fault.New(fault.NotFound, "There is no such token."))
	if err := c.RevokeToken(t.Context(), "x"); !fault.Is(err, fault.NotFound) || fault.Of(err).Sentence != "There is no such token." {
		t.Errorf("a fault became %v", err)
	}
	d.fail = &ledger.Broken{Invariant: ledger.ChainGapless, Seq: 12, Detail: "11 is missing"}
	var broken *ledger.Broken
	if _, err := c.Verify(t.Context()); !errors.As(err, &broken) || *broken != (ledger.Broken{Invariant: ledger.ChainGapless, Seq: 12, Detail: "11 is missing"}) {
		t.Errorf("a broken invariant became %v", err)
	}
	d.fail = errors.New("the disk is gone")
	if _, err := c.Grant(t.Context(), Grant{}); err == nil || err.Error() != "the disk is gone" {
		t.Errorf("an error became %v", err)
	}
	if _, err := c.Plugins(t.Context()); err == nil || !strings.Contains(err.Error(), "fault of its own") {
		t.Errorf("a panic became %v", err)
	}
	d.fail = nil
	if err := c.RevokeToken(t.Context(), "x"); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

func TestRubbishIsRefused(t *testing.T) {
	dir := t.TempDir()
	serve(t, dir, &desk{})
	c := dial(t, dir)
	for line, want := range map[string]string{
		"not json":               string(fault.Invalid),
		`{"do":"format.disk"}`:   string(fault.Unsupported),
		`{"do":"grant"}`:         string(fault.Unsupported),
		`{"do":"ledger.import"}`: string(fault.Unsupported),
		`{"do":"token.create"}`:  string(fault.Unsupported),
	} {
		if _, err := c.conn.Write([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
		if !c.lines.Scan() || !strings.Contains(c.lines.Text(), want) {
			t.Errorf("%s: %q", line, c.lines.Text())
		}
	}
	if _, err := c.conn.Write(append(make([]byte, requestBytesMax+1), '\n')); err != nil {
		t.Fatal(err)
	}
	if c.lines.Scan() {
		t.Errorf("a line beyond the limit was answered: %q", c.lines.Text())
	}
}

func TestNoHost(t *testing.T) {
	dir := t.TempDir()
	if _, err := Dial(t.Context(), dir); !errors.Is(err, ErrNoHost) {
		t.Errorf("an empty folder: %v", err)
	}
	// A killed host leaves its socket behind.
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, socketName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), dir); !errors.Is(err, ErrNoHost) {
		t.Errorf("a socket without a host: %v", err)
	}
	serve(t, dir, &desk{})
	if err := dial(t, dir).RevokeToken(t.Context(), "x"); err != nil {
		t.Errorf("the next host on the same folder: %v", err)
	}
}

func TestOnlyTheOwnerMayOpenTheSocket(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, &desk{})
	info, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
		t.Errorf("mode %v", info.Mode())
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("beside the socket: %v", left)
	}
}

func TestALongPathHasASocketToo(t *testing.T) {
	t.Setenv("TMPDIR", shortDir(t))
	dir := filepath.Join(t.TempDir(), strings.Repeat("a-long-name/", 12))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := serve(t, dir, &desk{})
	if len(s.path) > pathMost || strings.HasPrefix(s.path, dir) {
		t.Errorf("the socket is %s", s.path)
	}
	if err := dial(t, dir).RevokeToken(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	// Somebody else could have made the folder first, open for all.
	if err := os.Chmod(filepath.Dir(s.path), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "not a private folder") {
		t.Errorf("a folder that is open for all: %v", err)
	}
}

// shortDir is a folder whose path leaves room for a socket's name.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestCloseLetsARequestEnd(t *testing.T) {
	dir := t.TempDir()
	d := &desk{enter: make(chan struct{}), leave: make(chan struct{}), totals: ledger.Totals{Transfers: 5}}
	s := serve(t, dir, d)
	idle, busy := dial(t, dir), dial(t, dir)
	if err := idle.RevokeToken(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		totals ledger.Totals
		err    error
	}
	got := make(chan answer, 1)
	go func() { // ends with the reply
		totals, err := busy.Verify(context.Background())
		got <- answer{totals, err}
	}()
	<-d.enter
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }() // ends with the test
	for range 500 {                     // the socket goes away while the request is still being answered
		if _, err := os.Stat(s.path); err != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	select {
	case err := <-closed:
		t.Fatalf("Close did not wait: %v", err)
	default:
	}
	close(d.leave)
	if a := <-got; a.err != nil || a.totals.Transfers != 5 {
		t.Errorf("the request that was being answered: %+v", a)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close = %v", err)
	}
	if err := idle.RevokeToken(t.Context(), "x"); err == nil {
		t.Error("a connection outlived the server")
	}
	if _, err := Dial(t.Context(), dir); !errors.Is(err, ErrNoHost) {
		t.Errorf("after Close: %v", err)
	}
}

func TestACommandThatGivesUpStopsWaiting(t *testing.T) {
	dir := t.TempDir()
	d := &desk{enter: make(chan struct{}), leave: make(chan struct{})}
	serve(t, dir, d)
	c := dial(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // ends when the request has begun
		<-d.enter
		cancel()
	}()
	if _, err := c.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify = %v", err)
	}
	close(d.leave)
}
