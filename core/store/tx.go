package store

import (
	"database/sql"
	"maps"

	"gorm.io/gorm"
)

// tx is the writer's transaction as one request sees it. It never leaves this package.
type tx struct {
	*gorm.DB
	heads  map[string]head // the channels rows that this transaction has read; written once, before COMMIT
	points []string        // failpoints that were passed
}

// head is a row of channels: the fence, the counters, the end of the chain. It is read at most once and written at most
// once per transaction, however many requests share it.
type head struct {
	channelRow
	dirty bool
}

// mark is what a refused request must give back beside its rows.
type mark struct {
	heads  map[string]head
	points int
}

func (t *tx) mark() mark { return mark{heads: maps.Clone(t.heads), points: len(t.points)} }

func (t *tx) back(m mark) { t.heads, t.points = maps.Clone(m.heads), t.points[:m.points] }

// run executes one statement past gorm, which takes as long for it as SQLite does. For what every hold and every turn
// does; the prepared statement is the same.
func (t *tx) run(query string, args ...any) error {
	_, err := t.Statement.ConnPool.ExecContext(t.Statement.Context, query, args...)
	return err
}

// one reads one row past gorm.
func (t *tx) one(query string, args ...any) *sql.Row {
	return t.Statement.ConnPool.QueryRowContext(t.Statement.Context, query, args...)
}

// pass notes a failpoint, once per transaction.
func (t *tx) pass(point string) {
	for _, p := range t.points {
		if p == point {
			return
		}
	}
	t.points = append(t.points, point)
}

// head returns a channel's row for reading; ok is false when there is none.
func (t *tx) head(channel string) (h head, ok bool, err error) {
	if h, ok := t.heads[channel]; ok {
		return h, true, nil
	}
	var rows []channelRow
	if err := t.Raw("SELECT * FROM channels WHERE channel = ?", channel).Scan(&rows).Error; err != nil {
		return head{}, false, err
	}
	if len(rows) == 0 {
		return head{}, false, nil
	}
	h = head{channelRow: rows[0]}
	t.heads[channel] = h
	return h, true, nil
}

// keep stores a changed row with the transaction.
func (t *tx) keep(h head) {
	h.dirty = true
	t.heads[h.Channel] = h
}

func (t *tx) saveHeads() error {
	for _, h := range t.heads {
		if !h.dirty {
			continue
		}
		if err := t.Save(&h.channelRow).Error; err != nil {
			return err
		}
	}
	return nil
}
