package cytube

import (
	"slices"

	"playbill/core/channel"
)

// mirror is the channel's list as its events tell it, and what is on the air. It is exact as long as no event is missed,
// which a connection guarantees; doubt says that an event did not fit.
type mirror struct {
	items  []channel.Item
	shared bool // items was handed out: copy it before the next change
	whole  bool // a whole list came on this connection
	doubt  bool // an event did not fit the list: ask for it whole
	epoch  channel.Epoch

	cur      channel.UID // what is current, NoUID: nothing is
	air      air
	half     bool               // an act is under way: more frames of it must come
	gone     *channel.Departure // left the air in that act; how it did is not certain yet
	follower channel.UID        // what is current next if gone was only deleted
	resumed  bool               // the list was renumbered under what plays: its next start is none
	left     []channel.Departure
}

// air is what plays, as it was listed when it came on.
type air struct {
	on      bool
	item    channel.Item
	epoch   channel.Epoch // in which the item has its uid
	baseMS  int64         // media milliseconds since it came on, at sinceMS
	sinceMS int64
	stopped bool // a leader paused it
}

func newMirror(epoch channel.Epoch) mirror { return mirror{epoch: epoch, cur: channel.NoUID} }

// elapsedMS is for how long the item has been on the air, lead-in and tail included.
func (a *air) elapsedMS(nowMS int64) int64 {
	if a.stopped {
		return a.baseMS
	}
	return a.baseMS + max(nowMS-a.sinceMS, 0)
}

// playedMS is the same as a state says it: never beyond the length.
func (a *air) playedMS(nowMS int64) int64 {
	if !a.on {
		return 0
	}
	elapsed := max(a.elapsedMS(nowMS), 0)
	if length := a.item.Media.DurationMS; length > 0 {
		return min(elapsed, length)
	}
	return elapsed
}

// complete reports whether the mirror stands between two acts.
func (m *mirror) complete() bool {
	switch {
	case !m.whole || m.half:
		return false
	case len(m.items) == 0:
		return m.cur == channel.NoUID
	}
	return m.air.on && m.air.item.UID == m.cur && m.find(m.cur) >= 0
}

// replace takes in a whole list, and reports whether uids cannot be compared with before.
func (m *mirror) replace(items []channel.Item, nowMS int64) bool {
	renumbered := m.whole && !sameNumbers(m.items, items)
	m.items, m.shared, m.whole, m.doubt = items, false, true, false
	if renumbered {
		m.epoch++
		m.cur = channel.NoUID
	}
	if len(items) == 0 {
		m.leave(channel.Removed, nowMS)
		m.settleGone()
		m.cur, m.half = channel.NoUID, false
		return renumbered
	}
	m.half = m.cur == channel.NoUID || m.find(m.cur) < 0
	return renumbered
}

// sameNumbers reports whether two lists are of one numbering: an item that is in both is the same, and one is.
func sameNumbers(before, after []channel.Item) bool {
	if len(before) == 0 || len(after) == 0 {
		return len(before) == len(after)
	}
	known := make(map[channel.UID]channel.Item, len(before))
	for _, it := range before {
		known[it.UID] = it
	}
	common := 0
	for _, it := range after {
		old, ok := known[it.UID]
		if !ok {
			continue
		}
		if old.Media.Key() != it.Media.Key() {
			return false
		}
		common++
	}
	return common > 0
}

// insert takes in a new item behind another, or at the front or the back.
func (m *mirror) insert(it channel.Item, after channel.UID) {
	if m.find(it.UID) >= 0 {
		m.doubt = true
		return
	}
	at := m.behind(after)
	if at < 0 {
		m.doubt, at = true, len(m.items)
	}
	m.own()
	m.items = slices.Insert(m.items, at, it)
	if len(m.items) == 1 {
		m.half = true // it starts in the same act
	}
}

// remove takes an item off. how says how it left the air if it was on it and was not played to its end.
func (m *mirror) remove(uid channel.UID, how string, nowMS int64) bool {
	at := m.find(uid)
	if at < 0 {
		return false
	}
	m.own()
	m.items = slices.Delete(m.items, at, at+1)
	if uid != m.cur {
		return true
	}
	m.cur = channel.NoUID
	m.leave(how, nowMS)
	m.half = len(m.items) > 0 // the next one starts in the same act
	if m.half && m.gone != nil {
		m.follower = m.items[at%len(m.items)].UID
		return true
	}
	m.settleGone()
	return true
}

// move puts an item behind another, or at the front or the back.
func (m *mirror) move(uid, after channel.UID) {
	from := m.find(uid)
	if from < 0 || uid == after || m.behind(after) < 0 {
		m.doubt = true
		return
	}
	it := m.items[from]
	m.own()
	m.items = slices.Delete(m.items, from, from+1)
	m.items = slices.Insert(m.items, m.behind(after), it)
}

func (m *mirror) setTemp(uid channel.UID, temp bool) {
	at := m.find(uid)
	if at < 0 {
		m.doubt = true
		return
	}
	m.own()
	m.items[at].Temp = temp
	if m.air.on && m.air.item.UID == uid {
		m.air.item.Temp = temp
	}
}

