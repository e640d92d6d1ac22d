package api

import (
	"fmt"

	"playbill/core/station"
)

// eventNeeds names schedules that cannot be armed, and a load that did not come to its end.
func eventNeeds(f facts) []Need {
	var out []Need
	for _, s := range f.view.Schedules {
		if s.Broken != "" {
			out = append(out, Need{Code: "event_broken", Severity: severityWarn, Area: AreaEvents, Head: "“" + s.Label + "” cannot start",
				Text: s.Broken + " Save it again with that changed; every other event goes on.", Word: "Change it", Link: fmt.Sprintf("/admin/events?event=%d#event", s.ID)})
		}
	}
	return append(out, loadNeeds(f.view.Load)...)
}

func loadNeeds(l *station.Loading) []Need {
	if l == nil || l.On() || l.Why == "" {
		return nil
	}
	return one(Need{Code: "load", Severity: severityWarn, Area: AreaEvents, Head: fmt.Sprintf("Loading “%s” ended at %d of %d", l.Name, l.Done, l.Total), Text: l.Why, Word: "See what was loaded", Link: "/admin/playlists"})
}
