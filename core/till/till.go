// Package till is the desk: it quotes, sells and cancels. It reads the station's view and hands it what was bought.
package till

import (
	"cmp"
	"context"
	"time"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// Order is what a viewer asks for.
type Order struct {
	RequestKey string // the buyer's Idempotency-Key
	Buyer      channel.UserKey
	BuyerName  string
	Media      sdk.Media
	Tier       string
	PriceShown ledger.Coins // another price is refused
	AddedBy    string       // our own name on the channel: who the entry will be added by
	StationDay int          // yyyymmdd in the station's zone
}

// Book is the ledger as the till needs it. Each method is one transaction.
type Book interface {
	// Hold reads the stored facts, asks decide, and writes purchase, entry (wanted), transfer and balance, all in one
	// transaction. decide is pure; a quote with a Refusal, or with another price than the order's, writes nothing and
	// comes back as that fault. The same request key returns the first purchase (again true); with other inputs it is
	// fault.RequestKeyConflict.
	Hold(ctx context.Context, o Order, nowMS int64, decide func(pay.Facts) pay.Quote) (h Held, err error)
	// Facts reads the stored facts alone, for a quote.
	Facts(ctx context.Context, u channel.UserKey, m sdk.Key, stationDay int, nowMS int64) (pay.Facts, error)
	// Purchase returns one purchase, or fault.NotFound.
	Purchase(ctx context.Context, id string) (pay.Purchase, error)
}

// Held is an accepted purchase and the entry that was written with it.
type Held struct {
	Purchase pay.Purchase
	Entry    *shadow.Entry
	Again    bool // the request key had been used before: nothing was written
}

// Floor is the station as the till needs it.
type Floor interface {
	View() *station.View
	// Place hands a held purchase to the station and waits until it is placed or has ended, or ctx ends; it goes on
	// either way.
	Place(ctx context.Context, p pay.Purchase, e *shadow.Entry) (pay.Purchase, error)
	// Withdraw records that purchases are no longer wanted; it returns once that is durable.
	Withdraw(ctx context.Context, ids []string, reason string) error
	// Await returns a purchase once it is placed or has ended, or as it is when ctx ends; fault.NotFound when the station
	// does not know it any more.
	Await(ctx context.Context, id string) (pay.Purchase, error)
	// Person says who somebody is right now, at most 30 s old. fault.Missing: conclusively not in the room; any other
	// error is doubt.
	Person(ctx context.Context, u channel.UserKey) (channel.User, error)
}

// Catalog is the library as the till needs it.
type Catalog interface {
	// Title returns what viewers may buy under this key, with its length.
	Title(k sdk.Key) (sdk.Media, bool)
	// Closed reports whether an admin has closed a title at an instant, and until when, UTC milliseconds; 0: until
	// somebody opens it.
	Closed(k sdk.Key, nowMS int64) (untilMS int64, closed bool)
	// Reserved says whether a media is part of an immutable playlist or of a pool, and of which.
	Reserved(k sdk.Key) (why string, yes bool)
}

// Actor is who acts: a viewer, whose rank and presence the room is asked for, or an API token, which acts as its name
// with its own rank, also when that name is absent.
type Actor struct {
	Key        channel.UserKey
	Name       string // as the channel spells it
	Token      bool
	RankTenths int // of a token
}

// Wish is what a viewer asks for.
type Wish struct {
	RequestKey string // the Idempotency-Key: the same one never buys twice
	Media      sdk.Key
	Tier       string
	PriceShown ledger.Coins // what the viewer was quoted; another price is not charged
}

// Options is what a till is made of.
type Options struct {
	Book     Book
	Floor    Floor
	Catalog  Catalog
	Accounts Accounts         // nil: nobody can be blocked here
	Rules    func() pay.Rules // the current revision; never blocks
	Zone     *time.Location   // the station's; nil: UTC
	Now      func() int64     // UTC milliseconds

	// Report takes what went wrong after the money was held, when nobody can be refused any more. nil: nothing is said.
	Report func(what string, err error)
	// Unwritten takes the fault.Journal for which a purchase was refused, so that the desk is closed and everybody is told
	// why. Never blocks. nil: nobody is told.
	Unwritten func(err error)
	Crash     func(point string) // failpoints of the tests; nil in production
}

// Till sells. Safe for concurrent use: it keeps nothing.
type Till struct{ opt Options }

// New returns the desk of one channel.
func New(opt Options) *Till {
	opt.Zone = cmp.Or(opt.Zone, time.UTC)
	if opt.Report == nil {
		opt.Report = func(string, error) {}
	}
	if opt.Unwritten == nil {
		opt.Unwritten = func(error) {}
	}
	if opt.Crash == nil {
		opt.Crash = func(string) {}
	}
	return &Till{opt: opt}
}
