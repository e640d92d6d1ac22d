package pages

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/web/api"
	"playbill/web/live"
)

// desk is what every admin page has: the frame, what is on the screen now, and the contents of the desk. A page embeds it,
// and its template stands between "desk-head" and "desk-foot".
type desk struct {
	frame
	Script   string // a module of this page alone; empty: none
	Address  string // of this page, with its query: what it is brought up to date from
	OnNow    onNow
	Contents []chapter
	Load     *loadStrip // nil: no playlist is being loaded, or was lately
}

// onNow is the strip over every admin page.
type onNow struct {
	On                bool
	Title, Left, Then string
	Max, Value        int64
	Played            string
}

// chapter is one admin page in the contents list. Its figure is the number that matters there.
type chapter struct {
	Path, Word, Figure string
	Alert              bool // the figure is something to do
	Here               bool
}

// desk is what an admin page has around its own. title is its name in the contents and its heading.
func (p *Pages) desk(c *gin.Context, title string) desk {
	f := p.frame(c, title)
	s := p.opt.Hub.State()
	return desk{frame: f, Address: c.Request.URL.RequestURI(), OnNow: p.onNow(s), Contents: p.contents(c),
		Load: p.loadStrip(c)}
}

// contents lists the admin pages in the order of the day's work. A new page is one line here and one in the routes.
func (p *Pages) contents(c *gin.Context) []chapter {
	all := []chapter{
		{Path: "/admin", Word: "Overview"},
		{Path: "/admin/queue", Word: "Queue", Figure: strconv.Itoa(max(p.opt.Floor.View().Shadow.Len()-1, 0))},
		{Path: "/admin/promos", Word: "Promos"},
		{Path: "/admin/playlists", Word: "Playlists", Figure: strconv.Itoa(len(p.opt.Shelf.Playlists()))},
		{Path: "/admin/events", Word: "Events"},
		{Path: "/admin/catalog", Word: "Catalog", Figure: sum(ledger.Coins(p.opt.Shelf.Search(library.Query{Reserved: true, Limit: 1}).Total))},
		{Path: "/admin/presence", Word: "Presence"},
		{Path: "/admin/ledger", Word: "Viewers and ledger"},
		{Path: "/admin/prices", Word: "Prices and earning"},
		{Path: "/admin/plugins", Word: "Plugins"},
		{Path: "/admin/audit", Word: "Audit trail"},
		{Path: "/admin/tokens", Word: "API tokens"},
	}
	p.figures(c, all)
	for i := range all {
		here := c.FullPath()
		all[i].Here = here == all[i].Path || all[i].Path != "/admin" && strings.HasPrefix(here, all[i].Path+"/")
	}
	return all
}

func (p *Pages) onNow(s live.State) onNow {
	now := p.opt.Now()
	air := p.air(s, now)
	out := onNow{On: air.On && s.Health == channel.Good, Title: air.Title, Max: air.Max, Value: air.Value, Played: air.Played + " of " + air.Of}
	switch {
	case !out.On:
		return onNow{}
	case !air.Live:
		out.Left = air.Left + " left"
	}
	for _, item := range s.Items {
		if item.EntryID != s.Now.EntryID && item.StartsMS > 0 {
			out.Then = "then " + item.Media.Title + " at " + clock(item.StartsMS, p.opt.Zone)
			break
		}
	}
	return out
}

// figures gives chapters the number that matters there.
func (p *Pages) figures(c *gin.Context, all []chapter) {
	todo := map[string]int{}
	needs := p.opt.API.Needs(c.Request.Context())
	for _, n := range needs {
		todo[n.Area]++
	}
	for i := range all {
		n := 0
		switch all[i].Path {
		case "/admin":
			n = len(needs)
		case "/admin/promos":
			n = todo[api.AreaPromos]
		case "/admin/events":
			if armed := len(p.opt.Floor.View().Upcoming); armed > 0 {
				all[i].Figure = strconv.Itoa(armed)
			}
			n = todo[api.AreaEvents]
		case "/admin/presence":
			if clocks := len(p.opt.Floor.View().Clocks); clocks > 0 {
				all[i].Figure = plural(clocks, "clock")
			}
		case "/admin/plugins":
			all[i].Figure, all[i].Alert = p.readyOf(), todo[api.AreaPlugins] > 0
		}
		if n > 0 {
			all[i].Figure, all[i].Alert = strconv.Itoa(n)+" to do", true
		}
	}
}

// readyOf is how many plugins are ready: "7 of 8". Those that are switched off are not missed.
func (p *Pages) readyOf() string {
	ready, wanted := 0, 0
	for _, one := range p.opt.Plugins.Report() {
		if one.State == "ready" {
			ready++
		}
		if one.State != "disabled" {
			wanted++
		}
	}
	return fmt.Sprintf("%d of %d", ready, wanted)
}
