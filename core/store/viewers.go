package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"playbill/core/ledger"
)

// standingRow is a wallet with what else is known of its owner.
type standingRow struct {
	Wallet   walletRow `gorm:"embedded"`
	Held     int64
	SeenAtMS int64 `gorm:"column:seen_at_ms"`
}

// seenOf is when the owner of wallet w last did something that shows they were there.
const seenOf = `MAX(
	COALESCE((SELECT t.at_ms FROM transfers t WHERE t.channel = w.channel AND t.user_key = w.user_key AND t.kind IN ('earn', 'hold')
		ORDER BY t.seq DESC LIMIT 1), 0),
	COALESCE((SELECT MAX(s.seen_at_ms) FROM sessions s WHERE s.channel = w.channel AND s.user_key = w.user_key), 0))`

// selectStandings completes a page of wallets. The page is cut first, so that the sums are asked for its rows alone.
const selectStandings = `WITH page AS (%s) SELECT w.*, ` + seenOf + ` AS seen_at_ms,
	COALESCE((SELECT SUM(p.price) FROM purchases p WHERE p.channel = w.channel AND p.buyer_key = w.user_key AND p.state IN ` + openStates + `), 0) AS held
	FROM page w ORDER BY %s`

// searched are the wallets of a search: those whose key begins with a text, found by the primary key's range.
const searched = `FROM wallets w WHERE w.channel = @c AND w.user_key >= lower(@p) AND w.user_key < lower(@p) || @last`

// Viewers searches for viewers by the beginning of their name.
func (r *Reader) Viewers(ctx context.Context, s ledger.Search) (found ledger.Found, err error) {
	order := map[string]string{ledger.ByName: "w.user_key", ledger.ByBalance: "w.balance DESC, w.user_key", ledger.BySeen: "seen_at_ms DESC, w.user_key"}[s.Order]
	if order == "" {
		return found, fmt.Errorf("store: no order %q of viewers", s.Order)
	}
	columns := "SELECT w.* "
	if s.Order == ledger.BySeen {
		columns = "SELECT w.*, " + seenOf + " AS seen_at_ms "
	}
	query := fmt.Sprintf(selectStandings, columns+searched+" ORDER BY "+order+" LIMIT @n OFFSET @o", order)
	named := map[string]any{"c": r.channel, "p": s.Prefix, "last": "\U0010FFFF", "n": page(s.Limit), "o": max(s.Offset, 0)}
	err = r.read(ctx, func(q *gorm.DB) error {
		if err := q.Raw("SELECT COUNT(*) "+searched, named).Scan(&found.Total).Error; err != nil {
			return err
		}
		var rows []standingRow
		err := q.Raw(query, named).Scan(&rows).Error
		found.Viewers = each(rows, standingRow.standing)
		return err
	})
	return found, err
}

// Standing returns one viewer; an empty wallet for somebody who is not known.
func (r *Reader) Standing(ctx context.Context, user string) (ledger.Standing, error) {
	out := ledger.Standing{Purse: ledger.Purse{User: user, Name: user}}
	err := r.read(ctx, func(q *gorm.DB) error {
		var rows []standingRow
		query := fmt.Sprintf(selectStandings, "SELECT * FROM wallets WHERE channel = @c AND user_key = @u", "w.user_key")
		err := q.Raw(query, map[string]any{"c": r.channel, "u": user}).Scan(&rows).Error
		if len(rows) > 0 {
			out = rows[0].standing()
		}
		return err
	})
	return out, err
}

func (r standingRow) standing() ledger.Standing {
	return ledger.Standing{Purse: r.Wallet.purse(), Held: ledger.Coins(r.Held), SeenAtMS: r.SeenAtMS}
}

// lineRow is a transfer with the title of its purchase.
type lineRow struct {
	Row   transferRow `gorm:"embedded"`
	Title string
}

