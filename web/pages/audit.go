package pages

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/audit"
	"playbill/core/pay"
	"playbill/web/api"
	"playbill/web/session"
)

// auditPage is who changed what.
type auditPage struct {
	desk
	Actors, Kinds []choice
	Deeds         []deed
	Earlier       string
	Filtered      bool
}

// deed is one entry of the trail.
type deed struct {
	ID                   int64
	At, ISO, Actor, Path string
	Sentence             string
	Before, After        string
	CanUndo              bool
	Undoer               string
	Undone               bool
}

// Audit is the page of the audit trail.
func (p *Pages) Audit(c *gin.Context, _ session.Who) error {
	ctx := c.Request.Context()
	before, err := strconv.ParseInt(c.DefaultQuery("before", "0"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	of := audit.Query{BeforeID: before, Limit: deedsMax, Actor: c.Query("actor"), Action: c.Query("action")}
	rows, err := p.opt.Money.History.AuditTrail(ctx, of)
	if err != nil {
		return err
	}
	actors, err := p.opt.Money.History.AuditActors(ctx)
	if err != nil {
		return err
	}
	page := auditPage{desk: p.desk(c, "Audit trail"), Filtered: of.Actor != "" || of.Action != "", Actors: []choice{{Word: "Everybody", Chosen: of.Actor == ""}}}
	for _, a := range actors {
		page.Actors = append(page.Actors, choice{a, a, a == of.Actor})
	}
	for _, k := range deedKinds() {
		k.Chosen = k.Value == of.Action
		page.Kinds = append(page.Kinds, k)
	}
	for _, e := range rows {
		page.Deeds = append(page.Deeds, p.deed(e))
	}
	if len(rows) == deedsMax {
		page.Earlier = "/admin/audit?" + url.Values{"before": {strconv.FormatInt(rows[len(rows)-1].ID, 10)}, "actor": {of.Actor}, "action": {of.Action}}.Encode()
	}
	return p.render(c, http.StatusOK, "audit.html", page)
}

// deedKinds are the kinds of actions by the word before their dot.
func deedKinds() []choice {
	return []choice{{Word: "Everything"}, {Value: "ledger", Word: "Coins"}, {Value: "viewer", Word: "Blocks"}, {Value: "queue", Word: "Queue"},
		{Value: "purchase", Word: "Requests"}, {Value: "playlist", Word: "Playlists"}, {Value: "catalog", Word: "Catalog"}, {Value: "promos", Word: "Promos"}, {Value: "plugin", Word: "Plugins"},
		{Value: "pay", Word: "Prices"}, {Value: "event", Word: "Events"}, {Value: "token", Word: "Tokens"}, {Value: "login", Word: "Logins"},
		{Value: "sessions", Word: "Sessions"}, {Value: "audit", Word: "Undone"}}
}

func (p *Pages) deed(e audit.Entry) deed {
	return deed{ID: e.ID, At: p.day(e.AtMS), ISO: iso(e.AtMS, p.opt.Zone), Actor: e.Actor, Path: actorPath(e.Actor), Sentence: strings.TrimPrefix(api.Told(e), e.Actor),
		Before: indented(e.Before), After: indented(e.After), CanUndo: api.CanUndo(e), Undone: e.UndoneBy != 0, Undoer: e.Undoer}
}

// actorPath is the admin page of who did something; empty for what is no person.
func actorPath(actor string) string {
	switch actor {
	case "cli", "demo", pay.Host:
		return ""
	default:
		return viewerPath(actor)
	}
}

// indented is JSON for people; what is not JSON is shown as it is.
func indented(text string) string {
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(text), "", "  "); err != nil {
		return text
	}
	return out.String()
}
