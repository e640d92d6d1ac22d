package station_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/channel"
	"playbill/core/channel/channeltest"
	"playbill/core/channel/embedded"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/core/till"
	"playbill/sdk"
)

// world is everything around a station: a channel with people in it, a store on the disk, plugins, settings, a shelf.
type world struct {
	t     *testing.T
	dir   string
	room  *embedded.Channel
	line  *connection
	sent  int64 // commands of earlier connections
	fault *channeltest.Faulty
	db    *store.DB
	book  *store.Channel
	st    *station.Station
	stop  context.CancelFunc
	ended chan error

	set     *settings
	shelf   *shelf
	plugins *plugins
	asker   station.Asker // the plugins, unless a test puts something else in their place
	log     *log
	buys    map[string]string // name in the script -> purchase id
	names   sync.Map          // purchase id -> name in the script; the station's goroutines write it too
	dupes   bool
	delay   atomic.Int64 // of a look-up, as a time.Duration
	lengths map[string]int64
	seq     int64
	crash   string // failpoint at which to abandon everything
	rig            // what doubt, rivals and crashes need
	crashed chan struct{}
	once    *sync.Once
	lock    int64
	self    string          // the bot's name
	broken  map[string]bool // media that a look-up does not find
	blind   bool            // the next connection learns nothing of what left the air before it
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), log: &log{}, buys: map[string]string{}, lengths: map[string]int64{}, self: botName, broken: map[string]bool{}}
	w.set = newSettings()
	w.shelf = &shelf{pools: map[string][]sdk.Clip{}, reserved: map[sdk.Key]string{}}
	w.plugins = newPlugins(w.log)
	w.asker = w.plugins
	return w
}

const botName = "playbill"

// openRoom opens the channel. It is opened anew only after a crash of the whole process.
func (w *world) openRoom(epoch channel.Epoch) error {
	c, err := embedded.Open(embedded.Options{Channel: "hall", Self: w.self, OpenedAt: epoch, File: filepath.Join(w.dir, "channel.json"),
		AddIntervalMS: -1, AllowDupes: w.dupes, Seed: 7,
		LookupDelay: func(sdk.Media) time.Duration { return time.Duration(w.delay.Load()) },
		Probe: func(m sdk.Media) (sdk.Media, error) {
			if w.broken[m.ID] {
				return m, errors.New("Video does not exist or is private")
			}
			return m, nil
		}})
	w.room = c
	return err
}

// start opens what is not open and runs the station.
func (w *world) start() error {
	ctx := context.Background()
	var err error
	if w.db == nil {
		if w.db, err = store.Open(ctx, store.Options{Path: filepath.Join(w.dir, "playbill.db"), Crash: w.failpoint}); err != nil {
			return err
		}
	}
	if w.book, err = w.db.Claim(ctx, "hall", "test"); err != nil {
		return err
	}
	if w.room == nil {
		world, err := w.book.Load(ctx)
		if err != nil {
			return err
		}
		if err := w.openRoom(world.Epoch); err != nil {
			return err
		}
	}
	w.line = &connection{Channel: w.room, out: make(chan channel.Update), stop: make(chan struct{}), base: w.sent, first: w.seq > 0, blind: w.blind, poll: poll{every: w.every}, spy: w.spy}
	go w.line.carry() // ended by its Close
	w.fault = channeltest.NewFaulty(w.line, nil)
	w.crashed, w.once = make(chan struct{}), &sync.Once{}
	w.seq++
	seed := uint64(0)
	var mu sync.Mutex
	w.st, err = station.New(ctx, station.Options{Channel: "hall", Journal: &journal{Channel: w.book, log: w.log, w: w},
		Driver: &driver{Faulty: w.fault, w: w}, Asker: w.asker, Shelf: w.shelf, Settings: w.set, Crash: w.failpoint,
		Played: func(p event.Played) { w.log.add("load", "rotate %s in playlist %d", p.Media.ID, p.Playlist) },
		Logger: testLog(), Seed: func() uint64 { mu.Lock(); defer mu.Unlock(); seed++; return seed }})
	if err != nil {
		return err
	}
	ctx, w.stop = context.WithCancel(ctx)
	w.ended = make(chan error, 1)
	go func() { w.ended <- w.st.Run(ctx) }() // ended by w.stop; halt waits
	w.settle()
	return nil
}

