package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/library"
	"playbill/web/session"
)

// tagged is a playlist in a pool, or out of it.
type tagged struct {
	ID        int64   `json:"id"`
	Name      string  `json:"name"`
	PromoType *string `json:"promo_type"`
	Rev       int64   `json:"rev"`
}

// clipBody names a clip.
type clipBody struct {
	Key string `json:"key"`
}

// PutTag makes a saved playlist part of a pool. One that is non-preemptable must be released first, and one of another
// pool untagged: neither happens by the way.
func (a *API) PutTag(c *gin.Context, who session.Who) error {
	promoType := c.Param("type")
	if !a.knownType(promoType) {
		return fault.New(fault.NotFound, "No plugin offers a promo type “"+promoType+"”.")
	}
	p, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	switch {
	case p.Immutable:
		return fault.New(fault.Conflict, "“"+p.Name+"” is non-preemptable. Release it first, then tag it.")
	case p.PromoType != "" && p.PromoType != promoType:
		return fault.New(fault.Conflict, "“"+p.Name+"” belongs to the pool of "+Badge(a.Plugins, p.PromoType)+". Untag it there first.")
	}
	return a.tag(c, who, p, promoType)
}

// DeleteTag takes a saved playlist out of a pool. Its promos that wait on the list are withdrawn.
func (a *API) DeleteTag(c *gin.Context, who session.Who) error {
	p, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	if p.PromoType != c.Param("type") {
		return fault.New(fault.Conflict, "“"+p.Name+"” is not part of this pool any more.")
	}
	return a.tag(c, who, p, "")
}

func (a *API) tag(c *gin.Context, who session.Who, p library.Playlist, promoType string) error {
	saved := p
	if p.PromoType != promoType {
		var err error
		if saved, err = a.Tags.FlagPlaylist(c.Request.Context(), p.ID, p.Rev, library.Flags{PromoType: promoType}, a.act(who, "", "")); err != nil {
			return err
		}
	}
	return send(c, http.StatusOK, tagged{saved.ID, saved.Name, orNull(saved.PromoType), saved.Rev})
}

// knownType reports whether a promo type is configured or offered by a plugin.
func (a *API) knownType(id string) bool {
	_, configured := a.Settings.Promos().Types[id]
	_, offered := a.offers()[id]
	return configured || offered
}

// PostTryClip lets a clip that the channel refused be tried again.
func (a *API) PostTryClip(c *gin.Context, who session.Who) error {
	var body clipBody
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	if body.Key == "" {
		return fault.New(fault.Invalid, "“key” names the clip, as its pool does.")
	}
	if err := a.Stage.TryClip(c.Request.Context(), body.Key); err != nil {
		return err
	}
	a.record(c.Request.Context(), a.act(who, "promos.try_clip", "“"+a.titleOf(body.Key)+"”"))
	return send(c, http.StatusOK, body)
}

// titleOf is a clip's title; its key when no playlist has it.
func (a *API) titleOf(clip string) string {
	for _, l := range a.Shelf.Playlists() {
		for _, item := range l.Items {
			if item.Media.Key().ClipKey() == clip {
				return item.Media.Title
			}
		}
	}
	return clip
}
