package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"playbill/core/channel"
	"playbill/core/channel/embedded"
	"playbill/core/fault"
	"playbill/core/playlist"
	"playbill/sdk"
)

var ctx = context.Background()

// bubble runs body on a fresh channel with a moderator and a viewer in the room, in virtual time.
func bubble(t *testing.T, o embedded.Options, body func(t *testing.T, c *embedded.Channel)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, o)
		defer c.Close()
		body(t, c)
	})
}

func open(t *testing.T, o embedded.Options) *embedded.Channel {
	t.Helper()
	c, err := embedded.Open(o)
	ok(t, err)
	ok(t, c.Join("Mod", 30))
	ok(t, c.Join("Ann", 10))
	return c
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("-want +got:\n%s", d)
	}
}

func code(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Fatalf("%v, want %s", err, want)
	}
}

func clip(id string, length time.Duration) sdk.Media {
	return sdk.Media{Type: "yt", ID: id, Title: id, DurationMS: length.Milliseconds()}
}

// fill lists temp clips of a minute each, as the moderator.
func fill(t *testing.T, c *embedded.Channel, ids ...string) {
	t.Helper()
	for _, id := range ids {
		ok(t, c.As("Mod").Add(clip(id, time.Minute), false, true))
	}
}

// state returns the newest state.
func state(t *testing.T, c *embedded.Channel) channel.Update {
	t.Helper()
	select {
	case u := <-c.Updates():
		return u
	default:
		t.Fatal("no state")
		return channel.Update{}
	}
}

