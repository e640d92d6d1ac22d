package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/web/session"
)

// deed is one entry of the audit trail.
type deed struct {
	ID       int64           `json:"id"`
	At       *string         `json:"at"`
	Actor    string          `json:"actor"`
	Action   string          `json:"action"`
	Subject  string          `json:"subject"`
	Sentence string          `json:"sentence"` // the same in words
	Before   json.RawMessage `json:"before"`
	After    json.RawMessage `json:"after"`
	CanUndo  bool            `json:"can_undo"`
	UndoneBy *int64          `json:"undone_by"` // the entry that took it back
	Undoer   *string         `json:"undoer"`
}

// deeds is a page of the trail, newest first.
type deeds struct {
	Audit      []deed `json:"audit"`
	NextBefore *int64 `json:"next_before"`
}

// undone is what became of an undo.
type undone struct {
	ID       int64  `json:"id"` // of the entry that was taken back
	Sentence string `json:"sentence"`
}

// GetAudit pages through the audit trail, newest first.
func (a *API) GetAudit(c *gin.Context, _ session.Who) error {
	limit, before, err := page(c)
	if err != nil {
		return err
	}
	rows, err := a.Money.History.AuditTrail(c.Request.Context(), audit.Query{BeforeID: before, Limit: limit, Actor: c.Query("actor"), Action: c.Query("action")})
	if err != nil {
		return err
	}
	out := deeds{Audit: make([]deed, len(rows))}
	for i, e := range rows {
		out.Audit[i] = deed{ID: e.ID, At: instant(e.AtMS), Actor: e.Actor, Action: e.Action, Subject: e.Subject, Sentence: Told(e),
			Before: rawOf(e.Before), After: rawOf(e.After), CanUndo: CanUndo(e), UndoneBy: orNull(e.UndoneBy), Undoer: orNull(e.Undoer)}
		out.NextBefore = more(e.ID, len(rows) == limit)
	}
	return send(c, http.StatusOK, out)
}

// PostUndo takes back what an entry of the trail says, once.
func (a *API) PostUndo(c *gin.Context, who session.Who) error {
	id, err := idOf(c, "id", "entry in the audit trail")
	if err != nil {
		return err
	}
	e, err := a.Money.History.AuditEntry(c.Request.Context(), id)
	if err != nil {
		return err
	}
	sentence, err := a.undo(c, who, e)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, undone{id, sentence})
}

// CanUndo reports whether what an entry says can still be taken back.
func CanUndo(e audit.Entry) bool {
	_, can := undoOf(e)
	return can && e.UndoneBy == 0
}

// undoRequest takes back what an entry says.
func undoRequest(id int64) *Undo {
	return &Undo{Method: http.MethodPost, Path: "/api/v1/admin/audit/" + strconv.FormatInt(id, 10) + "/undo"}
}

// rawOf is JSON as the trail keeps it; null for none, and for what is not JSON.
func rawOf(text string) json.RawMessage {
	if !json.Valid([]byte(text)) {
		return json.RawMessage("null")
	}
	return json.RawMessage(text)
}

func notUndoable(e audit.Entry) error {
	return fault.New(fault.Conflict, fmt.Sprintf("Entry %d cannot be taken back.", e.ID))
}
