package till_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/till"
	"playbill/sdk"
)

const now = int64(1_790_000_000_000) // 2026-09-21 14:13:20 UTC

func film() sdk.Media {
	return sdk.Media{Type: "yt", ID: "detour", Title: "Detour", DurationMS: 600_000}
}

// desk is a till over small real fakes: a book in memory, a room whose answers are fields.
type desk struct {
	mu        sync.Mutex
	stored    pay.Facts
	purchases map[string]pay.Purchase
	keys      map[string]till.Order
	orders    []till.Order
	rules     pay.Rules

	view      station.View
	people    map[channel.UserKey]channel.User
	personErr error
	reserved  map[sdk.Key]bool
	closed    map[sdk.Key]int64
	place     func(context.Context, pay.Purchase) (pay.Purchase, error)
	await     func(context.Context, string) (pay.Purchase, error)
	withdrawn map[string]string
	reports   []error
	holdErr   error
}

func open(t *testing.T) (*desk, *till.Till) {
	t.Helper()
	d := &desk{
		stored: pay.Facts{Balance: 10_000}, rules: pay.Defaults(),
		purchases: map[string]pay.Purchase{}, keys: map[string]till.Order{}, withdrawn: map[string]string{}, reserved: map[sdk.Key]bool{}, closed: map[sdk.Key]int64{},
		people: map[channel.UserKey]channel.User{
			"ada": {Key: "ada", Name: "Ada", RankTenths: 10}, "mod": {Key: "mod", Name: "Mod", RankTenths: 30},
		},
	}
	d.view = station.View{Health: channel.Good, Resolved: true, Self: "bot", Can: channel.Can{OverheadMS: 5_000}}
	d.view.Shadow = shadow.Shadow{Health: channel.Good, Rate: 1, AtMS: now, PlayedMS: 40_000, Entries: entries(
		shadow.Entry{ID: 1, Role: shadow.Content}, shadow.Entry{ID: 2, Role: shadow.Content}, shadow.Entry{ID: 3, Role: shadow.Content})}
	d.place = func(_ context.Context, p pay.Purchase) (pay.Purchase, error) { return d.become(p.ID, pay.Placed), nil }
	d.await = func(_ context.Context, id string) (pay.Purchase, error) { return d.Purchase(context.Background(), id) }
	return d, till.New(till.Options{
		Book: d, Floor: d, Catalog: d, Rules: func() pay.Rules { return d.rules }, Now: func() int64 { return now },
		Report: func(_ string, err error) { d.reports = append(d.reports, err) },
	})
}

// entries are listed ones of 100 s each unless they say otherwise.
func entries(es ...shadow.Entry) (out []*shadow.Entry) {
	for _, e := range es {
		e.State = shadow.Bound
		if e.Media == (sdk.Media{}) {
			e.Media = sdk.Media{Type: "yt", ID: string(rune('a' + e.ID)), DurationMS: 100_000}
		}
		out = append(out, &e)
	}
	return out
}

func (d *desk) become(id string, s pay.State) pay.Purchase {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.purchases[id]
	p.State = s
	d.purchases[id] = p
	return p
}

func (d *desk) Hold(ctx context.Context, o till.Order, _ int64, decide func(pay.Facts) pay.Quote) (till.Held, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Err() != nil || d.holdErr != nil {
		return till.Held{}, errors.Join(ctx.Err(), d.holdErr)
	}
	if first, again := d.keys[o.RequestKey]; again {
		if first.Media.Key() != o.Media.Key() || first.Tier != o.Tier || first.PriceShown != o.PriceShown {
			return till.Held{}, fault.New(fault.RequestKeyConflict, "This request key was used before.")
		}
		return till.Held{Purchase: d.purchases[o.RequestKey], Entry: &shadow.Entry{ID: 9, Purchase: o.RequestKey}, Again: true}, nil
	}
	q := decide(d.stored)
	if why := q.Accept(o.PriceShown); why != nil {
		return till.Held{}, why
	}
	p, _ := pay.Bought(pay.Purchase{ID: o.RequestKey, RequestKey: o.RequestKey, Buyer: o.Buyer, BuyerName: o.BuyerName,
		Media: o.Media, Tier: o.Tier, Price: q.Price, StationDay: o.StationDay, BoughtAtMS: now})
	d.keys[o.RequestKey], d.purchases[p.ID] = o, p
	d.orders = append(d.orders, o)
	return till.Held{Purchase: p, Entry: &shadow.Entry{ID: 9, Purchase: p.ID}}, nil
}

func (d *desk) Facts(context.Context, channel.UserKey, sdk.Key, int, int64) (pay.Facts, error) {
	return d.stored, d.holdErr
}

func (d *desk) Purchase(_ context.Context, id string) (pay.Purchase, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, ok := d.purchases[id]; ok {
		return p, nil
	}
	return pay.Purchase{}, fault.New(fault.NotFound, "There is no such purchase.")
}

func (d *desk) View() *station.View { return &d.view }

