package api

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/station"
	"playbill/web/session"
)

// Schedule is an event that is planned.
type Schedule struct {
	ID             int64    `json:"id"`
	Rev            int64    `json:"rev"`
	Label          string   `json:"label"`
	PlaylistID     int64    `json:"playlist_id"`
	FallbackID     *int64   `json:"fallback_id"`
	Start          string   `json:"start"` // the first one, "2026-11-27T20:00" in the station's time
	Rule           string   `json:"rule"`  // an RRULE, "FREQ=WEEKLY;BYDAY=FR"; empty: once
	LockMinutes    int      `json:"lock_minutes"`
	ImmutableUntil *string  `json:"immutable_until"` // its starts from then on are preemptable
	Active         bool     `json:"active"`
	Rotate         bool     `json:"rotate"` // what was played moves to the end of its playlist
	State          string   `json:"state"`  // armed, off, over or broken
	Broken         *string  `json:"broken"` // why it cannot be armed
	Immutable      bool     `json:"immutable"`
	NextAt         *string  `json:"next_at"`
	ClosesAt       *string  `json:"closes_at"` // when requests close before it
	Next           []string `json:"next"`      // the next starts
}

// scheduleBody is an event as somebody sends it. Rev makes the change fail when somebody was first; left out, the last one
// wins. What a change leaves out stays.
type scheduleBody struct {
	Label          *string `json:"label"`
	PlaylistID     *int64  `json:"playlist_id"`
	FallbackID     *int64  `json:"fallback_id"` // 0: none
	Start          *string `json:"start"`
	Rule           *string `json:"rule"`
	LockMinutes    *int    `json:"lock_minutes"`
	ImmutableUntil *string `json:"immutable_until"` // empty: never
	Active         *bool   `json:"active"`
	Rotate         *bool   `json:"rotate"`
	Rev            *int64  `json:"rev"`
}

// Firing is one run of an event.
type Firing struct {
	ID       int64        `json:"id"`
	EventID  int64        `json:"event_id"`
	Label    string       `json:"label"`
	DueAt    *string      `json:"due_at"`
	OpenedAt *string      `json:"opened_at"`
	By       *string      `json:"by"`   // who started it by hand; null: the clock
	Step     string       `json:"step"` // locked, withdrawing, clearing, body, fallback, running, ended or missed
	Loaded   int          `json:"loaded"`
	Failed   []FailedJSON `json:"failed"`
	EndedAt  *string      `json:"ended_at"`
	EndedHow *string      `json:"ended_how"` // over, lockout_ended, no_body, superseded or missed
	Alarm    *string      `json:"alarm"`
	SeenBy   *string      `json:"seen_by"`
}

// FailedJSON is a title that could not be loaded, with the channel's words.
type FailedJSON struct {
	Title string `json:"title"`
	Why   string `json:"why"`
}

// Occurrence is one start of an event.
type Occurrence struct {
	EventID   int64   `json:"event_id"`
	Label     string  `json:"label"`
	StartsAt  *string `json:"starts_at"`
	ClosesAt  *string `json:"closes_at"`
	EndsAt    *string `json:"ends_at"` // expected
	Immutable bool    `json:"immutable"`
	Repeats   bool    `json:"repeats"`
}

// eventsAnswer is all that is planned, what runs, and what did not go well.
type eventsAnswer struct {
	TimeZone string     `json:"time_zone"`
	Events   []Schedule `json:"events"`
	Running  *Firing    `json:"running"` // the one whose lock is on; null: none
	Alarms   []Firing   `json:"alarms"`
	Locked   bool       `json:"locked"`
}

type startsAnswer struct {
	Starts []string `json:"starts"`
}

type calendarAnswer struct {
	Occurrences []Occurrence `json:"occurrences"`
}

type firingsAnswer struct {
	Firings []Firing `json:"firings"`
	Before  *int64   `json:"before"` // of the next page; null: this is the last one
}

// GetEvents returns what is planned and what runs.
func (a *API) GetEvents(c *gin.Context, _ session.Who) error {
	v := a.Floor.View()
	out := eventsAnswer{TimeZone: a.zone.String(), Events: make([]Schedule, len(v.Schedules)), Alarms: make([]Firing, len(v.Alarms)), Locked: v.Gate.PayClosed}
	for i, s := range v.Schedules {
		out.Events[i] = a.scheduleJSON(v, s)
	}
	for i, f := range v.Alarms {
		out.Alarms[i] = firingJSON(f)
	}
	if v.Firing.On() {
		running := firingJSON(*v.Firing)
		out.Running = &running
	}
	return send(c, http.StatusOK, out)
}

