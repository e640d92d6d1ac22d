package cytube

import (
	"regexp"
	"slices"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/sdk"
)

// echoed ends the oldest request that an event confirms.
func (d *Driver) echoed(match func(r *request) bool, nowMS int64) {
	if r := d.oldest(match); r != nil {
		d.confirm(r, channel.Result{Outcome: channel.Done}, nowMS)
	}
}

// confirm ends a request whose echo came. An add's proves more: it is nobody else's. A deletion and even a move may be
// another person's, or a deletion the item's own end.
func (d *Driver) confirm(r *request, res channel.Result, nowMS int64) {
	d.finish(r, res)
	if r.act == add {
		d.passed(r, nowMS)
		d.moved(r, nowMS)
	}
}

// moved notes that the channel's line has moved on to what we sent behind a request.
func (d *Driver) moved(ended *request, nowMS int64) {
	for _, r := range d.sentInLine() {
		if r.place > ended.place {
			r.headMS = nowMS
		}
	}
}

// passed ends the requests that stood before one whose echo came: the channel's line is worked off in order. It is not
// behind a look-up of more than 20 s, and it says nothing of what a clear or shuffle may have let loose.
func (d *Driver) passed(echo *request, nowMS int64) {
	for _, r := range d.sentInLine() {
		if r.place >= echo.place || r.clearMS > 0 || nowMS >= after(r.sentMS, breaker) {
			continue
		}
		switch {
		case r.act == move:
			d.mirror.doubt = true
			d.finish(r, channel.Result{})
		case r.act == remove && d.mirror.find(r.uid) < 0:
			d.finish(r, channel.Result{Outcome: channel.Done})
		default:
			d.refuse(r, fault.New(fault.Dropped, "The channel passed this over without an answer."))
		}
	}
}

// added ends our add that a new item is. It is told by type, id, temp and adder; the channel makes adds temp without a
// word, and writes some ids in a way of its own.
func (d *Driver) added(it channel.Item, nowMS int64) {
	if channel.Fold(it.AddedBy) != channel.Fold(d.self) {
		return
	}
	temp := func(r *request) bool { return (r.temp || d.allow.forcedTemp()) == it.Temp }
	same := func(r *request) bool { return r.act == add && r.media.Key() == it.Media.Key() }
	r := d.oldest(func(r *request) bool { return same(r) && temp(r) })
	if r == nil {
		r = d.oldest(same)
	}
	if r == nil && rewritten(it.Media) {
		r = d.oldest(func(r *request) bool { return r.act == add && r.media.Type == it.Media.Type && temp(r) })
	}
	if r == nil {
		return
	}
	ref := channel.Ref{Epoch: d.mirror.epoch, UID: it.UID}
	d.confirm(r, channel.Result{Outcome: channel.Done, Item: ref}, nowMS)
}

// rewritten reports whether the channel writes the ids of such media in its own way.
func rewritten(m sdk.Media) bool { return slices.Contains([]string{"cu", "vi", "dm", "tw"}, m.Type) }

// addFailed ends the add that the channel refused. A refusal that is sent at once is of the newest add of that id, one
// that followed a look-up of the oldest.
func (d *Driver) addFailed(fail wireFail, nowMS int64) {
	f, immediate := refusal(fail.Msg)
	ours := d.sentInLine()
	ours = slices.DeleteFunc(ours, func(r *request) bool {
		return r.act != add || fail.ID != "" && r.media.ID != fail.ID
	})
	if len(ours) == 0 || fail.ID == "" && len(ours) > 1 {
		d.log.Warn("the channel refused an item that nothing waits for", "channel", d.opts.Channel, "id", fail.ID, "why", f.Sentence)
		return
	}
	r := ours[0]
	if immediate {
		r = ours[len(ours)-1]
	}
	if f.Code == fault.TooFast && r.retries > 0 && !r.answered {
		r.retries--
		r.sentMS = 0
		d.desk.nextAddMS = max(d.desk.nextAddMS, after(nowMS, addRetryPause))
		d.desk.wait(r)
		return
	}
	d.refuse(r, f)
	if !immediate {
		d.moved(r, nowMS)
	}
}

// dropWaiting is what a clear or shuffle of anybody's does to our requests in line: the channel drops all of them but the
// add in look-up. Which one that is nobody tells: the oldest may be it, whatever waited so long that the channel ran it
// beside another, and what it may not have had yet when it cleared.
func (d *Driver) dropWaiting(nowMS int64) {
	first := true
	long := false
	for _, r := range d.sentInLine() {
		waited := nowMS >= after(r.sentMS, breaker)
		switch {
		case r.clearMS > 0: // of an earlier clear: it is on its own already
			r.answer(channel.Result{})
			r.clearMS = nowMS
			continue
		case r.act == move: // it may have been done, and lost its item
			r.answer(channel.Result{})
			r.clearMS = nowMS
			continue
		case r.act == remove:
			d.refuse(r, droppedByClear())
			continue
		case first || waited:
			r.answer(channel.Result{})
			r.clearMS = nowMS
		case long || nowMS < after(r.sentMS, clearRace):
			r.clearMS = nowMS
		default:
			d.refuse(r, droppedByClear())
		}
		first, long = false, long || waited
	}
}

func droppedByClear() *fault.Fault {
	return fault.New(fault.Dropped, "The list was cleared or shuffled while this waited.")
}

// sentInLine are the open requests in the channel's line, in the order in which they were sent.
func (d *Driver) sentInLine() []*request {
	var out []*request
	for _, r := range d.desk.open {
		if r.sentMS > 0 && r.act.inLine() {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *request) int { return int(a.place - b.place) })
	return out
}

// oldest is the open request that was sent first among those that match.
func (d *Driver) oldest(match func(r *request) bool) *request {
	var first *request
	for _, r := range d.desk.open {
		if r.sentMS > 0 && match(r) && (first == nil || r.place < first.place) {
			first = r
		}
	}
	return first
}

var pmFailed = regexp.MustCompile(`^PM failed: (\S+) isn't (connected|a valid)`)

// complained takes in an error message: only those about PMs are an answer to us.
func (d *Driver) complained(text string) {
	d.log.Warn("the channel complains", "channel", d.opts.Channel, "why", text)
	if m := pmFailed.FindStringSubmatch(text); m != nil {
		to := channel.Fold(m[1])
		if r := d.oldest(func(r *request) bool { return r.act == tell && r.to == to }); r != nil {
			d.refuse(r, fault.New(fault.Missing, text))
		}
		return
	}
	var code fault.Code
	switch text {
	case "You can't PM yourself!":
		code = fault.Media
	case "You must be signed in to send PMs":
		code = fault.Permission
	default:
		return
	}
	if r := d.oldest(func(r *request) bool { return r.act == tell }); r != nil {
		d.refuse(r, fault.New(code, text))
	}
}

// talkLost ends a line or PM that the channel did not let through. What we said is answered in the order in which we said
// it, so it is the oldest.
func (d *Driver) talkLost(how, text string, nowMS int64) {
	var f *fault.Fault
	switch how {
	case "cooldown":
		f = fault.New(fault.TooFast, "Too many messages at once. This one was lost.")
		d.desk.nextTalkMS = after(nowMS, addRetryPause)
	case "noflood":
		f = fault.New(fault.Muted, orElse(text, "The bot has been muted on this channel."))
	default:
		f = fault.New(fault.Permission, "The channel does not let new accounts talk yet.")
	}
	if r := d.oldest(isTalk); r != nil {
		d.refuse(r, f)
	}
}

func isTalk(r *request) bool { return r.act == say || r.act == tell }