func testLog() hclog.Logger {
	if os.Getenv("PLAYBILL_TEST_LOG") == "" {
		return hclog.NewNullLogger()
	}
	return hclog.New(&hclog.LoggerOptions{Level: hclog.Debug})
}

// settle lets everything that can happen now happen, and the paced rest of it.
func (w *world) settle() {
	synctest.Wait()
	time.Sleep(300 * time.Millisecond)
	synctest.Wait()
}

// halt stops the station and gives the channel's claim back, as a stop of the host does.
func (w *world) halt() {
	if w.stop == nil {
		return
	}
	w.stop()
	if err := <-w.ended; err != nil && !w.mayFail(err) {
		w.t.Error("station:", err)
	}
	w.stop = nil
	_ = w.fault.Close()
	w.sent = max(w.sent, w.line.last.Load())
	_ = w.db.Close()
	w.db = nil
}

func (w *world) close() {
	if w.stop != nil {
		if _, err := w.book.VerifyLedger(context.Background()); err != nil {
			w.t.Error("ledger:", err)
		}
	}
	w.halt()
	for _, rival := range w.rivals {
		_ = rival.Close()
	}
	if w.room != nil {
		_ = w.room.Close()
	}
}

// command runs one line of a script.
func (w *world) command(words []string) error {
	verbs := map[string]func(args []string) error{
		"start": w.doStart, "stop": w.doStop, "kill": w.doKill, "wait": w.doWait, "channel": w.doChannel, "viewer": w.doViewer,
		"admin": w.doAdmin, "plugin": w.plugins.command, "fault": w.doFault, "set": w.doSet, "pool": w.doPool, "reserve": w.doReserve,
		"list": w.doList, "event": w.doEvent, "show": w.doShow, "hiccup": w.doHiccup, "asked": w.doAsked, "rival": w.doRival,
	}
	do, known := verbs[words[0]]
	if !known {
		return fmt.Errorf("unknown command %q", words[0])
	}
	return w.refusal(words[0], do(words[1:]))
}

func (w *world) doStart(args []string) error {
	for _, a := range args {
		switch name, value, _ := strings.Cut(a, "="); name {
		case "dupes":
			w.dupes = true
		case "lookup":
			d, err := time.ParseDuration(value)
			if err != nil {
				return err
			}
			w.delay.Store(int64(d))
		case "blind":
			w.blind = true
		case "poll": // the driver polls so often, instead of being told
			d, err := time.ParseDuration(value)
			if err != nil {
				return err
			}
			w.every = d
		case "self": // the bot's name, when the channel is opened
			w.self = value
		default:
			return fmt.Errorf("start knows dupes, lookup=, self=, poll= and blind, not %q", a)
		}
	}
	return w.start()
}

// doStop stops the host; "stop all" the channel with it, which saves.
func (w *world) doStop(args []string) error {
	w.halt()
	if len(args) > 0 {
		err := w.room.Close()
		w.room, w.sent = nil, 0
		return err
	}
	return nil
}

// doKill ends the host as kill -9 does; "kill all" the channel with it, which goes back to its last save.
func (w *world) doKill(args []string) error {
	w.halt() // nothing that the station does at a stop is needed at the next start
	if len(args) > 0 {
		w.room.Kill()
		w.room, w.sent = nil, 0
	}
	return nil
}

func (w *world) doWait(args []string) error {
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	time.Sleep(d)
	synctest.Wait()
	return nil
}

// media reads "id" or "id:seconds".
func (w *world) media(word string) sdk.Media {
	id, length, given := strings.Cut(word, ":")
	if given {
		n, _ := strconv.ParseInt(length, 10, 64)
		w.lengths[id] = n * 1000
	}
	if _, known := w.lengths[id]; !known {
		w.lengths[id] = 60_000
	}
	return sdk.Media{Type: "yt", ID: id, Title: id, DurationMS: w.lengths[id]}
}

func (w *world) uid(id string) channel.UID {
	u := channel.NoUID
	for _, it := range w.room.List() {
		if it.Media.ID == id {
			u = it.UID
		}
	}
	return u
}

