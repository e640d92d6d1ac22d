package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"playbill/core/ledger"
)

// markRow is how far a channel's books have been checked.
type markRow struct {
	Channel     string `gorm:"primaryKey"`
	Seq         int64
	Head        digest
	Sums        string
	CheckedAtMS int64 `gorm:"column:checked_at_ms"`
	WholeAtMS   int64 `gorm:"column:whole_at_ms"`
	WholeSeq    int64
	Broken      string
}

// TableName is gorm's.
func (markRow) TableName() string { return "ledger_marks" }

// markSums is what a mark says beside where it stands.
type markSums struct {
	Issued  ledger.Coins            `json:"issued"`
	Wallet  ledger.Coins            `json:"wallet"`
	Escrow  ledger.Coins            `json:"escrow"`
	Revenue ledger.Coins            `json:"revenue"`
	Wallets map[string]ledger.Coins `json:"wallets"`
	Holds   map[string]markHold     `json:"holds"`
}

type markHold struct {
	User   string       `json:"user"`
	Amount ledger.Coins `json:"amount"`
}

// VerifySince checks what was booked since the last mark, and that all of it still adds up, and moves the mark. Without
// a mark, or with one that does not fit the history, it checks all of it. Returned are the sums of the whole history, or
// the first broken invariant as *ledger.Broken: then the mark stays where it was.
func (c *Channel) VerifySince(ctx context.Context, nowMS int64) (ledger.Totals, error) {
	from, err := c.mark(ctx)
	if err != nil {
		return ledger.Totals{}, err
	}
	if from.Seq == 0 {
		return c.VerifyWhole(ctx, nowMS)
	}
	v, err := c.verify(ctx, from, endsSince)
	if err != nil {
		return v.Totals(), err
	}
	return v.Totals(), c.saveMark(ctx, v.Mark(), nowMS, false)
}

// VerifyWhole checks the whole history as Reader.VerifyLedger does, and moves the mark to its end. A broken invariant is
// kept with the mark, which stays where it was, until a check of the whole history finds none.
func (c *Channel) VerifyWhole(ctx context.Context, nowMS int64) (ledger.Totals, error) {
	v, err := c.verify(ctx, ledger.Mark{}, endsOfAll)
	var broken *ledger.Broken
	switch {
	case errors.As(err, &broken):
		return v.Totals(), errors.Join(err, c.saveBroken(ctx, broken, v.Totals().Transfers, nowMS))
	case err != nil:
		return v.Totals(), err
	}
	return v.Totals(), c.saveMark(ctx, v.Mark(), nowMS, true)
}

// mark returns the stored mark; an empty one when there is none that can be trusted: it does not add up, or the
// transfer at which it stands is another one now.
func (c *Channel) mark(ctx context.Context) (m ledger.Mark, err error) {
	err = c.read(ctx, func(q *gorm.DB) error {
		var rows []markRow
		if err := q.Find(&rows, "channel = ?", c.channel).Error; err != nil || len(rows) == 0 || rows[0].Seq == 0 {
			return err
		}
		stored, err := rows[0].mark()
		if err != nil {
			c.db.log.Warn("the mark of the last check is damaged; the whole ledger is checked", "error", err)
			return nil
		}
		var there []transferRow
		err = q.Find(&there, "channel = ? AND seq = ?", c.channel, stored.Seq).Error
		if err == nil && len(there) == 1 && there[0].Hash == stored.Head {
			m = stored
		}
		return err
	})
	return m, err
}

// saveMark replaces the mark. whole: all of the history was checked for it.
func (c *Channel) saveMark(ctx context.Context, m ledger.Mark, nowMS int64, whole bool) error {
	row, err := markOf(c.channel, m, nowMS)
	if err != nil {
		return err
	}
	const moved = "seq = excluded.seq, head = excluded.head, sums = excluded.sums, checked_at_ms = excluded.checked_at_ms"
	kept := ""
	if whole {
		row.WholeAtMS, row.WholeSeq = nowMS, m.Seq
		kept = ", whole_at_ms = excluded.whole_at_ms, whole_seq = excluded.whole_seq, broken = ''"
	}
	return c.write(ctx, func(t *tx, _ *head) error {
		return t.Exec(`INSERT INTO ledger_marks (channel, seq, head, sums, checked_at_ms, whole_at_ms, whole_seq) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (channel) DO UPDATE SET `+moved+kept, row.Channel, row.Seq, row.Head, row.Sums, row.CheckedAtMS, row.WholeAtMS, row.WholeSeq).Error
	})
}

// saveBroken notes what a check of the whole history found, beside the mark.
func (c *Channel) saveBroken(ctx context.Context, found *ledger.Broken, seq, nowMS int64) error {
	text, err := json.Marshal(found)
	if err != nil {
		return err
	}
	return c.write(ctx, func(t *tx, _ *head) error {
		return t.Exec(`INSERT INTO ledger_marks (channel, seq, head, sums, checked_at_ms, whole_at_ms, whole_seq, broken)
			VALUES (@c, 0, zeroblob(32), '{}', @now, @now, @seq, @found) ON CONFLICT (channel) DO UPDATE SET
			whole_at_ms = excluded.whole_at_ms, whole_seq = excluded.whole_seq, broken = excluded.broken`,
			map[string]any{"c": c.channel, "now": nowMS, "seq": seq, "found": string(text)}).Error
	})
}

func markOf(channel string, m ledger.Mark, nowMS int64) (markRow, error) {
	sums := markSums{Issued: m.Totals.Issued, Wallet: m.Totals.Wallets, Escrow: m.Totals.Escrow, Revenue: m.Totals.Revenue,
		Wallets: m.Wallets, Holds: map[string]markHold{}}
	for id, h := range m.Holds {
		sums.Holds[id] = markHold(h)
	}
	text, err := json.Marshal(sums)
	return markRow{Channel: channel, Seq: m.Seq, Head: m.Head, Sums: string(text), CheckedAtMS: nowMS}, err
}

func (r markRow) mark() (ledger.Mark, error) {
	var s markSums
	if err := json.Unmarshal([]byte(r.Sums), &s); err != nil {
		return ledger.Mark{}, fmt.Errorf("sums: %w", err)
	}
	m := ledger.Mark{Seq: r.Seq, Head: r.Head, Wallets: s.Wallets, Holds: map[string]ledger.OpenHold{},
		Totals: ledger.Totals{Transfers: r.Seq, Issued: s.Issued, Wallets: s.Wallet, Escrow: s.Escrow, Revenue: s.Revenue}}
	for id, h := range s.Holds {
		m.Holds[id] = ledger.OpenHold(h)
	}
	return m, m.Check()
}
