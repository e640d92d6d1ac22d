package socketio

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// kind of a frame, as far as a client must tell them apart.
type kind int

const (
	ignored   kind = iota // of another namespace, an acknowledgement, or nothing to us
	opened                // Engine.IO 0
	pinged                // Engine.IO 2
	connected             // 40
	event                 // 42
	ended                 // 41, or Engine.IO 1
	refused               // 44
)

// frame is one parsed text frame.
type frame struct {
	kind    kind
	event   Event
	message string        // of a refusal
	ping    time.Duration // of an opening; how often the server pings
	probe   string        // of a ping; comes back in the pong
}

// parseFrame reads one Engine.IO v4 text frame (Socket.IO protocol 5). The error says that the frame cannot be understood:
// whoever skips it may miss an event.
func parseFrame(data []byte) (frame, error) {
	if len(data) == 0 {
		return frame{}, fmt.Errorf("an empty frame")
	}
	rest := data[1:]
	switch data[0] {
	case '0':
		return parseOpen(rest), nil
	case '1':
		return frame{kind: ended}, nil
	case '2':
		return frame{kind: pinged, probe: string(rest)}, nil
	case '3', '5', '6':
		return frame{}, nil
	case '4':
		return parseMessage(rest)
	}
	return frame{}, fmt.Errorf("a frame of unknown type %q", data[0])
}

func parseOpen(data []byte) frame {
	var open struct {
		PingInterval int64 `json:"pingInterval"` // milliseconds
	}
	f := frame{kind: opened, ping: defaultPing}
	if err := json.Unmarshal(data, &open); err != nil {
		return f
	}
	if ms := open.PingInterval; ms > 0 && ms <= longestPing.Milliseconds() {
		f.ping = time.Duration(ms) * time.Millisecond
	}
	return f
}

// parseMessage reads what follows the 4: a Socket.IO packet.
func parseMessage(data []byte) (frame, error) {
	if len(data) == 0 {
		return frame{}, fmt.Errorf("an empty message")
	}
	kind, rest := data[0], string(data[1:])
	if strings.HasPrefix(rest, "/") { // a namespace; only the root one is ours
		space, payload, _ := strings.Cut(rest, ",")
		if space != "/" {
			return frame{}, nil
		}
		rest = payload
	}
	switch kind {
	case '0':
		return frame{kind: connected}, nil
	case '1':
		return frame{kind: ended}, nil
	case '2':
		return parseEvent(rest)
	case '3':
		return frame{}, nil
	case '4':
		return parseRefusal(rest), nil
	}
	return frame{}, fmt.Errorf("a packet of unknown type %q", kind)
}

// parseEvent reads an event's array, behind the acknowledgement number if there is one.
func parseEvent(text string) (frame, error) {
	text = strings.TrimLeft(text, "0123456789")
	var args []json.RawMessage
	if err := json.Unmarshal([]byte(text), &args); err != nil {
		return frame{}, fmt.Errorf("an event that is no array: %w", err)
	}
	if len(args) == 0 {
		return frame{}, fmt.Errorf("an event without a name")
	}
	f := frame{kind: event}
	if err := json.Unmarshal(args[0], &f.event.Name); err != nil {
		return frame{}, fmt.Errorf("an event whose name is no text: %w", err)
	}
	f.event.Args = args[1:]
	return f, nil
}

func parseRefusal(text string) frame {
	f := frame{kind: refused, message: text}
	var body struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal([]byte(text), &body); err == nil && body.Message != "" {
		f.message = body.Message
	}
	return f
}
