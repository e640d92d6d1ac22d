package playlist

import "playbill/core/channel"

// Advance brings the list up to nowMS: whatever ended by then has left the air, in order. A temp item vanishes at its
// end, the list begins again at its end, a single item that stays starts itself again, and after the last temp item
// nothing plays. A live item never ends.
func (l *List) Advance(nowMS int64) []channel.Departure {
	var left []channel.Departure
	for {
		endMS, ends := l.EndsAtMS()
		if !ends || nowMS < endMS {
			return left
		}
		atMS := endMS
		if nowMS-endMS > LateMS {
			atMS = nowMS
		}
		left = append(left, l.end(channel.Played, atMS))
	}
}

// Skip ends what is on the air, as its end would have.
func (l *List) Skip(nowMS int64) []channel.Departure {
	if l.cur < 0 {
		return nil
	}
	return []channel.Departure{l.end(channel.Skipped, nowMS)}
}

// Jump ends what is on the air and starts the item with this uid. What was on the air vanishes if it is temp; a jump to
// the current item starts it again. False: no such item.
func (l *List) Jump(uid channel.UID, nowMS int64) ([]channel.Departure, bool) {
	to := l.Find(uid)
	if to < 0 {
		return nil, false
	}
	left := []channel.Departure{l.departure(channel.Skipped, nowMS)}
	if to != l.cur && l.items[l.cur].Temp {
		gone := l.cur
		l.drop(gone)
		if to > gone {
			to--
		}
	}
	l.start(to, nowMS)
	return left, true
}

// end takes the current item off the air and starts the next one.
func (l *List) end(how string, atMS int64) channel.Departure {
	d := l.departure(how, atMS)
	next := l.cur + 1
	if l.items[l.cur].Temp {
		l.drop(l.cur)
		next--
	}
	l.startOrStop(next, atMS)
	return d
}

// startOrStop starts the item at this index, the first one when the index is past the end, none when there is none.
func (l *List) startOrStop(i int, atMS int64) {
	if len(l.items) == 0 {
		l.start(-1, atMS)
		return
	}
	l.start(i%len(l.items), atMS)
}

func (l *List) departure(how string, atMS int64) channel.Departure {
	item := l.items[l.cur]
	played := clampPlayed(l.elapsedMS(atMS), item.Media.DurationMS)
	if how == channel.Played {
		played = item.Media.DurationMS // exact, whatever the rate rounded away
	}
	return channel.Departure{Epoch: l.epoch, Item: item, PlayedMS: played, AtMS: atMS, How: how}
}

// drop takes a row out. The caller decides what plays.
func (l *List) drop(i int) {
	l.own()
	l.items = append(l.items[:i], l.items[i+1:]...)
}
