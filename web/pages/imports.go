package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/jobs"
	"playbill/core/ledger"
	"playbill/web/session"
)

// importsPage is how titles come into the catalog: imports and the sync with a MediaCMS site.
type importsPage struct {
	desk
	Listed  int      // entries on the channel's list
	HasSite bool     // a MediaCMS site is configured
	Sync    *jobRow  // the last one; nil: there was none
	Jobs    []jobRow // all others
}

// jobRow is one import or sync.
type jobRow struct {
	ID                 int64
	Subject            string
	Actor, Path        string // who started it; empty: the host
	Kind, Word         string // of its state
	Started            string
	Note               string // how far it is, or how it ended
	Reached            string // "4,000 of 10,000"
	Done, Total        int64
	Running            bool
	Problems           []jobs.Problem
	ProblemWords, More string
}

// Imports is the page of imports and syncs.
func (p *Pages) Imports(c *gin.Context, _ session.Who) error {
	all, err := p.opt.Jobs.List(c.Request.Context())
	if err != nil {
		return err
	}
	page := importsPage{desk: p.desk(c, "Import"), HasSite: p.opt.Sync != nil}
	page.Script = "imports.js"
	for _, e := range p.opt.Floor.View().Shadow.Entries {
		if !e.Role.Promo() {
			page.Listed++
		}
	}
	for _, j := range all {
		row := p.jobRow(j)
		if j.Kind == syncKind && page.HasSite && page.Sync == nil {
			page.Sync = &row
			continue
		}
		page.Jobs = append(page.Jobs, row)
	}
	return p.render(c, http.StatusOK, "imports.html", page)
}

// syncKind is the kind of a job that is a sync.
const syncKind = "mediacms"

func (p *Pages) jobRow(j jobs.Job) jobRow {
	row := jobRow{ID: j.ID, Subject: j.Subject, Actor: j.Actor, Path: actorPath(j.Actor), Started: capital(p.when(j.StartedMS)), Note: j.Note, Done: j.Done, Total: j.Total,
		Running: j.State == jobs.Running, Problems: j.Problems[:min(len(j.Problems), wrongsMax)]}
	if j.Total > 0 {
		row.Reached = sum(ledger.Coins(j.Done)) + " of " + sum(ledger.Coins(j.Total))
	}
	switch j.State {
	case jobs.Running:
		row.Word = "Running"
	case jobs.Done:
		row.Kind, row.Word = "good", "Done"
	case jobs.Failed:
		row.Kind, row.Word = "bad", "Failed"
	case jobs.Cancelled:
		row.Kind, row.Word = "warn", "Cancelled"
	case jobs.Interrupted:
		row.Kind, row.Word = "warn", "Interrupted"
		row.Note = p.cutWords(j)
	}
	if n := len(j.Problems); n > 0 {
		row.ProblemWords = plural(n, "problem")
		if n > wrongsMax {
			row.More = "The first " + plural(wrongsMax, "problem") + " of " + sum(ledger.Coins(n)) + "."
		}
	}
	return row
}

// cutWords say what a job had done that a stop of the host has cut, and what to do now.
func (p *Pages) cutWords(j jobs.Job) string {
	text := "Playbill stopped " + p.when(j.EndedMS) + " while it ran"
	switch {
	case j.Total > 0:
		text += ", after " + sum(ledger.Coins(j.Done)) + " of " + sum(ledger.Coins(j.Total)) + ". What was done stays."
	default:
		text += ". What was done before stays."
	}
	if j.Kind == syncKind {
		return text + " The next sync goes on from there."
	}
	return text + " Import the same again: what is there already is left as it is."
}
