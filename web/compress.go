package web

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"playbill/web/pages"
)

// compressed answers in gzip who can read it. An answer stays as it is when it is short, of a kind that does not get smaller,
// or packed already; a socket is left alone. Every handler of ours writes its answer in one go, so the first write shows
// how long it is.
func compressed(next http.Handler) http.Handler {
	pool := &sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(nil, gzipLevel)
		if err != nil { // the level is a constant
			return gzip.NewWriter(nil)
		}
		return w
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		s := &squeezer{ResponseWriter: w, pool: pool, readable: pages.AcceptsGzip(r.Header)}
		next.ServeHTTP(s, r) // a panic goes on to the server, which cuts the connection
		s.finish()
	})
}

// squeezer holds the head of an answer back until it knows whether its body is to be packed.
type squeezer struct {
	http.ResponseWriter
	pool     *sync.Pool
	readable bool // who asks can read gzip
	status   int  // 0: not said yet
	sent     bool
	gz       *gzip.Writer // nil: the body stays as it is
}

// WriteHeader keeps the status for the first write. What is only informational goes out at once.
func (s *squeezer) WriteHeader(status int) {
	if status < http.StatusOK {
		s.ResponseWriter.WriteHeader(status)
		return
	}
	if s.status == 0 {
		s.status = status
	}
}

// Write sends a part of the body, packed or as it is.
func (s *squeezer) Write(p []byte) (int, error) {
	s.begin(len(p))
	if s.gz == nil {
		return s.ResponseWriter.Write(p)
	}
	return s.gz.Write(p)
}

// Flush sends what has been written so far.
func (s *squeezer) Flush() {
	s.begin(0)
	if s.gz != nil {
		_ = s.gz.Flush() // who reads is gone: the next write says so
	}
	if f, ok := s.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Hijack implements http.Hijacker for a connection that was not announced as an upgrade: there is none.
func (s *squeezer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, fmt.Errorf("take over a connection that asked for no upgrade: %w", http.ErrNotSupported)
}

// begin sends the head, once. size is how long the first part of the body is.
func (s *squeezer) begin(size int) {
	if s.sent {
		return
	}
	s.sent = true
	if s.status == 0 {
		s.status = http.StatusOK
	}
	h := s.Header()
	if h.Get("Content-Encoding") == "" && shrinks(h.Get("Content-Type")) && s.status != http.StatusNoContent && s.status != http.StatusNotModified {
		if !slices.Contains(h["Vary"], "Accept-Encoding") {
			h.Add("Vary", "Accept-Encoding")
		}
		if s.readable && size >= compressMin {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			s.gz, _ = s.pool.Get().(*gzip.Writer)
			s.gz.Reset(s.ResponseWriter)
		}
	}
	s.ResponseWriter.WriteHeader(s.status)
}

// finish ends the answer.
func (s *squeezer) finish() {
	if s.status != 0 {
		s.begin(0)
	}
	if s.gz != nil {
		_ = s.gz.Close() // who reads is gone: nobody is left to tell
		s.pool.Put(s.gz)
	}
}

// shrinks reports whether bodies of a content type get smaller.
func shrinks(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.TrimSpace(kind)
	return strings.HasPrefix(kind, "text/") || slices.Contains([]string{"application/json", "image/svg+xml", "text/javascript"}, kind)
}