// Statement returns a viewer's transfers, newest first, before the transfer numbered beforeSeq (0 means from the newest),
// and the balance after the first of them, all of one instant.
func (r *Reader) Statement(ctx context.Context, user string, limit int, beforeSeq int64) (s ledger.Statement, err error) {
	limit = page(limit)
	named := map[string]any{"c": r.channel, "u": user, "b": beforeSeq, "n": limit + 1}
	err = r.read(ctx, func(q *gorm.DB) error {
		var rows []lineRow
		err := q.Raw(`SELECT t.*, COALESCE(p.title, '') AS title FROM transfers t
			LEFT JOIN purchases p ON p.channel = t.channel AND p.purchase_id = t.purchase_id
			WHERE t.channel = @c AND t.user_key = @u AND (@b = 0 OR t.seq < @b) ORDER BY t.seq DESC LIMIT @n`, named).Scan(&rows).Error
		if err != nil {
			return err
		}
		if len(rows) > limit {
			s.More, rows = true, rows[:limit]
		}
		s.Lines = each(rows, func(l lineRow) ledger.Line { return ledger.Line{Transfer: l.Row.transfer(), Title: l.Title} })
		return q.Raw(`SELECT COALESCE((SELECT balance FROM wallets WHERE channel = @c AND user_key = @u), 0) -
			(SELECT COALESCE(SUM(CASE WHEN credit = 'wallet' THEN amount WHEN debit = 'wallet' THEN -amount ELSE 0 END), 0)
			FROM transfers WHERE @b > 0 AND channel = @c AND user_key = @u AND seq >= @b)`, named).Scan(&s.Balance).Error
	})
	return s, err
}

// sheetRow is what is read of the sheet.
type sheetRow struct {
	Issued, Wallets, Escrow, Revenue, Transfers int64
	CheckedAtMS                                 int64 `gorm:"column:checked_at_ms"`
	CheckedSeq                                  int64
	WholeAtMS                                   int64 `gorm:"column:whole_at_ms"`
	WholeSeq                                    int64
	Broken                                      string
}

// selectSheet adds what was booked since the last mark to its sums, so that it stays quick however long the history is.
const selectSheet = `WITH mark AS (SELECT COALESCE(MAX(seq), 0) AS seq, COALESCE(MAX(checked_at_ms), 0) AS checked_at_ms,
		COALESCE(MAX(whole_at_ms), 0) AS whole_at_ms, COALESCE(MAX(whole_seq), 0) AS whole_seq, COALESCE(MAX(broken), '') AS broken,
		COALESCE(MAX(json_extract(sums, '$.issued')), 0) AS issued, COALESCE(MAX(json_extract(sums, '$.revenue')), 0) AS revenue
		FROM ledger_marks WHERE channel = @c),
	since AS (SELECT COALESCE(SUM(CASE WHEN debit = 'issuance' THEN amount WHEN credit = 'issuance' THEN -amount ELSE 0 END), 0) AS issued,
		COALESCE(SUM(CASE WHEN credit = 'revenue' THEN amount ELSE 0 END), 0) AS revenue
		FROM transfers WHERE channel = @c AND seq > (SELECT seq FROM mark))
	SELECT mark.issued + since.issued AS issued, mark.revenue + since.revenue AS revenue,
		COALESCE((SELECT SUM(balance) FROM wallets WHERE channel = @c), 0) AS wallets,
		COALESCE((SELECT SUM(price) FROM purchases WHERE channel = @c AND state IN ` + openStates + `), 0) AS escrow,
		COALESCE((SELECT transfer_seq FROM channels WHERE channel = @c), 0) AS transfers,
		mark.checked_at_ms, mark.seq AS checked_seq, mark.whole_at_ms, mark.whole_seq, mark.broken
	FROM mark, since`

// Sheet returns the sums of the ledger, all of one instant, and how far it has been checked. It checks nothing.
func (r *Reader) Sheet(ctx context.Context) (ledger.Sheet, error) {
	var b sheetRow
	if err := r.read(ctx, func(q *gorm.DB) error { return q.Raw(selectSheet, map[string]any{"c": r.channel}).Scan(&b).Error }); err != nil {
		return ledger.Sheet{}, err
	}
	out := ledger.Sheet{Totals: ledger.Totals{Transfers: b.Transfers, Issued: ledger.Coins(b.Issued), Wallets: ledger.Coins(b.Wallets),
		Escrow: ledger.Coins(b.Escrow), Revenue: ledger.Coins(b.Revenue)}, CheckedAtMS: b.CheckedAtMS, CheckedSeq: b.CheckedSeq,
		WholeAtMS: b.WholeAtMS, WholeSeq: b.WholeSeq}
	if b.CheckedSeq == 0 {
		out.CheckedAtMS = 0 // a row that only says what was found
	}
	if b.Broken == "" {
		return out, nil
	}
	out.Broken = &ledger.Broken{}
	return out, json.Unmarshal([]byte(b.Broken), out.Broken)
}
