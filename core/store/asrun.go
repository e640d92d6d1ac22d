package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"playbill/core/asrun"
	"playbill/core/station"
	"playbill/sdk"
)

// saveAirings writes airings that are over to the log, and keeps the one that is on the air with the channel: it
// becomes a row of the log when it ends, so an advance writes one row of it and not two.
func saveAirings(t *tx, h *head, runs []asrun.Row) error {
	open, err := openRun(h.channelRow)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.EndedAtMS == 0 {
			continue
		}
		if err := saveRun(t, h.Channel, r); err != nil {
			return err
		}
		if open != nil && open.RunID == r.RunID {
			open = nil
		}
	}
	for _, r := range runs {
		if r.EndedAtMS != 0 {
			continue
		}
		if open != nil && open.RunID != r.RunID {
			return &Violation{Constraint: "as_run_one_on_air",
				Cause: fmt.Errorf("airing %d began before airing %d was over", r.RunID, open.RunID)}
		}
		open = &r
	}
	return keepOpenRun(h, open)
}

func saveRun(t *tx, channel string, r asrun.Row) error {
	row := runOf(channel, r)
	return t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
}

func openRun(c channelRow) (*asrun.Row, error) {
	if c.OnAirRun == "" {
		return nil, nil
	}
	var r asrun.Row
	if err := json.Unmarshal([]byte(c.OnAirRun), &r); err != nil {
		return nil, fmt.Errorf("the airing that is on: %w", err)
	}
	return &r, nil
}

func keepOpenRun(h *head, open *asrun.Row) error {
	if open == nil {
		h.OnAirRun = ""
		return nil
	}
	text, err := json.Marshal(open)
	if err != nil {
		return err
	}
	h.OnAirRun = string(text)
	return nil
}

// Asrun returns airings, newest first, that started before an instant, UTC milliseconds; 0 means from the one that is on
// the air.
func (r *Reader) Asrun(ctx context.Context, limit int, beforeMS int64) ([]asrun.Row, error) {
	var out []asrun.Row
	err := r.read(ctx, func(q *gorm.DB) error {
		open, err := r.onTheAir(q)
		if err != nil {
			return err
		}
		out = nil
		if open != nil && (beforeMS == 0 || open.StartedAtMS < beforeMS) {
			out = append(out, *open)
		}
		var rows []runRow
		q = q.Where("channel = ?", r.channel)
		if beforeMS > 0 {
			q = q.Where("started_at_ms < ?", beforeMS)
		}
		if err := q.Order("started_at_ms DESC, run_id DESC").Limit(page(limit)).Find(&rows).Error; err != nil {
			return err
		}
		out = append(out, each(rows, runRow.row)...)
		out = out[:min(len(out), page(limit))]
		return nil
	})
	return out, err
}

// LastPlayed returns when each media started last of those that are over, were no promos, played to half of their length at
// least, and started at an instant or later; UTC milliseconds.
func (r *Reader) LastPlayed(ctx context.Context, sinceMS int64) (map[sdk.Key]int64, error) {
	var out map[sdk.Key]int64
	err := r.read(ctx, func(q *gorm.DB) error {
		var rows []runRow
		err := q.Raw(`SELECT media_type, media_id, MAX(started_at_ms) AS started_at_ms FROM as_run
			WHERE channel = ? AND started_at_ms >= ? AND role NOT IN ('general', 'lead_in') AND ended_at_ms IS NOT NULL
			AND aired_ms * 2 >= length_ms GROUP BY media_type, media_id`, r.channel, sinceMS).Scan(&rows).Error
		out = make(map[sdk.Key]int64, len(rows))
		for _, row := range rows {
			out[sdk.Key{Type: row.MediaType, ID: row.MediaID}] = row.StartedAtMS
		}
		return err
	})
	return out, err
}

func (r *Reader) onTheAir(q *gorm.DB) (*asrun.Row, error) {
	var rows []channelRow
	if err := q.Find(&rows, "channel = ?", r.channel).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	return openRun(rows[0])
}

