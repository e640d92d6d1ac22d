package library

import (
	"encoding/json"
	"fmt"

	"playbill/core/audit"
	"playbill/sdk"
)

// playlistJSON is a playlist as it stands in the audit trail and in export files. Fields are only added.
type playlistJSON struct {
	ID        int64      `json:"id,omitempty"`
	Name      string     `json:"name"`
	Immutable bool       `json:"immutable,omitempty"`
	PromoType string     `json:"promo_type,omitempty"`
	Rev       int64      `json:"rev,omitempty"`
	Items     []itemJSON `json:"items"`
}

type itemJSON struct {
	ID          int64    `json:"id,omitempty"`
	Type        string   `json:"type"`
	Media       string   `json:"media"`
	Title       string   `json:"title"`
	DurationMS  int64    `json:"duration_ms"`
	StartsAtMS  int64    `json:"starts_at_ms,omitempty"`
	EndsAtMS    int64    `json:"ends_at_ms,omitempty"`
	Windows     string   `json:"windows,omitempty"`
	RestMinutes int      `json:"rest_minutes,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Evergreen   bool     `json:"evergreen,omitempty"`
	Refusals    int      `json:"refusals,omitempty"`
	RefusedWhy  string   `json:"refused_why,omitempty"`
}

// EncodePlaylist writes a playlist as one line of JSON, whole: enough to bring it back.
func EncodePlaylist(p Playlist) string {
	out := playlistJSON{ID: p.ID, Name: p.Name, Immutable: p.Immutable, PromoType: p.PromoType, Rev: p.Rev, Items: []itemJSON{}}
	for _, i := range p.Items {
		out.Items = append(out.Items, itemJSON{
			ID: i.ID, Type: i.Media.Type, Media: i.Media.ID, Title: i.Media.Title, DurationMS: i.Media.DurationMS,
			StartsAtMS: i.StartsAtMS, EndsAtMS: i.EndsAtMS, Windows: i.Windows, RestMinutes: i.RestMinutes,
			Tags: i.Tags, Evergreen: i.Evergreen, Refusals: i.Refusals, RefusedWhy: i.RefusedWhy,
		})
	}
	text, err := json.Marshal(out)
	if err != nil {
		return "" // strings, numbers and slices of them always encode
	}
	return string(text)
}

// DecodePlaylist reads what EncodePlaylist wrote. It checks the form, not the content: SavePlaylist does.
func DecodePlaylist(text []byte) (Playlist, error) {
	var in playlistJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return Playlist{}, fmt.Errorf("read a playlist: %w", err)
	}
	p := Playlist{ID: in.ID, Name: in.Name, Immutable: in.Immutable, PromoType: in.PromoType, Rev: in.Rev}
	for _, i := range in.Items {
		p.Items = append(p.Items, Item{
			ID: i.ID, Media: sdk.Media{Type: i.Type, ID: i.Media, Title: i.Title, DurationMS: i.DurationMS},
			StartsAtMS: i.StartsAtMS, EndsAtMS: i.EndsAtMS, Windows: i.Windows, RestMinutes: i.RestMinutes,
			Tags: i.Tags, Evergreen: i.Evergreen, Refusals: i.Refusals, RefusedWhy: i.RefusedWhy,
		})
	}
	return p, nil
}

// encodeTitle writes a title as the audit trail keeps it: as it stands in an import file, with what an admin sets.
func encodeTitle(t Title) string {
	text, err := json.Marshal(titleJSON{Type: t.Media.Type, ID: t.Media.ID, Title: t.Media.Title, Length: t.Media.DurationMS / 1000, Year: t.Year,
		Categories: append([]string{}, t.Categories...), Tags: append([]string{}, t.Tags...), People: append([]string{}, t.People...), // none is []
		Description: t.Description, ArtURL: t.ArtURL,
		ClosedFromMS: t.ClosedFromMS, ClosedToMS: t.ClosedToMS, Gone: t.GoneAtMS != 0})
	if err != nil {
		return "" // strings, numbers and slices of them always encode
	}
	return string(text)
}

// decodeTitle reads what encodeTitle wrote of a title that is here now, and returns it as it was.
func decodeTitle(text string, now Title, who audit.Entry) (Title, error) {
	var in titleJSON
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return Title{}, fmt.Errorf("read a title: %w", err)
	}
	p := TitlePatch{Title: &in.Title, Description: &in.Description, ArtURL: &in.ArtURL, Year: &in.Year, Categories: &in.Categories, Tags: &in.Tags,
		People: &in.People, ClosedFromMS: &in.ClosedFromMS, ClosedToMS: &in.ClosedToMS, Gone: &in.Gone}
	if ms := in.Length * 1000; in.Length != now.Media.DurationMS/1000 { // the trail has whole seconds
		p.DurationMS = &ms
	}
	return p.on(now, who), nil
}

// KeyOfTitle is of which media an entry of the audit trail about a title speaks.
func KeyOfTitle(text string) (sdk.Key, error) {
	var in titleJSON
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return sdk.Key{}, fmt.Errorf("read a title: %w", err)
	}
	return sdk.Key{Type: in.Type, ID: in.ID}, nil
}
