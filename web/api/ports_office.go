package api

import (
	"context"

	"playbill/core/audit"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/station"
	"playbill/sdk"
)

// House is the host's own condition, which no room knows: files, disk, memory, nights.
type House interface {
	// Condition says how the host is. It may be some seconds old, so that every page can ask.
	Condition(ctx context.Context) Condition
	// Night checks the whole ledger and copies the database now, as every night does.
	Night(ctx context.Context) error
}

// Condition is how a host is. Instants are UTC milliseconds, 0: never; sizes are bytes.
type Condition struct {
	AtMS, StartedMS int64
	Driver, Room    string // of the channel
	File            string // the configuration's name; empty: the host runs without one

	Database, WAL int64
	Free          int64         // where the database is; -1: not known
	Memory        int64         // -1: not known
	CommitUS      int64         // how long the last commit took, in microseconds; 0: there was none yet
	ClockOffMS    int64         // how far the machine's clock has moved against its own running time since the start
	CheckedMS     int64         // when the ledger was last found true
	Broken        string        // what the last check has found, or why there was none; empty: the ledger is true
	CopiedMS      int64         // when the newest nightly copy was written
	CopyFailed    string        // why last night has none
	Ledger        ledger.Totals // as it adds up now
	Today         Day
}

// Day is what was booked and aired since midnight by the station's clock.
type Day struct {
	FromMS                 int64
	Paid, Refunded         int
	Spent, Earned, Granted ledger.Coins
	Promos, PromosCut      int   // those that are over, and those of them that did not play to their end
	PromoMS                int64 // media milliseconds of them
}

// Programme is the station as those who plan promos need it: *station.Station.
type Programme interface {
	// Forecast says which promos are to be expected under settings that need not be saved; nil while nothing can be said.
	Forecast(set promo.Settings) []station.Planned
	// TryClip forgets that the channel refused a clip; fault.NotFound when it has not. clip is its ClipKey.
	TryClip(ctx context.Context, clip string) error
	// PutAway takes the alarm of an event off the view; fault.NotFound when nobody needs to see it any more.
	PutAway(ctx context.Context, firing int64, who audit.Entry) error
}

// Tags reserves playlists: *library.Library.
type Tags interface {
	// FlagPlaylist makes a playlist that is still at rev non-preemptable, or a pool's, or neither.
	FlagPlaylist(ctx context.Context, id, rev int64, f library.Flags, who audit.Entry) (library.Playlist, error)
}

// Airings says when clips were on the air: *store.Reader.
type Airings interface {
	// LastAired returns when each clip was last on the air as a promo, UTC milliseconds; what never was is not in it.
	LastAired(ctx context.Context, clips []sdk.Key) (map[sdk.Key]int64, error)
}

// Toolroom changes plugins: over config.Live and pluginhost.Host. Faults of all: NotFound for a plugin that is not
// configured.
type Toolroom interface {
	// PluginConfig returns what the configuration says about a plugin.
	PluginConfig(name string) (PluginConfig, error)
	// ChangePlugin applies a change to the configuration at a revision. Faults, with nothing changed: Changed, Conflict for a
	// value from the environment, and Invalid, with Problems inside.
	ChangePlugin(ctx context.Context, ifRevision uint64, name string, p PluginChange) (Saved, error)
	// RestartPlugin gives a plugin a new process; fault.Conflict says why it could not.
	RestartPlugin(ctx context.Context, name string) error
}

// PluginConfig is what the configuration says about a plugin.
type PluginConfig struct {
	Revision uint64
	Enabled  bool
	Settings []byte            // one JSON object, without what came from the environment
	FromEnv  []string          // the keys of what did
	Given    map[string]string // what the host gives where nothing is set, as JSON, by key
}

// PluginChange changes what is not nil.
type PluginChange struct {
	Enabled  *bool
	Settings []byte // one JSON object, whole but for what comes from the environment, which stays
}

// PresenceEditor changes the presence block: over config.Live.
type PresenceEditor interface {
	// SavePresence applies settings to the configuration at a revision. Faults, with nothing changed: Changed, and Invalid,
	// with Problems inside.
	SavePresence(ctx context.Context, ifRevision uint64, s presence.Settings) (Saved, error)
}
