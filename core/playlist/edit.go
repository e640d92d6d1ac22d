package playlist

import (
	"fmt"
	"math/rand/v2"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/sdk"
)

// Places that a Move may name instead of an item.
const (
	Front channel.UID = -2 // before the first row
	Back  channel.UID = -3 // behind the last row
)

// Request is one add.
type Request struct {
	Media sdk.Media
	Temp  bool
	Next  bool // right behind the current item instead of at the end
	By    string
}

// Add lists a media and starts it when nothing plays. Errors: fault.ListFull, fault.Duplicate.
//
// Where duplicates are not allowed they are told by media id alone, whatever the type. A Next of an id that is listed,
// and is not on the air, moves it: the old row goes and a new one comes, under a new uid and with the old temp flag.
func (l *List) Add(r Request, nowMS int64) (channel.Item, error) {
	if len(l.items) >= l.Limit() {
		return channel.Item{}, fault.New(fault.ListFull, fmt.Sprintf("Playlist limit reached (%d)", l.Limit()))
	}
	if old := l.findMedia(r.Media.ID); old >= 0 && !l.Rules.Dupes {
		if !r.Next || old == l.cur {
			return channel.Item{}, fault.New(fault.Duplicate, "This item is already on the playlist")
		}
		r.Temp = l.items[old].Temp
		l.takeOut(old)
	}
	item := channel.Item{UID: l.nextUID, Media: r.Media, Temp: r.Temp, AddedBy: r.By}
	item.Media.Title = cutTitle(item.Media.Title)
	l.nextUID++
	l.own()
	if !r.Next || l.cur < 0 {
		l.insert(len(l.items), item)
	} else {
		l.insert(l.cur+1, item)
	}
	if l.cur < 0 {
		l.start(0, nowMS)
	}
	return item, nil
}

// Remove takes an item off the list; when it was on the air the next one starts. False: no such item.
func (l *List) Remove(uid channel.UID, nowMS int64) ([]channel.Departure, bool) {
	i := l.Find(uid)
	if i < 0 {
		return nil, false
	}
	if i != l.cur {
		l.takeOut(i)
		return nil, true
	}
	left := []channel.Departure{l.departure(channel.Removed, nowMS)}
	l.drop(i)
	l.startOrStop(i, nowMS)
	return left, true
}

// Moved is what became of a Move.
type Moved int

// Nothing: no such item, or an item behind itself. InPlace: it stands there. Swallowed: the item to stand behind is no
// longer listed, and CyTube removes the moved item without a word.
const (
	Nothing Moved = iota
	InPlace
	Swallowed
)

// Move puts an item right behind another, or at Front or Back. What is on the air stays on the air; a swallowed item
// that was on the air leaves it (CyTube plays it on, unlisted, to its end).
func (l *List) Move(uid, after channel.UID, nowMS int64) (Moved, []channel.Departure) {
	from := l.Find(uid)
	if from < 0 || uid == after {
		return Nothing, nil
	}
	if after != Front && after != Back && l.Find(after) < 0 {
		left, _ := l.Remove(uid, nowMS)
		return Swallowed, left
	}
	item, onAir := l.items[from], l.items[l.cur].UID
	l.drop(from)
	switch after {
	case Front:
		l.insert(0, item)
	case Back:
		l.insert(len(l.items), item)
	default:
		l.insert(l.Find(after)+1, item)
	}
	l.cur = l.Find(onAir)
	return InPlace, nil
}

// SetTemp makes an item vanish at its end, or stay. False: no such item.
func (l *List) SetTemp(uid channel.UID, temp bool) bool {
	i := l.Find(uid)
	if i < 0 {
		return false
	}
	if l.items[i].Temp != temp {
		l.own()
		l.items[i].Temp = temp
	}
	return true
}

// Shuffle puts the current item first and the others in an order that the seed decides. Every row gets a new uid and a
// new epoch begins; what plays goes on where it was.
func (l *List) Shuffle(seed uint64) {
	l.epoch++
	l.own()
	if l.cur > 0 {
		l.items[0], l.items[l.cur] = l.items[l.cur], l.items[0]
		l.cur = 0
	}
	chance := rand.New(rand.NewPCG(seed, uint64(len(l.items))))
	chance.Shuffle(max(len(l.items)-1, 0), func(i, j int) {
		l.items[i+1], l.items[j+1] = l.items[j+1], l.items[i+1]
	})
	l.number(l.nextUID)
}

// Clear empties the list. Nothing plays, and a new epoch begins.
func (l *List) Clear(nowMS int64) []channel.Departure {
	var left []channel.Departure
	if l.cur >= 0 {
		left = []channel.Departure{l.departure(channel.Removed, nowMS)}
	}
	l.epoch++
	l.items, l.shared = nil, false
	l.start(-1, nowMS)
	return left
}

// Reload renumbers the uids from 0, as a restart of the server does, and begins a new epoch.
func (l *List) Reload() {
	l.epoch++
	l.own()
	l.number(0)
}

func (l *List) findMedia(id string) int {
	for i := range l.items {
		if l.items[i].Media.ID == id {
			return i
		}
	}
	return -1
}

// takeOut drops a row that is not on the air.
func (l *List) takeOut(i int) {
	l.drop(i)
	if i < l.cur {
		l.cur--
	}
}

// insert puts a row at an index. The caller owns the rows.
func (l *List) insert(i int, item channel.Item) {
	l.items = append(l.items, channel.Item{})
	copy(l.items[i+1:], l.items[i:])
	l.items[i] = item
}

func cutTitle(title string) string {
	const dots = "..."
	if len(title) <= TitleMax {
		return title
	}
	runes := []rune(title)
	if len(runes) <= TitleMax {
		return title
	}
	return string(runes[:TitleMax-len(dots)]) + dots
}