// PostEvent plans an event.
func (a *API) PostEvent(c *gin.Context, who session.Who) error {
	s, err := a.scheduleFrom(c, event.Schedule{LockMinutes: lockMinutes, Active: true})
	if err != nil {
		return err
	}
	saved, err := a.saveSchedule(c, who, event.Schedule{}, s)
	if err != nil {
		return err
	}
	c.Header("Location", fmt.Sprintf("/api/v1/admin/events/%d", saved.ID))
	return send(c, http.StatusCreated, a.scheduleJSON(a.Floor.View(), saved))
}

// PutEvent changes an event.
func (a *API) PutEvent(c *gin.Context, who session.Who) error {
	old, err := a.scheduleAt(c)
	if err != nil {
		return err
	}
	s, err := a.scheduleFrom(c, old)
	if err != nil {
		return err
	}
	saved, err := a.saveSchedule(c, who, old, s)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, a.scheduleJSON(a.Floor.View(), saved))
}

func (a *API) saveSchedule(c *gin.Context, who session.Who, old, s event.Schedule) (event.Schedule, error) {
	trail := a.act(who, "", "")
	if trail.After = jsonOf(a.scheduleJSON(a.Floor.View(), s)); old.ID != 0 {
		trail.Before = jsonOf(a.scheduleJSON(a.Floor.View(), old))
	}
	saved, err := a.Stagehands.Events.SaveSchedule(c.Request.Context(), s, trail)
	return saved, atField(err)
}

// atField names the field of a body that a refusal is about.
func atField(err error) error {
	var part event.Refused
	if !errors.As(err, &part) {
		return err
	}
	field := map[string]string{event.PartPlaylist: "playlist_id", event.PartFallback: "fallback_id"}[part.Part]
	f := fault.Of(err)
	return fault.Wrap(Problems{{Pointer: "/" + cmp.Or(field, part.Part), Sentence: f.Sentence}}, f.Code, f.Sentence)
}

