package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/web/session"
)

// movement is one line of a statement.
type movement struct {
	Seq      int64        `json:"seq"`
	At       *string      `json:"at"`
	Kind     string       `json:"kind"`   // grant, earn, hold, settle, release, adjust or makegood
	Change   ledger.Coins `json:"change"` // of the balance
	Amount   ledger.Coins `json:"amount"`
	After    ledger.Coins `json:"balance_after"`
	Purchase *string      `json:"purchase_id"`
	Title    *string      `json:"title"` // of that purchase
	Reason   *string      `json:"reason"`
	Actor    string       `json:"actor"`
}

// statement is somebody's movements, newest first.
type statement struct {
	Balance    ledger.Coins `json:"balance"` // now
	Movements  []movement   `json:"movements"`
	NextBefore *int64       `json:"next_before"` // the before of the next page; null: this was the last
}

// history is somebody's purchases, newest first.
type history struct {
	Purchases  []Purchase `json:"purchases"`
	NextBefore *string    `json:"next_before"` // the before of the next page; null: this was the last
}

// door is one session.
type door struct {
	ID        string  `json:"id"`
	This      bool    `json:"this"`   // the one that is asking
	Linked    bool    `json:"linked"` // opened by a login link
	CreatedAt *string `json:"created_at"`
	SeenAt    *string `json:"seen_at"`
	ExpiresAt *string `json:"expires_at"`
}

// doors is where somebody is logged in.
type doors struct {
	Sessions []door `json:"sessions"`
}

// GetPurchases lists who asks' purchases, newest first.
func (a *API) GetPurchases(c *gin.Context, who session.Who) error {
	return a.history(c, who.Key)
}

// history is a page of somebody's purchases.
func (a *API) history(c *gin.Context, of channel.UserKey) error {
	limit, err := number(c, "limit", pageDefault, 1, pageMax)
	if err != nil {
		return err
	}
	past, err := a.Past.HistoryOf(c.Request.Context(), of, int(limit), c.Query("before"))
	if err != nil {
		return err
	}
	out := history{Purchases: make([]Purchase, len(past))}
	for i, p := range past {
		out.Purchases[i] = a.purchase(p)
	}
	if len(past) == int(limit) {
		out.NextBefore = &past[len(past)-1].ID
	}
	return send(c, http.StatusOK, out)
}

// GetStatement lists the movements of who asks' coins, newest first.
func (a *API) GetStatement(c *gin.Context, who session.Who) error {
	return a.statement(c, who.Key)
}

// statement is a page of somebody's movements.
func (a *API) statement(c *gin.Context, of channel.UserKey) error {
	limit, err := number(c, "limit", pageDefault, 1, pageMax)
	if err != nil {
		return err
	}
	before, err := number(c, "before", 0, 0, seqMax)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	wallet, err := a.Books.Wallet(ctx, string(of))
	if err != nil {
		return err
	}
	page, err := a.Past.Statement(ctx, string(of), int(limit), before)
	if err != nil {
		return err
	}
	out := statement{Balance: wallet.Balance, Movements: make([]movement, len(page.Lines))}
	after := page.Balance
	for i, t := range page.Lines {
		out.Movements[i] = movement{Seq: t.Seq, At: instant(t.AtMS), Kind: t.Kind, Change: t.WalletChange(), Amount: t.Amount, After: after,
			Purchase: orNull(t.Purchase), Title: orNull(t.Title), Reason: orNull(t.Reason), Actor: t.Actor}
		after -= t.WalletChange()
		out.NextBefore = more(t.Seq, page.More)
	}
	return send(c, http.StatusOK, out)
}

// GetSessions lists where who asks is logged in.
func (a *API) GetSessions(c *gin.Context, who session.Who) error {
	return a.sessions(c, who.Key, who.Session)
}

// sessions lists where somebody is logged in. mine is the id of the session that asks.
func (a *API) sessions(c *gin.Context, of channel.UserKey, mine string) error {
	sessions, err := a.Doors.Sessions(c.Request.Context(), of)
	if err != nil {
		return err
	}
	out := doors{Sessions: make([]door, len(sessions))}
	for i, s := range sessions {
		out.Sessions[i] = door{ID: s.ID, This: s.ID == mine, Linked: s.Linked, CreatedAt: instant(s.CreatedAtMS), SeenAt: instant(s.SeenAtMS),
			ExpiresAt: instant(s.ExpiresAtMS)}
	}
	return send(c, http.StatusOK, out)
}

// DeleteSession logs who asks out of one of their browsers.
func (a *API) DeleteSession(c *gin.Context, who session.Who) error {
	if err := a.Doors.Revoke(c.Request.Context(), who.Key, c.Param("id")); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
