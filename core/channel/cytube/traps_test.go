package cytube_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/channel/cytube"
	"playbill/core/fault"
	"playbill/sdk"
)

// TestTraps is one case for each trap that the reference names (cytube.md).
func TestTraps(t *testing.T) {
	traps := []struct {
		name string
		opts cytubetest.Options
		body func(w *world)
	}{
		{"rank race: what is sent before the rank is lost", cytubetest.Options{RankDelay: 3 * time.Second}, rankRace},
		{"refused without a word: the rank was taken away", cytubetest.Options{}, demoted},
		{"refused without a word: the permissions changed", cytubetest.Options{}, forbidden},
		{"refused without a word: it was taken away while the request was under way", cytubetest.Options{}, lostRequest},
		{"a move behind a vanished item loses the item", cytubetest.Options{}, swallowed},
		{"what plays is lost by a move", cytubetest.Options{}, swallowedOnAir},
		{"a moderator's move loses an item", cytubetest.Options{}, swallowedByOthers},
		{"uids restart at 0", cytubetest.Options{}, restarted},
		{"a crash goes back to the last save", cytubetest.Options{}, crashed},
		{"a restart in mid-add", cytubetest.Options{}, restartMidAdd},
		{"a connection that is cut again and again", cytubetest.Options{}, cutAgainAndAgain},
		{"shuffle gives new uids and drops what waits", cytubetest.Options{}, shuffled},
		{"a queueFail overtakes an echo", cytubetest.Options{}, overtaken},
		{"a later echo proves what came before it", cytubetest.Options{}, provenByEcho},
		{"a look-up of more than 20 s lets the next one pass", cytubetest.Options{}, parallelLookup},
		{"a deletion proves nothing of what came before it", cytubetest.Options{}, deletedByItsEnd},
		{"a kick for a link in what we said", cytubetest.Options{}, kickedForALink},
		{"a kick leaves the socket open", cytubetest.Options{}, kickedOut},
		{"a connection is refused with 44", cytubetest.Options{}, refused44},
		{"the connect throttle", cytubetest.Options{}, throttled},
		{"a zombie join is never answered", cytubetest.Options{}, zombie},
		{"chat is replayed on a join", cytubetest.Options{}, replay},
		{"a duplicate login", cytubetest.Options{}, duplicateLogin},
		{"the server falls silent", cytubetest.Options{}, silent},
		{"the list is full", cytubetest.Options{MaxItems: 2}, full},
		{"allow_dupes is changed while we are there", cytubetest.Options{}, dupesChange},
		{"a next of a listed item would move it", cytubetest.Options{}, nextOfListed},
		{"another's next of a listed item moves it", cytubetest.Options{}, anothersNext},
		{"adds are too quick: they are sent again", cytubetest.Options{}, tooQuick},
		{"a temp add is forced without a word", cytubetest.Options{Accounts: accounts(15)}, forcedTemp},
		{"a jump deletes the temp item first", cytubetest.Options{}, jumpDeletes},
		{"a single item starts itself again", cytubetest.Options{}, startsAgain},
		{"a clear does not stop the players", cytubetest.Options{}, clearedUnderPlayers},
		{"an embed's id is written in another way", cytubetest.Options{}, embed},
		{"live media have no end", cytubetest.Options{}, live},
		{"an event that cannot be read", cytubetest.Options{}, unreadable},
		{"an event that does not fit", cytubetest.Options{}, misfit},
		{"the channel moves to another server", cytubetest.Options{}, partition},
	}
	for _, trap := range traps {
		t.Run(trap.name, func(t *testing.T) { inBubble(t, trap.opts, trap.body) })
	}
}

func rankRace(w *world) {
	u := w.until("has joined", func(u channel.Update) bool { return u.Health == channel.Degraded && u.Whole })
	if u.Can.Add {
		w.t.Error("it may add before it has its rank")
	}
	w.refused(channel.Add{Media: w.media(0, time.Minute)}, fault.Dropped)
	w.refused(channel.Say{Text: "x"}, fault.ChannelDown)
	w.good()
	w.add(0)
	w.agree()
}

