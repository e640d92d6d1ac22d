package shadow

import (
	"math/rand/v2"
	"testing"

	"playbill/core/channel"
	"playbill/sdk"
)

// storyMax is how many bytes of an input are played: longer stories are slow, and no stranger.
const storyMax = 2000

// FuzzObserve lets a channel do anything, tell of it late, wrong, or not at all, and checks after every state that
// nothing is lost, nothing is there twice, and nothing that ended comes back.
func FuzzObserve(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		data := make([]byte, 40+rng.IntN(400))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &mess{room: newRoom(t), data: data[:min(len(data), storyMax)], ended: map[EntryID]bool{}, airings: map[EntryID]int64{}}
		for len(m.data) > 0 {
			m.act()
		}
		m.settle()
	})
}

// mess is a channel, what is on its way to it, and what it tells.
type mess struct {
	*room
	data    []byte
	items   []channel.Item // the true list
	cur     int
	uid     channel.UID
	epoch   channel.Epoch
	n       int64 // commands
	left    []channel.Departure
	ended   map[EntryID]bool
	airings map[EntryID]int64
}

func (m *mess) next(below int) int {
	if len(m.data) == 0 {
		return 0
	}
	b := int(m.data[0])
	m.data = m.data[1:]
	return b % below
}

func (m *mess) act() {
	m.now += int64(m.next(5)) * 500
	switch m.next(12) {
	case 0, 1:
		m.insert(m.next(len(m.items)+1), m.item(m.next(2) == 0, m.next(2) == 0))
	case 2:
		m.remove()
	case 3:
		m.move()
	case 4, 5:
		m.advance()
	case 6:
		m.renumber(m.next(2) == 0)
	case 7:
		m.send()
	case 8:
		m.answer()
	case 9:
		m.leave()
	case 10:
		m.restart()
	case 11:
		m.permanent()
	}
	if m.next(2) == 0 {
		m.show()
	}
}

func (m *mess) item(temp, ours bool) channel.Item {
	it := channel.Item{UID: m.uid, Temp: temp, AddedBy: "someone", Media: sdk.Media{Type: "yt", ID: string(rune('a' + m.next(6))), DurationMS: 60_000}}
	if ours {
		it.AddedBy = self
	}
	m.uid++
	return it
}

func (m *mess) insert(at int, it channel.Item) {
	m.items = append(m.items[:at:at], append([]channel.Item{it}, m.items[at:]...)...)
	switch {
	case len(m.items) == 1:
		m.cur = 0
	case at <= m.cur:
		m.cur++
	}
}

func (m *mess) remove() {
	if len(m.items) == 0 {
		return
	}
	at := m.next(len(m.items))
	if at == m.cur {
		m.depart(channel.Removed)
	}
	m.drop(at)
}

func (m *mess) drop(at int) {
	m.items = append(m.items[:at:at], m.items[at+1:]...)
	if at < m.cur {
		m.cur--
	}
	if m.cur >= len(m.items) {
		m.cur = 0
	}
}

func (m *mess) depart(how string) {
	m.left = append(m.left, channel.Departure{Epoch: m.epoch + 1, Item: m.items[m.cur], PlayedMS: 100, AtMS: m.now, How: how})
}

func (m *mess) advance() {
	if len(m.items) == 0 {
		return
	}
	m.depart([]string{channel.Played, channel.Skipped}[m.next(2)])
	if m.items[m.cur].Temp {
		m.drop(m.cur)
	} else {
		m.cur = (m.cur + 1) % len(m.items)
	}
}

func (m *mess) move() {
	if len(m.items) < 2 {
		return
	}
	from := m.next(len(m.items))
	it, air := m.items[from], m.items[m.cur].UID
	m.items = append(m.items[:from:from], m.items[from+1:]...)
	m.insert(m.next(len(m.items)+1), it)
	for i := range m.items {
		if m.items[i].UID == air {
			m.cur = i
		}
	}
}

// renumber is a shuffle, or a reload, which counts from zero again.
func (m *mess) renumber(reload bool) {
	m.epoch++
	if reload {
		m.uid = 0
	}
	m.items = append([]channel.Item(nil), m.items...)
	for i := range m.items {
		m.items[i].UID = m.uid
		m.uid++
	}
}

func (m *mess) permanent() {
	if len(m.items) > 0 {
		at := m.next(len(m.items))
		m.items = append([]channel.Item(nil), m.items...)
		m.items[at].Temp = !m.items[at].Temp
	}
}

// send adds something of ours, which comes or does not; another of the same media is never under way.
func (m *mess) send() {
	it := m.item(true, true)
	for _, w := range m.s.Waiting {
		if w.Media.Key() == it.Media.Key() {
			return
		}
	}
	role := []Role{Paid, General, LeadIn, Event}[m.next(4)]
	m.n++
	e := m.room.send(it.Media.ID, role, m.n)
	if m.next(3) == 0 {
		return // it never comes
	}
	m.insert(m.next(len(m.items)+1), it)
	if m.next(2) == 0 {
		m.fold(e.ID, channel.Add{Media: it.Media, Temp: true}, channel.Ref{Epoch: m.epoch + 1, UID: it.UID})
	}
}

func (m *mess) fold(id EntryID, c channel.Command, item channel.Ref) {
	before := m.s
	r := channel.Result{Outcome: channel.Outcome(m.next(2)), N: m.n, Item: item}
	m.s, m.ch = m.s.Fold(id, c, r, m.now)
	m.verify(before)
}

