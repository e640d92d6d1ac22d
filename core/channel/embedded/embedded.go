// Package embedded is a channel inside the process, with CyTube's rules: the default, the demo and the test bed. It lies
// about nothing that CyTube does, and is durable like it: its list is saved to a file every five minutes and at Close, and
// a crash goes back to that file.
//
// One side of a [Channel] is a [channel.Driver] for the station; the other is the room: people join, chat and leave, and
// moderators change the list behind the station's back ([Channel.As]).
//
// Everything happens under one lock, as one act: the list is brought up to the time, the act is done, and one state is
// published, so that no state lies between the halves of an act. Two goroutines run beside it, the clock and the saver;
// Close stops both and waits for them.
package embedded

import (
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/playlist"
	"playbill/sdk"
)

// Options say what kind of channel to open. The zero value is a channel with CyTube's defaults that keeps its list in
// memory only.
type Options struct {
	Channel    string         // its name, for the log and the file
	Self       string         // the bot's name; default "playbill"
	RankTenths int            // the bot's rank times ten; default 30, a channel admin
	OpenedAt   channel.Epoch  // the highest epoch the host has stored: ours begin above it
	File       string         // where the list is saved; empty: nowhere
	Start      []channel.Item // the list of a channel that has saved none; uids are not looked at

	Rate        float64 // speed of media time; default 1. Every other duration is wall time
	Permissions *Permissions
	AllowDupes  bool
	MaxItems    int   // default playlist.MaxItems
	MaxSeconds  int64 // longest item for those who may not exceed it; 0: no limit
	ChatMax     int   // characters of a chat line or PM; default 320
	// AFKTimeoutMS is the silence after which somebody is AFK, wall time; default ten minutes, negative: never. As on
	// CyTube only chat counts, so quiet viewers and a silent bot get there too.
	AFKTimeoutMS int64

	// LookupDelay is how long the look-up of an add takes, wall time; nil: none. Look-ups of a channel follow one
	// another, and removals and moves wait in the same line.
	LookupDelay func(sdk.Media) time.Duration
	// Probe is what the look-up finds: the media as it really is, or an error whose text is the refusal (a *fault.Fault
	// is handed on as it is). nil: the media as given, refused when its length is negative. It is called under the
	// channel's lock: it must be quick and must not call the channel.
	Probe func(sdk.Media) (sdk.Media, error)

	AddIntervalMS int64  // between two adds of the bot, wall time; default 600, negative: none
	AddRetries    int    // how often an add that was too fast is sent again; default 2, negative: never
	NoLimits      bool   // adds and talk are never too fast, as no real channel is: for benchmarks of what stands above it
	Seed          uint64 // of shuffles
	Log           hclog.Logger
}

// Channel is one embedded channel. Safe for concurrent use.
type Channel struct {
	opened  time.Time
	opts    Options
	allow   Permissions
	log     hclog.Logger
	self    channel.UserKey
	updates chan channel.Update
	wake    chan struct{} // for the clock: something is due earlier than it thinks
	stop    chan struct{} // closed once, by Close or Kill
	running sync.WaitGroup

	saving sync.Mutex // one save at a time; taken before mu

	mu       sync.Mutex // guards everything below
	list     *playlist.List
	line     line
	desk     desk
	room     room
	left     []channel.Departure // since the last state was built
	saved    playlist.Saved      // what a crash goes back to
	shuffles uint64
	beatMS   int64 // when the last state was published
	closed   bool
}

// Open starts a channel, from its file when there is one. A file that cannot be read is an error: an empty channel in its
// place would be saved over it.
func Open(o Options) (*Channel, error) {
	o = o.withDefaults()
	c := &Channel{
		opened: time.Now(),
		opts:   o, allow: *o.Permissions, log: o.Log, self: channel.Fold(o.Self),
		updates: make(chan channel.Update, updatesCap),
		wake:    make(chan struct{}, wakeCap),
		stop:    make(chan struct{}),
	}
	saved, err := readFile(o.File)
	if err != nil {
		return nil, err
	}
	if len(saved.Items) == 0 && len(o.Start) > 0 {
		saved = playlist.Saved{Items: o.Start}
	}
	nowMS := c.now()
	c.saved = saved
	c.list = playlist.Load(c.rules(), o.OpenedAt+1, saved, nowMS)
	c.desk = newDesk(o.RankTenths)
	c.room = newRoom()
	c.room.join(o.Self, o.RankTenths, nowMS)
	c.turn(nowMS)
	c.publish(nowMS)
	c.running.Go(c.clock) // stopped by closing stop; Close and Kill wait
	c.running.Go(c.saver) // the same
	return c, nil
}

// Updates is where the states come. One slot, the newest wins; Close closes it.
func (c *Channel) Updates() <-chan channel.Update { return c.updates }

// List returns what is listed now, for the people in the room. It is never changed after it was returned.
func (c *Channel) List() []channel.Item {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(c.now())
	return c.list.Items()
}

// Close saves the list and ends the connection: waiting commands end Unknown, and Updates is closed. The error is the
// save's. A second Close does nothing.
func (c *Channel) Close() error {
	if !c.shut() {
		return nil
	}
	return c.Save()
}

// Kill ends the channel as a crash of the process does: nothing is saved. For tests; a second Kill or Close does nothing.
func (c *Channel) Kill() { c.shut() }

// shut stops everything once and waits. False: it was shut before.
func (c *Channel) shut() bool {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return false
	}
	c.turn(c.now())
	c.closed = true
	c.forget()
	close(c.stop)
	close(c.updates)
	c.mu.Unlock()
	c.running.Wait()
	return true
}

func (c *Channel) rules() playlist.Rules {
	return playlist.Rules{Dupes: c.opts.AllowDupes, Max: c.opts.MaxItems, Rate: c.opts.Rate}
}

func (o Options) withDefaults() Options {
	o.Self = orElse(o.Self, defaultSelf)
	o.RankTenths = orElse(o.RankTenths, defaultRankTenths)
	o.Rate = orElse(o.Rate, 1)
	o.MaxItems = orElse(o.MaxItems, playlist.MaxItems)
	o.ChatMax = orElse(o.ChatMax, defaultChatMax)
	o.AFKTimeoutMS = orElse(o.AFKTimeoutMS, defaultAFKTimeoutMS)
	o.AddIntervalMS = orElse(o.AddIntervalMS, defaultAddIntervalMS)
	o.AddRetries = orElse(o.AddRetries, defaultAddRetries)
	if o.Permissions == nil {
		p := DefaultPermissions()
		o.Permissions = &p
	}
	if o.LookupDelay == nil {
		o.LookupDelay = func(sdk.Media) time.Duration { return 0 }
	}
	if o.Probe == nil {
		o.Probe = asGiven
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	return o
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func closedFault() *fault.Fault { return fault.New(fault.ChannelDown, "The channel is closed.") }

// now is the wall clock, but never goes back while we run: what plays, and what is waited for, goes on.
func (c *Channel) now() int64 { return channel.Steady(c.opened, time.Now()) }
