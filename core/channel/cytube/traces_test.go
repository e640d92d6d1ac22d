package cytube_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/channel/cytube"
	"playbill/sdk"
)

var update = flag.Bool("update", false, "write the states of the recorded traces anew; read every line of the difference")

// TestTraces replays what a real CyTube server (3.86.0) sent to a bot, frame by frame and at its time, and what the bot was
// told to do meanwhile. The bot must send what it sent then, and see the states that stand beside the trace.
//
// A trace is lines: "connect" and "close" of one connection; "< MS FRAME" from the server; "> MS FRAME" from the bot; and
// "! MS COMMAND" for a command of the station's. Times are milliseconds since the connection began. Addresses and names are
// neutral; times of chat lines count from the beginning of the simulated clock.
func TestTraces(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.trace")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d traces: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".trace"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".trace") + ".states"
			var got string
			synctest.Test(t, func(t *testing.T) { got = play(t, strings.Split(strings.TrimSpace(string(text)), "\n")) })
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}

// player is a server that says what another one said.
type player struct {
	t       *testing.T
	driver  *cytube.Driver
	conns   chan *websocket.Conn
	conn    *websocket.Conn
	began   time.Time
	waiting sync.WaitGroup

	mu      sync.Mutex
	epoch   channel.Epoch
	states  []string
	results []string
}

func play(t *testing.T, lines []string) string {
	network := cytubetest.NewMemory()
	p := &player{t: t, conns: make(chan *websocket.Conn, 1)}
	server := &http.Server{Handler: p.handler()}
	serving := make(chan struct{})
	go func() { _ = server.Serve(network); close(serving) }()
	options := cytube.Options{Server: "http://cytube.memory", Channel: "tracechan", User: "bot", Password: "botpass", Client: network.Client()}
	if strings.Contains(lines[0], "lowly") {
		options.User, options.Password = "lowbot", "lowbotpass"
	}
	if strings.Contains(lines[0], "fast") {
		options.AddIntervalMS = -1
	}
	driver, err := cytube.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	p.driver = driver
	watched := make(chan struct{})
	go func() { p.watch(); close(watched) }()
	for i, line := range lines[1:] {
		p.step(i+2, line)
	}
	time.Sleep(time.Second)
	p.waiting.Wait()
	if err := driver.Close(); err != nil {
		t.Fatal(err)
	}
	<-watched
	if p.conn != nil {
		_ = p.conn.CloseNow()
	}
	_ = server.Close()
	_ = network.Close()
	<-serving
	synctest.Wait()
	slices.Sort(p.results)
	return strings.Join(append(p.states, p.results...), "\n") + "\n"
}

func (p *player) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/socketconfig/", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"servers":[{"url":"http://cytube.memory","secure":false}]}`))
	})
	mux.HandleFunc("/socket.io/", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		p.conns <- conn
	})
	return mux
}

// step plays one line.
func (p *player) step(number int, line string) {
	p.t.Helper()
	if line == "connect" {
		if p.conn != nil {
			_ = p.conn.CloseNow()
		}
		p.conn, p.began = <-p.conns, time.Now()
		return
	}
	how, rest, _ := strings.Cut(line, " ")
	at, text, _ := strings.Cut(rest, " ")
	ms, err := strconv.Atoi(at)
	if err != nil {
		p.t.Fatalf("line %d: %v", number, err)
	}
	time.Sleep(time.Until(p.began.Add(time.Duration(ms) * time.Millisecond)))
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	switch how {
	case "close":
		_ = p.conn.CloseNow()
	case "<":
		if err := p.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			p.t.Fatalf("line %d: %v", number, err)
		}
	case ">":
		_, got, err := p.conn.Read(ctx)
		if err != nil || string(got) != text {
			p.t.Fatalf("line %d: the bot sent %s (%v), and then it sent %s", number, got, err, text)
		}
	case "!":
		n := len(text)
		p.waiting.Go(func() { p.do(fmt.Sprintf("line %03d %s", number, text[:n]), command(p.t, text, p.epochNow())) })
		synctest.Wait()
	default:
		p.t.Fatalf("line %d: %q", number, line)
	}
}