// show writes a list as "a [b] c!": what is on the air in brackets, temp items with a mark.
func show(u channel.Update) string {
	var out []string
	for i, it := range u.List {
		text := it.Media.ID
		if it.Temp {
			text += "!"
		}
		if i == u.Current {
			text = "[" + text + "]"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestAtSixtyTimesTheSpeedOnlyMediaTimeChanges(t *testing.T) {
	bubble(t, embedded.Options{Rate: 60}, func(t *testing.T, c *embedded.Channel) {
		fill(t, c, "a", "b")
		u := state(t, c)
		same(t, u.Rate, 60.0)
		same(t, u.Can.OverheadMS, int64(83))
		time.Sleep(500 * time.Millisecond)
		ok(t, c.Chat("Ann", "hello"))
		same(t, state(t, c).PlayedMS, int64(30_000))
		time.Sleep(585 * time.Millisecond) // 65 s of media in all: 1084 ms
		u = state(t, c)
		same(t, show(u), "[b!]")
		same(t, u.Left[0].PlayedMS, int64(60_000))
		ann, err := c.Lookup(ctx, "ann")
		ok(t, err)
		same(t, ann.AFK, false) // ten minutes of wall time are ten minutes
		time.Sleep(10 * time.Minute)
		ann, _ = c.Lookup(ctx, "ann")
		same(t, ann.AFK, true)
	})
}

func TestAStateComesEveryFiveSecondsWhileSomethingPlays(t *testing.T) {
	bubble(t, embedded.Options{AFKTimeoutMS: -1}, func(t *testing.T, c *embedded.Channel) {
		fill(t, c, "a")
		state(t, c)
		for i := range 3 {
			time.Sleep(5*time.Second + time.Millisecond)
			u := state(t, c)
			if want := int64(i+1) * 5000; u.PlayedMS < want || u.PlayedMS > want+10 {
				t.Fatalf("played %d, want about %d", u.PlayedMS, want)
			}
		}
		ok(t, c.As("Mod").Remove(0))
		state(t, c)
		time.Sleep(time.Hour)
		select {
		case u := <-c.Updates():
			t.Fatalf("nothing plays and nothing happens, and a state came: %+v", u)
		default:
		}
	})
}

func TestTheSameRowsWhileTheListStays(t *testing.T) {
	bubble(t, embedded.Options{}, func(t *testing.T, c *embedded.Channel) {
		fill(t, c, "a", "b")
		first := state(t, c)
		ok(t, c.Chat("Ann", "hello"))
		second := state(t, c)
		if &first.List[0] != &second.List[0] {
			t.Error("the rows were copied though no row changed")
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if third := state(t, c); &second.People[0] != &third.People[0] {
			t.Error("the people were copied though nobody changed")
		}
	})
}

func TestSavedAtCloseAndGoesOnWhereItWas(t *testing.T) {
	o := embedded.Options{Channel: "test", File: filepath.Join(t.TempDir(), "list.json"), OpenedAt: 7}
	synctest.Test(t, func(t *testing.T) {
		c := open(t, o)
		fill(t, c, "a", "b", "c")
		ok(t, c.As("Mod").Jump(1)) // a is temp and goes
		time.Sleep(20 * time.Second)
		ok(t, c.Close())
		ok(t, c.Close())

		time.Sleep(time.Hour)
		o.OpenedAt = 8
		c = open(t, o)
		u := state(t, c)
		same(t, show(u), "[b!] c!")
		same(t, []channel.UID{u.List[0].UID, u.List[1].UID}, []channel.UID{0, 1})
		same(t, u.PlayedMS, int64(20_000))
		same(t, u.Epoch, channel.Epoch(9))
		same(t, u.Over, int64(0))
		same(t, u.List[0].AddedBy, "Mod")
		c.Kill()
	})
}

func TestACrashGoesBackToTheLastSave(t *testing.T) {
	o := embedded.Options{Channel: "test", File: filepath.Join(t.TempDir(), "list.json")}
	synctest.Test(t, func(t *testing.T) {
		c := open(t, o)
		ok(t, c.As("Mod").Add(clip("film", time.Hour), false, false))
		fill(t, c, "b")
		time.Sleep(5*time.Minute + time.Second) // saved by itself
		synctest.Wait()
		fill(t, c, "late")
		ok(t, c.As("Mod").Remove(1))
		u := state(t, c)
		same(t, show(u), "[film] late!")
		epoch := u.Epoch

		c.Crash()
		u = state(t, c)
		same(t, show(u), "[film] b!")
		same(t, u.Epoch, epoch+1)
		same(t, u.PlayedMS, int64(300_000))

		fill(t, c, "later")
		c.Kill() // the process dies
		c = open(t, o)
		same(t, show(state(t, c)), "[film] b!")
		ok(t, c.Reload())
		same(t, show(state(t, c)), "[film] b!")
		ok(t, c.Close())
	})
}

func TestACrashEndsWhatWasSent(t *testing.T) {
	o := embedded.Options{LookupDelay: func(sdk.Media) time.Duration { return time.Minute }}
	bubble(t, o, func(t *testing.T, c *embedded.Channel) {
		done := make(chan channel.Result, 1)
		go func() { done <- c.Do(ctx, channel.Add{Media: clip("x", time.Minute)}) }()
		time.Sleep(time.Second)
		same(t, state(t, c).Over, int64(0))
		c.Crash()
		same(t, (<-done).Outcome, channel.Unknown)
		same(t, state(t, c).Over, int64(1)) // it cannot come any more
		time.Sleep(2 * time.Minute)
		ok(t, c.Chat("Ann", "hello"))
		same(t, show(state(t, c)), "")
	})
}

func TestAFileThatCannotBeReadIsNotOverwritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list.json")
	for _, text := range []string{"{", `{"version":9}`, ""} {
		ok(t, os.WriteFile(file, []byte(text), 0o600))
		if _, err := embedded.Open(embedded.Options{File: file}); err == nil {
			t.Errorf("%q was opened", text)
		}
	}
}

func TestAFileThatCannotBeWrittenIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, embedded.Options{File: filepath.Join(t.TempDir(), "gone", "list.json")})
		if c.Close() == nil {
			t.Error("the list was not saved, and nobody said so")
		}
	})
}

func TestPace(t *testing.T) {
	bubble(t, embedded.Options{}, func(t *testing.T, c *embedded.Channel) {
		start := time.Now()
		for i := range 5 {
			same(t, c.Do(ctx, channel.Add{Media: clip(fmt.Sprint(i), time.Minute)}).Outcome, channel.Done)
		}
		same(t, time.Since(start), 4*600*time.Millisecond)
	})
}

func TestAnAddThatNobodyWaitsForIsNotSentAfterItsPace(t *testing.T) {
	bubble(t, embedded.Options{}, func(t *testing.T, c *embedded.Channel) {
		c.Do(ctx, channel.Add{Media: clip("a", time.Minute)})
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		res := c.Do(short, channel.Add{Media: clip("b", time.Minute)})
		same(t, res.Outcome, channel.Unknown)
		same(t, state(t, c).Over, res.N) // it never will come
		time.Sleep(2 * time.Second)
		c.Do(ctx, channel.Say{Text: "x"})
		same(t, show(state(t, c)), "[a]")
	})
}

