package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"playbill/core/audit"
	"playbill/core/fault"
)

// Audit writes entries that belong to no transaction of the store: a change of the configuration, an entry that was
// taken off the list. They are numbered in place.
func (c *Channel) Audit(ctx context.Context, entries ...audit.Entry) error {
	return c.write(ctx, func(t *tx, _ *head) error { return appendAudit(t, c.channel, 0, entries) })
}

// toldRow is an entry with who took it back.
type toldRow struct {
	Row    auditRow `gorm:"embedded"`
	Undoer string
}

// selectAudit reads entries together with who took them back.
const selectAudit = `SELECT a.*, COALESCE(u.actor, '') AS undoer FROM audit a
	LEFT JOIN audit u ON u.channel = a.channel AND u.audit_id = a.undone_by WHERE a.channel = @c `

// AuditTrail returns a page of the trail, newest first.
func (r *Reader) AuditTrail(ctx context.Context, of audit.Query) ([]audit.Entry, error) {
	var where strings.Builder
	if of.BeforeID > 0 {
		where.WriteString("AND a.audit_id < @b ")
	}
	if of.Actor != "" {
		where.WriteString("AND a.actor = @actor ")
	}
	switch {
	case strings.Contains(of.Action, "."):
		where.WriteString("AND a.action = @action ")
	case of.Action != "":
		where.WriteString("AND substr(a.action, 1, length(@action) + 1) = @action || '.' ")
	}
	return r.auditWhere(ctx, where.String()+"ORDER BY a.audit_id DESC LIMIT @n",
		map[string]any{"b": of.BeforeID, "actor": of.Actor, "action": of.Action, "n": page(of.Limit)})
}

// AuditEntry returns one entry, or fault.NotFound: it may be older than the trail is kept.
func (r *Reader) AuditEntry(ctx context.Context, id int64) (audit.Entry, error) {
	found, err := r.auditWhere(ctx, "AND a.audit_id = @id", map[string]any{"id": id})
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, fmt.Sprintf("There is no entry %d in the audit trail. Entries are kept for a year.", id))
	}
	if err != nil {
		return audit.Entry{}, err
	}
	return found[0], nil
}

// AuditActors returns everybody who is in the trail, by name.
func (r *Reader) AuditActors(ctx context.Context) (actors []string, err error) {
	err = r.read(ctx, func(q *gorm.DB) error {
		return q.Raw("SELECT DISTINCT actor FROM audit WHERE channel = ? ORDER BY actor LIMIT ?", r.channel, rowsMax).Scan(&actors).Error
	})
	return actors, err
}

func (r *Reader) auditWhere(ctx context.Context, rest string, named map[string]any) ([]audit.Entry, error) {
	var rows []toldRow
	named["c"] = r.channel
	err := r.read(ctx, func(q *gorm.DB) error { return q.Raw(selectAudit+rest, named).Scan(&rows).Error })
	return each(rows, toldRow.entry), err
}

// appendAudit numbers the entries behind the stored ones, in place. nowMS is their time where they bring none. An entry
// that takes another one back marks it, and fails when somebody was first.
func appendAudit(t *tx, channel string, nowMS int64, entries []audit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	var last int64
	if err := t.Raw("SELECT COALESCE(MAX(audit_id), 0) FROM audit WHERE channel = ?", channel).Scan(&last).Error; err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		e.ID = last + int64(i) + 1
		if e.AtMS == 0 {
			e.AtMS = nowMS
		}
		row := auditRow{Channel: channel, AuditID: e.ID, AtMS: e.AtMS, Actor: e.Actor, Action: e.Action, Subject: e.Subject,
			Before: some(e.Before), After: some(e.After), Undo: some(e.Undo), RequestKey: some(e.Key)}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		if err := undone(t, channel, *e); err != nil {
			return err
		}
	}
	return nil
}

// undone marks the entry that e takes back.
func undone(t *tx, channel string, e audit.Entry) error {
	if e.Undoes == 0 {
		return nil
	}
	done := t.Exec("UPDATE audit SET undone_by = ? WHERE channel = ? AND audit_id = ? AND undone_by IS NULL", e.ID, channel, e.Undoes)
	if done.Error == nil && done.RowsAffected == 0 {
		return fault.New(fault.Over, "Somebody has undone this already. Nothing was changed now.")
	}
	return done.Error
}

// doneBefore reports whether a change was made before under the key of its first entry: then it is not made again. The same
// key for another change is fault.RequestKeyConflict.
func doneBefore(t *tx, channel string, entries []audit.Entry) (bool, error) {
	if len(entries) == 0 || entries[0].Key == "" {
		return false, nil
	}
	e := entries[0]
	var action, subject string
	var after sql.NullString
	err := t.one("SELECT action, subject, after FROM audit WHERE channel = ? AND actor = ? AND request_key = ?", channel, e.Actor, e.Key).
		Scan(&action, &subject, &after)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, err
	case action != e.Action || subject != e.Subject || after.String != e.After:
		return false, fault.New(fault.RequestKeyConflict, "This Idempotency-Key was used before, for another change. Nothing was done now; use a new key for a new change.")
	}
	return true, nil
}

// named leaves out an entry that nobody has signed: a change that is not worth a row.
func named(e audit.Entry) []audit.Entry {
	if e.Actor == "" {
		return nil
	}
	return []audit.Entry{e}
}

func (told toldRow) entry() audit.Entry {
	r := told.Row
	return audit.Entry{ID: r.AuditID, AtMS: r.AtMS, Actor: r.Actor, Action: r.Action, Subject: r.Subject,
		Before: value(r.Before), After: value(r.After), Undo: value(r.Undo), Key: value(r.RequestKey), UndoneBy: value(r.UndoneBy), Undoer: told.Undoer}
}
