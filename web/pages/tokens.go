package pages

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"playbill/core/access"
	"playbill/web/session"
)

// tokensPage is the API tokens.
type tokensPage struct {
	desk
	Mine   string // the rank of whoever looks
	Tokens []tokenRow
	Over   []tokenRow // expired or revoked
}

// tokenRow is one token.
type tokenRow struct {
	Name, Rank, By, Created, Expires, Used string
	Kind, Word                             string
}

// Tokens is the page of the API tokens.
func (p *Pages) Tokens(c *gin.Context, who session.Who) error {
	all, err := p.opt.Money.Keys.Tokens(c.Request.Context())
	if err != nil {
		return err
	}
	page := tokensPage{desk: p.desk(c, "API tokens"), Mine: rankOf(who.RankTenths)}
	page.Script = "tokens.js"
	for _, t := range all {
		switch row := p.tokenRow(t); {
		case t.CreatedBy == access.LinkMaker:
		case row.Kind == "good":
			page.Tokens = append(page.Tokens, row)
		default:
			page.Over = append(page.Over, row)
		}
	}
	return p.render(c, http.StatusOK, "tokens.html", page)
}

func (p *Pages) tokenRow(t access.Token) tokenRow {
	out := tokenRow{Name: t.Name, Rank: rankOf(t.RankTenths), By: t.CreatedBy, Created: p.day(t.CreatedAtMS), Expires: "never", Used: "never", Kind: "good", Word: "In use"}
	if t.ExpiresAtMS != 0 {
		out.Expires = p.day(t.ExpiresAtMS)
	}
	if t.UsedAtMS != 0 {
		out.Used = p.day(t.UsedAtMS)
	}
	switch {
	case t.RevokedAtMS != 0:
		out.Kind, out.Word = "off", "Revoked "+p.day(t.RevokedAtMS)
	case !t.Valid(p.opt.Now()):
		out.Kind, out.Word = "off", "Expired "+p.day(t.ExpiresAtMS)
	}
	return out
}

func rankOf(tenths int) string { return strconv.FormatFloat(float64(tenths)/10, 'f', -1, 64) }
