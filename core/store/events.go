package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/station"
)

// alarmsMax is how many things that went wrong with events are shown until somebody puts them away.
const alarmsMax = 20

// saveFirings writes firings before the entries that name them, those that end before the one that begins: a channel
// has one at a time.
func saveFirings(t *tx, channel string, firings []event.Firing) error {
	ended := func(f event.Firing) int { return int(min(f.EndedAtMS, 1)) }
	ordered := slices.Clone(firings)
	slices.SortStableFunc(ordered, func(a, b event.Firing) int { return cmp.Compare(ended(b), ended(a)) })
	for _, f := range ordered {
		failed, err := failedText(f.Failed)
		if err != nil {
			return err
		}
		row := firingRow{Channel: channel, FiringID: f.ID, ScheduleID: f.Schedule, DueAtMS: f.DueAtMS, Step: string(f.Step),
			Loaded: f.Loaded, Failed: failed, LastEntryID: some(f.LastEntry), OpenedAtMS: f.OpenedAtMS,
			EndedAtMS: some(f.EndedAtMS), EndedHow: some(f.EndedHow), Label: f.Label, PlaylistID: f.Playlist,
			FallbackID: some(f.Fallback), Immutable: f.Immutable, FiredBy: f.By, Alarm: f.Alarm, SeenBy: f.SeenBy}
		if err := t.Save(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// saveAgenda writes schedules and loads.
func saveAgenda(t *tx, channel string, turn *station.Turn) error {
	for _, s := range turn.Schedules {
		row := scheduleRow{Channel: channel, ScheduleID: s.ID, PlaylistID: s.Playlist, FallbackID: some(s.Fallback), Label: s.Label,
			StartLocal: s.Start, RRule: s.Rule, LockMinutes: s.LockMinutes, ImmutableUntilMS: some(s.ImmutableUntilMS),
			Active: s.Active, Rotate: s.Rotate, NextAtMS: some(s.NextAtMS), WaivedMS: some(s.WaivedMS), Rev: s.Rev}
		if err := t.Save(&row).Error; err != nil {
			return err
		}
	}
	for _, id := range turn.Unscheduled {
		if err := t.Exec("DELETE FROM schedules WHERE channel = ? AND schedule_id = ?", channel, id).Error; err != nil {
			return err
		}
	}
	for _, l := range turn.Loads {
		failed, err := failedText(l.Failed)
		if err != nil {
			return err
		}
		row := loadRow{Channel: channel, LoadID: l.ID, PlaylistID: l.Playlist, Name: l.Name, StartedBy: l.By, Total: l.Total,
			Done: l.Done, Failed: failed, StartedAtMS: l.StartedAtMS, EndedAtMS: some(l.EndedAtMS), EndedHow: some(l.EndedHow), Why: l.Why}
		if err := t.Save(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// postMakegoods books what buyers are given back for what was cut short; each once, whatever is tried.
func postMakegoods(t *tx, h *head, turn *station.Turn) error {
	for _, m := range turn.Makegoods {
		p, err := purchaseIn(t, h.Channel, m.Purchase)
		if err != nil {
			return err
		}
		good := ledger.Transfer{Kind: ledger.Makegood, Debit: ledger.Issuance, Credit: ledger.Wallet, User: string(p.Buyer),
			UserName: p.BuyerName, Amount: p.Price, Key: p.ID + ":" + ledger.Makegood, Reason: m.Reason + " " + p.ID, Actor: "host"}
		first, err := again(t, h, good)
		if err != nil {
			return err
		}
		if first != nil || p.State != pay.Settled {
			continue // it was given already, or is refunded instead
		}
		if _, err := postNew(t, h, good, turn.AtMS); err != nil {
			return err
		}
	}
	return nil
}

// refusedAgenda gives a refusal of the schema words, where a person may have caused it: by deleting a playlist in the
// same moment, or by an event that somebody else fires.
func refusedAgenda(err error) error {
	switch violates(err) {
	case "schedules_playlist_fk", "schedules_fallback_fk":
		return fault.Wrap(err, fault.Conflict, "That playlist was deleted meanwhile. Nothing was changed; choose another one.")
	case "firings_once", "firings_one_running":
		return fault.Wrap(err, fault.Conflict, "That event has been fired already. Nothing was changed.")
	case "loads_one_running":
		return fault.Wrap(err, fault.Conflict, "Another playlist is being loaded. Nothing was changed.")
	}
	return err
}

// loadAgenda reads what a station must know of events and loads. A row that makes no sense is read as it is: whoever
// arms it says what is wrong with it.
func (c *Channel) loadAgenda(q *gorm.DB, w *station.World) (err error) {
	var schedules []scheduleRow
	var running, alarms, ran []firingRow
	var loads []loadRow
	err = errors.Join(
		q.Order("schedule_id").Find(&schedules, "channel = ?", c.channel).Error,
		q.Find(&running, "channel = ? AND ended_at_ms IS NULL", c.channel).Error,
		q.Order("firing_id DESC").Limit(alarmsMax).Find(&alarms, "channel = ? AND ended_at_ms IS NOT NULL AND alarm <> '' AND seen_by = ''", c.channel).Error,
		q.Order("firing_id DESC").Limit(alarmsMax).Find(&ran, "channel = ?", c.channel).Error,
		q.Order("load_id DESC").Limit(1).Find(&loads, "channel = ?", c.channel).Error)
	w.Schedules = each(schedules, scheduleRow.schedule)
	w.Ran = each(ran, firingRow.firing)
	w.Alarms = each(alarms, firingRow.firing)
	slices.Reverse(w.Alarms)
	for _, f := range each(running, firingRow.firing) {
		w.Firing = &f
	}
	for _, l := range each(loads, loadRow.progress) {
		w.Load = &l
	}
	return err
}

// Firings returns how events went, newest first, before the one numbered beforeID; 0 means from the newest.
func (r *Reader) Firings(ctx context.Context, limit int, beforeID int64) ([]event.Firing, error) {
	var rows []firingRow
	err := r.read(ctx, func(q *gorm.DB) error {
		q = q.Where("channel = ?", r.channel)
		if beforeID > 0 {
			q = q.Where("firing_id < ?", beforeID)
		}
		return q.Order("firing_id DESC").Limit(page(limit)).Find(&rows).Error
	})
	return each(rows, firingRow.firing), err
}

// Schedules returns the stored schedules, by id.
func (r *Reader) Schedules(ctx context.Context) ([]event.Schedule, error) {
	var rows []scheduleRow
	err := r.read(ctx, func(q *gorm.DB) error {
		return q.Order("schedule_id").Find(&rows, "channel = ?", r.channel).Error
	})
	return each(rows, scheduleRow.schedule), err
}

func (r scheduleRow) schedule() event.Schedule {
	return event.Schedule{ID: r.ScheduleID, Rev: r.Rev, Label: r.Label, Playlist: r.PlaylistID, Fallback: value(r.FallbackID),
		Start: r.StartLocal, Rule: r.RRule, LockMinutes: r.LockMinutes, ImmutableUntilMS: value(r.ImmutableUntilMS),
		Active: r.Active, Rotate: r.Rotate, NextAtMS: value(r.NextAtMS), WaivedMS: value(r.WaivedMS)}
}

func (r firingRow) firing() event.Firing {
	return event.Firing{ID: r.FiringID, Schedule: r.ScheduleID, Label: r.Label, Playlist: r.PlaylistID, Fallback: value(r.FallbackID),
		Immutable: r.Immutable, DueAtMS: r.DueAtMS, OpenedAtMS: r.OpenedAtMS, By: r.FiredBy, Step: event.Step(r.Step), Loaded: r.Loaded,
		Failed: failedOf(r.Failed), LastEntry: value(r.LastEntryID), EndedAtMS: value(r.EndedAtMS), EndedHow: value(r.EndedHow),
		Alarm: r.Alarm, SeenBy: r.SeenBy}
}

func (r loadRow) progress() station.Loading {
	return station.Loading{ID: r.LoadID, Playlist: r.PlaylistID, Name: r.Name, By: r.StartedBy, Total: r.Total, Done: r.Done,
		Failed: failedOf(r.Failed), StartedAtMS: r.StartedAtMS, EndedAtMS: value(r.EndedAtMS), EndedHow: value(r.EndedHow), Why: r.Why}
}

// failure is one title that could not be loaded, as it is stored.
type failure struct {
	Title string `json:"title"`
	Why   string `json:"why"`
}

func failedText(failed []event.Failed) (string, error) {
	text, err := json.Marshal(each(failed, func(f event.Failed) failure { return failure(f) }))
	if err != nil {
		return "", fmt.Errorf("failed titles: %w", err)
	}
	return string(text), nil
}

// failedOf reads them back; a text that cannot be read names itself, for the row is still worth its other columns.
func failedOf(text string) []event.Failed {
	var stored []failure
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return []event.Failed{{Title: "?", Why: "what was stored cannot be read: " + text}}
	}
	if len(stored) == 0 {
		return nil
	}
	return each(stored, func(f failure) event.Failed { return event.Failed(f) })
}
