package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/web/api"
	"playbill/web/session"
)

// ledgerPage is the books and the viewers in them.
type ledgerPage struct {
	desk
	Truth   verdict
	Sums    []figure
	Query   string
	Order   string
	Orders  []choice
	Found   string // how many there are, in words
	Viewers []viewerRow
	Prev    string // the addresses of the pages beside; empty: there is none
	Next    string
	Nobody  string // a name that has no wallet and can be opened all the same; empty: none
}

// verdict is whether the books are true, and since when that is known.
type verdict struct {
	Kind, Word string
	Text       string
	Detail     string // what is broken, as the check names it
	Running    bool
}

// choice is one way to sort, or to filter.
type choice struct {
	Value, Word string
	Chosen      bool
}

// viewerRow is one viewer in a list.
type viewerRow struct {
	Name, Path    string
	Balance, Held string
	Seen          string
	Here, Blocked bool
	Away          string // how somebody who is here is: away, or nothing
}

// Ledger is the page of the books and the viewers.
func (p *Pages) Ledger(c *gin.Context, _ session.Who) error {
	ctx := c.Request.Context()
	sheet, err := p.opt.Money.Accounts.Sheet(ctx)
	if err != nil {
		return err
	}
	search, err := api.SearchOf(c.Query("q"), c.DefaultQuery("sort", ledger.ByBalance))
	if err != nil {
		return err
	}
	offset, err := strconv.Atoi(c.DefaultQuery("offset", "0"))
	if err != nil || offset < 0 {
		offset = 0
	}
	search.Limit, search.Offset = viewersMax, offset
	found, err := p.opt.Money.Accounts.Viewers(ctx, search)
	if err != nil {
		return err
	}
	page := ledgerPage{desk: p.desk(c, "Viewers and ledger"), Truth: p.verdict(sheet, p.opt.Money.Checker.Checked()), Sums: sumsOf(sheet),
		Query: search.Prefix, Order: search.Order, Viewers: p.viewerRows(found.Viewers)}
	for _, one := range []choice{{Value: ledger.ByBalance, Word: "Balance"}, {Value: ledger.BySeen, Word: "Last seen"}, {Value: ledger.ByName, Word: "Name"}} {
		one.Chosen = one.Value == search.Order
		page.Orders = append(page.Orders, one)
	}
	page.beside(search, found.Total)
	return p.render(c, http.StatusOK, "ledger.html", page)
}

// beside fills in what the list says of its length, and where its other pages are.
func (l *ledgerPage) beside(s ledger.Search, total int) {
	l.Found = plural(total, "viewer")
	if s.Prefix != "" {
		l.Found += " whose name begins with “" + s.Prefix + "”"
	}
	at := func(offset int) string {
		return "/admin/ledger?" + url.Values{"q": {s.Prefix}, "sort": {s.Order}, "offset": {strconv.Itoa(offset)}}.Encode()
	}
	if s.Offset > 0 {
		l.Prev = at(max(s.Offset-s.Limit, 0))
	}
	if s.Offset+s.Limit < total {
		l.Next = at(s.Offset + s.Limit)
	}
	if total == 0 && s.Prefix != "" && !strings.ContainsAny(s.Prefix, " /") {
		l.Nobody = s.Prefix
	}
}

func (p *Pages) verdict(s ledger.Sheet, job ledger.Check) verdict {
	out := verdict{Running: job.AskedAtMS != 0 && job.EndedAtMS == 0}
	switch {
	case s.Broken != nil:
		out.Kind, out.Word, out.Detail = "bad", "The ledger is not true", s.Broken.Error()
		out.Text = "The check of " + p.day(s.WholeAtMS) + " found it. The newest backup from before that has the true books: playbill restore."
	case s.WholeAtMS != 0:
		out.Kind, out.Word = "good", "The ledger is true"
		out.Text = "All of it was checked " + p.when(s.WholeAtMS) + ": " + sum(ledger.Coins(s.WholeSeq)) + " transfers."
	case s.CheckedAtMS != 0:
		out.Kind, out.Word = "good", "The ledger is true"
		out.Text = "It was checked from its last mark " + p.when(s.CheckedAtMS) + "."
	default:
		out.Kind, out.Word, out.Text = "warn", "The ledger has not been checked yet", "That happens every night at four."
	}
	if job.Err != nil && s.Broken == nil {
		out.Kind, out.Word = "warn", "The ledger could not be checked"
		out.Text = "That was " + p.when(job.EndedAtMS) + ", and the log says why. " + out.Text
	}
	return out
}

// when is an instant inside a sentence: "today at 21:07", "on Thu 19 Nov at 22:05".
func (p *Pages) when(ms int64) string {
	day := p.day(ms)
	head, clock := day[:max(strings.LastIndex(day, " "), 0)], day[strings.LastIndex(day, " ")+1:]
	if head == "Today" {
		return "today at " + clock
	}
	return "on " + head + " at " + clock
}

func sumsOf(s ledger.Sheet) []figure {
	return []figure{
		{Number: sum(s.Wallets), What: "in wallets"}, {Number: sum(s.Escrow), What: "held for requests that wait"},
		{Number: sum(s.Revenue), What: "spent on titles that played"}, {Number: sum(s.Issued), What: "issued in all: the three together"},
	}
}

func (p *Pages) viewerRows(list []ledger.Standing) []viewerRow {
	people := p.people()
	out := make([]viewerRow, len(list))
	for i, s := range list {
		out[i] = viewerRow{Name: s.Name, Path: viewerPath(s.User), Balance: sum(s.Balance), Seen: "not known", Blocked: s.Blocked != ""}
		if s.Held > 0 {
			out[i].Held = sum(s.Held)
		}
		if s.SeenAtMS != 0 {
			out[i].Seen = p.day(s.SeenAtMS)
		}
		if u, here := people[channel.UserKey(s.User)]; here {
			out[i].Here, out[i].Seen = true, "here now"
			if u.AFK {
				out[i].Away = "away"
			}
		}
	}
	return out
}

// people is who is in the room now; nil while that is not known.
func (p *Pages) people() map[channel.UserKey]channel.User {
	out := map[channel.UserKey]channel.User{}
	for _, u := range p.opt.Floor.View().People {
		out[u.Key] = u
	}
	return out
}

// viewerPath is the admin page of somebody, by name or key.
func viewerPath(name string) string {
	return "/admin/ledger/" + url.PathEscape(string(channel.Fold(name)))
}