func demoted(w *world) {
	w.good()
	ref := w.add(0)
	w.server.SetRank("playbill", 10)
	w.until("may not add", func(u channel.Update) bool { return !u.Can.Add && !u.Can.Remove && !u.Can.Move && !u.Can.Jump })
	w.refused(channel.Add{Media: w.media(1, time.Minute)}, fault.Permission)
	w.refused(channel.Remove{Item: ref}, fault.Permission)
	w.server.SetRank("playbill", 30)
	w.until("may add", func(u channel.Update) bool { return u.Can.Add })
	w.add(1)
}

func forbidden(w *world) {
	w.good()
	w.server.Permit("playlistadd", 4)
	w.until("may not add", func(u channel.Update) bool { return !u.Can.Add })
	w.refused(channel.Add{Media: w.media(0, time.Minute)}, fault.Permission)
	w.server.Lock(false)
	w.until("may add to an open list", func(u channel.Update) bool { return u.Can.Add })
	w.add(0)
	w.server.Permit("playlistaddrawfile", 4)
	w.quiet()
	f := w.refused(channel.Add{Media: sdk.Media{Type: "cm", ID: "https://example.org/x.json"}}, fault.Permission)
	if !strings.Contains(f.Sentence, "playlistaddrawfile") {
		w.t.Errorf("the sentence does not say what to change: %s", f.Sentence)
	}
}

// lostRequest: an add that the channel drops ends at the horizon, and no state covers it before.
func lostRequest(w *world) {
	w.proven()
	w.server.Drop("queue", 1)
	start := time.Now()
	res := w.do(channel.Add{Media: w.media(0, time.Minute)})
	if res.Outcome != channel.Unknown || time.Since(start) < time.Minute {
		w.t.Fatalf("%v after %v", res.Outcome, time.Since(start))
	}
	w.covers(res.N)
	w.agree()
}

func swallowed(w *world) {
	w.proven()
	refs := []channel.Ref{w.add(0), w.add(1), w.add(2)}
	w.server.SwallowMove()
	start := time.Now()
	res := w.do(channel.Move{Item: refs[2], After: refs[0]})
	if res.Outcome != channel.Unknown || time.Since(start) > 3*time.Second {
		w.t.Fatalf("%v after %v", res.Outcome, time.Since(start))
	}
	u := w.until("shows that the item is gone", func(u channel.Update) bool { return len(u.List) == 2 })
	if u.Epoch != refs[0].Epoch {
		w.t.Error("a list that we asked for began a new epoch, and its uids are the same")
	}
	w.covers(res.N)
	w.agree()
	w.refused(channel.Move{Item: refs[2], After: refs[0]}, fault.Missing)
}

// swallowedByOthers: nobody is told of it, and it shows when the item should play.
func swallowedByOthers(w *world) {
	w.proven()
	for i := range 3 {
		w.server.Add(w.media(i, time.Minute), false, false)
	}
	w.quiet()
	items := w.server.Items()
	w.server.Move(items[1].UID, 9999)
	start := time.Now()
	w.until("shows that the item is gone", func(u channel.Update) bool { return len(u.List) == 2 })
	if took := time.Since(start); took > 70*time.Second {
		w.t.Errorf("noticed after %v, and the item's turn was after 65 s", took)
	}
	w.agree()
}

func swallowedOnAir(w *world) {
	w.proven()
	first, second := w.add(0), w.add(1)
	w.server.SwallowMove()
	w.do(channel.Move{Item: first, After: second})
	w.until("shows the other one on the air", func(u channel.Update) bool {
		return u.Health == channel.Good && len(u.List) == 1 && u.Current == 0
	})
	w.agree()
}

