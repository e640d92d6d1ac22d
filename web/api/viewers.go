package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/web/session"
)

// viewer is somebody as the books and the room know them.
type viewer struct {
	Name    string       `json:"name"`
	Key     string       `json:"key"`
	Known   bool         `json:"known"` // has a wallet
	Balance ledger.Coins `json:"balance"`
	Held    ledger.Coins `json:"held"`    // in escrow, for requests that have not ended
	Blocked *string      `json:"blocked"` // why this account neither buys nor earns
	Since   *string      `json:"since"`
	SeenAt  *string      `json:"seen_at"` // last earned, bought, or had a page open as themselves
	Present *bool        `json:"present"` // in the room; null: not known
	AFK     *bool        `json:"afk"`
	Rank    *float64     `json:"rank"`
}

// viewers is a page of viewers.
type viewers struct {
	Total   int      `json:"total"`
	Viewers []viewer `json:"viewers"`
}

// blocking is why an account is closed, or opened again.
type blocking struct {
	Reason string `json:"reason"`
}

// blocked is what became of that.
type blocked struct {
	User      string  `json:"user"`
	Blocked   *string `json:"blocked"`
	Withdrawn int     `json:"withdrawn"` // requests that are taken off and refunded
	Sentence  string  `json:"sentence"`
}

// GetViewers searches for viewers.
func (a *API) GetViewers(c *gin.Context, _ session.Who) error {
	limit, err := number(c, "limit", pageDefault, 1, pageMax)
	if err != nil {
		return err
	}
	offset, err := number(c, "offset", 0, 0, offsetMax)
	if err != nil {
		return err
	}
	s, err := SearchOf(c.Query("q"), c.Query("sort"))
	if err != nil {
		return err
	}
	s.Limit, s.Offset = int(limit), int(offset)
	found, err := a.Money.Accounts.Viewers(c.Request.Context(), s)
	if err != nil {
		return err
	}
	people := a.people()
	out := viewers{Total: found.Total, Viewers: make([]viewer, len(found.Viewers))}
	for i, one := range found.Viewers {
		out.Viewers[i] = viewerOf(one, people)
	}
	return send(c, http.StatusOK, out)
}

// SearchOf is a search as an address has it; without an order, by name. fault.Invalid: there is no such order.
func SearchOf(text, order string) (ledger.Search, error) {
	switch order {
	case "":
		order = ledger.ByName
	case ledger.ByName, ledger.ByBalance, ledger.BySeen:
	default:
		return ledger.Search{}, fault.New(fault.Invalid, "“sort” is name, balance or seen.")
	}
	text = strings.TrimSpace(text)
	if len(text) > nameMax {
		return ledger.Search{}, fault.New(fault.Invalid, fmt.Sprintf("A name has at most %d characters.", nameMax))
	}
	return ledger.Search{Prefix: text, Order: order}, nil
}

// GetViewer returns one viewer.
func (a *API) GetViewer(c *gin.Context, _ session.Who) error {
	one, err := a.Money.Accounts.Standing(c.Request.Context(), string(userIn(c)))
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, viewerOf(one, a.people()))
}

// GetViewerStatement lists the movements of a viewer's coins, newest first.
func (a *API) GetViewerStatement(c *gin.Context, _ session.Who) error {
	return a.statement(c, userIn(c))
}

// GetViewerPurchases lists a viewer's purchases, newest first.
func (a *API) GetViewerPurchases(c *gin.Context, _ session.Who) error {
	return a.history(c, userIn(c))
}

// GetViewerSessions lists where a viewer is logged in.
func (a *API) GetViewerSessions(c *gin.Context, who session.Who) error {
	return a.sessions(c, userIn(c), who.Session)
}

// DeleteViewerSessions logs a viewer out everywhere, or in the browser that is named.
func (a *API) DeleteViewerSessions(c *gin.Context, who session.Who) error {
	user := userIn(c)
	var ids []string
	subject := string(user)
	if id := c.Param("id"); id != "" {
		ids = []string{id}
	}
	n, err := a.Doors.RevokeAll(c.Request.Context(), user, ids, a.act(who, "sessions.revoke", subject))
	if err != nil {
		return err
	}
	if n == 0 && ids != nil {
		return fault.New(fault.NotFound, "That session has ended already.")
	}
	return send(c, http.StatusOK, gin.H{"ended": n})
}

