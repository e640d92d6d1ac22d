package live

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"playbill/core/fault"
)

// sessionEnded closes the socket of a page whose session is over: the page then asks again who it is.
const sessionEnded websocket.StatusCode = 4001

// socket is one open page. Only its own goroutine writes to it.
type socket struct {
	frames chan []byte     // closed by the hub when the socket is dropped
	ended  <-chan struct{} // closed when the session of its page ends; nil: it has none
}

// Serve takes over a request and keeps a page up to date until it goes away, until it no longer reads, or until Close.
// The query's since is the revision that the page has: it is then told what it missed, if that is still known, else
// everything. Faults, with nothing taken over: CrossOrigin, Limit, Stopping.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request) error { return h.ServeUntil(w, r, nil) }

// ServeUntil is Serve for the page of somebody who is logged in: it ends with code 4001 when ended is closed.
func (h *Hub) ServeUntil(w http.ResponseWriter, r *http.Request, ended <-chan struct{}) error {
	if !sameOrigin(r) {
		return fault.New(fault.CrossOrigin, "This page belongs to another site. Live updates are for Playbill's own pages.")
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return fault.New(fault.Invalid, "This address speaks WebSocket only. The same as JSON is at /api/v1/queue.")
	}
	s := &socket{frames: make(chan []byte, framesMax), ended: ended}
	since, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64) // anything else than a number: everything
	first, ok := h.join(s, since)
	if !ok {
		return h.refusal()
	}
	defer h.leave(s)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		h.opt.Logger.Debug("a socket was not accepted", "error", err)
		return nil // Accept has answered
	}
	h.keep(conn, s, first)
	return nil
}

func (h *Hub) refusal() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return fault.New(fault.Stopping, "Playbill is stopping. Try again in a minute.")
	}
	return fault.New(fault.Limit, "Too many pages are connected. This one is complete without live updates; try again in a minute.")
}

// keep writes to a socket until it ends.
func (h *Hub) keep(conn *websocket.Conn, s *socket, first [][]byte) {
	conn.SetReadLimit(readMax)
	gone := make(chan struct{})
	defer func() {
		_ = conn.CloseNow()
		<-gone
	}()
	// Answers pings until the page closes, or says something. Ends with the connection; keep waits for it.
	go func() {
		defer close(gone)
		_, _, _ = conn.Reader(context.Background()) // whatever comes, it is the end
	}()
	p := newPen(conn)
	for _, text := range first {
		if p.write(text) != nil {
			return
		}
	}
	idle := time.NewTicker(pingEvery)
	defer idle.Stop()
	for {
		select {
		case <-gone:
			_ = conn.Close(websocket.StatusPolicyViolation, "nothing is expected from a page")
			return
		case <-s.ended:
			_ = conn.Close(sessionEnded, "the session has ended")
			return
		case <-h.stop:
			_ = conn.Close(websocket.StatusGoingAway, "Playbill is stopping")
			return
		case text, open := <-s.frames:
			if !open {
				_ = conn.Close(websocket.StatusTryAgainLater, "too slow")
				return
			}
			if p.write(text) != nil {
				return
			}
		case <-idle.C:
			if p.ping() != nil {
				return
			}
		}
	}
}

// pen writes to one connection and cuts it when that takes too long. One timer serves all frames: with thousands of
// sockets, a context for each frame costs more than the frame.
type pen struct {
	conn  *websocket.Conn
	limit *time.Timer
}

func newPen(conn *websocket.Conn) *pen {
	p := &pen{conn: conn, limit: time.AfterFunc(time.Hour, func() { _ = conn.CloseNow() })}
	p.limit.Stop()
	return p
}

func (p *pen) write(text []byte) error {
	p.limit.Reset(writeWait)
	defer p.limit.Stop()
	return p.conn.Write(context.Background(), websocket.MessageText, text)
}

func (p *pen) ping() error {
	ctx, cancel := context.WithTimeout(context.Background(), pongWait)
	defer cancel()
	return p.conn.Ping(ctx)
}

// sameOrigin reports whether a browser's request comes from a page of this host; programs send no Origin.
func sameOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}
