package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"playbill/core/audit"
	"playbill/core/config"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/sdk"
	"playbill/web/api"
)

var (
	_ api.Events   = (*station.Station)(nil)
	_ api.Calendar = (*station.Station)(nil)
	_ api.Loads    = (*station.Station)(nil)
	_ api.Firings  = (*store.Channel)(nil)

	_ station.Settings = (*config.Live)(nil)
)

// stage is events and loads, in memory.
type stage struct {
	saved event.Schedule
	calls []string
}

func (s *stage) hands() api.Stagehands {
	return api.Stagehands{Events: s, Calendar: s, Loads: s, Firings: s}
}

func (s *stage) SaveSchedule(_ context.Context, want event.Schedule, who audit.Entry) (event.Schedule, error) {
	if want.Label == "" {
		return want, event.Refuse(event.PartPlaylist, "An event needs a name.")
	}
	s.saved, s.calls = want, append(s.calls, "save by "+who.Actor)
	want.ID, want.Rev = 7, want.Rev+1
	return want, nil
}

func (s *stage) DeleteSchedule(_ context.Context, id, rev int64, _ audit.Entry) error {
	s.calls = append(s.calls, "delete")
	if id != 7 || rev != 3 {
		return fault.New(fault.Changed, "Changed.")
	}
	return nil
}

func (s *stage) FireNow(context.Context, int64, audit.Entry) (event.Firing, error) {
	s.calls = append(s.calls, "fire")
	return event.Firing{ID: 1, Label: "Serial Club", Step: event.Locked}, nil
}

func (s *stage) EndLockout(context.Context, audit.Entry) error {
	return fault.New(fault.NotFound, "Nothing is locked.")
}

func (s *stage) Calendar(span event.Span) []event.Occurrence {
	return []event.Occurrence{{Schedule: 7, Label: "Serial Club", StartsAtMS: span.FromMS + 1000, ClosesAtMS: span.FromMS, Immutable: true}}
}

func (s *stage) Starts(want event.Schedule, _ int) ([]int64, error) {
	if want.Start == "" {
		return nil, fault.New(fault.Invalid, "The start is missing.")
	}
	return []int64{noon}, nil
}

func (s *stage) Load(_ context.Context, playlist int64, _ audit.Entry) (station.Loading, error) {
	if playlist != 1 {
		return station.Loading{}, fault.New(fault.NotFound, "There is no such playlist.")
	}
	return station.Loading{ID: 1, Playlist: 1, Name: "Rest", Total: 2}, nil
}

func (s *stage) CancelLoad(context.Context, audit.Entry) error { return nil }

func (s *stage) Firings(_ context.Context, limit int, _ int64) ([]event.Firing, error) {
	return []event.Firing{{ID: 4, Label: "Serial Club", Failed: []event.Failed{{Title: "A", Why: "private"}}}}[:min(limit, 1)], nil
}

// withEvents is a view in which one event is planned, one did not go well, and a load is under way.
func withEvents(w *world) {
	v := *w.View()
	v.Schedules = []event.Schedule{{ID: 7, Rev: 3, Label: "Serial Club", Playlist: 1, Start: "2026-11-27T20:00", Rule: "FREQ=WEEKLY", LockMinutes: 15,
		Active: true, NextAtMS: noon + 3_600_000}}
	v.Upcoming = []event.Occurrence{{Schedule: 7, Label: "Serial Club", StartsAtMS: noon + 3_600_000, ClosesAtMS: noon + 2_700_000, Immutable: true}}
	v.Alarms = []event.Firing{{ID: 2, Label: "Matinee", EndedHow: event.TooLate, Alarm: "“Matinee” did not start at its time."}}
	v.Load = &station.Loading{ID: 1, Name: "Rest", Total: 3, Done: 1}
	w.view.Store(&v)
}

