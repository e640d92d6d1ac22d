package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/station"
	"playbill/sdk"
)

// selectPurchase reads purchases together with the entry that was bought.
const selectPurchase = `SELECT p.*, COALESCE(e.entry_id, 0) AS entry_id FROM purchases p
	LEFT JOIN entries e ON e.channel = p.channel AND e.purchase_id = p.purchase_id `

// befall lets each fact befall its purchase: the state machine says what becomes of it and which coins move, and both are
// written together. A fact that changes nothing writes nothing; one that cannot be fails the turn. Returned is the new
// state of every purchase that a fact was about, once.
func befall(t *tx, h *head, facts []station.PurchaseFact, atMS int64) ([]pay.Purchase, error) {
	var out []pay.Purchase
	at := map[string]int{}
	for _, f := range facts {
		p, err := purchaseIn(t, h.Channel, f.ID)
		if err != nil {
			return nil, err
		}
		next, moves, err := p.Next(f.Fact, f.Reason, atMS)
		if err != nil {
			return nil, err
		}
		if next != p || len(moves) > 0 {
			if err := step(t, h, next, moves); err != nil {
				return nil, fmt.Errorf("%s on %s: %w", f.Fact, f.ID, err)
			}
		}
		if i, seen := at[p.ID]; seen {
			out[i] = next
			continue
		}
		at[p.ID] = len(out)
		out = append(out, next)
	}
	return out, nil
}

// step writes a purchase's new state, after the coins that go with it: the schema wants to see the end before it is
// said.
func step(t *tx, h *head, p pay.Purchase, moves []ledger.Transfer) error {
	var end, endedAt *int64
	if p.State.Final() {
		endedAt = &p.EndedAtMS
	}
	for _, m := range moves {
		stored, err := book(t, h, m)
		if err != nil {
			return err
		}
		if stored.Ends() {
			end = &stored.Seq
		}
	}
	if p.State == pay.Placed {
		t.pass("placed")
	}
	return t.Exec("UPDATE purchases SET state = ?, reason = ?, ended_at_ms = ?, end_seq = ? WHERE channel = ? AND purchase_id = ?",
		string(p.State), some(p.Reason), endedAt, end, h.Channel, p.ID).Error
}

func purchaseIn(q *tx, channel, id string) (pay.Purchase, error) {
	var rows []purchaseRow
	if err := q.Raw(selectPurchase+"WHERE p.channel = ? AND p.purchase_id = ?", channel, id).Scan(&rows).Error; err != nil {
		return pay.Purchase{}, err
	}
	if len(rows) == 0 {
		return pay.Purchase{}, noPurchase(id)
	}
	return rows[0].purchase(), nil
}

func noPurchase(id string) error {
	return fault.New(fault.NotFound, fmt.Sprintf("There is no purchase %q.", id))
}

// Purchase returns one purchase, or fault.NotFound.
func (r *Reader) Purchase(ctx context.Context, id string) (pay.Purchase, error) {
	found, err := r.purchases(ctx, "AND p.purchase_id = ?", id)
	if err != nil {
		return pay.Purchase{}, err
	}
	if len(found) == 0 {
		return pay.Purchase{}, noPurchase(id)
	}
	return found[0], nil
}

// AllOpen returns every purchase that has not ended, in buying order.
func (r *Reader) AllOpen(ctx context.Context) ([]pay.Purchase, error) {
	return r.purchases(ctx, "AND p.state IN "+openStates+" ORDER BY p.hold_seq")
}

// OpenOf returns a viewer's purchases that have not ended, in buying order.
func (r *Reader) OpenOf(ctx context.Context, user channel.UserKey) ([]pay.Purchase, error) {
	return r.purchases(ctx, "AND p.buyer_key = ? AND p.state IN "+openStates+" ORDER BY p.hold_seq", string(user))
}

// OpenOfBlocked returns the purchases of blocked accounts that have not ended, in buying order.
func (r *Reader) OpenOfBlocked(ctx context.Context) ([]pay.Purchase, error) {
	return r.purchases(ctx, "AND p.state IN "+openStates+` AND EXISTS (SELECT 1 FROM wallets w
		WHERE w.channel = p.channel AND w.user_key = p.buyer_key AND w.blocked_reason <> '') ORDER BY p.hold_seq`)
}

// HistoryOf returns a viewer's purchases, ended or not, newest first, before the one of this id; empty means from the
// newest.
func (r *Reader) HistoryOf(ctx context.Context, user channel.UserKey, limit int, before string) ([]pay.Purchase, error) {
	return r.purchases(ctx, `AND p.buyer_key = ? AND (? = '' OR (p.bought_at_ms, p.hold_seq) <
		(SELECT b.bought_at_ms, b.hold_seq FROM purchases b WHERE b.channel = p.channel AND b.purchase_id = ?))
		ORDER BY p.bought_at_ms DESC, p.hold_seq DESC LIMIT ?`, string(user), before, before, page(limit))
}

func (r *Reader) purchases(ctx context.Context, rest string, args ...any) ([]pay.Purchase, error) {
	var found []pay.Purchase
	err := r.read(ctx, func(q *gorm.DB) (err error) {
		found, err = purchasesWhere(q, r.channel, rest, args...)
		return err
	})
	return found, err
}

func purchasesWhere(q *gorm.DB, channel, rest string, args ...any) ([]pay.Purchase, error) {
	var rows []purchaseRow
	err := q.Raw(selectPurchase+"WHERE p.channel = ? "+rest, append([]any{channel}, args...)...).Scan(&rows).Error
	return each(rows, purchaseRow.purchase), err
}

func (r purchaseRow) purchase() pay.Purchase {
	return pay.Purchase{
		ID: r.PurchaseID, RequestKey: r.RequestKey, Buyer: channel.UserKey(r.BuyerKey), BuyerName: r.BuyerName,
		Media: sdk.Media{Type: r.MediaType, ID: r.MediaID, Title: r.Title, DurationMS: r.DurationMS}, Tier: r.Tier,
		Base: ledger.Coins(r.BasePrice), Discount: ledger.Coins(r.Discount), Price: ledger.Coins(r.Price),
		StationDay: r.StationDay, State: pay.State(r.State), Reason: value(r.Reason), BoughtAtMS: r.BoughtAtMS,
		EndedAtMS: value(r.EndedAtMS), Entry: r.EntryID, BoughtReserved: r.BoughtReserved,
	}
}
