package pages

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	bot "playbill/core/notice"
	"playbill/core/pay"
	"playbill/core/till"
	"playbill/sdk"
	"playbill/web/session"
)

// itemPage is one title and what it would cost.
type itemPage struct {
	frame
	Card     card
	Length   string
	Tags     []pick
	In       []pick
	Reserved bool
	Offers   []offer
	LogInAt  string // empty: somebody is logged in
}

// offer is one of the two ways to request.
type offer struct {
	Tier    string
	Do      string // "Queue it", "Play it next"
	At      string // its receipt
	Price   string // "450 coins"
	About   string // "about 21:53"
	ISO     string
	Refusal string
	On      bool // the one that a receipt is about
}

// receiptPage is an offer in full: what it costs and when it would play, or why not and what is possible instead.
type receiptPage struct {
	frame
	Title, About, Art string
	Type, ID, Tier    string
	Key               string // the request's: it pays once, however often it is sent
	Price             int64
	Tiers             []offer
	Lines             []price
	Total, Now, After string
	Short             string
	Start, ISO, In    string
	Up                string // its place: "third"; empty: not known
	Warning           string
	Refusal, Reason   string
	Instead           *offer
	Back              string
	Notice            string // what became of the last try
}

// Item is one title.
func (p *Pages) Item(c *gin.Context, who session.Who) error {
	t, reserved, err := p.title(sdk.Key{Type: c.Query("type"), ID: c.Query("id")}, who)
	if err != nil {
		return err
	}
	page := itemPage{frame: p.frame(c, t.Media.Title), Card: p.dealer(who).cards([]library.Title{t})[0], Length: length(t.Media.DurationMS), Reserved: reserved}
	for _, name := range t.Categories {
		page.In = append(page.In, pick{Word: name, At: "/catalog?" + url.Values{"category": {name}}.Encode()})
	}
	for _, name := range t.Tags {
		page.Tags = append(page.Tags, pick{Word: name, At: "/catalog?" + url.Values{"q": {name}}.Encode()})
	}
	if who.Anybody() {
		page.LogInAt = "/login?next=" + url.QueryEscape(itemAt(t.Media.Key()))
		return p.render(c, http.StatusOK, "item.html", page)
	}
	for _, tier := range tiers() {
		q, err := p.opt.Desk.Quote(c.Request.Context(), who.Actor(), t.Media.Key(), tier)
		if err != nil {
			return err
		}
		if page.Card.Taken != "" && q.Refusal != nil && fault.Is(q.Refusal, fault.AlreadyListed) {
			continue // the page says that already
		}
		page.Offers = append(page.Offers, p.offer(q, t.Media.Key(), tier))
	}
	return p.render(c, http.StatusOK, "item.html", page)
}

func tiers() []string { return []string{pay.Queue, pay.PlayNext} }

// title returns what viewers may see, and for admins what is reserved too.
func (p *Pages) title(k sdk.Key, who session.Who) (t library.Title, reserved bool, err error) {
	t, known := p.opt.Titles.Title(k)
	_, reserved = p.opt.Shelf.Reserved(k)
	if !known || reserved && !p.admin(who) {
		return t, false, fault.New(fault.NotFound, "This title is not in the catalog. Search for it again.")
	}
	return t, reserved, nil
}

func (p *Pages) offer(q pay.Quote, k sdk.Key, tier string) offer {
	o := offer{Tier: tier, Do: "Queue it", At: receiptAt(k, tier), Price: coins(int64(q.Price))}
	if tier == pay.PlayNext {
		o.Do = "Play it next"
	}
	if q.ExpectedStartMS > 0 {
		o.About, o.ISO = clock(q.ExpectedStartMS, p.opt.Zone), iso(q.ExpectedStartMS, p.opt.Zone)
	}
	if q.Refusal != nil {
		o.Refusal = q.Refusal.Sentence
	}
	return o
}

// Receipt shows what a place costs, before anybody pays.
func (p *Pages) Receipt(c *gin.Context, who session.Who) error {
	tier := c.DefaultQuery("tier", pay.Queue)
	return p.receipt(c, who, sdk.Key{Type: c.Query("type"), ID: c.Query("id")}, tier, nil)
}

