package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlitecodes "modernc.org/sqlite/lib"

	"playbill/core/fault"
)

// Violation is a write that the schema refused: something that must never happen was about to.
type Violation struct {
	Constraint string // its name in schema.sql; empty when SQLite does not tell and it cannot be found out
	Cause      error
}

// Error names the constraint.
func (v *Violation) Error() string {
	return fmt.Sprintf("refused by %s: %v", v.Constraint, v.Cause)
}

// Unwrap returns SQLite's own error.
func (v *Violation) Unwrap() error { return v.Cause }

// violates returns the name of the constraint that refused, or "".
func violates(err error) string {
	var v *Violation
	if errors.As(err, &v) {
		return v.Constraint
	}
	return ""
}

// kind sorts SQLite's errors by what can be done about them.
type kind int

const (
	kindOther kind = iota
	kindConstraint
	kindForeignKey
	kindFull
	kindBusy
	kindCorrupt
)

// kindOf reads the extended result code (https://sqlite.org/rescode.html).
func kindOf(err error) kind {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return kindOther
	}
	if e.Code() == sqlitecodes.SQLITE_CONSTRAINT_FOREIGNKEY {
		return kindForeignKey
	}
	switch e.Code() & 0xff {
	case sqlitecodes.SQLITE_CONSTRAINT:
		return kindConstraint
	case sqlitecodes.SQLITE_FULL, sqlitecodes.SQLITE_IOERR, sqlitecodes.SQLITE_READONLY, sqlitecodes.SQLITE_CANTOPEN:
		return kindFull
	case sqlitecodes.SQLITE_BUSY:
		return kindBusy
	case sqlitecodes.SQLITE_CORRUPT, sqlitecodes.SQLITE_NOTADB:
		return kindCorrupt
	}
	return kindOther
}

// translate gives SQLite's error the meaning that others act on: a Violation by name, or fault.Journal when nothing can
// be stored now. Anything else, faults and violations among it, is returned as it is.
func translate(err error) error {
	if err == nil || fault.Of(err) != nil || violates(err) != "" {
		return err
	}
	switch kindOf(err) {
	case kindConstraint, kindForeignKey:
		return &Violation{Constraint: constraintIn(err.Error()), Cause: err}
	case kindFull:
		return fault.Wrap(err, fault.Journal, "Nothing can be stored now: the disk is full or not writable. Make room; Playbill tries again by itself.")
	case kindBusy:
		return fault.Wrap(err, fault.Journal, "Another program is writing the database. Try again in a moment.")
	case kindCorrupt:
		return fault.Wrap(err, fault.Journal, "The database is damaged. Stop Playbill and restore the newest backup.")
	}
	return err
}

// constraintIn finds the constraint's name in SQLite's text: CHECKs and triggers are named in it, a unique index is
// given by its columns.
func constraintIn(text string) string {
	_, rest, found := strings.Cut(text, "UNIQUE constraint failed: ")
	if found {
		columns, _, _ := strings.Cut(rest, " (")
		return uniqueByColumns(columns)
	}
	_, rest, found = strings.Cut(text, "CHECK constraint failed: ")
	if !found {
		_, rest, _ = strings.Cut(text, "constraint failed: ") // a trigger
	}
	name, _, _ := strings.Cut(rest, " (")
	return name
}

// uniqueByColumns is every unique index and primary key that a write of ours can meet, as SQLite spells it.
func uniqueByColumns(columns string) string {
	table, rest, _ := strings.Cut(columns, ".")
	short := table + "(" + strings.ReplaceAll(rest, " "+table+".", " ") + ")"
	switch short {
	case "channels(channel)":
		return "channels_pk"
	case "wallets(channel, user_key)":
		return "wallets_pk"
	case "purchases(channel, purchase_id)":
		return "purchases_pk"
	case "purchases(channel, buyer_key, request_key)":
		return "purchases_request_once"
	case "purchases(channel, purchase_id, buyer_key, price)":
		return "purchases_terms"
	case "purchases(channel, media_type, media_id)":
		return "purchases_one_open_per_media"
	case "transfers(channel, seq)":
		return "transfers_pk"
	case "transfers(channel, seq, purchase_id)":
		return "transfers_of_purchase"
	case "transfers(channel, idem_key)":
		return "transfers_idem_once"
	case "transfers(channel, purchase_id)":
		return "transfers_held_once"
	case "transfers(purchase_id, channel)":
		return "transfers_ended_once"
	case "entries(channel, entry_id)":
		return "entries_pk"
	case "entries(channel, epoch, uid)":
		return "entries_one_per_uid"
	case "entries(channel, purchase_id)":
		return "entries_one_per_purchase"
	case "entries(channel, target_id, airing)":
		return "entries_one_lead_in_per_target"
	case "entries(channel)":
		return "entries_one_general_waiting"
	case "entries(channel, media_type, media_id)":
		return "entries_one_unresolved_per_media"
	case "entries(channel, plugin)":
		return "entries_one_proposal_per_plugin"
	}
	return uniqueOfTheRest(short)
}

