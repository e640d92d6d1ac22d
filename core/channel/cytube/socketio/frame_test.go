package socketio

import (
	"strings"
	"testing"
	"time"
)

func TestParseFrame(t *testing.T) {
	tests := []struct {
		name, frame string
		kind        kind
		event       string // name and arguments
	}{
		{"open", `0{"sid":"x","pingInterval":25000}`, opened, ""},
		{"ping", "2", pinged, ""},
		{"probe", "2probe", pinged, ""},
		{"pong", "3", ignored, ""},
		{"noop", "6", ignored, ""},
		{"engine close", "1", ended, ""},
		{"connected", `40{"sid":"x"}`, connected, ""},
		{"connected, root named", `40/,{"sid":"x"}`, connected, ""},
		{"another namespace", `42/chat,["x"]`, ignored, ""},
		{"ended", "41", ended, ""},
		{"event", `42["rank",-1]`, event, "rank -1"},
		{"event with ack", `4217["delete",{"uid":15}]`, event, `delete {"uid":15}`},
		{"event without arguments", `42["cancelNeedPassword"]`, event, "cancelNeedPassword"},
		{"ack", `431["x"]`, ignored, ""},
		{"refused", `44{"message":"Rate limit exceeded"}`, refused, ""},
		{"refused without words", `44`, refused, ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			f, err := parseFrame([]byte(tc.frame))
			if err != nil || f.kind != tc.kind {
				t.Fatalf("%v %v", f.kind, err)
			}
			got := f.event.Name
			for _, a := range f.event.Args {
				got += " " + string(a)
			}
			if got != tc.event {
				t.Errorf("event %q", got)
			}
		})
	}
	for _, bad := range []string{"", "4", "9", "49", `42`, `42{}`, `42[]`, `42[1]`, `42["x"`, `42["x",]`, "45"} {
		if f, err := parseFrame([]byte(bad)); err == nil {
			t.Errorf("%q is %v", bad, f.kind)
		}
	}
	if f, _ := parseFrame([]byte(`44{"message":"no"}`)); f.message != "no" {
		t.Errorf("message %q", f.message)
	}
	for text, want := range map[string]time.Duration{
		`0{"pingInterval":1000}`: time.Second, `0{}`: defaultPing, `0nonsense`: defaultPing, `0{"pingInterval":-5}`: defaultPing,
		`0{"pingInterval":99999999999}`: defaultPing,
	} {
		if f, _ := parseFrame([]byte(text)); f.ping != want {
			t.Errorf("%s: ping %v", text, f.ping)
		}
	}
}

func TestEncode(t *testing.T) {
	data, err := encode("pm", []any{map[string]string{"msg": "a <b> & c"}})
	if err != nil || string(data) != `42["pm",{"msg":"a <b> & c"}]` {
		t.Errorf("%s %v", data, err)
	}
	if _, err := encode("x", []any{func() {}}); err == nil {
		t.Error("a function was encoded")
	}
}

func TestEndpoint(t *testing.T) {
	for server, want := range map[string]string{
		"http://h:1":           "http://h:1/socket.io/?EIO=4&transport=websocket",
		"https://h/other?x=1#": "https://h/socket.io/?EIO=4&transport=websocket",
		"wss://h":              "wss://h/socket.io/?EIO=4&transport=websocket",
	} {
		if got, err := endpoint(server); got != want || err != nil {
			t.Errorf("%s: %s %v", server, got, err)
		}
	}
	for _, bad := range []string{"ftp://h", "h:1", "::", ""} {
		if got, err := endpoint(bad); err == nil {
			t.Errorf("%q is %s", bad, got)
		}
	}
}

// FuzzParseFrame: whatever a server sends, a frame is understood or refused, and an event always has a name that was there.
func FuzzParseFrame(f *testing.F) {
	for _, seed := range []string{`0{"pingInterval":25000}`, "2", "40", "41", `42["x",1]`, `4212["x"]`, `42/a,["x"]`, `44{"message":"x"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseFrame([]byte(text))
		if err == nil && got.kind == event && !strings.HasPrefix(text, "42") {
			t.Errorf("%q is an event", text)
		}
		if got.kind == opened && (got.ping <= 0 || got.ping > longestPing) {
			t.Errorf("ping %v", got.ping)
		}
	})
}
