package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/library"
	"playbill/sdk"
	"playbill/web/session"
)

// playlist is a saved playlist.
type playlist struct {
	ID        int64          `json:"id"`
	Name      string         `json:"name"`
	Items     []playlistItem `json:"items"`
	Immutable bool           `json:"immutable"`
	PromoType *string        `json:"promo_type"`
	Rev       int64          `json:"rev"`

	Count        int   `json:"count"`         // items, also where they are left out
	TotalSeconds int64 `json:"total_seconds"` // of all of them
	CanUndo      bool  `json:"can_undo"`      // the last change can be taken back
}

// playlistItem is one place in a playlist.
type playlistItem struct {
	Type            string `json:"type"`
	ID              string `json:"id"`
	Title           string `json:"title"`
	DurationSeconds int64  `json:"duration_seconds"`

	// When the item airs as a clip. Left out in a change, what is stored stays; null, zero or empty takes it away.
	ItemID      *int64    `json:"item_id,omitempty"`      // of an item that is there already: which one is meant
	StartsAtMS  *int64    `json:"starts_at_ms,omitempty"` // UTC milliseconds; 0: none
	EndsAtMS    *int64    `json:"ends_at_ms,omitempty"`   // UTC milliseconds; 0: none
	Windows     *string   `json:"windows,omitempty"`      // "mon-fri 18:00-23:30; sat,sun", in the station's time zone
	RestMinutes *int      `json:"rest_minutes,omitempty"`
	Tags        *[]string `json:"tags,omitempty"`
	Evergreen   *bool     `json:"evergreen,omitempty"`
}

// playlistBody is a playlist as somebody sends it. Rev makes the change fail when somebody was first; left out, the
// last one wins.
type playlistBody struct {
	ID        *int64         `json:"id"`
	Name      string         `json:"name"`
	Items     []playlistItem `json:"items"`
	Immutable bool           `json:"immutable"`
	PromoType *string        `json:"promo_type"`
	Rev       *int64         `json:"rev"`

	// An answer may be sent back as it came; what only the host can say is not read.
	Count        any `json:"count"`
	TotalSeconds any `json:"total_seconds"`
	CanUndo      any `json:"can_undo"`
}

// GetPlaylists returns all playlists, without their items if items=0.
func (a *API) GetPlaylists(c *gin.Context, _ session.Who) error {
	withItems, err := number(c, "items", 1, 0, 1)
	if err != nil {
		return err
	}
	all := a.Shelf.Playlists()
	out := make([]playlist, len(all))
	for i, p := range all {
		if withItems == 0 {
			out[i] = a.headJSON(p)
			continue
		}
		out[i] = a.playlistJSON(p)
	}
	return send(c, http.StatusOK, gin.H{"playlists": out})
}

// GetPlaylist returns one playlist.
func (a *API) GetPlaylist(c *gin.Context, _ session.Who) error {
	p, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, a.playlistJSON(p))
}

// PostPlaylist saves a new playlist.
func (a *API) PostPlaylist(c *gin.Context, who session.Who) error {
	var body playlistBody
	if err := decode(c, playlistBodyMax, &body); err != nil {
		return err
	}
	p, err := body.over(library.Playlist{})
	if err != nil {
		return err
	}
	saved, err := a.Shelf.SavePlaylist(c.Request.Context(), p, a.act(who, "", ""))
	if err != nil {
		return err
	}
	c.Header("Location", fmt.Sprintf("/api/v1/admin/playlists/%d", saved.ID))
	return send(c, http.StatusCreated, a.playlistJSON(saved))
}

// PutPlaylist replaces a playlist.
func (a *API) PutPlaylist(c *gin.Context, who session.Who) error {
	old, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	var body playlistBody
	if err := decode(c, playlistBodyMax, &body); err != nil {
		return err
	}
	if body.ID != nil && *body.ID != old.ID {
		return fault.New(fault.Invalid, "“id” is another playlist's than the address.")
	}
	p, err := body.over(old)
	if err != nil {
		return err
	}
	saved, err := a.Shelf.SavePlaylist(c.Request.Context(), p, a.act(who, "", ""))
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, a.playlistJSON(saved))
}

