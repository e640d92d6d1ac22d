package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/library"
	"playbill/sdk"
	"playbill/web/session"
)

// playlistEdit is one change of the items of a playlist that is still at this revision.
type playlistEdit struct {
	Rev     *int64         `json:"rev"`
	Op      string         `json:"op"`       // add, move, remove, terms, undo
	Items   []playlistItem `json:"items"`    // add: type and id are enough for what the catalog knows
	ItemIDs []int64        `json:"item_ids"` // move, remove, terms
	To      string         `json:"to"`       // move: up, down, top, bottom; left out: at
	At      *int           `json:"at"`       // add, move: the place of the first, from 0, among those that stay; left out: the end
	Terms   *playlistTerms `json:"terms"`    // terms
}

// playlistTerms are when clips air. What is left out stays.
type playlistTerms struct {
	StartsAtMS  *int64    `json:"starts_at_ms"` // UTC milliseconds; 0: none
	EndsAtMS    *int64    `json:"ends_at_ms"`
	Windows     *string   `json:"windows"` // "mon-fri 18:00-23:30; sat,sun", in the station's time zone
	RestMinutes *int      `json:"rest_minutes"`
	Tags        *[]string `json:"tags"`
	Evergreen   *bool     `json:"evergreen"`
}

// playlistHead changes what a playlist is called and what it is for. What is left out stays.
type playlistHead struct {
	Rev       *int64  `json:"rev"`
	Name      *string `json:"name"`
	Immutable *bool   `json:"immutable"`
	PromoType *string `json:"promo_type"` // empty: no pool
}

// playlistText is a pasted list.
type playlistText struct {
	Rev    *int64 `json:"rev"`
	Text   string `json:"text"` // one type:id, link or token per line; what follows a # is a comment
	At     *int   `json:"at"`   // left out: the end
	DryRun bool   `json:"dry_run"`
}

// playlistRead is what became of a pasted list.
type playlistRead struct {
	Added    int           `json:"added"` // or would be
	Problems []lineProblem `json:"problems"`
	Playlist playlist      `json:"playlist"`
}

// lineProblem is one line that could not be read.
type lineProblem struct {
	Line    int    `json:"line"`
	Text    string `json:"text"`
	Message string `json:"message"`
}

// playlistName names a copy; empty: one is made up.
type playlistName struct {
	Name string `json:"name"`
}

// PostPlaylistEdit makes one change of a playlist's items.
func (a *API) PostPlaylistEdit(c *gin.Context, who session.Who) error {
	old, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	var body playlistEdit
	if err := decode(c, playlistBodyMax, &body); err != nil {
		return err
	}
	if body.Rev == nil {
		return revisionMissing()
	}
	e, err := a.edit(body)
	if err != nil {
		return err
	}
	withItems, err := number(c, "items", 1, 0, 1)
	if err != nil {
		return err
	}
	saved, err := a.Editor.EditPlaylist(c.Request.Context(), old.ID, *body.Rev, e, a.act(who, "", ""))
	switch {
	case err != nil:
		return err
	case withItems == 0:
		return send(c, http.StatusOK, a.headJSON(saved))
	}
	return send(c, http.StatusOK, a.playlistJSON(saved))
}

func revisionMissing() error {
	return fault.New(fault.Invalid, "“rev” is missing: the revision of the playlist that you have seen.")
}

// edit makes a change of what was sent. Items bring their title and length from the catalog when they have none.
func (a *API) edit(b playlistEdit) (library.Edit, error) {
	e := library.Edit{Op: b.Op, IDs: b.ItemIDs, To: b.To, At: -1}
	if b.At != nil {
		e.At = *b.At
	}
	if b.Terms != nil {
		e.Terms = library.Patch(*b.Terms)
	}
	for i, item := range b.Items {
		if item.DurationSeconds < 0 || item.DurationSeconds > secondsMax {
			return e, fault.New(fault.Invalid, fmt.Sprintf("Item %d: “duration_seconds” is a whole number of seconds.", i+1))
		}
		var place library.Item
		if t, known := a.Titles.Title(sdk.Key{Type: item.Type, ID: item.ID}); known {
			place.Media = t.Media
		}
		if item.DurationSeconds == 0 {
			item.DurationSeconds = seconds(place.Media.DurationMS)
		}
		place.Media = mediaOver(place.Media, item)
		item.terms(&place)
		e.Items = append(e.Items, place)
	}
	return e, nil
}

// PatchPlaylist changes the name and the flags of a playlist.
func (a *API) PatchPlaylist(c *gin.Context, who session.Who) error {
	p, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	var body playlistHead
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	if body.Rev == nil {
		return revisionMissing()
	}
	p.Rev = *body.Rev
	over(&p.Name, body.Name)
	over(&p.Immutable, body.Immutable)
	over(&p.PromoType, body.PromoType)
	saved, err := a.Shelf.SavePlaylist(c.Request.Context(), p, a.act(who, "", ""))
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, a.playlistJSON(saved))
}

// PostPlaylistText reads a pasted list into a playlist. Lines that cannot be read are named, the rest is added.
func (a *API) PostPlaylistText(c *gin.Context, who session.Who) error {
	old, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	var body playlistText
	if err := decode(c, playlistBodyMax, &body); err != nil {
		return err
	}
	items, problems := a.Editor.ParseList(body.Text)
	out := playlistRead{Added: len(items), Problems: problemsJSON(problems)}
	if body.DryRun || len(items) == 0 {
		out.Playlist = a.headJSON(old)
		return send(c, http.StatusOK, out)
	}
	if body.Rev == nil {
		return revisionMissing()
	}
	e := library.Edit{Op: library.OpAdd, Items: items, At: -1}
	over(&e.At, body.At)
	saved, err := a.Editor.EditPlaylist(c.Request.Context(), old.ID, *body.Rev, e, a.act(who, "", ""))
	if err != nil {
		return err
	}
	out.Playlist = a.playlistJSON(saved)
	return send(c, http.StatusOK, out)
}

func problemsJSON(problems []library.Problem) []lineProblem {
	out := make([]lineProblem, len(problems))
	for i, p := range problems {
		out[i] = lineProblem{p.Line, p.Text, p.Sentence}
	}
	return out
}

// ExportPlaylist writes a playlist as the text that can be pasted.
func (a *API) ExportPlaylist(c *gin.Context, _ session.Who) error {
	p, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="playlist-%d.txt"`, p.ID))
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(strings.ToValidUTF8(p.Export(), "?")))
	return nil
}

// ClonePlaylist makes a copy.
func (a *API) ClonePlaylist(c *gin.Context, who session.Who) error {
	old, err := a.playlistAt(c)
	if err != nil {
		return err
	}
	var body playlistName
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	saved, err := a.Editor.ClonePlaylist(c.Request.Context(), old.ID, body.Name, a.act(who, "", ""))
	if err != nil {
		return err
	}
	c.Header("Location", fmt.Sprintf("/api/v1/admin/playlists/%d", saved.ID))
	return send(c, http.StatusCreated, a.playlistJSON(saved))
}
