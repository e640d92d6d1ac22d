package till

import (
	"cmp"
	"context"
	"slices"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/station"
	"playbill/sdk"
)

// counter is one question at the desk: everything that is known without the books, at one instant. Its quote is pure.
type counter struct {
	actor      Actor
	rules      pay.Rules
	media      sdk.Media
	tier       string
	live       pay.Facts
	self       string // our own name on the channel
	nowMS      int64
	stationDay int
	startsMS   int64 // UTC; 0: not known
	position   int
}

// ask looks at the room: the view, the catalog and the person, in one go.
func (t *Till) ask(ctx context.Context, a Actor, k sdk.Key, tier string) counter {
	now, v, rules := t.opt.Now(), t.opt.Floor.View(), t.opt.Rules()
	c := counter{actor: a, rules: rules, tier: tier, self: v.Self, nowMS: now, stationDay: pay.StationDay(now, t.opt.Zone)}
	c.media, c.live.KnownItem = t.opt.Catalog.Title(k)
	if !c.live.KnownItem {
		c.media = sdk.Media{Type: k.Type, ID: k.ID} // a request key that was used before still finds its purchase
	}
	_, c.live.Reserved = t.opt.Catalog.Reserved(k)
	c.live.ClosedToMS, c.live.Closed = t.opt.Catalog.Closed(k, now)
	c.live.StationClosed = v.Closed()
	c.live.NextDayMS = pay.NextDay(now, t.opt.Zone)
	c.live.Blackout, c.live.BlackoutEndMS = rules.Blackout(now, t.opt.Zone)
	if v.Gate.PayClosed {
		c.live.Lock, c.live.LockSentence, c.live.LockOpensAtMS = fault.Code(v.Gate.Code), v.Gate.Sentence, v.Gate.OpensAtMS
	}
	t.room(v, k, &c)
	t.person(ctx, a, &c.live)
	return c
}

// room reads the list: is there something to stand behind, when would it play, is it there already.
func (t *Till) room(v *station.View, k sdk.Key, c *counter) {
	c.live.AnchorKnown = v.Health == channel.Good && v.Shadow.OnAir() != nil
	if !c.live.AnchorKnown {
		return
	}
	etas := distances(v, c.nowMS)
	c.startsMS, c.position = expected(v, c.tier, etas, c.nowMS)
	for i := range v.Shadow.Len() {
		if v.Shadow.At(i).Media.Key() == k {
			c.live.OnList, c.live.ListedAt = true, t.listedAt(i, c.nowMS+etas[i], etas[i] >= 0)
			return
		}
	}
}

func (t *Till) listedAt(place int, startsMS int64, known bool) string {
	switch {
	case place == 0:
		return "on the air now"
	case !known:
		return ""
	default:
		return "at " + time.UnixMilli(startsMS).In(t.opt.Zone).Format("15:04")
	}
}

// person asks the room who the buyer is. In doubt nothing is known, and nothing is sold.
func (t *Till) person(ctx context.Context, a Actor, f *pay.Facts) {
	if a.Token {
		f.Absent, f.RankTenths, f.Muted = true, a.RankTenths, t.muted(a.Key)
		return
	}
	if f.StationClosed != nil {
		return
	}
	u, err := t.opt.Floor.Person(ctx, a.Key)
	switch {
	case err == nil:
		f.PresenceKnown, f.Present = true, true
		f.RankTenths, f.Muted, f.AFK = u.RankTenths, u.Muted, u.AFK
	case fault.Is(err, fault.Missing):
		f.PresenceKnown = true
	}
}

// muted reports whether somebody is in the room and muted there: a token is no way around it.
func (t *Till) muted(u channel.UserKey) bool {
	return slices.ContainsFunc(t.opt.Floor.View().People, func(p channel.User) bool { return p.Key == u && p.Muted })
}

// quote completes what is live with what is stored and applies the rules. It may run inside a transaction: it only
// computes.
func (c counter) quote(stored pay.Facts) pay.Quote {
	q := c.rules.Offer(c.media, c.tier, c.live.WithStored(stored), c.nowMS)
	q.ExpectedStartMS, q.Position = c.startsMS, c.position
	return q
}

func (c counter) order(w Wish) Order {
	return Order{
		RequestKey: w.RequestKey, Buyer: c.actor.Key, BuyerName: cmp.Or(c.actor.Name, string(c.actor.Key)),
		Media: c.media, Tier: w.Tier, PriceShown: w.PriceShown, AddedBy: c.self, StationDay: c.stationDay,
	}
}
