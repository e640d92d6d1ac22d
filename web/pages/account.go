package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/access"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	bot "playbill/core/notice"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/web/live"
	"playbill/web/session"
)

// accountPage is what somebody has, what they wait for and what became of the rest.
type accountPage struct {
	frame
	Name     string
	Figure   string
	Held     string // empty: nothing
	Blocked  string
	Facts    []price
	Done     *notified
	Waiting  []waiting
	Past     []past
	Moves    []move
	Sessions []browser

	Earlier struct{ Past, Moves string } // the addresses of the pages before; empty: there are none
	Paged   bool                         // this is not the first page of both
}

// notified is what has just been done.
type notified struct{ Head, Text, Kind string }

// waiting is one open purchase.
type waiting struct {
	ID, Title, Art, Sum      string
	Clock, ISO, In           string // empty: not known
	Place, Promo, State, Why string
	Cancels                  bool
}

// past is one purchase that has ended.
type past struct{ Day, Title, Sum, Word, Text, Kind string }

// move is one movement of coins.
type move struct {
	Day, What, Small, Sum, After string
	Plus                         bool
}

// browser is one session.
type browser struct {
	ID, Since, Seen string
	This, Linked    bool
}

// Account is the page of whoever is logged in.
func (p *Pages) Account(c *gin.Context, who session.Who) error {
	ctx := c.Request.Context()
	wallet, err := p.opt.Books.Wallet(ctx, string(who.Key))
	if err != nil {
		return err
	}
	open, err := p.opt.Books.OpenOf(ctx, who.Key)
	if err != nil {
		return err
	}
	recent, err := p.opt.Past.HistoryOf(ctx, who.Key, pastMax, "")
	if err != nil {
		return err
	}
	sessions, err := p.opt.Login.Sessions(ctx, who.Key)
	if err != nil {
		return err
	}
	page := accountPage{frame: p.frame(c, "Your account"), Name: who.Name, Figure: sum(wallet.Balance), Blocked: wallet.Blocked,
		Held: held(open), Facts: p.facts(open, recent), Waiting: p.waitings(open), Sessions: p.browsers(sessions, who.Session)}
	page.Done = p.done(c, who)
	if err := p.turn(c, &page, who.Key, recent); err != nil {
		return err
	}
	return p.render(c, http.StatusOK, "account.html", page)
}

// turn fills in the page of the history and of the statement that the address asks for.
func (p *Pages) turn(c *gin.Context, page *accountPage, of channel.UserKey, recent []pay.Purchase) error {
	before, purchase := c.Query("before"), c.Query("purchase")
	page.Paged = before != "" || purchase != ""
	past := recent
	if purchase != "" {
		var err error
		if past, err = p.opt.Past.HistoryOf(c.Request.Context(), of, pastMax, purchase); err != nil {
			return err
		}
	}
	seq, err := strconv.ParseInt(cmp.Or(before, "0"), 10, 64)
	if err != nil || seq < 0 {
		return fault.New(fault.Invalid, "This page of the statement does not exist. Begin again with the newest.")
	}
	statement, err := p.opt.Past.Statement(c.Request.Context(), string(of), pastMax, seq)
	if err != nil {
		return err
	}
	page.Past, page.Moves = p.pasts(past), p.moves(statement)
	earlier := func(before, purchase, at string) string {
		return "?" + url.Values{"before": {before}, "purchase": {purchase}}.Encode() + at
	}
	if len(past) == pastMax {
		page.Earlier.Past = earlier(before, past[len(past)-1].ID, "#past")
	}
	if n := len(statement.Lines); statement.More {
		page.Earlier.Moves = earlier(strconv.FormatInt(statement.Lines[n-1].Seq, 10), purchase, "#statement")
	}
	return nil
}

