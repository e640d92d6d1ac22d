package pages

import (
	"testing"

	"playbill/core/event"
	"playbill/core/station"
)

// TestLoadStrip says how far a load is, and how it ended.
func TestLoadStrip(t *testing.T) {
	failed := []event.Failed{{Title: "Gone", Why: "This video is private."}}
	for name, tt := range map[string]struct {
		load       station.Loading
		head, says string
		gone       int
		why        bool
	}{
		"under way": {station.Loading{Name: "Noir", By: "marlowe", Total: 12, Done: 4, Failed: failed}, "“Noir” is being loaded into the queue.",
			"4 of 12 titles added, 1 not, asked for by marlowe. Promos wait until it is done.", 5, false},
		"done": {station.Loading{Name: "Noir", Total: 1, Done: 1, EndedAtMS: 1, EndedHow: "done"}, "“Noir” was loaded into the queue.", "1 of 1 title added.", 1, false},
		"cut": {station.Loading{Name: "Noir", Total: 3, Done: 1, EndedAtMS: 1, EndedHow: "interrupted", Why: "The host stopped."}, "“Noir” was interrupted while it was loaded.",
			"1 of 3 titles added. The host stopped.", 1, true},
	} {
		s := stripOf(&tt.load, tt.load.Why != "" || len(tt.load.Failed) > 0)
		if s.Head != tt.head || s.Says != tt.says || s.Gone != tt.gone || s.Why != tt.why {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
