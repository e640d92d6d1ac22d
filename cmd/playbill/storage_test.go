package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/sdk"
)

// shop is a host on a channel that plays, with one viewer who buys and a purse of ten thousand coins.
type shop struct {
	*program
	server       *cytubetest.Server
	path, dir    string
	token, admin string
	keys         int
}

const purse = 10_000

func openShop(t *testing.T) *shop {
	t.Helper()
	return openShopIn(t, dataDir(t))
}

func openShopIn(t *testing.T, dir string) *shop {
	t.Helper()
	s := &shop{server: cyTubeServer(t), dir: dir}
	address := freeAddress(t)
	s.path = serveConfig(t, s.dir, address, withoutPlugins()+"earn {\n  enabled = false\n}\n"+strings.Replace(onCyTube, "SERVER", s.server.URL(), 1))
	stocked(t, s.path)
	s.program = serveOn(t, s.path, address)
	s.token = playbill(t, "token", "create", "--name", "visitor", "--rank", "1", "--config", s.path)
	s.admin = playbill(t, "token", "create", "--name", "keeper", "--rank", "3", "--config", s.path)
	playbill(t, "ledger", "grant", "visitor", strconv.Itoa(purse), "--reason", "a purse", "--config", s.path)
	return s
}

// purchases sends a purchase and returns the status, and the code and the sentence of a refusal.
func (s *shop) purchases(m sdk.Media) (int, string, string) {
	s.t.Helper()
	s.keys++
	text, err := json.Marshal(map[string]any{"media": map[string]string{"type": m.Type, "id": m.ID}, "tier": "queue", "quoted_price": 250})
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/api/v1/purchases", bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Idempotency-Key", strconv.Itoa(s.keys))
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var said struct {
		Error struct{ Code, Message string }
	}
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, said.Error.Code, said.Error.Message
}

// balance is what the viewer is told to have.
func (s *shop) balance() ledger.Coins {
	s.t.Helper()
	var me struct{ Balance ledger.Coins }
	if code := s.call(http.MethodGet, "/api/v1/me", s.token, nil, &me); code != http.StatusOK {
		s.t.Fatalf("GET /api/v1/me: %d", code)
	}
	return me.Balance
}

// page is a page as a browser sees it, without what it is made of.
func (s *shop) page(path string) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	if path != "/login" {
		req.Header.Set("Authorization", "Bearer "+s.admin)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// fails holds that a purchase is refused with a sentence, that nobody pays, and that every page says what is wrong, until
// it is mended; then everything goes on, with what was seen meanwhile.
func (s *shop) fails(says string, mend func()) {
	s.t.Helper()
	titles := s.titles()
	wish := sdk.Media{Type: titles[0].Type, ID: titles[0].ID}
	if code, why, sentence := s.purchases(wish); code != http.StatusServiceUnavailable || why != string(fault.Journal) || !strings.HasSuffix(sentence, ".") {
		s.t.Errorf("a purchase is answered %d %s %q", code, why, sentence)
	}
	if got := s.balance(); got != purse {
		s.t.Errorf("refused, and has %d coins", got)
	}
	for _, path := range []string{"/", "/catalog", "/login", "/account", "/admin"} {
		s.until(path+" says what is wrong", soon, func() bool {
			text := s.page(path)
			return strings.Contains(text, "journal cannot be written") && strings.Contains(text, says)
		})
	}
	var q struct {
		Notice *struct{ Code, Message string }
	}
	if s.call(http.MethodGet, "/api/v1/queue", "", nil, &q); q.Notice == nil || q.Notice.Code != string(fault.Journal) {
		s.t.Errorf("the queue is closed with %+v", q.Notice)
	}
	var quote struct{ Refusal *struct{ Code string } }
	path := "/api/v1/quote?type=" + wish.Type + "&id=" + wish.ID
	if s.call(http.MethodGet, path, s.token, nil, &quote); quote.Refusal == nil || quote.Refusal.Code != string(fault.Journal) {
		s.t.Errorf("a quote is refused with %+v", quote.Refusal)
	}
	first, _ := s.server.OnAir()
	s.server.Skip()
	s.until("what plays is still followed", soon, func() bool { return len(s.queue().Items) > 0 && s.queue().Items[0].Title != first.Media.Title })
	next, _ := s.server.OnAir()

	mend()
	s.until("the desk is open again", soon, func() bool { return !strings.Contains(s.page("/"), "journal cannot be written") })
	s.until("a purchase is taken again", soon, func() bool { // the first turns after it may still find it so
		code, _, _ := s.purchases(wish)
		return code == http.StatusCreated
	})
	s.until("what aired meanwhile is in the log", soon, func() bool {
		var log struct{ Asrun []struct{ Title string } }
		s.call(http.MethodGet, "/api/v1/admin/asrun?limit=100", s.admin, nil, &log)
		for _, r := range log.Asrun {
			if r.Title == next.Media.Title {
				return true
			}
		}
		return false
	})
	if got := s.balance(); got != purse-250 {
		s.t.Errorf("bought once, and has %d coins", got)
	}
	s.stop()
	if said := playbill(s.t, "ledger", "verify", "--config", s.path); !strings.HasPrefix(said, "The ledger is true: ") {
		s.t.Error(said)
	}
}

func TestTheDiskIsFull(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	t.Parallel()
	s := openShop(t)
	s.until("it plays", soon, func() bool { return len(s.queue().Items) > 0 })
	before := s.mayWrite(0)
	s.fails("the disk is full or not writable", func() { s.mayWrite(before) })
}

// mayWrite limits how long files may become for the host from now on, and returns what was allowed before: to a program, a
// full disk is a write that is refused.
func (s *shop) mayWrite(bytes uint64) uint64 {
	s.t.Helper()
	var old unix.Rlimit
	pid := s.cmd.Process.Pid
	if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, nil, &old); err != nil {
		s.t.Fatal(err)
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: old.Max}, nil); err != nil {
		s.t.Fatal(err)
	}
	return old.Cur
}

