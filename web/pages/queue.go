package pages

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/web/live"
	"playbill/web/session"
)

// queuePage is the live queue.
type queuePage struct {
	frame
	Air     air
	Summary string
	AsOf    string
	Notice  *notice
	Rows    []row
	More    int // entries that are not on the page
	Empty   bool
	Prices  []price
	Kinds   []badge // one of each, for the script
}

// air is what is on the screen.
type air struct {
	On               bool
	Seen             bool // the channel says so now; else it is the last we saw
	Live             bool // it has no end
	Art              string
	Title            string
	Credit           row // paid by, added by, badge
	Watching         int
	Max, Value       int64
	Played, Of, Left string
}

// badge is a promo type: its silhouette and its word.
type badge struct {
	Kind    string // id, event, shout, feature, choice; empty: another plugin's
	Word    string
	Planned bool
}

// row is one line of the running order.
type row struct {
	ID       int64
	Promo    bool
	Planned  bool
	Opens    bool // begins a block
	Badge    badge
	Title    string
	Length   string
	Time     string // empty: not known
	ISO      string
	ShowTime bool // a promo shows its time only when that minute is neither its title's nor the one above
	In       string
	None     string // instead of a time
	PaidBy   string
	Price    string
	AddedBy  string
	Event    bool
	Mine     bool // paid by whoever looks
	Tag      string
	Art      string
}

// placed is a row with what its template needs beside it.
type placed struct {
	row
	Row    row
	Assets string
}

// notice is why nothing is sold now.
type notice struct{ Head, Text string }

// price is one line of the tariff.
type price struct{ What, Coins string }

// Queue is the live queue as a page.
func (p *Pages) Queue(c *gin.Context, _ session.Who) error {
	s, now := p.opt.Hub.State(), p.opt.Now()
	seen := cmp.Or(s.SeenMS, now)
	page := queuePage{frame: p.frame(c, "Live queue"), Air: p.air(s, seen), AsOf: clock(seen, p.opt.Zone), Notice: noticeOf(s),
		Prices: prices(p.opt.Rules()), Kinds: kinds()}
	page.Rows, page.More = p.rows(s, now)
	mark(page.Rows, page.Me)
	if s.SeenMS != 0 { // how far off things are is not known
		for i := range page.Rows {
			page.Rows[i].In = ""
		}
	}
	page.Empty = len(page.Rows) == 0
	page.Summary = p.summary(s)
	return p.render(c, http.StatusOK, "queue.html", page)
}

// mark marks a visitor's own titles.
func mark(rows []row, me *visitor) {
	for i := range rows {
		rows[i].Mine = me != nil && rows[i].PaidBy != "" && string(channel.Fold(rows[i].PaidBy)) == me.Key
	}
}

func (p *Pages) air(s live.State, now int64) air {
	item, on := s.Find(s.Now.EntryID)
	out := air{On: on, Seen: on && s.Health == channel.Good, Art: p.assets() + "art/none.svg", Watching: max(s.Watching, 0)}
	if !on {
		return out
	}
	played, total := s.Now.PlayedMS(item.Media.DurationMS, now), item.Media.DurationMS
	out.Title, out.Live, out.Credit = item.Media.Title, total <= 0, p.line(item, now)
	out.Max, out.Value, out.Played, out.Of = total/1000, played/1000, counter(played), counter(total)
	out.Left = counter(int64(float64(total-played) / s.Now.Rate))
	if !item.Role.Promo() {
		out.Art = p.artOf(item.Media)
	}
	return out
}

// rows lists the running order behind the entry on the air: blocks of promos with the title they stand before.
func (p *Pages) rows(s live.State, now int64) (rows []row, more int) {
	items := s.Items
	if len(items) > 0 && items[0].EntryID == s.Now.EntryID {
		items = items[1:]
	}
	var block []live.Item
	for _, item := range items {
		if len(rows) >= rowsMax {
			more++
			continue
		}
		block = append(block, item)
		if !item.Role.Promo() {
			rows = append(rows, p.block(s, block, now)...)
			block = nil
		}
	}
	if len(block) > 0 {
		rows = append(rows, p.block(s, block, now)...)
	}
	return rows, more
}

// block renders promos and the title behind them. A promo that is only planned comes first.
func (p *Pages) block(s live.State, block []live.Item, now int64) []row {
	last := block[len(block)-1]
	var rows []row
	for _, plan := range s.Planned {
		for _, item := range block {
			if plan.Before == item.EntryID {
				rows = append(rows, row{Promo: true, Planned: true, Title: plan.Title, Length: "planned",
					Badge: badge{kindOf(plan.PromoType), plan.Badge, true}})
			}
		}
	}
	title, above := p.line(last, now).Time, ""
	for _, item := range block {
		r := p.line(item, now)
		if soon := s.Lock.StartsAtMS; soon != 0 && r.Tag == "" && item.Role == shadow.Paid && item.StartsMS >= soon {
			r.Tag = "Refunded at " + clock(soon, p.opt.Zone)
		}
		r.ShowTime = item.EntryID == last.EntryID || r.Time != title && r.Time != above
		above = r.Time
		rows = append(rows, r)
	}
	rows[0].Opens = true
	return rows
}

