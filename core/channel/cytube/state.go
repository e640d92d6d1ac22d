package cytube

import (
	"time"

	"playbill/core/channel"
)

// touch notes that the state has changed, so that it is published when the act is over.
func (d *Driver) touch(nowMS int64) {
	if !d.pub.dirty {
		d.pub.dirty, d.pub.firstMS = true, nowMS
	}
	d.pub.lastMS = nowMS
}

// publishIfDue publishes a changed state between two acts. An act that does not end makes it Degraded.
func (d *Driver) publishIfDue(nowMS int64) {
	if !d.pub.dirty || d.closed || nowMS < d.publishAtMS() {
		return
	}
	d.publish(nowMS)
}

// publishAtMS is when a changed state is to be published.
func (d *Driver) publishAtMS() int64 {
	quietMS := min(d.pub.lastMS+settle.Milliseconds(), d.pub.firstMS+settleMost.Milliseconds())
	if d.pub.halfMS > 0 {
		return max(quietMS, d.pub.halfMS+halfActWait.Milliseconds())
	}
	return quietMS
}

// publish puts the state into the slot. What is in the slot has not been read: its departures go over to the new state.
func (d *Driver) publish(nowMS int64) {
	if d.closed {
		return
	}
	unread := false
	u := d.state(nowMS)
	select {
	case old := <-d.updates:
		unread = true
		u.Left = append(old.Left, u.Left...)
	default:
	}
	if !unread && d.pub.good {
		d.gap = false
		u.Gap = false
	}
	if extra := len(u.Left) - leftMax; extra > 0 {
		u.Left, u.Gap = u.Left[extra:], true
	}
	d.updates <- u // never blocks: we are the only sender, and the slot is empty
	d.left = nil
	d.pub.dirty, d.pub.good = false, u.Health == channel.Good
}

func (d *Driver) state(nowMS int64) channel.Update {
	d.collect()
	health, why := d.health(nowMS)
	u := channel.Update{
		Over: d.over(nowMS), Shown: d.shown(), Epoch: d.mirror.epoch, AtMS: nowMS, Health: health, Why: why, Certain: true, Whole: d.mirror.whole,
		Gap: d.gap, Self: d.self, Current: -1, Rate: 1, Left: d.left, Can: d.allow.can(d.opts.ChatMax, d.seated()),
	}
	if health == channel.Down {
		u.Final = d.final
		return u
	}
	u.List, u.People, u.Needs = d.mirror.rows(), d.room.users(), d.needs()
	u.Current, u.PlayedMS = d.mirror.find(d.mirror.cur), d.mirror.air.playedMS(nowMS)
	if u.Current < 0 {
		u.PlayedMS = 0
	}
	return u
}

// collect takes over what left the air.
func (d *Driver) collect() {
	if len(d.mirror.left) > 0 {
		d.left = append(d.left, d.mirror.left...)
		d.mirror.left = nil
	}
}

// health says how far the mirror may be believed, and why not further.
func (d *Driver) health(nowMS int64) (channel.Health, string) {
	s := d.line
	switch {
	case s == nil:
		return channel.Down, d.why
	case !d.seated():
		return channel.Degraded, s.waitsFor()
	case !d.mirror.whole:
		return channel.Degraded, "The channel does not show its list to the bot. Lower “seeplaylist” in the channel's permissions."
	case !d.mirror.complete():
		return channel.Degraded, "The channel has not said yet what plays."
	}
	return channel.Good, ""
}

// seated reports whether the channel has given us our rank: before that it drops what we send.
func (d *Driver) seated() bool { return d.line != nil && d.line.seated }

func after(ms int64, wait time.Duration) int64 { return ms + wait.Milliseconds() }
