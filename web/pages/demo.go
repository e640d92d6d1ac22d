package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/web/session"
)

// Demo is a room whose people are made up: anybody may be one of them, and read what the bot tells them.
type Demo interface {
	// Join lets a visitor in as a viewer, with some coins, or does nothing for a viewer who is in. Faults: Invalid for a name
	// that cannot be, Forbidden for one that is not a viewer's.
	Join(ctx context.Context, name string) error
	// Messages returns what a viewer was told, oldest first. Faults as Join's.
	Messages(name string) ([]Message, error)
}

// Message is one PM.
type Message struct {
	AtMS int64 // UTC milliseconds
	From string
	Text string
}

// messagesPage is a viewer's window on the room.
type messagesPage struct {
	frame
	Name  string
	In    bool
	Lines []line
	Error string
}

// line is one message.
type line struct{ Clock, ISO, From, Text string }

// Messages shows what the bot told a made-up viewer.
func (p *Pages) Messages(c *gin.Context, _ session.Who) error {
	page := messagesPage{frame: p.frame(c, "Messages in the room"), Name: strings.TrimSpace(cut(c.Query("name")))}
	if page.Name == "" {
		return p.render(c, http.StatusOK, "pms.html", page)
	}
	list, err := p.opt.Demo.Messages(page.Name)
	status := http.StatusOK
	if err != nil {
		var ok bool
		if status, page.Error, ok = spoken(err); !ok {
			return err
		}
	}
	page.In = err == nil
	for i := len(list) - 1; i >= 0; i-- {
		m := list[i]
		page.Lines = append(page.Lines, line{clock(m.AtMS, p.opt.Zone), iso(m.AtMS, p.opt.Zone), m.From, m.Text})
	}
	return p.render(c, status, "pms.html", page)
}

// Join lets a visitor into the room.
func (p *Pages) Join(c *gin.Context, _ session.Who) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(f.Get("name"))
	if err := p.opt.Demo.Join(c.Request.Context(), name); err != nil {
		status, sentence, ok := spoken(err)
		if !ok || status == http.StatusForbidden {
			status = http.StatusBadRequest
		}
		if !ok {
			return err
		}
		return p.render(c, status, "pms.html", messagesPage{frame: p.frame(c, "Messages in the room"), Name: cut(name), Error: sentence})
	}
	c.Redirect(http.StatusSeeOther, "/demo/pms?"+url.Values{"name": {name}}.Encode())
	return nil
}