func restarted(w *world) {
	w.good()
	old := w.add(0)
	w.add(1)
	w.server.Restart(true, 3*time.Second)
	w.down("Connecting again")
	u := w.good()
	if u.Epoch <= old.Epoch || len(u.List) != 2 || !u.Gap || u.Over >= 0 {
		w.t.Fatalf("epoch %d, %d items, gap %v, over %d", u.Epoch, len(u.List), u.Gap, u.Over)
	}
	w.refused(channel.Remove{Item: old}, fault.Stale)
	if u = w.proven(); u.Gap {
		w.t.Error("the gap was read and is still told")
	}
	w.agree()
}

func crashed(w *world) {
	w.good()
	w.add(0)
	w.server.Save()
	w.add(1)
	w.server.Restart(false, time.Second)
	w.down("Connecting again")
	if u := w.good(); len(u.List) != 1 {
		w.t.Fatalf("%d items", len(u.List))
	}
	w.agree()
}

func restartMidAdd(w *world) {
	w.proven()
	w.server.Slow(5 * time.Second)
	results := make(chan channel.Result, 3)
	for i := range cap(results) {
		go func() { results <- w.do(channel.Add{Media: w.media(i, time.Minute), Temp: true}) }()
	}
	time.Sleep(700 * time.Millisecond) // two are sent, one waits for the pace
	w.server.Restart(true, time.Second)
	unknown, dropped := 0, 0
	for range cap(results) {
		switch res := <-results; {
		case res.Outcome == channel.Unknown:
			unknown++
		case res.Outcome == channel.Refused && res.Fault.Code == fault.Dropped:
			dropped++
		}
	}
	if unknown != 2 || dropped != 1 {
		w.t.Errorf("%d unknown and %d dropped, want 2 and 1", unknown, dropped)
	}
	w.server.Slow(0)
	w.down("Connecting again")
	if u := w.good(); u.Over != -1 || u.Shown != 3 {
		w.t.Errorf("over %d, shown %d right after a rejoin", u.Over, u.Shown)
	}
	w.covers(3)
	w.agree()
}

// cutAgainAndAgain: an add that was lost with a connection is in doubt for the horizon of one that lasts; where none does, for
// as long as the longest stay of a look-up, and then it ends too.
func cutAgainAndAgain(w *world) {
	w.proven()
	w.server.Drop("queue", 1)
	result := make(chan channel.Result, 1)
	go func() { result <- w.do(channel.Add{Media: w.media(0, time.Minute), Temp: true}) }()
	time.Sleep(time.Second)
	w.server.CutAll()
	res, lost := <-result, time.Now()
	if res.Outcome != channel.Unknown {
		w.t.Fatalf("the lost add is %v", res.Outcome)
	}
	for w.last.Over < res.N {
		w.until("is over, or up", func(u channel.Update) bool { return u.Health == channel.Good })
		for cut := time.Now().Add(45 * time.Second); time.Now().Before(cut) && w.last.Over < res.N; {
			w.next(time.Until(cut))
		}
		if w.last.Over < res.N {
			if time.Since(lost) > 15*time.Minute {
				w.t.Fatal("it is in doubt for ever")
			}
			w.server.CutAll()
		}
	}
	if took := time.Since(lost); took < 10*time.Minute {
		w.t.Errorf("over after %v of short connections", took)
	}
}

func shuffled(w *world) {
	w.proven()
	w.add(0)
	w.add(1)
	before := w.quiet()
	w.server.Slow(10 * time.Second)
	results := make([]chan channel.Result, 3)
	for i := range results {
		results[i] = make(chan channel.Result, 1)
		go func() { results[i] <- w.do(channel.Add{Media: w.media(10+i, time.Minute)}) }()
		time.Sleep(time.Second)
	}
	w.server.Shuffle()
	if res := <-results[0]; res.Outcome != channel.Unknown {
		w.t.Errorf("the one in look-up is %v", res.Outcome)
	}
	for _, ch := range results[1:] {
		if res := <-ch; res.Outcome != channel.Refused || res.Fault.Code != fault.Dropped {
			w.t.Errorf("a waiting one is %v", res.Outcome)
		}
	}
	u := w.until("has a new epoch", func(u channel.Update) bool { return u.Epoch > before.Epoch })
	if len(u.Left) != 0 || u.List[u.Current].Media.Key() != before.List[before.Current].Media.Key() {
		w.t.Error("a shuffle took what plays off the air")
	}
	w.until("shows the one that was in look-up", func(u channel.Update) bool { return len(u.List) == 3 })
	w.agree()
}

