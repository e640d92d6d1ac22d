package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/sdk"
	"playbill/web/session"
)

// probed is what the channel said to a clip.
type probed struct {
	Taken   bool   `json:"taken"`
	Known   bool   `json:"known"` // false: the channel has not answered
	Message string `json:"message"`
}

// PostProbeClip tries a clip on the channel. What the channel refuses is an answer, not an error.
func (a *API) PostProbeClip(c *gin.Context, who session.Who) error {
	var body clipBody
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	m, known := a.clipAt(body.Key)
	if !known {
		return fault.New(fault.NotFound, "There is no such clip in a saved playlist. Somebody may have removed it.")
	}
	got, err := a.Probe(c.Request.Context(), m)
	out := probed{Taken: err == nil && got.Outcome == channel.Done, Known: err == nil && got.Outcome == channel.Done}
	switch {
	case fault.Is(err, fault.Media) || fault.Is(err, fault.TooLong):
		out.Known, out.Message = true, "The channel refuses it: "+fault.Of(err).Sentence
	case err != nil:
		return err
	case out.Taken:
		out.Message = "The channel takes it."
	default:
		out.Message = "The channel has not answered yet. If the clip still comes, it is removed again."
	}
	a.record(c.Request.Context(), a.act(who, "promos.probe_clip", "“"+m.Title+"”: "+out.Message))
	return send(c, http.StatusOK, out)
}

// clipAt finds the media of a clip in the saved playlists.
func (a *API) clipAt(key string) (sdk.Media, bool) {
	for _, l := range a.Shelf.Playlists() {
		for _, item := range l.Items {
			if l.PromoType != "" && item.Media.Key().ClipKey() == key {
				return item.Media, true
			}
		}
	}
	return sdk.Media{}, false
}
