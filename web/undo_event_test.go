package web

import (
	"testing"

	"playbill/core/audit"
	"playbill/core/event"
)

// TestAnEventIsTakenBack: a change of the plan is undone from the trail while nobody has changed the event again, and what
// was deleted is planned anew.
func TestAnEventIsTakenBack(t *testing.T) {
	const was = `{"id":7,"rev":2,"label":"Serial Club","playlist_id":1,"fallback_id":2,"start":"2026-11-27T19:00","rule":"","lock_minutes":5,
		"immutable_until":"2026-12-01T00:00:00.000Z","active":true,"rotate":true}`
	old := event.Schedule{ID: 7, Rev: 3, Label: "Serial Club", Playlist: 1, Fallback: 2, Start: "2026-11-27T19:00", LockMinutes: 5,
		ImmutableUntilMS: 1_796_083_200_000, Active: true, Rotate: true}
	anew := old
	anew.ID, anew.Rev = 0, 0
	for name, c := range map[string]struct {
		e      audit.Entry
		status int
		saved  event.Schedule
		call   string
	}{
		"a change":           {audit.Entry{Action: "event.save", Before: was, After: "{}"}, 200, old, "save by halcyon"},
		"changed since":      {audit.Entry{Action: "event.save", Before: `{"id":7,"rev":1,"label":"Serial Club"}`, After: "{}"}, 409, event.Schedule{}, ""},
		"deleted":            {audit.Entry{Action: "event.delete", Before: `{"id":9` + was[len(`{"id":7`):]}, 200, anew, "save by halcyon"},
		"planned, and since": {audit.Entry{Action: "event.create", After: was}, 409, event.Schedule{}, ""},
		"fired":              {audit.Entry{Action: "event.fire"}, 409, event.Schedule{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			withEvents(w)
			c.e.Actor, c.e.Subject = "marlowe", "“Serial Club”"
			w.bureau.trail = []audit.Entry{c.e}
			w.bureau.trail[0].ID = 1
			got := call{"POST", "/api/v1/admin/audit/1/undo", "admin", "", nil}.do(w.open(t))
			if got.Code != c.status {
				t.Fatalf("%d: %s", got.Code, got.Body)
			}
			if w.stage.saved != c.saved {
				t.Errorf("saved %+v, want %+v", w.stage.saved, c.saved)
			}
			if c.call != "" && (len(w.stage.calls) != 1 || w.stage.calls[0] != c.call) {
				t.Errorf("it did %q", w.stage.calls)
			}
		})
	}
}
