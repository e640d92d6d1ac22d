package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/ledger"
	"playbill/core/station"
	"playbill/web/api"
	"playbill/web/session"
)

// pluginsPage is all plugins, by what they do.
type pluginsPage struct {
	desk
	Lede   string
	Groups []pluginGroup
}

// pluginGroup is the plugins of one kind.
type pluginGroup struct {
	ID, Head string
	Plugins  []pluginRow
}

// pluginRow is one plugin in a line.
type pluginRow struct {
	Name, Title, Small string
	Kind, Word, Reason string // of its state; Kind: good, warn, bad, or empty for one that is off
	On                 bool
	Allowed            string // of the hook whose answers come closest to its deadline; empty: none was answered
	Half, Most         string
	HalfX, MostX       int64 // of a thousand
	Asked              string
	Bars               []outcomeBar
	Words              string
}

// outcomeBar is one outcome's part of the whole, of a thousand.
type outcomeBar struct {
	Class   string
	X, Wide int64
}

// pluginPage is one plugin.
type pluginPage struct {
	desk
	Row      pluginRow
	Summary  string
	Facts    []price
	Hooks    []hookRow
	Match    string
	Settings []setting
	Known    bool // the plugin has been described, so its schema is known
	LastAt   string
	Log      []lineRow
}

// hookRow is what became of the calls of one hook.
type hookRow struct {
	Hook, When, Asked, Half, Most, Allowed, Late, Words string
}

// lineRow is one line of a log.
type lineRow struct {
	At   string
	Bad  bool
	Text string
}

// Plugins lists the plugins.
func (p *Pages) Plugins(c *gin.Context, _ session.Who) error {
	groups := map[string][]pluginRow{}
	ready, wanted := 0, 0
	for _, one := range p.opt.Plugins.Report() {
		row := p.pluginRow(one)
		switch {
		case !one.Bundled:
			groups["yours"] = append(groups["yours"], row)
		case slices.Contains(one.Hooks, string(station.OnPresence)):
			groups["presence"] = append(groups["presence"], row)
		case len(one.PromoTypes) > 0:
			groups["types"] = append(groups["types"], row)
		default:
			groups["others"] = append(groups["others"], row)
		}
		if one.State != "disabled" {
			wanted++
		}
		if one.State == "ready" {
			ready++
		}
	}
	page := pluginsPage{desk: p.desk(c, "Plugins"), Lede: pluginsLede(ready, wanted)}
	for _, g := range []struct{ id, head string }{{"yours", "Your own"}, {"types", "Promo types"}, {"presence", "Presence"}, {"others", "Not known before they have started"}} {
		if rows := groups[g.id]; len(rows) > 0 {
			page.Groups = append(page.Groups, pluginGroup{g.id, g.head, rows})
		}
	}
	return p.render(c, http.StatusOK, "plugins.html", page)
}

func pluginsLede(ready, wanted int) string {
	switch {
	case wanted == 0:
		return "All plugins are switched off. Playback and requests go on; no promo airs."
	case ready == 0:
		return "No plugin is ready. Playback, requests and refunds go on; no promo airs, and nobody is seen leaving."
	case ready == wanted && ready == 1:
		return "The one that is on is ready."
	case ready == wanted:
		return "All " + number(wanted) + " are ready."
	default:
		return capital(number(ready)) + " of " + number(wanted) + " are ready. Playback, requests and refunds go on without the others."
	}
}

func (p *Pages) pluginRow(one api.PluginReport) pluginRow {
	row := pluginRow{Name: one.Name, Title: cmp.Or(one.Title, one.Name), Word: api.PluginStateWords(one.State), Reason: api.SentenceOf(one.Reason), On: one.State != "disabled"}
	row.Small = listed(one.Name, one.Version)
	since := " for " + one.UpFor(p.opt.Now())
	switch one.State {
	case "ready":
		row.Kind, row.Word = "good", row.Word+since
	case "starting", "draining":
		row.Kind = "warn"
	case "disabled":
		row.Reason = ""
	default:
		row.Kind, row.Word = "bad", row.Word+", since "+clock(one.SinceMS, p.opt.Zone)
	}
	if _, calls, any := one.Slowest(); any {
		row.Allowed, row.Half, row.Most = sum(ledger.Coins(calls.AllowedMS)), micros(calls.P50US), micros(calls.P99US)
		row.HalfX, row.MostX = min(max(calls.P50US/calls.AllowedMS, 2), 1000), min(calls.P99US/calls.AllowedMS, 993)
	}
	n, outcomes, late := one.Asked()
	if n > 0 {
		row.Asked = "Asked " + sum(ledger.Coins(n)) + " times since the start"
		if n == 1 {
			row.Asked = "Asked once since the start"
		}
		row.Bars, row.Words = outcomeBars(outcomes, n), outcomeWords(outcomes, late)
	}
	return row
}