// doChannel is what the channel or a moderator does: "channel add a:60 b*", "channel remove a", "channel shuffle", ...
func (w *world) doChannel(args []string) error {
	defer w.settle()
	if w.room == nil {
		if err := w.openRoom(0); err != nil {
			return err
		}
	}
	if err := w.room.Join("mod", 30); err != nil && fault.Of(err) != nil && len(args) == 0 {
		return err
	}
	by := w.room.As("mod")
	switch args[0] {
	case "add":
		for _, word := range args[1:] {
			if err := by.Add(w.media(strings.TrimSuffix(word, "*")), false, strings.HasSuffix(word, "*")); err != nil {
				return err
			}
			time.Sleep(600 * time.Millisecond)
		}
		return nil
	case "next":
		return by.Add(w.media(args[1]), true, true)
	case "remove":
		return by.Remove(w.uid(args[1]))
	case "move":
		return by.Move(w.uid(args[1]), w.uid(args[2]))
	case "jump":
		return by.Jump(w.uid(args[1]))
	case "skip":
		return by.Skip()
	case "shuffle":
		return by.Shuffle()
	case "clear":
		return by.Clear()
	case "reload":
		return w.room.Reload()
	case "crash":
		w.room.Crash()
		return nil
	case "save":
		return w.room.Save()
	case "breaks":
		w.broken[args[1]] = true
		return nil
	case "keeps": // a moderator makes a temporary item permanent
		return by.SetTemp(w.uid(args[1]), false)
	case "lookup":
		d, err := time.ParseDuration(args[1])
		w.delay.Store(int64(d))
		return err
	}
	return fmt.Errorf("the channel cannot %q", args[0])
}

// doViewer: "viewer ann joins", "viewer ann has 1000", "viewer ann buys p:90 [playnext] [key K] [shown 250] [gone]", ...
func (w *world) doViewer(args []string) error {
	defer w.settle()
	who, verb, rest := args[0], args[1], args[2:]
	switch verb {
	case "joins":
		return w.room.Join(who, 10)
	case "leaves":
		return w.room.Leave(who)
	case "chats":
		return w.room.Chat(who, "hello")
	case "afk":
		return w.room.SetAFK(who, true)
	case "muted":
		return w.room.Mute(who, true)
	case "has":
		n, err := strconv.ParseInt(rest[0], 10, 64)
		if err != nil {
			return err
		}
		w.seq++
		_, err = w.book.Post(context.Background(), []ledger.Transfer{{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet,
			User: string(channel.Fold(who)), Amount: ledger.Coins(n), Key: fmt.Sprintf("grant-%d", w.seq), Reason: "test", Actor: "test"}}, now())
		return err
	case "buys":
		return w.buy(who, rest)
	case "cancels":
		var ids []string
		for _, name := range rest {
			ids = append(ids, w.buys[name])
		}
		return w.st.Withdraw(context.Background(), ids, pay.Cancelled)
	}
	return fmt.Errorf("a viewer cannot %q", verb)
}

func now() int64 { return time.Now().UnixMilli() }

