package embedded

import (
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/sdk"
)

// Hand is somebody in the room who changes the list as a browser would, with their own rank and limits. Its errors are
// what the channel answers at once; an add whose look-up takes time may still be refused later, without a word.
type Hand struct {
	c    *Channel
	name string
}

// As returns the hand of somebody in the room. Each act fails with fault.Missing while they are not in it.
func (c *Channel) As(name string) Hand { return Hand{c, name} }

// Add asks for a media at the end or right behind the current item.
func (h Hand) Add(m sdk.Media, next, temp bool) error {
	r := &request{act: add, media: m, next: next, temp: temp}
	return h.request(r, func(p *person, nowMS int64) *fault.Fault {
		r.by, r.rankTenths = p.name, p.rankTenths
		return h.c.enter(r, &p.adds, nowMS)
	})
}

// Remove takes an item off the list.
func (h Hand) Remove(uid channel.UID) error {
	r := &request{act: remove, uid: uid}
	return h.request(r, func(p *person, _ int64) *fault.Fault {
		if p.rankTenths < h.c.allow.Remove {
			return notAllowed("delete items")
		}
		h.c.line.join(r)
		return nil
	})
}

// Move puts an item behind another, or at playlist.Front or playlist.Back. A move behind an item that is no longer listed
// loses the item.
func (h Hand) Move(uid, after channel.UID) error {
	r := &request{act: move, uid: uid, after: after}
	return h.request(r, func(p *person, _ int64) *fault.Fault {
		if p.rankTenths < h.c.allow.Move {
			return notAllowed("move items")
		}
		h.c.line.join(r)
		return nil
	})
}

// Jump ends the current item and starts another.
func (h Hand) Jump(uid channel.UID) error {
	r := &request{act: jump, uid: uid}
	return h.request(r, func(p *person, nowMS int64) *fault.Fault {
		if p.rankTenths < h.c.allow.Jump {
			return notAllowed("jump")
		}
		h.c.apply(r, nowMS)
		return nil
	})
}

// Skip ends the current item.
func (h Hand) Skip() error {
	return h.do(h.c.allow.Jump, "skip", func(nowMS int64) error {
		h.c.leave(h.c.list.Skip(nowMS))
		return nil
	})
}

// SetTemp makes an item vanish at its end, or stay.
func (h Hand) SetTemp(uid channel.UID, temp bool) error {
	return h.do(h.c.allow.SetTemp, "change items", func(int64) error {
		if !h.c.list.SetTemp(uid, temp) {
			return fault.New(fault.Missing, "That item is no longer listed.")
		}
		return nil
	})
}

// Shuffle puts the list into a random order under new uids, and drops every request that waits in line.
func (h Hand) Shuffle() error {
	return h.do(h.c.allow.Shuffle, "shuffle the list", func(int64) error {
		h.c.dropWaiting()
		h.c.shuffles++
		h.c.list.Shuffle(h.c.opts.Seed + h.c.shuffles)
		return nil
	})
}

// Clear empties the list, and drops every request that waits in line.
func (h Hand) Clear() error {
	return h.do(h.c.allow.Clear, "clear the list", func(nowMS int64) error {
		h.c.dropWaiting()
		h.c.leave(h.c.list.Clear(nowMS))
		return nil
	})
}

// Mute silences somebody, or lets them speak again.
func (h Hand) Mute(name string, muted bool) error {
	return h.do(h.c.allow.Mute, "mute people", func(int64) error {
		p := h.c.room.people[channel.Fold(name)]
		if p == nil {
			return notHere(name)
		}
		p.muted, h.c.room.list = muted, nil
		return nil
	})
}

// Kick puts somebody out of the room. The bot stays.
func (h Hand) Kick(name string) error {
	return h.do(h.c.allow.Kick, "kick people", func(int64) error { return h.c.leaveRoom(name) })
}

// do is an act that does not wait in line.
func (h Hand) do(rankTenths int, what string, act func(nowMS int64) error) error {
	return h.c.onPerson(h.name, func(p *person, nowMS int64) error {
		if p.rankTenths < rankTenths {
			return notAllowed(what)
		}
		return act(nowMS)
	})
}

// request sends what may wait in line, and returns the refusal if there is one already.
func (h Hand) request(r *request, send func(p *person, nowMS int64) *fault.Fault) error {
	r.done = make(chan struct{})
	return h.c.onPerson(h.name, func(p *person, nowMS int64) error {
		if f := send(p, nowMS); f != nil {
			return f
		}
		h.c.pump(nowMS)
		if r.answered && r.result.Outcome == channel.Refused {
			return r.result.Fault
		}
		return nil
	})
}
