package store

import (
	"context"

	"gorm.io/gorm"

	"playbill/core/audit"
	"playbill/core/library"
	"playbill/sdk"
)

// upsertTitle adds a title or replaces it; when it was first added stays.
const upsertTitle = `INSERT INTO catalog (media_type, media_id, title, description, duration_ms, year, categories, tags,
	people, art_url, source, added_at_ms, closed_from_ms, closed_to_ms, gone_at_ms, gone_by)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (media_type, media_id) DO UPDATE SET title = excluded.title, description = excluded.description,
	duration_ms = excluded.duration_ms, year = excluded.year, categories = excluded.categories, tags = excluded.tags,
	people = excluded.people, art_url = excluded.art_url, source = excluded.source, closed_from_ms = excluded.closed_from_ms,
	closed_to_ms = excluded.closed_to_ms, gone_at_ms = excluded.gone_at_ms, gone_by = excluded.gone_by`

// Titles returns the whole catalog, those that are gone too, by title. The catalog is one for all channels of a database.
func (r *Reader) Titles(ctx context.Context) ([]library.Title, error) {
	var rows []titleRow
	err := r.read(ctx, func(q *gorm.DB) error {
		return q.Order("title, media_type, media_id").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	out := make([]library.Title, len(rows))
	for i, row := range rows {
		if out[i], err = row.noun(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SaveTitles adds titles, or replaces those with the same type and id; AddedAtMS of a replaced one stays. An audit entry
// without an action is not written.
func (c *Channel) SaveTitles(ctx context.Context, ts []library.Title, a audit.Entry) error {
	return c.write(ctx, func(t *tx, h *head) error {
		for _, title := range ts {
			r, err := titleOf(title)
			if err != nil {
				return err
			}
			err = t.run(upsertTitle, r.MediaType, r.MediaID, r.Title, r.Description, r.DurationMS, r.Year, r.Categories, r.Tags,
				r.People, r.ArtURL, r.Source, r.AddedAtMS, r.ClosedFromMS, r.ClosedToMS, r.GoneAtMS, r.GoneBy)
			if err != nil {
				return err
			}
		}
		if a.Action == "" {
			return nil
		}
		return appendAudit(t, h.Channel, a.AtMS, named(a))
	})
}

func titleOf(t library.Title) (titleRow, error) {
	categories, err := list(t.Categories)
	if err != nil {
		return titleRow{}, err
	}
	tags, err := list(t.Tags)
	if err != nil {
		return titleRow{}, err
	}
	people, err := list(t.People)
	return titleRow{MediaType: t.Media.Type, MediaID: t.Media.ID, Title: t.Media.Title, Description: t.Description,
		DurationMS: t.Media.DurationMS, Year: some(t.Year), Categories: categories, Tags: tags, People: people, ArtURL: t.ArtURL,
		Source: t.Source, AddedAtMS: t.AddedAtMS, ClosedFromMS: some(t.ClosedFromMS), ClosedToMS: some(t.ClosedToMS),
		GoneAtMS: some(t.GoneAtMS), GoneBy: t.GoneBy}, err
}

func (r titleRow) noun() (library.Title, error) {
	categories, err := listed(r.Categories)
	if err != nil {
		return library.Title{}, err
	}
	tags, err := listed(r.Tags)
	if err != nil {
		return library.Title{}, err
	}
	people, err := listed(r.People)
	return library.Title{Media: sdk.Media{Type: r.MediaType, ID: r.MediaID, Title: r.Title, DurationMS: r.DurationMS},
		Description: r.Description, Year: value(r.Year), Categories: categories, Tags: tags, People: people, ArtURL: r.ArtURL,
		Source: r.Source, AddedAtMS: r.AddedAtMS, ClosedFromMS: value(r.ClosedFromMS), ClosedToMS: value(r.ClosedToMS),
		GoneAtMS: value(r.GoneAtMS), GoneBy: r.GoneBy}, err
}
