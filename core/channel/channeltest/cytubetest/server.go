// Package cytubetest is a scripted CyTube server: real HTTP and websockets, CyTube's frames in CyTube's order, and the list
// rules of core/playlist. It answers as the reference says (cytube.md), and can be made to do what is rare on a real one.
// Imported by tests only.
//
// The methods of [Server] are the acts of a person in the room who may do everything, and the server's own faults; each
// is one act, whose frames leave together. A server on [Memory] runs inside a testing/synctest bubble.
package cytubetest

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"playbill/core/channel"
	"playbill/core/playlist"
	"playbill/sdk"
)

// Account is somebody who can log in.
type Account struct {
	Password   string
	RankTenths int // in the channel, times ten
}

// Options say what kind of server and channel to open. The zero value is a channel "test" with CyTube's defaults, its
// list locked, and one account: "playbill", password "secret", a channel admin.
type Options struct {
	Listener     net.Listener // default: a free port on loopback
	Channel      string
	Password     string // of the channel
	Accounts     map[string]Account
	Permissions  map[string]float64 // nodes that differ from CyTube's
	Unlocked     bool
	Dupes        bool
	MaxItems     int
	MaxSeconds   int64
	Start        []channel.Item
	Unregistered bool

	LoginDelay time.Duration // bcrypt; default 50 ms
	RankDelay  time.Duration // between the answer to a login and the channel's rank; default 5 ms
	NoLimits   bool          // adds, talk and connects are never too fast
}

// Server is one CyTube server with one channel. Safe for concurrent use.
type Server struct {
	opts    Options
	http    *http.Server
	life    context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup
	poke    chan struct{} // for the clock
	feed    chan struct{} // for the line
	cleared chan struct{} // closed and made anew by a clear or shuffle

	mu       sync.Mutex // guards everything below
	list     *playlist.List
	saved    playlist.Saved
	shuffles uint64
	library  map[string]sdk.Media
	waiting  []*request
	sockets  []*socket
	people   map[channel.UserKey]*person // without a socket
	chat     []chatLine
	pms      []chatLine
	listed   []Listed
	aired    []channel.Departure
	faults   faults
	upMS     int64
	starts   int // of the server; a request of an earlier one is gone
	beatMS   int64
	connects *rate.Limiter
}

// New starts a server. Close stops it.
func New(o Options) (*Server, error) {
	o = o.withDefaults()
	if o.Listener == nil {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		o.Listener = ln
	}
	s := &Server{
		opts: o, poke: make(chan struct{}, pokeCap), feed: make(chan struct{}, pokeCap), cleared: make(chan struct{}),
		library: map[string]sdk.Media{}, people: map[channel.UserKey]*person{}, connects: newThrottle(o.NoLimits),
	}
	s.life, s.stop = context.WithCancel(context.Background())
	s.saved = playlist.Saved{Items: o.Start}
	s.list = playlist.Load(s.rules(), 0, s.saved, now())
	s.http = &http.Server{Handler: s.handler(), BaseContext: func(net.Listener) context.Context { return s.life }}
	s.running.Go(func() { _ = s.http.Serve(o.Listener) }) // ends with Close, which waits
	s.running.Go(s.clock)                                 // the same
	s.running.Go(s.work)                                  // the same
	return s, nil
}

// URL is the server's address, as a config names it.
func (s *Server) URL() string { return "http://" + s.opts.Listener.Addr().String() }

// Close cuts every connection and stops the server.
func (s *Server) Close() {
	s.stop()
	_ = s.http.Close()
	s.mu.Lock()
	for _, k := range s.sockets {
		k.cut()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Items returns what is listed now.
func (s *Server) Items() []channel.Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return slices.Clone(s.list.Items())
}

// OnAir returns what plays.
func (s *Server) OnAir() (channel.Item, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return s.list.OnAir()
}

// Listed is one item that came onto the list.
type Listed struct {
	Item channel.Item
	AtMS int64
}

// History is every item that was ever added, in order.
func (s *Server) History() []Listed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.listed)
}

// Aired is everything that has left the air, in order: the server's own record, which no host can change.
func (s *Server) Aired() []channel.Departure {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return slices.Clone(s.aired)
}

// Know tells the server what a look-up of this media finds. Unknown ids are clips of a minute.
func (s *Server) Know(m sdk.Media) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.library[m.ID] = m
}

// Said returns the chat lines so far, and PMs the private ones: who said it, and what.
func (s *Server) Said() [][2]string { return s.lines(func() []chatLine { return s.chat }) }

// PMs returns the private messages so far: to whom, and what.
func (s *Server) PMs() [][2]string { return s.lines(func() []chatLine { return s.pms }) }

func (s *Server) lines(of func() []chatLine) [][2]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out [][2]string
	for _, l := range of() {
		out = append(out, [2]string{l.who, l.text})
	}
	return out
}

func (s *Server) rules() playlist.Rules {
	return playlist.Rules{Dupes: s.opts.Dupes, Max: s.opts.MaxItems}
}

// act does one act under the lock.
func (s *Server) act(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	do()
	wake(s.poke)
	wake(s.feed)
}

// clock ends items at their time and tells where the one on the air stands. It ends with life.
func (s *Server) clock() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case <-s.poke:
		case <-timer.C:
		}
		timer.Reset(s.tick())
	}
}

func (s *Server) tick() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	nowMS := now()
	due := nowMS + time.Hour.Milliseconds()
	if endMS, ok := s.list.EndsAtMS(); ok {
		due = min(due, endMS)
		if nowMS >= s.beatMS+beatEvery.Milliseconds() {
			s.beatMS = nowMS
			at := float64(s.list.PositionMS(nowMS)) / 1000
			s.all("mediaUpdate", map[string]any{"currentTime": at, "paused": at < 0})
		}
		due = min(due, s.beatMS+beatEvery.Milliseconds())
	}
	return max(time.Duration(due-nowMS)*time.Millisecond, time.Millisecond)
}

func (o Options) withDefaults() Options {
	if o.Channel == "" {
		o.Channel = "test"
	}
	if o.Accounts == nil {
		o.Accounts = map[string]Account{"playbill": {Password: "secret", RankTenths: 30}}
	}
	if o.MaxItems == 0 {
		o.MaxItems = playlist.MaxItems
	}
	if o.LoginDelay == 0 {
		o.LoginDelay = loginDelay
	}
	if o.RankDelay == 0 {
		o.RankDelay = rankDelay
	}
	perms := defaultPermissions()
	for node, rank := range o.Permissions {
		perms[node] = rank
	}
	o.Permissions = perms
	return o
}

func newThrottle(none bool) *rate.Limiter {
	if none {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Every(connectEvery), connectBurst)
}

func wake(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func now() int64 { return time.Now().UnixMilli() }
