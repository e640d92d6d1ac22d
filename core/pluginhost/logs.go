package pluginhost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/hashicorp/go-hclog"
)

// lineLog takes what a plugin writes, in whatever bytes, into the host's log and into a short tail for the admin page.
// It survives its processes: the last words of a dead one are what somebody wants to read.
type lineLog struct {
	out hclog.Logger

	mu      sync.Mutex
	tail    []Line
	second  int64 // of the lines counted below
	lines   int
	dropped int
}

// Line is one line that a plugin wrote.
type Line struct {
	AtMS int64 // when the host read it, UTC milliseconds
	Bad  bool  // an error, or the beginning of a panic
	Text string
}

// stream is one output of one process: it puts lines together.
type stream struct {
	to   *lineLog
	line []byte
	cut  int // bytes of the line that were left out
}

func (l *lineLog) stream() *stream { return &stream{to: l} }

// drain reads until the output ends or fails.
func (s *stream) drain(from io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		s.put(buf[:n])
		if err != nil {
			s.flush()
			s.to.flush()
			return
		}
	}
}

func (s *stream) put(some []byte) {
	for len(some) > 0 {
		part, rest, complete := bytes.Cut(some, []byte{'\n'})
		room := min(len(part), lineBytes-len(s.line))
		s.line = append(s.line, part[:room]...)
		s.cut += len(part) - room
		if complete {
			s.flush()
		}
		some = rest
	}
}

func (s *stream) flush() {
	if len(s.line) == 0 && s.cut == 0 {
		return
	}
	s.to.take(s.line, s.cut, time.Now())
	s.line, s.cut = s.line[:0], 0
}

// take keeps a line, unless the second is full.
func (l *lineLog) take(line []byte, cut int, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	second := at.Unix()
	if second != l.second {
		l.admitDropped()
		l.second, l.lines = second, 0
	}
	if l.lines++; l.lines > linesPerSecond {
		l.dropped++
		return
	}
	level, text := levelled(line)
	if cut > 0 {
		text += fmt.Sprintf(" … (%d more bytes)", cut)
	}
	l.keep(Line{at.UnixMilli(), level >= hclog.Error, text}, level)
}

func (l *lineLog) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.admitDropped()
}

func (l *lineLog) admitDropped() {
	if l.dropped > 0 {
		l.keep(l.loss(), hclog.Warn)
		l.dropped = 0
	}
}

func (l *lineLog) loss() Line {
	return Line{AtMS: l.second * 1000, Text: fmt.Sprintf("dropped %d lines: more than %d in a second", l.dropped, linesPerSecond)}
}

func (l *lineLog) keep(line Line, level hclog.Level) {
	l.out.Log(level, line.Text)
	if len(l.tail) == tailLines {
		l.tail = l.tail[1:]
	}
	l.tail = append(l.tail, line)
}

// last returns the tail, oldest first.
func (l *lineLog) last() []Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	tail := slices.Clone(l.tail)
	if l.dropped > 0 {
		tail = append(tail, l.loss())
	}
	return tail
}

// levelled reads a line as hclog's JSON when it is that, and as text when it is anything else. Every value is looked at
// before it is believed: a plugin may write {"@message": 42}.
func levelled(line []byte) (hclog.Level, string) {
	var fields map[string]any
	if len(line) > 0 && line[0] == '{' && json.Unmarshal(line, &fields) == nil {
		message, isText := fields["@message"].(string)
		name, _ := fields["@level"].(string)
		if isText {
			level := hclog.LevelFromString(name)
			if level == hclog.NoLevel || level == hclog.Off {
				level = hclog.Info
			}
			return level, oneLine(message, lineBytes)
		}
	}
	text := oneLine(string(line), lineBytes)
	if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
		return hclog.Error, text
	}
	return hclog.Info, text
}

// oneLine is text that can be shown: valid UTF-8, no control characters, at most so many bytes.
func oneLine(s string, most int) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(clean) > most {
		clean = strings.ToValidUTF8(clean[:most], "")
	}
	return clean
}
