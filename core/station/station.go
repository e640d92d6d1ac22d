// Package station runs one channel. Two goroutines: the eyes own the shadow and never wait for anything but the journal;
// the hands do one job at a time and are the only caller of the driver's Do. Everything else reads View.
package station

import (
	"context"

	"playbill/core/asrun"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/sdk"
)

// Journal is durability: one call, one transaction. Every method fails with fault.Fenced once another host has the
// channel.
type Journal interface {
	// Load returns what a station starts from.
	Load(ctx context.Context) (World, error)
	// NextEntry returns an id that no entry of this channel has had. In memory, no I/O.
	NextEntry() shadow.EntryID
	// Commit makes a turn durable, whole or not at all.
	Commit(ctx context.Context, t Turn) (Committed, error)
}

// Asker asks plugins. One outcome per plugin that was asked, in merge order, never later than the hook's deadline.
type Asker interface {
	// Roster lists the loaded plugins in merge order (priority, then id), ready or not.
	Roster() []Member
	// Promo asks OnAdvance, OnPay or OnCancel. The host fills in settings, revision and event time zone.
	Promo(ctx context.Context, h Hook, per map[string]sdk.Advance) []Outcome
	// Presence asks OnPresence.
	Presence(ctx context.Context, per map[string]sdk.Round) []Outcome
}

// Member is one loaded plugin as the station sees it.
type Member struct {
	Plugin       string
	Version      string
	Priority     int
	Ready        bool
	Disabled     bool   // by its owner: it has no say
	Why          string // when not ready: starting, disabled, crashed, ...
	Hooks        []Hook
	Types        []sdk.PromoType
	EveryAdvance bool
	StateVersion uint32
	ReadsState   []uint32
}

// Subscribes reports whether the plugin may be asked this hook.
func (m Member) Subscribes(h Hook) bool {
	for _, have := range m.Hooks {
		if have == h {
			return true
		}
	}
	return false
}

// Shelf is the library as the station needs it: pools and what is reserved, as immutable values.
type Shelf interface {
	// Pools returns the clips per promo type, in stored order, the same media once.
	Pools() map[string][]sdk.Clip
	// Reserved says whether a media is part of an immutable playlist or of a pool, and of which.
	Reserved(k sdk.Key) (why string, yes bool)
	// Revision grows with every change of either.
	Revision() uint64
	// Programme returns a saved playlist as an event or a load plays it. Cheap: it is asked with every view.
	Programme(id int64) (event.Programme, bool)
}

// Settings are the parts of the configuration that change at run time. Each method returns the current revision of its
// block, never blocks.
type Settings interface {
	Promos() promo.Settings
	Presence() presence.Settings
	Pay() pay.Rules
	Events() event.Settings
}

// Hook names a hook.
type Hook string

// The hooks.
const (
	OnAdvance  Hook = "OnAdvance"
	OnPay      Hook = "OnPay"
	OnCancel   Hook = "OnCancel"
	OnPresence Hook = "OnPresence"
)

// Kind tells the six outcomes apart.
type Kind string

// The six outcomes.
const (
	Proposed  Kind = "proposed"
	NoOpinion Kind = "no_opinion"
	Timeout   Kind = "timeout"
	Crashed   Kind = "crashed"
	Invalid   Kind = "invalid"
	Skipped   Kind = "skipped"
)

// Outcome is one plugin's answer to one event.
type Outcome struct {
	EventID          string
	Hook             Hook
	Plugin, Version  string
	SHA256           string // of the binary, hex
	Priority         int
	Kind             Kind
	Answer           sdk.Answer
	Verdicts         sdk.Verdicts
	SettingsRevision uint64
	StateRev         int64  // the revision of the state that was sent; filled in by the station
	StateVersion     uint32 // what the plugin writes
	AtMS             int64
	LatencyUS        int64
	Why              string // for every kind but Proposed: what happened, in words
	Request, Reply   []byte // as they were on the wire, for replay
}