func held(open []pay.Purchase) string {
	total := ledger.Coins(0)
	for _, one := range open {
		total += one.Price
	}
	switch {
	case len(open) == 0:
		return ""
	case len(open) == 1:
		return sum(total) + " more held for " + open[0].Media.Title
	default:
		return sum(total) + " more held for " + number(len(open)) + " requests"
	}
}

// facts are the limits as they stand for somebody.
func (p *Pages) facts(open, history []pay.Purchase) []price {
	rules, now := p.opt.Rules(), p.opt.Now()
	day, today, again := pay.StationDay(now, p.opt.Zone), 0, int64(0)
	for _, one := range history {
		if one.State == pay.Refunded {
			continue
		}
		if one.StationDay == day {
			today++
		}
		again = max(again, one.BoughtAtMS+rules.CooldownMS)
	}
	out := []price{{"Waiting", strconv.Itoa(len(open))}}
	if rules.Pending > 0 {
		out[0].Coins += " of " + strconv.Itoa(rules.Pending)
	}
	if rules.DailyLimit > 0 {
		out = append(out, price{"Requests left today", sum(ledger.Coins(max(rules.DailyLimit-today, 0))) + " of " + sum(ledger.Coins(rules.DailyLimit))})
	}
	next := "now"
	if again > now {
		next = clock(again, p.opt.Zone)
	}
	return append(out, price{"Next request", next})
}

// waitings are the open purchases with their places.
func (p *Pages) waitings(open []pay.Purchase) []waiting {
	s, v, now := p.opt.Hub.State(), p.opt.Floor.View(), p.opt.Now()
	out := make([]waiting, 0, len(open))
	for _, one := range open {
		if latest, known := v.Purchase(one.ID); known {
			one = latest
		}
		if one.State.Final() {
			continue
		}
		w := waiting{ID: one.ID, Title: one.Media.Title, Art: p.artOf(one.Media), Sum: sum(one.Price), Cancels: one.State != pay.Refunding}
		switch one.State {
		case pay.Refunding:
			w.State, w.Why = "Being taken off", bot.Because(one.Reason, "")
		case pay.Placed:
			w.Place = placeWords(station.Position(&v.Shadow, shadow.EntryID(one.Entry)))
		default:
			w.State = "Being added to the list"
		}
		if item, listed := s.Find(one.Entry); listed && item.StartsMS > 0 {
			w.Clock, w.ISO, w.In = clock(item.StartsMS, p.opt.Zone), iso(item.StartsMS, p.opt.Zone), distance(item.StartsMS-now)
			w.Promo = leadIn(s, one.Entry)
		}
		out = append(out, w)
	}
	return out
}

func placeWords(position int) string {
	if position <= 0 {
		return ""
	}
	return "Up " + bot.Position(position) + "."
}

// leadIn names the promo that stands before an entry.
func leadIn(s live.State, entry int64) string {
	for _, item := range s.Items {
		if item.LeadInFor == entry {
			return "A " + item.Badge + " clip plays before it."
		}
	}
	return ""
}

// pasts are the purchases that have ended, and how.
func (p *Pages) pasts(history []pay.Purchase) []past {
	var out []past
	for _, one := range history {
		h := past{Day: p.day(cmp.Or(one.EndedAtMS, one.BoughtAtMS)), Title: one.Media.Title, Sum: sum(one.Price)}
		switch one.State {
		case pay.Refunded:
			h.Kind, h.Word, h.Text = "good", "Refunded", "Paid back in full "+bot.Because(one.Reason, "")+". It does not count for your limits."
		case pay.Settled:
			h.Word = "Played"
			if one.Reason != "" {
				h.Text = "It began before it could be taken off."
			}
		default:
			continue
		}
		out = append(out, h)
	}
	return out
}

