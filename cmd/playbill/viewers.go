package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/till"
	"playbill/sdk"
)

// What the demo's people do, and how often. Real seconds, whatever the channel's speed.
const (
	allowance     ledger.Coins = 5_000 // coins per viewer and hour
	shortest                   = 3 * time.Minute
	longest                    = 12 * time.Minute // of what viewers buy and the projectionist shows between films
	filmsFrom                  = time.Hour
	filmsTo                    = 75 * time.Minute
	addPause                   = 600 * time.Millisecond // a moderator may add twice a second
	addsAtOnce                 = 8                      // and ten at once
	leaveFor                   = 25 * time.Second       // longer than the grace
	awayFor                    = 20 * time.Second
	settledLook                = 500 * time.Millisecond
	settledMost                = 3 * time.Minute // waiting for one purchase to end
	anchorWait                 = 250 * time.Millisecond
	viewerRank                 = 10 // times ten, as everywhere
	projectionist              = "projectionist"
	moderator                  = 20
)

// simulate runs the demo's people until ctx ends, and waits for them. They use the doors that everybody has: the room and
// the till.
func simulate(ctx context.Context, h *host) {
	if !h.untilReady(ctx) {
		return
	}
	var all sync.WaitGroup
	all.Go(func() { h.project(ctx) }) // ends when the list is full, or with ctx
	for i, v := range cast() {
		v.host, v.chance = h, rand.New(rand.NewPCG(uint64(i)+1, 2026))
		all.Go(func() { // ends with ctx
			defer func() {
				if p := recover(); p != nil {
					h.log.Error("panic", "in", "viewer "+v.name, "panic", p, "stack", string(debug.Stack()))
				}
			}()
			v.live(ctx)
		})
	}
	all.Wait()
}

// viewer is one simulated person.
type viewer struct {
	name   string
	after  time.Duration // joins so long after the start
	buys   time.Duration // and buys so long after that; 0: only talks
	tier   string
	habit  func(*viewer, context.Context, pay.Purchase) // after the first purchase, and after each later one
	every  time.Duration                                // about so long between two rounds
	lines  []string
	host   *host
	chance *rand.Rand
	bought int
}

// cast is who is in the room. The first three rounds show a purchase, an absence and an AFK within half a minute.
func cast() []*viewer {
	return []*viewer{
		{name: "quietstorm", after: time.Second, buys: time.Second, tier: pay.Queue, habit: (*viewer).stay, every: 45 * time.Second,
			lines: []string{"evening all", "this one is mine", "the organ on this print!", "seen it twice, still good"}},
		{name: "mothlight", after: time.Second, buys: 2 * time.Second, tier: pay.Queue, habit: (*viewer).leave, every: 70 * time.Second,
			lines: []string{"just passing through", "back again", "what did I miss"}},
		{name: "halcyon", after: 2 * time.Second, buys: 12 * time.Second, tier: pay.Queue, habit: (*viewer).doze, every: 80 * time.Second,
			lines: []string{"good evening", "kettle is on", "sorry, was away"}},
		{name: "fernweh", after: 3 * time.Second, buys: 50 * time.Second, tier: pay.PlayNext, habit: (*viewer).stay, every: 110 * time.Second,
			lines: []string{"front row tonight", "more of the shorts", "next one is on me"}},
		{name: "lowtide", after: 4 * time.Second, every: 35 * time.Second,
			lines: []string{"hello from the balcony", "who picked this?", "lovely", "that title card", "shh, it starts"}},
	}
}

// live is one viewer's evening.
func (v *viewer) live(ctx context.Context) {
	if !pause(ctx, v.after) {
		return
	}
	v.join()
	v.say()
	for wait := v.buys; ; wait = v.about(v.every) {
		if wait > 0 && !pause(ctx, wait) {
			return
		}
		if v.buys > 0 {
			if p, ok := v.buy(ctx); ok {
				v.habit(v, ctx, p)
			}
		}
		v.say()
		if v.buys == 0 && !pause(ctx, v.about(v.every)) {
			return
		}
	}
}

// stay waits for the title that was bought.
func (v *viewer) stay(ctx context.Context, p pay.Purchase) { v.await(ctx, p) }

// leave goes home before the title comes, and comes back later.
func (v *viewer) leave(ctx context.Context, p pay.Purchase) {
	if !pause(ctx, time.Second) {
		return
	}
	v.tell(v.host.room.Leave(v.name))
	v.await(ctx, p)
	pause(ctx, leaveFor)
	v.join()
}

