package embedded

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/playlist"
)

// desk is the driver's own side: commands have numbers here, and adds wait for the pace.
type desk struct {
	n      int64              // the last command's number
	open   map[int64]*request // commands whose effect may still come
	paced  []*request         // adds that were not sent yet, the most urgent first
	nextMS int64              // when the next add may be sent
	adds   playlist.Limiter
	talks  playlist.Limiter
}

func newDesk(rankTenths int) desk {
	return desk{open: map[int64]*request{}, adds: playlist.AddLimiter(rankTenths), talks: playlist.TalkLimiter()}
}

// over is the number up to which every command shows in the list, or never will.
func (d *desk) over() int64 {
	over := d.n
	for n := range d.open {
		over = min(over, n-1)
	}
	return over
}

// Do sends one command and waits for its end or for ctx. Adds wait for the pace, the most urgent first; an add that the
// channel refused as too fast is sent again, as often as Options say, and under the same number.
func (c *Channel) Do(ctx context.Context, cmd channel.Command) channel.Result {
	r := c.accept(ctx, cmd)
	select {
	case <-r.done:
	case <-ctx.Done():
	}
	return c.settle(r)
}

// accept numbers a command and does what can be done at once.
func (c *Channel) accept(ctx context.Context, cmd channel.Command) *request {
	c.mu.Lock()
	defer c.mu.Unlock()
	nowMS := c.now()
	if !c.closed {
		c.turn(nowMS)
	}
	c.desk.n++
	r := &request{n: c.desk.n, by: c.opts.Self, done: make(chan struct{})}
	c.desk.open[r.n] = r
	switch {
	case c.closed:
		c.refuse(r, closedFault())
	case ctx.Err() != nil:
		c.finish(r, channel.Result{})
	default:
		c.dispatch(r, cmd, nowMS)
	}
	c.pump(nowMS)
	c.publish(nowMS)
	c.poke()
	return r
}

func (c *Channel) dispatch(r *request, cmd channel.Command, nowMS int64) {
	can := c.can(c.selfRank())
	switch cmd := cmd.(type) {
	case channel.Add:
		r.act, r.media, r.next, r.temp, r.urgent = add, cmd.Media, cmd.Next, cmd.Temp, cmd.Urgent
		r.retries = max(c.opts.AddRetries, 0)
		c.desk.wait(r)
	case channel.Move:
		r.act, r.uid, r.after = move, cmd.Item.UID, cmd.After.UID
		c.sendRef(r, can.Move, "move items", cmd.Item, cmd.After)
	case channel.Remove:
		r.act, r.uid = remove, cmd.Item.UID
		c.sendRef(r, can.Remove, "delete items", cmd.Item)
	case channel.Jump:
		r.act, r.uid = jump, cmd.Item.UID
		c.sendRef(r, can.Jump, "jump", cmd.Item)
	case channel.Say:
		c.reply(r, c.say(c.self, cmd.Text, nowMS))
	case channel.Tell:
		c.reply(r, c.tell(cmd.To, cmd.Text, nowMS))
	default:
		c.refuse(r, fault.New(fault.Unsupported, "This channel does not know that command."))
	}
}

// sendRef sends a command about listed items, unless one of them is named in another epoch.
func (c *Channel) sendRef(r *request, allowed bool, what string, refs ...channel.Ref) {
	for _, ref := range refs {
		if ref.Epoch != c.list.Epoch() {
			c.refuse(r, fault.New(fault.Stale, "The list was renumbered since that item was seen."))
			return
		}
	}
	if !allowed {
		c.refuse(r, notAllowed(what))
		return
	}
	if r.act == jump { // does not wait in line
		c.apply(r, c.now())
		return
	}
	c.line.join(r)
}

// pace sends the adds whose turn has come, and reports whether there were any.
func (c *Channel) pace(nowMS int64) bool {
	sent := false
	for len(c.desk.paced) > 0 && nowMS >= c.desk.nextMS {
		sent = true
		r := c.desk.paced[0]
		c.desk.paced = c.desk.paced[1:]
		c.desk.nextMS = nowMS + max(c.opts.AddIntervalMS, 0)
		r.rankTenths = c.selfRank()
		f := c.enter(r, &c.desk.adds, nowMS)
		switch {
		case f == nil:
		case f.Code == fault.TooFast && r.retries > 0:
			r.retries--
			c.desk.nextMS = nowMS + max(c.opts.AddIntervalMS, retryWaitMS)
			c.desk.wait(r)
		default:
			c.refuse(r, f)
		}
	}
	return sent
}

// wait puts an add among those that wait for the pace: by urgency, then by number.
func (d *desk) wait(r *request) {
	at, _ := slices.BinarySearchFunc(d.paced, r, func(a, b *request) int {
		return cmp.Or(cmp.Compare(b.urgent, a.urgent), cmp.Compare(a.n, b.n))
	})
	d.paced = slices.Insert(d.paced, at, r)
}

// settle is what Do returns: the result, or Unknown when the caller stopped waiting. An add that was not sent yet never
// will be then.
func (c *Channel) settle(r *request) channel.Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.answered {
		return r.result
	}
	if i := slices.Index(c.desk.paced, r); i >= 0 {
		c.desk.paced = slices.Delete(c.desk.paced, i, i+1)
		c.finish(r, channel.Result{})
		c.publish(c.now())
	}
	r.answer(channel.Result{})
	return r.result
}

// finish ends a command: its effect has come, or never will.
func (c *Channel) finish(r *request, res channel.Result) {
	if r.n > 0 {
		delete(c.desk.open, r.n)
	}
	r.answer(res)
}

func (c *Channel) refuse(r *request, f *fault.Fault) {
	c.finish(r, channel.Result{Outcome: channel.Refused, Fault: f})
}

// reply ends a command that either was done or was refused.
func (c *Channel) reply(r *request, err error) {
	if err != nil {
		c.refuse(r, fault.Of(err))
		return
	}
	c.finish(r, channel.Result{Outcome: channel.Done})
}

// say is one chat line of anybody's, the bot included.
func (c *Channel) say(who channel.UserKey, text string, nowMS int64) error {
	p := c.room.people[who]
	talks := &c.desk.talks
	if who != c.self {
		talks = &p.talks
	}
	switch {
	case p.rankTenths < c.allow.Chat:
		return notAllowed("chat")
	case !c.opts.NoLimits && !talks.Allow(nowMS):
		return tooMuchTalk()
	case p.muted:
		return fault.New(fault.Muted, "You have been muted on this channel.")
	}
	c.room.chat(p, cutText(oneLine(text), c.opts.ChatMax), nowMS)
	return nil
}

// tell is one PM of the bot's.
func (c *Channel) tell(to channel.UserKey, text string, nowMS int64) error {
	if !c.opts.NoLimits && !c.desk.talks.Allow(nowMS) {
		return tooMuchTalk()
	}
	p := c.room.people[channel.Fold(string(to))]
	switch {
	case p == nil:
		return fault.New(fault.Missing, fmt.Sprintf("PM failed: %s isn't connected to this channel.", to))
	case p.key == c.self:
		return fault.New(fault.Media, "You can't PM yourself!")
	}
	c.room.pm(p, c.opts.Self, cutText(text, c.opts.ChatMax), nowMS)
	return nil
}

func tooMuchTalk() *fault.Fault {
	return fault.New(fault.TooFast, "Too many messages at once. This one was lost.")
}

func cutText(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	runes := []rune(text)
	return string(runes[:min(limit, len(runes))])
}

// oneLine turns control characters into spaces, as CyTube's chat does; a PM keeps its lines.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