// moves is a page of a statement, with the balance after each movement.
func (p *Pages) moves(page ledger.Statement) []move {
	out := make([]move, 0, len(page.Lines))
	balance := page.Balance
	for _, t := range page.Lines {
		change := t.WalletChange()
		m := move{Day: p.day(t.AtMS), After: sum(balance), Plus: change > 0}
		m.What, m.Small = moveWords(t.Transfer, cmp.Or(t.Title, "a request"))
		switch {
		case change > 0:
			m.Sum = "+" + sum(change)
		case change < 0:
			m.Sum = "−" + sum(-change)
		default:
			m.Sum = "0"
		}
		balance -= change
		out = append(out, m)
	}
	return out
}

func moveWords(t ledger.Transfer, title string) (what, small string) {
	switch t.Kind {
	case ledger.Hold:
		return "Held for " + title, "Spent when it starts to play"
	case ledger.Settle:
		return "Spent on " + title, "Was held before"
	case ledger.Release:
		return "Back from " + title, capital(bot.Because(t.Reason, ""))
	case ledger.Earn:
		return "Watching", t.Reason
	case ledger.Makegood:
		return "Made good", t.Reason
	case ledger.Adjust:
		return "Corrected by " + giver(t.Actor), t.Reason
	default:
		return "Given by " + giver(t.Actor), t.Reason
	}
}

// giver is who moved coins, for whoever reads their own statement: a person by name, a program as the house.
func giver(actor string) string {
	if actor == "cli" || actor == "demo" {
		return "the house"
	}
	return actor
}

func (p *Pages) browsers(sessions []access.Session, mine string) []browser {
	out := make([]browser, len(sessions))
	for i, s := range sessions {
		out[i] = browser{ID: s.ID, Since: p.day(s.CreatedAtMS), Seen: p.day(s.SeenAtMS), This: s.ID == mine, Linked: s.Linked}
	}
	return out
}

// done says what has just been done, as the address has it and the books confirm it.
func (p *Pages) done(c *gin.Context, who session.Who) *notified {
	if c.Query("done") == "ended" {
		return &notified{Head: "Logged out there.", Text: "Pages that were open there have lost their connection.", Kind: "good"}
	}
	id, cancelled := c.Query("bought"), c.Query("cancelled")
	one, err := p.opt.Books.Purchase(c.Request.Context(), cmp.Or(id, cancelled))
	if err != nil || one.Buyer != who.Key {
		return nil
	}
	switch {
	case one.State == pay.Refunded:
		return &notified{one.Media.Title + " was cancelled.", capital(coins(int64(one.Price))) + " are back.", "good"}
	case cancelled != "":
		return &notified{one.Media.Title + " is being taken off.", "Its " + coins(int64(one.Price)) + " are back as soon as it is off the list.", "warn"}
	case one.State == pay.Settled:
		return &notified{one.Media.Title + " is on screen.", coins(int64(one.Price)) + " are spent.", "good"}
	default:
		return &notified{one.Media.Title + " is yours.", coins(int64(one.Price)) + " are held until it starts.", "good"}
	}
}

// Cancel takes a pending purchase back.
func (p *Pages) Cancel(c *gin.Context, who session.Who) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	one, err := p.opt.Desk.Cancel(c.Request.Context(), who.Actor(), f.Get("id"))
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/account?"+url.Values{"cancelled": {one.ID}}.Encode())
	return nil
}

// day is an instant as a list has it: "Today 21:07", "Thu 19 Nov 22:05".
func (p *Pages) day(ms int64) string {
	at, now := time.UnixMilli(ms).In(p.opt.Zone), time.UnixMilli(p.opt.Now()).In(p.opt.Zone)
	if at.Year() == now.Year() && at.YearDay() == now.YearDay() {
		return "Today " + at.Format("15:04")
	}
	return at.Format("Mon 2 Jan 15:04")
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// firstSentence splits a sentence from what follows it.
func firstSentence(text string) (head, rest string) {
	head, rest, more := strings.Cut(text, ". ")
	if more {
		head += "."
	}
	return head, rest
}

// listed joins what is not empty by commas.
func listed(words ...string) string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, ", ")
}
