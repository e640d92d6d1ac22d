package pages

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/event"
	"playbill/core/library"
	"playbill/core/station"
)

// The ways to repeat that the form has fields for; any other rule is written out.
const (
	repeatOnce    = ""
	repeatDaily   = "daily"
	repeatWeekly  = "weekly"
	repeatMonthly = "monthly"
	repeatOwn     = "own"
)

// eventForm is one event to be planned or changed.
type eventForm struct {
	ID, Rev        int64
	Head, Caption  string
	Label, Start   string
	Lists, Rest    []choice
	Repeats        []choice
	Days           []choice
	Rule, Until    string
	Lock           int
	Active, Rotate bool
	Held           string // what saving does to the lock that is on; empty: none is
	Steps          []stepOf
	Next           []string
	Place, Zone    string
}

// stepOf is one thing that will happen.
type stepOf struct{ Time, Says string }

// weekdays are the days as a rule writes them, from Monday.
func weekdays() [7]choice {
	return [7]choice{{Value: "MO", Word: "Mon"}, {Value: "TU", Word: "Tue"}, {Value: "WE", Word: "Wed"}, {Value: "TH", Word: "Thu"},
		{Value: "FR", Word: "Fri"}, {Value: "SA", Word: "Sat"}, {Value: "SU", Word: "Sun"}}
}

// freshEvent is what the form of a new event begins with: tomorrow at eight in the evening, or the day that was asked for.
func (p *Pages) freshEvent(c *gin.Context, lists []library.Playlist) event.Schedule {
	at := time.UnixMilli(p.opt.Now()).In(p.opt.Zone).AddDate(0, 0, 1)
	s := event.Schedule{Start: at.Format(time.DateOnly) + "T20:00", LockMinutes: lockMinutes, Active: true}
	if on, err := time.Parse(localForm, c.Query("start")); err == nil {
		s.Start = on.Format(localForm)
	}
	for _, l := range lists {
		if l.PromoType == "" && len(l.Items) > 0 && (s.Playlist == 0 || l.Immutable) {
			s.Playlist = l.ID
		}
	}
	return s
}

func (p *Pages) formOf(v *station.View, s event.Schedule, lists []library.Playlist) *eventForm {
	kind, days := repetition(s.Rule)
	f := &eventForm{ID: s.ID, Rev: s.Rev, Head: s.Label, Label: s.Label, Start: s.Start, Rule: s.Rule, Lock: s.LockMinutes, Active: s.Active, Rotate: s.Rotate,
		Place: place(p.opt.Zone), Zone: p.opt.Zone.String()}
	if s.ID == 0 {
		f.Head = "New event"
	}
	if s.ImmutableUntilMS != 0 {
		f.Until = time.UnixMilli(s.ImmutableUntilMS).In(p.opt.Zone).Format(localForm)
	}
	f.Rest = []choice{{Value: "0", Word: "Nothing: the list starts again", Chosen: s.Fallback == 0}}
	for _, l := range lists {
		if l.PromoType != "" {
			continue
		}
		one := choice{Value: fmt.Sprint(l.ID), Word: fmt.Sprintf("%s, %s, %s", l.Name, plural(len(l.Items), "title"), hours(l.LengthMS())), Chosen: l.ID == s.Fallback}
		if !l.Immutable {
			f.Rest = append(f.Rest, one)
		}
		if one.Chosen = l.ID == s.Playlist; l.Immutable {
			one.Word += ", non-preemptable"
		}
		f.Lists = append(f.Lists, one)
	}
	for _, one := range []choice{{Value: repeatOnce, Word: "No, it is on once"}, {Value: repeatDaily, Word: "Every day"}, {Value: repeatWeekly, Word: "Every week"},
		{Value: repeatMonthly, Word: "Every month, on that day"}, {Value: repeatOwn, Word: "By a rule of its own"}} {
		one.Chosen = one.Value == kind
		f.Repeats = append(f.Repeats, one)
	}
	for _, day := range weekdays() {
		day.Chosen = slices.Contains(days, day.Value)
		f.Days = append(f.Days, day)
	}
	p.foretell(v, s, lists, f)
	return f
}

