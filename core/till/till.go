// Package till is the desk: it quotes, sells and cancels. It reads the station's view and hands it what was bought.
package till

import (
	"context"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
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
