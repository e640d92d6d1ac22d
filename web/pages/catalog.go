package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/sdk"
	"playbill/web/live"
	"playbill/web/session"
)

// catalogPage is what can be requested: shelves, or what was looked for.
type catalogPage struct {
	frame
	Seek    string
	In      string // the category
	Picks   []pick
	Filters filters
	Shelves []shelf
	Found   string // a sentence; empty: nothing was looked for
	Meant   string
	MeantAt string
	Total   string
	Before  string // address of the page before; empty: none
	After   string
}

// pick narrows the list.
type pick struct {
	Word, At string
	Count    int
	On       bool
}

// shelf is a row of cards.
type shelf struct {
	ID, Head, All string
	Total         int
	Cards         []card
	Lead          bool
}

// card is one title.
type card struct {
	Title, About, Blurb, Art, Length string
	At                               string // its page
	Price                            string
	Taken                            string // instead of a price: when it plays
}

// Catalog lists what can be requested.
func (p *Pages) Catalog(c *gin.Context, who session.Who) error {
	seek, in := strings.TrimSpace(cut(c.Query("q"))), cut(c.Query("category"))
	offset, err := offsetOf(c)
	if err != nil {
		return err
	}
	query := library.Query{Text: seek, Category: in, Reserved: p.admin(who), Limit: pageTitles, Offset: offset}
	page := catalogPage{frame: p.frame(c, "Catalog"), Seek: seek, In: in, Filters: p.filtersOf(c, who, &query)}
	page.Picks = p.picks(c, query)
	deal := p.dealer(who)
	if seek == "" && in == "" && offset == 0 && !page.Filters.On {
		page.Shelves = p.shelves(who, deal)
	}
	found := p.opt.Shelf.Search(query)
	page.Total = sum(ledger.Coins(p.opt.Shelf.Search(library.Query{Reserved: p.admin(who), Limit: 1}).Total))
	if len(page.Shelves) == 0 || found.Total <= pageTitles {
		page.Shelves = append(page.Shelves, shelf{ID: "titles", Head: headOf(seek, in), Total: found.Total, Cards: deal.cards(found.Titles)})
		page.Before, page.After = neighbours(c.Request.URL.Query(), offset, found.Total)
	}
	if seek != "" || in != "" || page.Filters.On {
		page.Found = foundWords(found, seek, in)
		if page.Meant = found.Meant; page.Meant != "" {
			q := keep(c, "category")
			q.Set("q", page.Meant)
			page.MeantAt = "/catalog?" + q.Encode()
		}
	}
	return p.render(c, http.StatusOK, "catalog.html", page)
}

// offsetOf is how far into a list a page begins.
func offsetOf(c *gin.Context) (int, error) {
	n, err := strconv.Atoi(cmp.Or(c.Query("from"), "0"))
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "“from” is a whole number.")
	}
	return n, nil
}

func headOf(seek, in string) string {
	switch {
	case seek != "":
		return "Found"
	case in != "":
		return in
	default:
		return "All titles"
	}
}

func foundWords(found library.Found, seek, in string) string {
	where := ""
	if in != "" {
		where = " in " + in
	}
	switch {
	case found.Total == 0 && seek != "":
		return "Nothing called “" + seek + "”" + where + "."
	case found.Total == 0:
		return "Nothing" + where + "."
	case seek == "":
		return plural(found.Total, "title") + where + "."
	default:
		return plural(found.Total, "title") + where + " for “" + seek + "”."
	}
}

func neighbours(q url.Values, offset, total int) (before, after string) {
	at := func(from int) string {
		q.Set("from", strconv.Itoa(from))
		return "/catalog?" + q.Encode()
	}
	if offset > 0 {
		before = at(max(offset-pageTitles, 0))
	}
	if offset+pageTitles < total {
		after = at(offset + pageTitles)
	}
	return before, after
}

