// Package sample is what the demo shows: a catalog of real films that are free of copyright, a few saved playlists, one
// non-preemptable event and a pool of short clips for each promo type that ships. The addresses lead nowhere on purpose:
// the embedded channel plays no pictures.
package sample

import (
	_ "embed" // for the two files
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"playbill/core/library"
	"playbill/sdk"
)

//go:embed titles.csv
var titlesCSV string

//go:embed playlists.csv
var playlistsCSV string

// source marks what came from here.
const source = "sample"

// Titles returns the catalog, with Source "sample" and without AddedAtMS.
func Titles() ([]library.Title, error) {
	titles, problems, err := library.ParseCSV(strings.NewReader(titlesCSV))
	if err != nil {
		return nil, fmt.Errorf("read the sample titles: %w", err)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("sample titles, line %d: %s", problems[0].Line, problems[0].Sentence)
	}
	for i := range titles {
		titles[i].Source = source
	}
	return titles, nil
}

// Playlists returns the playlists, none of them stored yet, in the order in which they are to be created.
func Playlists() ([]library.Playlist, error) {
	titles, err := Titles()
	if err != nil {
		return nil, err
	}
	known := make(map[string]sdk.Media, len(titles))
	for _, t := range titles {
		known[t.Media.ID] = t.Media
	}
	in := csv.NewReader(strings.NewReader(playlistsCSV))
	in.Comment = '#'
	rows, err := in.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the sample playlists: %w", err)
	}
	var lists []library.Playlist
	for _, row := range rows[1:] { // the first names the columns
		m, err := mediaOf(row, known)
		if err != nil {
			return nil, err
		}
		if n := len(lists); n == 0 || lists[n-1].Name != row[0] {
			lists = append(lists, library.Playlist{Name: row[0], Immutable: row[1] == "true", PromoType: row[2]})
		}
		last := &lists[len(lists)-1]
		last.Items = append(last.Items, library.Item{Media: m})
	}
	return lists, nil
}

// mediaOf is the media of one row: a title of the catalog, or a clip that stands here only.
func mediaOf(row []string, known map[string]sdk.Media) (sdk.Media, error) {
	id, title, length := row[3], row[4], row[5]
	if title == "" {
		m, ok := known[id]
		if !ok {
			return sdk.Media{}, fmt.Errorf("sample playlist %q: %s is not in the catalog", row[0], id)
		}
		return m, nil
	}
	seconds, err := strconv.ParseInt(length, 10, 32)
	if err != nil {
		return sdk.Media{}, fmt.Errorf("sample playlist %q: %q is not a length", row[0], length)
	}
	return sdk.Media{Type: "cm", ID: id, Title: title, DurationMS: seconds * 1000}, nil
}