func (w *world) buy(who string, args []string) error {
	m := w.media(args[0])
	o := till.Order{Buyer: channel.Fold(who), BuyerName: who, Media: m, Tier: pay.Queue, AddedBy: w.self,
		StationDay: pay.StationDay(now(), time.UTC), RequestKey: fmt.Sprintf("%s-%s-%d", who, m.ID, len(w.buys))}
	wait, handed, raced := 5*time.Second, true, false
	rank, reserved := 10, false
	for i := 1; i < len(args); i++ {
		switch args[i] {
		case "raced": // an event's lock opens between the look at the room and the hold
			raced = true
		case "gone": // the request goes away right after the hold
			wait = 0
		case "reserved": // by an admin, who may
			rank, reserved = 30, true
		case "unplaced": // the host dies right after the hold: nobody hands the purchase to the station
			handed = false
		case "shown":
			i++
			n, err := strconv.ParseInt(args[i], 10, 64)
			if err != nil {
				return err
			}
			o.PriceShown = ledger.Coins(n)
		case "playnext":
			o.Tier = pay.PlayNext
		case "key":
			i++
			o.RequestKey = args[i]
		default:
			return fmt.Errorf("buys knows playnext, key K, shown N, gone, unplaced, reserved and raced, not %q", args[i])
		}
	}
	v := w.st.View()
	facts := pay.Facts{KnownItem: true, Present: true, PresenceKnown: true, RankTenths: rank, Reserved: reserved, AnchorKnown: true, Balance: 1 << 40}
	decide := func(f pay.Facts) pay.Quote {
		f.KnownItem, f.Present, f.PresenceKnown, f.RankTenths, f.Reserved = true, true, true, rank, reserved
		f.AnchorKnown, f.StationClosed, f.LockSentence = v.Shadow.OnAir() != nil, v.Closed(), v.Gate.Sentence
		for _, e := range v.Shadow.Entries {
			f.OnList = f.OnList || e.Media.Key() == m.Key() && !w.dupes
		}
		return w.set.Pay().Offer(m, o.Tier, f, now())
	}
	if o.PriceShown == 0 {
		o.PriceShown = w.set.Pay().Offer(m, o.Tier, facts, now()).Price
	}
	if raced {
		if err := w.doAdmin([]string{"locks", "event"}); err != nil {
			return err
		}
	}
	held, err := w.hold(o, decide)
	if f := fault.Of(err); f != nil {
		w.log.add("refused", "%s %s: %s", who, m.ID, f.Code)
		return nil
	}
	if err != nil {
		return err
	}
	if held.Again {
		w.log.add("again", "%s: the first purchase, %s", m.ID, held.Purchase.State)
		return nil
	}
	w.buys[m.ID] = held.Purchase.ID
	w.names.Store(held.Purchase.ID, m.ID)
	w.log.add("money", "%s holds %d", who, held.Purchase.Price)
	if !handed {
		return nil
	}
	go func() { // ends with the purchase, with five seconds, or with the station
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		_, _ = w.st.Place(ctx, held.Purchase, held.Entry)
	}()
	return nil
}

// doAdmin: "admin removes a", "admin locks [event]", "admin unlocks", "admin tries CLIP", and what edits knows.
func (w *world) doAdmin(args []string) error {
	defer w.settle()
	ctx := context.Background()
	switch args[0] {
	case "removes":
		v := w.st.View()
		for _, e := range v.Shadow.Entries {
			if e.Media.ID == args[1] {
				return w.st.RemoveEntry(ctx, e.ID)
			}
		}
		return fmt.Errorf("%q is not listed", args[1])
	case "locks":
		l := event.Lock{Kind: event.PreEvent, Schedule: 1, Label: "Serial Club"}
		if len(args) > 1 {
			l.Kind = event.During
		}
		id, err := w.st.OpenLock(ctx, l)
		w.lock = id
		return err
	case "unlocks":
		return w.st.CloseLock(ctx, w.lock, "admin")
	case "tries":
		return w.st.TryClip(ctx, sdk.Key{Type: "yt", ID: args[1]}.ClipKey())
	case "verifies":
		_, err := w.book.VerifyLedger(ctx)
		return err
	}
	if known, err := w.programme(args); known {
		return err
	}
	return w.edits(args)
}

// doFault arms a fault of the driver: "fault unknown add", "fault refuse add media", "fault move_swallowed", ...
func (w *world) doFault(args []string) error {
	match := channeltest.Any
	if len(args) > 1 {
		switch args[1] {
		case "add":
			match = channeltest.Adds
		case "move":
			match = channeltest.Moves
		case "remove":
			match = channeltest.Removes
		case "tell":
			match = channeltest.Tells
		}
	}
	switch args[0] {
	case "drop":
		w.fault.Drop(match)
	case "delay":
		d, err := time.ParseDuration(args[2])
		w.fault.Delay(d, match)
		return err
	case "unknown":
		w.fault.Unknown(match, len(args) < 3 || args[2] != "lost")
	case "duplicate":
		w.fault.Duplicate(match)
	case "refuse":
		w.fault.Refuse(match, fault.Code(args[2]), "refused by the test")
	case "move_swallowed":
		w.fault.MoveSwallowed()
	case "stale_empty":
		w.fault.StaleEmpty(channel.Good)
	case "empty_degraded":
		w.fault.StaleEmpty(channel.Degraded)
	case "reorder":
		w.fault.Reorder()
	case "epoch_bump":
		w.fault.EpochBump()
	case "lookup":
		w.fault.LookupFails(errors.New("the room did not answer"))
	case "lookup_ends", "degraded", "down", "well", "missing":
		return w.doubt(args)
	default:
		return fmt.Errorf("no fault %q", args[0])
	}
	return nil
}