// PostBlock closes an account: it neither buys nor earns, and what it has waiting is refunded.
func (a *API) PostBlock(c *gin.Context, who session.Who) error {
	return a.setBlocked(c, who, true)
}

// PostUnblock opens it again.
func (a *API) PostUnblock(c *gin.Context, who session.Who) error {
	return a.setBlocked(c, who, false)
}

func (a *API) setBlocked(c *gin.Context, who session.Who, block bool) error {
	key, err := requestKey(c)
	if err != nil {
		return err
	}
	var b blocking
	if err := decode(c, bodyMax, &b); err != nil {
		return err
	}
	if err := reasonable("reason", b.Reason, reasonMax); err != nil {
		return err
	}
	if err := a.mayBlock(c, who); err != nil {
		return err
	}
	was, err := a.Books.Wallet(c.Request.Context(), string(userIn(c)))
	if err != nil {
		return err
	}
	b.Reason = strings.TrimSpace(b.Reason)
	e := a.act(who, "viewer.unblock", was.User)
	e.Key, e.After = "block:"+key, jsonOf(b)
	purse := ledger.Purse{User: was.User, Name: was.Name}
	if was.CreatedAtMS == 0 {
		purse.Name = c.Param("user")
	}
	if block {
		e.Action, purse.Blocked = "viewer.block", b.Reason
	}
	if was.Blocked != "" {
		e.Before = jsonOf(blocking{was.Blocked})
	}
	e.Undo = jsonOf(undo{Do: undoBlock, User: was.User, Was: was.Blocked, Is: purse.Blocked})
	out, err := a.block(c, purse, e)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, out)
}

// mayBlock refuses to block oneself, and who stands above in the room.
func (a *API) mayBlock(c *gin.Context, who session.Who) error {
	user := userIn(c)
	if !nameLike(string(user)) {
		return fault.New(fault.NotFound, "That is not the name of a viewer.")
	}
	if user == who.Key {
		return fault.New(fault.Forbidden, "You cannot block yourself. Another admin can.")
	}
	if p, here := a.people()[user]; here && p.RankTenths > who.RankTenths {
		return fault.New(fault.Forbidden, p.Name+" has a higher rank than you. Nothing was changed.")
	}
	return nil
}

// block does it, and says what became of what was waiting.
func (a *API) block(c *gin.Context, p ledger.Purse, e audit.Entry) (blocked, error) {
	ctx := c.Request.Context()
	open, err := a.Books.OpenOf(ctx, channel.UserKey(p.User))
	if err != nil {
		return blocked{}, err
	}
	if err := a.Money.Blocks.Block(ctx, p, e); err != nil {
		return blocked{}, err
	}
	out := blocked{User: p.Name, Blocked: orNull(p.Blocked), Sentence: p.Name + " may request and earn again."}
	if p.Blocked != "" {
		out.Withdrawn = len(open)
		out.Sentence = p.Name + " is blocked: no requests, no earning."
		switch len(open) {
		case 0:
		case 1:
			out.Sentence += " One request that waited is taken off and refunded."
		default:
			out.Sentence += fmt.Sprintf(" %d requests that waited are taken off and refunded.", len(open))
		}
	}
	return out, nil
}

// userIn is the viewer whom the address names.
func userIn(c *gin.Context) channel.UserKey { return channel.Fold(c.Param("user")) }

// people is who is in the room now, by key; nil when that is not known.
func (a *API) people() map[channel.UserKey]channel.User {
	v := a.Floor.View()
	if v.People == nil {
		return nil
	}
	out := make(map[channel.UserKey]channel.User, len(v.People))
	for _, u := range v.People {
		out[u.Key] = u
	}
	return out
}

func viewerOf(s ledger.Standing, people map[channel.UserKey]channel.User) viewer {
	out := viewer{Name: s.Name, Key: s.User, Known: s.CreatedAtMS != 0, Balance: s.Balance, Held: s.Held, Blocked: orNull(s.Blocked),
		Since: instant(s.CreatedAtMS), SeenAt: instant(s.SeenAtMS)}
	if people == nil {
		return out
	}
	u, here := people[channel.UserKey(s.User)]
	out.Present = &here
	if here {
		rank := float64(u.RankTenths) / 10
		out.AFK, out.Rank = &u.AFK, &rank
	}
	return out
}