// answer moves or removes an entry of ours, with or without an effect, and says so or not.
func (m *mess) answer() {
	if m.s.Len() == 0 {
		return
	}
	e := m.s.At(m.next(m.s.Len()))
	at := -1
	for i := range m.items {
		if e.Bind == (channel.Ref{Epoch: m.epoch + 1, UID: m.items[i].UID}) {
			at = i
		}
	}
	if at < 0 || at == m.cur {
		return
	}
	m.n++
	m.drop(at)
	m.fold(e.ID, channel.Remove{Item: e.Bind}, channel.Ref{})
}

// leave wishes an entry gone.
func (m *mess) leave() {
	if m.s.Len() > 0 {
		before := m.s
		e := *m.s.At(m.next(m.s.Len()))
		e.Leaving = "removed"
		m.s, m.ch = m.s.With(&e), Changes{}
		m.verify(before)
	}
}

// restart starts from what is stored; commands of the run before have number 0 then.
func (m *mess) restart() {
	var rows []*Entry
	for _, list := range [2][]*Entry{m.s.Entries, m.s.Waiting} {
		for _, e := range list {
			row := stored(*e)
			rows = append(rows, &row)
		}
	}
	air := EntryID(0)
	if e := m.s.OnAir(); e != nil {
		air = e.ID
	}
	m.s = Restore(m.s.Epoch, rows, nil, air, m.s.SinceMS)
	m.n = 0
	m.renumber(m.next(2) == 0)
}

// show tells what is so: perhaps not yet of the last commands, perhaps as a poll, perhaps not to be believed.
func (m *mess) show() {
	m.u.List, m.u.Current, m.u.Epoch = m.items, m.cur, m.epoch+1
	if len(m.items) == 0 {
		m.u.Current = -1
	}
	m.u.Over = max(m.n-int64(m.next(3)), -1)
	m.u.Certain, m.u.Gap, m.u.Health = m.next(3) > 0, m.next(8) == 0, channel.Good
	m.u.Whole = m.u.Certain
	if m.u.Left, m.left = m.left, nil; m.next(4) == 0 {
		m.u.Left = nil // a driver that cannot see it
	}
	switch m.next(10) {
	case 0:
		m.u.Health = channel.Degraded
	case 1:
		m.u.List, m.u.Current = nil, -1
	case 2:
		m.u.Current = -1
	}
	m.observe()
}

func (m *mess) observe() {
	m.now += 1000
	m.u.AtMS = m.now
	before := m.s
	m.s, m.ch = m.s.Observe(m.u, m.now, m.number)
	m.verify(before)
}

// verify asserts what holds whatever is told.
func (m *mess) verify(before Shadow) {
	m.t.Helper()
	m.check(before)
	binds := map[channel.Ref]EntryID{}
	for _, e := range m.s.Entries {
		if e.State != Bound || m.ended[e.ID] {
			m.t.Fatalf("entry %d is %s, ended before: %v", e.ID, e.State, m.ended[e.ID])
		}
		if other, twice := binds[e.Bind]; twice {
			m.t.Fatalf("entries %d and %d stand for one item", other, e.ID)
		}
		binds[e.Bind] = e.ID
	}
	for _, e := range m.s.Waiting {
		if e.State == Bound || e.State == Ended || m.ended[e.ID] {
			m.t.Fatalf("entry %d waits and is %s", e.ID, e.State)
		}
	}
	if m.s.Cur >= m.s.Len() {
		m.t.Fatalf("number %d of %d is on the air", m.s.Cur, m.s.Len())
	}
	if m.ch.Started != nil && m.ch.Started != m.s.OnAir() {
		m.t.Fatal("what started is not on the air")
	}
	for _, e := range m.ch.Ended {
		if m.ended[e.ID] || e.State != Ended || e.EndedHow == "" {
			m.t.Fatalf("entry %d ended as %q, before: %v", e.ID, e.EndedHow, m.ended[e.ID])
		}
		m.ended[e.ID] = true
	}
	for _, e := range m.s.Entries {
		if e.Airings < m.airings[e.ID] {
			m.t.Fatalf("entry %d has aired %d times, and before %d", e.ID, e.Airings, m.airings[e.ID])
		}
		m.airings[e.ID] = e.Airings
	}
}

// settle shows the truth, whole, with everything over: then the mirror is the list, and nothing waits.
func (m *mess) settle() {
	m.u.List, m.u.Current, m.u.Epoch, m.u.Over, m.u.Health = m.items, m.cur, m.epoch+1, m.n, channel.Good
	m.u.Certain, m.u.Whole, m.u.Gap, m.u.Left = true, true, false, m.left
	if len(m.items) == 0 {
		m.u.Current = -1
	}
	m.observe()
	if len(m.items) != m.s.Len() || len(m.s.Waiting) != 0 || m.s.Cur != m.u.Current {
		m.t.Fatalf("%d listed, %d known, %d wait; %d on the air, not %d", len(m.items), m.s.Len(), len(m.s.Waiting), m.s.Cur, m.u.Current)
	}
	for i, e := range m.s.Entries {
		if e.Bind.UID != m.items[i].UID || e.Media.ID != m.items[i].Media.ID {
			m.t.Fatalf("the mirror differs from the list at %d", i)
		}
	}
	m.u.Left = nil
	rev := m.s.Rev
	if m.observe(); m.s.Rev != rev {
		m.t.Fatalf("the same state again: %s", m.found())
	}
}
