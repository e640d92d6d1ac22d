package channeltest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest"
	"playbill/core/channel/embedded"
	"playbill/core/fault"
	"playbill/sdk"
)

// stage is a faulty driver over an embedded channel without a pace, with a moderator in the room.
type stage struct {
	t *testing.T
	*channeltest.Faulty
	inner *embedded.Channel
	mod   embedded.Hand
}

// play runs body inside a bubble on a channel that lists a, b and c, a minute each.
func play(t *testing.T, body func(s stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, err := embedded.Open(embedded.Options{AddIntervalMS: -1})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Join("Mod", 30); err != nil {
			t.Fatal(err)
		}
		s := stage{t, channeltest.NewFaulty(c, c.Crash), c, c.As("Mod")}
		defer s.Close()
		for _, id := range []string{"a", "b", "c"} {
			s.want(channel.Add{Media: media(id)}, "done")
		}
		body(s)
	})
}

func media(id string) sdk.Media {
	return sdk.Media{Type: "yt", ID: id, Title: id, DurationMS: 60_000}
}

// want sends a command and wants an outcome, or the code of a refusal.
func (s stage) want(c channel.Command, want string) channel.Result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	res := s.Do(ctx, c)
	got := res.Outcome.String()
	if res.Outcome == channel.Refused {
		got = string(res.Fault.Code)
	}
	if got != want {
		s.t.Fatalf("%#v is %s, want %s", c, got, want)
	}
	return res
}

// read returns the next state.
func (s stage) read() channel.Update {
	s.t.Helper()
	synctest.Wait()
	select {
	case u := <-s.Updates():
		return u
	default:
		s.t.Fatal("no state waits")
		return channel.Update{}
	}
}

// newest returns the last of the states that wait.
func (s stage) newest() channel.Update {
	s.t.Helper()
	u := s.read()
	for {
		synctest.Wait()
		select {
		case u = <-s.Updates():
		default:
			return u
		}
	}
}

func (s stage) ref(u channel.Update, id string) channel.Ref {
	s.t.Helper()
	for _, it := range u.List {
		if it.Media.ID == id {
			return channel.Ref{Epoch: u.Epoch, UID: it.UID}
		}
	}
	s.t.Fatalf("%s is not listed in %s", id, ids(u))
	return channel.Ref{}
}