func overtaken(w *world) {
	w.good()
	w.server.Slow(3 * time.Second)
	slow := make(chan channel.Result, 1)
	go func() { slow <- w.do(channel.Add{Media: w.media(0, time.Minute)}) }()
	time.Sleep(time.Second)
	w.refused(channel.Add{Media: sdk.Media{Type: "zz", ID: "x"}}, fault.Media)
	if len(slow) != 0 {
		w.t.Fatal("the refusal was taken for the other add's")
	}
	if res := <-slow; res.Outcome != channel.Done {
		w.t.Fatalf("the first one is %v", res.Outcome)
	}
	w.agree()
}

func provenByEcho(w *world) {
	w.proven()
	w.server.Drop("queue", 1)
	lost := make(chan channel.Result, 1)
	go func() { lost <- w.do(channel.Add{Media: w.media(0, time.Minute)}) }()
	time.Sleep(time.Second)
	second := w.done(channel.Add{Media: w.media(1, time.Minute)})
	if res := <-lost; res.Outcome != channel.Refused || res.Fault.Code != fault.Dropped {
		w.t.Fatalf("%v, want dropped: a later one has come", res.Outcome)
	}
	w.covers(second.N)
}

func parallelLookup(w *world) {
	w.proven()
	w.server.Slow(40 * time.Second)
	slow := make(chan channel.Result, 1)
	go func() { slow <- w.do(channel.Add{Media: w.media(0, time.Minute)}) }()
	time.Sleep(time.Second)
	w.server.Slow(0)
	quick := w.done(channel.Add{Media: w.media(1, time.Minute)})
	if w.quiet(); w.last.Over >= quick.N || len(slow) != 0 {
		w.t.Fatalf("over %d while the first one is in look-up", w.last.Over)
	}
	if res := <-slow; res.Outcome != channel.Done {
		w.t.Fatalf("the slow one is %v", res.Outcome)
	}
	w.covers(quick.N)
	w.agree()
}

// deletedByItsEnd: the item ends while our deletion of it stands in line behind a look-up of ours.
func deletedByItsEnd(w *world) {
	w.proven()
	first := w.done(channel.Add{Media: w.media(0, 2*time.Second), Temp: true}).Item
	w.server.Slow(15 * time.Second)
	slow := make(chan channel.Result, 1)
	go func() { slow <- w.do(channel.Add{Media: w.media(1, time.Minute), Temp: true}) }()
	time.Sleep(time.Second)
	w.done(channel.Remove{Item: first})
	if len(slow) != 0 {
		w.t.Fatal("the add was taken for passed over")
	}
	if res := <-slow; res.Outcome != channel.Done {
		w.t.Fatalf("the add is %v", res.Outcome)
	}
	w.agree()
}

func kickedForALink(w *world) {
	w.good()
	w.server.Drop("chatMsg", 1)
	result := make(chan channel.Result, 1)
	go func() { result <- w.do(channel.Say{Text: "see spam.example.org"}) }()
	time.Sleep(time.Second)
	w.server.Kick("playbill", "")
	w.down("what it had just said")
	if res := <-result; res.Outcome != channel.Unknown {
		w.t.Errorf("the line is %v", res.Outcome)
	}
	w.good()
}

func kickedOut(w *world) {
	w.good()
	w.server.Kick("playbill", "Channel reloading")
	w.down("restarted")
	w.good()
	if n := w.server.Connections(); n != 1 {
		w.t.Errorf("%d connections", n)
	}
	w.add(0)
	w.server.Kick("playbill", "go &amp; rest")
	w.down("go & rest")
	time.Sleep(time.Hour)
	if w.quiet(); w.last.Health != channel.Down || w.server.Connections() != 0 {
		w.t.Error("the bot came back although a person had kicked it")
	}
}

