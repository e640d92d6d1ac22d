package shadow

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"playbill/core/channel"
	"playbill/sdk"
)

const self = "playbill"

// room is a scripted list: the driver's side of a test.
type room struct {
	t   *testing.T
	s   Shadow
	id  EntryID
	u   channel.Update
	now int64
	ch  Changes
}

func newRoom(t *testing.T) *room {
	r := &room{t: t, now: 1_000_000, s: Restore(0, nil, nil, 0, 0)}
	r.u = channel.Update{Epoch: 1, Health: channel.Good, Certain: true, Whole: true, Self: self, Current: -1, Rate: 1}
	return r
}

func (r *room) number() EntryID { r.id++; return r.id }

// list sets the state's list from words "uid:id", "uid:id*" for temp ones of ours; the first of them plays.
func (r *room) list(words string) *room {
	r.u.List = nil
	for _, w := range strings.Fields(words) {
		uid, id, _ := strings.Cut(w, ":")
		it := channel.Item{AddedBy: "someone"}
		if strings.HasSuffix(id, "*") {
			it.Temp, it.AddedBy = true, self
			id = strings.TrimSuffix(id, "*")
		}
		_, _ = fmt.Sscan(uid, &it.UID)
		it.Media = sdk.Media{Type: "yt", ID: id, Title: id, DurationMS: 60_000}
		r.u.List = append(r.u.List, it)
	}
	r.u.Current = min(len(r.u.List), 1) - 1
	return r
}

func (r *room) at(current int) *room { r.u.Current = current; return r }

func (r *room) left(uid int, id, how string, playedMS int64) *room {
	it := channel.Item{UID: channel.UID(uid), Media: sdk.Media{Type: "yt", ID: strings.TrimSuffix(id, "*")}, AddedBy: "someone"}
	if strings.HasSuffix(id, "*") {
		it.Temp, it.AddedBy = true, self
	}
	r.u.Left = append(r.u.Left, channel.Departure{Epoch: r.u.Epoch, Item: it, PlayedMS: playedMS, How: how, AtMS: r.now})
	return r
}

func (r *room) see() *room {
	r.now += 1000
	r.u.AtMS = r.now
	before := r.s
	r.s, r.ch = r.s.Observe(r.u, r.now, r.number)
	r.u.Left = nil
	r.check(before)
	return r
}

// check asserts what holds after every state: orders grow, ids are unique, Changed tells every difference.
func (r *room) check(before Shadow) {
	r.t.Helper()
	last, seen := int64(0), map[EntryID]bool{}
	for _, e := range r.s.Entries {
		if e.Ord <= last {
			r.t.Fatalf("order does not grow: %s", r.text())
		}
		if seen[e.ID] {
			r.t.Fatalf("entry %d twice", e.ID)
		}
		last, seen[e.ID] = e.Ord, true
	}
	rows := map[EntryID]Entry{}
	for _, list := range [][]*Entry{before.Entries, before.Waiting} {
		for _, e := range list {
			rows[e.ID] = stored(*e)
		}
	}
	changed, rebound := Changed(&before, &r.s)
	for _, e := range slices.Concat(changed, rebound) {
		rows[e.ID] = stored(*e)
	}
	for _, e := range r.ch.Ended {
		delete(rows, e.ID)
	}
	for _, list := range [][]*Entry{r.s.Entries, r.s.Waiting} {
		for _, e := range list {
			if rows[e.ID] != stored(*e) {
				r.t.Fatalf("Changed missed entry %d", e.ID)
			}
			delete(rows, e.ID)
		}
	}
	if len(rows) != 0 {
		r.t.Fatalf("entries neither listed nor ended: %v", rows)
	}
}

// text prints the play order: "media#entry", the one on the air first.
func (r *room) text() string {
	var out []string
	for i := range r.s.Entries {
		e := r.s.At(i)
		out = append(out, fmt.Sprintf("%s#%d", e.Media.ID, e.ID))
	}
	return strings.Join(out, " ")
}

