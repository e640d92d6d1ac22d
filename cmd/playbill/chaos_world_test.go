package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/config"
	"playbill/core/ledger"
	"playbill/sdk"
)

// chaos is one world: a channel on a CyTube server that outlives its hosts, everybody in it, and what they were told.
type chaos struct {
	*testing.T
	tally
	seed      uint64
	server    *cytubetest.Server
	url, path string
	dir       string
	client    *http.Client
	admin     string // a token
	people    []*customer
	titles    []sdk.Media

	host    *exec.Cmd
	died    time.Time     // the last host
	ended   chan struct{} // capacity 0, closed when the host's process has ended
	log     *os.File
	seeing  atomic.Bool // the host has compared the channel with its books
	calm    atomic.Bool // the server does nothing wrong: what is in doubt can come to its end
	closing atomic.Bool // nobody buys any more, and nobody edits the list
	over    atomic.Bool // everybody goes home
	busy    sync.WaitGroup

	mu    sync.Mutex
	blind []span // when no host followed the channel
	given map[string]ledger.Coins
}

// span is a time, in UTC milliseconds.
type span struct{ from, to int64 }

const chaosConfig = `
log {
  level = "warn"
}
channel "films" {
  driver          = "cytube"
  server          = "SERVER"
  channel         = "test"
  password        = "secret"
  add_interval_ms = 0
}
pay {
  cooldown_seconds = 0
  daily_limit      = 0
  pending_limit    = 4
}
earn {
  interval_seconds = 1
  coins            = 1
}
presence {
  grace_seconds          = 2
  check_interval_seconds = 1
}
promos {
  general {
    every_n_items       = 2
    min_airtime_seconds = 0
  }
  type "channel_identity" {
    order = "shuffle"
  }
  type "viewers_choice" {
    order = "sequential"
  }
}
`

// newChaos opens a server, stocks a host's library, and gives everybody a token and a purse.
func newChaos(t *testing.T, seed uint64, number int) *chaos {
	c := &chaos{T: t, died: time.Now(), seed: seed + uint64(number)<<32, client: &http.Client{Timeout: 30 * time.Second}, given: map[string]ledger.Coins{}}
	c.tally.reasons = map[string]int{}
	c.server = chaosServer(t)
	address := freeAddress(t)
	c.url, c.dir = "http://"+address, dataDir(t)
	var plugins strings.Builder
	for _, name := range config.Bundled() {
		if name != "viewers-choice" && name != "channel-identity" && name != "presence-leave" {
			plugins.WriteString("plugin \"" + name + "\" {\n  enabled = false\n}\n")
		}
	}
	c.path = serveConfig(t, c.dir, address, plugins.String()+strings.Replace(chaosConfig, "SERVER", c.server.URL(), 1))
	stocked(t, c.path)
	kept := t.TempDir()
	if *chaosKeep != "" {
		kept = *chaosKeep
		t.Cleanup(func() {
			_ = os.Rename(c.dir, filepath.Join(kept, fmt.Sprintf("data-%d-%d", number, time.Now().Unix())))
		}) // a debugging aid
	}
	var err error
	if c.log, err = os.Create(filepath.Join(kept, fmt.Sprintf("host-%d.log", number))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.log.Close() }) // nothing reads it any more
	c.admin = playbill(t, "token", "create", "--name", "keeper", "--rank", "4", "--config", c.path)
	for _, name := range strings.Fields("ann bob cat dan eve fay") {
		c.server.Join(name, 10)
		c.people = append(c.people, &customer{chaos: c, name: name, here: true, answers: map[string]answer{},
			token: playbill(t, "token", "create", "--name", name, "--rank", "1", "--config", c.path)})
		playbill(t, "ledger", "grant", name, "1000000", "--reason", "a purse", "--config", c.path)
		c.given[name] = 1_000_000
	}
	c.titles = c.forSale()
	return c
}

