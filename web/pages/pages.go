// Package pages is what people see: HTML, rendered on the server and complete without a script, and the files that go
// with it. Pages only render; every change by a person goes through the API.
//
// Nothing is inline and nothing comes from elsewhere, so the strictest content security policy holds. The script of the
// live queue (assets/live.js) patches the same rows that queue.html renders, from the same templates.
package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/web/api"
	"playbill/web/live"
	"playbill/web/session"
)

//go:embed templates
var templates embed.FS

// Options is what the pages are made of.
type Options struct {
	api.Ports
	API     *api.API // computes what pages and programs are told alike
	Login   *session.Login
	Demo    Demo // nil: this is no demo
	Hub     *live.Hub
	Rules   func() pay.Rules
	Zone    *time.Location
	Version string
	Now     func() int64 // UTC milliseconds
}

// Pages renders. Safe for concurrent use.
type Pages struct {
	opt     Options
	set     *template.Template
	files   map[string]file // the assets, by their path below assets
	version string          // of all assets together: it is in their addresses, so that a browser may keep them for ever
}

// frame is what every page has.
type frame struct {
	Title   string
	Channel string
	Theme   string // light, dark, or empty: as the system has it
	Assets  string // address under which the assets are
	Zone    string // IANA name
	Place   string // the zone in a word
	Clock   string // the station's time
	Version string
	Me      *visitor // nil: nobody is logged in
	At      string   // the route of this page
	Demo    bool
	Broken  string // why nothing can be stored now; empty: it can

	Revision int64   // of the live queue, of which the page shows these two
	Lock     *lock   // nil: no event closes the desk
	Coming   *coming // nil: nothing is planned
}

// New parses the templates.
func New(opt Options) (*Pages, error) {
	set, err := template.New("").Funcs(words()).ParseFS(templates, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the pages: %w", err)
	}
	files, version, err := dressed(assets)
	if err != nil {
		return nil, fmt.Errorf("read the assets: %w", err)
	}
	return &Pages{opt: opt, set: set, files: files, version: version}, nil
}

// words are the functions of the templates.
func words() template.FuncMap {
	return template.FuncMap{
		"row":        func(assets string, r row) placed { return placed{r, r, assets} },
		"viewer":     viewerPath,
		"named":      func(name, word string, options []option) named { return named{name, word, options} },
		"blankPromo": func() row { return row{Promo: true, Time: " ", ShowTime: true} },
		"blankTitle": func() row { return row{Time: " "} },
	}
}

func (p *Pages) frame(c *gin.Context, title string) frame {
	s, now := p.opt.Hub.State(), p.opt.Now()
	broken := ""
	if fault.Code(s.Closed.Code) == fault.Journal {
		broken = s.Closed.Text
	}
	return frame{Broken: broken, Title: title, Channel: s.Channel, Theme: lights(c), Assets: "/assets/" + p.version + "/", Zone: p.opt.Zone.String(),
		Place: place(p.opt.Zone), Clock: clock(now, p.opt.Zone), Version: p.opt.Version,
		Me: p.visitor(c), At: c.FullPath(), Demo: p.opt.Demo != nil,
		Revision: s.Revision, Lock: p.lockOf(s, now), Coming: p.coming(s, now)}
}

// render writes a page whole or not at all.
func (p *Pages) render(c *gin.Context, status int, name string, data any) error {
	var page bytes.Buffer
	if err := p.set.ExecuteTemplate(&page, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	c.Data(status, "text/html; charset=utf-8", page.Bytes())
	return nil
}

// Fail is the page of a request that went wrong.
func (p *Pages) Fail(c *gin.Context, status int, sentence string) {
	data := struct {
		frame
		Status   int
		Sentence string
	}{p.frame(c, http.StatusText(status)), status, sentence}
	if err := p.render(c, status, "fail.html", data); err != nil {
		c.String(status, sentence)
	}
}

// The house lights: what a page looks like, kept in the browser.
const (
	lightsCookie = "lights"
	lightsLight  = "light"
	lightsDark   = "dark"
	lightsSystem = "system"
)

func lights(c *gin.Context) string {
	switch v, _ := c.Cookie(lightsCookie); v {
	case lightsLight, lightsDark:
		return v
	default:
		return ""
	}
}

// Lights sets the house lights and goes back to the page.
func (p *Pages) Lights(c *gin.Context, _ session.Who) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, lightsBody)
	cookie := &http.Cookie{Name: lightsCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Request.TLS != nil}
	switch theme := c.PostForm("theme"); theme {
	case lightsLight, lightsDark:
		cookie.Value, cookie.MaxAge = theme, int(lightsAge.Seconds())
	case lightsSystem:
		cookie.MaxAge = -1
	default:
		return fault.New(fault.Invalid, "The house lights are system, light or dark.")
	}
	http.SetCookie(c.Writer, cookie)
	c.Redirect(http.StatusSeeOther, "/queue")
	return nil
}

// place is a time zone in a word: "Lisbon".
func place(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndex(name, "/")+1:], "_", " ")
}
