package cytube

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/playlist"
	"playbill/sdk"
)

// act is what a request does.
type act int

const (
	add act = iota + 1
	move
	remove
	jump
	say
	tell
)

// inLine reports whether the channel keeps such requests in one line, behind its look-ups.
func (a act) inLine() bool { return a == add || a == move || a == remove }

// request is one command of the station's.
type request struct {
	n           int64
	act         act
	media       sdk.Media
	next, temp  bool
	urgent      channel.Urgency
	retries     int
	uid, behind channel.UID
	to          channel.UserKey
	text        string

	sentMS  int64 // 0: not sent
	place   int64 // among all that were sent
	headMS  int64 // when the one before it in the channel's line ended; 0: that is not known
	clearMS int64 // when a clear or shuffle came that it may have survived; 0: none did

	done     chan struct{} // closed by answer
	answered bool
	result   channel.Result
}

func (r *request) answer(res channel.Result) {
	if r.answered {
		return
	}
	res.N = r.n
	r.result, r.answered = res, true
	close(r.done)
}

// desk is where commands have numbers and wait: adds and talk for the pace, all of them for the channel's word.
type desk struct {
	n           int64              // the last command's number
	sent        int64              // requests sent so far
	open        map[int64]*request // whose effect may still come
	paced       []*request         // adds that were not sent yet, the most urgent first
	talking     []*request         // lines and PMs that were not sent yet
	nextAddMS   int64
	nextTalkMS  int64
	talks       playlist.Limiter
	lateMS      int64 // when the last request of an earlier connection can no longer come
	stoodMS     int64 // how long the connections since then stood, none of them for a horizon
	duplicateMS int64 // when somebody last logged in as us
}

// Do sends one command and waits for the channel's word on it, or for ctx. Adds wait for the pace, the most urgent first;
// one that was too fast is sent again, as often as Options say, under the same number.
func (d *Driver) Do(ctx context.Context, c channel.Command) channel.Result {
	r := d.accept(ctx, c)
	select {
	case <-r.done:
	case <-ctx.Done():
	}
	return d.settleRequest(r)
}

// accept numbers a command and does what can be done at once.
func (d *Driver) accept(ctx context.Context, c channel.Command) *request {
	d.mu.Lock()
	defer d.mu.Unlock()
	nowMS := d.now()
	d.desk.n++
	r := &request{n: d.desk.n, done: make(chan struct{})}
	d.desk.open[r.n] = r
	switch {
	case d.closed:
		d.refuse(r, fault.New(fault.ChannelDown, "The connection to the channel was closed."))
	case ctx.Err() != nil:
		d.finish(r, channel.Result{})
	default:
		d.dispatch(r, c, nowMS)
	}
	d.after(nowMS)
	return r
}

func (d *Driver) dispatch(r *request, c channel.Command, nowMS int64) {
	switch c := c.(type) {
	case channel.Add:
		d.takeAdd(r, c)
	case channel.Move:
		r.act, r.uid, r.behind = move, c.Item.UID, c.After.UID
		d.sendRef(r, nowMS, c.Item, c.After)
	case channel.Remove:
		r.act, r.uid = remove, c.Item.UID
		d.sendRef(r, nowMS, c.Item)
	case channel.Jump:
		r.act, r.uid = jump, c.Item.UID
		d.sendRef(r, nowMS, c.Item)
	case channel.Say:
		r.act, r.text = say, spoken(c.Text, d.opts.ChatMax)
		d.takeTalk(r)
	case channel.Tell:
		r.act, r.to, r.text = tell, channel.Fold(string(c.To)), cut(c.Text, d.opts.ChatMax)
		d.takeTalk(r)
	default:
		d.refuse(r, fault.New(fault.Unsupported, "This channel does not know that command."))
	}
}

// takeAdd puts an add among those that wait for the pace, unless it is known what the channel would say. A next of an
// item that is listed would move that item, under a new number.
func (d *Driver) takeAdd(r *request, c channel.Add) {
	r.act, r.media, r.next, r.temp, r.urgent = add, c.Media, c.Next, c.Temp, c.Urgent
	r.retries = max(d.opts.AddRetries, 0)
	f := d.allow.forAdd(c)
	switch {
	case !d.seated():
		d.refuse(r, droppedUnsent())
	case f != nil:
		d.refuse(r, f)
	case c.Next && !d.allow.dupes && d.mirror.lists(c.Media.ID):
		d.refuse(r, fault.New(fault.Duplicate, "This item is already on the playlist"))
	default:
		d.desk.wait(r)
	}
}

