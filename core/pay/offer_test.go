package pay_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/sdk"
)

const noon = int64(1_790_000_000_000)

func film(seconds int64) sdk.Media {
	return sdk.Media{Type: "yt", ID: "a", Title: "Detour", DurationMS: seconds * 1000}
}

// welcome are the facts under which everything sells.
func welcome() pay.Facts {
	return pay.Facts{Balance: 10_000, KnownItem: true, Present: true, PresenceKnown: true, RankTenths: 10, AnchorKnown: true}
}

func TestPrice(t *testing.T) {
	discounted := pay.Defaults()
	discounted.Discounts = []pay.Discount{{RankTenths: 30, Percent: 50}, {RankTenths: 20, Percent: 10}, {RankTenths: 40, Percent: 100}}
	odd := discounted
	odd.Prices = []pay.PriceStep{{Coins: 3}}
	cases := []struct {
		name                  string
		rules                 pay.Rules
		seconds               int64
		tier                  string
		rank                  int
		base, discount, price ledger.Coins
	}{
		{"a second", pay.Defaults(), 1, pay.Queue, 10, 250, 0, 250},
		{"first step, its end", pay.Defaults(), 900, pay.Queue, 10, 250, 0, 250},
		{"second step, its start", pay.Defaults(), 901, pay.Queue, 10, 500, 0, 500},
		{"second step, its end", pay.Defaults(), 2100, pay.Queue, 10, 500, 0, 500},
		{"third step, its end", pay.Defaults(), 3900, pay.Queue, 10, 750, 0, 750},
		{"longer", pay.Defaults(), 3901, pay.Queue, 10, 1000, 0, 1000},
		{"play next", pay.Defaults(), 3901, pay.PlayNext, 10, 3000, 0, 3000},
		{"below every discount", discounted, 60, pay.Queue, 19, 250, 0, 250},
		{"first discount", discounted, 60, pay.Queue, 20, 250, 25, 225},
		{"the highest reached counts", discounted, 60, pay.PlayNext, 35, 750, 375, 375},
		{"never below one coin", discounted, 60, pay.Queue, 40, 250, 249, 1},
		{"rounded down", odd, 60, pay.Queue, 20, 3, 1, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := welcome()
			f.RankTenths = c.rank
			q := c.rules.Offer(film(c.seconds), c.tier, f, noon)
			if q.Refusal != nil {
				t.Fatal(q.Refusal)
			}
			if q.Base != c.base || q.Discount != c.discount || q.Price != c.price {
				t.Errorf("got %d - %d = %d, want %d - %d = %d", q.Base, q.Discount, q.Price, c.base, c.discount, c.price)
			}
			if q.Before != f.Balance || q.After != f.Balance-c.price {
				t.Errorf("balance %d -> %d", q.Before, q.After)
			}
		})
	}
}

// trouble is one reason not to sell, in the order of SPEC 4.1.
type trouble struct {
	name     string
	code     fault.Code
	cause    func(*pay.Facts)
	sentence string
	again    int64
}

