package pages

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"playbill/core/pay"
	"playbill/web/api"
	"playbill/web/session"
)

// pricesPage is the pay and earn blocks, beside what they do.
type pricesPage struct {
	desk
	Match    uint64 // the revision that the form was filled from
	Unsaved  string // why the file has not what runs; empty: it has
	Rules    pay.Rules
	Wage     pay.Wage
	Steps    []stepRow
	Offs     []offRow
	Shut     []shutRow
	Ranks    []rankRow
	Cooldown string
	Interval string
	Examples []exampleRow
	Blank    struct { // rows that are added
		Step stepRow
		Off  offRow
		Shut shutRow
	}
}

// stepRow is one price; Upto is empty for any longer length.
type stepRow struct{ Upto, Coins string }

// offRow is one discount.
type offRow struct{ Rank, Percent string }

// shutRow is one blackout.
type shutRow struct{ Cron, Hours, Reason string }

// rankRow is one rank that something needs.
type rankRow struct{ Name, Pointer, Word, Value string }

// exampleRow is what one length costs now.
type exampleRow struct {
	Seconds                 int64
	Length, Queue, PlayNext string
}

// Prices is the page of the prices and of earning.
func (p *Pages) Prices(c *gin.Context, _ session.Who) error {
	r, w := p.opt.Rules(), p.opt.Money.Tariff.Earn()
	page := pricesPage{desk: p.desk(c, "Prices and earning"), Match: r.Revision, Rules: r, Wage: w, Cooldown: parts(r.CooldownMS, 60_000),
		Interval: parts(w.IntervalMS, 60_000)}
	page.Script = "prices.js"
	if saved := p.opt.Promos.Saved(); !saved.Persisted {
		page.Unsaved = saved.Reason
	}
	for _, s := range r.Prices {
		row := stepRow{Coins: strconv.FormatInt(int64(s.Coins), 10)}
		if s.UpToMS != 0 {
			row.Upto = parts(s.UpToMS, 60_000)
		}
		page.Steps = append(page.Steps, row)
	}
	for _, d := range r.Discounts {
		page.Offs = append(page.Offs, offRow{rankOf(d.RankTenths), strconv.FormatInt(d.Percent, 10)})
	}
	for _, b := range r.Blackouts {
		page.Shut = append(page.Shut, shutRow{b.Cron, parts(b.ForMS, 3_600_000), b.Reason})
	}
	page.Ranks = []rankRow{{"queue_rank", "/pay/queue_rank", "To queue", rankOf(r.QueueRank)}, {"playnext_rank", "/pay/playnext_rank", "To play next", rankOf(r.NextRank)},
		{"admin_rank", "/pay/admin_rank", "For these pages", rankOf(r.AdminRank)}, {"force_play_rank", "/pay/force_play_rank", "To play for free", rankOf(r.ForceRank)}}
	for _, seconds := range api.ExampleLengths() {
		page.Examples = append(page.Examples, exampleRow{seconds, length(seconds * 1000), sum(r.ListPrice(seconds*1000, pay.Queue)), sum(r.ListPrice(seconds*1000, pay.PlayNext))})
	}
	return p.render(c, http.StatusOK, "prices.html", page)
}
