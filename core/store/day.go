package store

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"gorm.io/gorm"

	"playbill/core/ledger"
	"playbill/sdk"
)

// Day is what was booked and what aired since an instant.
type Day struct {
	Paid, Refunded         int          // purchases that were held, and that were paid back
	Spent, Earned, Granted ledger.Coins // settled, for being there, by admins
	Promos, PromosCut      int          // promos whose airing is over, and those of them that did not play to their end
	PromoMS                int64        // media milliseconds of them
}

// setBackMost is by how much a clock may have been set back for the sums of a day to be whole all the same.
const setBackMost = 2 * time.Hour

// Since sums up what was booked and aired since an instant, UTC milliseconds. It reads the transfers from the newest back
// to that instant and little further.
func (r *Reader) Since(ctx context.Context, fromMS int64) (Day, error) {
	var d Day
	err := r.read(ctx, func(q *gorm.DB) error {
		d = Day{}
		if err := r.booked(q, fromMS, &d); err != nil {
			return err
		}
		return q.Raw(`SELECT COUNT(*), COALESCE(SUM(how <> 'played'), 0), COALESCE(SUM(aired_ms), 0) FROM as_run
			WHERE channel = ? AND started_at_ms >= ? AND role IN ('general','lead_in')`, r.channel, fromMS).
			Row().Scan(&d.Promos, &d.PromosCut, &d.PromoMS)
	})
	return d, err
}

func (r *Reader) booked(q *gorm.DB, fromMS int64, d *Day) error {
	rows, err := q.Raw("SELECT kind, amount, at_ms FROM transfers WHERE channel = ? ORDER BY seq DESC", r.channel).Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error shows in rows.Err
	for rows.Next() {
		var kind string
		var amount ledger.Coins
		var atMS int64
		if err := rows.Scan(&kind, &amount, &atMS); err != nil || atMS < fromMS-setBackMost.Milliseconds() {
			return err
		}
		if atMS >= fromMS {
			d.add(kind, amount)
		}
	}
	return rows.Err()
}

func (d *Day) add(kind string, amount ledger.Coins) {
	switch kind {
	case ledger.Hold:
		d.Paid++
	case ledger.Release:
		d.Refunded++
	case ledger.Settle:
		d.Spent += amount
	case ledger.Earn:
		d.Earned += amount
	case ledger.Grant:
		d.Granted += amount
	}
}

// LastAired returns when each of these clips was last on the air as a promo, UTC milliseconds; what never was is not in
// it. The airing that is not over yet does not count.
func (r *Reader) LastAired(ctx context.Context, clips []sdk.Key) (map[sdk.Key]int64, error) {
	out := make(map[sdk.Key]int64, len(clips))
	err := r.read(ctx, func(q *gorm.DB) error {
		for len(clips) > 0 {
			some := clips[:min(len(clips), keysMax)]
			clips = clips[len(some):]
			if err := r.lastAired(q, some, out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (r *Reader) lastAired(q *gorm.DB, clips []sdk.Key, out map[sdk.Key]int64) error {
	args := []any{r.channel}
	for _, k := range clips {
		args = append(args, k.Type, k.ID)
	}
	rows, err := q.Raw(`SELECT media_type, media_id, MAX(started_at_ms) FROM as_run
		WHERE channel = ? AND (media_type, media_id) IN (VALUES `+strings.TrimSuffix(strings.Repeat("(?,?),", len(clips)), ",")+`)
		AND role IN ('general','lead_in') GROUP BY media_type, media_id`, args...).Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error shows in rows.Err
	for rows.Next() {
		var k sdk.Key
		var atMS int64
		if err := rows.Scan(&k.Type, &k.ID, &atMS); err != nil {
			return err
		}
		out[k] = atMS
	}
	return rows.Err()
}

// Sums returns what the ledger adds up to now: the sums of the last check that found it true, and what was booked since.
// checkedMS is when that check was, UTC milliseconds; 0: never.
func (r *Reader) Sums(ctx context.Context) (now ledger.Totals, checkedMS int64, err error) {
	err = r.read(ctx, func(q *gorm.DB) error {
		var rows []markRow
		if err := q.Find(&rows, "channel = ?", r.channel).Error; err != nil {
			return err
		}
		now = ledger.Totals{}
		if len(rows) > 0 {
			var s markSums
			if err := json.Unmarshal([]byte(rows[0].Sums), &s); err != nil {
				return fmt.Errorf("read the mark of the last check: %w", err)
			}
			checkedMS = rows[0].CheckedAtMS
			now = ledger.Totals{Transfers: rows[0].Seq, Issued: s.Issued, Wallets: s.Wallet, Escrow: s.Escrow, Revenue: s.Revenue}
		}
		return r.bookedSince(q, &now)
	})
	return now, checkedMS, err
}

// bookedSince adds what was booked behind the last transfer of the sums.
func (r *Reader) bookedSince(q *gorm.DB, sums *ledger.Totals) error {
	var moved []struct {
		Debit, Credit ledger.Account
		Coins         ledger.Coins
		N             int64
	}
	if err := q.Raw(`SELECT debit, credit, SUM(amount) AS coins, COUNT(*) AS n FROM transfers
		WHERE channel = ? AND seq > ? GROUP BY debit, credit`, r.channel, sums.Transfers).Scan(&moved).Error; err != nil {
		return err
	}
	of := map[ledger.Account]*ledger.Coins{ledger.Wallet: &sums.Wallets, ledger.Escrow: &sums.Escrow, ledger.Revenue: &sums.Revenue}
	for _, m := range moved {
		sums.Transfers += m.N
		if from := of[m.Debit]; from != nil {
			*from -= m.Coins
		} else {
			sums.Issued += m.Coins
		}
		if to := of[m.Credit]; to != nil {
			*to += m.Coins
		} else {
			sums.Issued -= m.Coins
		}
	}
	return nil
}

// Sizes is what the database weighs, and how quickly it becomes durable.
type Sizes struct {
	Bytes, WAL int64 // of the database file, and of what waits beside it to become part of it
	CommitUS   int64 // how long the last transaction took to be on the disk, in microseconds; 0: there was none yet
}

// Sizes returns what the database weighs now. A file that cannot be looked at counts as empty.
func (r *Reader) Sizes() Sizes {
	s := Sizes{Bytes: weight(r.db.path), WAL: weight(r.db.path + "-wal")}
	if r.db.writer != nil {
		s.CommitUS = r.db.writer.tookUS.Load()
	}
	return s
}

func weight(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
