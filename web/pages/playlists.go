package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/library"
	"playbill/web/api"
	"playbill/web/session"
)

// playlistsPage is the saved playlists.
type playlistsPage struct {
	desk
	Lede  string
	Lists []listRow
}

// listRow is one saved playlist in a line.
type listRow struct {
	ID, Rev      int64
	Name         string
	Items, Total string
	Use          *badge // the promo type whose clips it has; nil: none
	Held         bool   // non-preemptable
	Says         string // what it is used for
}

// playlistPage is one saved playlist, to be edited.
type playlistPage struct {
	desk
	listRow
	Lede    string
	Uses    []use
	Items   []itemRow
	Find    string
	Found   string
	Pages   pager
	Count   int
	CanUndo bool
	Clips   bool // its items are clips of a pool, which air at their times
}

// use is one thing that a playlist can be for.
type use struct {
	Value, Word string
	On, Barred  bool // Barred: what it is now must be released first
}

// itemRow is one place in a playlist.
type itemRow struct {
	ID            int64
	Place         int // from 1
	Title, Length string
	Ref           string // type:id
	At            string // how far into the list it begins
	First, Last   bool
	Terms         []string // when it airs, in words
	Trouble       string   // why the channel refused it
	Form          *termsForm
	Open, Clip    bool
	OpenAt        string // address of this page with its form open, or closed again
}

// termsForm is when a clip airs, as its form has it.
type termsForm struct {
	ID             int64
	Starts, Ends   string // as an <input type="datetime-local"> has it, station time
	Windows, Tags  string
	Rest           int
	Evergreen      bool
	Place, Address string
}

