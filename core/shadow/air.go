package shadow

import "playbill/core/channel"

// leaveAir finds what left the air since the last state, in order: where the driver did not see it, what was on the air and
// is not any more, and what it saw leave. One thing is on the air at a time, so the first is the earlier.
func (o *observer) leaveAir(list []*Entry) {
	if o.slipped(list) {
		o.offAir = true
		o.ch.Left = append(o.ch.Left, o.inferred())
	}
	for i := range o.u.Left {
		o.depart(list, &o.u.Left[i])
	}
}

// slipped reports whether what was on the air has left it without a word of the driver's.
func (o *observer) slipped(list []*Entry) bool {
	if o.onAir == nil || o.left(o.onAir) {
		return false
	}
	cur := o.current(list)
	if cur >= 0 && list[cur].ID == o.onAir.ID {
		return false
	}
	if cur < 0 && indexOf(list, o.onAir.ID) >= 0 { // the state does not say what plays: that is no departure
		o.s.unsure = o.onAir.ID
		return false
	}
	return true
}

// depart takes in one departure: of the entry on the air, of one that had started and ended between two states, or of
// an add whose outcome nobody knew.
func (o *observer) depart(list []*Entry, d *channel.Departure) {
	if o.onAir != nil && !o.offAir && o.is(o.onAir, d) {
		o.offAir = true
		o.ch.Left = append(o.ch.Left, Advance{Entry: o.onAir, PlayedMS: d.PlayedMS, AtMS: d.AtMS, How: d.How})
		return
	}
	e, claimed := o.departing(list, d)
	if e == nil {
		return
	}
	aired := *e
	aired.State, aired.Airings, aired.AiredAtMS = Bound, e.Airings+1, d.AtMS-wall(d.PlayedMS, o.u.Rate)
	if claimed {
		aired.Bind = channel.Ref{Epoch: d.Epoch, UID: d.Item.UID}
		o.end(&aired, d.How)
	} else if at := indexOf(list, e.ID); at >= 0 {
		list[at] = &aired
	}
	o.aired[e.ID] = &aired
	o.ch.Left = append(o.ch.Left, Advance{Entry: &aired, PlayedMS: d.PlayedMS, AtMS: d.AtMS, How: d.How, Unseen: true})
}

// departing returns the entry that a departure is about when it was not on the air before.
func (o *observer) departing(list []*Entry, d *channel.Departure) (e *Entry, claimed bool) {
	for _, e := range o.old.Entries {
		if o.is(e, d) {
			if at := indexOf(list, e.ID); at >= 0 {
				return list[at], false
			}
			return e, false
		}
	}
	if !d.Item.Temp || d.Item.AddedBy != o.u.Self {
		return nil, false
	}
	w := o.claim(d.Item.Media.Key())
	return w, w != nil
}

func (o *observer) is(e *Entry, d *channel.Departure) bool {
	return e.Bind == channel.Ref{Epoch: d.Epoch, UID: d.Item.UID} && e.Media.Key() == d.Item.Media.Key()
}

// inferred is the departure of what was on the air when the driver did not say: while we were blind it passed; else
// the time that went by says whether it was cut short.
func (o *observer) inferred() Advance {
	a := Advance{Entry: o.onAir, AtMS: o.u.AtMS, How: channel.Skipped}
	if len(o.u.Left) > 0 { // at the latest when the first of them began
		first := &o.u.Left[0]
		a.AtMS = min(a.AtMS, first.AtMS-wall(first.PlayedMS, o.u.Rate))
	}
	played := o.old.PlayedMS + media(o.u.AtMS-o.old.AtMS, o.old.Rate)
	length := o.onAir.Media.DurationMS
	if o.s.blind || o.u.Gap {
		a.How, a.Unseen, a.PlayedMS = Passed, true, length
		return a
	}
	if length > 0 && played >= length-inferSlackMS {
		a.How, played = channel.Played, length
	}
	a.PlayedMS = max(played, 0)
	return a
}

// inferSlackMS is how much of an item may be missing when we conclude from the clock that it played to its end.
const inferSlackMS = 3000