// doSet changes settings: "set every_n_items=4 every_m_minutes=off enabled=false grace=60 type.event=off weight.event=3".
func (w *world) doSet(args []string) error {
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		if err := w.set.change(name, value); err != nil {
			return err
		}
	}
	if w.st != nil {
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
	}
	return nil
}

func (w *world) doReserve(args []string) error {
	w.shelf.reserve(w.media(args[0]).Key())
	time.Sleep(1100 * time.Millisecond)
	synctest.Wait()
	return nil
}

func (w *world) failpoint(point string) {
	if w.onPoint != nil {
		w.onPoint(point)
	}
	if w.crash != "" && point == w.crash {
		w.once.Do(func() { close(w.crashed) })
	}
}

// trace returns what happened since the last one, by kind, and the list as the station sees it.
func (w *world) trace() string {
	w.settle()
	lines := w.log.take()
	if w.st != nil && w.stop != nil {
		v := w.st.View()
		lines = append(lines, "list    "+w.list(v))
		var open []string
		for id, p := range v.Purchases {
			name, _ := w.names.Load(id)
			open = append(open, fmt.Sprintf("%s %s", name, p.State))
		}
		sort.Strings(open)
		if len(open) > 0 {
			lines = append(lines, "open    "+strings.Join(open, ", "))
		}
		lines = append(lines, w.shut(v)...)
	}
	return strings.Join(lines, "\n") + "\n"
}

func (w *world) list(v *station.View) string {
	var out []string
	for i := range v.Shadow.Entries {
		e := v.Shadow.At(i)
		word := e.Media.ID
		switch e.Role {
		case shadow.Paid:
			word += "(" + string(e.PaidBy) + ")"
		case shadow.Event:
			word += "(event)"
		case shadow.General, shadow.LeadIn:
			word += "(" + e.PromoType + ")"
		}
		if e == v.Shadow.OnAir() {
			word = "[" + word + "]"
		}
		out = append(out, word)
	}
	for _, e := range v.Shadow.Waiting {
		out = append(out, "+"+e.Media.ID+":"+string(e.State))
	}
	return strings.Join(out, " ")
}

// connection is one connection of the host to the channel, which lives on when the host does not: commands count from
// one, those of an earlier connection may still come, and closing it closes nothing else.
type connection struct {
	*embedded.Channel
	out   chan channel.Update
	stop  chan struct{}
	once  sync.Once
	base  int64
	first bool
	blind bool
	last  atomic.Int64
	poll  poll
	spy   func(channel.Update)
	mu    sync.Mutex // guards odd
	odd   hiccup
}

func (c *connection) Updates() <-chan channel.Update { return c.out }

func (c *connection) Do(ctx context.Context, cmd channel.Command) channel.Result {
	r := c.Channel.Do(ctx, cmd)
	c.last.Store(max(c.last.Load(), r.N))
	r.N -= c.base
	return r
}

func (c *connection) Close() error {
	c.once.Do(func() { close(c.stop) })
	return nil
}

func (c *connection) carry() {
	defer close(c.out)
	if c.poll.every > 0 {
		c.read()
		return
	}
	for {
		select {
		case <-c.stop:
			return
		case u, open := <-c.Channel.Updates():
			if !open {
				return
			}
			if c.spy != nil {
				c.spy(u)
			}
			if u.Over -= c.base; u.Over < 0 {
				u.Over = -1
			}
			if c.first && c.blind {
				u.Left = nil
			}
			u.Gap, c.first = u.Gap || c.first, false
			if !c.say(u) {
				return
			}
		}
	}
}

