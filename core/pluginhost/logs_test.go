package pluginhost

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/go-hclog"
)

func TestLinesKeepTheirLevel(t *testing.T) {
	tests := map[string]struct {
		level hclog.Level
		text  string
	}{
		`{"@level":"warn","@message":"dim"}`:  {hclog.Warn, "dim"},
		`{"@level":"tea","@message":"dim"}`:   {hclog.Info, "dim"},
		`{"@level":"off","@message":"dim"}`:   {hclog.Info, "dim"},
		`{"@message": 42}`:                    {hclog.Info, `{"@message": 42}`},
		`{"@level": 1, "@message": "x"}`:      {hclog.Info, "x"},
		`{"@message":`:                        {hclog.Info, `{"@message":`},
		"panic: runtime error":                {hclog.Error, "panic: runtime error"},
		"tab\tand\x07bell\x1b[31m":            {hclog.Info, "tab andbell[31m"},
		"\xff":                                {hclog.Info, "\uFFFD"},
		`{"@message":"two\nlines","@x":null}`: {hclog.Info, "twolines"},
	}
	for line, want := range tests {
		level, text := levelled([]byte(line))
		if level != want.level || text != want.text {
			t.Errorf("%q is %s %q, want %s %q", line, level, text, want.level, want.text)
		}
	}
}

func TestAFloodIsCutAndCounted(t *testing.T) {
	l := &lineLog{out: hclog.NewNullLogger()}
	for range linesPerSecond + 30 {
		l.take([]byte("x"), 0, time.Unix(1, 0))
	}
	if tail := l.last(); len(tail) != tailLines+1 || tail[tailLines].Text != "dropped 30 lines: more than 100 in a second" {
		t.Fatalf("tail: %v", tail)
	}
	l.take([]byte("y"), 0, time.Unix(2, 0))
	if tail := l.last(); len(tail) != tailLines || tail[tailLines-1].Text != "y" || !strings.HasPrefix(tail[tailLines-2].Text, "dropped 30") {
		t.Fatalf("tail: %v", tail)
	}
}

func FuzzLog(f *testing.F) {
	f.Add([]byte("{\"@message\": 42}\n"), 3)
	f.Add([]byte("\xff\xfe\n\n\r\n{\"@level\":[]}"), 1)
	f.Add(bytes.Repeat([]byte("long"), 3000), 100)
	f.Fuzz(func(t *testing.T, written []byte, at int) {
		l := &lineLog{out: hclog.NewNullLogger()}
		s := l.stream()
		if at = max(0, min(at, len(written))); at > 0 {
			s.put(written[:at])
		}
		s.drain(bytes.NewReader(written[at:]))
		for _, said := range l.last() {
			line := said.Text
			if !utf8.ValidString(line) || strings.ContainsAny(line, "\n\r\x00\x1b") || len(line) > lineBytes+40 {
				t.Fatalf("%d bytes that cannot be shown: %q", len(line), line)
			}
		}
	})
}