func TestAnAddThatWasTooFastIsSentAgain(t *testing.T) {
	adds := func(t *testing.T, o embedded.Options) (done, tooFast int) {
		bubble(t, o, func(t *testing.T, c *embedded.Channel) {
			results := make(chan channel.Result, 14)
			for i := range cap(results) {
				go func() { results <- c.Do(ctx, channel.Add{Media: clip(fmt.Sprint(i), time.Minute)}) }()
			}
			for range cap(results) {
				switch res := <-results; {
				case res.Outcome == channel.Done:
					done++
				case res.Fault != nil && res.Fault.Code == fault.TooFast:
					tooFast++
				}
			}
			same(t, state(t, c).Over, int64(cap(results)))
		})
		return done, tooFast
	}
	done, tooFast := adds(t, embedded.Options{AddIntervalMS: -1, AddRetries: -1})
	same(t, []int{done, tooFast}, []int{10, 4})
	done, tooFast = adds(t, embedded.Options{AddIntervalMS: 100})
	same(t, []int{done, tooFast}, []int{14, 0})
}

func TestALongLookUpHoldsUpTheLine(t *testing.T) {
	slow := func(m sdk.Media) time.Duration {
		if m.Title == "slow" {
			return 30 * time.Second
		}
		return 0
	}
	bubble(t, embedded.Options{LookupDelay: slow}, func(t *testing.T, c *embedded.Channel) {
		fill(t, c, "a", "b")
		u := state(t, c)
		ok(t, c.As("Mod").Add(sdk.Media{Type: "yt", ID: "s", Title: "slow"}, false, true))
		start := time.Now()
		ok(t, c.As("Mod").Skip()) // not in line
		same(t, show(state(t, c)), "[b!]")
		res := c.Do(ctx, channel.Remove{Item: channel.Ref{Epoch: u.Epoch, UID: 1}})
		same(t, res.Outcome, channel.Done)
		same(t, time.Since(start), 20*time.Second) // the breaker
		time.Sleep(11 * time.Second)
		same(t, show(state(t, c)), "[s!]")
	})
}

func TestProbeSaysWhatTheMediaIs(t *testing.T) {
	probe := func(m sdk.Media) (sdk.Media, error) {
		switch m.ID {
		case "private":
			return m, errors.New("Video does not exist or is private")
		case "quota":
			return m, fault.New(fault.TooFast, "Later.")
		}
		m.Title, m.DurationMS = "The real title", 5000
		return m, nil
	}
	bubble(t, embedded.Options{Probe: probe}, func(t *testing.T, c *embedded.Channel) {
		c.Do(ctx, channel.Add{Media: clip("a", time.Minute)})
		same(t, state(t, c).List[0].Media, sdk.Media{Type: "yt", ID: "a", Title: "The real title", DurationMS: 5000})
		res := c.Do(ctx, channel.Add{Media: clip("private", time.Minute)})
		same(t, []string{string(res.Fault.Code), res.Fault.Sentence}, []string{"media", "Video does not exist or is private"})
		same(t, c.Do(ctx, channel.Add{Media: clip("quota", time.Minute)}).Fault.Code, fault.TooFast)
	})
}

func TestRefusals(t *testing.T) {
	long := clip("long", 2*time.Hour)
	typed := func(kind string) sdk.Media { return sdk.Media{Type: kind, ID: "x", DurationMS: 1000} }
	tests := []struct {
		name string
		opts embedded.Options
		rank int
		cmd  channel.Command
		code fault.Code
	}{
		{"locked list", embedded.Options{}, 10, channel.Add{Media: clip("x", 1)}, fault.Permission},
		{"next", embedded.Options{Permissions: perm(func(p *embedded.Permissions) { p.AddNext = 40 })}, 30, channel.Add{Media: clip("x", 1), Next: true}, fault.Permission},
		{"raw", embedded.Options{}, 15, channel.Add{Media: typed("cm")}, fault.Permission},
		{"custom", embedded.Options{}, 20, channel.Add{Media: typed("cu")}, fault.Permission},
		{"live", embedded.Options{Permissions: perm(func(p *embedded.Permissions) { p.AddLive = 40 })}, 30, channel.Add{Media: typed("rt")}, fault.Permission},
		{"unknown type", embedded.Options{}, 30, channel.Add{Media: typed("zz")}, fault.Media},
		{"negative length", embedded.Options{}, 30, channel.Add{Media: clip("x", -time.Second)}, fault.Media},
		{"too long", embedded.Options{MaxSeconds: 3600}, 15, channel.Add{Media: long}, fault.TooLong},
		{"full", embedded.Options{MaxItems: 1}, 30, channel.Add{Media: clip("x", 1)}, fault.ListFull},
		{"delete", embedded.Options{}, 15, channel.Remove{Item: channel.Ref{Epoch: 1}}, fault.Permission},
		{"missing", embedded.Options{}, 30, channel.Jump{Item: channel.Ref{Epoch: 1, UID: 9}}, fault.Missing},
		{"behind itself", embedded.Options{}, 30, channel.Move{Item: channel.Ref{Epoch: 1}, After: channel.Ref{Epoch: 1}}, fault.Media},
		{"no command", embedded.Options{}, 30, nil, fault.Unsupported},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, tc.opts, func(t *testing.T, c *embedded.Channel) {
				fill(t, c, "a")
				ok(t, c.SetRank("playbill", tc.rank))
				res := c.Do(ctx, tc.cmd)
				if res.Outcome != channel.Refused || res.Fault.Code != tc.code {
					t.Fatalf("%v %v, want %s", res.Outcome, res.Fault, tc.code)
				}
				same(t, show(state(t, c)), "[a!]")
			})
		})
	}
}