// found prints the changes.
func (r *room) found() string {
	var out []string
	for _, a := range r.ch.Left {
		unseen := ""
		if a.Unseen {
			unseen = " unseen"
		}
		out = append(out, fmt.Sprintf("left %s#%d %s %d%s", a.Entry.Media.ID, a.Entry.ID, a.How, a.PlayedMS, unseen))
	}
	if r.ch.Started != nil {
		out = append(out, fmt.Sprintf("started %s#%d", r.ch.Started.Media.ID, r.ch.Started.ID))
	}
	for _, e := range r.ch.Claimed {
		out = append(out, fmt.Sprintf("claimed %s#%d", e.Media.ID, e.ID))
	}
	for _, e := range r.ch.Appeared {
		out = append(out, fmt.Sprintf("appeared %s#%d%s", e.Media.ID, e.ID, e.Leaving))
	}
	for _, e := range r.ch.Ended {
		out = append(out, fmt.Sprintf("ended %s#%d %s", e.Media.ID, e.ID, e.EndedHow))
	}
	if r.ch.Moved {
		out = append(out, "moved")
	}
	return strings.Join(out, ", ")
}

func (r *room) want(list, found string) *room {
	r.t.Helper()
	if got := r.text(); got != list {
		r.t.Fatalf("list\n got %s\nwant %s", got, list)
	}
	if got := r.found(); got != found {
		r.t.Fatalf("found\n got %s\nwant %s", got, found)
	}
	return r
}

// send puts an entry of ours among the waiting ones, as after its commit.
func (r *room) send(id string, role Role, n int64) *Entry {
	e := &Entry{ID: r.number(), Role: role, State: Sent, Media: sdk.Media{Type: "yt", ID: id, DurationMS: 60_000},
		Temp: true, AddedBy: self, SentN: n, SentAtMS: r.now}
	r.s = r.s.With(e)
	return e
}

func TestFirstStateIsContent(t *testing.T) {
	newRoom(t).list("0:a 1:b 2:c").at(1).see().
		want("b#2 c#3 a#1", "started b#2, appeared a#1, appeared b#2, appeared c#3")
}

func TestSameStateChangesNothing(t *testing.T) {
	r := newRoom(t).list("0:a 1:b").see()
	rev := r.s.Rev
	r.see().want("a#1 b#2", "")
	if r.s.Rev != rev {
		t.Fatal("revision grew without a change")
	}
}

func TestAdvance(t *testing.T) {
	r := newRoom(t).list("0:a 1:b* 2:c").see()
	r.at(1).left(0, "a", channel.Played, 60_000).see().want("b#2 c#3 a#1", "left a#1 played 60000, started b#2")
	r.list("0:a 2:c").at(1).left(1, "b*", channel.Skipped, 9_000).see().
		want("c#3 a#1", "left b#2 skipped 9000, started c#3, ended b#2 skipped")
}

func TestSingleItemRestartsItself(t *testing.T) {
	r := newRoom(t).list("0:a").see()
	r.left(0, "a", channel.Played, 60_000).see().want("a#1", "left a#1 played 60000, started a#1")
	if r.s.OnAir().Airings != 2 {
		t.Fatalf("airings %d", r.s.OnAir().Airings)
	}
}

func TestUnseenAirings(t *testing.T) {
	r := newRoom(t).list("0:a* 1:b* 2:c").see()
	r.list("2:c").left(0, "a*", channel.Played, 60_000).left(1, "b*", channel.Skipped, 10).see().
		want("c#3", "left a#1 played 60000, left b#2 skipped 10 unseen, started c#3, ended a#1 played, ended b#2 skipped")
	if e := r.ch.Ended[1]; e.Airings != 1 {
		t.Fatalf("the unseen airing was not counted: %+v", e)
	}
}

func TestWaitingAddIsClaimed(t *testing.T) {
	r := newRoom(t).list("0:a").see()
	r.send("p", Paid, 1)
	r.list("0:a 5:p*").see().want("a#1 p#2", "claimed p#2")
	if e := r.s.Find(2); e.State != Bound || e.Bind.UID != 5 {
		t.Fatalf("%+v", e)
	}
}

func TestWaitingAddThatPlayedBetweenTwoStates(t *testing.T) {
	r := newRoom(t).list("0:a").see()
	r.send("p", Paid, 1)
	r.left(5, "p*", channel.Played, 60_000).see().want("a#1", "left p#2 played 60000 unseen, ended p#2 played")
	if len(r.s.Waiting) != 0 {
		t.Fatal("still waiting")
	}
}

func TestNeverCameOnlyBeyondItsHorizon(t *testing.T) {
	r := newRoom(t).list("0:a").see()
	r.send("p", Paid, 3)
	r.u.Over = 2
	r.see().want("a#1", "")
	r.u.Over = 3
	r.see().want("a#1", "ended p#2 never_came")
}

