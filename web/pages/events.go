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

	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/web/live"
	"playbill/web/session"
)

// localForm is how an <input type="datetime-local"> writes a time.
const localForm = "2006-01-02T15:04"

// eventsPage is what is planned, what runs, and what did not go well.
type eventsPage struct {
	desk
	Lede   string
	Lock   *deskLock
	Alarms []alarm
	Broken []planRow
	Week   week
	Plans  []planRow
	Form   *eventForm // nil: none is open
	Past   []pastEvent
	NewAt  string
	Cost   string // what starting one now pays back: "two titles, 725 coins"; empty: nothing waits
	Place  string
}

// deskLock is the lock that is on, with what it says to admins.
type deskLock struct{ Head, Text, Word string }

// alarm is an event that did not go well and that nobody has put away.
type alarm struct {
	ID, Event  int64
	Head, Text string
	Failed     []event.Failed
	Rerun      bool // it did not begin, and its schedule is still there
}

// planRow is one schedule in a line.
type planRow struct {
	ID, Rev                   int64
	Label, When, List, State  string
	Next, NextISO, Why        string
	On, Held, Armed, CanStart bool
	At                        string // the address of its form
}

// pastEvent is how an event went.
type pastEvent struct{ Label, When, How, Failed string }

// Events is the page of events.
func (p *Pages) Events(c *gin.Context, _ session.Who) error {
	v, now := p.opt.Floor.View(), p.opt.Now()
	monday, err := p.mondayIn(c)
	if err != nil {
		return err
	}
	chosen, _ := strconv.ParseInt(c.Query("event"), 10, 64) // none is open otherwise
	page := eventsPage{desk: p.desk(c, "Events"), Lede: p.eventsLede(v, now), Lock: p.deskLock(v), Week: p.week(v, monday, chosen),
		NewAt: eventsAt(monday, 0) + "&new=1#event", Cost: waits(p.opt.Hub.State()), Place: place(p.opt.Zone)}
	page.Script = "events.js"
	lists := p.opt.Shelf.Playlists()
	for _, s := range v.Schedules {
		r := p.planRow(v, s, lists)
		r.At = eventsAt(monday, s.ID) + "#event"
		if page.Plans = append(page.Plans, r); s.Broken != "" {
			page.Broken = append(page.Broken, r)
		}
		if s.ID == chosen {
			page.Form = p.formOf(v, s, lists)
		}
	}
	if c.Query("new") != "" {
		page.Form = p.formOf(v, p.freshEvent(c, lists), lists)
	}
	slices.SortStableFunc(page.Plans, func(a, b planRow) int {
		return cmp.Or(cmp.Compare(cmp.Or(a.NextISO, "z"), cmp.Or(b.NextISO, "z")), strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)))
	})
	for _, f := range v.Alarms {
		page.Alarms = append(page.Alarms, p.alarm(v, f))
	}
	if page.Past, err = p.past(c); err != nil {
		return err
	}
	return p.render(c, http.StatusOK, "events.html", page)
}

// mondayIn is the week that somebody looks at; without one it is this week.
func (p *Pages) mondayIn(c *gin.Context) (time.Time, error) {
	now := time.UnixMilli(p.opt.Now()).In(p.opt.Zone)
	text := c.Query("week")
	if text == "" {
		return mondayOf(now), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, p.opt.Zone)
	if err != nil || day.Year() < now.Year()-yearsShown || day.Year() > now.Year()+yearsShown {
		return now, fault.New(fault.Invalid, fmt.Sprintf("A week is named by one of its days, like 2026-11-16, at most %d years from now.", yearsShown))
	}
	return mondayOf(day), nil
}

// eventsLede is what is next.
func (p *Pages) eventsLede(v *station.View, now int64) string {
	next := v.Next()
	if next == nil {
		return "Nothing is planned. An event takes over the list at its time, and pays back what waits."
	}
	text := fmt.Sprintf("%s starts %s, %s at %s.", next.Label, farOff(next.StartsAtMS-now), dayWord(next.StartsAtMS, now, p.opt.Zone), clock(next.StartsAtMS, p.opt.Zone))
	switch {
	case next.ClosesAtMS >= next.StartsAtMS:
		return text + " Requests stay open until then."
	case next.ClosesAtMS <= now:
		return text + " Requests are closed for it."
	}
	return text + " Requests close at " + clock(next.ClosesAtMS, p.opt.Zone) + "."
}

// deskLock is the lock that is on, and what runs under it.
func (p *Pages) deskLock(v *station.View) *deskLock {
	if !v.Gate.PayClosed {
		return nil
	}
	head, rest, _ := strings.Cut(v.Gate.Sentence, ". ")
	l := &deskLock{Head: strings.TrimSuffix(head, ".") + ".", Text: rest, Word: "End lockout now"}
	f := v.Firing
	if !f.On() {
		l.Text = "It starts at " + clock(p.opt.Hub.State().Lock.StartsAtMS, p.opt.Zone) + " all the same when the lockout is ended; requests then stay open until it does."
		return l
	}
	l.Head = fmt.Sprintf("“%s” is on, since %s.", f.Label, clock(f.OpenedAtMS, p.opt.Zone))
	l.Text = "Requests and promos are held off until its last title starts"
	if v.Gate.OpensAtMS > 0 {
		l.Text += ", about " + clock(v.Gate.OpensAtMS, p.opt.Zone)
	}
	l.Text += ". Ending the lockout makes the rest of it ordinary content."
	if f.Loading() {
		l.Head, l.Text, l.Word = fmt.Sprintf("“%s” is being loaded: %s so far.", f.Label, plural(f.Loaded, "title")), "Its lockout can be ended when it is on the screen.", ""
	}
	return l
}