// sendRef sends a request about listed items, unless it is known that the channel would not do it: it would say nothing,
// and a move behind an item that is gone would lose the item.
func (d *Driver) sendRef(r *request, nowMS int64, refs ...channel.Ref) {
	if !d.seated() {
		d.refuse(r, fault.New(fault.ChannelDown, "There is no connection to the channel just now."))
		return
	}
	for _, ref := range refs {
		if ref.Epoch != d.mirror.epoch {
			d.refuse(r, fault.New(fault.Stale, "The list was renumbered since that item was seen."))
			return
		}
	}
	node, what := r.act.node()
	if !d.allow.mayList(node) {
		d.refuse(r, d.allow.notAllowed(what, node))
		return
	}
	for _, ref := range refs {
		if d.mirror.find(ref.UID) < 0 {
			d.refuse(r, fault.New(fault.Missing, fmt.Sprintf("Item %d is no longer listed.", ref.UID)))
			return
		}
	}
	if r.act == move && r.uid == r.behind {
		d.refuse(r, fault.New(fault.Media, "An item cannot stand behind itself."))
		return
	}
	d.send(r, nowMS)
}

// node is the permission that an act needs, and its name for a person.
func (a act) node() (node, what string) {
	switch a {
	case move:
		return "playlistmove", "move items"
	case remove:
		return "playlistdelete", "delete items"
	}
	return "playlistjump", "jump"
}

// takeTalk puts a line or PM among those that wait for the pace, unless it is known what the channel would say.
func (d *Driver) takeTalk(r *request) {
	_, here := d.room.people[r.to]
	switch {
	case !d.seated():
		d.refuse(r, fault.New(fault.ChannelDown, "There is no connection to the channel just now."))
	case r.act == say && d.allow.muted:
		d.refuse(r, fault.New(fault.Muted, "The bot has been muted on this channel."))
	case r.act == say && !d.allow.may("chat"):
		d.refuse(r, d.allow.notAllowed("chat", "chat"))
	case r.act == tell && r.to == channel.Fold(d.self):
		d.refuse(r, fault.New(fault.Media, "The bot cannot send itself a PM."))
	case r.act == tell && d.room.known && !here:
		d.refuse(r, fault.New(fault.Missing, fmt.Sprintf("%s is not in the channel.", r.to)))
	default:
		d.desk.talking = append(d.desk.talking, r)
	}
}

// wait puts an add among those that wait for the pace: by urgency, then by number.
func (k *desk) wait(r *request) {
	at, _ := slices.BinarySearchFunc(k.paced, r, func(a, b *request) int {
		return cmp.Or(cmp.Compare(b.urgent, a.urgent), cmp.Compare(a.n, b.n))
	})
	k.paced = slices.Insert(k.paced, at, r)
}

// settleRequest is what Do returns: the result, or Unknown when the caller stopped waiting. What was not sent yet never
// will be then.
func (d *Driver) settleRequest(r *request) channel.Result {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.answered {
		return r.result
	}
	if r.sentMS == 0 {
		unsent := func(x *request) bool { return x == r }
		d.desk.paced = slices.DeleteFunc(d.desk.paced, unsent)
		d.desk.talking = slices.DeleteFunc(d.desk.talking, unsent)
		d.finish(r, channel.Result{})
		d.poke()
	}
	r.answer(channel.Result{})
	return r.result
}

// finish ends a request: its effect has come, or never will.
func (d *Driver) finish(r *request, res channel.Result) {
	if _, open := d.desk.open[r.n]; open {
		delete(d.desk.open, r.n)
		d.touch(d.now()) // Over has changed
	}
	r.answer(res)
}

func (d *Driver) refuse(r *request, f *fault.Fault) {
	d.finish(r, channel.Result{Outcome: channel.Refused, Fault: f})
}

// over is the number up to which every command shows, or never will; -1 until nothing of an earlier connection can come.
func (d *Driver) over(nowMS int64) int64 {
	if d.line == nil || nowMS < d.provenAtMS() {
		return -1
	}
	return d.shown()
}

// shown is over without regard to earlier connections.
func (d *Driver) shown() int64 {
	shown := d.desk.n
	for n := range d.desk.open {
		shown = min(shown, n-1)
	}
	return shown
}

// provenAtMS is when no command of an earlier connection can come any more: a horizon into this one. Where none lasts that
// long, what they stood together ends it, while the channel was there all the time: otherwise a connection that is cut again
// and again would leave a purchase in doubt for ever.
func (d *Driver) provenAtMS() int64 {
	left := min(d.opts.Timing.Horizon, max(horizonMost-time.Duration(d.desk.stoodMS)*time.Millisecond, 0))
	return max(after(d.line.beganMS, left), d.desk.lateMS)
}

// spoken is a chat line that begins no command of the channel's.
func spoken(text string, limit int) string {
	return cut(strings.TrimLeft(text, "/ "), limit)
}

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	runes := []rune(text)
	return string(runes[:min(limit, len(runes))])
}

func droppedUnsent() *fault.Fault {
	return fault.New(fault.Dropped, "There was no connection to the channel, and this was not sent.")
}
