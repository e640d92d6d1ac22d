package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The writes below go past every method, straight at the schema: whatever the code does wrong one day, these must be
// refused, and by name.

const seed = `INSERT INTO channels (channel, chain_head) VALUES ('c', zeroblob(32));
	INSERT INTO wallets (channel, user_key, user_name, created_at_ms) VALUES ('c', 'ann', 'Ann', 1), ('c', 'bob', 'Bob', 1);
	INSERT INTO transfers VALUES ('c', 1, 'grant', 'issuance', 'wallet', 'ann', 1000, NULL, 'welcome:ann', x'00', '', 'host', 1, x'00', x'00');
	UPDATE wallets SET balance = balance + 1000 WHERE user_key = 'ann'`

// purchaseSQL is a purchase without its hold.
func purchaseSQL(id string, seq int, media, key string) string {
	return fmt.Sprintf(`INSERT INTO purchases (channel, purchase_id, buyer_key, buyer_name, request_key, request_hash, tier, media_type,
		media_id, title, duration_ms, base_price, price, station_day, state, bought_at_ms, hold_seq)
		VALUES ('c', '%s', 'ann', 'Ann', '%s', x'00', 'queue', 'yt', '%s', 'T', 1000, 250, 250, 20261122, 'held', 5, %d);`, id, key, media, seq)
}

func buySQL(id string, seq int, media, key string) string {
	return purchaseSQL(id, seq, media, key) + moveSQL(id, seq, "hold", "wallet", "escrow", "ann", 250) +
		"UPDATE wallets SET balance = balance - 250 WHERE user_key = 'ann';"
}

func moveSQL(id string, seq int, kind, from, to, user string, amount int) string {
	return fmt.Sprintf("INSERT INTO transfers VALUES ('c', %d, '%s', '%s', '%s', '%s', %d, '%s', '%s:%s:%d', x'00', '', 'host', 6, x'00', x'00');",
		seq, kind, from, to, user, amount, id, kind, id, seq)
}

func settleSQL(id string, seq int) string {
	return moveSQL(id, seq, "settle", "escrow", "revenue", "ann", 250)
}

func releaseSQL(id string, seq int) string {
	return moveSQL(id, seq, "release", "escrow", "wallet", "ann", 250)
}

// nowSQL sets columns of every purchase.
func nowSQL(set string) string { return "UPDATE purchases SET " + set + ";" }

// entrySQL is an entry; more replaces or adds columns, "column=value".
func entrySQL(id int, role, state string, more ...string) string {
	columns := map[string]string{"channel": "'c'", "entry_id": fmt.Sprint(id), "role": "'" + role + "'", "state": "'" + state + "'",
		"ord": fmt.Sprint(id), "media_type": "'yt'", "media_id": "'m'", "title": "'t'", "duration_ms": "1", "temp": "1", "added_by": "'bot'"}
	switch {
	case role == "content":
		columns["temp"] = "0"
	case role == "lead_in":
		columns["airing"] = "0"
	}
	switch state {
	case "sent":
		columns["sent_at_ms"] = "1"
	case "ended":
		columns["ended_at_ms"], columns["ended_how"] = "9", "'played'"
	}
	for _, m := range more {
		column, value, _ := strings.Cut(m, "=")
		columns[column] = value
		if column == "uid" {
			columns["epoch"] = "1"
		}
	}
	names := slices.Sorted(maps.Keys(columns))
	var values []string
	for _, n := range names {
		values = append(values, columns[n])
	}
	return fmt.Sprintf("INSERT INTO entries (%s) VALUES (%s);", strings.Join(names, ", "), strings.Join(values, ", "))
}

const runSQL = "INSERT INTO as_run (channel, run_id, entry_id, role, media_type, media_id, title, started_at_ms) VALUES "

