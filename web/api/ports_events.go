package api

import (
	"context"

	"playbill/core/audit"
	"playbill/core/event"
	"playbill/core/station"
)

// Events changes what is planned, and what runs: *station.Station. Faults are those of the station.
type Events interface {
	// SaveSchedule plans an event (ID 0), or replaces one that is still at s.Rev.
	SaveSchedule(ctx context.Context, s event.Schedule, who audit.Entry) (event.Schedule, error)
	DeleteSchedule(ctx context.Context, id, rev int64, who audit.Entry) error
	// FireNow starts an event at once; its next start stays.
	FireNow(ctx context.Context, id int64, who audit.Entry) (event.Firing, error)
	// EndLockout opens requests and promos again.
	EndLockout(ctx context.Context, who audit.Entry) error
}

// Calendar says when events are: *station.Station.
type Calendar interface {
	// Calendar returns the starts of all events within a span, by time.
	Calendar(span event.Span) []event.Occurrence
	// Starts returns the next starts of a schedule that need not be saved; fault.Invalid says why it cannot be armed.
	Starts(s event.Schedule, most int) ([]int64, error)
}

// Loads adds saved playlists to the live list: *station.Station.
type Loads interface {
	Load(ctx context.Context, playlist int64, who audit.Entry) (station.Loading, error)
	CancelLoad(ctx context.Context, who audit.Entry) error
}

// Firings is how events went: *store.Reader.
type Firings interface {
	// Firings returns them newest first, before the one numbered beforeID; 0 means from the newest.
	Firings(ctx context.Context, limit int, beforeID int64) ([]event.Firing, error)
}

// Stagehands are the ports of events and loads together.
type Stagehands struct {
	Events   Events
	Calendar Calendar
	Loads    Loads
	Firings  Firings
}
