package embedded

import (
	"fmt"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/playlist"
	"playbill/sdk"
)

// Permissions are the ranks (times ten) that acts need, named as CyTube's nodes.
type Permissions struct {
	Add, AddNext, AddLive, AddRaw, AddCustom int
	AddNonTemp                               int // below it every add becomes temp, without a word
	ExceedMaxLength                          int
	Move, Remove, Jump                       int // Jump is for skips too
	SetTemp, Shuffle, Clear                  int
	Chat, Mute, Kick                         int
}

// DefaultPermissions are those of a new CyTube channel with its list locked.
func DefaultPermissions() Permissions {
	return Permissions{
		Add: 15, AddNext: 15, AddLive: 15, AddRaw: 20, AddCustom: 30, AddNonTemp: 20, ExceedMaxLength: 20,
		Move: 15, Remove: 20, Jump: 15, SetTemp: 20, Shuffle: 20, Clear: 20, Chat: 0, Mute: 15, Kick: 15,
	}
}

// can is what a rank may do, as a state says it.
func (c *Channel) can(rankTenths int) channel.Can {
	p := c.allow
	return channel.Can{
		Add: rankTenths >= p.Add, AddNext: rankTenths >= max(p.Add, p.AddNext), Move: rankTenths >= p.Move,
		Remove: rankTenths >= p.Remove, Jump: rankTenths >= p.Jump, Say: rankTenths >= p.Chat, Tell: true,
		Dupes: c.list.Rules.Dupes, ListMax: c.list.Limit(), TextMax: c.opts.ChatMax, OverheadMS: c.list.OverheadMS(),
		Users: true,
	}
}

// mayAdd checks what CyTube checks before an add gets in line.
func (p Permissions) mayAdd(r request, rankTenths int) *fault.Fault {
	switch {
	case rankTenths < p.Add:
		return notAllowed("add to this list")
	case r.next && rankTenths < p.AddNext:
		return notAllowed("play something next")
	}
	switch kindOf(r.media.Type) {
	case live:
		if rankTenths < p.AddLive {
			return notAllowed("add live media")
		}
	case custom:
		if rankTenths < max(p.AddLive, p.AddCustom) {
			return notAllowed("add custom embeds")
		}
	case raw:
		if rankTenths < p.AddRaw {
			return notAllowed("add raw video files")
		}
	case unknown:
		return fault.New(fault.Media, fmt.Sprintf("Unknown media type '%s'", r.media.Type))
	}
	return nil
}

// probe does the look-up of an add, and what CyTube checks after it.
func (c *Channel) probe(r *request) (playlist.Request, error) {
	m, err := c.opts.Probe(r.media)
	if err != nil {
		if f := fault.Of(err); f != nil {
			return playlist.Request{}, f
		}
		return playlist.Request{}, fault.Wrap(err, fault.Media, err.Error())
	}
	longest := c.opts.MaxSeconds
	if longest > 0 && m.DurationMS > longest*1000 && r.rankTenths < c.allow.ExceedMaxLength {
		return playlist.Request{}, fault.New(fault.TooLong,
			fmt.Sprintf("Video exceeds the maximum length set by the channel admin: %d seconds", longest))
	}
	temp := r.temp || r.rankTenths < c.allow.AddNonTemp
	return playlist.Request{Media: m, Temp: temp, Next: r.next, By: r.by}, nil
}

func asGiven(m sdk.Media) (sdk.Media, error) {
	if m.DurationMS < 0 {
		return m, fault.New(fault.Media, "Internal error: could not determine media duration")
	}
	return m, nil
}

// kind of media, as far as it needs a permission of its own.
type kind int

const (
	unknown kind = iota
	plain
	live
	raw
	custom
)

func kindOf(mediaType string) kind {
	switch mediaType {
	case "yt", "vi", "dm", "sc", "gd", "sb", "tc", "pt", "bc", "bn", "od", "nv":
		return plain
	case "li", "tw", "rt", "hl":
		return live
	case "fi", "cm":
		return raw
	case "cu":
		return custom
	}
	return unknown
}

func notAllowed(what string) *fault.Fault {
	return fault.New(fault.Permission, "You don't have permission to "+what+".")
}