// receipt renders one. why is what became of a try to pay; nil: there was none.
func (p *Pages) receipt(c *gin.Context, who session.Who, k sdk.Key, tier string, why error) error {
	if tier != pay.Queue && tier != pay.PlayNext {
		return fault.New(fault.Invalid, "There are two ways to request: “queue” and “playnext”.")
	}
	t, _, err := p.title(k, who)
	if err != nil {
		return err
	}
	quotes := map[string]pay.Quote{}
	for _, one := range tiers() {
		if quotes[one], err = p.opt.Desk.Quote(c.Request.Context(), who.Actor(), k, one); err != nil {
			return err
		}
	}
	page := p.slip(t, quotes, tier)
	page.frame, page.Key = p.frame(c, "Receipt for "+t.Media.Title), rand.Text()
	status := http.StatusOK
	if why != nil {
		var known bool
		if status, page.Notice, known = spoken(why); !known {
			return why
		}
	}
	return p.render(c, status, "receipt.html", page)
}

// slip is a receipt as the quotes have it.
func (p *Pages) slip(t library.Title, quotes map[string]pay.Quote, tier string) receiptPage {
	q, now := quotes[tier], p.opt.Now()
	page := receiptPage{Title: t.Media.Title, About: listed(about(t), counter(t.Media.DurationMS)), Art: p.artOf(t.Media), Type: t.Media.Type, ID: t.Media.ID,
		Tier: tier, Price: int64(q.Price), Lines: lines(quotes[pay.Queue], q), Total: coins(int64(q.Price)), Now: sum(q.Before), After: sum(q.After),
		Warning: q.Warning, Back: itemAt(t.Media.Key())}
	for _, one := range tiers() {
		o := p.offer(quotes[one], t.Media.Key(), one)
		o.On = one == tier
		page.Tiers = append(page.Tiers, o)
		if !o.On && q.Refusal != nil && o.Refusal == "" {
			page.Instead = &o
		}
	}
	if q.Short > 0 {
		page.Short = sum(q.Short)
	}
	if q.Refusal != nil {
		page.Refusal, page.Reason = firstSentence(q.Refusal.Sentence)
	}
	if q.ExpectedStartMS > 0 {
		page.Start, page.ISO, page.In = clock(q.ExpectedStartMS, p.opt.Zone), iso(q.ExpectedStartMS, p.opt.Zone), distance(q.ExpectedStartMS-now)
	}
	if q.Position > 0 {
		page.Up = bot.Position(q.Position)
	}
	return page
}

// lines is how a price comes about: the tariff, playing next, the discount.
func lines(queued, q pay.Quote) []price {
	if q.Price == 0 {
		return nil
	}
	out := []price{{"Price for " + length(q.Media.DurationMS), sum(queued.Base)}}
	if q.Tier == pay.PlayNext && q.Base != queued.Base {
		out = append(out, price{"Playing next", "+" + sum(q.Base-queued.Base)})
	}
	if q.Discount > 0 {
		out = append(out, price{"Your discount, " + strconv.FormatInt(int64(q.Discount)*100/int64(q.Base), 10) + " %", "−" + sum(q.Discount)})
	}
	return out
}

// Pay sells the place that a receipt was about, at its price: the same till as the API's.
func (p *Pages) Pay(c *gin.Context, who session.Who) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	k, tier := sdk.Key{Type: f.Get("type"), ID: f.Get("id")}, f.Get("tier")
	shown, err := strconv.ParseInt(f.Get("price"), 10, 64)
	if err != nil || shown < 0 || k.Type == "" || k.ID == "" {
		return fault.New(fault.Invalid, "This receipt is not complete, so nothing was paid. Open the title again.")
	}
	bought, err := p.opt.Desk.Buy(c.Request.Context(), who.Actor(), till.Wish{RequestKey: f.Get("key"), Media: k, Tier: tier, PriceShown: ledger.Coins(shown)})
	if err != nil {
		if _, _, ok := spoken(err); !ok || fault.Is(err, fault.UnknownItem) || fault.Is(err, fault.Reserved) || fault.Is(err, fault.Invalid) {
			return err
		}
		return p.receipt(c, who, k, tier, err)
	}
	c.Redirect(http.StatusSeeOther, "/account?"+url.Values{"bought": {bought.ID}}.Encode())
	return nil
}