func (p *Pages) line(item live.Item, now int64) row {
	r := row{ID: item.EntryID, Promo: item.Role.Promo(), Title: item.Media.Title, Length: length(item.Media.DurationMS), PaidBy: item.PaidBy,
		AddedBy: item.AddedBy, Event: item.Role == shadow.Event, Tag: tag(item), Art: p.artOf(item.Media)}
	if item.Price > 0 {
		r.Price = coins(item.Price)
	}
	if r.Promo {
		r.Badge, r.Length = badge{Kind: kindOf(item.PromoType), Word: item.Badge}, counter(item.Media.DurationMS)
	}
	switch {
	case item.StartsMS > 0:
		r.Time, r.ISO, r.In = clock(item.StartsMS, p.opt.Zone), iso(item.StartsMS, p.opt.Zone), distance(item.StartsMS-now)
	case item.UID == channel.NoUID:
		r.None = "being added"
	default:
		r.None = "time not known"
	}
	return r
}

func tag(item live.Item) string {
	switch {
	case item.Leaving == "":
		return ""
	case item.Role == shadow.Paid:
		return "Being refunded"
	default:
		return "Being taken off"
	}
}

// summary is the list in a sentence: "8 titles until 00:39, two of them paid for."
func (p *Pages) summary(s live.State) string {
	titles, paid, end := 0, 0, int64(0)
	for _, item := range s.Items {
		if item.Role.Promo() || item.EntryID == s.Now.EntryID {
			continue
		}
		titles++
		if item.Role == shadow.Paid {
			paid++
		}
		switch {
		case item.UID == channel.NoUID: // it has no place yet
		case item.StartsMS > 0 && item.Media.DurationMS > 0 && s.Now.Rate > 0:
			end = item.StartsMS + int64(float64(item.Media.DurationMS)/s.Now.Rate)
		default:
			end = 0
		}
	}
	switch {
	case len(s.Items) == 0:
		return "Nothing is on the list."
	case titles == 0:
		return "Nothing comes after this."
	}
	text := plural(titles, "title")
	if end > 0 && len(s.Items) <= rowsMax {
		text += " until " + clock(end, p.opt.Zone)
	}
	switch {
	case paid == titles && paid > 1:
		text += ", all of them paid for"
	case paid == titles:
		text += ", paid for"
	case paid > 0:
		text += ", " + number(paid) + " of them paid for"
	}
	return text + "."
}

func noticeOf(s live.State) *notice {
	if s.Closed == (live.Sentence{}) {
		return nil
	}
	return &notice{noticeHead(fault.Code(s.Closed.Code)), s.Closed.Text}
}

func noticeHead(code fault.Code) string {
	switch code {
	case fault.ChannelDown:
		return "We lost the room."
	case fault.Starting:
		return "The house is not open yet."
	default:
		return "Requests are paused."
	}
}

// prices is the tariff, from the rules that hold now.
func prices(r pay.Rules) []price {
	if !r.Enabled {
		return nil
	}
	out := make([]price, 0, len(r.Prices)+1)
	for _, step := range r.Prices {
		what := "Longer"
		switch {
		case step.UpToMS > 0:
			what = "Up to " + minutes(step.UpToMS)
		case len(r.Prices) == 1:
			what = "Any length"
		}
		out = append(out, price{what, sum(step.Coins)})
	}
	if r.Multiplier > 1 {
		out = append(out, price{"Play next", sum(ledger.Coins(r.Multiplier)) + " × the price"})
	}
	return out
}

func minutes(ms int64) string {
	if ms%time.Minute.Milliseconds() != 0 {
		return plural(int(ms/1000), "second")
	}
	return plural(int(ms/time.Minute.Milliseconds()), "minute")
}

// sum is coins as the tariff has them: "1,000".
func sum(c ledger.Coins) string {
	text, _, _ := strings.Cut(pay.Words(c), " ")
	return text
}

func kindOf(promoType string) string {
	switch promoType {
	case "channel_identity":
		return "id"
	case "event":
		return "event"
	case "mod_shoutout":
		return "shout"
	case "feature_presentation":
		return "feature"
	case "viewers_choice":
		return "choice"
	default:
		return ""
	}
}

// kinds is one badge of each silhouette: the script copies them.
func kinds() []badge {
	out := []badge{{}}
	for _, promoType := range []string{"channel_identity", "event", "mod_shoutout", "feature_presentation", "viewers_choice"} {
		out = append(out, badge{Kind: kindOf(promoType)})
	}
	return out
}
