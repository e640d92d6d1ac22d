package station_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/channel/cytube"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/sdk"
)

// The evenings on CyTube: how many, how long each is, and how often station and server are compared in it.
const (
	cytubeEvenings         = 1
	cytubeEveningsThorough = 40
	eveningLength          = 2 * time.Hour
	eveningQuarter         = 10 * time.Minute
	inferredWithin         = 2 * time.Minute // of a crash
)

// TestEveningsOnCyTube is two hours of a whole station on a scripted CyTube server, with buyers who come and go, a moderator
// who adds, moves, deletes, clears and shuffles, and everything that a server and a connection do wrong: after every ten
// minutes the station's list is the server's, and in the end every purchase has ended as what was on the air says.
func TestEveningsOnCyTube(t *testing.T) {
	evenings := cytubeEvenings
	if *thorough {
		evenings = cytubeEveningsThorough
	}
	for seed := range evenings {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { evening(t, uint64(seed)) })
		})
	}
}

// cyEvening is one of them.
type cyEvening struct {
	*world
	*rand.Rand
	server  *cytubetest.Server
	driver  *cytube.Driver
	named   int
	seen    map[string]int    // what happened, by name
	bought  map[string]string // media id -> purchase
	crashes []int64           // of the server
	cuts    []int64           // of the connection, crashes included
}

func evening(t *testing.T, seed uint64) {
	e := &cyEvening{world: newWorld(t), Rand: rand.New(rand.NewPCG(seed, 3)), seen: map[string]int{}, bought: map[string]string{}}
	defer e.open()()
	for end := time.Now().Add(eveningLength); time.Now().Before(end); {
		for quarter := time.Now().Add(eveningQuarter); time.Now().Before(quarter); {
			e.step()
		}
		e.log.take()
		e.agree()
	}
	e.finish()
	for _, must := range []string{"settled", "refunded", "general", "lead_in", "shuffle", "clear", "kick", "restart", "restart in mid-add", "moderation"} {
		if e.seen[must] == 0 {
			t.Errorf("in two hours there was no %s", must)
		}
	}
	t.Logf("%v", e.seen)
}

// open opens the server, the driver and the station; what it returns closes them.
func (e *cyEvening) open() (closeAll func()) {
	network := cytubetest.NewMemory()
	server, err := cytubetest.New(cytubetest.Options{Listener: network})
	if err != nil {
		e.t.Fatal(err)
	}
	e.server = server
	for _, who := range []string{"ann", "bob", "cat"} {
		server.Join(who, 10)
	}
	for range 5 {
		server.Add(e.clip("programme", 20, 90), false, false)
	}
	for _, promoType := range []string{"channel_identity", "event", "mod_shoutout", "viewers_choice"} {
		var clips []sdk.Clip
		for range 3 {
			m := e.clip(promoType, 8, 15)
			clips = append(clips, sdk.Clip{Key: m.Key().ClipKey(), Media: m, Evergreen: true})
		}
		e.shelf.set(promoType, clips)
	}
	for name, value := range map[string]string{"every_n_items": "2", "min_airtime": "1", "grace": "20"} {
		if err := e.set.change(name, value); err != nil {
			e.t.Fatal(err)
		}
	}
	client := network.Client()
	ctx, cancel := context.WithCancel(context.Background())
	if e.db, err = store.Open(ctx, store.Options{Path: filepath.Join(e.dir, "playbill.db")}); err != nil {
		e.t.Fatal(err)
	}
	if e.book, err = e.db.Claim(ctx, "hall", "test"); err != nil {
		e.t.Fatal(err)
	}
	if e.driver, err = cytube.Open(cytube.Options{Server: server.URL(), Channel: "test", User: botName, Password: "secret", Client: client}); err != nil {
		e.t.Fatal(err)
	}
	var n atomic.Uint64
	e.st, err = station.New(ctx, station.Options{Channel: "hall", Journal: &journal{Channel: e.book, log: e.log, w: e.world},
		Driver: e.driver, Asker: e.asker, Shelf: e.shelf, Settings: e.set, Logger: testLog(), Seed: func() uint64 { return n.Add(1) }})
	if err != nil {
		e.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.st.Run(ctx) }() // ends with cancel; waited for below
	for _, who := range []string{"ann", "bob", "cat"} {
		if err := e.doViewer([]string{who, "has", "1000000"}); err != nil {
			e.t.Fatal(err)
		}
	}
	return func() {
		cancel()
		if err := <-ended; err != nil {
			e.t.Error("station:", err)
		}
		_ = e.driver.Close()
		if err := e.db.Close(); err != nil {
			e.t.Error(err)
		}
		server.Close()
		client.CloseIdleConnections()
	}
}

