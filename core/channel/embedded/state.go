package embedded

import "playbill/core/channel"

// publish puts the state into the slot. It is called at the end of every act, never inside one. What is in the slot has
// not been read: its departures go over to the new state.
func (c *Channel) publish(nowMS int64) {
	if c.closed {
		return
	}
	u := c.state(nowMS)
	select {
	case unread := <-c.updates:
		u.Left = append(unread.Left, u.Left...)
	default:
	}
	if extra := len(u.Left) - leftMax; extra > 0 {
		u.Left = u.Left[extra:]
	}
	c.updates <- u // never blocks: we are the only sender, and the slot is empty
	c.left, c.beatMS = nil, nowMS
}

func (c *Channel) state(nowMS int64) channel.Update {
	return channel.Update{
		Over: c.desk.over(), Epoch: c.list.Epoch(), AtMS: nowMS, Health: channel.Good, Certain: true, Whole: true,
		Self: c.opts.Self, List: c.list.Items(), Current: c.list.Current(), PlayedMS: c.list.PlayedMS(nowMS),
		Rate: c.opts.Rate, Left: c.left, People: c.room.users(), Can: c.can(c.selfRank()),
	}
}

func (c *Channel) selfRank() int { return c.room.people[c.self].rankTenths }