// picks are the largest categories, by name. Each says how many titles it leads to: those of what is looked for now, and for
// admins what is reserved too.
func (p *Pages) picks(c *gin.Context, now library.Query) []pick {
	list := slices.Clone(p.opt.Titles.Categories())
	slices.SortStableFunc(list, func(a, b library.Category) int { return b.Titles - a.Titles })
	list = list[:min(len(list), picksMax)]
	slices.SortFunc(list, func(a, b library.Category) int { return strings.Compare(a.Name, b.Name) })
	at := func(category string) string {
		q := keep(c, "q")
		if category != "" {
			q.Set("category", category)
		}
		return strings.TrimSuffix("/catalog?"+q.Encode(), "?")
	}
	in := now.Category
	now.Limit, now.Offset = 1, 0
	out := []pick{{Word: "Everything", At: at(""), On: in == ""}}
	for _, one := range list {
		now.Category = one.Name
		out = append(out, pick{one.Name, at(one.Name), p.opt.Shelf.Search(now).Total, strings.EqualFold(one.Name, in)})
	}
	return out
}

// shelves are the first titles of each larger category.
func (p *Pages) shelves(who session.Who, deal dealer) []shelf {
	var out []shelf
	list := slices.Clone(p.opt.Titles.Categories())
	slices.SortStableFunc(list, func(a, b library.Category) int { return b.Titles - a.Titles })
	for _, one := range list {
		if one.Titles < shelfMin || len(out) >= shelvesMax {
			break
		}
		found := p.opt.Shelf.Search(library.Query{Category: one.Name, Reserved: p.admin(who), Limit: shelfTitles})
		out = append(out, shelf{ID: "shelf-" + strconv.Itoa(len(out)), Head: one.Name, Total: found.Total, Cards: deal.cards(found.Titles),
			All: "/catalog?" + url.Values{"category": {one.Name}}.Encode(), Lead: len(out) == 0 && len(found.Titles) == shelfTitles})
	}
	return out
}

// dealer makes cards of titles as they are now.
type dealer struct {
	p      *Pages
	rules  pay.Rules
	tenths int
	now    int64
	listed map[sdk.Key]live.Item
	onAir  int64
}

func (p *Pages) dealer(who session.Who) dealer {
	s := p.opt.Hub.State()
	d := dealer{p: p, rules: p.opt.Rules(), tenths: who.RankTenths, now: p.opt.Now(), listed: map[sdk.Key]live.Item{}, onAir: s.Now.EntryID}
	for _, item := range s.Items {
		if _, twice := d.listed[item.Media.Key()]; !twice && !item.Role.Promo() {
			d.listed[item.Media.Key()] = item
		}
	}
	return d
}

func (d dealer) cards(titles []library.Title) []card {
	out := make([]card, len(titles))
	for i, t := range titles {
		out[i] = card{Title: t.Media.Title, About: about(t), Blurb: t.Description, Art: d.p.artOf(t.Media), Length: counter(t.Media.DurationMS),
			At: itemAt(t.Media.Key()), Price: d.price(t.Media), Taken: cmp.Or(d.taken(t.Media.Key()), d.closed(t))}
	}
	return out
}

// price is what a place in the queue costs; empty when it cannot be bought.
func (d dealer) price(m sdk.Media) string {
	q := d.rules.Offer(m, pay.Queue, pay.Facts{KnownItem: true, RankTenths: d.tenths}, d.now)
	if q.Price == 0 {
		return ""
	}
	return sum(q.Price)
}

// taken says when a title that is on the list plays; empty: it is not on it.
func (d dealer) taken(k sdk.Key) string {
	item, listed := d.listed[k]
	switch {
	case !listed:
		return ""
	case item.EntryID == d.onAir:
		return "On screen now"
	case item.StartsMS > 0:
		return "Plays " + clock(item.StartsMS, d.p.opt.Zone)
	default:
		return "On the list"
	}
}

// closed says that a title cannot be requested now; empty: it can.
func (d dealer) closed(t library.Title) string {
	if _, closed := t.Closed(d.now); closed {
		return "Not for request now"
	}
	return ""
}

// about is a title in a few words: "1936, documentary".
func about(t library.Title) string {
	var words []string
	if t.Year != 0 {
		words = append(words, strconv.Itoa(t.Year))
	}
	if len(t.Categories) > 0 {
		words = append(words, t.Categories[0])
	}
	return strings.Join(words, ", ")
}

func itemAt(k sdk.Key) string {
	return "/catalog/item?" + url.Values{"type": {k.Type}, "id": {k.ID}}.Encode()
}

func receiptAt(k sdk.Key, tier string) string {
	return "/receipt?" + url.Values{"type": {k.Type}, "id": {k.ID}, "tier": {tier}}.Encode()
}

func (p *Pages) admin(who session.Who) bool {
	return session.Admin.Allow(who, p.opt.Rules().AdminRank) == nil
}
