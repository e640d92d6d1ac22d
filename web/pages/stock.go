package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/sdk"
	"playbill/web/session"
)

// stockPage is the catalog as admins see it: everything, and why viewers do not see or cannot request a part of it.
type stockPage struct {
	desk
	Lede                   string
	Seek                   string
	Shows, Kinds, Sorted   []option
	Filtered               bool
	Found, Meant, MeantAt  string
	Titles                 []stockRow
	Pages                  pager
	Total                  int
	HidesPlayed, ShowsGone bool
}

// stockRow is one title in a line.
type stockRow struct {
	Title, About, Length string
	Ref, In, Played      string // type:id, its categories, when it played last
	At, Art              string
	Barriers             []barrier
}

// barrier is why viewers do not see a title, or cannot request it.
type barrier struct {
	Kind      string // good, warn, bad; empty: a tag
	Word, Why string
}

const showGone = "gone"

// Stock lists the catalog.
func (p *Pages) Stock(c *gin.Context, _ session.Who) error {
	from, err := offsetOf(c)
	if err != nil {
		return err
	}
	page := stockPage{desk: p.desk(c, "Catalog"), Seek: strings.TrimSpace(cut(c.Query("q"))), Shows: p.shows(), Kinds: p.categoryOptions(), Sorted: sorts(),
		HidesPlayed: p.restedSince() > 0}
	q := library.Query{Text: page.Seek, Category: choose(page.Kinds, c.Query("category")), Sort: choose(page.Sorted, c.Query("sort")), Reserved: true,
		RestedMS: p.restedSince(), NowMS: p.opt.Now(), Limit: stockRows, Offset: from, Show: choose(page.Shows, c.Query("show"))}
	page.Filtered = page.Seek != "" || q.Category != "" || q.Show != ""
	page.ShowsGone = q.Show == showGone
	found := p.stockFound(q)
	page.Found, page.Total, page.Meant = page.foundWords(found.Total), found.Total, found.Meant
	page.Titles = make([]stockRow, len(found.Titles))
	for i, t := range found.Titles {
		page.Titles[i] = p.stockRow(t)
	}
	page.turn(c.Request.URL.Query(), from)
	page.Lede = p.stockWords()
	page.Script = "stock.js"
	return p.render(c, http.StatusOK, "stock.html", page)
}

// stockFound is what a query finds, also among what is gone.
func (p *Pages) stockFound(q library.Query) library.Found {
	if q.Show != showGone {
		if q.Show != library.ShowPlayed {
			q.RestedMS = 0 // admins see what rests
		}
		return p.opt.Shelf.Search(q)
	}
	var all []library.Title
	for _, t := range p.opt.Stock.Gone() {
		names := strings.ToLower(t.Media.Title + " " + t.Media.ID)
		in := func(name string) bool { return strings.EqualFold(name, q.Category) }
		if strings.Contains(names, strings.ToLower(q.Text)) && (q.Category == "" || slices.ContainsFunc(t.Categories, in)) {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b library.Title) int { return cmp.Compare(b.GoneAtMS, a.GoneAtMS) })
	return library.Found{Total: len(all), Titles: all[min(q.Offset, len(all)):min(q.Offset+q.Limit, len(all))]}
}

// restedSince is the instant since when what has played is hidden from viewers; 0: nothing is.
func (p *Pages) restedSince() int64 {
	if p.opt.RestedSince == nil {
		return 0
	}
	return p.opt.RestedSince()
}

// shows are the parts of the catalog that can be looked at alone.
func (p *Pages) shows() []option {
	out := []option{{Word: "Everything that is there"}, {Value: library.ShowReserved, Word: "Set aside"}, {Value: library.ShowClosed, Word: "Closed for a time"}}
	if p.restedSince() > 0 {
		out = append(out, option{Value: library.ShowPlayed, Word: "Hidden, played lately"})
	}
	return append(out, option{Value: showGone, Word: "Gone"})
}

// categoryOptions are all categories, by name.
func (p *Pages) categoryOptions() []option {
	out := []option{{Word: "Any category"}}
	for _, one := range p.opt.Titles.Categories() {
		out = append(out, option{Value: one.Name, Word: one.Name})
	}
	return out
}

func (s stockPage) foundWords(total int) string {
	text := plural(total, "title")
	if total >= 1000 {
		text = sum(ledger.Coins(total)) + " titles"
	}
	if s.Seek != "" {
		text += " for “" + s.Seek + "”"
	}
	return text + "."
}

