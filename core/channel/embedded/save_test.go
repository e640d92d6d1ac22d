package embedded

import (
	"encoding/json"
	"testing"

	"playbill/core/playlist"
)

// FuzzParseFile: whatever stands in the file, it is refused or a list plays from it.
func FuzzParseFile(f *testing.F) {
	whole, _ := json.Marshal(file{Version: fileVersion, Current: 1, OnAirMS: 7, Items: []fileRow{{Type: "yt", ID: "a"}, {ID: "b", DurationMS: 9, Temp: true}}})
	f.Add(whole)
	f.Add([]byte(`{"version":1,"current":-5,"on_air_ms":-9,"items":null}`))
	f.Add([]byte(`{"version":1,"items":[{"duration_ms":9223372036854775807},{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseFile(data)
		if err != nil {
			return
		}
		l := playlist.Load(playlist.Rules{}, 1, s, 1000)
		l.Advance(2000)
		if _, plays := l.OnAir(); plays != (l.Len() > 0) {
			t.Fatalf("%d rows, plays: %v", l.Len(), plays)
		}
		if l.PlayedMS(2000) < 0 {
			t.Fatalf("played %d", l.PlayedMS(2000))
		}
	})
}
