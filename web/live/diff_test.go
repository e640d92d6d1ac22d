package live

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// reader is what a browser knows: the algorithm of assets/live.js.
type reader struct {
	revision int64
	order    []int64
	items    map[int64]Entry
	starts   map[int64]int64 // milliseconds after atMS
}

func (r *reader) know(e Entry, atMS int64) {
	r.items[e.EntryID] = e
	delete(r.starts, e.EntryID)
	if e.EtaSeconds != nil {
		r.starts[e.EntryID] = atMS + *e.EtaSeconds*1000
	}
}

func readerOf(q Queue, atMS int64) *reader {
	r := &reader{revision: q.Revision, items: map[int64]Entry{}, starts: map[int64]int64{}}
	for _, e := range q.Items {
		r.order = append(r.order, e.EntryID)
		r.know(e, atMS)
	}
	return r
}

func (r *reader) apply(d Delta, atMS int64) {
	r.revision = d.Revision
	put := map[int64]bool{}
	for _, p := range d.Put {
		put[p.Item.EntryID] = true
	}
	r.order = slices.DeleteFunc(r.order, func(id int64) bool { return put[id] || slices.Contains(d.Removed, id) })
	for _, id := range d.Removed {
		delete(r.items, id)
	}
	for _, p := range d.Put {
		at := 0
		if p.After != nil {
			at = slices.Index(r.order, *p.After) + 1
		}
		r.order = slices.Insert(r.order, at, p.Item.EntryID)
		r.know(p.Item, atMS)
	}
	shift, seconds := d.Shifts, int64(0)
	for _, id := range r.order {
		if put[id] {
			continue
		}
		if len(shift) > 0 && shift[0].From == id {
			seconds, shift = shift[0].Seconds, shift[1:]
		}
		r.starts[id] += seconds * 1000
	}
}

// anyState draws a list of entries with consistent expected starts.
func anyState(t *rapid.T, label string, nowMS int64) State {
	ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 12), 0, 12, rapid.ID[int64]).Draw(t, label)
	s := State{Channel: "c", Health: channel.Good, Watching: notCounted}
	at := nowMS + rapid.Int64Range(0, 600_000).Draw(t, label+" left")
	for i, id := range ids {
		item := Item{EntryID: id, UID: channel.UID(id), Media: sdk.Media{Type: "yt", ID: fmt.Sprint(id), Title: fmt.Sprint("t", id), DurationMS: 60_000 * id},
			Role: shadow.Content, StartsMS: at}
		if rapid.IntRange(0, 9).Draw(t, label+" change") == 0 {
			item.Media.Title += "!"
		}
		switch {
		case i == 0:
			item.StartsMS = onAirStarts
			s.Now = Now{EntryID: id, Rate: 1, ZeroMS: nowMS - 1000, StartedMS: nowMS - 1000}
		case rapid.IntRange(0, 19).Draw(t, label+" unknown") == 0:
			item.StartsMS = noTime
		default:
			at += item.Media.DurationMS + 5000
		}
		s.Items = append(s.Items, item)
	}
	return s
}

// TestDiffProperty: whoever has the old model and applies the deltas has the new one, and its expected starts are never
// more than the slack and the rounding away from the truth.
func TestDiffProperty(t *testing.T) {
	const nowMS = 1_000_000_000
	rapid.Check(t, func(t *rapid.T) {
		told := anyState(t, "first", nowMS)
		r := readerOf(told.JSON(nowMS), nowMS)
		for step := range 4 {
			now := anyState(t, fmt.Sprint("step", step), nowMS)
			var c Change
			told, c = Diff(told, now)
			r.apply(told.delta(0, c, nowMS), nowMS)
			want := now.JSON(nowMS)
			for i, e := range want.Items {
				if i >= len(r.order) || r.order[i] != e.EntryID {
					t.Fatalf("order %v, want entry %d at %d", r.order, e.EntryID, i)
				}
				if diff := cmp.Diff(e, r.items[e.EntryID], cmpopts.IgnoreFields(Entry{}, "EtaSeconds")); diff != "" {
					t.Fatal(diff)
				}
				if starts := now.Items[i].StartsMS; starts > 0 {
					if off := r.starts[e.EntryID] - starts; off > shiftSlack+1000 || off < -shiftSlack-1000 {
						t.Fatalf("entry %d is expected %d ms wrong", e.EntryID, off)
					}
				}
			}
			if len(r.order) != len(want.Items) {
				t.Fatalf("order %v, want %d entries", r.order, len(want.Items))
			}
			if _, again := Diff(told, now); !again.Empty() {
				t.Fatalf("the same again is a change: %+v", again)
			}
		}
	})
}

