package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/station"
	"playbill/web/session"
)

// Loading is a playlist on its way into the live list.
type Loading struct {
	ID         int64        `json:"id"`
	PlaylistID int64        `json:"playlist_id"`
	Name       string       `json:"name"`
	By         string       `json:"by"`
	Total      int          `json:"total"`
	Done       int          `json:"done"`
	Failed     []FailedJSON `json:"failed"`
	StartedAt  *string      `json:"started_at"`
	EndedAt    *string      `json:"ended_at"`  // null: it is under way
	EndedHow   *string      `json:"ended_how"` // done, cancelled, stopped or interrupted
	Why        *string      `json:"why"`       // of one that was stopped or interrupted
}

// loadBody names the playlist to load.
type loadBody struct {
	PlaylistID int64 `json:"playlist_id"`
}

// loadAnswer is the last load, or null.
type loadAnswer struct {
	Load *Loading `json:"load"`
}

// GetLoad says how far the last load is.
func (a *API) GetLoad(c *gin.Context, _ session.Who) error {
	var out loadAnswer
	if l := a.Floor.View().Load; l != nil {
		now := loadingJSON(*l)
		out.Load = &now
	}
	return send(c, http.StatusOK, out)
}

// PostLoad begins to add a playlist at the end of the live list.
func (a *API) PostLoad(c *gin.Context, who session.Who) error {
	var body loadBody
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	l, err := a.Stagehands.Loads.Load(c.Request.Context(), body.PlaylistID, a.act(who, "", ""))
	if err != nil {
		return err
	}
	return send(c, http.StatusAccepted, loadingJSON(l))
}

// DeleteLoad cancels the load that is under way.
func (a *API) DeleteLoad(c *gin.Context, who session.Who) error {
	if err := a.Stagehands.Loads.CancelLoad(c.Request.Context(), a.act(who, "", "")); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func loadingJSON(l station.Loading) Loading {
	return Loading{ID: l.ID, PlaylistID: l.Playlist, Name: l.Name, By: l.By, Total: l.Total, Done: l.Done, Failed: failedJSON(l.Failed),
		StartedAt: instant(l.StartedAtMS), EndedAt: instant(l.EndedAtMS), EndedHow: orNull(l.EndedHow), Why: orNull(l.Why)}
}
