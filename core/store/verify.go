package store

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

	"playbill/core/ledger"
)

// openStates is the SQL list of the states in which a purchase has not ended. It is spelled as in the schema's partial
// indexes, or SQLite would not use them.
const openStates = `('held','adding','placed','refunding')`

// VerifyLedger reads the whole history in one transaction and returns its sums, or the first broken invariant as
// *ledger.Broken: the chain is unbroken and gapless and ends where the channel says, every wallet is the sum of its
// transfers, escrow is the sum of the open purchases, every purchase is held once, ends once, and ended as it says.
func (r *Reader) VerifyLedger(ctx context.Context) (ledger.Totals, error) {
	v, err := r.verify(ctx, ledger.Mark{}, endsOfAll)
	return v.Totals(), err
}

// verify checks the history behind a mark, and what follows from all of it. ends is the query for a purchase that does
// not end as its transfers say.
func (r *Reader) verify(ctx context.Context, from ledger.Mark, ends string) (*ledger.Verifier, error) {
	v := ledger.Resume(from)
	return v, r.read(ctx, func(q *gorm.DB) error {
		if err := r.eachTransfer(q, from.Seq, v.Add); err != nil {
			return err
		}
		wallets, err := r.sums(q, "SELECT user_key, balance FROM wallets WHERE channel = ?")
		if err != nil {
			return err
		}
		open, err := r.sums(q, "SELECT purchase_id, price FROM purchases WHERE channel = ? AND state IN "+openStates)
		if err != nil {
			return err
		}
		if err := v.Close(wallets, open); err != nil {
			return err
		}
		return errors.Join(r.headMatches(q, v), r.endsMatch(q, ends, from.Seq))
	})
}

// eachTransfer streams the history behind a transfer, oldest first, until visit fails.
func (r *Reader) eachTransfer(q *gorm.DB, after int64, visit func(ledger.Transfer) error) error {
	rows, err := q.Raw(`SELECT seq, kind, debit, credit, user_key, amount, purchase_id, idem_key, reason, actor, at_ms,
		prev_hash, hash FROM transfers WHERE channel = ? AND seq > ? ORDER BY seq`, r.channel, after).Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error shows in rows.Err
	for rows.Next() {
		var t ledger.Transfer
		var purchase sql.NullString
		var prev, hash sql.RawBytes
		err := rows.Scan(&t.Seq, &t.Kind, &t.Debit, &t.Credit, &t.User, &t.Amount, &purchase, &t.Key, &t.Reason, &t.Actor,
			&t.AtMS, &prev, &hash)
		if err != nil {
			return err
		}
		t.Purchase = purchase.String
		copy(t.Prev[:], prev) // a hash of another length cannot match
		copy(t.Hash[:], hash)
		if err := visit(t); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *Reader) sums(q *gorm.DB, query string) (map[string]ledger.Coins, error) {
	rows, err := q.Raw(query, r.channel).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error shows in rows.Err
	sums := map[string]ledger.Coins{}
	for rows.Next() {
		var name string
		var coins ledger.Coins
		if err := rows.Scan(&name, &coins); err != nil {
			return nil, err
		}
		sums[name] = coins
	}
	return sums, rows.Err()
}

// headMatches finds a history from whose end something was cut off.
func (r *Reader) headMatches(q *gorm.DB, v *ledger.Verifier) error {
	var rows []channelRow
	if err := q.Find(&rows, "channel = ?", r.channel).Error; err != nil {
		return err
	}
	seq, hash := v.Head()
	stored := channelRow{}
	if len(rows) > 0 {
		stored = rows[0]
	}
	if stored.TransferSeq != seq || stored.ChainHead != hash {
		return &ledger.Broken{Invariant: ledger.HeadMatches, Seq: seq, Detail: "the channel names another last transfer"}
	}
	return nil
}

// unlikeEnds is the test for a purchase that says another end than its transfers.
const unlikeEnds = `SELECT p.purchase_id FROM purchases p
	LEFT JOIN transfers h ON h.channel = p.channel AND h.seq = p.hold_seq AND h.purchase_id = p.purchase_id AND h.kind = 'hold'
	LEFT JOIN transfers e ON e.channel = p.channel AND e.seq = p.end_seq AND e.purchase_id = p.purchase_id
		AND e.kind = CASE p.state WHEN 'settled' THEN 'settle' WHEN 'refunded' THEN 'release' END
	WHERE p.channel = @c AND (h.seq IS NULL OR (p.state IN ('settled','refunded')) <> (e.seq IS NOT NULL))`

// endsOfAll looks at every purchase; endsSince at those that were held or ended behind a transfer, or are open.
const (
	endsOfAll = unlikeEnds + ` ORDER BY p.hold_seq LIMIT 1`
	endsSince = unlikeEnds + ` AND p.purchase_id IN (
		SELECT purchase_id FROM transfers WHERE channel = @c AND seq > @after AND purchase_id IS NOT NULL
		UNION SELECT purchase_id FROM purchases WHERE channel = @c AND state IN ` + openStates + `)
		ORDER BY p.hold_seq LIMIT 1`
)

func (r *Reader) endsMatch(q *gorm.DB, query string, after int64) error {
	var id []string
	err := q.Raw(query, map[string]any{"c": r.channel, "after": after}).Scan(&id).Error
	if err != nil || len(id) == 0 {
		return err
	}
	return &ledger.Broken{Invariant: ledger.PurchasesMatches, Detail: "purchase " + id[0] + " does not end as its transfers say"}
}
