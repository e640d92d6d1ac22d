// Package socketio is one connection to a Socket.IO v4 server (Engine.IO v4, protocol 5) over a websocket: the
// handshake, pings, events both ways, and the end. It knows nothing of what the events mean.
//
// A connection is used once. It has no goroutine of its own: whoever calls [Conn.Next] in a loop keeps it alive, because
// pings are answered there.
package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

// ErrEnded says that the server ended the connection in good order (41). The server leaves the websocket open then;
// [Conn.Close] closes it.
var ErrEnded = errors.New("the server ended the connection")

// RefusedError is the server's answer to a connection that it does not want (44), in its own words.
type RefusedError struct{ Message string }

// Error gives the server's words.
func (e *RefusedError) Error() string { return "the server refused the connection: " + e.Message }

// Event is one event as it came: its name and its arguments, not decoded.
type Event struct {
	Name string
	Args []json.RawMessage
}

// Options of a connection.
type Options struct {
	URL     string        // of the server, http, https, ws or wss; the path is added
	Client  *http.Client  // makes the connection; nil: a default one
	Header  http.Header   // sent with the handshake
	Silence time.Duration // without any frame, after which the connection is dead; 0: the server's ping interval and 20 s
}

// Conn is one open connection. Next is for one goroutine; Emit and Close may be called from any.
type Conn struct {
	ws      *websocket.Conn
	silence time.Duration
}

// Dial connects and waits until the server has accepted. A *RefusedError is the server's refusal; its websocket is closed.
func Dial(ctx context.Context, o Options) (*Conn, error) {
	address, err := endpoint(o.URL)
	if err != nil {
		return nil, err
	}
	ws, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: o.Client, HTTPHeader: o.Header})
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", o.URL, err)
	}
	ws.SetReadLimit(readLimit)
	c := &Conn{ws: ws, silence: o.Silence}
	if err := c.greet(ctx); err != nil {
		_ = ws.CloseNow()
		return nil, err
	}
	return c, nil
}

// greet is the handshake: the server opens, we ask for the root namespace, the server accepts or refuses.
func (c *Conn) greet(ctx context.Context) error {
	for {
		f, err := c.read(ctx)
		if err != nil {
			return err
		}
		switch f.kind {
		case opened:
			if c.silence == 0 {
				c.silence = f.ping + pingGrace
			}
			err = c.write(ctx, []byte("40"))
		case pinged:
			err = c.write(ctx, []byte("3"+f.probe))
		case connected:
			return nil
		case refused:
			return &RefusedError{Message: f.message}
		case ended:
			return ErrEnded
		}
		if err != nil {
			return err
		}
	}
}

// Next returns the next event, answering pings on the way. ErrEnded is a good end, a *RefusedError a refusal that came
// late; any other error is a connection that is lost, silent, or not understood. After an error there is only Close.
func (c *Conn) Next(ctx context.Context) (Event, error) {
	for {
		f, err := c.read(ctx)
		if err != nil {
			return Event{}, err
		}
		switch f.kind {
		case event:
			return f.event, nil
		case pinged:
			if err := c.write(ctx, []byte("3"+f.probe)); err != nil {
				return Event{}, err
			}
		case ended:
			return Event{}, ErrEnded
		case refused:
			return Event{}, &RefusedError{Message: f.message}
		}
	}
}

// Emit sends one event. The arguments are encoded as JSON, with < > & as they are.
func (c *Conn) Emit(ctx context.Context, name string, args ...any) error {
	data, err := encode(name, args)
	if err != nil {
		return err
	}
	return c.write(ctx, data)
}

// Close says goodbye if that can be done within a second, and closes the websocket. A second Close does nothing.
func (c *Conn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	_ = c.ws.Write(ctx, websocket.MessageText, []byte("41"))
	_ = c.ws.CloseNow()
	return nil
}

func (c *Conn) read(ctx context.Context) (frame, error) {
	silence := c.silence
	if silence == 0 {
		silence = defaultPing + pingGrace
	}
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	kind, data, err := c.ws.Read(ctx)
	if err != nil {
		return frame{}, fmt.Errorf("read: %w", err)
	}
	if kind != websocket.MessageText {
		return frame{}, errors.New("a binary frame, which this protocol does not use here")
	}
	return parseFrame(data)
}

// write sends one frame. The websocket lets one writer in at a time.
func (c *Conn) write(ctx context.Context, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, data); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// encode writes an event as a frame.
func encode(name string, args []any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("42")
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	if err := to.Encode(append([]any{name}, args...)); err != nil {
		return nil, fmt.Errorf("encode %s: %w", name, err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// endpoint is the address of the websocket of a server.
func endpoint(server string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("the address %q: %w", server, err)
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
	default:
		return "", fmt.Errorf("the address %q begins with neither http nor ws", server)
	}
	u.Path, u.RawQuery, u.Fragment = path, "EIO=4&transport=websocket", ""
	return u.String(), nil
}