// clip is a new media that the server knows.
func (e *cyEvening) clip(kind string, from, to int) sdk.Media {
	e.named++
	m := sdk.Media{Type: "yt", ID: fmt.Sprint(kind, "-", e.named), DurationMS: int64(from+e.IntN(to-from)) * 1000}
	m.Title = m.ID
	e.server.Know(m)
	return m
}

// step is one thing that somebody does, and a while.
func (e *cyEvening) step() {
	switch n := e.IntN(100); {
	case n < 22:
		e.purchase()
	case n < 25:
		e.takeBack()
	case n < 45:
		e.moderate()
	case n < 58:
		e.comeAndGo()
	case n < 66:
		e.mishap()
	}
	time.Sleep(time.Duration(e.IntN(8000)) * time.Millisecond)
}

func (e *cyEvening) who() string { return []string{"ann", "bob", "cat"}[e.IntN(3)] }

func (e *cyEvening) purchase() {
	if e.st.View().Closed() != nil {
		return
	}
	m := e.clip("paid", 10, 60)
	words := []string{fmt.Sprintf("%s:%d", m.ID, m.DurationMS/1000)}
	if e.IntN(3) == 0 {
		words = append(words, "playnext")
	}
	if err := e.buy(e.who(), words); err != nil {
		e.t.Fatal(err)
	}
	if id, held := e.buys[m.ID]; held {
		e.bought[m.ID] = id
		e.seen["purchase"]++
	}
}

func (e *cyEvening) takeBack() {
	for id := range e.st.View().Purchases {
		_ = e.st.Withdraw(context.Background(), []string{id}, pay.Cancelled)
		e.seen["cancel"]++
		return
	}
}

func (e *cyEvening) moderate() {
	items := e.server.Items()
	pick := func() channel.UID {
		if len(items) == 0 {
			return 0
		}
		return items[e.IntN(len(items))].UID
	}
	e.seen["moderation"]++
	switch n := e.IntN(40); {
	case len(items) < 6 || n < 10:
		e.server.Add(e.clip("programme", 15, 90), e.IntN(4) == 0, e.IntN(2) == 0)
	case n < 18:
		e.server.Move(pick(), pick())
	case n < 26 || len(items) > 40:
		e.server.Remove(pick())
	case n < 30:
		e.server.Skip()
	case n < 33:
		e.server.Jump(pick())
	case n < 36:
		e.server.SetTemp(pick(), e.IntN(2) == 0)
	case n < 39:
		e.seen["shuffle"]++
		e.server.Shuffle()
	default:
		e.seen["clear"]++
		e.server.Clear()
	}
}

func (e *cyEvening) comeAndGo() {
	who := e.who()
	switch e.IntN(6) {
	case 0:
		e.server.Leave(who)
	case 1:
		e.server.AFK(who, true)
	case 2:
		e.server.Chat(who, "hello")
	default:
		e.server.Join(who, 10)
	}
}

// mishap is what goes wrong with the server, the connection or the bot.
func (e *cyEvening) mishap() {
	switch e.IntN(14) {
	case 0:
		e.server.Slow(time.Duration(e.IntN(25)) * time.Second)
	case 1, 2, 3:
		e.server.Slow(0)
	case 4:
		e.server.Drop([]string{"delete", "moveMedia", "jumpTo", "chatMsg", "pm"}[e.IntN(5)], 1)
	case 5:
		e.server.SwallowMove()
	case 6:
		e.cuts = append(e.cuts, now())
		e.server.CutAll()
	case 7:
		e.seen["kick"]++
		e.cuts = append(e.cuts, now())
		e.server.Kick(botName, "Channel reloading")
	case 8:
		e.seen["restart"]++
		e.restart(e.IntN(3) > 0, time.Duration(e.IntN(20))*time.Second)
	case 9:
		e.server.RefuseConnects(1, "Rate limit exceeded")
		e.cuts = append(e.cuts, now())
		e.server.CutAll()
	case 10:
		e.server.Zombies(1)
		e.cuts = append(e.cuts, now())
		e.server.CutAll()
	case 11:
		e.server.Save()
	case 12:
		e.server.SetRank(botName, []int{10, 15, 30, 30}[e.IntN(4)])
	default: // the server goes while a purchase is being added
		e.server.Slow(3 * time.Second)
		e.purchase()
		time.Sleep(time.Second)
		e.seen["restart in mid-add"]++
		e.restart(e.IntN(2) == 0, time.Duration(e.IntN(5))*time.Second)
		e.server.Slow(0)
	}
}