// foretell fills in when the event is on and what happens then.
func (p *Pages) foretell(v *station.View, s event.Schedule, lists []library.Playlist, f *eventForm) {
	starts, err := p.opt.Stagehands.Calendar.Starts(s, startsShown)
	for _, at := range starts {
		f.Next = append(f.Next, p.moment(at))
	}
	if s.ID != 0 {
		f.Caption = capital(p.repeats(s)) + "."
	}
	at := s.NextAtMS
	if err == nil && s.ID == 0 && len(starts) > 0 {
		at = starts[0]
	}
	if at == 0 {
		return
	}
	list, _ := savedList(lists, s.Playlist)
	f.Steps = p.steps(s, at, list, lists)
	if s.WantsLock(p.opt.Now()) && v.Gate.PayClosed {
		f.Held = fmt.Sprintf("Requests are closed for it now. A later start, or fewer minutes, opens them again until %s says so.", "the new time")
	}
}

// steps tell what will happen at a start.
func (p *Pages) steps(s event.Schedule, at int64, list library.Playlist, lists []library.Playlist) []stepOf {
	zone := p.opt.Zone
	programme := event.Programme{Immutable: list.Immutable}
	for _, item := range list.Items {
		programme.Items = append(programme.Items, item.Media)
	}
	var out []stepOf
	if closes := at - int64(s.LockMinutes)*60_000; closes < at && s.WaivedMS != at {
		out = append(out, stepOf{clock(closes, zone), "Requests close, with a countdown on every page."})
	}
	back := "Titles that still wait are taken off and paid back."
	if sum := waits(p.opt.Hub.State()); sum != "" {
		back += " Now: " + sum + "."
	}
	n := len(list.Items)
	out = append(out, stepOf{clock(at, zone), back}, stepOf{clock(at, zone), "The list is cleared and " + number(n) + map[bool]string{true: " title is", false: " titles are"}[n == 1] + " loaded."})
	over := p.opt.Floor.View().Can.OverheadMS
	if s.Immutable(programme, at) {
		out = append(out, stepOf{clock(at+programme.LastStartMS(over), zone), "The last title starts, and requests and promos open again."})
	} else {
		out = append(out, stepOf{clock(at, zone), "Requests and promos open again as soon as it is on the screen."})
	}
	end := clock(at+programme.LengthMS()+int64(n)*over, zone)
	if rest, known := savedList(lists, s.Fallback); known {
		return append(out, stepOf{end, rest.Name + " follows, with promos."})
	}
	return append(out, stepOf{end, "The list starts again from the top."})
}

// repetition is the kind of a rule that the form has fields for, and its days of the week.
func repetition(rule string) (kind string, days []string) {
	switch {
	case rule == "":
		return repeatOnce, nil
	case rule == "FREQ=DAILY":
		return repeatDaily, nil
	case rule == "FREQ=MONTHLY":
		return repeatMonthly, nil
	case rule == "FREQ=WEEKLY":
		return repeatWeekly, nil
	}
	list, weekly := strings.CutPrefix(rule, "FREQ=WEEKLY;BYDAY=")
	if !weekly {
		return repeatOwn, nil
	}
	all := weekdays()
	for day := range strings.SplitSeq(list, ",") {
		if !slices.ContainsFunc(all[:], func(c choice) bool { return c.Value == day }) {
			return repeatOwn, nil
		}
		days = append(days, day)
	}
	return repeatWeekly, days
}

// repeats are the words of a schedule: "every Sunday at 20:00".
func (p *Pages) repeats(s event.Schedule) string {
	start, err := time.Parse(localForm, s.Start)
	if err != nil {
		return "at a time that cannot be read"
	}
	at := " at " + start.Format("15:04")
	kind, days := repetition(s.Rule)
	switch kind {
	case repeatOnce:
		return "once, on " + start.Format("Mon 2 January 2006") + at
	case repeatDaily:
		return "every day" + at
	case repeatMonthly:
		return fmt.Sprintf("every month on day %d%s", start.Day(), at)
	case repeatOwn:
		return "by its rule " + s.Rule + at
	}
	if len(days) == 0 {
		return "every " + start.Format("Monday") + at
	}
	var names []string
	for _, day := range weekdays() {
		if slices.Contains(days, day.Value) {
			names = append(names, day.Word)
		}
	}
	text := names[len(names)-1]
	if len(names) > 1 {
		text = strings.Join(names[:len(names)-1], ", ") + " and " + text
	}
	return "every " + text + at
}