func TestLegalHistories(t *testing.T) {
	refund := nowSQL("state = 'refunded', reason = 'x', end_seq = 3, ended_at_ms = 6")
	for _, c := range []struct{ name, sql string }{
		{"hold, place, settle", buySQL("p1", 2, "a", "k1") + nowSQL("state = 'adding'") + nowSQL("state = 'placed'") +
			settleSQL("p1", 3) + nowSQL("state = 'settled', end_seq = 3, ended_at_ms = 6")},
		{"refunding may settle", buySQL("p1", 2, "a", "k1") + nowSQL("state = 'adding'") + nowSQL("state = 'refunding', reason = 'cancelled'") +
			settleSQL("p1", 3) + nowSQL("state = 'settled', end_seq = 3, ended_at_ms = 6")},
		{"uid 0 is a uid", entrySQL(1, "content", "bound", "uid=0")},
		{"a uid again after its entry ended", entrySQL(1, "content", "ended", "uid=0") + entrySQL(2, "content", "bound", "uid=0")},
		{"a second lead-in after the first was refused", entrySQL(1, "content", "bound", "uid=1") +
			entrySQL(2, "lead_in", "ended", "target_id=1", "promo_type='vc'", "ended_how='refused'") +
			entrySQL(3, "lead_in", "bound", "uid=3", "target_id=1", "promo_type='vc'")},
		{"a second lead-in after the first was withdrawn", entrySQL(1, "content", "bound", "uid=1") +
			entrySQL(2, "lead_in", "ended", "target_id=1", "promo_type='vc'", "ended_how='withdrawn'") +
			entrySQL(3, "lead_in", "bound", "uid=3", "target_id=1", "promo_type='vc'")},
		{"a lead-in each time round the loop", entrySQL(1, "content", "bound", "uid=1") +
			entrySQL(2, "lead_in", "ended", "target_id=1", "promo_type='vc'", "airing=1") +
			entrySQL(3, "lead_in", "bound", "uid=3", "target_id=1", "promo_type='vc'", "airing=2")},
		{"the next general once the last one aired", entrySQL(1, "general", "bound", "uid=1", "promo_type='id'", "aired_at_ms=5") +
			entrySQL(2, "general", "bound", "uid=2", "promo_type='id'")},
		{"the same media again after it ended", buySQL("p1", 2, "a", "k1") + releaseSQL("p1", 3) + refund + buySQL("p2", 4, "a", "k2")},
		{"a makegood names its purchase in its reason", "INSERT INTO transfers VALUES ('c', 2, 'makegood', 'issuance', 'wallet', 'ann', 250, NULL, 'm', x'00', 'p1', 'host', 1, x'00', x'00');"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := open(t)
			if err := raw(t.Context(), db, splitSQL(seed+";"+c.sql)...); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// refusal is a write and the constraint that must refuse it.
type refusal struct{ constraint, sql string }

// moneyRefusals are about coins and purchases.
func moneyRefusals() []refusal {
	grant := "INSERT INTO transfers VALUES ('c', 2, '%s', '%s', '%s', 'ann', %d, NULL, '%s', x'00', '', 'host', 1, x'00', x'00');"
	refunded := releaseSQL("p1", 3) + nowSQL("state = 'refunded', reason = 'x', end_seq = 3, ended_at_ms = 6")
	return []refusal{
		{"channels_pk", "INSERT INTO channels (channel, chain_head) VALUES ('c', x'00');"},
		{"wallets_pk", "INSERT INTO wallets (channel, user_key, user_name, created_at_ms) VALUES ('c', 'ann', 'Ann', 1);"},
		{"wallets_channel_fk", "INSERT INTO wallets (channel, user_key, user_name, created_at_ms) VALUES ('d', 'ann', 'Ann', 1);"},
		{"wallets_never_negative", "UPDATE wallets SET balance = -1 WHERE user_key = 'bob';"},
		{"wallets_key_folded", "INSERT INTO wallets (channel, user_key, user_name, created_at_ms) VALUES ('c', 'Cid', 'Cid', 1);"},
		{"purchases_terms", buySQL("p1", 2, "a", "k1") + buySQL("p1", 3, "b", "k2")},
		{"purchases_pk", buySQL("p1", 2, "a", "k1") + strings.ReplaceAll(buySQL("p1", 3, "b", "k2"), "250", "300")},
		{"purchases_buyer_fk", strings.Replace(buySQL("p1", 2, "a", "k1"), "'ann'", "'cid'", 1)},
		{"purchases_request_once", buySQL("p1", 2, "a", "k1") + buySQL("p2", 3, "b", "k1")},
		{"purchases_one_open_per_media", buySQL("p1", 2, "a", "k1") + buySQL("p2", 3, "a", "k2")},
		{"purchases_hold_fk", purchaseSQL("p1", 2, "a", "k1")},
		{"purchases_state_known", strings.Replace(buySQL("p1", 2, "a", "k1"), "'held'", "'lent'", 1)},
		{"purchases_tier_known", strings.Replace(buySQL("p1", 2, "a", "k1"), "'queue'", "'first'", 1)},
		{"purchases_price_adds_up", buySQL("p1", 2, "a", "k1") + nowSQL("discount = 10")},
		{"transfers_pk", fmt.Sprintf(strings.Replace(grant, "2,", "1,", 1), "grant", "issuance", "wallet", 5, "g2")},
		{"transfers_wallet_fk", strings.Replace(fmt.Sprintf(grant, "grant", "issuance", "wallet", 5, "g2"), "'ann'", "'cid'", 1)},
		{"transfers_held_once", buySQL("p1", 2, "a", "k1") + moveSQL("p1", 3, "hold", "wallet", "escrow", "ann", 250)},
		{"transfers_ended_once", buySQL("p1", 2, "a", "k1") + settleSQL("p1", 3) + releaseSQL("p1", 4)},
		{"transfers_terms_fk", buySQL("p1", 2, "a", "k1") + moveSQL("p1", 3, "release", "escrow", "wallet", "ann", 999)},
		{"transfers_terms_fk", buySQL("p1", 2, "a", "k1") + moveSQL("p1", 3, "release", "escrow", "wallet", "bob", 250)},
		{"transfers_idem_once", fmt.Sprintf(grant, "grant", "issuance", "wallet", 1000, "welcome:ann")},
		{"transfers_route", fmt.Sprintf(grant, "grant", "revenue", "wallet", 10, "g2")},
		{"transfers_route", fmt.Sprintf(grant, "adjust", "issuance", "wallet", 10, "g2")},
		{"transfers_route", fmt.Sprintf(grant, "makegood", "issuance", "wallet", 10, "g2")},
		{"transfers_amount_positive", fmt.Sprintf(grant, "grant", "issuance", "wallet", 0, "g2")},
		{"transfers_append_only", "UPDATE transfers SET amount = 1;"},
		{"transfers_append_only", "DELETE FROM transfers;"},
		{"purchases_append_only", buySQL("p1", 2, "a", "k1") + "DELETE FROM purchases;"},
		{"purchases_step_allowed", buySQL("p1", 2, "a", "k1") + settleSQL("p1", 3) + nowSQL("state = 'settled', end_seq = 3, ended_at_ms = 6")},
		{"purchases_end_matches", buySQL("p1", 2, "a", "k1") + nowSQL("state = 'adding'") + releaseSQL("p1", 3) + nowSQL("state = 'settled', end_seq = 3, ended_at_ms = 6")},
		{"purchases_terms_fixed", buySQL("p1", 2, "a", "k1") + refunded + nowSQL("reason = 'y'")},
		{"purchases_terms_fixed", buySQL("p1", 2, "a", "k1") + nowSQL("price = 1, base_price = 1")},
		{"purchases_ended_once", buySQL("p1", 2, "a", "k1") + nowSQL("state = 'adding'") + settleSQL("p1", 3) + nowSQL("state = 'settled', end_seq = 3")},
		{"purchases_reason_given", buySQL("p1", 2, "a", "k1") + nowSQL("state = 'adding'") + nowSQL("state = 'refunding'")},
	}
}

// entryRefusals are about the list.
func entryRefusals() []refusal {
	target := entrySQL(1, "content", "bound", "uid=1")
	proposal := func(id int, more ...string) string {
		return entrySQL(id, "general", "wanted", append([]string{"promo_type='id'", "plugin='p'", "plugin_base=1", "plugin_version=1", "plugin_next=x'00'"}, more...)...)
	}
	return []refusal{
		{"entries_pk", target + entrySQL(1, "content", "wanted")},
		{"entries_channel_fk", entrySQL(1, "content", "wanted", "channel='d'")},
		{"entries_target_fk", entrySQL(1, "lead_in", "wanted", "promo_type='vc'", "target_id=9")},
		{"entries_purchase_fk", entrySQL(1, "paid", "wanted", "purchase_id='p9'")},
		{"entries_one_per_purchase", buySQL("p1", 2, "a", "k1") + entrySQL(1, "paid", "wanted", "purchase_id='p1'") + entrySQL(2, "paid", "wanted", "purchase_id='p1'")},
		{"entries_role_known", entrySQL(1, "advert", "wanted")},
		{"entries_state_known", entrySQL(1, "content", "lost")},
		{"entries_one_per_uid", entrySQL(1, "content", "bound", "uid=0") + entrySQL(2, "content", "bound", "uid=0")},
		{"entries_bound_has_uid", entrySQL(1, "content", "bound")},
		{"entries_paid_has_purchase", entrySQL(1, "paid", "bound", "uid=1")},
		{"entries_lead_in_has_target", entrySQL(1, "lead_in", "bound", "uid=1", "promo_type='vc'")},
		{"entries_promo_has_type", entrySQL(1, "general", "wanted")},
		{"entries_event_has_firing", entrySQL(1, "event", "wanted")},
		{"entries_only_events_have_firing", target + firingSQL(1, 1, "body") + entrySQL(2, "general", "wanted", "promo_type='id'", "firing_id=1")},
		{"entries_firing_fk", entrySQL(1, "event", "wanted", "firing_id=9")},
		{"entries_proposal_complete", entrySQL(1, "general", "wanted", "promo_type='id'", "plugin_next=x'00'")},
		{"entries_undo_complete", entrySQL(1, "general", "wanted", "promo_type='id'", "undo_rev=1")},
		{"entries_ended_keeps_no_proposal", proposal(1, "state='ended'", "ended_at_ms=1", "ended_how='played'")},
		{"entries_ended_says_how", entrySQL(1, "content", "ended", "ended_how=NULL")},
		{"entries_how_known", entrySQL(1, "content", "ended", "ended_how='vanished'")},
		{"entries_ended_is_final", entrySQL(1, "content", "ended") + "UPDATE entries SET state = 'wanted', ended_at_ms = NULL, ended_how = NULL;"},
		{"entries_one_lead_in_per_target", target + entrySQL(2, "lead_in", "bound", "uid=2", "target_id=1", "promo_type='vc'") +
			entrySQL(3, "lead_in", "bound", "uid=3", "target_id=1", "promo_type='fp'")},
		{"entries_one_general_waiting", entrySQL(1, "general", "bound", "uid=1", "promo_type='id'") + entrySQL(2, "general", "wanted", "promo_type='id'")},
		{"entries_one_unresolved_per_media", entrySQL(1, "content", "sent") + entrySQL(2, "content", "sent")},
		{"entries_one_proposal_per_plugin", target + proposal(2, "aired_at_ms=1") + proposal(3)},
		{"entries_sent_has_time", entrySQL(1, "content", "sent", "sent_at_ms=NULL")},
		{"entries_ours_are_temp", entrySQL(1, "general", "bound", "uid=1", "promo_type='id'", "temp=0")},
	}
}

// firingSQL is a firing that has not ended.
func firingSQL(id, due int, step string) string {
	return fmt.Sprintf("INSERT INTO firings (channel, firing_id, schedule_id, due_at_ms, step, opened_at_ms) VALUES ('c', %d, 1, %d, '%s', 1);", id, due, step)
}

// otherRefusals are about everything else.
func otherRefusals() []refusal {
	target := entrySQL(1, "content", "bound", "uid=1")
	playlist := "INSERT INTO playlists VALUES ('c', 1, 'n', 0, NULL, 1);"
	item := "INSERT INTO playlist_items (channel, playlist_id, item_id, ord, media_type, media_id, title, duration_ms%s) VALUES ('c', %d, %d, %d, 'yt', 'a', 't', 1%s);"
	firing := "INSERT INTO firings (channel, firing_id, schedule_id, due_at_ms, step, opened_at_ms%s) VALUES ('c', %d, 1, %d, '%s', 1%s);"
	call := "INSERT INTO hook_calls (channel, event_id, plugin, at_ms, hook, outcome, latency_us, version, binary_sha256, settings_rev, state_rev, request) VALUES ('c', 'e', 'p', 1, 'OnAdvance', '%s', 1, '1', '', 1, 1, x'00');"
	token := "INSERT INTO tokens (token_sha256, name, rank_tenths, created_by, created_at_ms) VALUES (%s, 'bot', 30, 'cli', 1);"
	load := "INSERT INTO loads (channel, load_id, playlist_id, name, started_by, total, started_at_ms%s) VALUES ('c', %d, 1, 'n', 'ann', 2, 1%s);"
	schedule := "INSERT INTO schedules (channel, schedule_id, playlist_id, fallback_id, label, start_local) VALUES ('c', 1, %s, %s, 'l', '2026-11-27T20:00');"
	return []refusal{
		{"as_run_pk", target + runSQL + "('c', 1, 1, 'content', 'yt', 'm', 't', 1);" + "UPDATE as_run SET ended_at_ms = 2, how = 'played';" + runSQL + "('c', 1, 1, 'content', 'yt', 'm', 't', 3);"},
		{"as_run_entry_fk", runSQL + "('c', 1, 9, 'content', 'yt', 'm', 't', 1);"},
		{"as_run_one_on_air", target + runSQL + "('c', 1, 1, 'content', 'yt', 'm', 't', 1), ('c', 2, 1, 'content', 'yt', 'm', 't', 1);"},
		{"as_run_closed_says_how", target + runSQL + "('c', 1, 1, 'content', 'yt', 'm', 't', 1);" + "UPDATE as_run SET ended_at_ms = 2;"},
		{"decisions_pk", strings.Repeat("INSERT INTO decisions VALUES ('c', 1, 1, 'e', 'h', NULL, 'r', 'o', 1, 1, '{}');", 2)},
		{"hook_calls_pk", strings.Repeat(fmt.Sprintf(call, "proposed"), 2)},
		{"hook_calls_outcome_known", fmt.Sprintf(call, "late")},
		{"plugin_state_pk", strings.Repeat("INSERT INTO plugin_state VALUES ('c', 'p', 1, 1, x'00', 1);", 2)},
		{"plugin_state_size", "INSERT INTO plugin_state VALUES ('c', 'p', 1, 1, zeroblob(70000), 1);"},
		{"plugins_pk", strings.Repeat("INSERT INTO plugins (plugin, state) VALUES ('p', 'ready');", 2)},
		{"plugins_state_known", "INSERT INTO plugins (plugin, state) VALUES ('p', 'tired');"},
		{"ledger_marks_pk", strings.Repeat("INSERT INTO ledger_marks VALUES ('c', 1, x'00', '{}', 1, 0, 0, '');", 2)},
		{"presence_clocks_pk", strings.Repeat("INSERT INTO presence_clocks VALUES ('c', 'ann', 1, 'p', '', 1);", 2)},
		{"notices_pk", strings.Repeat("INSERT INTO notices VALUES ('c', 1, 'ann', 't', 1, NULL);", 2)},
		{"playlists_pk", playlist + "INSERT INTO playlists VALUES ('c', 1, 'm', 0, NULL, 1);"},
		{"playlists_name_once", playlist + "INSERT INTO playlists VALUES ('c', 2, 'n', 0, NULL, 1);"},
		{"playlists_not_both", "INSERT INTO playlists VALUES ('c', 1, 'n', 1, 'event', 1);"},
		{"playlist_items_pk", playlist + fmt.Sprintf(item, "", 1, 1, 1, "") + fmt.Sprintf(item, "", 1, 1, 2, "")},
		{"playlist_items_place_once", playlist + fmt.Sprintf(item, "", 1, 1, 1, "") + fmt.Sprintf(item, "", 1, 2, 1, "")},
		{"playlist_items_list_fk", fmt.Sprintf(item, "", 1, 1, 1, "")},
		{"playlist_items_dates", playlist + fmt.Sprintf(item, ", starts_at_ms, ends_at_ms", 1, 1, 1, ", 5, 5")},
		{"schedules_pk", playlist + strings.Repeat(fmt.Sprintf(schedule, "1", "NULL"), 2)},
		{"schedules_playlist_fk", fmt.Sprintf(schedule, "1", "NULL")},
		{"schedules_fallback_fk", playlist + fmt.Sprintf(schedule, "1", "2")},
		{"firings_pk", fmt.Sprintf(firing, ", ended_at_ms, ended_how", 1, 1, "ended", ", 2, 'done'") + fmt.Sprintf(firing, "", 1, 2, "body", "")},
		{"firings_once", fmt.Sprintf(firing, ", ended_at_ms, ended_how", 1, 1, "ended", ", 2, 'done'") + fmt.Sprintf(firing, "", 2, 1, "body", "")},
		{"firings_one_running", fmt.Sprintf(firing, "", 1, 1, "body", "") + fmt.Sprintf(firing, "", 2, 2, "body", "")},
		{"firings_step_known", fmt.Sprintf(firing, "", 1, 1, "resting", "")},
		{"firings_ended_says_how", fmt.Sprintf(firing, ", ended_at_ms", 1, 1, "ended", ", 2")},
		{"loads_pk", fmt.Sprintf(load, ", ended_at_ms, ended_how", 1, ", 2, 'done'") + fmt.Sprintf(load, "", 1, "")},
		{"loads_one_running", fmt.Sprintf(load, "", 1, "") + fmt.Sprintf(load, "", 2, "")},
		{"loads_add_up", fmt.Sprintf(load, ", done", 1, ", 3")},
		{"loads_how_known", fmt.Sprintf(load, ", ended_at_ms, ended_how", 1, ", 2, 'bored'")},
		{"loads_ended_says_how", fmt.Sprintf(load, ", ended_at_ms", 1, ", 2")},
		{"locks_pk", "INSERT INTO locks (channel, lock_id, kind, schedule_id, opened_at_ms) VALUES ('c', 1, 'event', 1, 1), ('c', 1, 'event', 2, 1);"},
		{"locks_one_open", "INSERT INTO locks (channel, lock_id, kind, schedule_id, opened_at_ms) VALUES ('c', 1, 'event', 1, 1), ('c', 2, 'event', 1, 1);"},
		{"locks_kind_known", "INSERT INTO locks (channel, lock_id, kind, schedule_id, opened_at_ms) VALUES ('c', 1, 'door', 1, 1);"},
		{"locks_closed_by_someone", "INSERT INTO locks (channel, lock_id, kind, schedule_id, opened_at_ms, closed_at_ms) VALUES ('c', 1, 'event', 1, 1, 2);"},
		{"jobs_pk", strings.Repeat("INSERT INTO jobs (channel, job_id, kind, subject, state, started_at_ms, updated_at_ms) VALUES ('c', 1, 'k', 's', 'running', 1, 1);", 2)},
		{"jobs_state_known", "INSERT INTO jobs (channel, job_id, kind, subject, state, started_at_ms, updated_at_ms) VALUES ('c', 1, 'k', 's', 'tired', 1, 1);"},
		{"jobs_ended_is_over", "INSERT INTO jobs (channel, job_id, kind, subject, state, started_at_ms, updated_at_ms) VALUES ('c', 1, 'k', 's', 'done', 1, 1);"},
		{"catalog_closed_dates", "INSERT INTO catalog (media_type, media_id, title, duration_ms, source, added_at_ms, closed_from_ms, closed_to_ms) VALUES ('yt', 'a', 't', 1, 's', 1, 5, 5);"},
		{"catalog_pk", strings.Repeat("INSERT INTO catalog (media_type, media_id, title, duration_ms, source, added_at_ms) VALUES ('yt', 'a', 't', 1, 's', 1);", 2)},
		{"sessions_pk", strings.Repeat("INSERT INTO sessions VALUES (x'00', 'c', 'ann', 'Ann', 1, 1, 2, NULL, 0, 0, 0);", 2)},
		{"login_codes_pk", strings.Repeat("INSERT INTO login_codes VALUES ('c', 'ann', x'00', x'00', 1, 2, 0);", 2)},
		{"login_codes_tries_max", "INSERT INTO login_codes VALUES ('c', 'ann', x'00', x'00', 1, 2, 6);"},
		{"tokens_pk", fmt.Sprintf(token, "x'00'") + strings.Replace(fmt.Sprintf(token, "x'00'"), "bot", "bob", 1)},
		{"tokens_name_once", fmt.Sprintf(token, "x'00'") + fmt.Sprintf(token, "x'01'")},
		{"audit_pk", strings.Repeat("INSERT INTO audit VALUES ('c', 1, 1, 'cli', 'a', 's', NULL, NULL, NULL, NULL, NULL);", 2)},
	}
}

func TestRefusals(t *testing.T) {
	cases := slices.Concat(moneyRefusals(), entryRefusals(), otherRefusals())
	db := open(t)
	if err := raw(t.Context(), db, splitSQL(seed)...); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, c := range cases {
		named[c.constraint] = true
		t.Run(c.constraint, func(t *testing.T) {
			err := raw(t.Context(), db, splitSQL(c.sql)...)
			if got := violates(err); got != c.constraint {
				t.Errorf("refused by %q (%v)", got, err)
			}
		})
	}
	t.Run("every constraint has a case", func(t *testing.T) { everyConstraint(t, named) })
}

// everyConstraint reads the names out of schema.sql. Two can never be what refuses: another always does first.
func everyConstraint(t *testing.T, named map[string]bool) {
	unreachable := map[string]bool{"purchases_end_fk": true, "transfers_of_purchase": true}
	text := sqlComment.ReplaceAllString(schemaSQL, "")
	for _, before := range []string{"CONSTRAINT ", "CREATE UNIQUE INDEX ", "RAISE(ABORT, '"} {
		for _, part := range strings.Split(text, before)[1:] {
			name := strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune(" ')", r) })[0]
			if !named[name] && !unreachable[name] {
				t.Errorf("%s has no case", name)
			}
		}
	}
}

// TestUniqueIndexesAreTold checks that no two unique indexes of a table look alike in SQLite's message.
func TestUniqueIndexesAreTold(t *testing.T) {
	db := open(t)
	rows, err := db.files.read.Query(`SELECT m.name || '(' || (SELECT group_concat(name, ', ') FROM
		(SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) || ')' FROM sqlite_master m, pragma_index_list(m.name) l
		WHERE m.type = 'table' AND l."unique" = 1 AND m.name NOT LIKE 'goose%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	seen := map[string]bool{}
	for rows.Next() {
		var short string
		if err := rows.Scan(&short); err != nil {
			t.Fatal(err)
		}
		if seen[short] {
			t.Errorf("two unique indexes are %s", short)
		}
		seen[short] = true
		table, columns, _ := strings.Cut(strings.TrimSuffix(short, ")"), "(")
		spelled := table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
		if uniqueByColumns(spelled) == "" {
			t.Errorf("%s has no name in errors.go", short)
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d unique indexes found", len(seen))
	}
}

func splitSQL(sql string) []string {
	var out []string
	for _, s := range strings.Split(sql, ";") {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}