func perm(change func(p *embedded.Permissions)) *embedded.Permissions {
	p := embedded.DefaultPermissions()
	change(&p)
	return &p
}

func TestALeaderMayExceedNothingAndAddsOnlyTemp(t *testing.T) {
	bubble(t, embedded.Options{RankTenths: 15, MaxSeconds: 10}, func(t *testing.T, c *embedded.Channel) {
		same(t, state(t, c).Can.Remove, false)
		c.Do(ctx, channel.Add{Media: clip("a", 10*time.Second)})
		same(t, show(state(t, c)), "[a!]")
		ok(t, c.SetRank("playbill", 30))
		same(t, state(t, c).Can.Remove, true)
		same(t, c.Do(ctx, channel.Add{Media: clip("b", time.Hour)}).Outcome, channel.Done)
	})
}

func TestViewersHaveLimitsToo(t *testing.T) {
	bubble(t, embedded.Options{}, func(t *testing.T, c *embedded.Channel) {
		mod, ann := c.As("Mod"), c.As("Ann")
		fill(t, c, "a", "b", "c")
		code(t, ann.Add(clip("x", time.Minute), false, true), fault.Permission)
		code(t, ann.Skip(), fault.Permission)
		code(t, ann.Remove(0), fault.Permission)
		code(t, ann.Move(0, 1), fault.Permission)
		code(t, ann.Jump(1), fault.Permission)
		code(t, ann.Clear(), fault.Permission)
		code(t, c.As("Nobody").Skip(), fault.Missing)
		code(t, mod.Add(clip("a", time.Minute), false, true), fault.Duplicate)
		code(t, mod.SetTemp(99, true), fault.Missing)
		ok(t, mod.SetTemp(1, false))
		ok(t, mod.Move(2, playlist.Front))
		same(t, show(state(t, c)), "c! [a!] b")
		ok(t, mod.Shuffle())
		same(t, state(t, c).Current, 0)
	})
}

func TestAMoveBehindAVanishedItemLosesIt(t *testing.T) {
	bubble(t, embedded.Options{}, func(t *testing.T, c *embedded.Channel) {
		fill(t, c, "a", "b", "c")
		epoch := state(t, c).Epoch
		ok(t, c.As("Mod").Remove(2))
		res := c.Do(ctx, channel.Move{Item: channel.Ref{Epoch: epoch, UID: 1}, After: channel.Ref{Epoch: epoch, UID: 2}})
		same(t, res.Outcome, channel.Unknown)
		u := state(t, c)
		same(t, show(u), "[a!]")
		same(t, u.Over, res.N)
	})
}

