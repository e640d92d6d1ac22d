package event_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/core/event"
)

func TestGateOf(t *testing.T) {
	during := event.Lock{ID: 1, Kind: event.During, Label: "Silent Sunday"}
	soon := event.Lock{ID: 2, Kind: event.PreEvent, Label: "Serial Club", StartsAtMS: 2_000}
	sooner := event.Lock{ID: 3, Kind: event.PreEvent, Label: "Matinee", StartsAtMS: 1_000}
	closed := event.Gate{PayClosed: true, PromosClosed: true, Code: "event_lock",
		Sentence: "Requests are closed during “Silent Sunday”. They open again when its last title starts."}
	before := event.Gate{PayClosed: true, Code: "pre_event_lock", OpensAtMS: 2_000,
		Sentence: "Requests are closed until “Serial Club” is under way."}
	cases := []struct {
		name  string
		locks []event.Lock
		want  event.Gate
	}{
		{"no lock", nil, event.Gate{}},
		{"before an event promos go on", []event.Lock{soon}, before},
		{"during an event", []event.Lock{during}, closed},
		{"an event that runs goes before one that comes", []event.Lock{soon, during}, closed},
		{"in either order", []event.Lock{during, soon}, closed},
		{"of two that come, the later opens the gate", []event.Lock{soon, sooner}, before},
		{"in either order", []event.Lock{sooner, soon}, before},
		{"without a label", []event.Lock{{Kind: event.During}}, event.Gate{PayClosed: true, PromosClosed: true, Code: "event_lock",
			Sentence: "Requests are closed during the event. They open again when its last title starts."}},
		{"a kind of lock that is not known closes nothing", []event.Lock{{Kind: "other"}}, event.Gate{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, event.GateOf(c.locks)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