// longList is a channel with n entries on the list.
func longList(n int) *station.View {
	v := &station.View{Rev: 1, Health: channel.Good, Resolved: true, Can: channel.Can{OverheadMS: 5000},
		Shadow: shadow.Shadow{Rev: 1, Health: channel.Good, Rate: 1, AtMS: 1_000_000_000, PlayedMS: 60_000, SinceMS: 999_940_000}}
	for id := range n {
		v.Shadow.Entries = append(v.Shadow.Entries, &shadow.Entry{ID: shadow.EntryID(id + 1), Role: shadow.Content, State: shadow.Bound,
			AddedBy: "halcyon", Media: sdk.Media{Type: "yt", ID: fmt.Sprintf("dQw4w9Wg%d", id), Title: fmt.Sprintf("How to Mend Umbrella No. %d", id), DurationMS: 600_000},
			Bind: channel.Ref{UID: channel.UID(id)}})
	}
	return v
}

func word(id string) string { return id }

// TestOneChangeIsSmall: whatever happens to one entry of a long list, its delta stays under 2 KB.
func TestOneChangeIsSmall(t *testing.T) {
	before := longList(4000)
	clone := func() *station.View {
		v := *before
		v.Shadow.Entries = slices.Clone(before.Shadow.Entries)
		return &v
	}
	cases := map[string]func(v *station.View){
		"advance": func(v *station.View) { v.Shadow.Cur, v.Shadow.PlayedMS = 1, 0 },
		"skip":    func(v *station.View) { v.Shadow.Cur, v.Shadow.PlayedMS = 2, 0 },
		"seek":    func(v *station.View) { v.Shadow.PlayedMS += 120_000 },
		"remove":  func(v *station.View) { v.Shadow.Entries = slices.Delete(v.Shadow.Entries, 5, 6) },
		"move": func(v *station.View) {
			v.Shadow.Entries[7], v.Shadow.Entries[8] = v.Shadow.Entries[8], v.Shadow.Entries[7]
		},
		"far move": func(v *station.View) {
			e := v.Shadow.Entries[3000]
			v.Shadow.Entries = slices.Insert(slices.Delete(v.Shadow.Entries, 3000, 3001), 1, e)
		},
		"purchase": func(v *station.View) {
			paid := &shadow.Entry{ID: 9000, Role: shadow.Paid, State: shadow.Bound, Purchase: "p", PaidBy: "quietstorm", Media: sdk.Media{Type: "yt", ID: "x", Title: "Steam Ferries of the Clyde", DurationMS: 1_440_000}}
			lead := &shadow.Entry{ID: 9001, Role: shadow.LeadIn, State: shadow.Bound, PromoType: "viewers_choice", Target: 9000, Media: sdk.Media{Type: "yt", ID: "y", Title: "Ticket punch", DurationMS: 15_000}}
			v.Shadow.Entries = slices.Insert(v.Shadow.Entries, 1, lead, paid)
		},
		"people":  func(v *station.View) { v.People = []channel.User{{Key: "a"}} },
		"trouble": func(v *station.View) { v.Health = channel.Degraded },
	}
	old := Snapshot("c", before, word)
	for name, change := range cases {
		v := clone()
		change(v)
		told, c := Diff(old, Snapshot("c", v, word))
		text, err := json.Marshal(told.delta(1, c, v.Shadow.AtMS))
		if err != nil {
			t.Fatal(err)
		}
		if c.Empty() || len(text) > 2048 {
			t.Errorf("%s: %d bytes: %.300s", name, len(text), text)
		}
	}
}