func (p *Pages) alarm(v *station.View, f event.Firing) alarm {
	a := alarm{ID: f.ID, Event: f.Schedule, Head: "“" + f.Label + "” was not as planned.", Text: f.Alarm, Failed: f.Failed}
	if f.EndedHow == event.TooLate || f.EndedHow == event.NothingCame {
		a.Head = fmt.Sprintf("“%s” was not on, %s at %s.", f.Label, dayWord(f.DueAtMS, p.opt.Now(), p.opt.Zone), clock(f.DueAtMS, p.opt.Zone))
		a.Rerun = slices.ContainsFunc(v.Schedules, func(s event.Schedule) bool { return s.ID == f.Schedule && s.Broken == "" })
	}
	return a
}

func (p *Pages) planRow(v *station.View, s event.Schedule, lists []library.Playlist) planRow {
	r := planRow{ID: s.ID, Rev: s.Rev, Label: s.Label, When: capital(p.repeats(s)), On: s.Active, Armed: s.Armed(), Why: s.Broken, State: "over"}
	list, known := savedList(lists, s.Playlist)
	r.List, r.Held, r.CanStart = list.Name, list.Immutable, known && len(list.Items) > 0 && s.Broken == ""
	switch {
	case s.Broken != "":
		r.State = "cannot start"
	case !s.Active:
		r.State = "off"
	case r.Armed:
		r.State = "armed"
		r.Next, r.NextISO = p.moment(s.NextAtMS), iso(s.NextAtMS, time.UTC)
	}
	if v.Firing.On() && v.Firing.Schedule == s.ID {
		r.State = "on now"
	}
	return r
}

// moment is a time of the calendar: "Sun 22 November, 20:00".
func (p *Pages) moment(ms int64) string {
	return time.UnixMilli(ms).In(p.opt.Zone).Format("Mon 2 January, 15:04")
}

// past is how the last events went.
func (p *Pages) past(c *gin.Context) ([]pastEvent, error) {
	all, err := p.opt.Stagehands.Firings.Firings(c.Request.Context(), firingsShown, 0)
	if err != nil {
		return nil, err
	}
	var out []pastEvent
	for _, f := range all {
		if f.EndedAtMS == 0 {
			continue
		}
		one := pastEvent{Label: f.Label, When: p.moment(cmp.Or(f.OpenedAtMS, f.DueAtMS)), How: howItEnded(f)}
		if len(f.Failed) > 0 {
			one.Failed = plural(len(f.Failed), "title") + " could not be loaded: " + f.Failed[0].Title + ": " + f.Failed[0].Why
		}
		out = append(out, one)
	}
	return out, nil
}

func howItEnded(f event.Firing) string {
	loaded := plural(f.Loaded, "title") + " loaded"
	if f.By != "" {
		loaded += ", started by " + f.By
	}
	switch f.EndedHow {
	case event.Over:
		return capital(loaded) + "."
	case event.LockoutEnded:
		return capital(loaded) + ". Its lockout was ended by hand."
	case event.Superseded:
		return capital(loaded) + ". Another event began."
	case event.NothingCame:
		return "Not one of its titles could be loaded."
	default:
		return "It did not begin."
	}
}

// waits is what an event that starts now would pay back; empty: nothing.
func waits(s live.State) string {
	n, sum := 0, int64(0)
	for _, item := range s.Items {
		if item.Role == shadow.Paid && item.EntryID != s.Now.EntryID && item.Leaving == "" {
			n++
			sum += item.Price
		}
	}
	if n == 0 {
		return ""
	}
	return number(n) + map[bool]string{true: " title, ", false: " titles, "}[n == 1] + coins(sum)
}

func savedList(lists []library.Playlist, id int64) (library.Playlist, bool) {
	i := slices.IndexFunc(lists, func(l library.Playlist) bool { return l.ID == id })
	if i < 0 {
		return library.Playlist{}, false
	}
	return lists[i], true
}

// farOff is a time to come that may be days away: "in 6 days", "in 13 min".
func farOff(ms int64) string {
	if ms >= 48*hourMS {
		return fmt.Sprintf("in %d days", (ms+12*hourMS)/(24*hourMS))
	}
	return distance(ms)
}

// dayWord is a day beside another: "today", "tomorrow", "on Friday", "on 27 November".
func dayWord(ms, now int64, zone *time.Location) string {
	at, today := time.UnixMilli(ms).In(zone), time.UnixMilli(now).In(zone)
	midnight := time.Date(today.Year(), today.Month(), today.Day(), 12, 0, 0, 0, time.UTC)
	days := time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, time.UTC).Sub(midnight) / (24 * time.Hour)
	switch {
	case days == 0:
		return "today"
	case days == 1:
		return "tomorrow"
	case days > -7 && days < 7:
		return "on " + at.Format("Monday")
	default:
		return "on " + at.Format("2 January")
	}
}
