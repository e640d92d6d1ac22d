package pages

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"playbill/sdk"
	"playbill/web/api"
	"playbill/web/live"
	"playbill/web/session"
)

// Art is the picture of a title, from our own cache, or the drawing that stands for it.
func (p *Pages) Art(c *gin.Context, who session.Who) error {
	k := sdk.Key{Type: c.Query("type"), ID: c.Query("id")}
	t, _, err := p.title(k, who)
	if err != nil && p.onList(k) { // what everybody sees on the list has its picture there, also when it is set aside
		t, _ = p.opt.Titles.Title(k)
		err = nil
	}
	if err == nil && t.ArtURL != "" && p.opt.Pictures != nil {
		kind, body, err := p.opt.Pictures(c.Request.Context(), t.ArtURL)
		if err == nil {
			c.Header("Cache-Control", "private, max-age=86400")
			c.Data(http.StatusOK, kind, body)
			return nil
		}
	}
	c.Redirect(http.StatusFound, p.assets()+art(sdk.Media{Type: k.Type, ID: k.ID}))
	return nil
}

// onList reports whether a media is on the channel's list.
func (p *Pages) onList(k sdk.Key) bool {
	return slices.ContainsFunc(p.opt.Hub.State().Items, func(item live.Item) bool { return item.Media.Key() == k && !item.Role.Promo() })
}

// artOf is the address of a title's picture, or of the drawing that stands for it.
func (p *Pages) artOf(m sdk.Media) string {
	return cmp.Or(api.Picture(p.opt.Ports, m.Key()), p.assets()+art(m))
}

// assets is the address under which the assets are.
func (p *Pages) assets() string { return "/assets/" + p.version + "/" }
