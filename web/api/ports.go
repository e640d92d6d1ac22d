package api

import (
	"context"
	"io"

	"playbill/core/access"
	"playbill/core/asrun"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/jobs"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/till"
	"playbill/sdk"
)

// Ports is everything that the web asks of the rooms. Each is small, so that a test needs no host.
type Ports struct {
	Floor    Floor
	Hands    Hands
	Desk     Desk
	Shelf    Shelf
	Editor   Editor
	Stock    Stock
	Stocking Stocking
	Jobs     Jobs
	// RestedSince is the instant, UTC milliseconds, since when what has played is hidden from viewers; 0, and nil: nothing is.
	RestedSince func() int64
	// Pictures returns the picture at an address of a title's art, checked, with its media type; nil: there are none.
	Pictures func(ctx context.Context, address string) (kind string, body []byte, err error)
	// Probe asks the channel whether it takes a media: *station.Station.
	Probe func(ctx context.Context, m sdk.Media) (station.Edited, error)
	// Sync starts a sync with the MediaCMS site; nil: there is none.
	Sync       func(ctx context.Context, actor string) (jobs.Job, error)
	Books      Books
	Ledger     Ledger
	Trail      Trail
	Settings   Settings
	Promos     PromoEditor
	Plugins    Plugins
	Titles     Titles
	Past       Past
	House      House
	Stage      Programme
	Tags       Tags
	Airings    Airings
	Money      Money
	Stagehands Stagehands
	Tools      Toolroom
	Watch      PresenceEditor
	Doors      Doors // the server's own: where people are logged in
}

// Titles is one title at a time: *library.Library.
type Titles interface {
	// Title returns a title of the catalog, reserved or not.
	Title(k sdk.Key) (library.Title, bool)
	// Categories lists the categories of what viewers may see, by name.
	Categories() []library.Category
}

// Past is what somebody did with their coins: *store.Reader.
type Past interface {
	// HistoryOf returns a viewer's purchases, ended or not, newest first, before the one of this id; empty means from the
	// newest.
	HistoryOf(ctx context.Context, user channel.UserKey, limit int, before string) ([]pay.Purchase, error)
	// Statement returns a viewer's transfers, newest first, before the one numbered beforeSeq; 0 means from the newest.
	Statement(ctx context.Context, user string, limit int, beforeSeq int64) (ledger.Statement, error)
}

// Doors is where people are logged in: *session.Login.
type Doors interface {
	Sessions(ctx context.Context, u channel.UserKey) ([]access.Session, error)
	// Revoke ends one of somebody's sessions; fault.NotFound when they have none of this id.
	Revoke(ctx context.Context, u channel.UserKey, id string) error
	// RevokeAll ends some of somebody's sessions, all of them for no ids, with an audit entry, and returns how many that were.
	RevokeAll(ctx context.Context, u channel.UserKey, ids []string, trail audit.Entry) (int, error)
}

// Floor is the station: *station.Station.
type Floor interface {
	// View returns the latest published state. Never blocks.
	View() *station.View
	// RemoveEntry takes an entry off the list: a paid one is refunded, the one on the air is skipped.
	RemoveEntry(ctx context.Context, id shadow.EntryID) error
	// Person says who somebody is right now. fault.Missing: conclusively not in the room; any other error is doubt.
	Person(ctx context.Context, u channel.UserKey) (channel.User, error)
}

// Desk is the till: *till.Till.
type Desk interface {
	Quote(ctx context.Context, a till.Actor, k sdk.Key, tier string) (pay.Quote, error)
	Buy(ctx context.Context, a till.Actor, w till.Wish) (pay.Purchase, error)
	Cancel(ctx context.Context, a till.Actor, id string) (pay.Purchase, error)
}

// Shelf is the library: *library.Library.
type Shelf interface {
	Search(q library.Query) library.Found
	Reserved(k sdk.Key) (why string, yes bool)
	Playlists() []library.Playlist
	SavePlaylist(ctx context.Context, p library.Playlist, who audit.Entry) (library.Playlist, error)
	DeletePlaylist(ctx context.Context, id, rev int64, who audit.Entry) error
}

// Editor changes playlists bit by bit: *library.Library.
type Editor interface {
	EditPlaylist(ctx context.Context, id, rev int64, e library.Edit, who audit.Entry) (library.Playlist, error)
	ClonePlaylist(ctx context.Context, id int64, name string, who audit.Entry) (library.Playlist, error)
	ParseList(text string) ([]library.Item, []library.Problem)
	// Undoable reports whether the last change of a playlist can be taken back.
	Undoable(id int64) bool
}

// Stock is the catalog as admins keep it: *library.Library.
type Stock interface {
	// EditTitle changes one title, also one that is gone; fault.UnknownItem when there is none.
	EditTitle(ctx context.Context, k sdk.Key, p library.TitlePatch, who audit.Entry) (library.Title, error)
	// RevertTitle takes back a change of which the trail has before and after; fault.Changed: there was another one since.
	RevertTitle(ctx context.Context, before, after string, who audit.Entry) (library.Title, error)
	// Gone returns the titles that are not offered any more.
	Gone() []library.Title
	// Tags lists the tags and people of what viewers may see.
	Tags() []library.Category
	// PlayedAt is when a title started last, UTC milliseconds; 0: not known.
	PlayedAt(k sdk.Key) int64
}