func TestTalk(t *testing.T) {
	bubble(t, embedded.Options{}, func(t *testing.T, c *embedded.Channel) {
		long := strings.Repeat("é", 400)
		same(t, c.Do(ctx, channel.Say{Text: "one\ntwo" + long}).Outcome, channel.Done)
		same(t, c.Do(ctx, channel.Tell{To: "ANN", Text: "one\ntwo"}).Outcome, channel.Done)
		same(t, c.Do(ctx, channel.Tell{To: "playbill", Text: "x"}).Fault.Sentence, "You can't PM yourself!")
		same(t, c.Do(ctx, channel.Tell{To: "bob", Text: "x"}).Fault.Sentence, "PM failed: bob isn't connected to this channel.")
		at := time.Now().UnixMilli()
		same(t, c.ChatLog(), []embedded.Line{{AtMS: at, From: "playbill", Text: "one two" + long[:2*313]}})
		same(t, c.PMs("ann"), []embedded.Line{{AtMS: at, From: "playbill", To: "Ann", Text: "one\ntwo"}})
		ok(t, c.Leave("Ann"))
		same(t, len(c.PMs("Ann")), 1)

		time.Sleep(3 * time.Second)
		lost := 0
		for range 60 {
			if res := c.Do(ctx, channel.Say{Text: "x"}); res.Outcome == channel.Refused && res.Fault.Code == fault.TooFast {
				lost++
			}
		}
		same(t, lost, 40)
		time.Sleep(3 * time.Second)
		ok(t, c.Mute("playbill", true))
		same(t, c.Do(ctx, channel.Say{Text: "x"}).Fault.Code, fault.Muted)
		same(t, c.Do(ctx, channel.Tell{To: "mod", Text: "x"}).Outcome, channel.Done) // PMs work while muted
	})
}

func TestPresence(t *testing.T) {
	bubble(t, embedded.Options{}, func(t *testing.T, c *embedded.Channel) {
		at := func(name channel.UserKey) channel.User {
			u, err := c.Lookup(ctx, name)
			ok(t, err)
			return u
		}
		time.Sleep(9 * time.Minute)
		ok(t, c.Chat("Ann", "hello"))
		said := time.Now().UnixMilli()
		time.Sleep(time.Minute)
		synctest.Wait()
		u := state(t, c)
		same(t, u.People, []channel.User{
			{Key: "ann", Name: "Ann", RankTenths: 10, LastChatMS: said},
			{Key: "mod", Name: "Mod", RankTenths: 30, AFK: true},
			{Key: "playbill", Name: "playbill", RankTenths: 30, AFK: true},
		})
		c.Do(ctx, channel.Tell{To: "mod", Text: "x"}) // no chat line: changes nothing
		same(t, at("playbill").AFK, true)
		ok(t, c.Chat("Mod", "back"))
		same(t, at("mod").AFK, false)
		ok(t, c.Chat("Mod", "/afk"))
		same(t, at("mod").AFK, true)
		ok(t, c.SetAFK("Mod", false))
		same(t, at("mod").AFK, false)
		ok(t, c.As("Mod").Mute("Ann", true))
		same(t, at("ann").Muted, true)
		code(t, c.Chat("Ann", "x"), fault.Muted)
		ok(t, c.As("Mod").Kick("ann"))
		_, err := c.Lookup(ctx, "ann")
		code(t, err, fault.Missing)
		code(t, c.Leave("Ann"), fault.Missing)
		code(t, c.Leave("playbill"), fault.Missing)
		code(t, c.Join("Playbill", 10), fault.Conflict)
		ok(t, c.Close())
		code(t, c.Chat("Mod", "x"), fault.ChannelDown)
	})
}

// TestManyHands is for the race detector: everybody acts at once, and the books still balance.
func TestManyHands(t *testing.T) {
	bubble(t, embedded.Options{Rate: 60, AddIntervalMS: -1}, func(t *testing.T, c *embedded.Channel) {
		var hands sync.WaitGroup
		left := make(chan int, 1)
		go func() {
			n := 0
			for u := range c.Updates() {
				n += len(u.Left)
			}
			left <- n
		}()
		for i := range 8 {
			hands.Go(func() {
				for j := range 40 {
					res := c.Do(ctx, channel.Add{Media: clip(fmt.Sprint(i, "-", j), time.Second), Temp: true})
					c.Do(ctx, channel.Remove{Item: res.Item})
					_ = c.Chat("Ann", "hello")
					if j%10 == 0 {
						_ = c.As("Mod").Shuffle()
					}
				}
			})
		}
		hands.Wait()
		time.Sleep(time.Hour)
		ok(t, c.Close())
		if <-left == 0 {
			t.Error("nothing ever left the air")
		}
	})
}

func BenchmarkAdvance4000(b *testing.B) {
	c, err := embedded.Open(embedded.Options{AllowDupes: true})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Kill()
	_ = c.Join("Mod", 30)
	mod := c.As("Mod")
	for i := range 4000 {
		for mod.Add(clip(fmt.Sprint(i), time.Minute), false, false) != nil {
			_ = c.SetRank("Mod", 30) // a fresh limiter
		}
	}
	for b.Loop() {
		_ = mod.Skip()
		<-c.Updates()
	}
}