func refused44(w *world) {
	w.good()
	w.server.RefuseConnects(2, "Could not determine IP address")
	w.server.CutAll()
	w.down("Could not determine IP address")
	start := time.Now()
	w.good()
	if waited := time.Since(start); waited < 10*time.Second {
		w.t.Errorf("back after %v: a refused connection must wait", waited)
	}
	w.server.RefuseConnects(1, "You are banned from the server")
	w.server.CutAll()
	w.down("banned")
}

// throttled: whatever cuts us, we do not knock more often than the server lets in.
func throttled(w *world) {
	for range 12 {
		w.good()
		w.server.CutAll()
		w.down("lost")
	}
	u := w.good()
	if strings.Contains(u.Why, "Rate limit") {
		w.t.Error(u.Why)
	}
}

func zombie(w *world) {
	w.good()
	w.server.Zombies(1)
	w.server.CutAll()
	w.down("unloaded")
	w.good()
	w.add(0)
	w.agree()
}

func replay(w *world) {
	w.good()
	w.server.Join("Ann", 10)
	w.server.Chat("Ann", "hello")
	w.until("shows when she chatted", func(u channel.Update) bool { return chatted(u, "ann") > 0 })
	time.Sleep(time.Hour)
	w.server.Leave("Ann")
	w.server.Join("Ann", 10)
	w.server.CutAll()
	w.down("lost")
	w.good()
	if at := chatted(w.quiet(), "ann"); at != 0 {
		w.t.Errorf("a replayed line counts as one of now: %d", at)
	}
}

func chatted(u channel.Update, key channel.UserKey) int64 {
	for _, p := range u.People {
		if p.Key == key {
			return p.LastChatMS
		}
	}
	return 0
}

func duplicateLogin(w *world) {
	w.good()
	w.server.Kick("playbill", "Duplicate login")
	w.down("One more try")
	start := time.Now()
	w.good()
	if waited := time.Since(start); waited < time.Minute {
		w.t.Errorf("back after %v", waited)
	}
	w.server.Kick("playbill", "Duplicate login")
	w.down("Somebody else keeps logging in")
	time.Sleep(time.Hour)
	if w.quiet(); w.last.Health != channel.Down {
		w.t.Error("two bots would put each other out for ever")
	}
}

func silent(w *world) {
	w.good()
	w.server.Silence(true)
	start := time.Now()
	w.down("silent")
	if waited := time.Since(start); waited > 50*time.Second {
		w.t.Errorf("noticed after %v", waited)
	}
	w.server.Silence(false)
	w.good()
	time.Sleep(10 * time.Minute)
	if w.quiet(); w.last.Health != channel.Good {
		w.t.Errorf("pings do not keep it alive: %s", w.last.Why)
	}
}

func full(w *world) {
	w.good()
	w.add(0)
	w.add(1)
	w.refused(channel.Add{Media: w.media(2, time.Minute)}, fault.ListFull)
}

func dupesChange(w *world) {
	w.good()
	w.add(0)
	w.refused(channel.Add{Media: w.media(0, time.Minute)}, fault.Duplicate)
	w.server.AllowDupes(true)
	w.until("allows duplicates", func(u channel.Update) bool { return u.Can.Dupes })
	w.add(0)
	w.agree()
}

func nextOfListed(w *world) {
	w.good()
	w.add(0)
	w.add(1)
	last := w.add(2)
	w.refused(channel.Add{Media: w.media(2, time.Minute), Next: true}, fault.Duplicate)
	w.done(channel.Remove{Item: last})
	w.agree()
}

func anothersNext(w *world) {
	w.good()
	for i := range 3 {
		w.add(i)
	}
	w.server.Add(w.media(2, time.Minute), true, false)
	w.agree()
	if it := w.last.List[1]; it.Media.ID != "clip-2" || !it.Temp || it.AddedBy != "Mod" {
		w.t.Errorf("%+v", it)
	}
}