func uniqueOfTheRest(short string) string {
	switch short {
	case "as_run(channel, run_id)":
		return "as_run_pk"
	case "as_run(channel)":
		return "as_run_one_on_air"
	case "decisions(channel, decision_id)":
		return "decisions_pk"
	case "hook_calls(channel, event_id, plugin)":
		return "hook_calls_pk"
	case "ledger_marks(channel)":
		return "ledger_marks_pk"
	case "plugin_state(channel, plugin)":
		return "plugin_state_pk"
	case "plugins(plugin)":
		return "plugins_pk"
	case "presence_clocks(channel, user_key)":
		return "presence_clocks_pk"
	case "notices(channel, notice_id)":
		return "notices_pk"
	case "playlists(channel, playlist_id)":
		return "playlists_pk"
	case "playlists(channel, name)":
		return "playlists_name_once"
	case "playlist_items(channel, playlist_id, item_id)":
		return "playlist_items_pk"
	case "playlist_items(channel, playlist_id, ord)":
		return "playlist_items_place_once"
	case "schedules(channel, schedule_id)":
		return "schedules_pk"
	case "firings(channel, firing_id)":
		return "firings_pk"
	case "firings(channel, schedule_id, due_at_ms)":
		return "firings_once"
	case "firings(channel)":
		return "firings_one_running"
	case "loads(channel, load_id)":
		return "loads_pk"
	case "loads(channel)":
		return "loads_one_running"
	case "locks(channel, lock_id)":
		return "locks_pk"
	case "locks(channel, kind, schedule_id)":
		return "locks_one_open"
	case "jobs(channel, job_id)":
		return "jobs_pk"
	case "catalog(media_type, media_id)":
		return "catalog_pk"
	case "sessions(token_sha256)":
		return "sessions_pk"
	case "login_codes(channel, user_key)":
		return "login_codes_pk"
	case "tokens(token_sha256)":
		return "tokens_pk"
	case "tokens(name)":
		return "tokens_name_once"
	case "audit(channel, audit_id)":
		return "audit_pk"
	}
	return ""
}

// foreignKeyByColumns names a foreign key by its table and its columns.
func foreignKeyByColumns(short string) string {
	switch short {
	case "wallets(channel)":
		return "wallets_channel_fk"
	case "purchases(channel, buyer_key)":
		return "purchases_buyer_fk"
	case "purchases(channel, hold_seq, purchase_id)":
		return "purchases_hold_fk"
	case "purchases(channel, end_seq, purchase_id)":
		return "purchases_end_fk"
	case "transfers(channel, user_key)":
		return "transfers_wallet_fk"
	case "transfers(channel, purchase_id, user_key, amount)":
		return "transfers_terms_fk"
	case "entries(channel)":
		return "entries_channel_fk"
	case "entries(channel, firing_id)":
		return "entries_firing_fk"
	case "entries(channel, target_id)":
		return "entries_target_fk"
	case "entries(channel, purchase_id)":
		return "entries_purchase_fk"
	case "as_run(channel, entry_id)":
		return "as_run_entry_fk"
	case "playlist_items(channel, playlist_id)":
		return "playlist_items_list_fk"
	case "schedules(channel, playlist_id)":
		return "schedules_playlist_fk"
	case "schedules(channel, fallback_id)":
		return "schedules_fallback_fk"
	}
	return ""
}

// nameForeignKey finds out which foreign key refused a request. SQLite does not say, and by then the row is gone: so
// the work is done once more with the checks put off, after each statement the broken keys are asked for, and all of it
// is taken back. It reads whole tables; a request that gets here is a bug.
func (w *writer) nameForeignKey(t *tx, r *request, refused error) error {
	name := ""
	err := errors.Join(w.exec("PRAGMA defer_foreign_keys = ON"), w.exec("SAVEPOINT again"))
	if err == nil {
		w.plain.after = func() {
			if name == "" {
				name, err = w.brokenForeignKey(false)
			}
		}
		_ = safely(r.work, t) // whatever it says, the key is broken or not
		w.plain.after = nil
		err = errors.Join(err, w.exec("ROLLBACK TO again"), w.exec("RELEASE again"))
	}
	return &Violation{Constraint: name, Cause: errors.Join(refused, err, w.exec("PRAGMA defer_foreign_keys = OFF"))}
}

// translateDeferred names the deferred foreign key for which a COMMIT was refused; the rows are still there.
func (w *writer) translateDeferred(refused error) error {
	if kindOf(refused) != kindForeignKey {
		return translate(refused)
	}
	name, err := w.brokenForeignKey(true)
	return &Violation{Constraint: name, Cause: errors.Join(refused, err)}
}

// brokenForeignKey asks for the first foreign key that does not hold, among those that the schema defers or the others.
// It goes past the prepared statements, in the midst of whose work it may be asked.
func (w *writer) brokenForeignKey(deferred bool) (name string, err error) {
	rows, err := w.conn.QueryContext(context.Background(), `SELECT b."table" || '(' || (SELECT group_concat("from", ', ') FROM
		(SELECT "from" FROM pragma_foreign_key_list(b."table") WHERE id = b.fkid ORDER BY seq)) || ')'
		FROM pragma_foreign_key_check() b`)
	if err != nil {
		return "", err
	}
	for rows.Next() && name == "" {
		var short string
		if err := rows.Scan(&short); err != nil {
			return "", errors.Join(err, rows.Close())
		}
		if found := foreignKeyByColumns(short); deferred == (found == "purchases_hold_fk" || found == "purchases_end_fk") {
			name = found
		}
	}
	return name, errors.Join(rows.Err(), rows.Close())
}
