package cytube_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/sdk"
)

// TestSoak is two hours of traffic with random faults, several times over: whatever people do, whatever is lost and
// however often the connection breaks, the mirror is the channel's list in the end, and every command is answered.
func TestSoak(t *testing.T) {
	seeds, hours := 6, 2
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, cytubetest.Options{})
				s := &soak{world: w, chance: rand.New(rand.NewPCG(uint64(seed), 7))}
				end := time.Now().Add(time.Duration(hours) * time.Hour)
				for time.Now().Before(end) {
					s.step()
				}
				s.server.Slow(0)
				s.server.Silence(false)
				time.Sleep(30 * time.Minute) // repairs, and the last retry of every kind
				w.quiet()
				w.covers(s.last())
				w.agree()
				s.answered()
				t.Logf("%d commands, %d states, %d departures, epoch %d", len(s.results), w.states, len(w.left), w.last.Epoch)
			})
		})
	}
}

type soak struct {
	*world
	chance  *rand.Rand
	results []chan channel.Result
	ids     []string // of the adds among them, each its own; empty: no add
	overMS  []int64  // when a state first covered them; 0: none has yet
}

// answered holds every answer against what the server did: what is done was listed, what is refused never was, and what
// is unknown was not listed after a state had covered it.
func (s *soak) answered() {
	came := map[string][]int64{}
	for _, l := range s.server.History() {
		came[l.Item.Media.ID] = append(came[l.Item.Media.ID], l.AtMS)
	}
	for i, ch := range s.results {
		if len(ch) == 0 {
			s.t.Fatal("a command was never answered")
		}
		res, times := <-ch, came[s.ids[i]]
		switch {
		case res.N != int64(i+1):
			s.t.Errorf("command %d has number %d", i+1, res.N)
		case s.ids[i] == "":
		case res.Outcome == channel.Done && len(times) != 1:
			s.t.Errorf("%s is done and came %d times", s.ids[i], len(times))
		case res.Outcome == channel.Refused && len(times) > 0:
			s.t.Errorf("%s is refused (%v) and came", s.ids[i], res.Fault)
		case len(times) > 0 && s.overMS[i] > 0 && times[0] > s.overMS[i]:
			s.t.Errorf("%s came %d ms after a state had said that it cannot any more", s.ids[i], times[0]-s.overMS[i])
		}
	}
}

func (s *soak) last() int64 { return int64(len(s.results)) }

// step is one act of anybody's, and a while.
func (s *soak) step() {
	acts := []func(){s.command, s.command, s.command, s.command, s.moderator, s.moderator, s.moderator, s.fault}
	acts[s.chance.IntN(len(acts))]()
	time.Sleep(time.Duration(s.chance.IntN(4000)) * time.Millisecond)
	for s.next(0) {
		s.consistent()
	}
}

// consistent is what must hold in every state.
func (s *soak) consistent() {
	u := s.world.last
	if u.Health != channel.Good {
		return
	}
	for i := range min(int(u.Over), len(s.overMS)) {
		if s.overMS[i] == 0 {
			s.overMS[i] = u.AtMS
		}
	}
	if len(u.List) > 0 && u.Current < 0 {
		s.t.Fatalf("%d items, and nothing plays", len(u.List))
	}
	seen := map[channel.UID]bool{}
	for _, it := range u.List {
		if seen[it.UID] {
			s.t.Fatalf("uid %d twice", it.UID)
		}
		seen[it.UID] = true
	}
}

func (s *soak) command() {
	u := s.world.last
	pick := func() channel.Ref {
		if len(u.List) == 0 {
			return channel.Ref{Epoch: u.Epoch, UID: 1}
		}
		return channel.Ref{Epoch: u.Epoch, UID: u.List[s.chance.IntN(len(u.List))].UID}
	}
	var c channel.Command
	id := ""
	switch s.chance.IntN(8) {
	case 0, 1, 2:
		m := s.clip()
		m.ID = fmt.Sprint("ours-", len(s.results))
		id = m.ID
		s.server.Know(m)
		c = channel.Add{Media: m, Temp: true, Next: s.chance.IntN(3) == 0}
	case 3, 4:
		c = channel.Move{Item: pick(), After: pick()}
	case 5:
		c = channel.Remove{Item: pick()}
	case 6:
		c = channel.Jump{Item: pick()}
	default:
		c = channel.Say{Text: "hello"}
	}
	result := make(chan channel.Result, 1)
	s.results, s.ids, s.overMS = append(s.results, result), append(s.ids, id), append(s.overMS, 0)
	wait := time.Duration(s.chance.IntN(90_000)) * time.Millisecond
	go func() { // ends with its command or its context
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		result <- s.driver.Do(ctx, c)
	}()
	synctest.Wait() // so that numbers are in our order
}

func (s *soak) clip() sdk.Media {
	return s.media(s.chance.IntN(60), time.Duration(5+s.chance.IntN(120))*time.Second)
}

func (s *soak) moderator() {
	items := s.server.Items()
	pick := func() channel.UID {
		if len(items) == 0 {
			return 0
		}
		return items[s.chance.IntN(len(items))].UID
	}
	switch s.chance.IntN(12) {
	case 0, 1, 2, 3:
		s.server.Add(s.clip(), s.chance.IntN(4) == 0, s.chance.IntN(2) == 0)
	case 4, 5:
		s.server.Move(pick(), pick())
	case 6, 7:
		s.server.Remove(pick())
	case 8:
		s.server.Skip()
	case 9:
		s.server.Jump(pick())
	case 10:
		s.server.SetTemp(pick(), s.chance.IntN(2) == 0)
	default:
		if s.chance.IntN(3) == 0 {
			s.server.Shuffle()
		} else if s.chance.IntN(6) == 0 {
			s.server.Clear()
		}
	}
}

func (s *soak) fault() {
	switch s.chance.IntN(14) {
	case 0:
		s.server.Slow(time.Duration(s.chance.IntN(30)) * time.Second)
	case 1, 2, 3:
		s.server.Slow(0)
	case 4:
		// Not queue: the channel loses an add only when our rank has just been lowered, and then those behind it too.
		s.server.Drop([]string{"delete", "moveMedia", "jumpTo", "chatMsg"}[s.chance.IntN(4)], 1)
	case 5:
		s.server.SwallowMove()
	case 6:
		s.server.CutAll()
	case 7:
		s.server.Kick("playbill", "Channel reloading")
	case 8:
		s.server.Restart(s.chance.IntN(2) == 0, time.Duration(s.chance.IntN(20))*time.Second)
	case 9:
		s.server.RefuseConnects(1, "Rate limit exceeded")
		s.server.CutAll()
	case 10:
		s.server.Zombies(1)
		s.server.CutAll()
	case 11:
		s.server.Save()
	case 12:
		s.server.Silence(s.chance.IntN(3) == 0)
	default:
		s.server.SetRank("playbill", []int{10, 15, 30, 30, 30}[s.chance.IntN(5)])
	}
}
