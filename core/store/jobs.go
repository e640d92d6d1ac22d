package store

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"playbill/core/jobs"
)

type jobRow struct {
	Channel     string `gorm:"primaryKey"`
	JobID       int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind        string
	Subject     string
	Actor       string
	State       string
	Done        int64
	Total       int64
	Note        string
	Problems    string
	Cursor      string
	StartedAtMS int64  `gorm:"column:started_at_ms"`
	UpdatedAtMS int64  `gorm:"column:updated_at_ms"`
	EndedAtMS   *int64 `gorm:"column:ended_at_ms"`
}

// TableName is gorm's.
func (jobRow) TableName() string { return "jobs" }

// SaveJob writes a job; one without an ID gets the next.
func (c *Channel) SaveJob(ctx context.Context, j jobs.Job) (jobs.Job, error) {
	problems, err := json.Marshal(j.Problems)
	if err != nil {
		return j, err
	}
	err = c.write(ctx, func(t *tx, h *head) error {
		if j.ID == 0 {
			if err := t.one("SELECT COALESCE(MAX(job_id), 0) + 1 FROM jobs WHERE channel = ?", h.Channel).Scan(&j.ID); err != nil {
				return err
			}
		}
		return t.Save(&jobRow{Channel: h.Channel, JobID: j.ID, Kind: j.Kind, Subject: j.Subject, Actor: j.Actor, State: string(j.State),
			Done: j.Done, Total: j.Total, Note: j.Note, Problems: string(problems), Cursor: j.Cursor, StartedAtMS: j.StartedMS,
			UpdatedAtMS: j.UpdatedMS, EndedAtMS: some(j.EndedMS)}).Error
	})
	return j, err
}

// Jobs returns the newest jobs, newest first.
func (r *Reader) Jobs(ctx context.Context, limit int) ([]jobs.Job, error) {
	var out []jobs.Job
	err := r.read(ctx, func(q *gorm.DB) error {
		var rows []jobRow
		if err := q.Order("job_id DESC").Limit(page(limit)).Find(&rows, "channel = ?", r.channel).Error; err != nil {
			return err
		}
		out = make([]jobs.Job, len(rows))
		for i, row := range rows {
			out[i] = jobs.Job{ID: row.JobID, Kind: row.Kind, Subject: row.Subject, Actor: row.Actor, State: jobs.State(row.State), Done: row.Done,
				Total: row.Total, Note: row.Note, Cursor: row.Cursor, StartedMS: row.StartedAtMS, UpdatedMS: row.UpdatedAtMS, EndedMS: value(row.EndedAtMS)}
			if err := json.Unmarshal([]byte(row.Problems), &out[i].Problems); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
