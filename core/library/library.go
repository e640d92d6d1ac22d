// Package library is what can be played: the catalog that viewers buy from, the saved playlists, the pools that promo
// types draw their clips from, and what is reserved.
//
// Everything is read once at the start and then served from an immutable snapshot behind one atomic pointer, so a
// reader never waits and never sees half a change. A change goes through [Shelves] first and is published only when it
// is durable. Search and pools are pure functions of a snapshot.
package library

import (
	"context"

	"playbill/core/audit"
	"playbill/sdk"
)

// Title is one entry of the catalog: something that viewers may request.
type Title struct {
	Media       sdk.Media // the id is what the channel takes: for cm the manifest URL, never a page or a token
	Description string
	Year        int // 0: not known
	Categories  []string
	Tags        []string
	People      []string // who made it and who is in it
	ArtURL      string   // empty: none
	Source      string   // where it came from: import, channel, mediacms, sample
	AddedAtMS   int64    // UTC milliseconds

	// A title may be closed to viewers for some time: it is shown, and cannot be requested.
	ClosedFromMS int64 // UTC milliseconds; 0, with an end: at once
	ClosedToMS   int64 // UTC milliseconds; 0, with a beginning: until somebody opens it

	GoneAtMS int64  // UTC milliseconds since when it is not offered any more; 0: it is
	GoneBy   string // the source that does not have it any more, or the admin who took it away
}

// Closed reports whether a title cannot be requested at an instant, and until when; 0: until somebody opens it.
func (t Title) Closed(nowMS int64) (untilMS int64, closed bool) {
	if t.ClosedFromMS == 0 && t.ClosedToMS == 0 || nowMS < t.ClosedFromMS || t.ClosedToMS != 0 && nowMS >= t.ClosedToMS {
		return 0, false
	}
	return t.ClosedToMS, true
}

// Playlist is a saved list. Immutable and PromoType exclude each other; either one reserves its items.
type Playlist struct {
	ID        int64 // per channel, counted from 1 in order of creation; 0: not stored yet
	Name      string
	Immutable bool   // "non-preemptable" on screen
	PromoType string // the pool it belongs to; empty: none
	Rev       int64  // grows by one with every save, from 1; 0: not stored yet
	Items     []Item // in order
}

// Item is one place in a playlist. Dates, windows and rest matter for clips of a pool only.
type Item struct {
	ID          int64 // unique in its playlist, kept when the item moves; 0: not stored yet
	Media       sdk.Media
	StartsAtMS  int64  // UTC milliseconds before which the clip is not aired; 0: none
	EndsAtMS    int64  // UTC milliseconds from which the clip is not aired; 0: none
	Windows     string // days and hours in the station's time zone, as the owner wrote them (rotate.ParseWindows); empty: always
	RestMinutes int    // gap before this clip again; 0: none
	Tags        []string
	Evergreen   bool   // eligible only when no other clip of the pool is
	Refusals    int    // how often the channel refused it
	RefusedWhy  string // the channel's words for the last one
}

// Shelves is the storage that a library needs. Each method is one transaction, with the audit row that it is given.
type Shelves interface {
	// Titles returns the whole catalog, those that are gone too.
	Titles(ctx context.Context) ([]Title, error)
	// SaveTitles adds titles, or replaces those with the same type and id; AddedAtMS of a replaced one stays. An audit entry
	// without an action is not written: of a long import only its end is.
	SaveTitles(ctx context.Context, ts []Title, a audit.Entry) error
	// Playlists returns all playlists with their items in order, by id.
	Playlists(ctx context.Context) ([]Playlist, error)
	// SavePlaylist creates a playlist (ID 0, Rev 0) or replaces name, flags and items of one that is still at p.Rev, and
	// returns it as stored, with new ids and revision. Faults: fault.Changed when the stored revision is another,
	// fault.NotFound when there is no such playlist, fault.Conflict when the name is taken.
	SavePlaylist(ctx context.Context, p Playlist, a audit.Entry) (Playlist, error)
	// DeletePlaylist removes a playlist that is still at this revision. Faults: fault.Changed, fault.NotFound, and
	// fault.Conflict while a schedule uses it.
	DeletePlaylist(ctx context.Context, id, rev int64, a audit.Entry) error
}
