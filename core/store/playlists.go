package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/sdk"
)

// Playlists returns all playlists with their items in order, by id.
func (r *Reader) Playlists(ctx context.Context) ([]library.Playlist, error) {
	var out []library.Playlist
	err := r.read(ctx, func(q *gorm.DB) error {
		var lists []playlistRow
		if err := q.Order("playlist_id").Find(&lists, "channel = ?", r.channel).Error; err != nil {
			return err
		}
		var items []itemRow
		if err := q.Order("playlist_id, ord").Find(&items, "channel = ?", r.channel).Error; err != nil {
			return err
		}
		of := map[int64][]library.Item{}
		for _, row := range items {
			item, err := row.item()
			if err != nil {
				return err
			}
			of[row.PlaylistID] = append(of[row.PlaylistID], item)
		}
		out = make([]library.Playlist, len(lists))
		for i, l := range lists {
			out[i] = library.Playlist{ID: l.PlaylistID, Name: l.Name, Immutable: l.Immutable, PromoType: value(l.PromoType),
				Rev: l.Rev, Items: of[l.PlaylistID]}
		}
		return nil
	})
	return out, err
}

// SavePlaylist creates a playlist (ID 0, Rev 0) or replaces name, flags and items of one that is still at p.Rev, and
// returns it as stored. Faults: fault.Changed when the stored revision is another, fault.NotFound when there is no such
// playlist, fault.Conflict when the name is taken or the list would be both non-preemptable and a pool.
func (c *Channel) SavePlaylist(ctx context.Context, p library.Playlist, a audit.Entry) (library.Playlist, error) {
	if p.Immutable && p.PromoType != "" {
		return p, fault.New(fault.Conflict, fmt.Sprintf("“%s” is non-preemptable and cannot be a pool too. Release it first.", p.Name))
	}
	items := p.Items
	err := c.write(ctx, func(t *tx, h *head) error {
		p.Items = append([]library.Item(nil), items...)
		if err := savePlaylist(t, h, &p); err != nil {
			return err
		}
		return appendAudit(t, h.Channel, a.AtMS, named(a))
	})
	if violates(err) == "playlists_name_once" {
		return p, fault.Wrap(err, fault.Conflict, fmt.Sprintf("There is a playlist called “%s” already. Choose another name.", p.Name))
	}
	return p, err
}

// savePlaylist writes the list and its items anew; items that are known keep their ids.
func savePlaylist(t *tx, h *head, p *library.Playlist) error {
	stored, err := playlistAt(t, h.Channel, p.ID, p.Rev)
	if err != nil {
		return err
	}
	if p.ID == 0 {
		h.PlaylistSeq++
		p.ID = h.PlaylistSeq
	}
	p.Rev++
	row := playlistRow{Channel: h.Channel, PlaylistID: p.ID, Name: p.Name, Immutable: p.Immutable, PromoType: some(p.PromoType), Rev: p.Rev}
	if stored == nil {
		err = t.Create(&row).Error
	} else {
		err = t.Save(&row).Error
	}
	if err != nil {
		return err
	}
	var last int64
	err = t.Raw("SELECT COALESCE(MAX(item_id), 0) FROM playlist_items WHERE channel = ? AND playlist_id = ?", h.Channel, p.ID).Scan(&last).Error
	if err != nil {
		return err
	}
	if err := t.Exec("DELETE FROM playlist_items WHERE channel = ? AND playlist_id = ?", h.Channel, p.ID).Error; err != nil {
		return err
	}
	return insertItems(t, h.Channel, p, last)
}

func insertItems(t *tx, channel string, p *library.Playlist, last int64) error {
	for _, item := range p.Items {
		last = max(last, item.ID) // one that is brought back
	}
	for i := range p.Items {
		item := &p.Items[i]
		if item.ID == 0 {
			last++
			item.ID = last
		}
		row, err := itemOf(channel, p.ID, int64(i), *item)
		if err != nil {
			return err
		}
		err = t.run(insertItem, row.Channel, row.PlaylistID, row.ItemID, row.Ord, row.MediaType, row.MediaID, row.Title, row.DurationMS,
			row.StartsAtMS, row.EndsAtMS, row.Windows, row.RestMinutes, row.Tags, row.Evergreen, row.Refusals, row.RefusedWhy)
		if err != nil {
			return err
		}
	}
	return nil
}

