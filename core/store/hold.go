package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/till"
	"playbill/sdk"
)

// Hold sells one place, as far as the books go: it reads the stored facts, asks decide, and writes purchase, entry
// (wanted), transfer and balance, all in one transaction. decide is pure and runs in the writer's goroutine. A quote with
// a Refusal, or with another price than the order's, writes nothing and comes back as that fault; a refusal does not use
// the request key up. The same key returns the first purchase (Again); with other inputs it is fault.RequestKeyConflict.
func (c *Channel) Hold(ctx context.Context, o till.Order, nowMS int64, decide func(pay.Facts) pay.Quote) (till.Held, error) {
	if o.RequestKey == "" {
		return till.Held{}, fault.New(fault.RequestKeyMissing, "A request needs a key of its own, so that it can never be paid twice. Nothing was charged.")
	}
	var held till.Held
	err := c.write(ctx, func(t *tx, h *head) error {
		first, err := heldBefore(t, h.Channel, o)
		if err != nil || first != nil {
			held = value(first)
			return err
		}
		facts, err := factsOf(t.DB, whose{h.Channel, o.Buyer, o.StationDay, nowMS}, o.Media.Key())
		if err != nil {
			return err
		}
		quote := decide(facts)
		if err := accepted(quote, o); err != nil {
			return err
		}
		held, err = c.hold(t, h, bought{o, quote, nowMS})
		return err
	})
	if err != nil {
		return till.Held{}, err
	}
	return held, nil
}

// Facts reads the stored facts alone, for a quote.
func (r *Reader) Facts(ctx context.Context, u channel.UserKey, m sdk.Key, stationDay int, nowMS int64) (pay.Facts, error) {
	var facts pay.Facts
	err := r.read(ctx, func(q *gorm.DB) (err error) {
		facts, err = factsOf(q, whose{r.channel, u, stationDay, nowMS}, m)
		return err
	})
	return facts, err
}

// bought is an accepted order.
type bought struct {
	order till.Order
	quote pay.Quote
	nowMS int64
}

// heldBefore returns what this request key has bought already, or nil.
func heldBefore(t *tx, channel string, o till.Order) (*till.Held, error) {
	var id, title string
	var hash digest
	err := t.one("SELECT purchase_id, request_hash, title FROM purchases WHERE channel = ? AND buyer_key = ? AND request_key = ?",
		channel, string(o.Buyer), o.RequestKey).Scan(&id, &hash, &title)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if hash != requestHash(o) {
		return nil, fault.New(fault.RequestKeyConflict, fmt.Sprintf("This request key was used before, for %s. Nothing was charged now; "+
			"a new request needs a new key.", title))
	}
	p, err := purchaseIn(t, channel, id)
	if err != nil {
		return nil, err
	}
	entries, err := findEntries(t.DB, "channel = ? AND entry_id = ?", channel, p.Entry)
	if err != nil {
		return nil, err
	}
	held := &till.Held{Purchase: p, Again: true}
	if len(entries) > 0 {
		held.Entry = entries[0]
	}
	return held, nil
}