func (d *desk) Place(ctx context.Context, p pay.Purchase, _ *shadow.Entry) (pay.Purchase, error) {
	return d.place(ctx, p)
}

func (d *desk) Await(ctx context.Context, id string) (pay.Purchase, error) { return d.await(ctx, id) }

func (d *desk) Withdraw(_ context.Context, ids []string, reason string) error {
	for _, id := range ids {
		d.withdrawn[id] = reason
		d.become(id, pay.Refunding)
	}
	return nil
}

func (d *desk) Person(_ context.Context, u channel.UserKey) (channel.User, error) {
	if d.personErr != nil {
		return channel.User{}, d.personErr
	}
	if p, ok := d.people[u]; ok {
		return p, nil
	}
	return channel.User{}, fault.New(fault.Missing, "not here")
}

func (d *desk) Title(k sdk.Key) (sdk.Media, bool) { return film(), k == film().Key() }

func (d *desk) Reserved(k sdk.Key) (string, bool) { return "Silent Sunday", d.reserved[k] }

func (d *desk) Closed(k sdk.Key, _ int64) (int64, bool) { return d.closed[k], d.closed[k] != 0 }

func ada() till.Actor { return till.Actor{Key: "ada", Name: "Ada"} }

func wish(key string) till.Wish {
	return till.Wish{RequestKey: key, Media: film().Key(), Tier: pay.Queue, PriceShown: 250}
}

// troubles are the ways not to be sold anything, through the till.
func troubles() map[string]struct {
	code  fault.Code
	cause func(*desk)
} {
	type trouble = struct {
		code  fault.Code
		cause func(*desk)
	}
	return map[string]trouble{
		"starting":   {fault.Starting, func(d *desk) { d.view.Resolved = false }},
		"journal":    {fault.Journal, func(d *desk) { d.view.Journal = "The disk is full." }},
		"reserved":   {fault.Reserved, func(d *desk) { d.reserved[film().Key()] = true }},
		"closed":     {fault.Blackout, func(d *desk) { d.closed[film().Key()] = 99_000_000_000_000 }},
		"live lock":  {fault.PreEventLock, func(d *desk) { d.view.Gate = event.GateOf([]event.Lock{{Kind: event.PreEvent}}) }},
		"lock":       {fault.EventLock, func(d *desk) { d.stored.Lock = fault.EventLock }},
		"rank":       {fault.Rank, func(d *desk) { d.people["ada"] = channel.User{RankTenths: 0} }},
		"absent":     {fault.NotPresent, func(d *desk) { delete(d.people, "ada") }},
		"muted":      {fault.Blocked, func(d *desk) { d.people["ada"] = channel.User{RankTenths: 10, Muted: true} }},
		"blocked":    {fault.Blocked, func(d *desk) { d.stored.AccountBlocked = "spam" }},
		"blackout":   {fault.Blackout, func(d *desk) { d.rules.Blackouts = []pay.Blackout{{Cron: "0 14 * * *", ForMS: 3_600_000}} }},
		"off":        {fault.Blackout, func(d *desk) { d.rules.Enabled = false }},
		"day":        {fault.DailyLimit, func(d *desk) { d.stored.BoughtToday = 3 }},
		"cooldown":   {fault.Cooldown, func(d *desk) { d.stored.LastUnrefundedMS = now - 1 }},
		"pending":    {fault.PendingLimit, func(d *desk) { d.stored.Pending = 3 }},
		"listed":     {fault.AlreadyListed, func(d *desk) { d.view.Shadow.Entries[2].Media = film() }},
		"elsewhere":  {fault.AlreadyListed, func(d *desk) { d.stored.OpenElsewhere = true }},
		"degraded":   {fault.NoAnchor, func(d *desk) { d.view.Health = channel.Degraded }},
		"nothing on": {fault.NoAnchor, func(d *desk) { d.view.Shadow.Cur = -1 }},
		"empty list": {fault.NoAnchor, func(d *desk) { d.view.Shadow.Entries, d.view.Shadow.Cur = nil, -1 }},
		"doubt":      {fault.NoAnchor, func(d *desk) { d.personErr = errors.New("timeout") }},
		"balance":    {fault.Balance, func(d *desk) { d.stored.Balance = 249 }},
	}
}

func TestEachRefusal(t *testing.T) {
	for name, c := range troubles() {
		t.Run(name, func(t *testing.T) {
			d, desk := open(t)
			c.cause(d)
			q, err := desk.Quote(t.Context(), ada(), film().Key(), pay.Queue)
			if err != nil || q.Refusal == nil || q.Refusal.Code != c.code {
				t.Errorf("quote: %v, %v; want %s", q.Refusal, err, c.code)
			}
			if _, err := desk.Buy(t.Context(), ada(), wish("k")); !fault.Is(err, c.code) {
				t.Errorf("buy: %v; want %s", err, c.code)
			}
			if len(d.orders) != 0 {
				t.Error("money was held")
			}
		})
	}
}