func troubles() []trouble {
	const hour = 3_600_000
	return []trouble{
		{"starting", fault.Starting, func(f *pay.Facts) { f.StationClosed = fault.New(fault.Starting, "We are starting.") }, "We are starting.", 0},
		{"unknown", fault.UnknownItem, func(f *pay.Facts) { f.KnownItem = false }, "This title is not in the catalog. Search for it again.", 0},
		{"unbuyable", fault.UnknownItem, func(f *pay.Facts) { f.Unbuyable = "Detour is live." }, "Detour is live.", 0},
		{"reserved", fault.Reserved, func(f *pay.Facts) { f.Reserved = true },
			"Detour is set aside for a scheduled programme. It can be requested again afterwards.", 0},
		{"event", fault.EventLock, func(f *pay.Facts) { f.Lock = fault.EventLock }, "Requests are closed for an event.", 0},
		{"pre-event", fault.PreEventLock, func(f *pay.Facts) {
			f.Lock, f.LockSentence, f.LockOpensAtMS = fault.PreEventLock, "Requests are closed until “Silent Sunday” is under way.", noon+hour
		}, "Requests are closed until “Silent Sunday” is under way. That is in 1 hour.", noon + hour},
		{"absent", fault.NotPresent, func(f *pay.Facts) { f.Present = false }, "You are not in the channel. Join it, then request.", 0},
		{"rank", fault.Rank, func(f *pay.Facts) { f.RankTenths = 5 }, "Queueing takes channel rank 1, and yours is 0.5.", 0},
		{"muted", fault.Blocked, func(f *pay.Facts) { f.Muted = true }, "This account cannot request. A moderator can say why.", 0},
		{"blocked", fault.Blocked, func(f *pay.Facts) { f.AccountBlocked = "spam" }, "An admin has blocked requests from this account: spam.", 0},
		{"blackout", fault.Blackout, func(f *pay.Facts) { f.Blackout, f.BlackoutEndMS = "Requests are closed: cartoons.", noon+2*hour },
			"Requests are closed: cartoons. They open again in 2 hours.", noon + 2*hour},
		{"title closed", fault.Blackout, func(f *pay.Facts) { f.Closed, f.ClosedToMS = true, noon+2*hour },
			"Detour cannot be requested now. It can be again in 2 hours.", noon + 2*hour},
		{"title closed for ever", fault.Blackout, func(f *pay.Facts) { f.Closed = true }, "Detour cannot be requested now.", 0},
		{"day", fault.DailyLimit, func(f *pay.Facts) { f.BoughtToday, f.NextDayMS = 3, noon+5*hour },
			"Three requests a day is the limit. You have three more in 5 hours.", noon + 5*hour},
		{"cooldown", fault.Cooldown, func(f *pay.Facts) { f.LastUnrefundedMS = noon - 25*60_000 }, "You can request again in 5 minutes.", noon + 5*60_000},
		{"pending", fault.PendingLimit, func(f *pay.Facts) { f.Pending = 3 },
			"Three requests of yours are waiting, and that is the limit. When one of them starts, or you cancel one, you can request again.", 0},
		{"listed", fault.AlreadyListed, func(f *pay.Facts) { f.OnList, f.ListedAt = true, "at 21:44" }, "Detour is already on the list, at 21:44.", 0},
		{"bought elsewhere", fault.AlreadyListed, func(f *pay.Facts) { f.OpenElsewhere = true }, "Detour has just been requested by somebody.", 0},
		{"down", fault.NoAnchor, func(f *pay.Facts) { f.StationClosed = fault.New(fault.ChannelDown, "We lost the room.") }, "We lost the room.", 0},
		{"no anchor", fault.NoAnchor, func(f *pay.Facts) { f.AnchorKnown = false },
			"The channel does not say what is playing. Requests are paused and nobody pays. Try again in a minute.", 0},
		{"no presence", fault.NoAnchor, func(f *pay.Facts) { f.PresenceKnown = false },
			"The channel does not say who is there. Requests are paused and nobody pays. Try again in a minute.", 0},
		{"balance", fault.Balance, func(f *pay.Facts) { f.Balance = 249 }, "You are 1 coin short for queueing it.", 0},
	}
}

func TestEachRefusal(t *testing.T) {
	for _, c := range troubles() {
		t.Run(c.name, func(t *testing.T) {
			f := welcome()
			c.cause(&f)
			q := pay.Defaults().Offer(film(60), pay.Queue, f, noon)
			if q.Refusal == nil || q.Refusal.Code != c.code || q.Refusal.Sentence != c.sentence || q.AgainAtMS != c.again {
				t.Errorf("got %v (again %d)\nwant %s: %s (again %d)", q.Refusal, q.AgainAtMS, c.code, c.sentence, c.again)
			}
			if q.After != q.Before {
				t.Errorf("a refused quote takes %d", q.Before-q.After)
			}
		})
	}
}

// TestOrderOfRefusals: of two troubles the one that SPEC names first is told. The pairs that exclude each other (one
// fact decides both) are left out.
func TestOrderOfRefusals(t *testing.T) {
	all := troubles()
	exclude := func(a, b string) bool {
		pair := a + " " + b
		return pair == "starting down" || pair == "event pre-event" || pair == "listed bought elsewhere" || b == "no presence" && (a == "absent" || a == "rank" || a == "muted")
	}
	for i, first := range all {
		for _, second := range all[i+1:] {
			if exclude(first.name, second.name) {
				continue
			}
			f := welcome()
			second.cause(&f)
			first.cause(&f)
			if q := pay.Defaults().Offer(film(60), pay.Queue, f, noon); q.Refusal == nil || q.Refusal.Code != first.code {
				t.Errorf("%s with %s: got %v, want %s", first.name, second.name, q.Refusal, first.code)
			}
		}
	}
}

func TestShortForPlayingNext(t *testing.T) {
	r := pay.Defaults()
	r.Prices = []pay.PriceStep{{Coins: 900}}
	f := welcome()
	f.Balance = 1_840
	q := r.Offer(film(60), pay.PlayNext, f, noon)
	want := "You are 860 coins short for playing it next. You have enough to queue it: 900 coins."
	if q.Refusal == nil || q.Refusal.Sentence != want || q.Short != 860 || q.Price != 2_700 {
		t.Errorf("got %v, short %d\nwant %s", q.Refusal, q.Short, want)
	}
	f.Balance = 100
	if q := r.Offer(film(60), pay.PlayNext, f, noon); q.Refusal.Sentence != "You are 2,600 coins short for playing it next." {
		t.Error(q.Refusal.Sentence)
	}
}