func tooQuick(w *world) {
	w.good()
	for i := range 12 { // at the pace of the driver none is refused
		w.add(i)
	}
	w.server.Emit("queueFail", map[string]string{"msg": "You are adding videos too quickly", "id": "clip-99"})
	w.server.Drop("queue", 1)
	again := make(chan channel.Result, 1)
	go func() { again <- w.do(channel.Add{Media: w.media(20, time.Minute)}) }()
	time.Sleep(700 * time.Millisecond)
	w.server.Emit("queueFail", map[string]string{"msg": "You are adding videos too quickly", "id": "clip-20"})
	if res := <-again; res.Outcome != channel.Done || res.N != 13 {
		w.t.Errorf("%v, number %d: it should have been sent again under its number", res.Outcome, res.N)
	}
}

func forcedTemp(w *world) {
	w.good()
	res := w.done(channel.Add{Media: w.media(0, time.Minute), Temp: false})
	w.covers(0)
	if it := w.quiet().List[0]; !it.Temp || it.UID != res.Item.UID {
		w.t.Errorf("%+v", it)
	}
}

func jumpDeletes(w *world) {
	w.good()
	w.add(0)
	w.add(1)
	third := w.add(2)
	w.server.Add(w.media(3, time.Minute), false, false)
	w.quiet()
	w.done(channel.Jump{Item: third})
	w.quiet()
	w.server.Jump(w.last.List[2].UID) // away from a temp item, past none
	w.quiet()
	if len(w.left) != 2 || w.left[0].How != channel.Skipped || w.left[1].Item.Media.ID != "clip-2" {
		w.t.Errorf("%+v", w.left)
	}
	w.agree()
}

func startsAgain(w *world) {
	w.good()
	w.server.Add(w.media(0, 10*time.Second), false, false)
	time.Sleep(31 * time.Second) // two ends: 15 s each
	w.quiet()
	if len(w.left) != 2 || w.left[0].How != channel.Played || w.left[0].PlayedMS != 10_000 {
		w.t.Errorf("%+v", w.left)
	}
	w.agree()
}

func clearedUnderPlayers(w *world) {
	w.good()
	w.add(0)
	w.server.Clear()
	w.server.Emit("mediaUpdate", map[string]any{"currentTime": 3, "paused": false}) // a stray one
	u := w.until("is empty", func(u channel.Update) bool { return u.Health == channel.Good && len(u.List) == 0 })
	if u.Current != -1 || !u.Whole || u.PlayedMS != 0 {
		w.t.Errorf("%+v", u)
	}
	w.add(1)
	w.agree()
}

func embed(w *world) {
	w.good()
	m := sdk.Media{Type: "cu", ID: `<iframe src="https://example.org/x"></iframe>`, Title: "An embed", DurationMS: 60_000}
	res := w.done(channel.Add{Media: m, Temp: true})
	if it := w.quiet().List[0]; it.UID != res.Item.UID || it.Media.Title != "An embed" || it.Media.DurationMS != 60_000 {
		w.t.Errorf("%+v", it)
	}
}

func live(w *world) {
	w.good()
	w.done(channel.Add{Media: sdk.Media{Type: "rt", ID: "rtmp://example.org/x"}, Temp: true})
	time.Sleep(time.Hour)
	if w.quiet(); w.last.Current != 0 || w.last.Health != channel.Good {
		w.t.Errorf("%+v", w.last)
	}
}

func unreadable(w *world) {
	before := w.good()
	w.server.Emit("queue", "nonsense")
	w.down("lost")
	if u := w.good(); u.Epoch <= before.Epoch {
		w.t.Error("an event was missed, and the epoch goes on")
	}
}

func misfit(w *world) {
	w.good()
	w.add(0)
	w.server.Emit("moveVideo", map[string]any{"from": 77, "after": 78})
	w.server.Emit("setTemp", map[string]any{"uid": 78, "temp": true})
	w.server.Emit("no such event", 1, 2, 3)
	w.agree()
}

