package embedded

import (
	"fmt"
	"slices"

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
)

// request is one add, move, removal or jump, of ours or of another person.
type request struct {
	n          int64 // the command's number; 0: another person's
	act        act
	by         string
	rankTenths int // of an add's sender
	media      sdk.Media
	next, temp bool
	urgent     channel.Urgency
	retries    int
	uid, after channel.UID

	begun            bool // its look-up
	sinceMS, readyMS int64

	done     chan struct{} // closed by answer; nobody waits for another person's
	answered bool
	result   channel.Result
}

// answer gives a command its result, once.
func (r *request) answer(res channel.Result) {
	if r.answered {
		return
	}
	res.N = r.n
	r.result, r.answered = res, true
	close(r.done)
}

// line is CyTube's queue of a channel: adds are looked up one after another, and removals and moves wait among them.
// Jumps, skips, shuffles and clears do not.
type line struct {
	waiting []*request
	loose   []*request // in look-up, and no longer in anybody's way
}

func (l *line) join(r *request) { l.waiting = append(l.waiting, r) }

// enter checks an add as CyTube does on arrival and puts it in line; a fault is the immediate refusal.
func (c *Channel) enter(r *request, limit *playlist.Limiter, nowMS int64) *fault.Fault {
	if f := c.allow.mayAdd(*r, r.rankTenths); f != nil {
		return f
	}
	if !c.opts.NoLimits && !limit.Allow(nowMS) {
		return fault.New(fault.TooFast, "You are adding videos too quickly")
	}
	c.line.join(r)
	return nil
}

// pump sends what the pace lets through and does every request whose turn has come and whose look-up has ended. It
// reports whether it did any.
func (c *Channel) pump(nowMS int64) bool {
	sent := c.pace(nowMS)
	did := c.tighten(nowMS) || sent
	for len(c.line.waiting) > 0 {
		head := c.line.waiting[0]
		c.begin(head, nowMS)
		switch {
		case nowMS >= head.readyMS:
			c.line.waiting = c.line.waiting[1:]
			c.apply(head, nowMS)
			did = true
		case nowMS >= head.sinceMS+breakerMS:
			c.line.waiting = c.line.waiting[1:]
			c.line.loose = append(c.line.loose, head)
		default:
			return did
		}
	}
	return did
}

func (c *Channel) begin(r *request, nowMS int64) {
	if r.begun {
		return
	}
	r.begun, r.sinceMS, r.readyMS = true, nowMS, nowMS
	if r.act == add {
		r.readyMS += c.opts.LookupDelay(r.media).Milliseconds()
	}
}

// tighten does the loose requests whose look-up has ended.
func (c *Channel) tighten(nowMS int64) bool {
	ready := func(r *request) bool { return nowMS >= r.readyMS }
	if !slices.ContainsFunc(c.line.loose, ready) {
		return false
	}
	loose := c.line.loose
	c.line.loose = nil
	for _, r := range loose {
		if ready(r) {
			c.apply(r, nowMS)
		} else {
			c.line.loose = append(c.line.loose, r)
		}
	}
	return true
}

// apply does one request.
func (c *Channel) apply(r *request, nowMS int64) {
	switch r.act {
	case add:
		c.applyAdd(r, nowMS)
	case move:
		c.applyMove(r, nowMS)
	case remove:
		left, ok := c.list.Remove(r.uid, nowMS)
		c.leave(left)
		c.doneIf(r, ok)
	case jump:
		left, ok := c.list.Jump(r.uid, nowMS)
		c.leave(left)
		c.doneIf(r, ok)
	}
}

func (c *Channel) applyAdd(r *request, nowMS int64) {
	asked, err := c.probe(r)
	if err != nil {
		c.refuse(r, fault.Of(err))
		return
	}
	item, err := c.list.Add(asked, nowMS)
	if err != nil {
		c.refuse(r, fault.Of(err))
		return
	}
	c.finish(r, channel.Result{Outcome: channel.Done, Item: channel.Ref{Epoch: c.list.Epoch(), UID: item.UID}})
}

// applyMove answers Unknown when the item was swallowed: CyTube says nothing then, and the next state tells.
func (c *Channel) applyMove(r *request, nowMS int64) {
	moved, left := c.list.Move(r.uid, r.after, nowMS)
	c.leave(left)
	switch {
	case moved == playlist.InPlace:
		c.finish(r, channel.Result{Outcome: channel.Done})
	case moved == playlist.Swallowed:
		c.finish(r, channel.Result{Fault: fault.New(fault.Missing,
			"The item to stand behind is no longer listed, and the channel dropped the one that was moved.")})
	case r.uid == r.after:
		c.refuse(r, fault.New(fault.Media, "An item cannot stand behind itself."))
	default:
		c.doneIf(r, false)
	}
}

func (c *Channel) doneIf(r *request, ok bool) {
	if ok {
		c.finish(r, channel.Result{Outcome: channel.Done})
		return
	}
	c.refuse(r, fault.New(fault.Missing, fmt.Sprintf("Item %d is no longer listed.", r.uid)))
}

// dropWaiting is what a clear or shuffle does to the line: every request is dropped but the one in look-up, which is on
// its own from now on and still arrives.
func (c *Channel) dropWaiting() {
	for i, r := range c.line.waiting {
		if i == 0 && r.begun {
			c.line.loose = append(c.line.loose, r)
			r.answer(channel.Result{}) // still open: Over waits for it
			continue
		}
		c.refuse(r, fault.New(fault.Dropped, "The list was cleared or shuffled while this waited."))
	}
	c.line.waiting = nil
}

// forget ends every request that was sent, as a restart of the server does: nobody knows, and nothing comes any more.
func (c *Channel) forget() {
	for _, r := range slices.Concat(c.line.waiting, c.line.loose) {
		c.finish(r, channel.Result{})
	}
	c.line = line{}
	if !c.closed {
		return
	}
	for _, r := range c.desk.paced {
		c.finish(r, channel.Result{})
	}
	c.desk.paced = nil
}

// leave notes who left the air, for the next state.
func (c *Channel) leave(left []channel.Departure) { c.left = append(c.left, left...) }
