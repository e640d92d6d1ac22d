package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/web/session"
)

// viewerPage is one viewer as admins see them.
type viewerPage struct {
	desk
	Name, Key, API string
	Known          bool
	Figure         string
	Facts          []price
	Blocked        string
	Own            bool // the admin’s own account
	Waiting        []waiting
	Past           []past
	Moves          []move
	Sessions       []browser

	Earlier struct{ Past, Moves string } // the addresses of the pages before; empty: there are none
	Paged   bool
}

// Viewer is the page of one viewer.
func (p *Pages) Viewer(c *gin.Context, who session.Who) error {
	ctx, key := c.Request.Context(), channel.Fold(c.Param("user"))
	if key == "" {
		return fault.New(fault.NotFound, "That is not the name of a viewer.")
	}
	one, err := p.opt.Money.Accounts.Standing(ctx, string(key))
	if err != nil {
		return err
	}
	open, err := p.opt.Books.OpenOf(ctx, key)
	if err != nil {
		return err
	}
	sessions, err := p.opt.Login.Sessions(ctx, key)
	if err != nil {
		return err
	}
	name := one.Name
	if one.CreatedAtMS == 0 {
		name = c.Param("user")
		if u, here := p.people()[key]; here {
			name = u.Name
		}
	}
	page := viewerPage{desk: p.desk(c, name), Name: name, Key: string(key), API: "/api/v1/admin/viewers/" + url.PathEscape(string(key)),
		Known: one.CreatedAtMS != 0, Figure: sum(one.Balance), Facts: p.standing(one), Blocked: one.Blocked, Own: key == who.Key,
		Waiting: p.waitings(open), Sessions: p.browsers(sessions, who.Session)}
	if err := p.leaf(c, &page, key); err != nil {
		return err
	}
	return p.render(c, http.StatusOK, "viewer.html", page)
}

// standing is what is known of a viewer, as the room and the books have it now.
func (p *Pages) standing(one ledger.Standing) []price {
	rank, there := "not known", "not in the room"
	v := p.opt.Floor.View()
	u, here := p.people()[channel.UserKey(one.User)]
	switch {
	case v.People == nil:
		there = "not known"
	case here:
		rank, there = strconv.FormatFloat(float64(u.RankTenths)/10, 'f', -1, 64), "here now"
		if u.AFK {
			there += ", away"
		}
		if u.Muted {
			there += ", muted"
		}
	}
	out := []price{{"Held for requests", sum(one.Held)}, {"In the room", there}, {"Rank", rank}}
	if one.SeenAtMS != 0 {
		out = append(out, price{"Last seen", p.day(one.SeenAtMS)})
	}
	if one.CreatedAtMS != 0 {
		out = append(out, price{"First coins", p.day(one.CreatedAtMS)})
	}
	return out
}

// leaf fills in the page of the history and of the statement that the address asks for.
func (p *Pages) leaf(c *gin.Context, page *viewerPage, of channel.UserKey) error {
	before, purchase := c.Query("before"), c.Query("purchase")
	page.Paged = before != "" || purchase != ""
	history, err := p.opt.Past.HistoryOf(c.Request.Context(), of, pastMax, purchase)
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(cmp.Or(before, "0"), 10, 64)
	if err != nil || seq < 0 {
		return fault.New(fault.Invalid, "This page of the statement does not exist. Begin again with the newest.")
	}
	statement, err := p.opt.Past.Statement(c.Request.Context(), string(of), pastMax, seq)
	if err != nil {
		return err
	}
	page.Past, page.Moves = p.pasts(history), p.moves(statement)
	for i, t := range statement.Lines {
		page.Moves[i].Small = signed(t.Transfer)
	}
	earlier := func(before, purchase, at string) string {
		return viewerPath(string(of)) + "?" + url.Values{"before": {before}, "purchase": {purchase}}.Encode() + at
	}
	if len(history) == pastMax {
		page.Earlier.Past = earlier(before, history[len(history)-1].ID, "#past")
	}
	if n := len(statement.Lines); statement.More {
		page.Earlier.Moves = earlier(strconv.FormatInt(statement.Lines[n-1].Seq, 10), purchase, "#statement")
	}
	return nil
}

// signed is the small print of a movement for an admin: its number in the ledger, why, and who signed it.
func signed(t ledger.Transfer) string {
	text := "No. " + strconv.FormatInt(t.Seq, 10)
	if t.Reason != "" {
		text += ", " + t.Reason
	}
	if t.Actor != pay.Host {
		text += ", by " + t.Actor
	}
	return text
}
