package socketio_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"playbill/core/channel/cytube/socketio"
)

// serve is a server that plays one script on each connection.
func serve(t *testing.T, script func(ctx context.Context, ws *websocket.Conn)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = ws.CloseNow() }()
		script(r.Context(), ws)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func say(ctx context.Context, ws *websocket.Conn, frames ...string) {
	for _, f := range frames {
		if ws.Write(ctx, websocket.MessageText, []byte(f)) != nil {
			return
		}
	}
}

func hear(ctx context.Context, ws *websocket.Conn) string {
	_, data, err := ws.Read(ctx)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

const hello = `0{"sid":"x","pingInterval":25000}`

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestConversation(t *testing.T) {
	heard := make(chan string, 8)
	long := `42["playlist","` + strings.Repeat("x", 3<<20) + `"]`
	url := serve(t, func(ctx context.Context, ws *websocket.Conn) {
		say(ctx, ws, hello)
		heard <- hear(ctx, ws)
		say(ctx, ws, "2", `40{"sid":"y"}`)
		heard <- hear(ctx, ws)
		say(ctx, ws, `42["rank",-1]`, "2", long, "41")
		heard <- hear(ctx, ws)
		heard <- hear(ctx, ws)
		heard <- hear(ctx, ws)
	})
	ctx := within(t)
	c, err := socketio.Dial(ctx, socketio.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := c.Next(ctx); err != nil || e.Name != "rank" || string(e.Args[0]) != "-1" {
		t.Fatalf("%+v %v", e, err)
	}
	if e, err := c.Next(ctx); err != nil || len(e.Args[0]) < 3<<20 {
		t.Fatalf("a long frame: %v", err)
	}
	if err := c.Emit(ctx, "login", map[string]string{"name": "<a>"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Next(ctx); !errors.Is(err, socketio.ErrEnded) {
		t.Fatalf("after 41: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	for _, want := range []string{"40", "3", "3", `42["login",{"name":"<a>"}]`, "41"} {
		if got := <-heard; got != want {
			t.Errorf("the server heard %q, want %q", got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	url := serve(t, func(ctx context.Context, ws *websocket.Conn) {
		say(ctx, ws, hello)
		hear(ctx, ws)
		say(ctx, ws, `44{"message":"Rate limit exceeded"}`)
		hear(ctx, ws)
	})
	var refused *socketio.RefusedError
	if _, err := socketio.Dial(within(t), socketio.Options{URL: url}); !errors.As(err, &refused) || refused.Message != "Rate limit exceeded" {
		t.Fatal(err)
	}
}

func TestSilenceAndNonsense(t *testing.T) {
	tests := []struct {
		name   string
		frames []string
		binary bool
	}{
		{"silence", nil, false},
		{"nonsense", []string{"42[nonsense"}, false},
		{"binary", nil, true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			url := serve(t, func(ctx context.Context, ws *websocket.Conn) {
				say(ctx, ws, hello)
				hear(ctx, ws)
				say(ctx, ws, "40")
				say(ctx, ws, tc.frames...)
				if tc.binary {
					_ = ws.Write(ctx, websocket.MessageBinary, []byte("x"))
				}
				hear(ctx, ws)
			})
			ctx := within(t)
			c, err := socketio.Dial(ctx, socketio.Options{URL: url, Silence: 200 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if e, err := c.Next(ctx); err == nil || ctx.Err() != nil {
				t.Fatalf("%+v %v", e, err)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1:1", "ftp://x"} {
		if _, err := socketio.Dial(within(t), socketio.Options{URL: url}); err == nil {
			t.Errorf("%s answered", url)
		}
	}
}
