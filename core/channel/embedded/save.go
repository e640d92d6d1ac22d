package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/google/renameio/v2"

	"playbill/core/channel"
	"playbill/core/playlist"
	"playbill/sdk"
)

// fileVersion is written into the file; another one is refused.
const fileVersion = 1

// file is the saved list. Positions and lengths are media milliseconds.
type file struct {
	Version int       `json:"version"`
	Channel string    `json:"channel"`
	Current int       `json:"current"`
	OnAirMS int64     `json:"on_air_ms"`
	Items   []fileRow `json:"items"`
}

type fileRow struct {
	Type       string `json:"type"`
	ID         string `json:"id"`
	Title      string `json:"title"`
	DurationMS int64  `json:"duration_ms"`
	Temp       bool   `json:"temp,omitempty"`
	AddedBy    string `json:"added_by"`
}

// writeFile replaces the file whole, or not at all.
func writeFile(path, name string, s playlist.Saved) error {
	if path == "" {
		return nil
	}
	f := file{Version: fileVersion, Channel: name, Current: s.Current, OnAirMS: s.OnAirMS, Items: make([]fileRow, len(s.Items))}
	for i, it := range s.Items {
		f.Items[i] = fileRow{it.Media.Type, it.Media.ID, it.Media.Title, it.Media.DurationMS, it.Temp, it.AddedBy}
	}
	data, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("save the list of %s: %w", name, err)
	}
	if err := renameio.WriteFile(path, data, filePerm); err != nil {
		return fmt.Errorf("save the list of %s: %w", name, err)
	}
	return nil
}

// readFile returns what was saved; nothing when there is no file.
func readFile(path string) (playlist.Saved, error) {
	empty := playlist.Saved{Current: -1}
	if path == "" {
		return empty, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, fmt.Errorf("read the saved list: %w", err)
	}
	s, err := parseFile(data)
	if err != nil {
		return empty, fmt.Errorf("read the saved list %s: %w", path, err)
	}
	return s, nil
}

func parseFile(data []byte) (playlist.Saved, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return playlist.Saved{}, err
	}
	if f.Version != fileVersion {
		return playlist.Saved{}, fmt.Errorf("version %d, want %d", f.Version, fileVersion)
	}
	s := playlist.Saved{Current: f.Current, OnAirMS: f.OnAirMS, Items: make([]channel.Item, len(f.Items))}
	for i, row := range f.Items {
		m := sdk.Media{Type: row.Type, ID: row.ID, Title: row.Title, DurationMS: row.DurationMS}
		s.Items[i] = channel.Item{Media: m, Temp: row.Temp, AddedBy: row.AddedBy}
	}
	return s, nil
}
