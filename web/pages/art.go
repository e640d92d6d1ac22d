package pages

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"playbill/core/library"
	"playbill/sdk"
	"playbill/web/session"
)

// Art is the picture of a title, from our own cache, or the drawing that stands for it.
func (p *Pages) Art(c *gin.Context, who session.Who) error {
	k := sdk.Key{Type: c.Query("type"), ID: c.Query("id")}
	t, _, err := p.title(k, who)
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

// artOf is the address of a title's picture. Browsers ask nobody but us for it.
func (p *Pages) artOf(t library.Title) string {
	if t.ArtURL == "" || p.opt.Pictures == nil {
		return p.assets() + art(t.Media)
	}
	k := t.Media.Key()
	return "/art?" + url.Values{"type": {k.Type}, "id": {k.ID}}.Encode()
}

// assets is the address under which the assets are.
func (p *Pages) assets() string { return "/assets/" + p.version + "/" }