// The outcomes in the order of their colours.
func outcomeNames() [6][2]string {
	return [6][2]string{{"proposed", "proposed"}, {"no_opinion", "no opinion"}, {"timeout", "too late"}, {"crashed", "crashed"}, {"invalid", "invalid"}, {"skipped", "skipped"}}
}

func outcomeBars(outcomes map[string]int64, n int64) []outcomeBar {
	var out []outcomeBar
	x := int64(0)
	for i, name := range outcomeNames() {
		if wide := outcomes[name[0]] * 1000 / n; wide > 0 {
			out = append(out, outcomeBar{"o" + strconv.Itoa(i+1), x, wide})
			x += wide
		}
	}
	return out
}

func outcomeWords(outcomes map[string]int64, late int64) string {
	var words []string
	for _, name := range outcomeNames() {
		if n := outcomes[name[0]]; n > 0 {
			words = append(words, sum(ledger.Coins(n))+" "+name[1])
		}
	}
	if late > 0 {
		words = append(words, sum(ledger.Coins(late))+" answered after that")
	}
	return strings.Join(words, ", ")
}

// hookWords says when a hook is asked.
func hookWords(hook string, everyMS int64) string {
	switch station.Hook(hook) {
	case station.OnAdvance:
		return "when the channel moves on"
	case station.OnPay:
		return "when a title is paid"
	case station.OnCancel:
		return "when a request was cancelled"
	case station.OnPresence:
		return "every " + api.SpanWords(everyMS) + " about owners"
	default:
		return hook
	}
}

// Plugin is one plugin.
func (p *Pages) Plugin(c *gin.Context, _ session.Who) error {
	one, conf, err := p.opt.API.PluginAt(c.Param("name"))
	if err != nil {
		return err
	}
	page := pluginPage{desk: p.desk(c, cmp.Or(one.Title, one.Name)), Row: p.pluginRow(one), Summary: one.Summary, Match: strconv.FormatUint(conf.Revision, 10),
		Known: one.Version != "", Settings: settingsOf(one.Schema, conf), Facts: p.pluginFacts(one)}
	every := p.opt.Settings.Presence().CheckIntervalMS
	for _, hook := range slices.Sorted(slices.Values(one.Hooks)) {
		calls := one.Calls[hook]
		n := int64(0)
		for _, times := range calls.Outcomes {
			n += times
		}
		row := hookRow{Hook: hook, When: hookWords(hook, every), Asked: sum(ledger.Coins(n)), Late: sum(ledger.Coins(calls.Late)), Words: outcomeWords(calls.Outcomes, 0)}
		if calls.P99US > 0 {
			row.Half, row.Most, row.Allowed = micros(calls.P50US), micros(calls.P99US), fmt.Sprintf("%d ms", calls.AllowedMS)
		}
		page.Hooks = append(page.Hooks, row)
	}
	for _, line := range one.Log {
		page.LastAt = p.second(line.AtMS)
		page.Log = append(page.Log, lineRow{p.second(line.AtMS), line.Bad, line.Text})
	}
	return p.render(c, http.StatusOK, "plugin.html", page)
}

func (p *Pages) pluginFacts(one api.PluginReport) []price {
	facts := []price{{"Version", cmp.Or(one.Version, "not known yet")}}
	if len(one.PromoTypes) > 0 {
		var badges []string
		for _, id := range one.PromoTypes {
			badges = append(badges, api.Badge(p.opt.Plugins, id))
		}
		facts = append(facts, price{"Offers", strings.Join(badges, ", ")})
	}
	facts = append(facts, price{"In this state since", p.day(one.SinceMS)}, price{"Ended unasked", times0(one.Restarts)})
	if one.Exit != "" {
		facts = append(facts, price{"Last end", one.Exit})
	}
	if one.PID != 0 {
		facts = append(facts, price{"Process", strconv.Itoa(one.PID)})
	}
	facts = append(facts, price{"Priority", strconv.Itoa(one.Priority)}, price{"Binary", one.Command})
	if one.SHA256 != "" {
		facts = append(facts, price{"SHA-256", one.SHA256})
	}
	return facts
}

func times0(n int64) string {
	if n == 0 {
		return "never"
	}
	return times(int(n))
}

// second is a time of day to the second: "20:51:07".
func (p *Pages) second(ms int64) string { return time.UnixMilli(ms).In(p.opt.Zone).Format("15:04:05") }