// current takes in which item is current. What was on the air before has left it, unless it is the same one under a new
// number.
func (m *mirror) current(uid channel.UID, nowMS int64) {
	if m.gone != nil && m.gone.How == channel.Removed && m.follower != channel.NoUID && uid != m.follower {
		m.gone.How = channel.Skipped // somebody jumped: a deleted item is followed by the next one
	}
	m.doubt = m.doubt || m.gone != nil && m.passedOver(m.follower, uid)
	next := m.follows(m.cur)
	m.settleGone()
	at := m.find(uid)
	renumbered := m.cur == channel.NoUID && m.air.on
	m.cur = uid
	if at < 0 {
		m.doubt, m.half = true, true
		return
	}
	it := m.items[at]
	switch {
	case m.air.on && m.air.item.UID == uid && !renumbered:
		m.half = false
	case renumbered && m.air.item.Media.Key() == it.Media.Key():
		m.air.item, m.air.epoch, m.half, m.resumed = it, m.epoch, false, true
	default:
		m.leave(channel.Skipped, nowMS)
		m.doubt = m.doubt || m.gone != nil && m.passedOver(next, uid)
		m.settleGone()
		m.half = true // its position comes in the next frame
	}
}

// passedOver reports whether what left the air had come to its end and was not followed by what stands behind it: the
// channel has lost that without a word, or somebody jumped just then.
func (m *mirror) passedOver(next, now channel.UID) bool {
	return m.gone.How == channel.Played && next != channel.NoUID && next != now
}

// follows is what plays behind an item, NoUID when that is not known.
func (m *mirror) follows(uid channel.UID) channel.UID {
	at := m.find(uid)
	if at < 0 {
		return channel.NoUID
	}
	return m.items[(at+1)%len(m.items)].UID
}

// start takes in what plays, and where it stands.
func (m *mirror) start(p wirePosition, nowMS int64) {
	at := m.find(m.cur)
	if at < 0 {
		return
	}
	it := m.items[at]
	if p.ID != it.Media.ID {
		m.doubt = true
	}
	next := air{on: true, item: it, epoch: m.epoch, baseMS: onAirMS(p, it), sinceMS: nowMS, stopped: p.Paused && p.CurrentTime >= 0}
	again := m.air.on && !m.resumed && next.baseMS <= leadInMS && next.baseMS < m.air.elapsedMS(nowMS)-restartSlack.Milliseconds()
	if again {
		m.leave(channel.Skipped, nowMS)
		m.settleGone()
	}
	m.air, m.half, m.resumed = next, false, false
}

// position takes in where the item on the air stands.
func (m *mirror) position(p wirePosition, nowMS int64) {
	if !m.air.on || m.half {
		return
	}
	m.air.baseMS, m.air.sinceMS = onAirMS(p, m.air.item), nowMS
	m.air.stopped = p.Paused && p.CurrentTime >= 0
}

// onAirMS is the position of CyTube's players as time since the item came on. A live item has no lead-in.
func onAirMS(p wirePosition, it channel.Item) int64 {
	at := millis(p.CurrentTime)
	if it.Media.DurationMS > 0 {
		at += leadInMS
	}
	return max(at, 0)
}

// leave notes that what is on the air has left it. An item that stood at its end was played, whatever the act was.
func (m *mirror) leave(how string, nowMS int64) {
	if !m.air.on {
		return
	}
	length := m.air.item.Media.DurationMS
	d := channel.Departure{Epoch: m.air.epoch, Item: m.air.item, PlayedMS: m.air.playedMS(nowMS), AtMS: nowMS, How: how}
	if length > 0 && m.air.elapsedMS(nowMS) >= length+leadInMS-playedSlack.Milliseconds() {
		d.How, d.PlayedMS = channel.Played, length
	}
	m.gone, m.follower = &d, channel.NoUID
	m.air = air{}
}

// settleGone hands over what left the air.
func (m *mirror) settleGone() {
	if m.gone == nil {
		return
	}
	m.left = append(m.left, *m.gone)
	if extra := len(m.left) - leftMax; extra > 0 {
		m.left = slices.Delete(m.left, 0, extra)
	}
	m.gone = nil
}

// rows are the items, never changed afterwards.
func (m *mirror) rows() []channel.Item {
	m.shared = true
	return m.items[:len(m.items):len(m.items)]
}

func (m *mirror) find(uid channel.UID) int {
	return slices.IndexFunc(m.items, func(it channel.Item) bool { return it.UID == uid })
}

func (m *mirror) lists(mediaID string) bool {
	return slices.ContainsFunc(m.items, func(it channel.Item) bool { return it.Media.ID == mediaID })
}

// behind is the index at which what stands behind a place stands, -1 when there is no such place.
func (m *mirror) behind(after channel.UID) int {
	switch after {
	case front:
		return 0
	case back:
		return len(m.items)
	}
	at := m.find(after)
	if at < 0 {
		return -1
	}
	return at + 1
}

func (m *mirror) own() {
	if m.shared {
		m.items, m.shared = slices.Clone(m.items), false
	}
}