// DeleteEvent takes an event off the plan; its query's rev makes that fail when somebody was first.
func (a *API) DeleteEvent(c *gin.Context, who session.Who) error {
	old, err := a.scheduleAt(c)
	if err != nil {
		return err
	}
	rev, err := number(c, "rev", old.Rev, 1, seqMax)
	if err != nil {
		return err
	}
	trail := a.act(who, "", "")
	trail.Before = jsonOf(a.scheduleJSON(a.Floor.View(), old))
	if err := a.Stagehands.Events.DeleteSchedule(c.Request.Context(), old.ID, rev, trail); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// FireEvent starts an event at once.
func (a *API) FireEvent(c *gin.Context, who session.Who) error {
	id, err := idOf(c, "id", "event")
	if err != nil {
		return err
	}
	f, err := a.Stagehands.Events.FireNow(c.Request.Context(), id, a.act(who, "", ""))
	if err != nil {
		return err
	}
	return send(c, http.StatusAccepted, firingJSON(f))
}

// PostStarts says when an event would be on that need not be saved.
func (a *API) PostStarts(c *gin.Context, _ session.Who) error {
	s, err := a.scheduleFrom(c, event.Schedule{Label: "new", Playlist: 1, Active: true})
	if err != nil {
		return err
	}
	starts, err := a.Stagehands.Calendar.Starts(s, startsShown)
	if err != nil {
		return atField(err)
	}
	return send(c, http.StatusOK, startsAnswer{instants(starts)})
}

// GetCalendar returns the starts of all events in a range, a year at most.
func (a *API) GetCalendar(c *gin.Context, _ session.Who) error {
	from, err := instantIn(c, "from", a.now())
	if err != nil {
		return err
	}
	to, err := instantIn(c, "to", from+7*dayMS)
	if err != nil {
		return err
	}
	if to < from || to-from > calendarMax {
		return fault.New(fault.Invalid, "A calendar shows a year at most: “to” comes after “from”, and not more than 366 days.")
	}
	all := a.Stagehands.Calendar.Calendar(event.Span{FromMS: from, ToMS: to, Most: startsMost})
	out := calendarAnswer{make([]Occurrence, len(all))}
	for i, o := range all {
		out.Occurrences[i] = Occurrence{EventID: o.Schedule, Label: o.Label, StartsAt: instant(o.StartsAtMS), ClosesAt: instant(o.ClosesAtMS),
			EndsAt: instant(o.EndsAtMS), Immutable: o.Immutable, Repeats: o.Repeats}
	}
	return send(c, http.StatusOK, out)
}

// GetFirings returns how events went.
func (a *API) GetFirings(c *gin.Context, _ session.Who) error {
	limit, before, err := page(c)
	if err != nil {
		return err
	}
	all, err := a.Stagehands.Firings.Firings(c.Request.Context(), limit, before)
	if err != nil {
		return err
	}
	out := firingsAnswer{Firings: make([]Firing, len(all))}
	for i, f := range all {
		out.Firings[i] = firingJSON(f)
	}
	if len(all) > 0 {
		out.Before = more(all[len(all)-1].ID, len(all) == limit)
	}
	return send(c, http.StatusOK, out)
}

// DeleteLockout ends the lockout.
func (a *API) DeleteLockout(c *gin.Context, who session.Who) error {
	if err := a.Stagehands.Events.EndLockout(c.Request.Context(), a.act(who, "", "")); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (a *API) scheduleAt(c *gin.Context) (event.Schedule, error) {
	id, err := idOf(c, "id", "event")
	if err != nil {
		return event.Schedule{}, err
	}
	for _, s := range a.Floor.View().Schedules {
		if s.ID == id {
			return s, nil
		}
	}
	return event.Schedule{}, fault.New(fault.NotFound, "There is no such event. Somebody may have deleted it.")
}

// scheduleFrom reads the body over what is stored.
func (a *API) scheduleFrom(c *gin.Context, s event.Schedule) (event.Schedule, error) {
	var b scheduleBody
	if err := decode(c, bodyMax, &b); err != nil {
		return s, err
	}
	if b.ImmutableUntil != nil {
		s.ImmutableUntilMS = 0
		if *b.ImmutableUntil != "" {
			at, err := time.Parse(time.RFC3339, *b.ImmutableUntil)
			if err != nil || at.UnixMilli() <= 0 {
				return s, fault.New(fault.Invalid, "“immutable_until” is an instant like 2026-12-31T23:00:00Z, or empty.")
			}
			s.ImmutableUntilMS = at.UnixMilli()
		}
	}
	replace(&s.Label, b.Label)
	replace(&s.Playlist, b.PlaylistID)
	replace(&s.Fallback, b.FallbackID)
	replace(&s.Start, b.Start)
	replace(&s.Rule, b.Rule)
	replace(&s.LockMinutes, b.LockMinutes)
	replace(&s.Active, b.Active)
	replace(&s.Rotate, b.Rotate)
	if s.ID != 0 {
		replace(&s.Rev, b.Rev)
	}
	return s, nil
}

// replace takes over what was sent.
func replace[T any](value, sent *T) {
	if sent != nil {
		*value = *sent
	}
}

func (a *API) scheduleJSON(v *station.View, s event.Schedule) Schedule {
	out := Schedule{ID: s.ID, Rev: s.Rev, Label: s.Label, PlaylistID: s.Playlist, FallbackID: orNull(s.Fallback), Start: s.Start, Rule: s.Rule,
		LockMinutes: s.LockMinutes, ImmutableUntil: instant(s.ImmutableUntilMS), Active: s.Active, Rotate: s.Rotate, Broken: orNull(s.Broken),
		NextAt: instant(s.NextAtMS), State: "over", Next: []string{}}
	switch {
	case s.Broken != "":
		out.State = "broken"
	case !s.Active:
		out.State = "off"
	case s.Armed():
		out.State, out.ClosesAt = "armed", instant(s.ClosesAtMS())
		if starts, err := a.Stagehands.Calendar.Starts(s, startsShown); err == nil {
			out.Next = instants(starts)
		}
	}
	for _, o := range v.Upcoming {
		if o.Schedule == s.ID {
			out.Immutable = o.Immutable
		}
	}
	return out
}

func firingJSON(f event.Firing) Firing {
	out := Firing{ID: f.ID, EventID: f.Schedule, Label: f.Label, DueAt: instant(f.DueAtMS), OpenedAt: instant(f.OpenedAtMS), By: orNull(f.By),
		Step: string(f.Step), Loaded: f.Loaded, Failed: failedJSON(f.Failed), EndedAt: instant(f.EndedAtMS), EndedHow: orNull(f.EndedHow),
		Alarm: orNull(f.Alarm), SeenBy: orNull(f.SeenBy)}
	return out
}

func failedJSON(failed []event.Failed) []FailedJSON {
	out := make([]FailedJSON, len(failed))
	for i, f := range failed {
		out[i] = FailedJSON(f)
	}
	return out
}

func instants(all []int64) []string {
	out := make([]string, len(all))
	for i, ms := range all {
		out[i] = *instant(ms)
	}
	return out
}

// instantIn reads an instant of the query.
func instantIn(c *gin.Context, name string, otherwise int64) (int64, error) {
	text := c.Query(name)
	if text == "" {
		return otherwise, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 2000 || at.Year() > 2200 {
		return 0, fault.New(fault.Invalid, fmt.Sprintf("“%s” is an instant like 2026-11-27T20:00:00Z.", name))
	}
	return at.UnixMilli(), nil
}