func TestWrongRequests(t *testing.T) {
	_, desk := open(t)
	cases := []struct {
		name string
		code fault.Code
		wish func(*till.Wish)
	}{
		{"no request key", fault.RequestKeyMissing, func(w *till.Wish) { w.RequestKey = "" }},
		{"a request key without end", fault.Invalid, func(w *till.Wish) { w.RequestKey = string(make([]byte, 201)) }},
		{"an unknown title", fault.UnknownItem, func(w *till.Wish) { w.Media.ID = "other" }},
		{"an unknown tier", fault.Invalid, func(w *till.Wish) { w.Tier = "first" }},
		{"another price", fault.PriceChanged, func(w *till.Wish) { w.PriceShown = 225 }},
		{"no price", fault.PriceChanged, func(w *till.Wish) { w.PriceShown = 0 }},
	}
	for _, c := range cases {
		w := wish("k")
		c.wish(&w)
		if _, err := desk.Buy(t.Context(), ada(), w); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
	if _, err := desk.Buy(t.Context(), ada(), wish("k")); err != nil {
		t.Errorf("a refusal used the key up: %v", err)
	}
}

func TestBuy(t *testing.T) {
	d, desk := open(t)
	p, err := desk.Buy(t.Context(), ada(), wish("k"))
	if err != nil || p.State != pay.Placed || p.Price != 250 {
		t.Fatalf("%+v, %v", p, err)
	}
	want := till.Order{RequestKey: "k", Buyer: "ada", BuyerName: "Ada", Media: film(), Tier: pay.Queue, PriceShown: 250, AddedBy: "bot", StationDay: 20260921}
	if d.orders[0] != want {
		t.Errorf("ordered %+v\nwant    %+v", d.orders[0], want)
	}
}

func TestSameKey(t *testing.T) {
	d, desk := open(t)
	if _, err := desk.Buy(t.Context(), ada(), wish("k")); err != nil {
		t.Fatal(err)
	}
	d.become("k", pay.Settled)
	d.view.Journal = "The disk is full." // what would refuse a new purchase
	p, err := desk.Buy(t.Context(), ada(), wish("k"))
	if err != nil || p.State != pay.Settled || len(d.orders) != 1 {
		t.Errorf("again: %+v, %v, %d orders", p, err, len(d.orders))
	}
	other := wish("k")
	other.Tier, other.PriceShown = pay.PlayNext, 750
	if _, err := desk.Buy(t.Context(), ada(), other); !fault.Is(err, fault.RequestKeyConflict) {
		t.Errorf("other inputs: %v", err)
	}
}

func TestTokenActsWithItsOwnRank(t *testing.T) {
	_, desk := open(t)
	robot := till.Actor{Key: "robot", Name: "Robot", Token: true, RankTenths: 10}
	if p, err := desk.Buy(t.Context(), robot, wish("k")); err != nil || p.Buyer != "robot" {
		t.Errorf("absent: %+v, %v", p, err)
	}
	robot.RankTenths = 0
	if _, err := desk.Buy(t.Context(), robot, wish("l")); !fault.Is(err, fault.Rank) {
		t.Errorf("without rank: %v", err)
	}
}

func TestQuote(t *testing.T) {
	d, desk := open(t)
	d.people["ada"] = channel.User{Key: "ada", RankTenths: 10, AFK: true}
	q, err := desk.Quote(t.Context(), ada(), film().Key(), pay.PlayNext)
	if err != nil || q.Refusal != nil {
		t.Fatal(q.Refusal, err)
	}
	if q.Price != 750 || q.Before != 10_000 || q.After != 9_250 || q.Warning == "" {
		t.Errorf("%+v", q)
	}
	if q.ExpectedStartMS != now+65_000 || q.Position != 1 {
		t.Errorf("starts in %d ms, up place %d", q.ExpectedStartMS-now, q.Position)
	}
	d.holdErr = errors.New("disk")
	if _, err := desk.Quote(t.Context(), ada(), film().Key(), pay.Queue); err == nil {
		t.Error("the books could not be read, and nobody was told")
	}
}

func TestListedAtIsToldInTheStationsZone(t *testing.T) {
	d, _ := open(t)
	desk := till.New(till.Options{Book: d, Floor: d, Catalog: d, Rules: func() pay.Rules { return d.rules },
		Now: func() int64 { return now }, Zone: time.FixedZone("there", 2*3600)})
	for place, want := range map[int]string{
		0: "Detour is already on the list, on the air now.",
		2: "Detour is already on the list, at 16:16.", // 60 + 5 + 105 s from 16:13:20
	} {
		d.view.Shadow.Entries = entries(shadow.Entry{ID: 1}, shadow.Entry{ID: 2}, shadow.Entry{ID: 3})
		d.view.Shadow.Entries[place].Media = sdk.Media{Type: "yt", ID: "detour", DurationMS: 100_000}
		q, _ := desk.Quote(t.Context(), ada(), film().Key(), pay.Queue)
		if q.Refusal == nil || q.Refusal.Sentence != want {
			t.Errorf("got %v, want %s", q.Refusal, want)
		}
	}
}
