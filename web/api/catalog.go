package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/sdk"
	"playbill/web/live"
	"playbill/web/session"
)

// title is one entry of the catalog.
type title struct {
	Media           live.MediaJSON `json:"media"`
	Title           string         `json:"title"`
	DurationSeconds int64          `json:"duration_seconds"`
	Year            *int           `json:"year"`
	Description     string         `json:"description"`
	Categories      []string       `json:"categories"`
	Tags            []string       `json:"tags"`
	People          []string       `json:"people"`
	Reserved        bool           `json:"reserved"`  // of a programme or a pool: only admins see those
	Closed          bool           `json:"closed"`    // an admin has closed it: it cannot be requested now
	ClosedTo        *string        `json:"closed_to"` // when it can be again; null: not known, or it can
	LastPlayed      *string        `json:"last_played"`
	Art             string         `json:"art"` // address of its picture here, or of the drawing that stands for it

	Kept *titleKept `json:"kept,omitempty"` // admins only
}

// titleKept is what only admins see of a title.
type titleKept struct {
	ReservedBy   *string `json:"reserved_by"` // in words: “the pool of event, playlist …”
	Source       string  `json:"source"`
	ArtURL       *string `json:"art_url"`
	AddedAt      *string `json:"added_at"`
	ClosedFromMS int64   `json:"closed_from_ms"` // UTC milliseconds; 0: none
	ClosedToMS   int64   `json:"closed_to_ms"`
	GoneAt       *string `json:"gone_at"`
	GoneBy       *string `json:"gone_by"`
}

// catalog is one page of titles.
type catalog struct {
	Total  int     `json:"total"`
	Limit  int64   `json:"limit"`
	Offset int64   `json:"offset"`
	Meant  *string `json:"meant"` // what the text may have meant, when nothing was found
	Titles []title `json:"titles"`
}

// names are the words by which the catalog can be narrowed, those with the most titles first.
type names struct {
	Categories []nameCount `json:"categories"`
	Tags       []nameCount `json:"tags"` // people among them
	Sorts      []string    `json:"sorts"`
}

type nameCount struct {
	Name   string `json:"name"`
	Titles int    `json:"titles"`
}

// titlePatch changes one title. What is left out stays.
type titlePatch struct {
	Title           *string   `json:"title"`
	Description     *string   `json:"description"`
	DurationSeconds *int64    `json:"duration_seconds"`
	Year            *int      `json:"year"` // 0: not known
	Categories      *[]string `json:"categories"`
	Tags            *[]string `json:"tags"`
	People          *[]string `json:"people"`
	ArtURL          *string   `json:"art_url"`
	ClosedFromMS    *int64    `json:"closed_from_ms"` // UTC milliseconds; 0: none
	ClosedToMS      *int64    `json:"closed_to_ms"`
	Gone            *bool     `json:"gone"` // true takes the title out of the catalog, false brings it back
}

// newTitle adds one title.
type newTitle struct {
	Ref string `json:"ref"` // a link, type:id, or the short name of a media of the site
	titlePatch
}

// GetCatalog searches what can be requested. What is reserved is hidden from everybody but admins.
func (a *API) GetCatalog(c *gin.Context, who session.Who) error {
	q, err := a.query(c, who)
	if err != nil {
		return err
	}
	found := a.Shelf.Search(q)
	out := catalog{Total: found.Total, Limit: int64(q.Limit), Offset: int64(q.Offset), Meant: orNull(found.Meant), Titles: make([]title, len(found.Titles))}
	for i, t := range found.Titles {
		out.Titles[i] = a.titleJSON(t, who)
	}
	return send(c, http.StatusOK, out)
}

// query reads what somebody looks for.
func (a *API) query(c *gin.Context, who session.Who) (q library.Query, err error) {
	numbers := map[string]int64{}
	for _, n := range []struct {
		name                 string
		otherwise, low, high int64
	}{
		{"limit", pageDefault, 1, pageMax}, {"offset", 0, 0, offsetMax}, {"min_seconds", 0, 0, secondsMax}, {"max_seconds", 0, 0, secondsMax},
		{"max_price", 0, 0, secondsMax},
	} {
		if numbers[n.name], err = number(c, n.name, n.otherwise, n.low, n.high); err != nil {
			return q, err
		}
	}
	q = library.Query{Text: c.Query("q"), Category: c.Query("category"), Tag: c.Query("tag"), Sort: c.Query("sort"), Reserved: a.admin(who),
		Limit: int(numbers["limit"]), Offset: int(numbers["offset"]), MinMS: numbers["min_seconds"] * 1000, MaxMS: numbers["max_seconds"] * 1000}
	if q.Sort != "" && !slices.Contains(library.Sorts(), q.Sort) {
		return q, fault.New(fault.Invalid, "“sort” is one of "+strings.Join(library.Sorts(), ", ")+".")
	}
	if coins := numbers["max_price"]; coins > 0 {
		a.Affordable(&q, ledger.Coins(coins), who)
	}
	return q, nil
}

// Affordable narrows a query to what can be queued for so many coins.
func (a *API) Affordable(q *library.Query, coins ledger.Coins, who session.Who) {
	ms, any := a.Settings.Pay().LongestFor(coins, who.RankTenths)
	switch {
	case !any:
		q.MinMS, q.MaxMS = 1, 1 // nothing is as short as that
	case ms > 0 && (q.MaxMS == 0 || ms < q.MaxMS):
		q.MaxMS = ms
	}
}

