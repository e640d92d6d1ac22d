package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/ledger"
	"playbill/web/api"
	"playbill/web/session"
)

// overviewPage is what needs a hand, then figures, then health.
type overviewPage struct {
	desk
	Lede    string
	Needs   []api.Need
	Since   string
	Figures []figure
	Health  []health
}

// figure is one number with what it counts.
type figure struct{ Number, Unit, What string }

// health is how one part of the house is.
type health struct {
	ID, Head, Kind, Word string // Kind: good, warn or bad
	Lines                []price
	Sum                  price // under the line; its What empty: none
	Foot                 string
	Do, DoWord, Done     string // a button; Do empty: none
}

// Overview is the first admin page.
func (p *Pages) Overview(c *gin.Context, _ session.Who) error {
	o := p.opt.API.OverviewNow(c.Request.Context())
	page := overviewPage{desk: p.desk(c, "Overview"), Lede: lede(o), Needs: o.Needs, Figures: p.todays(o),
		Health: []health{p.channelHealth(o), p.pluginHealth(o), p.ledgerHealth(o), p.hostHealth(o)}}
	page.Since = "Since midnight. The host has been up for " + api.SpanWords(p.opt.Now()-o.House().StartedMS) + "."
	return p.render(c, http.StatusOK, "overview.html", page)
}

// lede is the page in two sentences.
func lede(o api.Overview) string {
	channel := "The channel is on air"
	switch {
	case o.Channel.Health != "good":
		channel = "The channel cannot be read"
	case o.Channel.OnAir == nil:
		channel = "The channel is connected and plays nothing"
	}
	books := "the books are true"
	if !o.Ledger.True {
		books = "the books could not be verified"
	}
	switch len(o.Needs) {
	case 0:
		return channel + " and " + books + ". Nothing needs a hand."
	case 1:
		return channel + " and " + books + ". One thing would like your attention."
	default:
		return channel + " and " + books + ". " + capital(number(len(o.Needs))) + " things would like your attention."
	}
}

func (p *Pages) todays(o api.Overview) []figure {
	t := o.Today
	var out []figure
	if ch := o.Channel; ch.People != nil {
		out = append(out, figure{fmt.Sprint(*ch.People), "", fmt.Sprintf("watching now, %d of them not AFK", *ch.Active)})
	}
	refunded := "requests paid, none refunded"
	if t.Refunded > 0 {
		refunded = "requests paid, " + number(t.Refunded) + " refunded"
	}
	cut := "promos aired, all in full"
	if t.PromosCut > 0 {
		cut = "promos aired, " + number(t.PromosCut) + " of them cut"
	}
	out = append(out, figure{sum(ledger.Coins(t.Requests)), "", refunded}, figure{sum(t.Spent), "", "coins spent"},
		figure{sum(t.Earned), "", "coins earned by watching"}, figure{sum(ledger.Coins(t.Promos)), "", cut})
	house := o.House()
	if up := min(p.opt.Now()-house.Today.FromMS, max(p.opt.Now()-house.StartedMS, 1)); up > 0 && t.Promos > 0 && up >= hourMS/4 {
		out = append(out, figure{sum(ledger.Coins(t.PromoSeconds * hourMS / up)), "s", "promo time in each hour"})
	}
	return out
}

func (p *Pages) channelHealth(o api.Overview) health {
	ch := o.Channel
	h := health{ID: "health-channel", Head: "Channel", Kind: "good", Word: "Connected"}
	switch {
	case ch.Health == "down":
		h.Kind, h.Word = "bad", "No connection"
	case ch.Health == "degraded":
		h.Kind, h.Word = "warn", "Not to be believed"
	case !ch.Resolved:
		h.Kind, h.Word = "warn", "Being compared"
	}
	driver := ch.Driver
	if ch.Room != "" {
		driver += ", room " + ch.Room
	}
	air := "nothing"
	if ch.OnAir != nil {
		air = *ch.OnAir
	}
	h.Lines = []price{{"Driver", driver}, {"On the air", air},
		{"On the list", fmt.Sprintf("%s, %d paid, %d promos", plural(ch.Entries, "title"), ch.Paid, ch.Promos)}}
	if ch.People != nil {
		h.Lines = append(h.Lines, price{"In the room", plural(*ch.People, "viewer")})
	}
	if ch.Why != nil {
		h.Foot = *ch.Why
	}
	return h
}

