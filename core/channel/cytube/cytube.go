// Package cytube is a channel on a CyTube server, over its own Socket.IO connection and with a bot account. It is driven
// by events: the server tells every change, and the mirror is exact while the connection lasts.
//
// Everything is kept under one lock. What belongs to one act of the channel comes as several frames; a state is published
// only between two acts, when the frames have fallen silent and nothing of the act is missing.
//
// Two goroutines run beside it: one connects, reads and connects again, the clock does what is due. A connection has a
// third, which writes. Close stops all of them and waits.
package cytube

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/time/rate"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/playlist"
)

// Options say which channel to join, and as whom.
type Options struct {
	Server          string        // the server's address as a browser shows it; default https://cytu.be
	Channel         string        // the channel's name
	User            string        // the bot's account
	Password        string        // of the account; empty: a guest, who may do almost nothing
	ChannelPassword string        // of a channel that asks for one
	OpenedAt        channel.Epoch // the highest epoch the host has stored: ours begin above it

	ChatMax       int   // characters of a chat line or PM; default 320. The server does not tell its setting
	AddIntervalMS int64 // between two adds; default 600, negative: none
	AddRetries    int   // how often an add that was too fast is sent again; default 2, negative: never

	Client *http.Client // makes the connections; nil: a default one
	Log    hclog.Logger
	Timing Timing
}

// Timing shortens the long waits. The zero value is right for every real server; tests in real time set it.
type Timing struct {
	Horizon     time.Duration // default 60 s: when a request that was not heard of can no longer come
	Move        time.Duration // default 2 s: for the echo of a move
	Zombie      time.Duration // default 10 s: for the channel's first word after our login
	First       time.Duration // default 1 s: before the first attempt to connect again
	EachConnect time.Duration // default 10 s: between connections beyond a burst of four
}

// Driver is one channel. It connects by itself, and again whenever the connection is lost; what keeps it from doing so is
// said in its states. Safe for concurrent use.
type Driver struct {
	opts     Options
	opened   time.Time
	log      hclog.Logger
	updates  chan channel.Update
	wake     chan struct{}   // for the clock: something is due earlier than it thinks
	life     context.Context // ends with Close
	stop     context.CancelFunc
	running  sync.WaitGroup
	connects *rate.Limiter // of new connections, as the server counts them

	mu     sync.Mutex // guards everything below
	closed bool
	line   *session // nil: not connected
	why    string   // why there is no connection, for a person
	final  bool     // it is not tried again
	self   string   // our name, as the channel spells it
	mirror mirror
	room   room
	allow  allow
	desk   desk
	left   []channel.Departure // since the last state was built
	gap    bool                // something may have happened that left does not show; until a Good state was read
	pub    pub
}

// pub is when a state is published.
type pub struct {
	dirty   bool
	firstMS int64 // since when
	lastMS  int64 // of the last frame that may be one of an act
	good    bool  // the last state was Good
	halfMS  int64 // since when an act is under way; 0: none is
}

// Open starts a driver. It does not wait for the connection: the first state says Down, and why. The error is one of the
// Options themselves.
func Open(o Options) (*Driver, error) {
	if strings.TrimSpace(o.Channel) == "" || strings.TrimSpace(o.User) == "" {
		return nil, fault.New(fault.Invalid, "A CyTube channel needs the name of the channel and of the bot's account.")
	}
	o = o.withDefaults()
	life, stop := context.WithCancel(context.Background())
	d := &Driver{
		opened: time.Now(),
		opts:   o, log: o.Log.Named("cytube"), life: life, stop: stop,
		updates:  make(chan channel.Update, updatesCap),
		wake:     make(chan struct{}, wakeCap),
		connects: rate.NewLimiter(rate.Every(o.Timing.EachConnect), connectBurst),
		self:     o.User, why: "Connecting to the channel.", gap: true,
		mirror: newMirror(o.OpenedAt + 1),
		desk:   newDesk(),
	}
	d.publish(d.now())
	d.running.Go(d.connectAgain) // ends with life; Close waits
	d.running.Go(d.clock)        // the same
	return d, nil
}

// Updates is where the states come. One slot, the newest wins; Close closes it.
func (d *Driver) Updates() <-chan channel.Update { return d.updates }

// Lookup finds somebody in the room. fault.Missing says that they are, conclusively, not in it; fault.ChannelDown is doubt.
func (d *Driver) Lookup(ctx context.Context, u channel.UserKey) (channel.User, error) {
	if err := ctx.Err(); err != nil {
		return channel.User{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || !d.seated() || !d.room.known {
		return channel.User{}, fault.New(fault.ChannelDown, "The channel cannot be asked who is there just now.")
	}
	p, ok := d.room.people[channel.Fold(string(u))]
	if !ok {
		return channel.User{}, fault.New(fault.Missing, "Nobody of that name is in the channel.")
	}
	return p, nil
}

// Close leaves the channel: commands that wait end Unknown, and Updates is closed. A second Close does nothing.
func (d *Driver) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	d.forget(true)
	d.stop()
	close(d.updates)
	d.mu.Unlock()
	d.running.Wait()
	return nil
}

func (o Options) withDefaults() Options {
	o.Server = strings.TrimRight(orElse(o.Server, defaultServer), "/")
	o.ChatMax = orElse(o.ChatMax, defaultChatMax)
	o.AddIntervalMS = orElse(o.AddIntervalMS, defaultAddIntervalMS)
	o.AddRetries = orElse(o.AddRetries, defaultAddRetries)
	o.Timing.Horizon = orElse(o.Timing.Horizon, horizon)
	o.Timing.Move = orElse(o.Timing.Move, moveWait)
	o.Timing.Zombie = orElse(o.Timing.Zombie, zombieWait)
	o.Timing.First = orElse(o.Timing.First, backoffFirst)
	o.Timing.EachConnect = orElse(o.Timing.EachConnect, connectEvery)
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	return o
}

func newDesk() desk { return desk{open: map[int64]*request{}, talks: playlist.TalkLimiter()} }

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// now is the wall clock, but never goes back while we run: what plays, and what is waited for, goes on.
func (d *Driver) now() int64 { return channel.Steady(d.opened, time.Now()) }
