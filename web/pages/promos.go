package pages

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/library"
	"playbill/core/promo"
	"playbill/sdk"
	"playbill/web/api"
	"playbill/web/session"
)

// promosPage is the pools, the settings beside what they do, and why promos were placed or not.
type promosPage struct {
	desk
	Lede    string
	Pools   []poolRow
	Open    *openPool // nil: none is open
	Set     promoForm
	Types   []typeRow
	LeadIns []badgeOf
	Effect  effect
	Whys    []whyRow
}

// poolRow is one promo type in a line.
type poolRow struct {
	Type             string
	Badge            badge
	CanAir, Rule     string
	Kind, Word, Text string // of its health
	Open             bool
}

// openPool is one pool with what is in it.
type openPool struct {
	poolRow
	Lists   []poolList
	Clips   []clipRow
	Choices []poolList // what could be tagged
	Held    []string   // what cannot: release it first
}

// poolList is one saved playlist.
type poolList struct {
	ID          int64
	Name, Items string
}

// clipRow is one clip.
type clipRow struct {
	Key, Title, Length, Aired, Note string
	Try                             bool
}

// promoForm is the promos block as its form has it. An arm of the cadence that is off is empty.
type promoForm struct {
	Match                         string // the revision that it was read at
	On, NoRepeat                  bool
	Items, Minutes, Airtime, Film string
	Balanced                      bool
}

// typeRow is one type in the form.
type typeRow struct {
	badgeOf
	On      bool
	Order   string
	General bool
	Weight  int64
	Share   string
	When    string // of a lead-in: before what
}

// badgeOf is a type with its badge.
type badgeOf struct {
	Type  string
	Badge badge
}

// whyRow is one decision in words.
type whyRow struct {
	ID      int64
	At, ISO string
	Kind    string // placed, skipped, withdrawn, seated
	Why     api.Why
	Small   string
}

// Promos is the page of the promo types.
func (p *Pages) Promos(c *gin.Context, _ session.Who) error {
	ctx := c.Request.Context()
	set, pools := p.opt.Settings.Promos(), p.opt.API.PoolsOf(ctx)
	decisions, err := p.opt.Books.Decisions(ctx, decisionsMax, 0)
	if err != nil {
		return err
	}
	saved := p.opt.API.EffectOf(set)
	page := promosPage{desk: p.desk(c, "Promos"), Lede: promoLede(set), Set: formOf(set), Effect: p.effectOf(saved, saved, set)}
	page.Script = "promos.js"
	for _, pool := range pools {
		row := p.poolRow(pool, set)
		row.Open = pool.PromoType == c.Query("pool")
		page.Pools = append(page.Pools, row)
		if row.Open {
			page.Open = p.openPool(pool, row)
		}
		page.Types = append(page.Types, typeRowOf(pool, pools, set))
		if pool.Slot != nil && *pool.Slot == "lead_in" {
			page.LeadIns = append(page.LeadIns, badgeOf{pool.PromoType, badge{Kind: kindOf(pool.PromoType), Word: pool.Badge}})
		}
	}
	for _, d := range decisions {
		row := whyRow{ID: d.ID, At: clock(d.AtMS, p.opt.Zone), ISO: iso(d.AtMS, p.opt.Zone), Kind: d.Outcome, Why: p.opt.API.WhyOf(d, p.opt.API.TitleOnList(d.Target))}
		row.Small = listed(d.Detail.Plugin, fmt.Sprintf("decision %d", d.ID), fmt.Sprintf("settings %d", d.SettingsRev), "seed "+strconv.FormatUint(d.Seed, 10))
		page.Whys = append(page.Whys, row)
	}
	return p.render(c, http.StatusOK, "promos.html", page)
}

// PromoEffect is the part of the page that says what unsaved settings would do. The settings are in the query.
func (p *Pages) PromoEffect(c *gin.Context, _ session.Who) error {
	old := p.opt.Settings.Promos()
	next, err := p.opt.API.Unsaved(c.Query("config"))
	if err != nil {
		f := fault.Of(err)
		if f == nil {
			return err
		}
		return p.render(c, http.StatusOK, "effect", effect{Problem: f.Sentence})
	}
	return p.render(c, http.StatusOK, "effect", p.effectOf(p.opt.API.EffectOf(old), p.opt.API.EffectOf(next), next))
}

// promoLede is the cadence in a sentence.
func promoLede(set promo.Settings) string {
	if !set.Enabled {
		return "Promos are turned off. Nothing is counted, and nothing is placed."
	}
	var arms []string
	if set.EveryItems > 0 {
		arms = append(arms, "every "+everyWords(set.EveryItems))
	}
	switch {
	case set.EveryMS == 0:
		arms = []string{"before every title"}
	case set.EveryMS > 0:
		arms = append(arms, "after "+api.SpanWords(set.EveryMS))
	}
	general := "No general promos: both arms of the cadence are off."
	if len(arms) > 0 {
		general = "One general promo " + strings.Join(arms, ", or ")
		if len(arms) > 1 {
			general += ", whichever comes first"
		}
		general += "."
	}
	return general + " A film gets a Feature clip before it; a paid title gets Viewer’s Choice."
}

func everyWords(n int) string {
	if n == 1 {
		return "title"
	}
	return number(n) + " titles"
}