// settings are the run-time blocks, changed by the script.
type settings struct {
	mu       sync.Mutex
	promos   promo.Settings
	presence presence.Settings
	pay      pay.Rules
	full     bool // commits fail
}

func newSettings() *settings {
	s := &settings{pay: pay.Defaults(), presence: presence.Settings{Enabled: true, GraceMS: 60_000, CheckIntervalMS: 15_000, NotifyUser: true}}
	s.pay.CooldownMS, s.pay.DailyLimit, s.pay.Pending = 0, 0, 0
	s.promos = promo.Settings{Revision: 1, Enabled: true, MovieThresholdMS: 3_600_000, NoRepeat: true,
		LeadInOrder: []string{"viewers_choice", "feature_presentation"}, EveryItems: 4, EveryMS: 1_200_000, MinAirtimeMS: 10_000,
		Selection: promo.Weighted, Types: map[string]promo.TypeSettings{}}
	return s
}

func (s *settings) Promos() promo.Settings { s.mu.Lock(); defer s.mu.Unlock(); return s.promos }

func (s *settings) Presence() presence.Settings { s.mu.Lock(); defer s.mu.Unlock(); return s.presence }

func (s *settings) Pay() pay.Rules { s.mu.Lock(); defer s.mu.Unlock(); return s.pay }

func (s *settings) change(name, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := strconv.ParseInt(value, 10, 64)
	s.promos.Revision++
	kind, of, _ := strings.Cut(name, ".")
	switch kind {
	case "enabled":
		s.promos.Enabled = value == "true"
	case "every_n_items":
		s.promos.EveryItems = int(n)
	case "every_m_minutes":
		s.promos.EveryMS = n * 60_000
		if value == "off" {
			s.promos.EveryMS = -1
		}
	case "min_airtime":
		s.promos.MinAirtimeMS = n * 1000
	case "selection":
		s.promos.Selection = value
	case "no_repeat":
		s.promos.NoRepeat = value == "true"
	case "disk":
		s.full = value == "full"
	case "grace":
		s.presence.GraceMS = n * 1000
	case "presence":
		s.presence.Enabled = value == "true"
	case "price": // of what is up to fifteen minutes long
		s.pay.Prices = append([]pay.PriceStep{{UpToMS: s.pay.Prices[0].UpToMS, Coins: ledger.Coins(n)}}, s.pay.Prices[1:]...)
	case "notify":
		s.presence.NotifyUser, s.pay.NotifyUser = value == "true", value == "true"
	case "type", "weight", "order":
		return s.changeType(kind, of, value, n)
	default:
		return fmt.Errorf("no setting %q", name)
	}
	return nil
}

func (s *settings) changeType(kind, of, value string, n int64) error {
	types := map[string]promo.TypeSettings{}
	for k, v := range s.promos.Types {
		types[k] = v
	}
	t, known := types[of]
	if !known {
		p := typeOf(of)
		t = promo.TypeSettings{Enabled: true, Order: p.Order, Weight: int64(p.Weight)}
	}
	switch kind {
	case "type":
		t.Enabled = value == "on"
	case "weight":
		t.Weight = n
	case "order":
		t.Order = value
	}
	types[of] = t
	s.promos.Types = types
	return nil
}

// shelf is the library.
type shelf struct {
	mu       sync.Mutex
	pools    map[string][]sdk.Clip
	reserved map[sdk.Key]string
	rev      uint64
	lists    map[int64]event.Programme
}

func (s *shelf) Pools() map[string][]sdk.Clip { s.mu.Lock(); defer s.mu.Unlock(); return s.pools }

func (s *shelf) Revision() uint64 { s.mu.Lock(); defer s.mu.Unlock(); return s.rev }

func (s *shelf) Reserved(k sdk.Key) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	why, yes := s.reserved[k]
	return why, yes
}

func (s *shelf) set(promoType string, clips []sdk.Clip) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pools := map[string][]sdk.Clip{}
	for k, v := range s.pools {
		pools[k] = v
	}
	pools[promoType] = clips
	s.pools, s.rev = pools, s.rev+1
}

func (s *shelf) reserve(k sdk.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reserved[k], s.rev = "a playlist", s.rev+1
}