func (s stage) is(what string, got, want any) {
	s.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func ids(u channel.Update) string {
	var out []string
	for _, it := range u.List {
		out = append(out, it.Media.ID)
	}
	return strings.Join(out, " ")
}

func TestNoFault(t *testing.T) {
	play(t, func(s stage) {
		u := s.newest()
		s.is("list", ids(u), "a b c")
		s.is("over", u.Over, 3)
		s.is("next number", s.want(channel.Remove{Item: s.ref(u, "b")}, "done").N, 4)
	})
}

func TestDrop(t *testing.T) {
	play(t, func(s stage) {
		s.Drop(channeltest.Adds)
		s.want(channel.Say{Text: "x"}, "done") // does not fit
		res := s.want(channel.Add{Media: media("d")}, "unknown")
		u := s.newest()
		s.is("list", ids(u), "a b c")
		s.is("over covers it", u.Over >= res.N, true)
		s.want(channel.Add{Media: media("e")}, "done") // once
	})
}

func TestUnknownHappens(t *testing.T) {
	play(t, func(s stage) {
		s.Unknown(channeltest.Adds, true)
		res := s.want(channel.Add{Media: media("d")}, "unknown")
		u := s.newest()
		s.is("list", ids(u), "a b c d")
		s.is("over", u.Over, res.N)
		s.Unknown(channeltest.Adds, false)
		s.want(channel.Add{Media: media("e")}, "unknown")
		s.is("list", ids(s.newest()), "a b c d")
	})
}

func TestRefuse(t *testing.T) {
	play(t, func(s stage) {
		s.Refuse(channeltest.Removes, fault.TooFast, "Slow down.")
		ref := s.ref(s.newest(), "b")
		s.want(channel.Remove{Item: ref}, "too_fast")
		s.is("list", ids(s.newest()), "a b c")
		s.want(channel.Remove{Item: ref}, "done")
	})
}

func TestDuplicate(t *testing.T) {
	play(t, func(s stage) {
		s.Duplicate(channeltest.Any)
		res := s.want(channel.Add{Media: media("d")}, "done")
		u := s.newest()
		s.is("number", res.N, 4)
		s.is("over", u.Over, 4) // the inner driver has counted five
		s.is("list", ids(u), "a b c d")
		s.Duplicate(channeltest.Tells)
		s.want(channel.Tell{To: "mod", Text: "x"}, "done")
		s.is("PMs", len(s.inner.PMs("Mod")), 2)
	})
}

func TestDelayIsSentAfterItsCallerHasGone(t *testing.T) {
	play(t, func(s stage) {
		s.Delay(10*time.Second, channeltest.Adds)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		res := s.Do(ctx, channel.Add{Media: media("d")})
		s.is("outcome", res.Outcome, channel.Unknown)
		later := s.want(channel.Add{Media: media("e")}, "done")
		u := s.newest()
		s.is("list", ids(u), "a b c e")
		s.is("over waits for it", u.Over, res.N-1)
		time.Sleep(10 * time.Second)
		u = s.newest()
		s.is("list", ids(u), "a b c e d")
		s.is("over", u.Over, later.N)
	})
}

func TestReorder(t *testing.T) {
	play(t, func(s stage) {
		before := s.newest()
		s.Reorder()
		synctest.Wait()
		time.Sleep(time.Second)
		_ = s.mod.Skip() // this state will be late
		synctest.Wait()
		time.Sleep(time.Second)
		s.want(channel.Remove{Item: s.ref(before, "c")}, "done")
		first := s.read()
		s.is("the later one comes first", ids(first), "a b")
		s.is("with the departure", len(first.Left), 1)
		late := s.read()
		s.is("late", ids(late), "a b c")
		s.is("late: its own time", late.AtMS, first.AtMS-1000)
		s.is("late: its own over", late.Over < first.Over, true)
		s.is("late: no departure again", len(late.Left), 0)
		s.is("then the truth", ids(s.newest()), "a b")
	})
}

func TestStaleEmpty(t *testing.T) {
	play(t, func(s stage) {
		s.newest()
		for _, health := range []channel.Health{channel.Degraded, channel.Good} {
			s.StaleEmpty(health)
			u := s.read()
			s.is("list", ids(u), "")
			s.is("health", u.Health, health)
			s.is("whole or certain", u.Whole || u.Certain, false)
			u = s.read()
			s.is("then the truth", ids(u)+u.Health.String(), "a b cgood")
		}
	})
}

func TestEpochBump(t *testing.T) {
	play(t, func(s stage) {
		before := s.newest()
		old := s.ref(before, "b")
		s.EpochBump()
		u := s.newest()
		s.is("list", ids(u), "a b c")
		fresh := s.ref(u, "b")
		s.is("epoch", u.Epoch, before.Epoch+1)
		s.is("new uid", fresh.UID != old.UID, true)
		s.want(channel.Remove{Item: old}, "stale")
		s.want(channel.Move{Item: fresh, After: s.ref(u, "c")}, "done")
		s.is("list", ids(s.newest()), "a c b")
		res := s.want(channel.Add{Media: media("d")}, "done")
		u = s.newest()
		s.is("ref of an add", res.Item, s.ref(u, "d"))
		_ = s.mod.Skip()
		u = s.newest()
		s.is("departure", u.Left[0].Epoch == u.Epoch && u.Left[0].Item.UID == u.List[0].UID, true)
		_ = s.mod.Shuffle()
		s.is("grows on", s.newest().Epoch, u.Epoch+1)
		s.want(channel.Remove{Item: fresh}, "stale")
	})
}

func TestMoveSwallowed(t *testing.T) {
	play(t, func(s stage) {
		s.MoveSwallowed()
		u := s.newest()
		res := s.want(channel.Move{Item: s.ref(u, "c"), After: s.ref(u, "a")}, "unknown")
		u = s.newest()
		s.is("list", ids(u), "a b")
		s.is("over", u.Over, res.N)
	})
}

func TestRestart(t *testing.T) {
	play(t, func(s stage) {
		if err := s.inner.Save(); err != nil {
			s.t.Fatal(err)
		}
		before := s.newest()
		s.want(channel.Add{Media: media("d")}, "done")
		s.Restart()
		u := s.newest()
		s.is("list", ids(u), "a b c")
		s.is("epoch", u.Epoch > before.Epoch, true)
		s.is("uid", u.List[0].UID, 0)
	})
}

func TestSickAndLookupFails(t *testing.T) {
	play(t, func(s stage) {
		s.Sick(channel.Degraded, "We lost the room.")
		u := s.newest()
		s.is("health", u.Health.String()+u.Why, "degradedWe lost the room.")
		s.Well()
		s.is("health", s.newest().Health, channel.Good)
		doubt := errors.New("no answer")
		s.LookupFails(doubt)
		_, err := s.Lookup(context.Background(), "mod")
		s.is("look-up", err, doubt)
		s.LookupFails(nil)
		_, err = s.Lookup(context.Background(), "mod")
		s.is("look-up", err, nil)
	})
}

// Faults repeat and hide states; a departure is told exactly once all the same.
func TestDeparturesSurviveFaults(t *testing.T) {
	play(t, func(s stage) {
		s.newest()
		s.Reorder()
		synctest.Wait()
		left := 0
		for range 5 {
			_ = s.mod.Skip()
			synctest.Wait()
		}
		s.StaleEmpty(channel.Good)
		for {
			synctest.Wait()
			select {
			case u := <-s.Updates():
				left += len(u.Left)
				continue
			default:
			}
			break
		}
		s.is("departures", left, 5)
	})
}
