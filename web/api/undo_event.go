package api

import (
	"context"
	"encoding/json"
	"time"

	"playbill/core/audit"
	"playbill/core/event"
)

// undoOfEvent is how a change of the plan is taken back: a new event goes, one that was changed or deleted is as it was.
func undoOfEvent(e audit.Entry) (u undo, can bool) {
	var s Schedule
	if e.Action == "event.create" {
		err := json.Unmarshal([]byte(e.After), &s)
		return undo{Do: undoPlan, Name: s.Label, Rev: 1}, err == nil && s.Label != ""
	}
	if err := json.Unmarshal([]byte(e.Before), &s); err != nil || s.ID == 0 {
		return u, false
	}
	u = undo{Do: undoEvent, ID: s.ID}
	if e.Action == "event.save" {
		u.Rev = s.Rev + 1
	}
	return u, true
}

// unplan brings an event back to what it was.
func (a *API) unplan(ctx context.Context, e audit.Entry, u undo, trail audit.Entry) (string, error) {
	now, there := a.planned(u)
	if changed := !there || now.Rev != u.Rev; changed && u.Rev != 0 {
		return "", sinceChanged()
	}
	if u.Do == undoPlan {
		return "“" + now.Label + "” is off the plan.", a.Stagehands.Events.DeleteSchedule(ctx, now.ID, now.Rev, trail)
	}
	old, err := scheduleWas(e.Before)
	if err != nil {
		return "", err
	}
	old.ID, old.Rev = now.ID, now.Rev // of one that was deleted: none, so that it is planned anew
	saved, err := a.Stagehands.Events.SaveSchedule(ctx, old, trail)
	return "“" + saved.Label + "” is as it was.", err
}

// planned finds the event of an undo: by id, or a new one by its name.
func (a *API) planned(u undo) (event.Schedule, bool) {
	for _, s := range a.Floor.View().Schedules {
		if s.ID == u.ID || u.ID == 0 && s.Label == u.Name {
			return s, true
		}
	}
	return event.Schedule{}, false
}

// scheduleWas reads an event as the trail keeps it.
func scheduleWas(text string) (event.Schedule, error) {
	var k Schedule
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return event.Schedule{}, err
	}
	s := event.Schedule{Label: k.Label, Playlist: k.PlaylistID, Start: k.Start, Rule: k.Rule, LockMinutes: k.LockMinutes, Active: k.Active, Rotate: k.Rotate}
	if k.FallbackID != nil {
		s.Fallback = *k.FallbackID
	}
	if k.ImmutableUntil == nil {
		return s, nil
	}
	until, err := time.Parse(time.RFC3339, *k.ImmutableUntil)
	s.ImmutableUntilMS = until.UnixMilli()
	return s, err
}