func (p *player) do(name string, c channel.Command) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 20*time.Second)
	defer cancel()
	r := p.driver.Do(ctx, c)
	line := fmt.Sprintf("%s: %s", name, r.Outcome)
	if r.Outcome == channel.Done && r.Item != (channel.Ref{}) {
		line += fmt.Sprintf(" %d/%d", r.Item.Epoch, r.Item.UID)
	}
	if r.Fault != nil {
		line += fmt.Sprintf(" %s: %s", r.Fault.Code, r.Fault.Sentence)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.results = append(p.results, line)
}

// watch writes down each state that differs from the one before.
func (p *player) watch() {
	last := ""
	for u := range p.driver.Updates() {
		p.mu.Lock()
		p.epoch = u.Epoch
		if text := stateText(u); text != last {
			p.states, last = append(p.states, text), text
		}
		p.mu.Unlock()
	}
}

func (p *player) epochNow() channel.Epoch {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.epoch
}

// stateText is a state in one line: health and epoch, the list with the current item in brackets, temporary ones with a *,
// what left the air, who is there, and what we may not do.
func stateText(u channel.Update) string {
	out := fmt.Sprintf("%s %d shown %d", u.Health, u.Epoch, u.Shown)
	if u.Gap {
		out += " gap"
	}
	var list []string
	for i, it := range u.List {
		text := fmt.Sprintf("%d:%s", it.UID, name(it.Media))
		if it.Temp {
			text += "*"
		}
		if it.AddedBy != u.Self {
			text += "@" + it.AddedBy
		}
		if i == u.Current {
			text = "[" + text + "]"
		}
		list = append(list, text)
	}
	out += " | " + strings.Join(list, " ")
	for _, d := range u.Left {
		out += fmt.Sprintf(" | left %d:%s %s after %d s", d.Item.UID, name(d.Item.Media), d.How, (d.PlayedMS+50)/1000)
	}
	var people []string
	for _, p := range u.People {
		text := fmt.Sprintf("%s %d", p.Name, p.RankTenths)
		if p.AFK {
			text += " afk"
		}
		if p.Muted {
			text += " muted"
		}
		people = append(people, text)
	}
	out += " | " + strings.Join(people, ", ")
	c := u.Can
	for _, may := range []struct {
		name string
		ok   bool
	}{{"add", c.Add}, {"next", c.AddNext}, {"move", c.Move}, {"remove", c.Remove}, {"jump", c.Jump}, {"say", c.Say}, {"tell", c.Tell}, {"dupes", !c.Dupes}} {
		if !may.ok {
			out += " !" + may.name
		}
	}
	if u.Why != "" {
		out += " | " + u.Why
	}
	return out
}

func name(m sdk.Media) string {
	_, last, _ := strings.Cut(strings.TrimSuffix(m.ID, ".json"), "example/")
	if last == "" {
		last = m.ID
	}
	return m.Type + "/" + last
}

// command reads a command as a trace has it.
func command(t *testing.T, text string, epoch channel.Epoch) channel.Command {
	words := strings.SplitN(text, " ", 4)
	ref := func(word string) channel.Ref {
		uid, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return channel.Ref{Epoch: epoch, UID: channel.UID(uid)}
	}
	switch words[0] {
	case "add", "next":
		m := sdk.Media{Type: words[2], ID: words[3]}
		switch m.Type { // a length is sent for live ones, a title for embeds
		case "rt":
			m.DurationMS = 7000
		case "cu":
			m.Title, m.DurationMS = "An embed", 9000
		}
		return channel.Add{Media: m, Next: words[0] == "next", Temp: words[1] == "temp"}
	case "move":
		return channel.Move{Item: ref(words[1]), After: ref(words[2])}
	case "remove":
		return channel.Remove{Item: ref(words[1])}
	case "jump":
		return channel.Jump{Item: ref(words[1])}
	case "say":
		return channel.Say{Text: strings.TrimPrefix(text, "say ")}
	case "tell":
		return channel.Tell{To: channel.UserKey(words[1]), Text: strings.Join(words[2:], " ")}
	}
	t.Fatalf("no command %q", text)
	return nil
}
