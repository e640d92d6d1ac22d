package pages

import (
	"strings"

	"playbill/web/live"
)

// What every public page says of events: the one that closes the desk, and the one that is next. assets/marquee.js keeps it
// up to date in the same words.

// lock is the event that closes the desk.
type lock struct {
	Head, Text     string
	In, Word       string // how long until Word; In is empty when that is not known
	Opens, OpensAt string // when requests are expected to open again, as a clock and as an instant; empty: not known
	OpensWord      string // that goes before it
	StartsAt       string // of an event that is to come, as an instant
}

// coming is the next event.
type coming struct {
	Label            string
	Day, Time, ISO   string
	In               string
	Closes, ClosesAt string // when requests close before it, as a clock and as an instant; empty: with it, or they are closed
	Hidden           bool   // the lock says it already
}

// lockOf splits the words of a lock: the first sentence is the headline.
func (p *Pages) lockOf(s live.State, now int64) *lock {
	if s.Lock == (live.Lock{}) {
		return nil
	}
	head, rest, more := strings.Cut(s.Lock.Text, ". ")
	if more {
		head += "."
	}
	l := &lock{Head: head, Text: rest, Word: "until they open", OpensWord: "That is at about"}
	until := s.Lock.OpensAtMS
	if s.Lock.StartsAtMS != 0 {
		l.OpensWord = "Requests open again at about"
		until, l.Word, l.StartsAt = s.Lock.StartsAtMS, "until it starts", iso(s.Lock.StartsAtMS, p.opt.Zone)
	}
	if until > now {
		l.In = strings.TrimPrefix(distance(until-now), "in ")
	}
	if s.Lock.OpensAtMS > now {
		l.Opens, l.OpensAt = clock(s.Lock.OpensAtMS, p.opt.Zone), iso(s.Lock.OpensAtMS, p.opt.Zone)
	}
	return l
}

func (p *Pages) coming(s live.State, now int64) *coming {
	e := s.Next
	if e.StartsMS == 0 {
		return nil
	}
	c := &coming{Label: e.Label, Day: dayWord(e.StartsMS, now, p.opt.Zone), Time: clock(e.StartsMS, p.opt.Zone), ISO: iso(e.StartsMS, p.opt.Zone),
		In: farOff(e.StartsMS - now), Hidden: s.Lock.StartsAtMS == e.StartsMS}
	if e.ClosesMS < e.StartsMS && e.ClosesMS > now {
		c.Closes, c.ClosesAt = clock(e.ClosesMS, p.opt.Zone), iso(e.ClosesMS, p.opt.Zone)
	}
	return c
}
