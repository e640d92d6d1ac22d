package embedded

import (
	"time"

	"playbill/core/playlist"
)

// clock does what is due when nobody acts: ends of items and look-ups, the pace, people who fall silent, heartbeats. It
// ends when stop is closed.
func (c *Channel) clock() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-c.wake:
		case <-timer.C:
		}
		timer.Reset(c.tick())
	}
}

// tick does what is due and returns how long nothing else is.
func (c *Channel) tick() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	nowMS := c.now()
	if c.turn(nowMS) || c.list.Len() > 0 && nowMS >= c.beatMS+heartbeatMS {
		c.publish(nowMS)
	}
	return time.Duration(max(c.dueMS(nowMS)-nowMS, 1)) * time.Millisecond
}

// turn brings everything up to nowMS and reports whether anything changed. Every act begins with it.
func (c *Channel) turn(nowMS int64) bool {
	left := c.list.Advance(nowMS)
	c.leave(left)
	silent := c.room.fallSilent(nowMS, c.opts.AFKTimeoutMS)
	return c.pump(nowMS) || silent || len(left) > 0
}

// dueMS is when turn has to be called next.
func (c *Channel) dueMS(nowMS int64) int64 {
	due := nowMS + idleMS
	if endMS, ok := c.list.EndsAtMS(); ok {
		due = min(due, endMS)
	}
	if c.list.Len() > 0 {
		due = min(due, c.beatMS+heartbeatMS)
	}
	if len(c.desk.paced) > 0 {
		due = min(due, c.desk.nextMS)
	}
	if len(c.line.waiting) > 0 {
		head := c.line.waiting[0]
		due = min(due, head.readyMS, head.sinceMS+breakerMS)
	}
	for _, r := range c.line.loose {
		due = min(due, r.readyMS)
	}
	if atMS, ok := c.room.nextSilentMS(c.opts.AFKTimeoutMS); ok {
		due = min(due, atMS)
	}
	return due
}

// poke makes the clock look again.
func (c *Channel) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// saver saves the list every five minutes. It ends when stop is closed.
func (c *Channel) saver() {
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-ticker.C:
			if err := c.Save(); err != nil {
				c.log.Warn("the list was not saved", "channel", c.opts.Channel, "error", err)
			}
		}
	}
}

// Save saves the list now. With a File it is on the disk when Save returns.
func (c *Channel) Save() error {
	c.saving.Lock()
	defer c.saving.Unlock()
	c.mu.Lock()
	saved := c.list.Save(c.now())
	c.mu.Unlock()
	if err := writeFile(c.opts.File, c.opts.Channel, saved); err != nil {
		return err
	}
	c.mu.Lock()
	c.saved = saved
	c.mu.Unlock()
	return nil
}

// Reload restarts the channel's server in good order: the list is saved, uids count from 0 in a new epoch, and what was
// in line is forgotten. Commands that were sent end Unknown; none of them can come any more.
func (c *Channel) Reload() error {
	if err := c.Save(); err != nil {
		return err
	}
	c.Crash()
	return nil
}

// Crash restarts the channel's server without a save: the list goes back to what was saved last, in a new epoch.
func (c *Channel) Crash() {
	_ = c.act(func(nowMS int64) error {
		c.forget()
		c.list = playlist.Load(c.rules(), c.list.Epoch()+1, c.saved, nowMS)
		return nil
	})
}

// act does one act of the room's under the lock, and publishes. After Close it is refused.
func (c *Channel) act(do func(nowMS int64) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return closedFault()
	}
	nowMS := c.now()
	c.turn(nowMS)
	err := do(nowMS)
	c.pump(nowMS)
	c.publish(nowMS)
	c.poke()
	return err
}