// DeletePlaylist removes a playlist; its query's rev makes that fail when somebody was first.
func (a *API) DeletePlaylist(c *gin.Context, who session.Who) error {
	old, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	rev, err := number(c, "rev", old.Rev, 1, 1<<53)
	if err != nil {
		return err
	}
	if err := a.Shelf.DeletePlaylist(c.Request.Context(), old.ID, rev, a.act(who, "", "")); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (a *API) playlistAt(c *gin.Context) (library.Playlist, error) {
	id, err := idOf(c, "id", "playlist")
	if err != nil {
		return library.Playlist{}, err
	}
	for _, p := range a.Shelf.Playlists() {
		if p.ID == id {
			return p, nil
		}
	}
	return library.Playlist{}, fault.New(fault.NotFound, "There is no such playlist. Somebody may have deleted it.")
}

// over returns the playlist that this body asks for, where old is the stored one. What the body does not speak of, like
// the dates of a clip, stays with the clip.
func (b playlistBody) over(old library.Playlist) (library.Playlist, error) {
	next := library.Playlist{ID: old.ID, Rev: old.Rev, Name: b.Name, Immutable: b.Immutable, Items: make([]library.Item, 0, len(b.Items))}
	if b.PromoType != nil {
		next.PromoType = *b.PromoType
	}
	if b.Rev != nil && old.ID != 0 {
		next.Rev = *b.Rev
	}
	kept := map[sdk.Key][]library.Item{}
	for _, item := range old.Items {
		kept[item.Media.Key()] = append(kept[item.Media.Key()], item)
	}
	for i, item := range b.Items {
		if item.DurationSeconds < 0 || item.DurationSeconds > secondsMax {
			return next, fault.New(fault.Invalid, fmt.Sprintf("Item %d: “duration_seconds” is a whole number of seconds.", i+1))
		}
		place := item.stored(kept)
		place.Media = mediaOver(place.Media, item)
		item.terms(&place)
		next.Items = append(next.Items, place)
	}
	return next, nil
}

// stored takes from what is stored the item that this one is: the one of its number, else the first of its media.
func (i playlistItem) stored(kept map[sdk.Key][]library.Item) library.Item {
	k := sdk.Key{Type: i.Type, ID: i.ID}
	same := kept[k]
	if len(same) == 0 {
		return library.Item{}
	}
	at := 0
	if i.ItemID != nil {
		at = max(slices.IndexFunc(same, func(s library.Item) bool { return s.ID == *i.ItemID }), 0)
	}
	place := same[at]
	kept[k] = slices.Delete(slices.Clone(same), at, at+1)
	return place
}

// terms puts what the item says of its airings over what is stored.
func (i playlistItem) terms(place *library.Item) {
	over(&place.StartsAtMS, i.StartsAtMS)
	over(&place.EndsAtMS, i.EndsAtMS)
	over(&place.Windows, i.Windows)
	over(&place.RestMinutes, i.RestMinutes)
	over(&place.Tags, i.Tags)
	over(&place.Evergreen, i.Evergreen)
}

func over[T any](stored *T, said *T) {
	if said != nil {
		*stored = *said
	}
}

// mediaOver keeps the length to the millisecond when the seconds say the same.
func mediaOver(old sdk.Media, item playlistItem) sdk.Media {
	m := sdk.Media{Type: item.Type, ID: item.ID, Title: cmp.Or(item.Title, cmp.Or(old.Title, item.Type+":"+item.ID)), DurationMS: item.DurationSeconds * 1000}
	if seconds(old.DurationMS) == item.DurationSeconds {
		m.DurationMS = old.DurationMS
	}
	return m
}

// headJSON is a playlist without its items.
func (a *API) headJSON(p library.Playlist) playlist {
	return playlist{ID: p.ID, Name: p.Name, Immutable: p.Immutable, PromoType: orNull(p.PromoType), Rev: p.Rev, Items: []playlistItem{},
		Count: len(p.Items), TotalSeconds: seconds(p.LengthMS()), CanUndo: a.Editor.Undoable(p.ID)}
}

func (a *API) playlistJSON(p library.Playlist) playlist {
	out := a.headJSON(p)
	out.Items = make([]playlistItem, len(p.Items))
	for i, item := range p.Items {
		out.Items[i] = itemJSON(item)
	}
	return out
}

// itemJSON is an item, with the terms that it has.
func itemJSON(i library.Item) playlistItem {
	out := playlistItem{Type: i.Media.Type, ID: i.Media.ID, Title: i.Media.Title, DurationSeconds: seconds(i.Media.DurationMS),
		ItemID: &i.ID, StartsAtMS: orNull(i.StartsAtMS), EndsAtMS: orNull(i.EndsAtMS), Windows: orNull(i.Windows),
		RestMinutes: orNull(i.RestMinutes), Evergreen: orNull(i.Evergreen)}
	if len(i.Tags) > 0 {
		out.Tags = &i.Tags
	}
	return out
}
