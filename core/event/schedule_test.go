package event_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/core/event"
)

func TestReleased(t *testing.T) {
	until := func(playlist, ms int64) event.Schedule {
		return event.Schedule{Playlist: playlist, ImmutableUntilMS: ms}
	}
	for name, c := range map[string]struct {
		all  []event.Schedule
		want []int64
	}{
		"no schedule plays it":                {nil, nil},
		"its expiry is to come":               {[]event.Schedule{until(1, 1001)}, nil},
		"its expiry is reached":               {[]event.Schedule{until(1, 1000)}, []int64{1}},
		"one without expiry keeps it":         {[]event.Schedule{until(1, 1000), until(1, 0)}, nil},
		"another's expiry is to come":         {[]event.Schedule{until(1, 900), until(1, 1001)}, nil},
		"both are reached: it is named once":  {[]event.Schedule{until(1, 900), until(1, 1000)}, []int64{1}},
		"each playlist for itself":            {[]event.Schedule{until(2, 0), until(1, 1000), until(3, 1)}, []int64{1, 3}},
		"a schedule without expiry, no other": {[]event.Schedule{until(1, 0)}, nil},
	} {
		if diff := cmp.Diff(c.want, event.Released(c.all, 1000)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
