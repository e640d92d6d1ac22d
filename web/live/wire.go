package live

import (
	"encoding/json"
	"time"

	"playbill/core/channel"
	"playbill/sdk"
)

// Queue is the live queue as JSON: the answer of GET /api/v1/queue, and, with a type, the first frame of a socket.
type Queue struct {
	Type            string        `json:"type,omitempty"` // "state" on a socket
	Channel         string        `json:"channel"`
	Revision        int64         `json:"revision"`
	At              string        `json:"at"` // the instant from which its seconds count
	NowPlaying      *NowPlaying   `json:"now_playing"`
	Items           []Entry       `json:"items"`
	Planned         []PlannedJSON `json:"planned"`
	Health          string        `json:"health"`     // good, degraded or down
	SeenAt          *string       `json:"seen_at"`    // when the channel was last seen well; null: that is now
	Notice          *Notice       `json:"notice"`     // why nothing is sold, whatever the order
	Locked          *Locked       `json:"locked"`     // the event that closes the desk
	NextEvent       *NextEvent    `json:"next_event"` // the next one that is planned
	Watching        *int          `json:"watching"`
	OverheadSeconds int64         `json:"overhead_seconds"`
}

// MediaJSON is what the channel compares.
type MediaJSON struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// NowPlaying is the entry on the air.
type NowPlaying struct {
	EntryID         int64     `json:"entry_id"`
	UID             *int64    `json:"uid"`
	Title           string    `json:"title"`
	Media           MediaJSON `json:"media"`
	DurationSeconds int64     `json:"duration_seconds"` // 0: live
	PlayedSeconds   int64     `json:"played_seconds"`
	StartedAt       string    `json:"started_at"`
	Rate            float64   `json:"rate"` // media seconds per second
	Role            string    `json:"role"`
	PromoType       *string   `json:"promo_type"`
	Badge           *string   `json:"badge"`
	PaidBy          *string   `json:"paid_by"`
	Price           *int64    `json:"price"`
	AddedBy         string    `json:"added_by"`
}

// Entry is one entry of the running order.
type Entry struct {
	EntryID         int64     `json:"entry_id"`
	UID             *int64    `json:"uid"` // null while it is not bound
	Title           string    `json:"title"`
	Media           MediaJSON `json:"media"`
	DurationSeconds int64     `json:"duration_seconds"`
	Role            string    `json:"role"`
	PromoType       *string   `json:"promo_type"`
	LeadInFor       *int64    `json:"lead_in_for"`
	PaidBy          *string   `json:"paid_by"`
	EtaSeconds      *int64    `json:"eta_seconds"` // from at; null: not known
	Temp            bool      `json:"temp"`
	Badge           *string   `json:"badge"`
	Price           *int64    `json:"price"`
	AddedBy         string    `json:"added_by"`
	Leaving         *string   `json:"leaving"` // why it is being taken off
	Art             *string   `json:"art"`     // address of its picture here; null: it has none
}

// PlannedJSON is a promo that is due and not placed yet.
type PlannedJSON struct {
	PromoType string  `json:"promo_type"`
	Badge     string  `json:"badge"`
	Before    int64   `json:"before"` // entry id
	Title     *string `json:"title"`
}

// Notice is a code with its sentence.
type Notice struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Locked is a Notice with the instant at which the desk is expected to open.
type Locked struct {
	Code     string  `json:"code"`
	Message  string  `json:"message"`
	StartsAt *string `json:"starts_at"` // of an event that is to come; null: it is under way
	OpensAt  *string `json:"opens_at"`
}

// NextEvent is the next event that is planned. Its seconds count from at.
type NextEvent struct {
	ID              int64  `json:"id"`
	Label           string `json:"label"`
	StartsAt        string `json:"starts_at"`
	StartsInSeconds int64  `json:"starts_in_seconds"`
	ClosesAt        string `json:"closes_at"` // when requests close before it
	ClosesInSeconds int64  `json:"closes_in_seconds"`
	Immutable       bool   `json:"immutable"` // no requests and no promos until its last title starts
}

// Delta is what changed since the revision From. What it does not carry is as it was. Applied in this order: removed, put
// front to back, shifts front to back over entries that were not put.
type Delta struct {
	Type            string          `json:"type"` // "delta"
	From            int64           `json:"from"`
	Revision        int64           `json:"revision"`
	At              string          `json:"at"`
	NowPlaying      json.RawMessage `json:"now_playing,omitempty"`
	Removed         []int64         `json:"removed,omitempty"`
	Put             []PutJSON       `json:"put,omitempty"`
	Shifts          []ShiftJSON     `json:"shifts,omitempty"`
	Planned         json.RawMessage `json:"planned,omitempty"`
	Health          string          `json:"health,omitempty"`
	SeenAt          json.RawMessage `json:"seen_at,omitempty"` // comes with health
	Notice          json.RawMessage `json:"notice,omitempty"`
	Locked          json.RawMessage `json:"locked,omitempty"`
	NextEvent       json.RawMessage `json:"next_event,omitempty"`
	Watching        json.RawMessage `json:"watching,omitempty"`
	OverheadSeconds *int64          `json:"overhead_seconds,omitempty"`
}

// PutJSON is a Put.
type PutJSON struct {
	After *int64 `json:"after"` // null: at the front
	Item  Entry  `json:"item"`
}

// ShiftJSON is a Shift.
type ShiftJSON struct {
	From    int64 `json:"from"`
	Seconds int64 `json:"seconds"`
}

// Hello is the first frame of a socket: the station's clock, by which a reader corrects its own.
type Hello struct {
	Type     string `json:"type"` // "hello"
	At       string `json:"at"`
	Revision int64  `json:"revision"`
}