// TestTickingIsSilent: an hour of play without an event changes nothing that anybody must be told.
func TestTickingIsSilent(t *testing.T) {
	v := longList(50)
	told := Snapshot("c", v, word)
	for second := range int64(500) {
		v.Rev++
		v.Shadow.AtMS += 1000
		v.Shadow.PlayedMS += 1000 + second%3 - 1 // a channel's clock is not ours
		var c Change
		if told, c = Diff(told, Snapshot("c", v, word)); !c.Empty() {
			t.Fatalf("second %d: %+v", second, c)
		}
	}
}

func TestSnapshotOfDoubt(t *testing.T) {
	v := longList(2)
	v.Shadow.Cur = -1
	v.Resolved = false
	q := Snapshot("c", v, word).JSON(v.Shadow.AtMS)
	if q.NowPlaying != nil || q.Items[0].EtaSeconds != nil {
		t.Errorf("with nothing on the air there are no times: %+v", q)
	}
	if q.Notice == nil || q.Notice.Code != "starting" {
		t.Errorf("notice %+v", q.Notice)
	}
	waiting := &shadow.Entry{ID: 77, Role: shadow.Paid, State: shadow.Sent, Media: sdk.Media{Title: "w"}}
	v.Shadow.Waiting = []*shadow.Entry{{ID: 76, Role: shadow.General, State: shadow.Sent}, waiting}
	q = Snapshot("c", v, word).JSON(v.Shadow.AtMS)
	if last := q.Items[len(q.Items)-1]; len(q.Items) != 3 || last.EntryID != 77 || last.UID != nil || last.EtaSeconds != nil {
		t.Errorf("what is paid and not listed comes last, unbound: %+v", q.Items)
	}
}

func TestInOrderKeepsTheMost(t *testing.T) {
	for _, c := range []struct {
		from []int
		puts int
	}{
		{nil, 0}, {[]int{0, 1, 2}, 0}, {[]int{1, 2, 3, 0}, 1}, {[]int{3, 0, 1, 2}, 1}, {[]int{0, -1, 1}, 1}, {[]int{2, 1, 0}, 2},
	} {
		puts := 0
		for _, stays := range inOrder(c.from) {
			if !stays {
				puts++
			}
		}
		if puts != c.puts {
			t.Errorf("%v: %d are put, want %d", c.from, puts, c.puts)
		}
	}
}

// TestLockTellsWhenItOpens: before an event it says when that starts, and what becomes of what waits; what differs by a
// moment only is not told again.
func TestLockTellsWhenItOpens(t *testing.T) {
	v := &station.View{Locks: []event.Lock{{Kind: event.PreEvent, Label: "Silent Sunday", StartsAtMS: 60_000}}}
	v.Gate = event.GateOf(v.Locks)
	v.Gate.OpensAtMS = 90_000
	before := Snapshot("main", v, func(string) string { return "" })
	if l := before.Lock; l.StartsAtMS != 60_000 || l.OpensAtMS != 90_000 || l.Code != "pre_event_lock" || !strings.HasSuffix(l.Text, "taken off and paid back in full.") {
		t.Errorf("before it: %+v", l)
	}
	v.Locks = []event.Lock{{Kind: event.During, Label: "Silent Sunday"}}
	v.Gate = event.GateOf(v.Locks)
	during := Snapshot("main", v, func(string) string { return "" })
	if l := during.Lock; l.StartsAtMS != 0 || l.OpensAtMS != 0 || l.Code != "event_lock" {
		t.Errorf("during it: %+v", l)
	}
	if _, c := Diff(before, during); !c.Lock {
		t.Error("that it has begun is not told")
	}
	later := before
	later.Lock.OpensAtMS += 400
	if told, c := Diff(before, later); c.Lock || told.Lock != before.Lock {
		t.Error("a moment more or less is told")
	}
}