func TestWhoMayStillBuy(t *testing.T) {
	cases := []struct {
		name    string
		facts   func(*pay.Facts)
		rules   func(*pay.Rules)
		warning bool
	}{
		{"a token whose name is absent", func(f *pay.Facts) { f.Absent, f.Present, f.PresenceKnown = true, false, false }, nil, false},
		{"who is away, with a warning", func(f *pay.Facts) { f.AFK = true }, nil, true},
		{"an admin, of what is reserved", func(f *pay.Facts) { f.Reserved, f.RankTenths = true, 30 }, nil, false},
		{"without limits", func(f *pay.Facts) { f.BoughtToday, f.Pending, f.LastUnrefundedMS = 99, 99, noon },
			func(r *pay.Rules) { r.DailyLimit, r.Pending, r.CooldownMS = 0, 0, 0 }, false},
		{"at the end of the cooldown", func(f *pay.Facts) { f.LastUnrefundedMS = noon - 30*60_000 }, nil, false},
		{"with exactly enough", func(f *pay.Facts) { f.Balance = 250 }, nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, r := welcome(), pay.Defaults()
			c.facts(&f)
			if c.rules != nil {
				c.rules(&r)
			}
			q := r.Offer(film(60), pay.Queue, f, noon)
			if q.Refusal != nil || (q.Warning != "") != c.warning {
				t.Errorf("refusal %v, warning %q", q.Refusal, q.Warning)
			}
		})
	}
}

func TestOtherRefusals(t *testing.T) {
	offer := func(m sdk.Media, tier string, rules pay.Rules, f pay.Facts) string {
		return refusalOf(rules.Offer(m, tier, f, noon))
	}
	off := pay.Defaults()
	off.Enabled = false
	strict := pay.Defaults()
	strict.NextRank = 20
	future := welcome()
	future.LastUnrefundedMS = noon + 3_600_000
	cases := []struct{ name, got, want string }{
		{"live", offer(film(0), pay.Queue, pay.Defaults(), welcome()), "unknown_item: Detour cannot be requested: it is live, or its length is not known."},
		{"tier", offer(film(60), "first", pay.Defaults(), welcome()), "invalid: There are two ways to request: “queue” and “playnext”."},
		{"off", offer(film(60), pay.Queue, off, welcome()), "blackout: Requests are switched off on this channel."},
		{"rank for playing next", offer(film(60), pay.PlayNext, strict, welcome()),
			"rank: Playing next takes channel rank 2, and yours is 1. You can queue it."},
		{"clock set back", offer(film(60), pay.Queue, pay.Defaults(), future), "cooldown: You can request again in 30 minutes."},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: got  %s\nwant %s", c.name, c.got, c.want)
		}
	}
}

func TestAccept(t *testing.T) {
	q := pay.Defaults().Offer(film(60), pay.Queue, welcome(), noon)
	if why := q.Accept(250); why != nil {
		t.Errorf("the shown price: %v", why)
	}
	why := q.Accept(225)
	var now pay.Repriced
	if why == nil || why.Code != fault.PriceChanged || !errors.As(why, &now) || now.Quote.Price != 250 {
		t.Fatalf("another price: %v", why)
	}
	if want := "The price is now 250 coins, not 225 coins. Nothing was paid. Confirm the new price to go on."; why.Sentence != want {
		t.Errorf("got %q", why.Sentence)
	}
	f := welcome()
	f.Balance = 0
	if why := pay.Defaults().Offer(film(60), pay.Queue, f, noon).Accept(1); why == nil || why.Code != fault.Balance {
		t.Errorf("a refusal comes before the price: %v", why)
	}
}

// TestOfferAddsUp: whatever the settings within their bounds, a quote adds up and never takes more than there is.
func TestOfferAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := pay.Defaults()
		r.Prices = []pay.PriceStep{{Coins: ledger.Coins(rapid.Int64Range(1, 1e9).Draw(t, "coins"))}}
		r.Multiplier = rapid.Int64Range(1, 1000).Draw(t, "multiplier")
		r.Discounts = []pay.Discount{{RankTenths: 0, Percent: rapid.Int64Range(0, 100).Draw(t, "percent")}}
		if bad := r.Check(); bad != nil {
			t.Fatal(bad)
		}
		f := welcome()
		f.Balance = ledger.Coins(rapid.Int64Range(0, 2e12).Draw(t, "balance"))
		q := r.Offer(film(60), rapid.SampledFrom([]string{pay.Queue, pay.PlayNext}).Draw(t, "tier"), f, noon)
		if q.Price < 1 || q.Discount < 0 || q.Price+q.Discount != q.Base {
			t.Fatalf("%d - %d = %d", q.Base, q.Discount, q.Price)
		}
		if q.After < 0 || (q.Refusal == nil) != (q.Price <= f.Balance) || q.Refusal == nil && q.Before-q.After != q.Price {
			t.Fatalf("%+v", q)
		}
	})
}

