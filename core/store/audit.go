package store

import (
	"context"

	"gorm.io/gorm"

	"playbill/core/audit"
)

// Audit writes entries that belong to no transaction of the store: a change of the configuration, an entry that was
// taken off the list.
func (c *Channel) Audit(ctx context.Context, entries ...audit.Entry) error {
	return c.write(ctx, func(t *tx, _ *head) error { return appendAudit(t, c.channel, 0, entries) })
}

// AuditTrail returns entries, newest first, before the one numbered beforeID; 0 means from the newest.
func (r *Reader) AuditTrail(ctx context.Context, limit int, beforeID int64) ([]audit.Entry, error) {
	var rows []auditRow
	err := r.read(ctx, func(q *gorm.DB) error {
		q = q.Where("channel = ?", r.channel)
		if beforeID > 0 {
			q = q.Where("audit_id < ?", beforeID)
		}
		return q.Order("audit_id DESC").Limit(page(limit)).Find(&rows).Error
	})
	return each(rows, auditRow.entry), err
}

// appendAudit numbers the entries behind the stored ones. nowMS is their time where they bring none.
func appendAudit(t *tx, channel string, nowMS int64, entries []audit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	var last int64
	if err := t.Raw("SELECT COALESCE(MAX(audit_id), 0) FROM audit WHERE channel = ?", channel).Scan(&last).Error; err != nil {
		return err
	}
	for i, e := range entries {
		row := auditRow{Channel: channel, AuditID: last + int64(i) + 1, AtMS: e.AtMS, Actor: e.Actor, Action: e.Action,
			Subject: e.Subject, Before: some(e.Before), After: some(e.After), Undo: some(e.Undo)}
		if row.AtMS == 0 {
			row.AtMS = nowMS
		}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// named leaves out an entry that nobody has signed: a change that is not worth a row.
func named(e audit.Entry) []audit.Entry {
	if e.Actor == "" {
		return nil
	}
	return []audit.Entry{e}
}

func (r auditRow) entry() audit.Entry {
	return audit.Entry{ID: r.AuditID, AtMS: r.AtMS, Actor: r.Actor, Action: r.Action, Subject: r.Subject,
		Before: value(r.Before), After: value(r.After), Undo: value(r.Undo)}
}
