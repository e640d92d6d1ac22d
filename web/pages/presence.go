package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/pay"
	"playbill/core/station"
	"playbill/web/api"
	"playbill/web/session"
)

// presencePage is who waits for something and whether they are there, and the settings by which they lose it.
type presencePage struct {
	desk
	Lede            string
	Owners          []ownerRow
	Match           string
	On, Notify      bool
	Grace, Interval string
	Triggers        []pluginRow
}

// ownerRow is one viewer with pending requests.
type ownerRow struct {
	Name, State, Kind string // Kind: good, warn, or empty where the room is not known
	Titles            []string
	Clock             *graceRow // nil: nothing counts
}

// graceRow is a clock that counts.
type graceRow struct {
	Since, By, Because string
	Max, Value         int64 // seconds
	Words, Then        string
}

// Presence is the page of the clocks.
func (p *Pages) Presence(c *gin.Context, _ session.Who) error {
	set := p.opt.Settings.Presence()
	page := presencePage{desk: p.desk(c, "Presence"), Match: strconv.FormatUint(p.opt.Promos.Saved().Revision, 10), On: set.Enabled, Notify: set.NotifyUser,
		Grace: strconv.FormatInt(set.GraceMS/1000, 10), Interval: strconv.FormatInt(set.CheckIntervalMS/1000, 10)}
	names := map[string]string{}
	for _, one := range p.opt.Plugins.Report() {
		names[one.Name] = cmp.Or(one.Title, one.Name)
		if slices.Contains(one.Hooks, string(station.OnPresence)) || one.Bundled && strings.HasPrefix(one.Name, "presence-") {
			page.Triggers = append(page.Triggers, p.pluginRow(one))
		}
	}
	counting := 0
	for _, o := range p.opt.API.OwnersNow() {
		row := p.ownerRow(o, set.GraceMS/1000, names)
		if row.Clock != nil {
			counting++
		}
		page.Owners = append(page.Owners, row)
	}
	page.Lede = presenceLede(set.Enabled, len(page.Owners), counting)
	return p.render(c, http.StatusOK, "presence.html", page)
}

// awayWords says how somebody is away, as its trigger calls it.
func awayWords(reason string) string {
	switch reason {
	case pay.OwnerLeft:
		return "left the room"
	case pay.OwnerAFK:
		return "went AFK"
	default:
		return strings.ReplaceAll(reason, "_", " ")
	}
}

func presenceLede(on bool, owners, counting int) string {
	switch {
	case !on:
		return "Presence is turned off. Nobody loses a request by going away."
	case owners == 0:
		return "Nobody has a request waiting, so nobody is watched."
	case counting == 0:
		return capital(number(owners)) + viewers(owners) + " a request waiting. All of them are there."
	default:
		return capital(number(owners)) + viewers(owners) + " a request waiting. The clock runs for " + number(counting) + "."
	}
}

func viewers(n int) string {
	if n == 1 {
		return " viewer has"
	}
	return " viewers have"
}

func (p *Pages) ownerRow(o api.Owner, graceSec int64, names map[string]string) ownerRow {
	row := ownerRow{Name: o.Name, State: "not known"}
	switch {
	case o.Present == nil:
	case !*o.Present:
		row.State, row.Kind = "Not in the room", "warn"
	case *o.AFK:
		row.State, row.Kind = "AFK", "warn"
	default:
		row.State, row.Kind = "Here", "good"
	}
	for _, e := range o.Pending {
		row.Titles = append(row.Titles, e.Title)
	}
	k := o.Clock
	if k == nil {
		return row
	}
	row.Clock = &graceRow{Since: p.second(k.SinceMS), By: cmp.Or(names[k.Trigger], k.Trigger), Because: awayWords(k.Reason), Max: max(graceSec, 1),
		Value: min(k.AwaySeconds, max(graceSec, 1)), Words: api.SpanWords(k.AwaySeconds*1000) + " of " + api.SpanWords(graceSec*1000)}
	row.Clock.Then = plural(len(row.Titles), "request") + " cancelled and refunded in " + api.SpanWords(k.LeftSeconds*1000)
	if k.LeftSeconds == 0 {
		row.Clock.Then = plural(len(row.Titles), "request") + " cancelled and refunded with the next check"
	}
	return row
}
