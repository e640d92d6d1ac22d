package store

import (
	"context"
	"fmt"
)

// Sweep removes hook calls, decisions and audit entries that are older than the instants given, UTC milliseconds, and
// returns how many rows that were. It works in small steps, so that nobody waits for it. The newest row of each numbered
// table stays: the numbers go on from it. Request keys are part of their purchases and stay with them for ever, so that
// one never buys twice however late it comes again.
func (c *Channel) Sweep(ctx context.Context, callsMS, decisionsMS, auditMS int64) (removed int64, err error) {
	for _, s := range []struct {
		table, newest string
		beforeMS      int64
	}{
		{"hook_calls", "", callsMS},
		{"decisions", "AND decision_id < (SELECT MAX(decision_id) FROM decisions WHERE channel = @c)", decisionsMS},
		{"audit", "AND audit_id < (SELECT MAX(audit_id) FROM audit WHERE channel = @c)", auditMS},
	} {
		query := fmt.Sprintf("DELETE FROM %s WHERE rowid IN (SELECT rowid FROM %s WHERE channel = @c AND at_ms < @before %s LIMIT @n)",
			s.table, s.table, s.newest)
		for step := int64(sweepStep); step == sweepStep; removed += step {
			err := c.write(ctx, func(t *tx, _ *head) error {
				done := t.Exec(query, map[string]any{"c": c.channel, "before": s.beforeMS, "n": sweepStep})
				step = done.RowsAffected
				return done.Error
			})
			if err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}
