package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/web/session"
)

// me is who is asking, and what they may do now.
type me struct {
	Name        string        `json:"name"`
	Token       bool          `json:"token"`
	Rank        *float64      `json:"rank"`    // the channel's; null: not known
	Present     *bool         `json:"present"` // in the room; null: not known
	AFK         *bool         `json:"afk"`
	Balance     ledger.Coins  `json:"balance"`
	Blocked     *string       `json:"blocked"` // why this account neither buys nor earns
	Pending     []Purchase    `json:"pending"`
	CanQueue    bool          `json:"can_queue"`
	CanPlayNext bool          `json:"can_playnext"`
	CanAdmin    bool          `json:"can_admin"`
	Closed      *ProblemError `json:"closed"` // why nothing is sold to anybody now
}

// GetQueue is the live queue, for everybody.
func (a *API) GetQueue(c *gin.Context, _ session.Who) error {
	return send(c, http.StatusOK, a.hub.State().JSON(a.now()))
}

// GetMe says who is asking.
func (a *API) GetMe(c *gin.Context, who session.Who) error {
	ctx := c.Request.Context()
	wallet, err := a.Books.Wallet(ctx, string(who.Key))
	if err != nil {
		return err
	}
	open, err := a.Books.OpenOf(ctx, who.Key)
	if err != nil {
		return err
	}
	out := me{Name: who.Name, Token: who.Token, Balance: wallet.Balance, Blocked: orNull(wallet.Blocked), Pending: make([]Purchase, len(open))}
	for i, p := range open {
		out.Pending[i] = a.purchase(p)
	}
	tenths, known := a.standing(c, who, &out)
	if known {
		rank := float64(tenths) / 10
		out.Rank = &rank
	}
	rules, closed := a.Settings.Pay(), a.closed()
	out.Closed = closed
	sells := closed == nil && known && wallet.Blocked == ""
	out.CanQueue, out.CanPlayNext = sells && tenths >= rules.QueueRank, sells && tenths >= rules.NextRank
	out.CanAdmin = a.admin(who)
	return send(c, http.StatusOK, out)
}

// standing fills in what the room says of somebody and returns the rank by which they act.
func (a *API) standing(c *gin.Context, who session.Who, out *me) (tenths int, known bool) {
	u, err := a.Floor.Person(c.Request.Context(), who.Key)
	switch {
	case err == nil:
		here := true
		out.Present, out.AFK = &here, &u.AFK
		tenths, known = u.RankTenths, true
	case fault.Is(err, fault.Missing):
		here := false
		out.Present = &here
	}
	if who.Token {
		return who.RankTenths, true
	}
	return tenths, known
}

// closed says why nothing is sold to anybody now.
func (a *API) closed() *ProblemError {
	v := a.Floor.View()
	if why := v.Closed(); why != nil {
		return &ProblemError{string(why.Code), why.Sentence}
	}
	if v.Gate.PayClosed {
		return &ProblemError{v.Gate.Code, v.Gate.Sentence}
	}
	return nil
}

// list is a slice that is never null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