func partition(w *world) {
	w.good()
	w.server.Emit("partitionChange", map[string]any{"servers": []any{}})
	w.down("moved")
	w.good()
}

// TestBadStart is what an owner reads who made a mistake: one sentence, and no knocking at the door for ever.
func TestBadStart(t *testing.T) {
	tests := []struct {
		name   string
		server cytubetest.Options
		as     cytube.Options
		words  string
		final  bool
	}{
		{"wrong password", cytubetest.Options{}, cytube.Options{Password: "guess"}, "with this password", true},
		{"wrong name of the bot", cytubetest.Options{}, cytube.Options{User: "nobody"}, "with this password", true},
		{"impossible channel name", cytubetest.Options{}, cytube.Options{Channel: "$bad$"}, "There can be no channel", true},
		{"unregistered channel", cytubetest.Options{Unregistered: true}, cytube.Options{}, "no registered channel", true},
		{"wrong channel password", cytubetest.Options{Password: "sesame", Accounts: accounts(15)},
			cytube.Options{ChannelPassword: "rhubarb"}, "does not accept channel_password", false},
		{"wrong channel password of a user", cytubetest.Options{Password: "sesame", Accounts: accounts(10)},
			cytube.Options{ChannelPassword: "-"}, "channel_password", false},
		{"the list is not shown", cytubetest.Options{Permissions: map[string]float64{"seeplaylist": 4}}, cytube.Options{},
			"does not show its list", false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			inBubbleAs(t, tc.server, tc.as, func(w *world) {
				w.down(tc.words)
				time.Sleep(10 * time.Minute)
				w.quiet()
				if tc.final && (w.last.Health != channel.Down || !strings.Contains(w.last.Why, tc.words)) {
					t.Errorf("%v %q", w.last.Health, w.last.Why)
				}
				if w.last.Health == channel.Good || !strings.Contains(w.last.Why, tc.words) {
					t.Errorf("%v %q", w.last.Health, w.last.Why)
				}
				if res := w.do(channel.Say{Text: "x"}); tc.final && res.Outcome != channel.Refused {
					t.Errorf("a line is %v", res.Outcome)
				}
			})
		})
	}
	t.Run("banned", func(t *testing.T) {
		inBubble(t, cytubetest.Options{}, func(w *world) {
			w.good()
			w.server.Kick("playbill", "You are banned from this channel.")
			w.down("banned from this channel")
		})
	})
	t.Run("no server", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			network := cytubetest.NewMemory()
			_ = network.Close()
			d, err := cytube.Open(cytube.Options{Server: "http://cytube.memory", Channel: "test", User: "playbill", Client: network.Client()})
			if err != nil {
				t.Fatal(err)
			}
			w := &world{t: t, driver: d}
			w.down("cannot be reached")
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("no name", func(t *testing.T) {
		if _, err := cytube.Open(cytube.Options{Channel: "test"}); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
	})
}