func TestAddOfAnEarlierRunWaitsForOverZero(t *testing.T) {
	sent := &Entry{ID: 7, Role: Paid, State: Sent, Media: sdk.Media{Type: "yt", ID: "p"}, Temp: true, AddedBy: self, SentAtMS: 5}
	r := newRoom(t)
	r.s = Restore(1, []*Entry{sent}, nil, 0, 0)
	r.id, r.u.Epoch, r.u.Over = 7, 2, -1
	r.list("0:a").see().want("a#8", "started a#8, appeared a#8")
	r.u.Over = 0
	r.see().want("a#8", "ended p#7 never_came")
}

func TestDegradedFreezes(t *testing.T) {
	r := newRoom(t).list("0:a* 1:b").see()
	r.u.Health = channel.Degraded
	r.list("").left(0, "a*", channel.Played, 60_000).see().want("a#1 b#2", "")
	r.u.Health = channel.Good
	r.list("1:b").see().want("b#2", "left a#1 played 60000, started b#2, ended a#1 played")
}

func TestOneMissingPollChangesNothing(t *testing.T) {
	r := newRoom(t)
	r.u.Certain, r.u.Whole = false, false
	r.list("0:a 1:b 2:c").see()
	r.list("0:a 2:c").see().want("a#1 b#2 c#3", "")
	r.list("0:a 1:b 2:c").see().want("a#1 b#2 c#3", "")
	r.list("0:a 2:c").see().see().want("a#1 c#3", "ended b#2 removed")
}

func TestEmptyPollIsBelievedAtTheThird(t *testing.T) {
	r := newRoom(t)
	r.u.Certain, r.u.Whole = false, false
	r.list("0:a 1:b").see()
	r.list("")
	r.see().see()
	if r.s.Len() != 2 {
		t.Fatal("believed too early")
	}
	r.see()
	if r.s.Len() != 0 {
		t.Fatal("never believed")
	}
}

func TestStateOlderThanOurAdd(t *testing.T) {
	r := newRoom(t).list("0:a 1:b").see()
	e := r.send("p", Paid, 0)
	add := channel.Add{Media: e.Media, Next: true, Temp: true}
	r.s, r.ch = r.s.Fold(e.ID, add, channel.Result{Outcome: channel.Done, N: 1, Item: channel.Ref{Epoch: 1, UID: 2}}, r.now)
	r.want("a#1 p#3 b#2", "claimed p#3")
	r.see().want("a#1 p#3 b#2", "") // Over is still 0
	r.u.Over = 1
	r.list("0:a 2:p* 1:b").see().want("a#1 p#3 b#2", "")
}

func TestStateOlderThanOurMoveAndRemove(t *testing.T) {
	r := newRoom(t).list("0:a 1:b 2:c 3:d").see()
	ref := func(uid channel.UID) channel.Ref { return channel.Ref{Epoch: 1, UID: uid} }
	r.s, _ = r.s.Fold(4, channel.Move{Item: ref(3), After: ref(0)}, channel.Result{Outcome: channel.Done, N: 1}, r.now)
	r.see().want("a#1 d#4 b#2 c#3", "")
	r.s, r.ch = r.s.Fold(2, channel.Remove{Item: ref(1)}, channel.Result{Outcome: channel.Done, N: 2}, r.now)
	r.want("a#1 d#4 c#3", "ended b#2 withdrawn")
	r.u.Over = 1
	r.list("0:a 3:d 1:b 2:c").see().want("a#1 d#4 c#3", "")
	r.u.Over = 2
	r.list("0:a 3:d 2:c").see().want("a#1 d#4 c#3", "")
}

func TestMoveOfWhatIsOnTheAir(t *testing.T) {
	r := newRoom(t).list("0:a 1:b 2:c").see()
	ref := func(uid channel.UID) channel.Ref { return channel.Ref{Epoch: 1, UID: uid} }
	r.s, _ = r.s.Fold(1, channel.Move{Item: ref(0), After: ref(2)}, channel.Result{Outcome: channel.Done, N: 1}, r.now)
	r.u.Over = 1
	r.want("a#1 b#2 c#3", "started a#1, appeared a#1, appeared b#2, appeared c#3")
	r.list("1:b 2:c 0:a").at(2).see().want("a#1 b#2 c#3", "")
}