// Playlists lists the saved playlists.
func (p *Pages) Playlists(c *gin.Context, _ session.Who) error {
	page := playlistsPage{desk: p.desk(c, "Playlists")}
	page.Script = "playlists.js"
	all := p.opt.Shelf.Playlists()
	reserved := 0
	for _, list := range all {
		page.Lists = append(page.Lists, p.listRow(list))
		if list.Immutable || list.PromoType != "" {
			reserved++
		}
	}
	slices.SortStableFunc(page.Lists, func(a, b listRow) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	page.Lede = plural(len(all), "playlist") + "."
	if reserved > 0 {
		page.Lede += " What is in " + number(reserved) + " of them is set aside: viewers neither see nor request it."
	}
	return p.render(c, http.StatusOK, "playlists.html", page)
}

func (p *Pages) listRow(list library.Playlist) listRow {
	r := listRow{ID: list.ID, Rev: list.Rev, Name: list.Name, Items: strconv.Itoa(len(list.Items)), Total: hours(list.LengthMS()), Held: list.Immutable}
	if list.PromoType != "" {
		word := api.Badge(p.opt.Plugins, list.PromoType)
		r.Use = &badge{Kind: kindOf(list.PromoType), Word: word}
		r.Says = "Its clips air as " + word + "."
	}
	if list.Immutable {
		r.Says = "For events: nothing comes between its titles."
	}
	return r
}

// Playlist is one saved playlist.
func (p *Pages) Playlist(c *gin.Context, _ session.Who) error {
	list, err := p.listAt(c)
	if err != nil {
		return err
	}
	from, err := offsetOf(c)
	if err != nil {
		return err
	}
	page := playlistPage{desk: p.desk(c, list.Name), listRow: p.listRow(list), Uses: p.uses(list), Find: strings.TrimSpace(cut(c.Query("find"))),
		Count: len(list.Items), CanUndo: p.opt.Editor.Undoable(list.ID), Clips: list.PromoType != ""}
	page.Script = "playlists.js"
	page.Lede = plural(len(list.Items), "item") + ", " + hours(list.LengthMS()) + " in all."
	open, _ := strconv.ParseInt(c.Query("item"), 10, 64) // none is open otherwise
	page.fill(p, list, from, open)
	return p.render(c, http.StatusOK, "playlist.html", page)
}

func (p *Pages) listAt(c *gin.Context) (library.Playlist, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	for _, list := range p.opt.Shelf.Playlists() {
		if err == nil && list.ID == id {
			return list, nil
		}
	}
	return library.Playlist{}, fault.New(fault.NotFound, "There is no such playlist. Somebody may have deleted it.")
}

// fill renders a part of a list, or what was looked for in it.
func (page *playlistPage) fill(p *Pages, list library.Playlist, from int, open int64) {
	var found []itemRow
	at, text := int64(0), strings.ToLower(page.Find)
	for i, item := range list.Items {
		if text == "" || strings.Contains(strings.ToLower(item.Media.Title+" "+item.Media.ID), text) {
			found = append(found, itemRow{ID: item.ID, Place: i + 1, At: counter(at)})
		}
		at += item.Media.DurationMS
	}
	if from >= len(found) {
		from = 0
	}
	to := min(from+itemRows, len(found))
	address := func(from int, item int64) string {
		q := url.Values{}
		for name, value := range map[string]string{"find": page.Find, "from": orNone(int64(from)), "item": orNone(item)} {
			if value != "" {
				q.Set(name, value)
			}
		}
		return strings.TrimSuffix(fmt.Sprintf("/admin/playlists/%d?%s", list.ID, q.Encode()), "?")
	}
	page.Pages = pager{From: from + 1, To: to}
	if from > 0 {
		page.Pages.Before = address(max(from-itemRows, 0), 0)
	}
	if to < len(found) {
		page.Pages.After = address(to, 0)
	}
	if page.Find != "" {
		page.Found = plural(len(found), "item") + " with “" + page.Find + "”."
	}
	for _, r := range found[from:to] {
		r.of(p, list.Items[r.Place-1])
		r.First, r.Last, r.Clip = r.Place == 1, r.Place == len(list.Items), page.Clips
		r.OpenAt = address(from, r.ID)
		if r.Open = r.ID == open && page.Clips; r.Open {
			r.OpenAt = address(from, 0)
			r.Form = p.termsForm(list.Items[r.Place-1])
		}
		page.Items = append(page.Items, r)
	}
}

// of fills a row from its item.
func (r *itemRow) of(p *Pages, item library.Item) {
	r.Title, r.Length, r.Ref = item.Media.Title, length(item.Media.DurationMS), item.Media.Type+":"+item.Media.ID
	if item.Media.DurationMS <= 0 {
		r.Length = "length not known"
	}
	r.Terms = p.termWords(item)
	if item.Refusals > 0 {
		r.Trouble = fmt.Sprintf("The channel refused it %s: %s", times(item.Refusals), cmp.Or(item.RefusedWhy, "it did not say why."))
	}
}

// termWords say when a clip airs; nothing: whenever its turn comes.
func (p *Pages) termWords(item library.Item) []string {
	var out []string
	day := func(ms int64) string { return time.UnixMilli(ms).In(p.opt.Zone).Format("2 Jan 2006, 15:04") }
	if item.StartsAtMS != 0 {
		out = append(out, "From "+day(item.StartsAtMS))
	}
	if item.EndsAtMS != 0 {
		out = append(out, "Until "+day(item.EndsAtMS))
	}
	if item.Windows != "" {
		out = append(out, item.Windows)
	}
	if item.RestMinutes > 0 {
		out = append(out, "Rests "+plural(item.RestMinutes, "minute"))
	}
	if item.Evergreen {
		out = append(out, "Evergreen")
	}
	return append(out, item.Tags...)
}

func (p *Pages) termsForm(item library.Item) *termsForm {
	local := func(ms int64) string {
		if ms == 0 {
			return ""
		}
		return time.UnixMilli(ms).In(p.opt.Zone).Format("2006-01-02T15:04")
	}
	return &termsForm{ID: item.ID, Starts: local(item.StartsAtMS), Ends: local(item.EndsAtMS), Windows: item.Windows, Tags: strings.Join(item.Tags, ", "),
		Rest: item.RestMinutes, Evergreen: item.Evergreen, Place: place(p.opt.Zone), Address: p.opt.Zone.String()}
}

// uses are what a playlist can be for. Non-preemptable and a pool exclude each other.
func (p *Pages) uses(list library.Playlist) []use {
	out := []use{
		{Value: "", Word: "An ordinary playlist", On: !list.Immutable && list.PromoType == ""},
		{Value: "immutable", Word: "Non-preemptable, for events", On: list.Immutable, Barred: list.PromoType != ""},
	}
	known := false
	for _, m := range p.opt.Plugins.Roster() {
		for _, t := range m.Types {
			known = known || t.ID == list.PromoType
			out = append(out, use{Value: "type:" + t.ID, Word: "Clips of " + api.Badge(p.opt.Plugins, t.ID), On: t.ID == list.PromoType, Barred: list.Immutable})
		}
	}
	if !known && list.PromoType != "" {
		out = append(out, use{Value: "type:" + list.PromoType, Word: "Clips of " + api.Badge(p.opt.Plugins, list.PromoType), On: true})
	}
	return out
}

// hours is how long much is: "12 h 40 min", "3 min".
func hours(ms int64) string {
	if ms == 0 {
		return "0 min"
	}
	return length(ms)
}

func orNone(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
