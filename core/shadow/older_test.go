package shadow

import (
	"testing"

	"playbill/core/channel"
	"playbill/sdk"
)

// A state that was taken before the last one is not believed; one of a clock that was set back, of a later epoch, or
// after a gap is.
func TestOlderStates(t *testing.T) {
	for name, c := range map[string]struct {
		late func(u *channel.Update)
		want bool // believed
	}{
		"covers fewer commands":         {func(u *channel.Update) { u.Over-- }, false},
		"a second earlier":              {func(u *channel.Update) { u.AtMS -= 1000 }, false},
		"the clock was set back":        {func(u *channel.Update) { u.AtMS -= 2 * lateMS }, true},
		"covers more, though earlier":   {func(u *channel.Update) { u.Over++; u.AtMS -= 1000 }, true},
		"after a gap numbers may start": {func(u *channel.Update) { u.Over, u.Gap = 0, true }, true},
		"of a later epoch":              {func(u *channel.Update) { u.Over, u.Epoch = 0, u.Epoch+1 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t).list("1:a 2:b 3:c*")
			r.u.Over, r.u.AtMS = 7, r.now
			s, _ := r.s.Observe(r.u, r.now, r.number)
			r.list("1:a 2:b")
			c.late(&r.u)
			s, _ = s.Observe(r.u, r.now, r.number)
			if got := s.Len() == 2; got != c.want {
				t.Errorf("believed: %t, want %t", got, c.want)
			}
		})
	}
}

// While a command of an earlier connection may still come, an entry that no command of ours concerns is as the state shows
// it: a moderator deletes and moves in the first minute of a connection as in any other.
func TestFirstMinuteOfAConnection(t *testing.T) {
	r := newRoom(t)
	r.u.Over = -1
	r.list("0:a 1:b 2:c 3:d").see()
	r.list("0:a 2:c 3:d").see().want("a#1 c#3 d#4", "ended b#2 removed")
	r.list("0:a 3:d 2:c").see().want("a#1 d#4 c#3", "moved")
}

// A new list binds everything anew: what was sent before it concerns nothing any more that it shows.
func TestFirstMinuteAfterAReconnect(t *testing.T) {
	r := newRoom(t).list("0:a 1:b").see()
	r.send("p", Paid, 7)
	r.u.Over = 7
	r.list("0:a 1:b 2:p*").see().want("a#1 b#2 p#3", "claimed p#3")
	r.u.Epoch, r.u.Over, r.u.Gap = 2, -1, true
	r.list("0:a 1:b 2:p*").see().want("a#1 b#2 p#3", "")
	r.u.Gap = false
	r.list("0:a 1:b").see().want("a#1 b#2", "ended p#3 removed")
}

// What a moderator made permanent is known by that after a shuffle.
func TestMadePermanentIsBoundAnew(t *testing.T) {
	r := newRoom(t).list("0:a 1:b").see()
	r.send("p", Paid, 1)
	r.u.Over = 1
	r.list("0:a 1:b 2:p*").see().want("a#1 b#2 p#3", "claimed p#3")
	r.u.List[2].Temp = false
	r.see().want("a#1 b#2 p#3", "")
	r.u.Epoch = 2
	r.list("0:a 1:p* 2:b")
	r.u.List[1].Temp = false
	r.see().want("a#1 p#3 b#2", "moved")
}

// An own add and move of a new connection show in its states at once, though one of an earlier connection may still come:
// what a moderator does to the entry then is seen.
func TestOwnCommandsInTheFirstMinute(t *testing.T) {
	r := newRoom(t)
	r.u.Over = -1
	r.list("0:a 1:b 2:c").see()
	r.send("p", Paid, 1)
	r.list("0:a 1:b 2:c 3:p*").see().want("a#1 b#2 c#3 p#4", "claimed p#4")
	ref := func(uid channel.UID) channel.Ref { return channel.Ref{Epoch: 1, UID: uid} }
	r.s, _ = r.s.Fold(4, channel.Move{Item: ref(3), After: ref(0)}, channel.Result{Outcome: channel.Done, N: 2}, r.now)
	r.u.Shown = 1
	r.see().want("a#1 p#4 b#2 c#3", "") // older than the move
	r.u.Shown = 2
	r.list("0:a 1:b 3:p* 2:c").see().want("a#1 b#2 p#4 c#3", "moved")
	r.list("0:a 1:b 2:c").see().want("a#1 b#2 c#3", "ended p#4 removed")
}

// A command that came to nothing certain hides nothing of what is listed.
func TestUnknownMoveHidesNothing(t *testing.T) {
	r := newRoom(t).list("0:a 1:b 2:c").see()
	ref := func(uid channel.UID) channel.Ref { return channel.Ref{Epoch: 1, UID: uid} }
	r.s, _ = r.s.Fold(3, channel.Move{Item: ref(2), After: ref(0)}, channel.Result{Outcome: channel.Unknown, N: 1}, r.now)
	r.list("0:a 2:c 1:b").see().want("a#1 c#3 b#2", "moved")
	r.list("0:a 1:b").see().want("a#1 b#2", "ended c#3 removed")
}

// A channel that crashed is back on an older list: what stood before the item that plays there now, and had no time to
// play, is lost and not passed.
func TestCrashedChannelPassesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		afterMS int64
		list    string
		found   string
	}{
		"ten seconds later":       {10_000, "0:c*", "left a#1 passed 60000 unseen, started c#3, ended a#1 passed, ended p#2 lost"},
		"when both could be over": {118_000, "0:c*", "left a#1 passed 60000 unseen, started c#3, ended a#1 passed, ended p#2 passed"},
		"when both could be over, and an older item is back": {118_000, "0:c* 1:old*",
			"left a#1 passed 60000 unseen, started c#3, appeared old#5ghost, ended a#1 passed, ended p#2 lost"},
	} {
		t.Run(name, func(t *testing.T) {
			mk := func(id EntryID, media string) *Entry {
				return &Entry{ID: id, Role: Paid, State: Bound, Media: sdk.Media{Type: "yt", ID: media, DurationMS: 60_000}, Temp: true,
					AddedBy: self, Bind: channel.Ref{Epoch: 1, UID: channel.UID(id)}, Ord: int64(id) * OrdGap}
			}
			r := newRoom(t)
			old := mk(4, "old")
			old.State, old.EndedAtMS = Ended, r.now-1000
			r.s, r.id, r.u.Epoch = Restore(1, []*Entry{mk(1, "a"), mk(2, "p"), mk(3, "c")}, []*Entry{old}, 1, r.now), 4, 2
			r.now += c.afterMS - 1000 // see adds one
			r.list(c.list).see()
			if got := r.found(); got != c.found {
				t.Fatalf("found\n got %s\nwant %s", got, c.found)
			}
		})
	}
}