// TestTalk is what becomes of chat lines and PMs.
func TestTalk(t *testing.T) {
	inBubble(t, cytubetest.Options{}, func(w *world) {
		w.good()
		w.server.Join("Ann_Bee", 10)
		w.quiet()
		for i := range 40 { // more than the channel's burst: paced, and none is lost
			w.done(channel.Tell{To: "ann_bee", Text: fmt.Sprintf("%d <b>", i)})
		}
		w.done(channel.Say{Text: "/clear everything"})
		w.done(channel.Say{Text: strings.Repeat("ä", 400)})
		if n := len(w.server.PMs()); n != 40 {
			t.Errorf("%d PMs came", n)
		}
		said := w.server.Said()
		if said[0][1] != "clear everything" || len([]rune(said[1][1])) != 320 {
			t.Errorf("%q", said)
		}
		w.refused(channel.Tell{To: "nobody", Text: "x"}, fault.Missing)
		w.refused(channel.Tell{To: "Playbill", Text: "x"}, fault.Media)
		w.server.Drop("pm", 1)
		if res := w.do(channel.Tell{To: "ann_bee", Text: "lost"}); res.Outcome != channel.Unknown {
			t.Errorf("a PM that was lost is %v", res.Outcome)
		}
		w.server.Drop("chatMsg", 1)
		lost := make(chan channel.Result, 1)
		go func() { lost <- w.do(channel.Say{Text: "lost"}) }()
		time.Sleep(time.Second)
		w.server.Emit("cooldown", 100)
		if res := <-lost; res.Outcome != channel.Refused || res.Fault.Code != fault.TooFast {
			t.Errorf("%v %v", res.Outcome, res.Fault)
		}
		w.server.Mute("playbill", true)
		w.until("may not chat", func(u channel.Update) bool { return !u.Can.Say && u.Can.Tell })
		w.refused(channel.Say{Text: "x"}, fault.Muted)
		w.done(channel.Tell{To: "ann_bee", Text: "still works"})
		w.server.Mute("playbill", false)
		w.until("may chat", func(u channel.Update) bool { return u.Can.Say })
	})
}

// TestTalkRefused is what the channel answers when we could not know it before.
func TestTalkRefused(t *testing.T) {
	answers := []struct {
		event string
		args  any
		tell  bool
		code  fault.Code
	}{
		{"noflood", map[string]string{"action": "chat", "msg": "You have been muted on this channel."}, false, fault.Muted},
		{"spamFiltered", map[string]string{"reason": "NEW_USER_CHAT"}, false, fault.Permission},
		{"errorMsg", map[string]string{"msg": "PM failed: Ann isn't connected to this channel."}, true, fault.Missing},
		{"errorMsg", map[string]string{"msg": "PM failed: ann isn't a valid username."}, true, fault.Missing},
		{"errorMsg", map[string]string{"msg": "You must be signed in to send PMs"}, true, fault.Permission},
		{"errorMsg", map[string]string{"msg": "You can't PM yourself!"}, true, fault.Media},
	}
	for _, a := range answers {
		t.Run(fmt.Sprint(a.event, a.args), func(t *testing.T) {
			inBubble(t, cytubetest.Options{}, func(w *world) {
				w.good()
				w.server.Join("Ann", 10)
				w.quiet()
				w.server.Drop("pm", 1)
				w.server.Drop("chatMsg", 1)
				result := make(chan channel.Result, 1)
				go func() {
					if a.tell {
						result <- w.do(channel.Tell{To: "ann", Text: "x"})
					} else {
						result <- w.do(channel.Say{Text: "x"})
					}
				}()
				time.Sleep(time.Second)
				w.server.Emit("errorMsg", map[string]string{"msg": "Something else altogether."})
				w.server.Emit(a.event, a.args)
				if res := <-result; res.Outcome != channel.Refused || res.Fault.Code != a.code {
					t.Errorf("%v %v", res.Outcome, res.Fault)
				}
			})
		})
	}
}

// TestPeople is who is there, and what is told of them.
func TestPeople(t *testing.T) {
	inBubble(t, cytubetest.Options{}, func(w *world) {
		w.good()
		w.server.Join("Ann", 20)
		w.server.AFK("Ann", true)
		w.server.Mute("Ann", true)
		w.quiet()
		p, err := w.driver.Lookup(context.Background(), "ANN")
		if err != nil || p.RankTenths != 20 || !p.AFK || !p.Muted || p.Name != "Ann" {
			t.Errorf("%+v %v", p, err)
		}
		w.server.Chat("Ann", "back")
		w.quiet()
		if p, _ = w.driver.Lookup(context.Background(), "ann"); p.AFK {
			t.Error("a line of hers did not end it")
		}
		w.server.CutAll()
		w.down("lost")
		if _, err := w.driver.Lookup(context.Background(), "ann"); !fault.Is(err, fault.ChannelDown) {
			t.Errorf("%v: without a connection nobody is conclusively away", err)
		}
	})
}