func (p *Pages) poolRow(pool api.Pool, set promo.Settings) poolRow {
	row := poolRow{Type: pool.PromoType, Badge: badge{Kind: kindOf(pool.PromoType), Word: pool.Badge}, CanAir: fmt.Sprintf("%d of %d", pool.CanAir, len(pool.Clips)),
		Rule: ruleOf(pool, set), Kind: pool.Health.Severity(), Text: pool.Health.Reason}
	if len(pool.Clips) == 0 {
		row.CanAir = "none"
	}
	switch pool.Health.State {
	case api.PoolGood:
		row.Word = "Healthy"
	case api.PoolThin:
		row.Word = "One clip"
	case api.PoolAside:
		row.Word = "Set aside"
	case api.PoolEnding:
		row.Word = "Ends soon"
	case api.PoolEmpty:
		row.Word = "Empty"
	case api.PoolDry:
		row.Word = "Nothing now"
	case api.PoolNever:
		row.Word = "Never"
	case api.PoolRefused:
		row.Word = "All refused"
	case api.PoolNotReady:
		row.Word = "Not ready"
	case api.PoolNoPlugin:
		row.Word = "No plugin"
	default:
		row.Word = "Off"
	}
	return row
}

// ruleOf is how the clips of a pool come to air.
func ruleOf(pool api.Pool, set promo.Settings) string {
	order := map[string]string{sdk.OrderRandom: "Random", sdk.OrderSequential: "In order", sdk.OrderShuffle: "Shuffled"}[pool.Order]
	switch {
	case pool.Slot == nil:
		return order + "."
	case *pool.Slot == "general":
		return fmt.Sprintf("%s, weight %d.", order, pool.Weight)
	default:
		return order + ", " + beforeWhat(pool, set) + "."
	}
}

func beforeWhat(pool api.Pool, set promo.Settings) string {
	switch {
	case pool.Serves != nil && *pool.Serves == "paid":
		return "before every paid title"
	case pool.PromoType == "feature_presentation":
		return "before an unpaid film of " + parts(set.MovieThresholdMS, 60_000) + " min or more"
	case pool.Serves != nil && *pool.Serves == "unpaid":
		return "before unpaid titles that its plugin picks"
	default:
		return "before titles that its plugin picks"
	}
}

func (p *Pages) openPool(pool api.Pool, row poolRow) *openPool {
	out := &openPool{poolRow: row}
	for _, l := range pool.Playlists {
		out.Lists = append(out.Lists, poolList{l.ID, l.Name, plural(l.Items, "clip")})
	}
	for _, clip := range pool.Clips {
		out.Clips = append(out.Clips, p.clipRow(clip))
	}
	for _, l := range p.opt.Shelf.Playlists() {
		switch {
		case l.Immutable:
			out.Held = append(out.Held, l.Name)
		case l.PromoType == "":
			out.Choices = append(out.Choices, poolList{l.ID, l.Name, itemsOf(l)})
		}
	}
	return out
}

func itemsOf(l library.Playlist) string {
	if len(l.Items) == 0 {
		return "empty"
	}
	return plural(len(l.Items), "item")
}

func (p *Pages) clipRow(clip api.PoolClip) clipRow {
	row := clipRow{Key: clip.Key, Title: clip.Title, Length: counter(clip.DurationSeconds * 1000), Aired: "never", Try: clip.Refusals > 0}
	if clip.LastAiredMS > 0 {
		row.Aired = p.day(clip.LastAiredMS)
	}
	why := ""
	if clip.RefusedWhy != nil {
		why = ": " + *clip.RefusedWhy
	}
	switch {
	case clip.SetAside:
		row.Note = "Set aside, refused " + times(clip.Refusals) + why
	case clip.Refusals > 0:
		row.Note = "Refused " + times(clip.Refusals) + why
	case clip.Never && clip.EndsMS > p.opt.Now():
		row.Note = "Never: its days and hours do not come before it ends."
	case clip.NotNow != nil && clip.NextMS > 0:
		row.Note = "Not now: " + api.ReasonWords(*clip.NotNow) + ". From " + p.day(clip.NextMS) + "."
	case clip.NotNow != nil:
		row.Note = "Not now: " + api.ReasonWords(*clip.NotNow) + "."
	case clip.EndsMS > 0:
		row.Note = "Until " + p.day(clip.EndsMS) + "."
	}
	return row
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	default:
		return number(n) + " times"
	}
}

func formOf(set promo.Settings) promoForm {
	f := promoForm{Match: strconv.FormatUint(set.Revision, 10), On: set.Enabled, NoRepeat: set.NoRepeat, Balanced: set.Selection == promo.Balanced,
		Airtime: parts(set.MinAirtimeMS, 1000), Film: parts(set.MovieThresholdMS, 60_000)}
	if set.EveryItems > 0 {
		f.Items = strconv.Itoa(set.EveryItems)
	}
	if set.EveryMS >= 0 {
		f.Minutes = parts(set.EveryMS, 60_000)
	}
	return f
}

// parts is a length as a number of units, with a fraction where it has one.
func parts(ms, unit int64) string { return strconv.FormatFloat(float64(ms)/float64(unit), 'f', -1, 64) }

func typeRowOf(pool api.Pool, all []api.Pool, set promo.Settings) typeRow {
	row := typeRow{badgeOf: badgeOf{pool.PromoType, badge{Kind: kindOf(pool.PromoType), Word: pool.Badge}}, On: pool.Enabled, Order: pool.Order, Weight: pool.Weight,
		General: pool.Slot == nil || *pool.Slot == "general", Share: "none"}
	if !row.General {
		row.When = capital(beforeWhat(pool, set))
		return row
	}
	total := int64(0)
	for _, other := range all {
		if other.Enabled && (other.Slot == nil || *other.Slot == "general") {
			total += other.Weight
		}
	}
	if total > 0 && pool.Enabled {
		row.Share = fmt.Sprintf("%d.%d %%", pool.Weight*1000/total/10, pool.Weight*1000/total%10)
	}
	return row
}
