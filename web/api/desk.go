package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/till"
	"playbill/sdk"
	"playbill/web/live"
	"playbill/web/session"
)

// Quote is what one place would cost, and why it is refused now.
type Quote struct {
	Media           live.MediaJSON `json:"media"`
	Title           string         `json:"title"`
	DurationSeconds int64          `json:"duration_seconds"`
	Tier            string         `json:"tier"`
	Base            ledger.Coins   `json:"base"`
	Discount        ledger.Coins   `json:"discount"`
	Price           ledger.Coins   `json:"price"`
	Balance         ledger.Coins   `json:"balance"`
	BalanceAfter    ledger.Coins   `json:"balance_after"`
	Position        *int           `json:"position"` // 1 is next
	ExpectedStart   *string        `json:"expected_start"`
	EtaSeconds      *int64         `json:"eta_seconds"`
	Warning         *string        `json:"warning"`
	Available       bool           `json:"available"`
	Refusal         *ProblemError  `json:"refusal"`
	AgainAt         *string        `json:"again_at"` // when the refusal ends by itself
	Short           *ledger.Coins  `json:"short"`    // coins that are missing
}

// Purchase is one paid request as its buyer sees it.
type Purchase struct {
	ID              string         `json:"id"`
	State           string         `json:"state"` // held, adding, placed, refunding, settled or refunded
	Price           ledger.Coins   `json:"price"`
	Position        *int           `json:"position"` // 1 is next; null: not placed, or not behind the entry on the air
	EntryID         *int64         `json:"entry_id"`
	Tier            string         `json:"tier"`
	Media           live.MediaJSON `json:"media"`
	Title           string         `json:"title"`
	DurationSeconds int64          `json:"duration_seconds"`
	Base            ledger.Coins   `json:"base"`
	Discount        ledger.Coins   `json:"discount"`
	Buyer           string         `json:"buyer"`
	Reason          *string        `json:"reason"` // why it is being refunded, or was
	BoughtAt        *string        `json:"bought_at"`
	EndedAt         *string        `json:"ended_at"`
}

// wish is the body of a purchase.
type wish struct {
	Media struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"media"`
	Tier        string        `json:"tier"`
	QuotedPrice *ledger.Coins `json:"quoted_price"`
}

// GetQuote says what one place would cost. A refusal is part of the answer; what is not there, or is set aside, is not
// found.
func (a *API) GetQuote(c *gin.Context, who session.Who) error {
	k := sdk.Key{Type: c.Query("type"), ID: c.Query("id")}
	tier := c.DefaultQuery("tier", pay.Queue)
	if err := checkWish(k, tier); err != nil {
		return err
	}
	q, err := a.Desk.Quote(c.Request.Context(), who.Actor(), k, tier)
	if err != nil {
		return err
	}
	if q.Refusal != nil && Status(q.Refusal.Code) == http.StatusNotFound {
		return q.Refusal
	}
	return send(c, http.StatusOK, quoteJSON(q, a.now()))
}

// Buy sells one place.
func (a *API) Buy(c *gin.Context, who session.Who) error {
	key, err := requestKey(c)
	if err != nil {
		return err
	}
	var w wish
	if err := decode(c, bodyMax, &w); err != nil {
		return err
	}
	k := sdk.Key{Type: w.Media.Type, ID: w.Media.ID}
	if err := checkWish(k, w.Tier); err != nil {
		return err
	}
	if w.QuotedPrice == nil || *w.QuotedPrice < 0 {
		return fault.New(fault.Invalid, "“quoted_price” is the price that the quote named, in whole coins.")
	}
	p, err := a.Desk.Buy(c.Request.Context(), who.Actor(), till.Wish{RequestKey: key, Media: k, Tier: w.Tier, PriceShown: *w.QuotedPrice})
	if err != nil {
		return err
	}
	c.Header("Location", "/api/v1/purchases/"+p.ID)
	return send(c, http.StatusCreated, a.purchase(p))
}

// GetPurchase returns one purchase, to its buyer and to admins.
func (a *API) GetPurchase(c *gin.Context, who session.Who) error {
	p, err := a.Books.Purchase(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if p.Buyer != who.Key && !a.admin(who) {
		return fault.New(fault.NotFound, "There is no such purchase of yours.")
	}
	return send(c, http.StatusOK, a.purchase(p))
}

// CancelPurchase takes a pending purchase back. 202: the removal has not been observed yet, and the refund follows it.
func (a *API) CancelPurchase(c *gin.Context, who session.Who) error {
	p, err := a.Desk.Cancel(c.Request.Context(), who.Actor(), c.Param("id"))
	if err != nil {
		return err
	}
	if p.Buyer != who.Key {
		a.record(c.Request.Context(), a.act(who, "purchase.cancel", "“"+p.Media.Title+"” of "+p.BuyerName))
	}
	status := http.StatusOK
	if !p.State.Final() {
		status = http.StatusAccepted
	}
	return send(c, status, a.purchase(p))
}

// checkWish refuses what nobody could sell.
func checkWish(k sdk.Key, tier string) error {
	switch {
	case k.Type == "" || k.ID == "":
		return fault.New(fault.Invalid, "A title is named by its type and its id, as the catalog has them.")
	case tier != pay.Queue && tier != pay.PlayNext:
		return fault.New(fault.Invalid, "“tier” is “queue” or “playnext”.")
	default:
		return nil
	}
}

func (a *API) purchase(p pay.Purchase) Purchase {
	v := a.Floor.View()
	if now, known := v.Purchase(p.ID); known && !p.State.Final() {
		p.State, p.Reason, p.EndedAtMS = now.State, now.Reason, now.EndedAtMS
	}
	out := Purchase{
		ID: p.ID, State: string(p.State), Price: p.Price, EntryID: orNull(p.Entry), Tier: p.Tier,
		Media: live.MediaJSON{Type: p.Media.Type, ID: p.Media.ID}, Title: p.Media.Title, DurationSeconds: seconds(p.Media.DurationMS),
		Base: p.Base, Discount: p.Discount, Buyer: p.BuyerName, Reason: orNull(p.Reason),
		BoughtAt: instant(p.BoughtAtMS), EndedAt: instant(p.EndedAtMS),
	}
	if p.State == pay.Placed {
		out.Position = orNull(station.Position(&v.Shadow, shadow.EntryID(p.Entry)))
	}
	return out
}

// quoteJSON renders a quote. nowMS 0: without the distance, which a cause of an error does not know.
func quoteJSON(q pay.Quote, nowMS int64) Quote {
	out := Quote{
		Media: live.MediaJSON{Type: q.Media.Type, ID: q.Media.ID}, Title: q.Media.Title, DurationSeconds: seconds(q.Media.DurationMS), Tier: q.Tier,
		Base: q.Base, Discount: q.Discount, Price: q.Price, Balance: q.Before, BalanceAfter: q.After, Position: orNull(q.Position),
		ExpectedStart: instant(q.ExpectedStartMS), Warning: orNull(q.Warning), Available: q.Refusal == nil,
		AgainAt: instant(q.AgainAtMS), Short: orNull(q.Short),
	}
	if q.ExpectedStartMS != 0 && nowMS != 0 {
		eta := seconds(max(q.ExpectedStartMS-nowMS, 0))
		out.EtaSeconds = &eta
	}
	if q.Refusal != nil {
		out.Refusal = &ProblemError{string(q.Refusal.Code), q.Refusal.Sentence}
	}
	return out
}
