package main

import (
	"testing"

	"playbill/core/channel/embedded"
	"playbill/core/fault"
)

// TestLobbyIsForViewers: nobody of a demo reads, or becomes, somebody with more rank than a viewer.
func TestLobbyIsForViewers(t *testing.T) {
	room, err := embedded.Open(embedded.Options{Channel: "hall", Self: "bot"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := room.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, rank := range map[string]int{"keeper": 30, "ada": 10} {
		if err := room.Join(name, rank); err != nil {
			t.Fatal(err)
		}
	}
	l := lobby{room: room}
	for name, code := range map[string]fault.Code{"keeper": fault.Forbidden, "Keeper": fault.Forbidden, "bot": fault.Forbidden, "Projectionist": fault.Forbidden,
		"two words": fault.Invalid, "": fault.Invalid, "absent": fault.Invalid} {
		if _, err := l.Messages(name); !fault.Is(err, code) {
			t.Errorf("the messages of %q: %v", name, err)
		}
		if code == fault.Forbidden && !fault.Is(l.Join(t.Context(), name), code) {
			t.Errorf("joined as %q", name)
		}
	}
	if list, err := l.Messages("Ada"); err != nil || len(list) != 0 {
		t.Errorf("a viewer's own: %v, %v", list, err)
	}
}