// requestHash is over what was asked for: another title or length of the same media is the same request.
func requestHash(o till.Order) digest {
	var buf []byte
	for _, s := range []string{o.Media.Type, o.Media.ID, o.Tier} {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	return sha256.Sum256(binary.BigEndian.AppendUint64(buf, uint64(o.PriceShown)))
}

// whose says of whom and of when the stored facts are asked.
type whose struct {
	channel    string
	user       channel.UserKey
	stationDay int // yyyymmdd
	nowMS      int64
}

// dayLongest is more than any station day has: one on which the clocks go back has 25 hours. What was bought on a day is
// within so much of any instant of it, so that the index by time finds it.
const dayLongest = 26 * time.Hour

// aheadMost is by how much the instant of what others bought may be ahead of one's own, for requests overtake each other. What
// is further ahead was bought before the clock was set back: how long ago is not known, and nobody waits for that.
const aheadMost = time.Minute

// selectFacts is one statement, for it is the hottest one, and goes past gorm. The locks are the barrier of a firing: what
// commits after a lock sees it. An event's lock outranks a pre-event one, and 'event' sorts first. Its parameters are the
// channel, the viewer, the station day, the media's type and id, the instant before which nothing is of that day, and the one
// behind which nothing is the last purchase.
const selectFacts = `SELECT
	COALESCE((SELECT balance FROM wallets WHERE channel = ?1 AND user_key = ?2), 0) AS balance,
	COALESCE((SELECT blocked_reason FROM wallets WHERE channel = ?1 AND user_key = ?2), '') AS blocked,
	(SELECT COUNT(*) FROM purchases WHERE channel = ?1 AND buyer_key = ?2 AND bought_at_ms > ?6 AND station_day = ?3
		AND state <> 'refunded') AS today,
	(SELECT COUNT(*) FROM purchases WHERE channel = ?1 AND buyer_key = ?2 AND state IN ` + openStates + `) AS pending,
	COALESCE((SELECT bought_at_ms FROM purchases WHERE channel = ?1 AND buyer_key = ?2 AND bought_at_ms <= ?7 AND state <> 'refunded'
		ORDER BY bought_at_ms DESC LIMIT 1), 0) AS last_at_ms,
	EXISTS (SELECT 1 FROM purchases WHERE channel = ?1 AND media_type = ?4 AND media_id = ?5 AND state IN ` + openStates + `) AS elsewhere,
	COALESCE((SELECT kind FROM locks WHERE channel = ?1 AND closed_at_ms IS NULL ORDER BY kind LIMIT 1), '') AS lock`

func factsOf(q *gorm.DB, w whose, m sdk.Key) (pay.Facts, error) {
	var f pay.Facts
	var lock string
	err := q.Statement.ConnPool.QueryRowContext(q.Statement.Context, selectFacts, w.channel, string(w.user), w.stationDay, m.Type, m.ID,
		w.nowMS-dayLongest.Milliseconds(), w.nowMS+aheadMost.Milliseconds()).
		Scan(&f.Balance, &f.AccountBlocked, &f.BoughtToday, &f.Pending, &f.LastUnrefundedMS, &f.OpenElsewhere, &lock)
	f.Lock = lockCode(lock)
	return f, err
}

// lockCode is the refusal that an open lock means.
func lockCode(kind string) fault.Code {
	switch kind {
	case "":
		return ""
	case "pre_event":
		return fault.PreEventLock
	default:
		return fault.EventLock
	}
}

// accepted returns the fault for which an order is not accepted, or nil.
func accepted(q pay.Quote, o till.Order) error {
	if q.Refusal != nil {
		return q.Refusal
	}
	if q.Price != o.PriceShown {
		return fault.New(fault.PriceChanged, fmt.Sprintf("The price is %d coins now; you were shown %d. Nothing was charged. "+
			"Look at the new price and confirm it.", q.Price, o.PriceShown))
	}
	return nil
}

// hold writes the purchase, its entry, and the coins.
func (c *Channel) hold(t *tx, h *head, b bought) (till.Held, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return till.Held{}, err
	}
	o, q := b.order, b.quote
	p, moves := pay.Bought(pay.Purchase{
		ID: id.String(), RequestKey: o.RequestKey, Buyer: o.Buyer, BuyerName: o.BuyerName, Media: o.Media, Tier: o.Tier,
		Base: q.Base, Discount: q.Discount, Price: q.Price, StationDay: o.StationDay, BoughtAtMS: b.nowMS,
		BoughtReserved: q.Reserved,
	})
	if err := insertPurchase(t, h, p, requestHash(o)); err != nil {
		return till.Held{}, err
	}
	var last int64
	err = t.one("SELECT ord FROM entries WHERE channel = ? AND state <> 'ended' ORDER BY ord DESC LIMIT 1", h.Channel).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return till.Held{}, err
	}
	e := &shadow.Entry{
		ID: c.NextEntry(), Role: shadow.Paid, State: shadow.Wanted, Media: o.Media, Temp: true, AddedBy: o.AddedBy,
		Purchase: p.ID, PaidBy: o.Buyer, Ord: last + ordGap, PlannedAtMS: q.ExpectedStartMS,
	}
	if err := saveEntry(t, h, e); err != nil {
		return till.Held{}, err
	}
	for _, m := range moves {
		m.UserName = o.BuyerName
		if _, err := book(t, h, m); err != nil {
			return till.Held{}, err
		}
	}
	p.Entry = int64(e.ID)
	return till.Held{Purchase: p, Entry: e}, nil
}

// insertPurchase writes the row; its hold is the next transfer, and the schema refuses the transaction without it.
func insertPurchase(t *tx, h *head, p pay.Purchase, hash digest) error {
	return t.run(`INSERT INTO purchases (channel, purchase_id, buyer_key, buyer_name, request_key, request_hash, tier,
		media_type, media_id, title, duration_ms, base_price, discount, price, station_day, bought_reserved, state, bought_at_ms, hold_seq)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		h.Channel, p.ID, string(p.Buyer), p.BuyerName, p.RequestKey, hash, p.Tier, p.Media.Type, p.Media.ID, p.Media.Title,
		p.Media.DurationMS, int64(p.Base), int64(p.Discount), int64(p.Price), p.StationDay, p.BoughtReserved, string(p.State), p.BoughtAtMS,
		h.TransferSeq+1)
}
