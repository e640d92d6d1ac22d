package cytubetest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"playbill/core/channel"
	"playbill/core/playlist"
)

// socket is one client. Its fields below life are guarded by the server's lock.
type socket struct {
	s    *Server
	ws   *websocket.Conn
	life context.Context
	cut  context.CancelFunc
	some chan struct{} // something is to be written

	out         []string
	accepted    bool // 40 was answered
	joined      bool // joinChannel was sent: it counts once
	knocking    bool // at a channel with a password
	in          bool // in the room
	zombie      bool // joined a channel that was being unloaded
	gone        bool // kicked, or left
	name        string
	rankTenths  int
	person      person
	adds, talks playlist.Limiter
	askedMS     int64
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /socketconfig/{file}", s.config)
	mux.HandleFunc("/socket.io/", s.socketIO)
	return mux
}

// config is /socketconfig: where the channel's server is.
func (s *Server) config(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(r.PathValue("file"), ".json")
	if s.isDown() {
		http.Error(w, "Bad Gateway", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if strings.ContainsAny(name, "$ /%") {
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `{"error":"Channel \"%s\" does not exist."}`, name)
		return
	}
	_, _ = fmt.Fprintf(w, `{"servers":[{"url":%q,"secure":false}]}`, s.URL())
}

func (s *Server) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now() < s.upMS
}

// socketIO serves one client to its end.
func (s *Server) socketIO(w http.ResponseWriter, r *http.Request) {
	if s.isDown() {
		http.Error(w, "Bad Gateway", http.StatusBadGateway)
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	ws.SetReadLimit(frameMax)
	k := &socket{s: s, ws: ws, some: make(chan struct{}, pokeCap), rankTenths: -10}
	k.life, k.cut = context.WithCancel(s.life)
	s.mu.Lock()
	s.sockets = append(s.sockets, k)
	k.raw(fmt.Sprintf(`0{"sid":"x","upgrades":[],"pingInterval":%d,"pingTimeout":%d,"maxPayload":1048576}`,
		pingEvery.Milliseconds(), pingTimeout.Milliseconds()))
	s.mu.Unlock()
	var writing sync.WaitGroup
	writing.Go(k.write) // ends with the socket's life; waited for below
	k.read()
	k.cut()
	writing.Wait()
	_ = ws.CloseNow()
	s.act(func() {
		k.leave()
		s.sockets = slices.DeleteFunc(s.sockets, func(x *socket) bool { return x == k })
	})
}

func (k *socket) read() {
	for {
		ctx, cancel := context.WithTimeout(k.life, pingEvery+pingTimeout)
		_, data, err := k.ws.Read(ctx)
		cancel()
		if err != nil {
			return
		}
		switch text := string(data); {
		case text == "40":
			k.s.act(k.connect)
		case text == "41":
			return
		case strings.HasPrefix(text, "42"):
			var args []json.RawMessage
			var name string
			if json.Unmarshal(data[2:], &args) != nil || len(args) == 0 || json.Unmarshal(args[0], &name) != nil {
				return
			}
			k.s.act(func() { k.event(name, args[1:]) })
		}
	}
}

// write writes what is to be written, and pings. It ends with the socket's life.
func (k *socket) write() {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-k.life.Done():
			return
		case <-ping.C:
			k.s.mu.Lock()
			if !k.s.faults.noPings {
				k.raw("2")
			}
			k.s.mu.Unlock()
		case <-k.some:
		}
		k.s.mu.Lock()
		frames := k.out
		k.out = nil
		k.s.mu.Unlock()
		for _, frame := range frames {
			ctx, cancel := context.WithTimeout(k.life, writeWait)
			err := k.ws.Write(ctx, websocket.MessageText, []byte(frame))
			cancel()
			if err != nil {
				k.cut()
				return
			}
		}
	}
}

func (k *socket) raw(frame string) {
	k.out = append(k.out, frame)
	wake(k.some)
}

// emit sends one event to this client.
func (k *socket) emit(name string, args ...any) {
	if k.gone || k.zombie && name != "login" && name != "rank" {
		return
	}
	data, err := json.Marshal(append([]any{name}, args...))
	if err != nil {
		panic(err)
	}
	k.raw("42" + string(data))
}

// all sends one event to everybody in the room.
func (s *Server) all(name string, args ...any) {
	for _, k := range s.sockets {
		if k.in {
			k.emit(name, args...)
		}
	}
}

// connect is the handshake's second half.
func (k *socket) connect() {
	if k.accepted {
		return
	}
	f := &k.s.faults
	switch {
	case f.refuse > 0:
		f.refuse--
		k.raw(mustJSON("44", map[string]string{"message": f.refusal}))
	case !k.s.connects.Allow():
		k.raw(`44{"message":"Rate limit exceeded"}`)
	default:
		k.accepted = true
		k.raw(`40{"sid":"x"}`)
		k.emit("rank", -1)
	}
}

// kick puts a client out. Its websocket stays open: the client must close it.
func (k *socket) kick(reason string) {
	k.emit("kick", map[string]string{"reason": reason})
	k.raw("41")
	k.leave()
	k.gone = true
}

// leave takes a client out of the room.
func (k *socket) leave() {
	if k.in && k.name != "" && !k.zombie {
		k.in = false
		k.s.all("userLeave", map[string]string{"name": k.name})
	}
	k.in = false
}

func (k *socket) may(node string) bool {
	rank := float64(k.rankTenths) / 10
	p := k.s.opts.Permissions
	need, ok := p[node]
	open, opens := p["o"+node]
	return ok && rank >= need || k.s.opts.Unlocked && opens && rank >= open
}

func (k *socket) key() channel.UserKey { return channel.Fold(k.name) }

func mustJSON(prefix string, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return prefix + string(data)
}
