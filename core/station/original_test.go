package station_test

import (
	"os"
	"testing"
	"testing/synctest"
)

// TestOriginal names the bugs of the original system that this room makes impossible, each with scenarios that would fail if it
// were here. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.3 money gone when the add was refused", scenario("purchase_add_refused_media", "purchase_add_refused_duplicate"))
	t.Run("5a.6 a paid item stays in the wrong place when its move fails", scenario("purchase_move_failed", "purchase_move_unknown", "purchase_move_swallowed"))
	t.Run("5a.7 playnext goes before the current item, and queue to the end", scenario("purchase_playnext_twice_in_order", "purchase_queue_behind_run"))
	t.Run("5a.8 sold although nobody knows what plays", scenario("purchase_no_anchor", "purchase_held_then_kill_no_anchor"))
	t.Run("5a.9 what plays is looked for by a number that is not there", scenario("epoch_same_media_twice", "purchase_on_air_at_start"))
	t.Run("5a.12 paid items out of order because positions come from a stale copy", scenario("purchase_three_buyers_play_in_order", "purchase_run_broken_by_moderator"))
	t.Run("5a.13 phantom work after a restart", scenario("purchase_held_then_kill_resumes", "purchase_sent_then_kill_absent"))
	t.Run("5a.15 a message for somebody who is not there is lost, or tried for ever", scenario("purchase_pm_never", "presence_told_after_restart"))
	t.Run("5a.17 promos inside an event", scenario("lock_event", "cadence_event_stands_still"))
	t.Run("5a.18 an event that has ended lingers", scenario("admin_event_lock", "lock_survives_restart"))
	t.Run("5a.20 a lock that lasts until midnight because times were compared as text", scenario("lock_pre_event", "lock_survives_restart"))
	t.Run("5a.23 a promo counts as content", scenario("cadence_exactly_four", "cadence_waiting_reserves"))
	t.Run("5a.33 a reserved item is sold", scenario("purchase_reserved_while_pending", "purchase_held_then_kill_reserved"))
	t.Run("5a.35 an upstream that is down is an unhandled error", scenario("doubt_driver_down_and_back", "host_standby_refuses"))
	t.Run("5a.39 promos are added again and again because the first cannot be tracked", scenario("leadin_unknown_add_found", "leadin_unknown_add_over", "cadence_not_filled_twice"))
	t.Run("5a.41 the whole live list is replaced by what is on the disk", scenario("admin_edit_while_down", "restart_keeps"))
	t.Run("5a.43 what failed unclearly is added once more", scenario("purchase_add_unknown_found", "purchase_removal_lost_then_done"))
	t.Run("5b.3 an empty read is taken for an empty world", scenario("doubt_empty_list_while_playing", "doubt_empty_poll"))
	t.Run("5c.1 two clicks, one payment, two plays", scenario("purchase_double_click_two_keys", "purchase_same_key_same_answer"))
	t.Run("5c.2 money lost when nobody answers in time", scenario("purchase_add_unknown_over", "purchase_client_gone_after_hold"))
	t.Run("5c.3 the payment is written after what it pays for", scenario("purchase_held_then_kill_resumes", "purchase_sent_then_kill_listed", "doubt_disk_full_at_hold"))
	t.Run("5c.4 refunded although it plays, because an add timed out", scenario("purchase_add_unknown_found", "purchase_sent_then_kill_comes_late", "purchase_add_surfaces_after_cancel"))
	t.Run("5c.5 somebody else's item is taken for the paid one", scenario("purchase_add_next_of_listed", "epoch_same_media_twice"))
	t.Run("5c.6 one empty answer wipes everything that was known", scenario("doubt_empty_list_while_playing", "doubt_one_missing_poll", "doubt_emptied_for_real"))
	t.Run("5c.7 an answer that is older than our own change undoes it", scenario("doubt_reordered_state", "purchase_ghost_after_server_crash"))
	t.Run("5c.8 a number is taken for an identity", scenario("epoch_reload_uids_from_zero", "epoch_shuffle_brings_paid_back", "epoch_stale_ref_refused"))
	t.Run("5c.9 the refund goes to an old purchase that had the same number", scenario("epoch_reload_uids_from_zero", "purchase_admin_removes", "purchase_first_reason_stays"))
	t.Run("5c.10 the item with number zero is none", scenario("epoch_reload_uids_from_zero"))
	t.Run("5c.13 an event fires beside a purchase that is under way", scenario("lock_hold_races", "purchase_held_then_kill_locked", "lock_event"))
	t.Run("5c.20 what is known of an entry is lost in a restart", scenario("restart_keeps", "cadence_restart_keeps_count"))
	t.Run("5c.24 the bot's rank is guessed", scenario("epoch_bot_renamed"))
}

// scenario runs scripts of testdata as TestScenarios does.
func scenario(names ...string) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		for _, name := range names {
			text, err := os.ReadFile("testdata/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { script(t, name, string(text)) })
		}
	}
}