func saveDecisions(t *tx, channel string, decisions []asrun.Decision) error {
	for _, d := range decisions {
		detail, err := json.Marshal(d.Detail)
		if err != nil {
			return err
		}
		row := decisionRow{Channel: channel, DecisionID: d.ID, AtMS: d.AtMS, EventID: d.EventID, Hook: d.Hook,
			TargetID: some(d.Target), Rule: d.Rule, Outcome: d.Outcome, SettingsRev: int64(d.SettingsRev), Seed: int64(d.Seed),
			Detail: string(detail)}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// Decisions returns decisions, newest first, before the one numbered beforeID; 0 means from the newest.
func (r *Reader) Decisions(ctx context.Context, limit int, beforeID int64) ([]asrun.Decision, error) {
	var out []asrun.Decision
	err := r.read(ctx, func(q *gorm.DB) error {
		q = q.Where("channel = ?", r.channel)
		if beforeID > 0 {
			q = q.Where("decision_id < ?", beforeID)
		}
		var rows []decisionRow
		if err := q.Order("decision_id DESC").Limit(page(limit)).Find(&rows).Error; err != nil {
			return err
		}
		out = make([]asrun.Decision, len(rows))
		for i, row := range rows {
			d, err := row.decision()
			if err != nil {
				return err
			}
			out[i] = d
		}
		return nil
	})
	return out, err
}

func (r decisionRow) decision() (asrun.Decision, error) {
	d := asrun.Decision{ID: r.DecisionID, AtMS: r.AtMS, EventID: r.EventID, Hook: r.Hook, Target: value(r.TargetID),
		Rule: r.Rule, Outcome: r.Outcome, SettingsRev: uint64(r.SettingsRev), Seed: uint64(r.Seed)}
	if err := json.Unmarshal([]byte(r.Detail), &d.Detail); err != nil {
		return d, fmt.Errorf("decision %d: %w", r.DecisionID, err)
	}
	return d, nil
}

func saveCalls(t *tx, channel string, calls []station.Outcome) error {
	for _, o := range calls {
		row := callRow{Channel: channel, EventID: o.EventID, Plugin: o.Plugin, AtMS: o.AtMS, Hook: string(o.Hook),
			Outcome: string(o.Kind), Why: o.Why, LatencyUS: o.LatencyUS, Priority: o.Priority, Version: o.Version,
			BinarySHA256: o.SHA256, SettingsRev: int64(o.SettingsRevision), StateRev: o.StateRev,
			StateVersion: int64(o.StateVersion), Request: blob(o.Request), Reply: o.Reply}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// HookCalls returns calls, newest first, of one plugin or, with an empty name, of all. Answer and Verdicts are not
// filled in: Reply holds them as they were on the wire.
func (r *Reader) HookCalls(ctx context.Context, plugin string, limit int) ([]station.Outcome, error) {
	var rows []callRow
	err := r.read(ctx, func(q *gorm.DB) error {
		q = q.Where("channel = ?", r.channel)
		if plugin != "" {
			q = q.Where("plugin = ?", plugin)
		}
		return q.Order("at_ms DESC, rowid DESC").Limit(page(limit)).Find(&rows).Error
	})
	return each(rows, callRow.outcome), err
}

func (r callRow) outcome() station.Outcome {
	return station.Outcome{EventID: r.EventID, Hook: station.Hook(r.Hook), Plugin: r.Plugin, Version: r.Version,
		SHA256: r.BinarySHA256, Priority: r.Priority, Kind: station.Kind(r.Outcome), SettingsRevision: uint64(r.SettingsRev),
		StateRev: r.StateRev, StateVersion: uint32(r.StateVersion), AtMS: r.AtMS, LatencyUS: r.LatencyUS, Why: r.Why,
		Request: r.Request, Reply: r.Reply}
}

func runOf(channel string, r asrun.Row) runRow {
	return runRow{Channel: channel, RunID: r.RunID, EntryID: r.Entry, Role: r.Role, PromoType: some(r.PromoType),
		MediaType: r.MediaType, MediaID: r.MediaID, Title: r.Title, LengthMS: r.LengthMS, PlannedAtMS: some(r.PlannedAtMS),
		StartedAtMS: r.StartedAtMS, EndedAtMS: some(r.EndedAtMS), AiredMS: r.AiredMS, Counted: r.Counted, How: some(r.How),
		ByWhom: some(r.ByWhom), PeopleStart: people(r.PeopleStart), PeopleEnd: people(r.PeopleEnd), DecisionID: some(r.Decision),
		Observed: r.Observed, Held: r.Held}
}

func (r runRow) row() asrun.Row {
	return asrun.Row{RunID: r.RunID, Entry: r.EntryID, Role: r.Role, PromoType: value(r.PromoType), MediaType: r.MediaType,
		MediaID: r.MediaID, Title: r.Title, LengthMS: r.LengthMS, PlannedAtMS: value(r.PlannedAtMS), StartedAtMS: r.StartedAtMS,
		EndedAtMS: value(r.EndedAtMS), AiredMS: r.AiredMS, Counted: r.Counted, How: value(r.How), ByWhom: value(r.ByWhom),
		PeopleStart: known(r.PeopleStart), PeopleEnd: known(r.PeopleEnd), Decision: value(r.DecisionID), Observed: r.Observed, Held: r.Held}
}

// people stores a number that is not known, -1, as NULL; known reads it back.
func people(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

func known(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}
