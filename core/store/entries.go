package store

import (
	"cmp"
	"encoding/json"
	"slices"

	"gorm.io/gorm"

	"playbill/core/channel"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// upsertEntry writes one row, new or changed. By hand, for four thousand of them may come in one turn.
const upsertEntry = `INSERT INTO entries (channel, entry_id, role, state, leaving, ord, media_type, media_id, title,
	duration_ms, temp, added_by, epoch, uid, promo_type, target_id, airing, purchase_id, paid_by, firing_id, decision_id,
	plugin, plugin_base, plugin_version, plugin_next, undo_rev, undo_version, undo_data, planned_at_ms, sent_at_ms, aired_at_ms, airings, ended_at_ms, ended_how)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (channel, entry_id) DO UPDATE SET role = excluded.role, state = excluded.state, leaving = excluded.leaving,
	ord = excluded.ord, media_type = excluded.media_type, media_id = excluded.media_id, title = excluded.title,
	duration_ms = excluded.duration_ms, temp = excluded.temp, added_by = excluded.added_by, epoch = excluded.epoch,
	uid = excluded.uid, promo_type = excluded.promo_type, target_id = excluded.target_id, airing = excluded.airing,
	purchase_id = excluded.purchase_id, paid_by = excluded.paid_by, firing_id = excluded.firing_id,
	decision_id = excluded.decision_id, plugin = excluded.plugin, plugin_base = excluded.plugin_base,
	plugin_version = excluded.plugin_version, plugin_next = excluded.plugin_next, undo_rev = excluded.undo_rev,
	undo_version = excluded.undo_version, undo_data = excluded.undo_data, planned_at_ms = excluded.planned_at_ms,
	sent_at_ms = excluded.sent_at_ms, aired_at_ms = excluded.aired_at_ms, airings = excluded.airings,
	ended_at_ms = excluded.ended_at_ms, ended_how = excluded.ended_how`

// saveEntries writes entries in an order in which every constraint holds after every row: what ends makes room for what
// comes, what has been seen makes room for what is sent, a state that was promoted makes room for the next proposal, and
// a target stands before its lead-in.
func saveEntries(t *tx, h *head, turn *station.Turn) error {
	ordered := slices.Clone(turn.Entries)
	slices.SortStableFunc(ordered, func(a, b *shadow.Entry) int {
		return cmp.Or(cmp.Compare(turnOf(a), turnOf(b)), cmp.Compare(a.ID, b.ID))
	})
	ended := 0
	for ended < len(ordered) && ordered[ended].State == shadow.Ended {
		ended++
	}
	if err := saveEach(t, h, ordered[:ended]); err != nil {
		return err
	}
	if err := saveBindings(t, h.Channel, turn.Rebound); err != nil {
		return err
	}
	return saveEach(t, h, ordered[ended:])
}

func saveEach(t *tx, h *head, entries []*shadow.Entry) error {
	for _, e := range entries {
		if err := saveEntry(t, h, e); err != nil {
			return err
		}
	}
	return nil
}

// bindAnew writes many bindings at once: after a reconnect all uids are new, and the rest of the rows is as it was. The
// epoch is new too, so that no uid meets another on the way. MATERIALIZED makes the planner read the list once and look the
// rows up; otherwise it reads the list once for every row.
const bindAnew = `WITH b AS MATERIALIZED (
	SELECT value ->> 0 AS entry_id, value ->> 1 AS epoch, value ->> 2 AS uid FROM json_each(?)
) UPDATE entries SET epoch = b.epoch, uid = b.uid FROM b
WHERE entries.channel = ? AND entries.entry_id = b.entry_id AND entries.state = 'bound'`

// saveBindings writes where entries are bound now.
func saveBindings(t *tx, channel string, entries []*shadow.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	bindings := make([][3]int64, len(entries))
	for i, e := range entries {
		bindings[i] = [3]int64{int64(e.ID), int64(e.Bind.Epoch), int64(e.Bind.UID)}
	}
	text, err := json.Marshal(bindings)
	if err != nil {
		return err
	}
	return t.run(bindAnew, string(text), channel)
}

// turnOf is when an entry is written within a turn.
func turnOf(e *shadow.Entry) int {
	rank := 0
	switch {
	case e.State == shadow.Ended:
	case e.State == shadow.Bound && e.AiredAtMS > 0:
		rank = 1
	case e.State == shadow.Bound:
		rank = 2
	case e.State == shadow.Sent:
		rank = 3
	default:
		rank = 4
	}
	if e.Proposal != nil {
		rank += 10
	}
	if e.Role == shadow.LeadIn && rank > 0 {
		rank += 5
	}
	return rank
}

func saveEntry(t *tx, h *head, e *shadow.Entry) error {
	r := entryOf(h.Channel, e)
	h.EntrySeq = max(h.EntrySeq, r.EntryID)
	if e.State == shadow.Bound && e.Role != shadow.Content {
		t.pass("bound")
	}
	return t.run(upsertEntry, r.Channel, r.EntryID, r.Role, r.State, r.Leaving, r.Ord, r.MediaType, r.MediaID, r.Title,
		r.DurationMS, r.Temp, r.AddedBy, r.Epoch, r.UID, r.PromoType, r.TargetID, r.Airing, r.PurchaseID, r.PaidBy, r.FiringID,
		r.DecisionID, r.Plugin, r.PluginBase, r.PluginVersion, r.PluginNext, r.UndoRev, r.UndoVersion, r.UndoData, r.PlannedAtMS, r.SentAtMS, r.AiredAtMS, r.Airings,
		r.EndedAtMS, r.EndedHow)
}

// findEntries reads entries by any condition, in list order.
func findEntries(q *gorm.DB, where string, args ...any) ([]*shadow.Entry, error) {
	var rows []entryRow
	err := q.Where(where, args...).Order("ord, entry_id").Find(&rows).Error
	return each(rows, entryRow.entry), err
}

func entryOf(channel string, e *shadow.Entry) entryRow {
	r := entryRow{
		Channel: channel, EntryID: int64(e.ID), Role: string(e.Role), State: string(e.State), Leaving: e.Leaving, Ord: e.Ord,
		MediaType: e.Media.Type, MediaID: e.Media.ID, Title: e.Media.Title, DurationMS: e.Media.DurationMS,
		Temp: e.Temp, AddedBy: e.AddedBy, PromoType: some(e.PromoType), TargetID: some(int64(e.Target)),
		PurchaseID: some(e.Purchase), PaidBy: string(e.PaidBy), FiringID: some(e.Firing), DecisionID: some(e.Decision),
		Plugin: some(e.Plugin), PlannedAtMS: some(e.PlannedAtMS), SentAtMS: some(e.SentAtMS), AiredAtMS: some(e.AiredAtMS),
		Airings: e.Airings, EndedAtMS: some(e.EndedAtMS), EndedHow: some(e.EndedHow),
	}
	if e.Target != 0 {
		r.Airing = &e.Airing
	}
	if e.State == shadow.Bound { // checked against every state, never inherited: only a bound entry has a uid
		epoch, uid := int64(e.Bind.Epoch), int64(e.Bind.UID)
		r.Epoch, r.UID = &epoch, &uid
	}
	if p := e.Proposal; p != nil && e.State != shadow.Ended {
		version := int64(p.Version)
		r.Plugin, r.PluginBase, r.PluginVersion, r.PluginNext = some(p.Plugin), &p.Base, &version, blob(p.Next)
	}
	if u := e.Undo; u != nil && e.State != shadow.Ended {
		version := int64(u.Version)
		r.UndoRev, r.UndoVersion, r.UndoData = &u.Rev, &version, blob(u.Data)
	}
	return r
}

func (r entryRow) entry() *shadow.Entry {
	e := &shadow.Entry{
		ID: shadow.EntryID(r.EntryID), Role: shadow.Role(r.Role), State: shadow.State(r.State),
		Media: sdk.Media{Type: r.MediaType, ID: r.MediaID, Title: r.Title, DurationMS: r.DurationMS},
		Temp:  r.Temp, AddedBy: r.AddedBy, PromoType: value(r.PromoType), Target: shadow.EntryID(value(r.TargetID)),
		Airing: value(r.Airing), Purchase: value(r.PurchaseID), PaidBy: channel.UserKey(r.PaidBy), Firing: value(r.FiringID),
		SentAtMS: value(r.SentAtMS), Leaving: r.Leaving, Ord: r.Ord, Airings: r.Airings, AiredAtMS: value(r.AiredAtMS),
		PlannedAtMS: value(r.PlannedAtMS), EndedAtMS: value(r.EndedAtMS), EndedHow: value(r.EndedHow),
		Decision: value(r.DecisionID), Plugin: value(r.Plugin),
	}
	if r.UID != nil {
		e.Bind = channel.Ref{Epoch: channel.Epoch(value(r.Epoch)), UID: channel.UID(*r.UID)}
	}
	if r.PluginBase != nil {
		e.Proposal = &shadow.Proposal{Plugin: e.Plugin, Base: *r.PluginBase, Version: uint32(value(r.PluginVersion)), Next: blob(r.PluginNext)}
	}
	if r.UndoRev != nil {
		e.Undo = &shadow.Undo{Rev: *r.UndoRev, Version: uint32(value(r.UndoVersion)), Data: blob(r.UndoData)}
	}
	return e
}
