package cytube

import "time"

// clock does what is due when nothing comes in: states, the pace, and what was waited for in vain. It ends with life.
func (d *Driver) clock() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-d.life.Done():
			return
		case <-d.wake:
		case <-timer.C:
		}
		timer.Reset(d.tick())
	}
}

// tick does what is due and returns how long nothing else is.
func (d *Driver) tick() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return idleSleep
	}
	nowMS := d.now()
	d.turn(nowMS)
	return max(time.Duration(d.dueMS(nowMS)-nowMS)*time.Millisecond, floorTurn)
}

// after ends every act: what follows from it is done, and the clock looks again.
func (d *Driver) after(nowMS int64) {
	if d.closed {
		return
	}
	d.turn(nowMS)
	d.poke()
}

// turn brings everything up to nowMS.
func (d *Driver) turn(nowMS int64) {
	d.join(nowMS)
	d.expire(nowMS)
	d.pace(nowMS)
	d.noteHalf(nowMS)
	d.askAgain(nowMS)
	if s := d.line; s != nil && !s.proven && nowMS >= d.provenAtMS() {
		s.proven = true
		d.touch(nowMS) // Over is no longer -1
	}
	d.publishIfDue(nowMS)
}

// join follows a connection to the point at which the channel takes our commands, and gives up one that does not get
// there: a join that fell into a channel that was just being unloaded is never answered.
func (d *Driver) join(nowMS int64) {
	s := d.line
	if s == nil || s.seated || s.end != nil {
		return
	}
	ranked := s.rankMS > 0 && s.password == "" && (s.placed || nowMS >= after(s.rankMS, rankSettle))
	unranked := s.rankMS == 0 && s.password == "" && s.heardMS > 0 && nowMS >= after(s.heardMS, d.opts.Timing.Zombie)
	switch {
	case ranked || unranked:
		s.seated = true
		d.why = ""
		d.logWanting(d.allow.wanting())
		d.touch(nowMS)
	case s.loginMS > 0 && s.heardMS == 0 && s.password == "" && nowMS >= after(s.loginMS, d.opts.Timing.Zombie):
		s.giveUp(ending{why: "The channel did not take the bot in: it was probably being unloaded. Joining again."})
	case nowMS >= after(s.beganMS, joinWait):
		s.giveUp(s.notSeated())
	}
}

// notSeated is the ending of a join that came to nothing.
func (s *session) notSeated() ending {
	if s.password != "" {
		return ending{pause: longPause, why: s.password}
	}
	return ending{why: "The server did not answer the bot's login. Connecting again."}
}

// noteHalf notes since when an act is under way.
func (d *Driver) noteHalf(nowMS int64) {
	half := d.seated() && d.mirror.whole && !d.mirror.complete()
	switch {
	case !half:
		d.pub.halfMS = 0
	case d.pub.halfMS == 0:
		d.pub.halfMS = nowMS
		d.touch(nowMS)
	}
}

// dueMS is when turn has to be called next.
func (d *Driver) dueMS(nowMS int64) int64 {
	due := after(nowMS, idleSleep)
	if d.pub.dirty {
		due = min(due, d.publishAtMS())
	}
	s := d.line
	if s == nil {
		return due
	}
	if !s.proven {
		due = min(due, d.provenAtMS())
	}
	if !s.seated {
		return min(due, d.joinDueMS(s))
	}
	if len(d.desk.paced) > 0 {
		due = min(due, d.desk.nextAddMS)
	}
	if len(d.desk.talking) > 0 {
		due = min(due, d.desk.nextTalkMS)
	}
	due = min(due, d.askAtMS())
	if d.pub.halfMS > 0 {
		due = min(due, max(after(d.pub.halfMS, halfActWait), after(s.probedMS, probeEvery)))
	}
	for r, pastMS := range d.gonePast() {
		due = min(due, pastMS)
		if wait, ok := d.patience(r); ok && !r.answered {
			due = min(due, after(r.sentMS, wait))
		}
	}
	return due
}

// joinDueMS is when something of a join is due.
func (d *Driver) joinDueMS(s *session) int64 {
	due := after(s.beganMS, joinWait)
	if s.loginMS > 0 && s.heardMS == 0 && s.password == "" {
		due = min(due, after(s.loginMS, d.opts.Timing.Zombie))
	}
	if s.heardMS > 0 && s.rankMS == 0 {
		due = min(due, after(s.heardMS, d.opts.Timing.Zombie))
	}
	if s.rankMS > 0 {
		due = min(due, after(s.rankMS, rankSettle))
	}
	return due
}

// poke makes the clock look again.
func (d *Driver) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}