func (p *Pages) pluginHealth(o api.Overview) health {
	n := o.Plugins
	h := health{ID: "health-plugins", Head: "Plugins", Kind: "good", Word: fmt.Sprintf("%d of %d ready", n.Ready, n.Wanted)}
	if n.Ready < n.Wanted {
		h.Kind = "warn"
	}
	if n.Wanted == 0 {
		h.Kind, h.Word = "warn", "None is on"
	}
	h.Lines = []price{{"Switched off", fmt.Sprint(n.Off)}, {"Asked since the start", sum(ledger.Coins(n.Calls))}}
	if n.P99US > 0 {
		h.Lines = append(h.Lines, price{"Slowest, 99 in 100 within", fmt.Sprintf("%s of %d ms", micros(n.P99US), n.AllowMS)})
	}
	h.Lines = append(h.Lines, price{"Answers too late", fmt.Sprintf("%s of %s", sum(ledger.Coins(n.Late)), sum(ledger.Coins(n.Calls)))})
	return h
}

func (p *Pages) ledgerHealth(o api.Overview) health {
	l := o.Ledger
	h := health{ID: "health-ledger", Head: "Ledger", Kind: "good", Word: "True", Do: "POST /api/v1/admin/night", DoWord: "Verify now",
		Done: "The ledger is true, and there is a backup of today."}
	if !l.True {
		h.Kind, h.Word = "bad", "Not verified"
	}
	held := "Held now"
	if l.Requests > 0 {
		held = "Held now for " + plural(l.Requests, "request")
	}
	h.Lines = []price{{"In wallets", sum(l.Wallets)}, {held, sum(l.Held)}, {"Spent so far", sum(l.Revenue)}}
	h.Sum = price{"Issued", sum(l.Issued)}
	h.Foot = "Not verified yet."
	if at := o.House().CheckedMS; at > 0 {
		h.Foot = "Verified " + lower(p.day(at)) + "."
	}
	return h
}

func (p *Pages) hostHealth(o api.Overview) health {
	host, house := o.Host, o.House()
	h := health{ID: "health-host", Head: "Host", Kind: "good", Word: "Comfortable"}
	for _, n := range o.Needs {
		if n.Code == "disk" || n.Code == "backup" || n.Code == "config" || n.Code == "journal" || n.Code == "clock" {
			h.Kind, h.Word = n.Severity, "Needs a hand"
			break
		}
	}
	database := api.SizeWords(host.Database)
	if host.WAL > 0 {
		database += ", " + api.SizeWords(host.WAL) + " in its log"
	}
	backup := "none yet"
	if house.CopiedMS > 0 {
		backup = p.day(house.CopiedMS)
	}
	settings := "not in a file"
	switch {
	case host.ConfigFile != nil && host.ConfigSaved:
		settings = "saved to " + *host.ConfigFile
	case host.ConfigFile != nil:
		settings = "not saved to " + *host.ConfigFile
	}
	h.Lines = []price{{"Disk", api.SizeWords(host.Free) + " free"}, {"Database", database}}
	if host.CommitUS > 0 {
		h.Lines = append(h.Lines, price{"Last commit took", micros(host.CommitUS)})
	}
	h.Lines = append(h.Lines, price{"Memory", api.SizeWords(host.Memory)}, price{"Last backup", lower(backup)},
		price{"Settings", settings}, price{"Version", cmp.Or(p.opt.Version, "not known")})
	return h
}

// lower makes "Today" stand inside a sentence; days keep their capital.
func lower(day string) string {
	if rest, today := strings.CutPrefix(day, "Today"); today {
		return "today" + rest
	}
	return day
}

// micros is a time in microseconds: "0.4 ms", "12 ms".
func micros(us int64) string {
	if us < 10_000 {
		return fmt.Sprintf("%d.%d ms", us/1000, us%1000/100)
	}
	return fmt.Sprintf("%d ms", (us+500)/1000)
}