// resumeSlackMS is by how much the start of one airing may seem to differ between two states.
const resumeSlackMS = 2000

// startAir marks what is on the air and was not, or is again.
func (o *observer) startAir(list []*Entry) {
	cur := o.current(list)
	if cur < 0 {
		if o.s.unsure == 0 {
			o.s.SinceMS = 0
		}
		return
	}
	e := list[cur]
	if o.onAir != nil && e.ID == o.onAir.ID && !o.offAir {
		return
	}
	n := *e
	since := min(o.u.AtMS-wall(max(o.u.PlayedMS, 0), o.u.Rate), o.nowMS)
	if !o.resumes(e, since) {
		n.Airings, n.AiredAtMS = e.Airings+1, since
	}
	list[cur] = &n
	o.ch.Started = &n
	o.s.SinceMS = n.AiredAtMS
}

// resumes reports whether an entry that is on the air again goes on with the airing it had: a state in between named
// another one.
func (o *observer) resumes(e *Entry, sinceMS int64) bool {
	off := sinceMS - e.AiredAtMS
	return e.AiredAtMS != 0 && !o.left(e) && -resumeSlackMS <= off && off <= resumeSlackMS
}

func (o *observer) left(e *Entry) bool {
	for i := range o.u.Left {
		if o.is(e, &o.u.Left[i]) {
			return true
		}
	}
	return false
}

// current returns the index of the entry on the air, or -1.
func (o *observer) current(list []*Entry) int {
	if o.u.Current < 0 || o.u.Current >= len(o.u.List) {
		return -1
	}
	ref := channel.Ref{Epoch: o.u.Epoch, UID: o.u.List[o.u.Current].UID}
	for i, e := range list {
		if e.Bind == ref {
			return i
		}
	}
	return -1
}

// refresh makes the findings point at the final entries: settling the order may have replaced them.
func (o *observer) refresh() {
	if len(o.ch.Claimed)+len(o.ch.Appeared) == 0 && o.ch.Started == nil {
		return
	}
	if o.ch.Started != nil {
		o.ch.Started = o.s.Find(o.ch.Started.ID)
	}
	for _, found := range [2][]*Entry{o.ch.Claimed, o.ch.Appeared} {
		if len(found) == 0 {
			continue
		}
		index := make(map[EntryID]*Entry, len(o.s.Entries))
		for _, e := range o.s.Entries {
			index[e.ID] = e
		}
		for i, e := range found {
			if now := index[e.ID]; now != nil {
				found[i] = now
			}
		}
	}
}

// wall converts media milliseconds into wall milliseconds.
func wall(mediaMS int64, rate float64) int64 {
	if rate <= 0 {
		return mediaMS
	}
	return int64(float64(mediaMS) / rate)
}

// media converts wall milliseconds into media milliseconds.
func media(wallMS int64, rate float64) int64 {
	if rate <= 0 {
		return wallMS
	}
	return int64(float64(wallMS) * rate)
}

// AirMS returns how many media milliseconds the entry on the air has played by now.
func (s *Shadow) AirMS(nowMS int64) int64 {
	return s.PlayedMS + media(max(nowMS-s.AtMS, 0), s.Rate)
}

// ETAs returns, for each entry in play order, in how many wall milliseconds it is expected to start; 0 for the one on
// the air, -1 behind a live item, which ends when a person ends it. overheadMS is what an item stays on the air beyond
// its length.
func (s *Shadow) ETAs(overheadMS, nowMS int64) []int64 {
	out := make([]int64, len(s.Entries))
	at := int64(0)
	for i := range s.Entries {
		e := s.At(i)
		out[i] = at
		if at < 0 {
			continue
		}
		length := e.Media.DurationMS
		switch {
		case length <= 0:
			at = -1
		case i == 0 && s.Cur >= 0:
			at = max(wall(length-max(s.AirMS(nowMS), 0), s.Rate)+overheadMS, 0) // it stays on beyond its length
		default:
			at += wall(length, s.Rate) + overheadMS
		}
	}
	return out
}
