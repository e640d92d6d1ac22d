package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/web/api"
	"playbill/web/live"
	"playbill/web/session"
)

// orderPage is the running order as admins arrange it.
type orderPage struct {
	desk
	Lede, AsOf string
	Cannot     []string // what cannot be done now, and why
	Off        off
	Air        *turn
	Turns      []turn
	Find       string
	Found      string // how many have what was looked for; empty: nothing was
	Pages      pager
	Total      int // titles behind the one on the air
}

// off is what cannot be done on the channel now.
type off struct{ Add, Move, Remove, Play, Skip bool }

// turn is one row: what the public queue shows of it, and what an admin needs beside that.
type turn struct {
	row
	Row        row
	Off        off
	Prev, Next int64  // the titles beside it; 0: none
	Refund     string // "500 coins": it is paid for, and this comes back
	Waiting    bool   // it is being added
	Temp       bool
	Left       string // of the one on the air
	Max, Value int64
	Played     string
}

// pager is where somebody is in a long list.
type pager struct {
	From, To      int // counted from 1
	Before, After string
}

// Order is the queue for admins.
func (p *Pages) Order(c *gin.Context, who session.Who) error {
	v, now := p.opt.Floor.View(), p.opt.Now()
	s := live.Snapshot(p.opt.Hub.State().Channel, v, func(t string) string { return api.Badge(p.opt.Plugins, t) })
	page := orderPage{desk: p.desk(c, "Queue"), AsOf: clock(now, p.opt.Zone), Find: strings.TrimSpace(cut(c.Query("find")))}
	page.Script = "order.js"
	page.Off, page.Cannot = cannot(v, session.Force.Allow(who, session.Force.Needs(p.opt.Rules())) == nil)
	from, err := offsetOf(c)
	if err != nil {
		return err
	}
	page.fill(p, s, from, now)
	page.Lede = p.orderLede(s)
	return p.render(c, http.StatusOK, "order.html", page)
}

// cannot says what the channel does not let the bot do, and what this admin may not.
func cannot(v *station.View, force bool) (off, []string) {
	var why []string
	closed := v.Closed()
	if closed != nil {
		why = append(why, closed.Sentence+" The list below is the last that was seen of it, and cannot be changed now.")
		return off{true, true, true, true, true}, why
	}
	o := off{Add: !v.Can.Add, Move: !v.Can.Move, Remove: !v.Can.Remove, Play: !v.Can.Jump || !force, Skip: !v.Can.Jump && !v.Can.Remove}
	for _, missing := range []struct {
		is   bool
		what string
	}{{o.Add, "add titles"}, {o.Move, "move titles"}, {o.Remove, "remove titles"}, {!v.Can.Jump, "start a title out of turn"}} {
		if missing.is {
			why = append(why, "The bot may not "+missing.what+" on this channel. Give it the rank for that in the channel’s permissions.")
		}
	}
	if v.Gate.PromosClosed {
		o.Play = true
		why = append(why, "An event is under way. Its titles keep their order, and nothing goes before the last of them.")
	}
	return o, why
}

// fill renders one page of the list, or of what was looked for.
func (page *orderPage) fill(p *Pages, s live.State, from int, now int64) {
	items := s.Items
	if len(items) > 0 && items[0].EntryID == s.Now.EntryID {
		page.Air = p.airTurn(s, items[0], now)
		page.Air.Off = page.Off
		items = items[1:]
	}
	titles := titlesOf(items, page.Find)
	page.Total = len(titles)
	if from >= len(titles) {
		from = 0
	}
	to := min(from+orderRows, len(titles))
	page.Pages = pages(from, to, len(titles), page.Find)
	if page.Find != "" {
		page.Found = plural(len(titles), "title") + " with “" + page.Find + "”."
	}
	all := titlesOf(items, "")
	beside := map[int]int{} // where a title stands among all of them
	for n, at := range all {
		beside[at] = n
	}
	for _, at := range titles[from:to] {
		n, start := beside[at], 0
		if n > 0 {
			start = all[n-1] + 1
		}
		page.Turns = append(page.Turns, p.turns(s, items[start:at+1], now)...)
		last := &page.Turns[len(page.Turns)-1]
		if n > 0 {
			last.Prev = items[all[n-1]].EntryID
		}
		if n+1 < len(all) && items[all[n+1]].UID != channel.NoUID {
			last.Next = items[all[n+1]].EntryID
		}
	}
	for i := range page.Turns {
		page.Turns[i].Off = page.Off
	}
}

// titlesOf are the places of what is no promo, and has this text in its title.
func titlesOf(items []live.Item, text string) []int {
	var out []int
	text = strings.ToLower(text)
	for i, item := range items {
		if !item.Role.Promo() && (text == "" || strings.Contains(strings.ToLower(item.Media.Title+" "+item.PaidBy+" "+item.AddedBy), text)) {
			out = append(out, i)
		}
	}
	return out
}

// turns renders a block: promos and the title behind them.
func (p *Pages) turns(s live.State, block []live.Item, now int64) []turn {
	var out []turn
	of := map[int64]live.Item{}
	for _, item := range block {
		of[item.EntryID] = item
	}
	for _, r := range p.block(s, block, now) {
		t := turn{row: r, Row: r}
		if item, listed := of[r.ID]; listed {
			t.Waiting, t.Temp = item.UID == channel.NoUID, item.Temp
			if item.Role == shadow.Paid {
				t.Refund = coins(item.Price)
			}
		}
		out = append(out, t)
	}
	return out
}

func (p *Pages) airTurn(s live.State, item live.Item, now int64) *turn {
	r, air := p.line(item, now), p.air(s, now)
	r.Opens, r.Time, r.ISO = true, clock(s.Now.StartedMS, p.opt.Zone), iso(s.Now.StartedMS, p.opt.Zone)
	t := &turn{row: r, Row: r, Temp: item.Temp, Left: air.Left + " left", Max: air.Max, Value: air.Value, Played: air.Played + " of " + air.Of}
	if air.Live {
		t.Left = "live"
	}
	for _, next := range s.Items {
		if next.EntryID != item.EntryID && next.UID != channel.NoUID {
			t.Next = next.EntryID
			break
		}
	}
	return t
}

// pages are the addresses of the pages beside this one.
func pages(from, to, total int, find string) pager {
	at := func(from int) string {
		q := url.Values{"from": {strconv.Itoa(from)}}
		if find != "" {
			q.Set("find", find)
		}
		return "/admin/queue?" + q.Encode()
	}
	out := pager{From: from + 1, To: to}
	if from > 0 {
		out.Before = at(max(from-orderRows, 0))
	}
	if to < total {
		out.After = at(to)
	}
	return out
}

// orderLede is the list in two sentences: "14 titles until 00:39. Two are paid for; they keep their place among themselves."
func (p *Pages) orderLede(s live.State) string {
	text, _, _ := strings.Cut(strings.TrimSuffix(p.summary(s), "."), ", ")
	paid, sum := 0, int64(0)
	for _, item := range s.Items {
		if item.Role == shadow.Paid && item.EntryID != s.Now.EntryID {
			paid++
			sum += item.Price
		}
	}
	switch paid {
	case 0:
		return text + "."
	case 1:
		return text + ". One is paid for, with " + coins(sum) + "."
	default:
		return text + ". " + upper(number(paid)) + " are paid for, with " + coins(sum) + " in all."
	}
}

func upper(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
