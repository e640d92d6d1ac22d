package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/web/api"
	"playbill/web/session"
)

// visitor is who looks at a page.
type visitor struct {
	Name    string
	Key     string
	Balance string // empty: not known now
	Browser bool   // can log out
	Admin   bool   // the desk is open to them
}

// whoKey is where a request keeps who is asking.
const whoKey = "who"

// Remember notes who is asking, for the bar that every page has.
func Remember(c *gin.Context, who session.Who) { c.Set(whoKey, who) }

func (p *Pages) visitor(c *gin.Context) *visitor {
	v, _ := c.Get(whoKey)
	who, _ := v.(session.Who)
	if who.Anybody() {
		return nil
	}
	out := &visitor{Name: who.Name, Key: string(who.Key), Browser: who.Browser, Admin: p.admin(who)}
	if wallet, err := p.opt.Books.Wallet(c.Request.Context(), string(who.Key)); err == nil {
		out.Balance = coins(int64(wallet.Balance))
	}
	return out
}

// AskWho sends somebody who must log in first to the door, and from there back to where they wanted to go.
func (p *Pages) AskWho(c *gin.Context) {
	next := c.Request.URL.RequestURI()
	if c.Request.Method != http.MethodGet {
		next = "/account"
	}
	c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(next))
}

// local is where to go after logging in: a page of ours, whatever was asked for.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") ||
		strings.HasPrefix(u.Path, "/login") {
		return "/account"
	}
	return next
}

// form reads a form of a bounded size.
func form(c *gin.Context) (url.Values, error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, formBody)
	if err := c.Request.ParseForm(); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The form could not be read. Go back and send it again.")
	}
	return c.Request.PostForm, nil
}

// spoken is the status and the sentence of a refusal that a page shows itself; ok is false for what only the log may know.
func spoken(err error) (status int, sentence string, ok bool) {
	status, p, known := api.ProblemOf(err)
	return status, p.Error.Message, known && status != http.StatusInternalServerError
}