// TestEventsAPI: what each operation asks of the rooms, and answers.
func TestEventsAPI(t *testing.T) {
	cases := []struct {
		method, path, body string
		status             int
		want               string // in the answer
	}{
		{"GET", "/api/v1/admin/events", "", 200, `"closes_at":"2026-11-21T20:52:00.000Z"`},
		{"GET", "/api/v1/admin/events", "", 200, `"alarm":"“Matinee” did not start at its time."`},
		{"POST", "/api/v1/admin/events", `{"label":"New","playlist_id":1,"start":"2026-11-27T20:00"}`, 201, `"lock_minutes":15`},
		{"POST", "/api/v1/admin/events", `{"playlist_id":1}`, 400, `"problems":[{"pointer":"/playlist_id","sentence":"An event needs a name."}]`},
		{"POST", "/api/v1/admin/events", `{"label":"New","immutable_until":"soon"}`, 400, "immutable_until"},
		{"PUT", "/api/v1/admin/events/7", `{"lock_minutes":30}`, 200, `"label":"Serial Club"`},
		{"PUT", "/api/v1/admin/events/8", `{}`, 404, "no such event"},
		{"DELETE", "/api/v1/admin/events/7", "", 204, ""},
		{"DELETE", "/api/v1/admin/events/7?rev=2", "", 409, "changed"},
		{"POST", "/api/v1/admin/events/7/fire", "", 202, `"step":"locked"`},
		{"POST", "/api/v1/admin/starts", `{"start":"2026-11-27T20:00","rule":"FREQ=DAILY"}`, 200, `"starts":["2026-11-21T20:07:00.000Z"]`},
		{"POST", "/api/v1/admin/starts", `{}`, 400, "missing"},
		{"GET", "/api/v1/admin/calendar?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z", "", 200, `"starts_at":"2026-11-01T00:00:01.000Z"`},
		{"GET", "/api/v1/admin/calendar?from=2026-11-01T00:00:00Z&to=2028-12-01T00:00:00Z", "", 400, "a year at most"},
		{"GET", "/api/v1/admin/calendar?from=yesterday", "", 400, "instant"},
		{"GET", "/api/v1/admin/firings?limit=1", "", 200, `"before":4`},
		{"DELETE", "/api/v1/admin/lockout", "", 404, "Nothing is locked"},
		{"GET", "/api/v1/admin/load", "", 200, `"done":1`},
		{"POST", "/api/v1/admin/load", `{"playlist_id":1}`, 202, `"total":2`},
		{"POST", "/api/v1/admin/load", `{"playlist_id":2}`, 404, "no such playlist"},
		{"DELETE", "/api/v1/admin/load", "", 204, ""},
		{"GET", "/api/v1/queue", "", 200, `"next_event":{"id":7,"label":"Serial Club","starts_at":"2026-11-21T21:07:00.000Z","starts_in_seconds":3600,"closes_at":"2026-11-21T20:52:00.000Z","closes_in_seconds":2700,"immutable":true}`},
	}
	for _, c := range cases {
		t.Run(c.method+" "+c.path+" "+c.body, func(t *testing.T) {
			w := newWorld()
			withEvents(w)
			s := w.open(t)
			got := call{c.method, c.path, "admin", c.body, nil}.do(s)
			if got.Code != c.status || !strings.Contains(got.Body.String(), c.want) {
				t.Errorf("%d: %s", got.Code, got.Body)
			}
		})
	}
}

// TestAChangeOfAnEventKeepsTheRest: what a change leaves out stays, and the trail has both.
func TestAChangeOfAnEventKeepsTheRest(t *testing.T) {
	w := newWorld()
	withEvents(w)
	if got := (call{http.MethodPut, "/api/v1/admin/events/7", "admin", `{"lock_minutes":0,"active":false}`, nil}).do(w.open(t)); got.Code != http.StatusOK {
		t.Fatal(got.Body)
	}
	saved := w.stage.saved
	if saved.LockMinutes != 0 || saved.Active || saved.Label != "Serial Club" || saved.Rule != "FREQ=WEEKLY" || saved.Rev != 3 {
		t.Errorf("saved %+v", saved)
	}
}

// TestEventsPage shows what is planned with what can be done about it, and refuses weeks that no calendar has.
func TestEventsPage(t *testing.T) {
	w := newWorld()
	w.lists = []library.Playlist{{ID: 1, Name: "Silent Sunday, November", Immutable: true, Items: []library.Item{{Media: sdk.Media{DurationMS: 60_000}}, {Media: sdk.Media{DurationMS: 60_000}}}}}
	w.edit(func(v *view) {
		v.Schedules = []event.Schedule{
			{ID: 7, Rev: 3, Label: "Silent <Sunday>", Playlist: 1, Start: "2026-11-22T20:00", Rule: "FREQ=WEEKLY", LockMinutes: 15, Active: true, NextAtMS: noon + 86_000_000},
			{ID: 8, Rev: 1, Label: "Lost", Playlist: 9, Start: "2026-11-22T20:00", Active: true, Broken: "The event's playlist does not exist any more."},
		}
		v.Upcoming = []event.Occurrence{{Schedule: 7, Label: "Silent <Sunday>", StartsAtMS: noon + 86_000_000, ClosesAtMS: noon + 85_100_000, Immutable: true}}
		v.Alarms = []event.Firing{{ID: 4, Schedule: 7, Label: "Silent <Sunday>", DueAtMS: noon - 86_400_000, EndedHow: event.TooLate, Alarm: "The host was down."}}
	})
	s := w.open(t)
	page := call{"GET", "/admin/events?event=7", "admin", "", nil}.do(s).Body.String()
	for _, want := range []string{
		"Silent &lt;Sunday&gt; starts in 23 h 53, tomorrow at", "Requests close at",
		`data-rerun="7" data-alarm="4"`, "Let it go", "The host was down.",
		"“Lost” cannot start.", "The event&#39;s playlist does not exist any more.",
		`data-api="PUT /api/v1/admin/events/7"`, `<option value="weekly" selected>`, "2 titles, 2 min, non-preemptable",
		`data-body='{"active":false,"rev":3}'`, "Clear the list and start it, pay back two titles, 725 coins",
		"Requests close, with a countdown on every page.", "The list is cleared and two titles are loaded.", "requests and promos open again.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, week := range []string{"never", "0001-01-01", "2999-01-01"} {
		if got := (call{"GET", "/admin/events?week=" + week, "admin", "", nil}).do(s).Code; got != http.StatusBadRequest {
			t.Errorf("week %s: %d", week, got)
		}
	}
}