// Turn is everything that becomes true together. The store makes it one transaction and runs pay.Purchase.Next inside it.
type Turn struct {
	AtMS      int64
	Epoch     channel.Epoch   // the driver's, so that the next run opens above it
	Entries   []*shadow.Entry // new rows, or rows that changed
	Rebound   []*shadow.Entry // stored entries of which nothing but the binding changed
	Airings   []asrun.Row
	Decisions []asrun.Decision
	Calls     []Outcome
	States    []PluginState
	Purchases []PurchaseFact
	Promo     *promo.State
	Clocks    *[]presence.Clock // all clocks, replacing the stored ones; nil: unchanged
	Notices   []Notice          // new ones
	Told      []int64           // notices that reached their person
	OnAir     *OnAir
	Locked    []event.Lock     // locks that open; the barrier that a hold sees in its transaction
	Unlocked  map[int64]string // locks that close, and who closed them

	Schedules   []event.Schedule // new ones, or ones that changed
	Unscheduled []int64          // schedules that are deleted
	Firings     []event.Firing   // new ones, or ones that changed
	Loads       []Loading        // new ones, or ones that changed
	Makegoods   []Makegood       // for what an event cut short
	Audit       []audit.Entry    // what a person changed with this turn

	final  []pay.Purchase // those that this turn ends
	played []event.Played // of events whose playlists rotate
}

// Makegood gives a buyer back what they paid for an entry that was on the air for less than half of its length.
type Makegood struct {
	Purchase string
	Reason   string
}

// Empty reports whether the turn changes nothing.
func (t *Turn) Empty() bool {
	return len(t.Entries) == 0 && len(t.Rebound) == 0 && len(t.Airings) == 0 && len(t.Decisions) == 0 && len(t.Calls) == 0 &&
		len(t.States) == 0 && len(t.Purchases) == 0 && t.Promo == nil && t.Clocks == nil &&
		len(t.Notices) == 0 && len(t.Told) == 0 && t.OnAir == nil &&
		len(t.Locked) == 0 && len(t.Unlocked) == 0 && len(t.Schedules) == 0 && len(t.Unscheduled) == 0 &&
		len(t.Firings) == 0 && len(t.Loads) == 0 && len(t.Makegoods) == 0 && len(t.Audit) == 0
}

// OnAir is which entry is on the air, stored so that a restart knows what had passed.
type OnAir struct {
	Entry   shadow.EntryID
	SinceMS int64
}

// Committed is what the store made of a turn.
type Committed struct {
	Purchases []pay.Purchase // the new state of every purchase that a fact was about
	Conflicts []string       // plugins whose compare-and-set failed: their state stayed as it was
}

// PurchaseFact is one fact about one purchase.
type PurchaseFact struct {
	ID     string
	Fact   pay.Fact
	Reason string
}

// PluginState is a plugin's opaque state at one revision. In a Turn it is a compare-and-set: Data replaces what is stored
// if that is still at revision Base.
type PluginState struct {
	Plugin  string
	Base    int64 // 0: nothing stored yet
	Version uint32
	Data    []byte
}

// Notice is something a viewer must be told, by one PM.
type Notice struct {
	ID          int64 // counted from 1 by the station
	User        channel.UserKey
	Text        string
	CreatedAtMS int64
}

// World is what a station starts from.
type World struct {
	Fence                                       int64
	Epoch                                       channel.Epoch   // the highest that was stored
	Entries                                     []*shadow.Entry // not ended, in list order (Ord), waiting ones among them
	Recent                                      []*shadow.Entry // ours, ended within the last 15 minutes: to know ghosts
	OnAir                                       OnAir
	Promo                                       promo.State
	FirstRun                                    bool                   // the channel has no stored state at all
	States                                      map[string]PluginState // Base is the stored revision
	Clocks                                      []presence.Clock
	Purchases                                   []pay.Purchase // open ones, and that of the entry on the air
	Locks                                       []event.Lock
	Notices                                     []Notice   // untold
	OpenRun                                     *asrun.Row // the airing that was open when the last host stopped
	LastRun, LastDecision, LastNotice, LastLock int64
	AliveAtMS                                   int64

	Schedules                          []event.Schedule
	Firing                             *event.Firing  // the one that has not ended; nil: none
	Alarms                             []event.Firing // ended ones with a sentence that nobody has put away
	Load                               *Loading       // the last one; nil: none yet
	LastSchedule, LastFiring, LastLoad int64
	Ran                                []event.Firing // the last ones, ended or not
}