// JSON renders the model at an instant.
func (s State) JSON(atMS int64) Queue {
	q := Queue{Channel: s.Channel, Revision: s.Revision, At: instant(atMS), NowPlaying: s.nowPlaying(atMS), Planned: s.planned(),
		Items: make([]Entry, len(s.Items)), Health: s.Health.String(), SeenAt: s.seen(), Notice: s.notice(), Locked: s.locked(), NextEvent: s.nextEvent(atMS),
		Watching:        s.watching(),
		OverheadSeconds: rounded(s.Now.OverMS)}
	for i, item := range s.Items {
		q.Items[i] = item.json(atMS)
	}
	return q
}

// delta renders a change, which has led to s, at an instant.
func (s State) delta(from int64, c Change, atMS int64) Delta {
	d := Delta{Type: "delta", From: from, Revision: s.Revision, At: instant(atMS), Removed: c.Removed}
	if c.Now {
		over := rounded(s.Now.OverMS)
		d.NowPlaying, d.OverheadSeconds = raw(s.nowPlaying(atMS)), &over
	}
	if c.Planned {
		d.Planned = raw(s.planned())
	}
	if c.Health {
		d.Health, d.SeenAt = s.Health.String(), raw(s.seen())
	}
	if c.Closed {
		d.Notice = raw(s.notice())
	}
	if c.Lock {
		d.Locked = raw(s.locked())
	}
	if c.Next {
		d.NextEvent = raw(s.nextEvent(atMS))
	}
	if c.Watching {
		d.Watching = raw(s.watching())
	}
	for _, p := range c.Put {
		d.Put = append(d.Put, PutJSON{some(p.After, p.After != 0), p.Item.json(atMS)})
	}
	for _, sh := range c.Shifts {
		d.Shifts = append(d.Shifts, ShiftJSON(sh))
	}
	return d
}

// Find returns the item of an entry.
func (s State) Find(entry int64) (Item, bool) {
	for _, item := range s.Items {
		if item.EntryID == entry {
			return item, true
		}
	}
	return Item{}, false
}

func (s State) nowPlaying(atMS int64) *NowPlaying {
	item, ok := s.Find(s.Now.EntryID)
	if !ok {
		return nil
	}
	e := item.json(atMS)
	return &NowPlaying{EntryID: e.EntryID, UID: e.UID, Title: e.Title, Media: e.Media, DurationSeconds: e.DurationSeconds,
		PlayedSeconds: s.Now.PlayedMS(item.Media.DurationMS, atMS) / 1000, StartedAt: instant(s.Now.StartedMS), Rate: s.Now.Rate,
		Role: e.Role, PromoType: e.PromoType, Badge: e.Badge, PaidBy: e.PaidBy, Price: e.Price, AddedBy: e.AddedBy}
}

func (s State) planned() []PlannedJSON {
	out := make([]PlannedJSON, len(s.Planned))
	for i, p := range s.Planned {
		out[i] = PlannedJSON{p.PromoType, p.Badge, p.Before, some(p.Title, p.Title != "")}
	}
	return out
}

func (s State) notice() *Notice {
	if s.Closed == (Sentence{}) {
		return nil
	}
	return &Notice{s.Closed.Code, s.Closed.Text}
}

func (s State) locked() *Locked {
	if s.Lock == (Lock{}) {
		return nil
	}
	return &Locked{s.Lock.Code, s.Lock.Text, some(instant(s.Lock.StartsAtMS), s.Lock.StartsAtMS != 0), some(instant(s.Lock.OpensAtMS), s.Lock.OpensAtMS != 0)}
}

func (s State) seen() *string { return some(instant(s.SeenMS), s.SeenMS != 0) }

func (s State) nextEvent(atMS int64) *NextEvent {
	e := s.Next
	if e == (Event{}) {
		return nil
	}
	return &NextEvent{ID: e.ID, Label: e.Label, StartsAt: instant(e.StartsMS), StartsInSeconds: rounded(max(e.StartsMS-atMS, 0)),
		ClosesAt: instant(e.ClosesMS), ClosesInSeconds: rounded(max(e.ClosesMS-atMS, 0)), Immutable: e.Immutable}
}

func (s State) watching() *int { return some(s.Watching, s.Watching != notCounted) }

func (i Item) json(atMS int64) Entry {
	return Entry{
		EntryID: i.EntryID, UID: some(int64(i.UID), i.UID != channel.NoUID), Title: i.Media.Title, Media: mediaJSON(i.Media),
		DurationSeconds: rounded(i.Media.DurationMS), Role: string(i.Role), PromoType: some(i.PromoType, i.PromoType != ""),
		LeadInFor: some(i.LeadInFor, i.LeadInFor != 0), PaidBy: some(i.PaidBy, i.PaidBy != ""), EtaSeconds: i.eta(atMS),
		Temp: i.Temp, Badge: some(i.Badge, i.Badge != ""), Price: some(i.Price, i.Price != 0), AddedBy: i.AddedBy,
		Leaving: some(i.Leaving, i.Leaving != ""), Art: some(i.Art, i.Art != ""),
	}
}

func (i Item) eta(atMS int64) *int64 {
	if i.StartsMS == onAirStarts {
		return some(int64(0), true)
	}
	return some(rounded(max(i.StartsMS-atMS, 0)), i.StartsMS != noTime)
}

func mediaJSON(m sdk.Media) MediaJSON { return MediaJSON{m.Type, m.ID} }

// instant writes UTC milliseconds as RFC 3339.
func instant(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// some is a value, or null.
func some[T any](v T, is bool) *T {
	if !is {
		return nil
	}
	return &v
}

// raw encodes a value that cannot fail to be encoded.
func raw(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}
