package embedded

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/playlist"
)

// Line is one chat line or PM.
type Line struct {
	AtMS int64 // UTC milliseconds
	From string
	To   string // of a PM; empty: said to all
	Text string
}

// room is who is there and what was said.
type room struct {
	people map[channel.UserKey]*person
	list   []channel.User // people as a state has them; nil: build it again
	lines  []Line
	pms    []Line
}

type person struct {
	key        channel.UserKey
	name       string
	rankTenths int
	afk, muted bool
	lastChatMS int64
	activeMS   int64 // since when they have been silent
	adds       playlist.Limiter
	talks      playlist.Limiter
}

func newRoom() room { return room{people: map[channel.UserKey]*person{}} }

// Join lets somebody in, or changes the rank of somebody who is in. Nobody joins under the bot's name.
func (c *Channel) Join(name string, rankTenths int) error {
	return c.act(func(nowMS int64) error {
		if channel.Fold(name) == c.self {
			return fault.New(fault.Conflict, "That name is the bot's.")
		}
		c.room.join(name, rankTenths, nowMS)
		return nil
	})
}

// Leave lets somebody out. The bot stays; fault.Missing for somebody who is not in.
func (c *Channel) Leave(name string) error {
	return c.act(func(int64) error { return c.leaveRoom(name) })
}

// Chat is a line of somebody in the room; "/afk" turns their AFK over and is not shown. A line of any other kind ends it.
// Errors: fault.Missing, fault.Muted, fault.TooFast, fault.Permission.
func (c *Channel) Chat(name, text string) error {
	return c.onPerson(name, func(p *person, nowMS int64) error {
		if text == "/afk" {
			c.room.setAFK(p, !p.afk, nowMS)
			return nil
		}
		return c.say(p.key, text, nowMS)
	})
}

// SetAFK makes somebody AFK, or not.
func (c *Channel) SetAFK(name string, afk bool) error {
	return c.onPerson(name, func(p *person, nowMS int64) error {
		c.room.setAFK(p, afk, nowMS)
		return nil
	})
}

// SetRank gives somebody, the bot included, another rank (times ten).
func (c *Channel) SetRank(name string, rankTenths int) error {
	return c.onPerson(name, func(p *person, nowMS int64) error {
		c.room.setRank(p, rankTenths)
		if p.key == c.self {
			c.desk.adds = playlist.AddLimiter(rankTenths)
		}
		return nil
	})
}

// Mute silences somebody, the bot included, or lets them speak again.
func (c *Channel) Mute(name string, muted bool) error {
	return c.onPerson(name, func(p *person, nowMS int64) error {
		p.muted, c.room.list = muted, nil
		return nil
	})
}

// ChatLog returns the last chat lines, oldest first.
func (c *Channel) ChatLog() []Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.room.lines)
}

// PMs returns the PMs that somebody received, oldest first; also after they left.
func (c *Channel) PMs(name string) []Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Line
	for _, l := range c.room.pms {
		if channel.Fold(l.To) == channel.Fold(name) {
			out = append(out, l)
		}
	}
	return out
}

// Lookup answers from the room. Errors: fault.Missing for somebody who is not in it, fault.ChannelDown after Close.
func (c *Channel) Lookup(ctx context.Context, u channel.UserKey) (channel.User, error) {
	if err := ctx.Err(); err != nil {
		return channel.User{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return channel.User{}, closedFault()
	}
	if c.room.fallSilent(c.now(), c.opts.AFKTimeoutMS) {
		c.publish(c.now())
	}
	p := c.room.people[channel.Fold(string(u))]
	if p == nil {
		return channel.User{}, notHere(string(u))
	}
	return p.user(), nil
}

// onPerson does one act that concerns somebody in the room.
func (c *Channel) onPerson(name string, do func(p *person, nowMS int64) error) error {
	return c.act(func(nowMS int64) error {
		p := c.room.people[channel.Fold(name)]
		if p == nil {
			return notHere(name)
		}
		return do(p, nowMS)
	})
}

func (c *Channel) leaveRoom(name string) error {
	key := channel.Fold(name)
	if c.room.people[key] == nil || key == c.self {
		return notHere(name)
	}
	delete(c.room.people, key)
	c.room.list = nil
	return nil
}

func (r *room) join(name string, rankTenths int, nowMS int64) {
	key := channel.Fold(name)
	r.list = nil
	if p := r.people[key]; p != nil {
		p.name = name
		r.setRank(p, rankTenths)
		return
	}
	r.people[key] = &person{
		key: key, name: name, rankTenths: rankTenths, activeMS: nowMS,
		adds: playlist.AddLimiter(rankTenths), talks: playlist.TalkLimiter(),
	}
}

// setRank also gives the limits of the new rank.
func (r *room) setRank(p *person, rankTenths int) {
	p.rankTenths, p.adds, r.list = rankTenths, playlist.AddLimiter(rankTenths), nil
}

func (r *room) chat(p *person, text string, nowMS int64) {
	p.lastChatMS, p.activeMS, p.afk, r.list = nowMS, nowMS, false, nil
	r.lines = keep(append(r.lines, Line{AtMS: nowMS, From: p.name, Text: text}), chatKept)
}

func (r *room) pm(to *person, from, text string, nowMS int64) {
	r.pms = keep(append(r.pms, Line{AtMS: nowMS, From: from, To: to.name, Text: text}), pmsKept)
}

func (r *room) setAFK(p *person, afk bool, nowMS int64) {
	p.afk, p.activeMS, r.list = afk, nowMS, nil
}

// fallSilent makes AFK whoever has not chatted for the timeout, and reports whether anybody was.
func (r *room) fallSilent(nowMS, timeoutMS int64) bool {
	if atMS, ok := r.nextSilentMS(timeoutMS); !ok || nowMS < atMS {
		return false
	}
	for _, p := range r.people {
		if !p.afk && nowMS >= p.activeMS+timeoutMS {
			p.afk = true
		}
	}
	r.list = nil
	return true
}

// nextSilentMS is when the next person will have been silent for the timeout.
func (r *room) nextSilentMS(timeoutMS int64) (int64, bool) {
	first, found := int64(0), false
	if timeoutMS < 0 {
		return 0, false
	}
	for _, p := range r.people {
		if atMS := p.activeMS + timeoutMS; !p.afk && (!found || atMS < first) {
			first, found = atMS, true
		}
	}
	return first, found
}

// users returns the people by key. The slice is never changed, and is the same one while nobody changed.
func (r *room) users() []channel.User {
	if r.list == nil {
		r.list = make([]channel.User, 0, len(r.people))
		for _, p := range r.people {
			r.list = append(r.list, p.user())
		}
		slices.SortFunc(r.list, func(a, b channel.User) int { return cmp.Compare(a.Key, b.Key) })
	}
	return r.list
}

func (p *person) user() channel.User {
	return channel.User{Key: p.key, Name: p.name, RankTenths: p.rankTenths, AFK: p.afk, Muted: p.muted, LastChatMS: p.lastChatMS}
}

func notHere(name string) *fault.Fault {
	return fault.New(fault.Missing, fmt.Sprintf("%s isn't connected to this channel.", name))
}

// keep drops the oldest lines beyond limit.
func keep(lines []Line, limit int) []Line {
	if len(lines) > 2*limit {
		return slices.Clone(lines[len(lines)-limit:])
	}
	return lines
}
