package pages

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/web/session"
)

// filters narrow and order the catalog beside its categories.
type filters struct {
	Lengths, Prices, Sorts []option
	On                     bool // one of them is set
}

// option is one choice of a select.
type option struct {
	Value, Word string
	On          bool
}

// named is a select with its name and label.
type named struct {
	Name, Word string
	Options    []option
}

// filtersOf reads the filters of a request into a query. What is not one of the choices is no filter.
func (p *Pages) filtersOf(c *gin.Context, who session.Who, q *library.Query) filters {
	f := filters{Lengths: p.lengths(), Prices: p.priceLimits(), Sorts: sorts()}
	if one := choose(f.Lengths, c.Query("length")); one != "" {
		low, high, _ := strings.Cut(one, "-")
		q.MinMS, q.MaxMS = secondsOf(low), secondsOf(high)
		f.On = true
	}
	if one := choose(f.Prices, c.Query("max_price")); one != "" {
		coins, _ := strconv.ParseInt(one, 10, 64) // ours
		p.opt.API.Affordable(q, ledger.Coins(coins), who)
		f.On = true
	}
	if q.Sort = choose(f.Sorts, c.Query("sort")); q.Sort != "" {
		f.On = true
	}
	return f
}

// choose marks a choice and returns its value; empty: it is none of them.
func choose(options []option, value string) string {
	at := max(slices.IndexFunc(options, func(o option) bool { return o.Value == value }), 0)
	options[at].On = true
	return options[at].Value
}

// lengths are the steps of the tariff, in seconds.
func (p *Pages) lengths() []option {
	out := []option{{Value: "", Word: "Any length"}}
	low := int64(0)
	for _, step := range p.opt.Rules().Prices {
		switch from := (low + 999) / 1000; {
		case step.UpToMS <= 0 && low > 0:
			out = append(out, option{Value: fmt.Sprintf("%d-", from+1), Word: "Over " + minutes(low)})
		case step.UpToMS > 0 && low == 0:
			out = append(out, option{Value: fmt.Sprintf("-%d", step.UpToMS/1000), Word: "Up to " + minutes(step.UpToMS)})
		case step.UpToMS > 0:
			out = append(out, option{Value: fmt.Sprintf("%d-%d", from+1, step.UpToMS/1000), Word: minutes(low) + " to " + minutes(step.UpToMS)})
		}
		low = step.UpToMS
	}
	return out
}

// priceLimits are the steps of the tariff, in coins.
func (p *Pages) priceLimits() []option {
	out := []option{{Value: "", Word: "Any price"}}
	rules := p.opt.Rules()
	for _, step := range rules.Prices[:max(len(rules.Prices)-1, 0)] {
		out = append(out, option{Value: strconv.FormatInt(int64(step.Coins), 10), Word: "Up to " + coins(int64(step.Coins))})
	}
	return out
}

func sorts() []option {
	return []option{{Value: "", Word: "Best first"}, {Value: library.SortTitle, Word: "By title"}, {Value: library.SortNewest, Word: "Newest first"},
		{Value: library.SortShortest, Word: "Shortest first"}, {Value: library.SortLongest, Word: "Longest first"},
		{Value: library.SortRecent, Word: "Played lately"}, {Value: library.SortRested, Word: "Not played for long"}}
}

// secondsOf is a bound in milliseconds; 0: none.
func secondsOf(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64) // ours; empty is none
	return n * 1000
}

// keep is what of a request's filters goes along to another address of the catalog.
func keep(c *gin.Context, also ...string) url.Values {
	q := url.Values{}
	for _, name := range append([]string{"length", "max_price", "sort"}, also...) {
		if value := cut(c.Query(name)); value != "" {
			q.Set(name, value)
		}
	}
	return q
}