// A channel may list a media under another id than was sent.
func TestAnswerNamesAnItemThatWasTakenForAStrangers(t *testing.T) {
	r := newRoom(t).list("0:a 1:b").see()
	e := r.send("p", Paid, 1)
	r.u.Over = 0
	r.list("0:a 2:p-with-another-id* 1:b").see()
	before := r.s
	r.s, r.ch = r.s.Fold(e.ID, channel.Add{Media: e.Media, Temp: true}, channel.Result{Outcome: channel.Done, N: 1, Item: channel.Ref{Epoch: 1, UID: 2}}, r.now)
	r.check(before)
	r.want("a#1 p#3 b#2", "claimed p#3, ended p-with-another-id#4 merged")
}

func TestMadePermanentAirsOnce(t *testing.T) {
	r := newRoom(t).list("0:a").see()
	e := r.send("p", Paid, 1)
	r.u.Over = 1
	r.list("0:a 1:p*").see()
	r.u.List[1].Temp = false
	r.see().want("a#1 p#2", "")
	r.at(1).left(0, "a", channel.Played, 60_000).see()
	r.at(0).left(1, "p", channel.Played, 60_000).see()
	r.want("a#1 p#3", "left p#2 played 60000, started a#1, appeared p#3, ended p#2 played")
	if now := r.s.Find(3); now.Role != Content || r.ch.Ended[0].ID != e.ID {
		t.Fatalf("%+v", now)
	}
}

func TestPollAfterAnEpochChangeThatMissesAnEntry(t *testing.T) {
	r := newRoom(t)
	r.u.Certain, r.u.Whole = false, false
	r.list("0:a 1:b 2:c").see()
	r.u.Epoch = 2
	r.list("0:a 1:c").see().want("a#1 b#2 c#3", "")
	r.list("0:a 2:b 1:c").see().want("a#1 b#2 c#3", "")
}

func TestShuffleRebinds(t *testing.T) {
	r := newRoom(t).list("0:a 1:b 2:p* 3:c 4:b").see()
	r.u.Epoch = 2
	r.list("0:a 1:c 2:b 3:p* 4:b").see().want("a#1 c#4 b#2 p#3 b#5", "moved")
	if !r.ch.Rebound {
		t.Fatal("not rebound")
	}
}

func TestPassedAndLostWhileBlind(t *testing.T) {
	mk := func(id EntryID, media string, uid channel.UID) *Entry {
		return &Entry{ID: id, Role: Paid, State: Bound, Media: sdk.Media{Type: "yt", ID: media, DurationMS: 60_000}, Temp: true,
			AddedBy: self, Bind: channel.Ref{Epoch: 1, UID: uid}, Ord: int64(id) * OrdGap, Airings: 0}
	}
	stored := []*Entry{mk(1, "a", 0), mk(2, "p", 1), mk(3, "c", 2), mk(4, "q", 3)}
	r := newRoom(t)
	r.s, r.id, r.u.Epoch = Restore(1, stored, nil, 1, 5), 4, 2
	r.list("0:c*").see().want("c#3", "left a#1 passed 60000 unseen, started c#3, ended a#1 passed, ended p#2 passed, ended q#4 lost")
}

func TestGhost(t *testing.T) {
	r := newRoom(t).list("0:a 1:p*").see()
	r.send("q", Paid, 1)
	r.list("0:a 1:p* 2:q*").see()
	r.list("0:a").left(2, "q*", channel.Played, 60_000).see()
	r.u.Epoch = 2
	r.list("0:a 1:q*").see()
	if len(r.ch.Appeared) != 1 || r.ch.Appeared[0].Leaving != Ghost {
		t.Fatalf("not a ghost: %s", r.found())
	}
	r.now += GhostMS
	r.list("0:a 1:q* 2:q*").see()
	if r.ch.Appeared[0].Leaving != "" {
		t.Fatal("a ghost after its time")
	}
}

func TestOneMoveIsOneRow(t *testing.T) {
	r := newRoom(t).list("0:a 1:b 2:c 3:d 4:e 5:f").see()
	before := r.s
	r.list("0:a 5:f 1:b 2:c 3:d 4:e").see()
	rows, rebound := Changed(&before, &r.s)
	if n := len(rows) + len(rebound); n != 1 {
		t.Fatalf("%d rows for one move", n)
	}
}