// turn fills in where the pages beside are.
func (s *stockPage) turn(q url.Values, from int) {
	at := func(from int) string {
		q.Set("from", strconv.Itoa(from))
		return "/admin/catalog?" + q.Encode()
	}
	s.Pages = pager{From: from + 1, To: from + len(s.Titles)}
	if from > 0 {
		s.Pages.Before = at(max(from-stockRows, 0))
	}
	if from+stockRows < s.Total {
		s.Pages.After = at(from + stockRows)
	}
	if s.Meant != "" {
		q.Set("q", s.Meant)
		q.Del("from")
		s.MeantAt = "/admin/catalog?" + q.Encode()
	}
}

// stockWords is the catalog in a sentence or two: how much there is, and how much of it viewers do not see.
func (p *Pages) stockWords() string {
	all := p.opt.Shelf.Search(library.Query{Reserved: true, Limit: 1}).Total
	aside := p.opt.Shelf.Search(library.Query{Reserved: true, Show: library.ShowReserved, Limit: 1}).Total
	text := sum(ledger.Coins(all)) + " titles"
	if all == 1 {
		text = "1 title"
	}
	if aside > 0 {
		text += ", " + number(aside) + " of them set aside for events and promos: viewers do not see those"
	}
	text += "."
	if since := p.restedSince(); since > 0 {
		rest := p.opt.Shelf.Search(library.Query{Reserved: true, Show: library.ShowPlayed, RestedMS: since, Limit: 1}).Total
		text += " What has played in the last " + plural(int((p.opt.Now()-since+dayMS/2)/dayMS), "day") + " is hidden from viewers: " + number(rest) + " now."
	}
	return text
}

func (p *Pages) stockRow(t library.Title) stockRow {
	row := stockRow{Title: t.Media.Title, About: orNone(int64(t.Year)), Length: counter(t.Media.DurationMS), Ref: t.Media.Type + ":" + t.Media.ID,
		In: strings.Join(t.Categories, ", "), At: stockAt(t.Media.Key()), Art: p.artOf(t.Media), Barriers: p.barriers(t)}
	if t.Media.DurationMS <= 0 {
		row.Length = "not known"
	}
	if at := p.opt.Stock.PlayedAt(t.Media.Key()); at != 0 {
		row.Played = p.day(at)
	}
	return row
}

// barriers are why viewers do not see a title, or cannot request it; none: they can.
func (p *Pages) barriers(t library.Title) []barrier {
	var out []barrier
	if t.GoneAtMS != 0 {
		out = append(out, barrier{"", "Gone", p.goneWords(t)})
	}
	if why, reserved := p.opt.Shelf.Reserved(t.Media.Key()); reserved {
		out = append(out, barrier{"", "Set aside", "It is in " + why + "."})
	}
	if word, why := p.closedWords(t); word != "" {
		out = append(out, barrier{"", word, why})
	}
	if since, at := p.restedSince(), p.opt.Stock.PlayedAt(t.Media.Key()); since > 0 && at >= since {
		out = append(out, barrier{"", "Hidden", "It played " + p.when(at) + ". Viewers see it again " + p.when(at+p.opt.Now()-since) + "."})
	}
	if t.Media.DurationMS <= 0 {
		out = append(out, barrier{"warn", "No length", "Nobody can request it until its length is known."})
	}
	return out
}

func (p *Pages) goneWords(t library.Title) string {
	switch t.GoneBy {
	case "":
		return "Since " + p.date(t.GoneAtMS) + "."
	case "mediacms":
		return "The MediaCMS site did not have it any more " + p.when(t.GoneAtMS) + "."
	default:
		return t.GoneBy + " took it away " + p.when(t.GoneAtMS) + "."
	}
}

// closedWords say when a title is closed to viewers, now or later; nothing: never.
func (p *Pages) closedWords(t library.Title) (word, why string) {
	now := p.opt.Now()
	until, closed := t.Closed(now)
	switch {
	case closed && until == 0:
		return "Closed", "Viewers see it and cannot request it, until somebody opens it."
	case closed:
		return "Closed", "Viewers see it and can request it again from " + p.date(until) + "."
	case t.ClosedFromMS > now && t.ClosedToMS == 0:
		return "Will close", "From " + p.date(t.ClosedFromMS) + " on viewers cannot request it."
	case t.ClosedFromMS > now:
		return "Will close", "Viewers cannot request it from " + p.date(t.ClosedFromMS) + " to " + p.date(t.ClosedToMS) + "."
	default:
		return "", ""
	}
}

// date is an instant on the station's clock with its year: "29 Nov 2026, 20:00".
func (p *Pages) date(ms int64) string {
	return time.UnixMilli(ms).In(p.opt.Zone).Format("2 Jan 2006, 15:04")
}

// stockAt is the admin page of a title.
func stockAt(k sdk.Key) string {
	return "/admin/catalog/item?" + url.Values{"type": {k.Type}, "id": {k.ID}}.Encode()
}