func (e *cyEvening) restart(inOrder bool, down time.Duration) {
	e.cuts = append(e.cuts, now())
	if !inOrder {
		e.crashes = append(e.crashes, now())
	}
	e.server.Restart(inOrder, down)
}

// lately reports whether one of these was shortly before: what was on the air meanwhile is inferred from what plays now.
func lately(these []int64, atMS int64) bool {
	return slices.ContainsFunc(these, func(c int64) bool { return c <= atMS && atMS < c+inferredWithin.Milliseconds() })
}

// well ends what goes wrong and does not end by itself.
func (e *cyEvening) well() {
	e.server.Slow(0)
	e.server.SetRank(botName, 30)
}

// agree waits until the station's list is the server's, and fails when it never is. What a moderator's client loses on the
// server without a word to anybody is found by the list that the driver asks for every ten minutes.
func (e *cyEvening) agree() {
	e.t.Helper()
	e.well()
	var mine, theirs string
	for end := time.Now().Add(15 * time.Minute); time.Now().Before(end); time.Sleep(time.Second) {
		synctest.Wait()
		v := e.st.View()
		mine, theirs = viewText(v), e.serverText()
		if v.Health == channel.Good && mine == theirs {
			e.seen["comparison"]++
			return
		}
	}
	e.t.Fatalf("the station's list is not the server's\nstation %s\nserver  %s", mine, theirs)
}

func viewText(v *station.View) string {
	var out []string
	for i := range v.Shadow.Entries {
		x := v.Shadow.Entries[i]
		out = append(out, fmt.Sprintf("%d:%s", x.Bind.UID, x.Media.ID))
	}
	if x := v.Shadow.OnAir(); x != nil {
		out = append(out, "on air", x.Media.ID)
	}
	return strings.Join(out, " ")
}

func (e *cyEvening) serverText() string {
	var out []string
	for _, it := range e.server.Items() {
		out = append(out, fmt.Sprintf("%d:%s", it.UID, it.Media.ID))
	}
	if it, plays := e.server.OnAir(); plays {
		out = append(out, "on air", it.Media.ID)
	}
	return strings.Join(out, " ")
}

// finish lets everything that was sold come to its end, and holds it against what was on the air.
func (e *cyEvening) finish() {
	e.well()
	for _, who := range []string{"ann", "bob", "cat"} {
		e.server.Join(who, 10)
	}
	for end := time.Now().Add(3 * time.Hour); len(e.st.View().Purchases) > 0 && time.Now().Before(end); time.Sleep(10 * time.Second) {
		synctest.Wait()
	}
	e.agree()
	if open := e.st.View().Purchases; len(open) > 0 {
		e.t.Errorf("%d purchases are still open: %v", len(open), open)
	}
	if _, err := e.book.VerifyLedger(context.Background()); err != nil {
		e.t.Error("ledger:", err)
	}
	e.count()
	departures := e.server.Aired()
	before := func(media string, atMS int64) (playedMS int64) { // a crash may bring back what had been refunded
		for _, d := range departures {
			if d.Item.Media.ID == media && d.AtMS <= atMS {
				playedMS += max(d.PlayedMS, 1)
			}
		}
		return playedMS
	}
	never := func(media string) bool {
		it, plays := e.server.OnAir()
		return before(media, now()) == 0 && (!plays || it.Media.ID != media)
	}
	for media, id := range e.bought {
		p, err := e.book.Purchase(context.Background(), id)
		switch {
		case err != nil:
			e.t.Error(err)
		case p.State == pay.Settled && never(media) && lately(e.crashes, p.EndedAtMS):
			e.seen["settled on inference"]++
		case p.State == pay.Settled && never(media):
			e.t.Errorf("%s is paid for and was never on the air", media)
		case p.State == pay.Refunded && before(media, p.EndedAtMS) > 1000 && lately(e.cuts, p.EndedAtMS): // it played while nobody looked: in doubt the viewer has the coins
			e.seen["refunded in doubt"]++
		case p.State == pay.Refunded && before(media, p.EndedAtMS) > 1000:
			e.t.Errorf("%s was on the air for %d ms and is refunded: %s", media, before(media, p.EndedAtMS), p.Reason)
		}
		e.seen[string(p.State)]++
	}
}

// count counts the promos that were listed.
func (e *cyEvening) count() {
	for _, l := range e.server.History() {
		kind, _, _ := strings.Cut(l.Item.Media.ID, "-")
		switch {
		case kind == "viewers_choice":
			e.seen[string(shadow.LeadIn)]++
		case slices.Contains([]string{"channel_identity", "event", "mod_shoutout"}, kind):
			e.seen[string(shadow.General)]++
		}
	}
}