// doze goes AFK until the title is refunded, and wakes up with the next line.
func (v *viewer) doze(ctx context.Context, p pay.Purchase) {
	if !pause(ctx, time.Second) {
		return
	}
	v.tell(v.host.room.Chat(v.name, "/afk"))
	v.await(ctx, p)
	pause(ctx, awayFor)
}

func (v *viewer) join() { v.tell(v.host.room.Join(v.name, viewerRank)) }

// say is one line, which also ends being AFK.
func (v *viewer) say() { v.tell(v.host.room.Chat(v.name, v.lines[v.chance.IntN(len(v.lines))])) }

// tell keeps what went wrong in the log: nobody else is interested.
func (v *viewer) tell(err error) {
	if err != nil {
		v.host.log.Debug("a simulated viewer was refused", "viewer", v.name, "error", err)
	}
}

// buy picks something short that is not on the list, and buys it at the quoted price.
func (v *viewer) buy(ctx context.Context) (pay.Purchase, bool) {
	m, ok := v.pick()
	if !ok {
		return pay.Purchase{}, false
	}
	me := till.Actor{Key: channel.Fold(v.name), Name: v.name}
	quote, err := v.host.till.Quote(ctx, me, m.Key(), v.tier)
	if err == nil && quote.Refusal != nil && quote.Refusal.Code == fault.Balance {
		if err = v.host.allow(ctx, v.name); err == nil {
			quote, err = v.host.till.Quote(ctx, me, m.Key(), v.tier)
		}
	}
	if err == nil && quote.Refusal != nil {
		err = quote.Refusal
	}
	if err != nil {
		v.tell(err)
		return pay.Purchase{}, false
	}
	v.bought++
	key := fmt.Sprintf("demo-%d-%d-%d", v.host.station.View().AtMS, v.bought, v.chance.Uint64())
	p, err := v.host.till.Buy(ctx, me, till.Wish{RequestKey: key, Media: m.Key(), Tier: v.tier, PriceShown: quote.Price})
	v.tell(err)
	return p, err == nil
}

// allow gives a viewer this hour's coins. The same hour again gives nothing.
func (h *host) allow(ctx context.Context, name string) error {
	key := fmt.Sprintf("demo:%s:%d", channel.Fold(name), time.Now().Unix()/3600)
	t := ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: string(channel.Fold(name)), UserName: name,
		Amount: allowance, Key: key, Reason: "pocket money of a simulated viewer", Actor: demoActor}
	trail := audit.Entry{Actor: demoActor, Action: "ledger.grant", Subject: name, After: `{"amount":` + strconv.FormatInt(int64(allowance), 10) + `}`}
	_, err := h.books.Post(ctx, []ledger.Transfer{t}, nowMS(), trail)
	return err
}

// pick is a title that can be bought now.
func (v *viewer) pick() (sdk.Media, bool) {
	titles := v.host.showable(shortest, longest)
	if len(titles) == 0 {
		return sdk.Media{}, false
	}
	return titles[v.chance.IntN(len(titles))].Media, true
}

// showable lists the titles between two lengths that are neither reserved nor on the list.
func (h *host) showable(from, to time.Duration) []library.Title {
	s := &h.station.View().Shadow
	listed := make(map[sdk.Key]bool, s.Len())
	for i := range s.Len() {
		listed[s.At(i).Media.Key()] = true
	}
	return slices.DeleteFunc(slices.Clone(h.library.Titles()), func(t library.Title) bool {
		_, reserved := h.library.Reserved(t.Media.Key())
		return reserved || listed[t.Media.Key()] || t.Media.DurationMS < from.Milliseconds() || t.Media.DurationMS > to.Milliseconds()
	})
}

// await looks now and then until a purchase has ended.
func (v *viewer) await(ctx context.Context, p pay.Purchase) {
	for until := time.Now().Add(settledMost); time.Now().Before(until); {
		now, err := v.host.books.Purchase(ctx, p.ID)
		if err != nil || now.State.Final() || !pause(ctx, settledLook) {
			return
		}
	}
}

// about is a length between three quarters and five quarters of d.
func (v *viewer) about(d time.Duration) time.Duration {
	return d*3/4 + time.Duration(v.chance.Int64N(int64(d/2)))
}

// pause reports whether d passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
