package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/presence"
	"playbill/core/shadow"
	"playbill/core/station"
)

// Load returns what a station starts from, all of one instant. FirstRun means that no turn was ever committed. Recent
// reaches back from the last committed turn, for nobody knows here what time it is.
func (c *Channel) Load(ctx context.Context) (station.World, error) {
	w := station.World{Fence: c.fence}
	err := c.read(ctx, func(q *gorm.DB) error {
		var rows []channelRow
		if err := q.Find(&rows, "channel = ?", c.channel).Error; err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].Fence != c.fence {
			return c.fenced("")
		}
		return errors.Join(c.loadChannel(q, rows[0], &w), c.loadEntries(q, &w), c.loadState(q, &w), c.loadAgenda(q, &w), c.loadCounters(q, &w))
	})
	if err != nil {
		return station.World{}, err
	}
	return w, nil
}

func (c *Channel) loadChannel(_ *gorm.DB, row channelRow, w *station.World) (err error) {
	w.Epoch = channel.Epoch(row.Epoch)
	w.OnAir = station.OnAir{Entry: shadow.EntryID(row.OnAirEntry), SinceMS: row.OnAirSinceMS}
	w.AliveAtMS = row.AliveAtMS
	w.FirstRun = row.AliveAtMS == 0
	if err := json.Unmarshal([]byte(row.PromoState), &w.Promo); err != nil {
		return fmt.Errorf("promo state: %w", err)
	}
	w.OpenRun, err = openRun(row)
	return err
}

func (c *Channel) loadEntries(q *gorm.DB, w *station.World) (err error) {
	if w.Entries, err = findEntries(q, "channel = ? AND state <> 'ended'", c.channel); err != nil {
		return err
	}
	w.Recent, err = findEntries(q, "channel = ? AND state = 'ended' AND role <> 'content' AND ended_at_ms >= ?",
		c.channel, w.AliveAtMS-ghostWindow.Milliseconds())
	if err != nil {
		return err
	}
	if w.Purchases, err = purchasesWhere(q, c.channel, "AND p.state IN "+openStates+" ORDER BY p.hold_seq"); err != nil {
		return err
	}
	onAir, err := purchasesWhere(q, c.channel, "AND p.state = 'settled' AND p.purchase_id = (SELECT purchase_id FROM entries WHERE channel = ? AND entry_id = ?)",
		c.channel, w.OnAir.Entry)
	w.Purchases = append(w.Purchases, onAir...)
	return err
}

func (c *Channel) loadState(q *gorm.DB, w *station.World) error {
	var states []stateRow
	var clocks []clockRow
	var notices []noticeRow
	err := errors.Join(
		q.Find(&states, "channel = ?", c.channel).Error,
		q.Order("user_key").Find(&clocks, "channel = ?", c.channel).Error,
		q.Order("notice_id").Find(&notices, "channel = ? AND told_at_ms IS NULL", c.channel).Error)
	w.States = make(map[string]station.PluginState, len(states))
	for _, s := range states {
		w.States[s.Plugin] = station.PluginState{Plugin: s.Plugin, Base: s.Rev, Version: uint32(s.Version), Data: s.Data}
	}
	w.Clocks = each(clocks, clockRow.clock)
	w.Notices = each(notices, noticeRow.notice)
	if err != nil {
		return err
	}
	w.Locks, err = openLocks(q, c.channel)
	return err
}

func (c *Channel) loadCounters(q *gorm.DB, w *station.World) error {
	var last struct{ Run, Decision, Notice, Lock, Schedule, Firing, Load int64 }
	err := q.Raw(`SELECT COALESCE((SELECT MAX(run_id) FROM as_run WHERE channel = @c), 0) AS run,
		COALESCE((SELECT MAX(decision_id) FROM decisions WHERE channel = @c), 0) AS decision,
		COALESCE((SELECT MAX(notice_id) FROM notices WHERE channel = @c), 0) AS notice,
		COALESCE((SELECT MAX(lock_id) FROM locks WHERE channel = @c), 0) AS lock,
		MAX(COALESCE((SELECT MAX(schedule_id) FROM schedules WHERE channel = @c), 0),
			COALESCE((SELECT MAX(schedule_id) FROM firings WHERE channel = @c), 0)) AS schedule,
		COALESCE((SELECT MAX(firing_id) FROM firings WHERE channel = @c), 0) AS firing,
		COALESCE((SELECT MAX(load_id) FROM loads WHERE channel = @c), 0) AS load`,
		map[string]any{"c": c.channel}).Scan(&last).Error
	w.LastRun, w.LastDecision, w.LastNotice, w.LastLock = last.Run, last.Decision, last.Notice, last.Lock
	w.LastSchedule, w.LastFiring, w.LastLoad = last.Schedule, last.Firing, last.Load
	if w.OpenRun != nil {
		w.LastRun = max(w.LastRun, w.OpenRun.RunID)
	}
	return err
}

// Locks returns the open locks, oldest first.
func (r *Reader) Locks(ctx context.Context) ([]event.Lock, error) {
	var locks []event.Lock
	err := r.read(ctx, func(q *gorm.DB) (err error) {
		locks, err = openLocks(q, r.channel)
		return err
	})
	return locks, err
}

func openLocks(q *gorm.DB, channel string) ([]event.Lock, error) {
	var rows []lockRow
	err := q.Order("opened_at_ms, lock_id").Find(&rows, "channel = ? AND closed_at_ms IS NULL", channel).Error
	return each(rows, lockRow.lock), err
}

func (r lockRow) lock() event.Lock {
	return event.Lock{ID: r.LockID, Kind: r.Kind, Schedule: r.ScheduleID, Firing: value(r.FiringID), Label: r.Label,
		OpenedAtMS: r.OpenedAtMS, StartsAtMS: r.StartsAtMS}
}

func (r clockRow) clock() presence.Clock {
	return presence.Clock{Owner: channel.UserKey(r.UserKey), AwayMS: r.AwayMS, Plugin: r.Plugin, Reason: r.Reason, AtMS: r.UpdatedAtMS}
}

func (r noticeRow) notice() station.Notice {
	return station.Notice{ID: r.NoticeID, User: channel.UserKey(r.UserKey), Text: r.Text, CreatedAtMS: r.CreatedAtMS}
}