const insertItem = `INSERT INTO playlist_items (channel, playlist_id, item_id, ord, media_type, media_id, title, duration_ms,
	starts_at_ms, ends_at_ms, windows, rest_minutes, tags, evergreen, refusals, refused_why) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

// playlistAt returns the stored list, which must be at this revision; nil for a new one.
func playlistAt(t *tx, channel string, id, rev int64) (*playlistRow, error) {
	if id == 0 {
		return nil, nil
	}
	var rows []playlistRow
	if err := t.Find(&rows, "channel = ? AND playlist_id = ?", channel, id).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.NotFound, "This playlist does not exist any more.")
	}
	if rows[0].Rev != rev {
		return nil, fault.New(fault.Changed, fmt.Sprintf("“%s” was changed by somebody else meanwhile. Nothing was saved; load it again and repeat your change.", rows[0].Name))
	}
	return &rows[0], nil
}

// DeletePlaylist removes a playlist that is still at this revision. Faults: fault.Changed, fault.NotFound, and
// fault.Conflict while a schedule uses it.
func (c *Channel) DeletePlaylist(ctx context.Context, id, rev int64, a audit.Entry) error {
	return c.write(ctx, func(t *tx, h *head) error {
		stored, err := playlistAt(t, h.Channel, id, rev)
		if err != nil {
			return err
		}
		if stored == nil {
			return fault.New(fault.NotFound, "This playlist does not exist.")
		}
		var labels []string
		err = t.Raw("SELECT label FROM schedules WHERE channel = ? AND (playlist_id = ? OR fallback_id = ?) LIMIT 1", h.Channel, id, id).Scan(&labels).Error
		if err != nil {
			return err
		}
		if len(labels) > 0 {
			return fault.New(fault.Conflict, fmt.Sprintf("“%s” is used by the event “%s”. Change or delete that event first.", stored.Name, labels[0]))
		}
		if err := t.Exec("DELETE FROM playlists WHERE channel = ? AND playlist_id = ?", h.Channel, id).Error; err != nil {
			return err
		}
		return appendAudit(t, h.Channel, a.AtMS, named(a))
	})
}

func itemOf(channel string, playlist, ord int64, i library.Item) (itemRow, error) {
	tags, err := list(i.Tags)
	return itemRow{Channel: channel, PlaylistID: playlist, ItemID: i.ID, Ord: ord, MediaType: i.Media.Type, MediaID: i.Media.ID,
		Title: i.Media.Title, DurationMS: i.Media.DurationMS, StartsAtMS: some(i.StartsAtMS), EndsAtMS: some(i.EndsAtMS),
		Windows: i.Windows, RestMinutes: i.RestMinutes, Tags: tags, Evergreen: i.Evergreen, Refusals: i.Refusals,
		RefusedWhy: some(i.RefusedWhy)}, err
}

func (r itemRow) item() (library.Item, error) {
	tags, err := listed(r.Tags)
	return library.Item{ID: r.ItemID, Media: sdk.Media{Type: r.MediaType, ID: r.MediaID, Title: r.Title, DurationMS: r.DurationMS},
		StartsAtMS: value(r.StartsAtMS), EndsAtMS: value(r.EndsAtMS), Windows: r.Windows, RestMinutes: r.RestMinutes, Tags: tags,
		Evergreen: r.Evergreen, Refusals: r.Refusals, RefusedWhy: value(r.RefusedWhy)}, err
}

// list stores words as JSON, none as nothing; listed reads them back.
func list(words []string) (string, error) {
	if len(words) == 0 {
		return "", nil
	}
	text, err := json.Marshal(words)
	return string(text), err
}

func listed(text string) (words []string, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &words)
	return words, err
}