// chaosServer has programmes that stay on the list, and takes everything at any pace.
func chaosServer(t *testing.T) *cytubetest.Server {
	s, err := cytubetest.New(cytubetest.Options{NoLimits: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for i := range 4 {
		s.Add(sdk.Media{Type: "yt", ID: fmt.Sprint("programme-", i), Title: fmt.Sprint("Programme ", i), DurationMS: 60_000}, false, false)
	}
	return s
}

// live goes from death to death until there are no more dangers or the time is over, and lets the world come to rest.
func (c *chaos) live(dangers <-chan danger, end time.Time) {
	for i, p := range c.people {
		c.busy.Go(func() { p.live(c.dice(10 + i)) }) // ends when over is set; rest waits
	}
	c.busy.Go(func() { c.moderate(c.dice(1)) })   // the same
	c.busy.Go(func() { c.administer(c.dice(2)) }) // the same
	defer func() { c.over.Store(true); c.busy.Wait() }()
	for d := range dangers {
		if time.Now().After(end) || c.Failed() {
			break
		}
		c.die(d)
	}
	c.rest()
}

// dice are somebody's, so that one seed gives everybody the same wishes.
func (c *chaos) dice(whose int) *rand.Rand { return rand.New(rand.NewPCG(c.seed, uint64(whose))) }

// die starts a host, lets it die, and checks what it left on the disk.
func (c *chaos) die(d danger) {
	begun := time.Now()
	c.calm.Store(d.point != "")
	c.start(d.point)
	wait := later // an entry in doubt keeps others from being placed until the driver's horizon is over
	if d.point == "" {
		wait = d.after
	}
	died := c.ends(wait)
	c.kill()
	switch {
	case d.point == "":
		c.kills++
		if died {
			c.Errorf("the host ended by itself before it was killed %s", d)
		}
	case died:
		c.points++
	default:
		c.Errorf("the host did not pass %s in %s", d.point, time.Since(begun).Round(time.Second))
	}
	c.verify(d.String())
}

// start starts a host that dies at this failpoint; empty: of nothing.
func (c *chaos) start(point string) {
	c.mu.Lock()
	c.host, c.ended = exec.Command("playbill", "serve", "--config", c.path), make(chan struct{})
	c.mu.Unlock()
	c.host.Env = append(os.Environ(), crashVariable+"="+point)
	c.host.Stdout, c.host.Stderr = c.log, c.log
	fmt.Fprintf(c.log, "--- %s at %s\n", time.Now().Format("15:04:05.000"), point)
	if err := c.host.Start(); err != nil {
		c.Fatal(err)
	}
	host, ended := c.host, c.ended
	go func() { // ends with the process
		_ = host.Wait()
		close(ended)
	}()
	blind := c.died.Add(-blindBefore)
	c.busy.Go(func() { c.look(ended, blind) }) // ends with the process
}

// look notes when a host begins to follow the channel, or follows it again.
func (c *chaos) look(ended chan struct{}, since time.Time) {
	from := since.UnixMilli()
	for {
		select {
		case <-ended:
		case <-time.After(20 * time.Millisecond):
			if !c.follows() {
				continue
			}
			c.seeing.Store(true)
		}
		c.mu.Lock()
		c.blind = append(c.blind, span{from, time.Now().UnixMilli()})
		c.mu.Unlock()
		return
	}
}

// follows reports whether the host has compared the channel with its books and believes it.
func (c *chaos) follows() bool {
	if code, _ := c.ask(http.MethodGet, "/readyz", "", "", nil); code != http.StatusOK {
		return false
	}
	var q struct{ Health string }
	code, text := c.ask(http.MethodGet, "/api/v1/queue", "", "", nil)
	return code == http.StatusOK && json.Unmarshal(text, &q) == nil && q.Health == "good"
}

// cut breaks the connections of the host, and waits until it looks again.
func (c *chaos) cut() {
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	c.seeing.Store(false)
	since := time.Now().Add(-cutNoticed)
	c.server.CutAll()
	time.Sleep(cutNoticed)
	c.look(ended, since)
}

// cutNoticed is when a host has noticed at the latest that its connection is gone.
const cutNoticed = 500 * time.Millisecond

// blindBefore is how much of what happened right before a kill the host may not have heard of.
const blindBefore = 3 * time.Second

// ends waits for the host to end by itself, at most so long.
func (c *chaos) ends(wait time.Duration) bool {
	select {
	case <-c.ended:
		return true
	case <-time.After(wait):
		return false
	}
}

// kill is kill -9. From here on nobody looks.
func (c *chaos) kill() {
	c.seeing.Store(false)
	_ = c.host.Process.Kill() // it may have ended by itself
	<-c.ended
	c.died = time.Now()
	fmt.Fprintf(c.log, "--- %s dead\n", time.Now().Format("15:04:05.000"))
}

// verify is what an owner does after a crash.
func (c *chaos) verify(after string) {
	out, err := exec.CommandContext(c.Context(), "playbill", "ledger", "verify", "--config", c.path).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "The ledger is true: ") {
		c.Errorf("%s: %v: %s", after, err, out)
	}
}

// rest starts a host that lives, lets what is open come to its end, asks every key once more, and checks the books.
func (c *chaos) rest() {
	c.closing.Store(true)
	c.server.Slow(0)
	for _, p := range c.people {
		c.server.Join(p.name, 10)
	}
	c.start("")
	begun := time.Now()
	for ; c.open() != 0; time.Sleep(200 * time.Millisecond) {
		if time.Since(begun) > chaosRest-time.Minute {
			c.Errorf("%d purchases have not ended %s after the last start", c.open(), time.Since(begun).Round(time.Second))
			break
		}
	}
	for _, p := range c.people {
		p.again(c.dice(99), true)
	}
	c.over.Store(true)
	if err := c.host.Process.Signal(os.Interrupt); err != nil {
		c.Error(err)
	}
	if !c.ends(soon) {
		c.Error("the host did not stop")
		c.kill()
	}
	if code := c.host.ProcessState.ExitCode(); code != exitOK {
		c.Errorf("stopped with exit code %d", code)
	}
	c.verify("in the end")
	c.audit()
}

// open counts the purchases and requests that have not come to an end; below zero: that cannot be known now.
func (c *chaos) open() int {
	n := 0
	for _, p := range c.people {
		code, text := c.ask(http.MethodGet, "/api/v1/purchases", p.token, "", nil)
		var got struct{ Purchases []purchaseState }
		if code != http.StatusOK || json.Unmarshal(text, &got) != nil {
			return -1
		}
		for _, one := range got.Purchases {
			if one.State != "settled" && one.State != "refunded" {
				n++
			}
		}
		p.mu.Lock()
		n += len(p.unsure)
		p.mu.Unlock()
	}
	return n
}

// ask sends one request and returns the status; 0: there was no answer.
func (c *chaos) ask(method, path, token, key string, body any) (int, []byte) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			c.Error(err)
		}
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.url+path, bytes.NewReader(text))
	if err != nil {
		c.Error(err)
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil
	}
	if res.StatusCode >= 500 && res.StatusCode != http.StatusServiceUnavailable {
		c.Errorf("%s %s: %d %s", method, path, res.StatusCode, answer)
	}
	return res.StatusCode, answer
}

// forSale are titles that viewers may buy, a few of them: then they meet.
func (c *chaos) forSale() []sdk.Media {
	file, err := config.Load(c.path)
	if err != nil {
		c.Fatal(err)
	}
	h, err := open(c.Context(), setup{file: file, logTo: io.Discard})
	if err != nil {
		c.Fatal(err)
	}
	defer func() {
		if err := h.close(); err != nil {
			c.Error(err)
		}
	}()
	var out []sdk.Media
	for _, t := range h.library.Titles() {
		if _, kept := h.library.Reserved(t.Media.Key()); !kept && t.Media.DurationMS > 0 && t.Media.DurationMS < 900_000 && len(out) < 40 {
			out = append(out, t.Media)
		}
	}
	if len(out) < 20 {
		c.Fatalf("only %d titles are for sale", len(out))
	}
	return out
}

// serial names what one person asks for.
func serial(name string, n int) string { return name + "-" + strconv.Itoa(n) }