// TestRandomLists throws whole states at the shadow: it must always end up with the list it was shown.
func TestRandomLists(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		r := newRoom(t)
		uids := rng.Perm(12)
		for range 20 {
			switch rng.IntN(4) {
			case 0:
				rng.Shuffle(len(uids), func(i, k int) { uids[i], uids[k] = uids[k], uids[i] })
			case 1:
				if len(uids) > 1 {
					at := rng.IntN(len(uids))
					uids = append(uids[:at:at], uids[at+1:]...)
				}
			case 2:
				at := rng.IntN(len(uids) + 1)
				uids = append(uids[:at:at], append([]int{100 + round + rng.IntN(1_000_000)}, uids[at:]...)...)
			case 3:
				r.u.Epoch++
			}
			var words []string
			for _, u := range uids {
				words = append(words, fmt.Sprintf("%d:m%d", u, u%5))
			}
			r.list(strings.Join(words, " ")).at(rng.IntN(len(uids))).see()
			for i, e := range r.s.Entries {
				if e.Bind.UID != r.u.List[i].UID || e.Media.ID != r.u.List[i].Media.ID {
					t.Fatalf("round %d: shadow differs from the list at %d", round, i)
				}
			}
			if r.s.Cur != r.u.Current {
				t.Fatal("another entry on the air")
			}
		}
	}
}

func TestETAs(t *testing.T) {
	r := newRoom(t).list("0:a 1:b 2:c").see()
	r.s.PlayedMS = 20_000
	got := r.s.ETAs(5000, r.s.AtMS+10_000)
	want := []int64{0, 35_000, 100_000}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v want %v", got, want)
		}
	}
}

// TestHiccup: a state in between that does not say what plays, or names another entry, ends no airing.
func TestHiccup(t *testing.T) {
	r := newRoom(t)
	r.list("0:a 1:b").see()
	played := func(ms int64) *room { r.u.PlayedMS = ms; return r }
	played(1000).see()
	since := r.s.OnAir().AiredAtMS

	played(0).at(-1).see()
	if r.s.OnAir() != nil || len(r.ch.Left) != 0 || r.s.AirMS(r.now) != 2000 {
		t.Fatalf("nothing is known to play: left %v, on the air for %d", r.ch.Left, r.s.AirMS(r.now))
	}
	r.see() // and still not
	played(4000).at(0).see()
	if a := r.s.OnAir(); a == nil || a.Airings != 1 || a.AiredAtMS != since || r.ch.Started != nil || len(r.ch.Left) != 0 {
		t.Fatalf("it plays on: %+v, started %v, left %v", a, r.ch.Started, r.ch.Left)
	}

	played(0).at(1).see()
	played(6000).at(0).see()
	if a := r.s.OnAir(); a.Airings != 1 || a.AiredAtMS != since {
		t.Fatalf("it went on: airing %d since %d, not %d", a.Airings, a.AiredAtMS, since)
	}

	played(0).at(-1).see()
	played(0).at(1).see()
	if len(r.ch.Left) != 1 || r.ch.Left[0].Entry.Media.ID != "a" || r.s.OnAir().Media.ID != "b" {
		t.Fatalf("another one plays now: left %v", r.ch.Left)
	}
	played(0).at(0).see()
	if a := r.s.OnAir(); a.Airings != 2 {
		t.Fatalf("from its beginning it is another airing: %d", a.Airings)
	}

	played(0).at(-1).see()
	r.list("1:b").at(-1).see()
	if len(r.ch.Left) != 1 || r.s.OnAir() != nil {
		t.Fatalf("what is not listed any more has left: %v", r.ch.Left)
	}
}

func TestABareLinkIsNamedByTheChannel(t *testing.T) {
	r := newRoom(t).list("1:a").see()
	add := channel.Add{Media: sdk.Media{Type: "yt", ID: "x", Title: "yt:x"}, Temp: true}
	r.s = r.s.With(&Entry{ID: 101, Role: Content, State: Sent, Media: add.Media, Temp: true, AddedBy: self, SentN: 1, SentAtMS: 1})
	r.s, _ = r.s.Fold(101, add, channel.Result{Outcome: channel.Done, N: 1, Item: channel.Ref{Epoch: 1, UID: 2}}, r.now)
	r.u.Over = 1
	r.list("1:a 2:x*").see()
	if e := r.s.Find(101); e == nil || e.Media.Title != "x" || e.Media.DurationMS != 60_000 {
		t.Errorf("%+v", e)
	}
	again := r.s.Find(101)
	if r.see(); r.s.Find(101) != again {
		t.Error("what is known is not read again")
	}
}