func TestTheDatabaseIsLocked(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	t.Parallel()
	s := openShop(t)
	s.until("it plays", soon, func() bool { return len(s.queue().Items) > 0 })
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "playbill.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lock := func(what string) {
		if _, err := conn.ExecContext(t.Context(), what); err != nil {
			t.Fatal(err)
		}
	}
	lock("PRAGMA busy_timeout = 30000")
	lock("BEGIN EXCLUSIVE")
	s.fails("Another program is writing the database", func() { lock("ROLLBACK") })
}

// TestTheDatabaseIsReadOnly starts a host as somebody who may not write the data directory.
func TestTheDatabaseIsReadOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	t.Parallel()
	s := openShop(t)
	s.stop()
	place, err := os.MkdirTemp("", "playbill-read-only-") // not below one that is ours alone
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(place, "data")
	t.Cleanup(func() {
		_ = os.Chmod(data, 0o700)
		_ = os.RemoveAll(place)
	})
	program, err := exec.LookPath("playbill")
	if err != nil {
		t.Fatal(err)
	}
	copied, path := filepath.Join(place, "playbill"), filepath.Join(place, "playbill.hcl")
	copyFile(t, program, copied, 0o755)
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join(s.dir, "playbill.db"), filepath.Join(data, "playbill.db"), 0o444)
	text := "listen = [\"" + freeAddress(t) + "\"]\ndata_dir = \"" + data + "\"\n" + withoutPlugins() + strings.Replace(onCyTube, "SERVER", s.server.URL(), 1)
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o644), os.Chmod(data, 0o555), os.Chmod(place, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copied, "serve", "--config", path)
	cmd.Dir = place
	if os.Getuid() == 0 { // who may write everything
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	said, err := cmd.CombinedOutput()
	if text := string(said); err == nil || !strings.Contains(text, "cannot be written") || !strings.Contains(text, "Give this user the right to write there") {
		t.Errorf("%v: %s", err, text)
	}
}

func copyFile(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, mode); err != nil {
		t.Fatal(err)
	}
}

// TestAPageIsCorrupt writes nonsense over each page of the database in turn, but the first. A host does not start on it and
// says what to do, or runs and has every coin that it shows right; nothing in between. After a restore all is well.
func TestAPageIsCorrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	t.Parallel()
	s := openShop(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	playbill(t, "backup", backup, "--config", s.path)
	s.stop()
	file := filepath.Join(s.dir, "playbill.db")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	refused := 0
	for at := page; at < len(good); at += page * max(1, len(good)/page/corruptPages) {
		bad := bytes.Clone(good)
		copy(bad[at:], bytes.Repeat([]byte{0xa5}, page))
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		said, err := exec.CommandContext(t.Context(), "playbill", "ledger", "verify", "--config", s.path).CombinedOutput()
		switch text := string(said); {
		case err == nil && strings.HasPrefix(text, "The ledger is true: "):
		case err != nil && strings.Contains(text, "damaged") && strings.Contains(text, "restore"):
			refused++
		case err != nil && strings.Contains(text, "not true"): // rows were lost: the first one is named
			refused++
		default:
			t.Errorf("page %d is damaged: %v: %s", at/page+1, err, text)
		}
	}
	if refused == 0 {
		t.Error("no damage was found")
	}
	playbill(t, "restore", backup, "--config", s.path)
	if said := playbill(t, "ledger", "verify", "--config", s.path); !strings.HasPrefix(said, "The ledger is true: ") {
		t.Error(said)
	}
}

// corruptPages is how many pages are tried, about.
const corruptPages = 40