// Stocking fills the catalog: *library.Library.
type Stocking interface {
	// NewTitle adds what a link or type:id names; fault.Conflict: it is there already.
	NewTitle(ctx context.Context, ref string, p library.TitlePatch, who audit.Entry) (library.Title, error)
	ReadTitles(form string, r io.Reader) ([]library.Title, []library.Problem, error)
	TitlesOfChannel(listed []sdk.Media) []library.Title
	// Compare says what an import of these titles would do.
	Compare(titles []library.Title) library.Imported
	ImportTitles(ctx context.Context, titles []library.Title, who audit.Entry, step func(done, total int)) (library.Imported, error)
}

// Jobs runs imports and syncs: *jobs.Room.
type Jobs interface {
	Start(ctx context.Context, kind, subject, actor string, work jobs.Work) (jobs.Job, error)
	// Cancel ends a job that runs; fault.NotFound: it does not.
	Cancel(id int64) error
	// List returns the newest jobs, newest first.
	List(ctx context.Context) ([]jobs.Job, error)
}

// Books is what the store lets everybody read: *store.Reader.
type Books interface {
	// Purchase returns one purchase, or fault.NotFound.
	Purchase(ctx context.Context, id string) (pay.Purchase, error)
	// OpenOf returns a viewer's purchases that have not ended, in buying order.
	OpenOf(ctx context.Context, user channel.UserKey) ([]pay.Purchase, error)
	// Wallet returns one viewer's wallet; an empty one for somebody who is not known.
	Wallet(ctx context.Context, user string) (ledger.Purse, error)
	// Asrun returns airings, newest first, that started before an instant; 0 means from the newest.
	Asrun(ctx context.Context, limit int, beforeMS int64) ([]asrun.Row, error)
	// Decisions returns decisions, newest first, before the one numbered beforeID; 0 means from the newest.
	Decisions(ctx context.Context, limit int, beforeID int64) ([]asrun.Decision, error)
}

// Ledger books what belongs to no purchase: *store.Channel.
type Ledger interface {
	// Post makes transfers, all or none, with their audit entries. An idempotency key counts once: the same transfer
	// again returns the stored one; with other inputs it is fault.RequestKeyConflict.
	Post(ctx context.Context, ts []ledger.Transfer, nowMS int64, trail ...audit.Entry) ([]ledger.Transfer, error)
}

// Trail is the audit trail: *store.Channel.
type Trail interface {
	Audit(ctx context.Context, entries ...audit.Entry) error
}

// Settings are the current revisions of the blocks that change at run time: *config.Live.
type Settings interface {
	Promos() promo.Settings
	Presence() presence.Settings
	Pay() pay.Rules
}

// PromoEditor changes the promos block and says whether the file has what runs. Over config.Live.
type PromoEditor interface {
	// SavePromos applies settings to the configuration at a revision. Faults, with nothing changed: Changed, Invalid.
	SavePromos(ctx context.Context, ifRevision uint64, s promo.Settings) (Saved, error)
	// Saved says how the configuration that runs now was saved.
	Saved() Saved
}

// Saved is how a change of the configuration ended that is live.
type Saved struct {
	Revision  uint64
	Persisted bool   // the file says what runs
	Reason    string // when not Persisted: a sentence
}

// Plugins is the plugin host. Roster and Settled are *pluginhost.Host's own, Report is its Status in our words.
type Plugins interface {
	// Roster lists the loaded plugins in merge order, ready or not.
	Roster() []station.Member
	// Settled is closed once every plugin is ready, backing off, quarantined or disabled.
	Settled() <-chan struct{}
	// Report lists the plugins in merge order for the admin.
	Report() []PluginReport
}

// PluginReport is what an admin sees of one plugin.
type PluginReport struct {
	Name, Title, Summary, Version string
	State                         string // starting, ready, backoff, quarantined, disabled, ...
	Reason                        string // in words; empty when all is well
	SinceMS                       int64  // in this state, UTC milliseconds
	PID                           int    // 0: no process
	Priority                      int
	SHA256                        string // of the binary that was started last, hex
	Restarts                      int64
	Hooks                         []string
	PromoTypes                    []string
	Calls                         map[string]PluginCalls // by hook
	Bundled                       bool                   // comes with the host
	Command                       string                 // the binary
	Exit                          string                 // how its last process ended; empty: none has
	Schema                        []byte                 // JSON Schema of its settings; empty: none, or not known yet
	Log                           []LogLine              // the last lines it wrote, oldest first
}

// LogLine is one line that a plugin wrote.
type LogLine struct {
	AtMS int64 // UTC milliseconds
	Bad  bool
	Text string
}

// PluginCalls is what became of the calls of one hook since the host started.
type PluginCalls struct {
	Outcomes     map[string]int64 // by outcome: proposed, no_opinion, timeout, crashed, invalid, skipped
	Late         int64            // answers that came after the deadline
	P50US, P99US int64            // microseconds
	AllowedMS    int64            // the deadline
}
