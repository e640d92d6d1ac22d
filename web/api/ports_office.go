package api

import (
	"context"

	"playbill/core/audit"
	"playbill/core/ledger"
	"playbill/core/library"
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