func TestCheck(t *testing.T) {
	if bad := pay.Defaults().Check(); bad != nil {
		t.Errorf("the defaults: %v", bad)
	}
	cases := []struct {
		pointer string
		spoil   func(*pay.Rules)
	}{
		{"/price", func(r *pay.Rules) { r.Prices = nil }},
		{"/price/0/coins", func(r *pay.Rules) { r.Prices[0].Coins = 0 }},
		{"/price/1/up_to_seconds", func(r *pay.Rules) { r.Prices[1].UpToMS = 900_000 }},
		{"/price/1/up_to_seconds", func(r *pay.Rules) { r.Prices[1].UpToMS = 0 }},
		{"/price/3/up_to_seconds", func(r *pay.Rules) { r.Prices[3].UpToMS = 9_000_000 }},
		{"/discount/0/percent", func(r *pay.Rules) { r.Discounts = []pay.Discount{{RankTenths: 10, Percent: 101}} }},
		{"/discount/0/rank", func(r *pay.Rules) { r.Discounts = []pay.Discount{{RankTenths: -1}} }},
		{"/discount/1/rank", func(r *pay.Rules) { r.Discounts = []pay.Discount{{RankTenths: 10}, {RankTenths: 10}} }},
		{"/playnext_multiplier", func(r *pay.Rules) { r.Multiplier = 0 }},
		{"/daily_limit", func(r *pay.Rules) { r.DailyLimit = -1 }},
		{"/cooldown_seconds", func(r *pay.Rules) { r.CooldownMS = -60_000 }},
		{"/pending_limit", func(r *pay.Rules) { r.Pending = -1 }},
		{"/queue_rank", func(r *pay.Rules) { r.QueueRank = -10 }},
		{"/playnext_rank", func(r *pay.Rules) { r.NextRank = 2560 }},
		{"/admin_rank", func(r *pay.Rules) { r.AdminRank = -1 }},
		{"/force_play_rank", func(r *pay.Rules) { r.ForceRank = -1 }},
		{"/blackout/0/cron", func(r *pay.Rules) { r.Blackouts = []pay.Blackout{{Cron: "nightly", ForMS: 3_600_000}} }},
		{"/blackout/0/hours", func(r *pay.Rules) { r.Blackouts = []pay.Blackout{{Cron: "0 0 * * *"}} }},
	}
	for _, c := range cases {
		r := pay.Defaults()
		c.spoil(&r)
		bad := r.Check()
		if len(bad) != 1 || bad[0].Pointer != c.pointer || !strings.HasSuffix(bad[0].Sentence, ".") {
			t.Errorf("%s: got %v", c.pointer, bad)
		}
	}
}

func refusalOf(q pay.Quote) string {
	if q.Refusal == nil {
		return "sells"
	}
	return q.Refusal.Error()
}

func TestStoredFactsCount(t *testing.T) {
	live := pay.Facts{KnownItem: true, RankTenths: 20, Balance: 1, Lock: fault.PreEventLock, LockSentence: "live", LockOpensAtMS: 5}
	stored := pay.Facts{Balance: 7, BoughtToday: 1, Pending: 2, LastUnrefundedMS: 3, AccountBlocked: "spam", OpenElsewhere: true}
	want := stored
	want.KnownItem, want.RankTenths, want.Lock, want.LockSentence, want.LockOpensAtMS = true, 20, fault.PreEventLock, "live", 5
	if got := live.WithStored(stored); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	stored.Lock = fault.EventLock // another one: the live words are not about it
	want.Lock, want.LockSentence, want.LockOpensAtMS = fault.EventLock, "", 0
	if got := live.WithStored(stored); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// What LongestFor allows costs no more, and what is a little longer does.
func TestLongestFor(t *testing.T) {
	rules := pay.Defaults()
	for coins, want := range map[ledger.Coins]int64{0: -1, 249: -1, 250: 900_000, 500: 2_100_000, 999: 3_900_000, 1000: 0} {
		ms, any := rules.LongestFor(coins, 10)
		if !any {
			ms = -1
		}
		if ms != want {
			t.Errorf("%d coins reach %d ms, want %d", coins, ms, want)
		}
	}
}
