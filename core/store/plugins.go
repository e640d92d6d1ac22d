package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Supervised is what must survive a restart of the host about one plugin, so that a quarantine is not forgotten.
type Supervised struct {
	Plugin    string
	Wanted    bool
	State     string // disabled, starting, ready, draining, backoff, quarantined, incompatible
	Reason    string
	SHA256    string  // of the binary, hex
	CrashesMS []int64 // UTC milliseconds of the crashes that still count
	RetryAtMS int64   // UTC milliseconds; 0: none is planned
	Tail      string  // the last lines of its log
}

// SavePlugin replaces what is stored about one plugin.
func (c *Channel) SavePlugin(ctx context.Context, s Supervised) error {
	crashes, err := json.Marshal(append([]int64{}, s.CrashesMS...))
	if err != nil {
		return err
	}
	row := pluginRow{Plugin: s.Plugin, Wanted: s.Wanted, State: s.State, Reason: s.Reason, SHA256: s.SHA256,
		Crashes: string(crashes), RetryAtMS: some(s.RetryAtMS), Tail: s.Tail}
	return c.write(ctx, func(t *tx, _ *head) error {
		return t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
}

// Plugins returns what is stored about every plugin, by name.
func (r *Reader) Plugins(ctx context.Context) ([]Supervised, error) {
	var rows []pluginRow
	err := r.read(ctx, func(q *gorm.DB) error { return q.Order("plugin").Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	out := make([]Supervised, len(rows))
	for i, row := range rows {
		out[i] = Supervised{Plugin: row.Plugin, Wanted: row.Wanted, State: row.State, Reason: row.Reason, SHA256: row.SHA256,
			RetryAtMS: value(row.RetryAtMS), Tail: row.Tail}
		if err := json.Unmarshal([]byte(row.Crashes), &out[i].CrashesMS); err != nil {
			return nil, fmt.Errorf("crashes of plugin %s: %w", row.Plugin, err)
		}
	}
	return out, nil
}
