package cytube

import (
	"time"

	"playbill/core/channel"
)

// send sends a request that has its turn.
func (d *Driver) send(r *request, nowMS int64) {
	d.desk.sent++
	r.place, r.sentMS, r.clearMS, r.headMS = d.desk.sent, nowMS, 0, 0
	switch r.act {
	case add:
		d.line.emit("queue", queueOf(r))
	case move:
		d.line.emit("moveMedia", map[string]any{"from": r.uid, "after": r.behind})
	case remove:
		d.line.emit("delete", r.uid)
	case jump:
		d.line.emit("jumpTo", r.uid)
	case say:
		d.line.emit("chatMsg", map[string]any{"msg": r.text, "meta": map[string]any{}})
	case tell:
		d.line.emit("pm", map[string]any{"to": string(r.to), "msg": r.text, "meta": map[string]any{}})
	}
}

// queueOf is the request for an add. CyTube takes no key that it does not know, a title only for two types, and a length
// only for live ones (reference: cytube.md 3).
func queueOf(r *request) map[string]any {
	q := map[string]any{"id": r.media.ID, "type": r.media.Type, "pos": "end", "temp": r.temp}
	if r.next {
		q["pos"] = "next"
	}
	switch r.media.Type {
	case "cu", "fi":
		if r.media.Title != "" {
			q["title"] = r.media.Title
		}
	}
	switch r.media.Type {
	case "li", "tw", "rt", "hl", "cu":
		if seconds := r.media.DurationMS / 1000; seconds > 0 {
			q["duration"] = seconds
		}
	}
	return q
}

// pace sends the adds and the talk whose turn has come.
func (d *Driver) pace(nowMS int64) {
	if !d.seated() {
		return
	}
	for len(d.desk.paced) > 0 && nowMS >= d.desk.nextAddMS {
		r := d.desk.paced[0]
		d.desk.paced = d.desk.paced[1:]
		d.desk.nextAddMS = nowMS + max(d.opts.AddIntervalMS, 0)
		d.send(r, nowMS)
	}
	for len(d.desk.talking) > 0 && nowMS >= d.desk.nextTalkMS {
		if !d.desk.talks.Allow(nowMS) {
			d.desk.nextTalkMS = nowMS + talkGap.Milliseconds()
			return
		}
		r := d.desk.talking[0]
		d.desk.talking = d.desk.talking[1:]
		d.send(r, nowMS)
	}
}

// expire ends the waiting for what was sent and not heard of: Do says Unknown early, and Over follows at the horizon.
func (d *Driver) expire(nowMS int64) {
	for r, pastMS := range d.gonePast() {
		if wait, ok := d.patience(r); ok && nowMS >= after(r.sentMS, wait) && !r.answered {
			r.answer(channel.Result{})
			if r.act == move {
				d.mirror.doubt = true // its item may be gone from the channel without a word
			}
		}
		if nowMS >= pastMS {
			d.mirror.doubt = d.mirror.doubt || r.act == move // it may have waited long, and lost its item since we asked
			d.finish(r, channel.Result{})
		}
	}
}

// patience is how long Do waits for the echo of a request that has one soon or never.
func (d *Driver) patience(r *request) (time.Duration, bool) {
	switch r.act {
	case move:
		return d.opts.Timing.Move, true
	case jump:
		return jumpWait, true
	}
	return 0, false
}

// gonePast says when each request that was sent can no longer come: a horizon after it was sent, after a clear that it may
// have survived, or after the one before it in the channel's line ended; and never sooner than the channel's longest stay
// with one look-up after the one before it, be that of an earlier connection.
func (d *Driver) gonePast() map[*request]int64 {
	out := make(map[*request]int64, len(d.desk.open))
	for _, r := range d.desk.open {
		switch {
		case r.sentMS == 0 || r.act.inLine():
		case r.act == jump:
			out[r] = after(r.sentMS, d.opts.Timing.Horizon)
		default:
			out[r] = after(r.sentMS, talkWait)
		}
	}
	before := after(d.desk.lateMS, breaker)
	for _, r := range d.sentInLine() {
		own := after(max(r.sentMS, r.clearMS, r.headMS), d.opts.Timing.Horizon)
		out[r] = max(own, min(before, after(own, horizonMost)))
		before = after(out[r], breaker)
	}
	return out
}

// askAgain asks the channel for what does not fit: the list once a minute at most, what plays more often.
func (d *Driver) askAgain(nowMS int64) {
	s := d.line
	if s == nil || !s.seated {
		return
	}
	if nowMS >= d.askAtMS() {
		s.askedMS, s.awaiting, d.mirror.doubt = nowMS, true, false
		s.emit("requestPlaylist")
	}
	if d.pub.halfMS > 0 && nowMS >= after(d.pub.halfMS, halfActWait) && nowMS >= after(s.probedMS, probeEvery) {
		s.probedMS = nowMS
		s.emit("playerReady")
	}
}

// askAtMS is when the list is to be asked for: as soon as may be when something does not fit, and now and then in any
// case, because a move of anybody's behind a vanished item loses the item without a word to anyone.
func (d *Driver) askAtMS() int64 {
	s := d.line
	switch {
	case !d.mirror.doubt:
		return after(max(s.askedMS, s.beganMS), resyncEvery)
	case s.askedMS == 0:
		return 0
	}
	return after(s.askedMS, requestEvery)
}