// GetTitle is one title. What is reserved is there for admins only, and so is what is gone.
func (a *API) GetTitle(c *gin.Context, who session.Who) error {
	k := sdk.Key{Type: c.Query("type"), ID: c.Query("id")}
	t, known := a.Titles.Title(k)
	_, reserved := a.Shelf.Reserved(k)
	if !known || reserved && !a.admin(who) {
		return fault.New(fault.NotFound, "This title is not in the catalog. Search for it again.")
	}
	return send(c, http.StatusOK, a.titleJSON(t, who))
}

func (a *API) titleJSON(t library.Title, who session.Who) title {
	why, reserved := a.Shelf.Reserved(t.Media.Key())
	until, closed := t.Closed(a.now())
	out := title{Media: live.MediaJSON{Type: t.Media.Type, ID: t.Media.ID}, Title: t.Media.Title,
		DurationSeconds: seconds(t.Media.DurationMS), Year: orNull(t.Year), Description: t.Description, Categories: list(t.Categories),
		Tags: list(t.Tags), People: list(t.People), Reserved: reserved, Closed: closed, ClosedTo: instant(until),
		LastPlayed: instant(a.Stock.PlayedAt(t.Media.Key())),
		Art:        artAt(t.Media.Key())}
	if a.admin(who) {
		out.Kept = &titleKept{ReservedBy: orNull(why), Source: t.Source, ArtURL: orNull(t.ArtURL), AddedAt: instant(t.AddedAtMS),
			ClosedFromMS: t.ClosedFromMS, ClosedToMS: t.ClosedToMS, GoneAt: instant(t.GoneAtMS), GoneBy: orNull(t.GoneBy)}
	}
	return out
}

// GetNames lists the categories and tags of what viewers may see.
func (a *API) GetNames(c *gin.Context, _ session.Who) error {
	limit, err := number(c, "limit", pageDefault, 1, offsetMax)
	if err != nil {
		return err
	}
	out := names{Categories: counted(a.Titles.Categories(), limit), Tags: counted(a.Stock.Tags(), limit), Sorts: library.Sorts()}
	return send(c, http.StatusOK, out)
}

// Picture is the address of a title's picture here; empty: it has none. Browsers ask nobody but us for it.
func Picture(from Ports, k sdk.Key) string {
	if from.Pictures == nil {
		return ""
	}
	if t, known := from.Titles.Title(k); !known || t.ArtURL == "" {
		return ""
	}
	return artAt(k)
}

// artAt is where the picture of a title is, or the drawing that stands for it.
func artAt(k sdk.Key) string {
	return "/art?" + url.Values{"type": {k.Type}, "id": {k.ID}}.Encode()
}

// counted are the names with the most titles.
func counted(all []library.Category, most int64) []nameCount {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b library.Category) int { return b.Titles - a.Titles })
	out := []nameCount{}
	for _, one := range all[:min(int64(len(all)), most)] {
		out = append(out, nameCount{one.Name, one.Titles})
	}
	return out
}

// GetGone lists the titles that are not offered any more, the last ones first.
func (a *API) GetGone(c *gin.Context, who session.Who) error {
	limit, err := number(c, "limit", pageDefault, 1, pageMax)
	if err != nil {
		return err
	}
	offset, err := number(c, "offset", 0, 0, offsetMax)
	if err != nil {
		return err
	}
	gone := slices.Clone(a.Stock.Gone())
	slices.SortStableFunc(gone, func(a, b library.Title) int { return int(min(max(b.GoneAtMS-a.GoneAtMS, -1), 1)) })
	out := catalog{Total: len(gone), Limit: limit, Offset: offset, Titles: []title{}}
	for _, t := range gone[min(int(offset), len(gone)):min(int(offset+limit), len(gone))] {
		out.Titles = append(out.Titles, a.titleJSON(t, who))
	}
	return send(c, http.StatusOK, out)
}

// PatchTitle changes one title of the catalog.
func (a *API) PatchTitle(c *gin.Context, who session.Who) error {
	var body titlePatch
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	p, err := body.read()
	if err != nil {
		return err
	}
	t, err := a.Stock.EditTitle(c.Request.Context(), sdk.Key{Type: c.Query("type"), ID: c.Query("id")}, p, a.act(who, "", ""))
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, a.titleJSON(t, who))
}

// PostTitle adds one title to the catalog.
func (a *API) PostTitle(c *gin.Context, who session.Who) error {
	var body newTitle
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	p, err := body.read()
	if err != nil {
		return err
	}
	t, err := a.Stocking.NewTitle(c.Request.Context(), body.Ref, p, a.act(who, "", ""))
	if err != nil {
		return err
	}
	return send(c, http.StatusCreated, a.titleJSON(t, who))
}

// read makes a change of the library of it.
func (b titlePatch) read() (library.TitlePatch, error) {
	p := library.TitlePatch{Title: b.Title, Description: b.Description, ArtURL: b.ArtURL, Year: b.Year, Categories: b.Categories,
		Tags: b.Tags, People: b.People, ClosedFromMS: b.ClosedFromMS, ClosedToMS: b.ClosedToMS, Gone: b.Gone}
	if s := b.DurationSeconds; s != nil {
		if *s < 0 || *s > secondsMax {
			return p, fault.New(fault.Invalid, "“duration_seconds” is a whole number of seconds.")
		}
		ms := *s * 1000
		p.DurationMS = &ms
	}
	return p, nil
}
