package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/web/session"
)

// loginPage is the door: first a name, then the code.
type loginPage struct {
	frame
	Name  string
	Next  string
	Asked bool   // a code is on its way: the second step
	Error string // why the last step did not work
}

// linkPage opens a login link. Nothing happens before its button is pressed: a link that is only looked at stays good.
type linkPage struct {
	frame
	Secret string
	Error  string
}

// LogIn asks for a name.
func (p *Pages) LogIn(c *gin.Context, who session.Who) error {
	next := local(c.Query("next"))
	if who.Browser {
		c.Redirect(http.StatusSeeOther, next)
		return nil
	}
	return p.render(c, http.StatusOK, "login.html", loginPage{frame: p.frame(c, "Log in"), Next: next, Name: cut(c.Query("name"))})
}

// SendCode has the bot send a code and asks for it. The answer is the same for every name.
func (p *Pages) SendCode(c *gin.Context, _ session.Who) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	page := loginPage{frame: p.frame(c, "Log in"), Name: strings.TrimSpace(f.Get("name")), Next: local(f.Get("next")), Asked: true}
	err = p.opt.Login.Ask(session.Try{Name: page.Name, Address: c.ClientIP(), Nonce: session.NewAsker(c.Writer, c.Request)})
	if err != nil {
		page.Asked = false
	}
	return p.step(c, page, err)
}

// RedeemCode opens a session with a code.
func (p *Pages) RedeemCode(c *gin.Context, _ session.Who) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	page := loginPage{frame: p.frame(c, "Log in"), Name: strings.TrimSpace(f.Get("name")), Next: local(f.Get("next")), Asked: true}
	secret, err := p.opt.Login.Redeem(c.Request.Context(), session.Try{Name: page.Name, Address: c.ClientIP(), Code: f.Get("code"),
		Nonce: session.Asker(c.Request)})
	if err != nil {
		return p.step(c, page, err)
	}
	session.Keep(c.Writer, c.Request, secret)
	c.Redirect(http.StatusSeeOther, page.Next)
	return nil
}

// step shows the form again, with what went wrong.
func (p *Pages) step(c *gin.Context, page loginPage, err error) error {
	if err == nil {
		return p.render(c, http.StatusOK, "login.html", page)
	}
	status, sentence, ok := spoken(err)
	if !ok {
		return err
	}
	page.Name, page.Error = cut(page.Name), sentence
	return p.render(c, status, "login.html", page)
}

// Link shows the button that opens a login link.
func (p *Pages) Link(c *gin.Context, _ session.Who) error {
	return p.render(c, http.StatusOK, "link.html", linkPage{frame: p.frame(c, "Log in"), Secret: c.Query("secret")})
}

// OpenLink opens it.
func (p *Pages) OpenLink(c *gin.Context, _ session.Who) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	secret, err := p.opt.Login.Open(c.Request.Context(), f.Get("secret"), c.ClientIP())
	if err != nil {
		status, sentence, ok := spoken(err)
		if !ok {
			return err
		}
		return p.render(c, status, "link.html", linkPage{frame: p.frame(c, "Log in"), Error: sentence})
	}
	session.Keep(c.Writer, c.Request, secret)
	c.Redirect(http.StatusSeeOther, "/queue")
	return nil
}

// LogOut ends the session of this browser.
func (p *Pages) LogOut(c *gin.Context, who session.Who) error {
	if who.Session != "" {
		if err := p.opt.Login.Revoke(c.Request.Context(), who.Key, who.Session); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	session.Forget(c.Writer, c.Request)
	c.Redirect(http.StatusSeeOther, "/queue")
	return nil
}

// EndSession ends one of somebody's sessions.
func (p *Pages) EndSession(c *gin.Context, who session.Who) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	if err := p.opt.Login.Revoke(c.Request.Context(), who.Key, f.Get("id")); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/account?"+url.Values{"done": {"ended"}}.Encode()+"#doors")
	return nil
}

// cut keeps what a page repeats of a request short.
func cut(text string) string {
	if runes := []rune(text); len(runes) > seekMax {
		return string(runes[:seekMax])
	}
	return text
}
