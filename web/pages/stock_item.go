package pages

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/library"
	"playbill/sdk"
	"playbill/web/session"
)

// stockItemPage is one title, to be edited.
type stockItemPage struct {
	desk
	Ref, Art, API, Public  string // Public is its page in the catalog; empty: viewers see none
	Barriers               []barrier
	Facts                  []fact
	Name, Year, Length     string
	Description, ArtURL    string
	Categories, Tags, Cast string // parted by commas
	ClosedFrom, ClosedTo   string // as an <input type="datetime-local"> has it, station time
	Was                    string // the fields as they are, as the API takes them: Undo sends them again
	Gone                   bool
}

// fact is a thing that is known about a title.
type fact struct{ What, Word string }

// StockItem is one title of the catalog, or one that is gone.
func (p *Pages) StockItem(c *gin.Context, _ session.Who) error {
	t, err := p.anyTitle(sdk.Key{Type: c.Query("type"), ID: c.Query("id")})
	if err != nil {
		return err
	}
	was, err := fieldsOf(t)
	if err != nil {
		return err
	}
	k := t.Media.Key()
	page := stockItemPage{desk: p.desk(c, t.Media.Title), Ref: k.Type + ":" + k.ID, Art: p.artOf(t.Media), Barriers: p.barriers(t), Facts: p.origin(t),
		API: "/api/v1/admin/catalog/item?" + url.Values{"type": {k.Type}, "id": {k.ID}}.Encode(), Name: t.Media.Title, Year: orNone(int64(t.Year)),
		Description: t.Description, ArtURL: t.ArtURL, Categories: parted(t.Categories), Tags: parted(t.Tags),
		Cast: parted(t.People), ClosedFrom: p.local(t.ClosedFromMS), ClosedTo: p.local(t.ClosedToMS), Was: was, Gone: t.GoneAtMS != 0}
	if t.Media.DurationMS > 0 {
		page.Length = counter(t.Media.DurationMS)
	}
	if !page.Gone {
		page.Public = itemAt(k)
	}
	page.Script = "stock.js"
	return p.render(c, http.StatusOK, "stock_item.html", page)
}

// anyTitle returns a title, also one that is gone.
func (p *Pages) anyTitle(k sdk.Key) (library.Title, error) {
	if t, known := p.opt.Titles.Title(k); known {
		return t, nil
	}
	for _, t := range p.opt.Stock.Gone() {
		if t.Media.Key() == k {
			return t, nil
		}
	}
	return library.Title{}, fault.New(fault.NotFound, "This title is not in the catalog. Search for it again.")
}

// origin is where a title came from, and when it was last seen on the channel.
func (p *Pages) origin(t library.Title) []fact {
	sources := map[string]string{"import": "an import, or by hand", "channel": "the channel’s list", "mediacms": "the MediaCMS site", "sample": "the sample"}
	out := []fact{{"Came from", sources[t.Source]}}
	if out[0].Word == "" {
		out[0].Word = t.Source
	}
	if t.AddedAtMS != 0 {
		out = append(out, fact{"Added", p.date(t.AddedAtMS)})
	}
	played := "not that is known"
	if at := p.opt.Stock.PlayedAt(t.Media.Key()); at != 0 {
		played = p.date(at)
	}
	return append(out, fact{"Played last", played})
}

// parted are names in one field: by commas, and by bars where a name has a comma.
func parted(names []string) string {
	if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, ",") }) {
		return strings.Join(names, ", ")
	}
	text := strings.Join(names, " | ")
	if len(names) == 1 {
		text += " |"
	}
	return text
}

// local is an instant as an <input type="datetime-local"> has it, station time; empty: none.
func (p *Pages) local(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).In(p.opt.Zone).Format("2006-01-02T15:04")
}

// fieldsOf is what the form of a title changes, as the API takes it.
func fieldsOf(t library.Title) (string, error) {
	some := func(list []string) []string { return append([]string{}, list...) }
	text, err := json.Marshal(map[string]any{
		"title": t.Media.Title, "description": t.Description, "duration_seconds": t.Media.DurationMS / 1000, "year": t.Year, "art_url": t.ArtURL,
		"categories": some(t.Categories), "tags": some(t.Tags), "people": some(t.People),
		"closed_from_ms": t.ClosedFromMS, "closed_to_ms": t.ClosedToMS,
	})
	if err != nil {
		return "", fmt.Errorf("write the fields of a title: %w", err)
	}
	return string(text), nil
}
