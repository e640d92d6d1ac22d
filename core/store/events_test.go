package store

import (
	"testing"

	"playbill/core/audit"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// TestEvents: what a station commits about events and loads is what it starts from next time.
func TestEvents(t *testing.T) {
	c := claim(t, open(t))
	if _, err := c.SavePlaylist(t.Context(), library.Playlist{Name: "Serial", Items: []library.Item{clip("a")}}, audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	commit := func(turn station.Turn) error { _, err := c.Commit(t.Context(), turn); return err }
	must := func(turn station.Turn) station.World {
		t.Helper()
		if err := commit(turn); err != nil {
			t.Fatal(err)
		}
		w, err := c.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	s := event.Schedule{ID: 3, Rev: 1, Label: "Serial Club", Playlist: 1, Fallback: 1, Start: "2026-11-27T20:00", Rule: "FREQ=WEEKLY",
		LockMinutes: 15, ImmutableUntilMS: 9, Active: true, Rotate: true, NextAtMS: 50, WaivedMS: 50}
	bad := event.Schedule{ID: 4, Rev: 1, Label: "x", Playlist: 1, Start: "whenever", Rule: "FREQ=?"}
	w := must(station.Turn{AtMS: 5, Schedules: []event.Schedule{s, bad}, Audit: []audit.Entry{{Actor: "ann", Action: "event.save", Subject: "Serial Club"}}})
	same(t, "schedules", w.Schedules, []event.Schedule{s, bad})
	trail, err := c.AuditTrail(t.Context(), audit.Query{Limit: 10})
	if err != nil || len(trail) != 1 || trail[0].AtMS != 5 {
		t.Errorf("trail %+v, %v", trail, err)
	}

	f := event.Firing{ID: 1, Schedule: 3, Label: "Serial Club", Playlist: 1, Fallback: 1, Immutable: true, DueAtMS: 50, OpenedAtMS: 51, By: "ann", Step: event.Body}
	body := &shadow.Entry{ID: 7, Role: shadow.Event, State: shadow.Wanted, Media: sdk.Media{Type: "yt", ID: "a", Title: "A", DurationMS: 1}, Temp: true, Firing: 1}
	rest := &shadow.Entry{ID: 8, Role: shadow.Content, State: shadow.Wanted, Media: sdk.Media{Type: "yt", ID: "b", Title: "B", DurationMS: 1}, Firing: 1}
	l := station.Loading{ID: 1, Playlist: 1, Name: "Serial", By: "ann", Total: 2, Done: 1, Failed: []event.Failed{{Title: "A", Why: "private"}}, StartedAtMS: 5}
	s.NextAtMS, s.WaivedMS = 60, 0
	w = must(station.Turn{AtMS: 51, Schedules: []event.Schedule{s}, Unscheduled: []int64{4}, Firings: []event.Firing{f}, Entries: []*shadow.Entry{body, rest},
		Loads: []station.Loading{l}, Locked: []event.Lock{{ID: 1, Kind: event.During, Schedule: 3, Firing: 1, Label: "Serial Club"}}})
	same(t, "schedules", w.Schedules, []event.Schedule{s})
	same(t, "firing", w.Firing, &f)
	same(t, "load", w.Load, &l)
	same(t, "entries", []int64{w.Entries[0].Firing, w.Entries[1].Firing}, []int64{1, 1})
	same(t, "counters", []int64{w.LastSchedule, w.LastFiring, w.LastLoad}, []int64{3, 1, 1})

	second := f
	second.ID, second.DueAtMS = 2, 70
	if err := commit(station.Turn{AtMS: 60, Firings: []event.Firing{second}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("two firings at once: %v", err)
	}
	lost := s
	lost.ID, lost.Playlist = 5, 77
	if err := commit(station.Turn{AtMS: 60, Schedules: []event.Schedule{lost}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a playlist that is gone: %v", err)
	}

	f.Step, f.EndedAtMS, f.EndedHow, f.Loaded, f.LastEntry = event.Ended, 65, event.NothingCame, 1, 7
	f.Failed, f.Alarm = []event.Failed{{Title: "A", Why: "private"}}, "Nothing of it could be loaded."
	grant(t, c, "ann", 1000)
	id := hold(t, c, order("ann", "p", "k")).Purchase.ID
	cut := []station.Makegood{{Purchase: id, Reason: station.CutByEvent}}
	must(station.Turn{AtMS: 61, Makegoods: cut}) // it has not been sold, so nothing is given back
	must(station.Turn{AtMS: 62, Purchases: []station.PurchaseFact{{ID: id, Fact: pay.Sending}, {ID: id, Fact: pay.Started}}})
	w = must(station.Turn{AtMS: 65, Firings: []event.Firing{second, f}, Makegoods: cut})
	same(t, "running", w.Firing, &second)
	same(t, "alarms", w.Alarms, []event.Firing{f})
	f.SeenBy = "ann"
	w = must(station.Turn{AtMS: 66, Firings: []event.Firing{f}, Makegoods: cut})
	same(t, "put away", len(w.Alarms), 0)
	same(t, "given back once", balance(t, c, "ann"), ledger.Coins(1000))
	verify(t, c)
	all, err := c.Firings(t.Context(), 10, 2)
	same(t, "firings", all, []event.Firing{f})
	if err != nil {
		t.Fatal(err)
	}
}
