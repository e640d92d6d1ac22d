package store

import (
	"context"
	"encoding/json"
	"fmt"

	"playbill/core/presence"
	"playbill/core/station"
)

// Commit makes a turn durable, whole or not at all. What an impossible fact, a constraint or a full disk refuses, leaves
// nothing behind. Plugin states are a compare-and-set each: one that lost is named in Conflicts and fails nothing.
func (c *Channel) Commit(ctx context.Context, turn station.Turn) (station.Committed, error) {
	var done station.Committed
	err := c.write(ctx, func(t *tx, h *head) (err error) {
		done, err = commitTurn(t, h, &turn)
		return err
	})
	if err != nil {
		return station.Committed{}, refusedAgenda(err)
	}
	return done, nil
}

// commitTurn writes in the order that the constraints ask for: entries before what names them.
func commitTurn(t *tx, h *head, turn *station.Turn) (done station.Committed, err error) {
	t.pass("turn.commit")
	h.AliveAtMS = max(h.AliveAtMS, turn.AtMS)
	h.Epoch = max(h.Epoch, int64(turn.Epoch))
	if turn.OnAir != nil {
		h.OnAirEntry, h.OnAirSinceMS = int64(turn.OnAir.Entry), turn.OnAir.SinceMS
	}
	if turn.Promo != nil {
		text, err := json.Marshal(turn.Promo)
		if err != nil {
			return done, fmt.Errorf("promo state: %w", err)
		}
		h.PromoState = string(text)
	}
	if err := saveFirings(t, h.Channel, turn.Firings); err != nil {
		return done, fmt.Errorf("firings: %w", err)
	}
	if err := saveEntries(t, h, turn); err != nil {
		return done, fmt.Errorf("entries: %w", err)
	}
	if err := saveAirings(t, h, turn.Airings); err != nil {
		return done, fmt.Errorf("as-run: %w", err)
	}
	if done.Purchases, err = befall(t, h, turn.Purchases, turn.AtMS); err != nil {
		return done, fmt.Errorf("purchases: %w", err)
	}
	if done.Conflicts, err = saveStates(t, h.Channel, turn.States, turn.AtMS); err != nil {
		return done, fmt.Errorf("plugin states: %w", err)
	}
	if err := postMakegoods(t, h, turn); err != nil {
		return done, fmt.Errorf("makegoods: %w", err)
	}
	return done, commitRecords(t, h.Channel, turn)
}

// commitRecords writes what nothing else depends on.
func commitRecords(t *tx, channel string, turn *station.Turn) error {
	if err := saveDecisions(t, channel, turn.Decisions); err != nil {
		return fmt.Errorf("decisions: %w", err)
	}
	if err := saveCalls(t, channel, turn.Calls); err != nil {
		return fmt.Errorf("hook calls: %w", err)
	}
	if err := saveNotices(t, channel, turn); err != nil {
		return fmt.Errorf("notices: %w", err)
	}
	if err := saveLocks(t, channel, turn); err != nil {
		return fmt.Errorf("locks: %w", err)
	}
	if err := saveAgenda(t, channel, turn); err != nil {
		return fmt.Errorf("events and loads: %w", err)
	}
	if err := appendAudit(t, channel, turn.AtMS, turn.Audit); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if turn.Clocks == nil {
		return nil
	}
	if err := replaceClocks(t, channel, *turn.Clocks); err != nil {
		return fmt.Errorf("clocks: %w", err)
	}
	return nil
}

// saveStates promotes plugin states by compare-and-set and returns the plugins that lost.
func saveStates(t *tx, channel string, states []station.PluginState, atMS int64) (conflicts []string, err error) {
	for _, s := range states {
		res := t.Exec(`INSERT INTO plugin_state (channel, plugin, rev, version, data, updated_at_ms) SELECT ?, ?, 1, ?, ?, ?
			WHERE ? = 0 ON CONFLICT (channel, plugin) DO NOTHING`, channel, s.Plugin, s.Version, blob(s.Data), atMS, s.Base)
		if s.Base != 0 {
			res = t.Exec(`UPDATE plugin_state SET rev = rev + 1, version = ?, data = ?, updated_at_ms = ?
				WHERE channel = ? AND plugin = ? AND rev = ?`, s.Version, blob(s.Data), atMS, channel, s.Plugin, s.Base)
		}
		if res.Error != nil {
			return nil, res.Error
		}
		if res.RowsAffected == 0 {
			conflicts = append(conflicts, s.Plugin)
			continue
		}
		t.pass("plugin_state.promote")
	}
	return conflicts, nil
}

// saveLocks closes before it opens: a schedule has one open lock of each kind.
func saveLocks(t *tx, channel string, turn *station.Turn) error {
	for id, who := range turn.Unlocked {
		err := t.Exec("UPDATE locks SET closed_at_ms = ?, closed_by = ? WHERE channel = ? AND lock_id = ? AND closed_at_ms IS NULL",
			turn.AtMS, who, channel, id).Error
		if err != nil {
			return err
		}
	}
	for _, l := range turn.Locked {
		row := lockRow{Channel: channel, LockID: l.ID, Kind: l.Kind, ScheduleID: l.Schedule, FiringID: some(l.Firing), Label: l.Label,
			StartsAtMS: l.StartsAtMS, OpenedAtMS: l.OpenedAtMS}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

func saveNotices(t *tx, channel string, turn *station.Turn) error {
	for _, n := range turn.Notices {
		row := noticeRow{Channel: channel, NoticeID: n.ID, UserKey: string(n.User), Text: n.Text, CreatedAtMS: n.CreatedAtMS}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	for _, id := range turn.Told {
		err := t.Exec("UPDATE notices SET told_at_ms = ? WHERE channel = ? AND notice_id = ? AND told_at_ms IS NULL",
			turn.AtMS, channel, id).Error
		if err != nil {
			return err
		}
	}
	return nil
}

func replaceClocks(t *tx, channel string, clocks []presence.Clock) error {
	if err := t.Exec("DELETE FROM presence_clocks WHERE channel = ?", channel).Error; err != nil {
		return err
	}
	for _, c := range clocks {
		row := clockRow{Channel: channel, UserKey: string(c.Owner), AwayMS: c.AwayMS, Plugin: c.Plugin, Reason: c.Reason, UpdatedAtMS: c.AtMS}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}
