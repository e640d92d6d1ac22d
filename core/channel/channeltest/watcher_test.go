package channeltest

import (
	"testing"

	"playbill/core/channel"
	"playbill/sdk"
)

// TestTheWatcherSees breaks one rule at a time: a suite that nothing fails is none.
func TestTheWatcherSees(t *testing.T) {
	item := func(uid channel.UID) channel.Item {
		return channel.Item{UID: uid, Media: sdk.Media{Type: "yt", ID: "x", DurationMS: 1000}, Temp: true}
	}
	good := func() channel.Update {
		return channel.Update{
			Over: 3, Shown: 3, Epoch: 5, AtMS: 1000, Health: channel.Good, Self: "bot", Rate: 1,
			List: []channel.Item{item(0), item(1)}, PlayedMS: 500, Can: channel.Can{TextMax: 1, ListMax: 1},
		}
	}
	left := func(how string, uid channel.UID) []channel.Departure {
		return []channel.Departure{{Epoch: 5, Item: item(uid), AtMS: 900, How: how}}
	}
	tests := []struct {
		name  string
		spoil func(u *channel.Update)
		ok    bool
	}{
		{"nothing", func(*channel.Update) {}, true},
		{"an empty list", func(u *channel.Update) { u.List, u.Current = nil, -1 }, true},
		{"over of an earlier connection", func(u *channel.Update) { u.Over = -1 }, true},
		{"a jump away from what stays listed", func(u *channel.Update) { u.Left = left(channel.Skipped, 1) }, true},
		{"no name", func(u *channel.Update) { u.Self = "" }, false},
		{"no rate", func(u *channel.Update) { u.Rate = 0 }, false},
		{"degraded without a sentence", func(u *channel.Update) { u.Health = channel.Degraded }, false},
		{"nothing plays between two frames", func(u *channel.Update) { u.Current = -1 }, false},
		{"current past the list", func(u *channel.Update) { u.Current = 2 }, false},
		{"a uid twice", func(u *channel.Update) { u.List[1].UID = 0 }, false},
		{"played too long", func(u *channel.Update) { u.PlayedMS = 1001 }, false},
		{"ended and still listed", func(u *channel.Update) { u.Left = left(channel.Played, 1) }, false},
		{"removed and still listed", func(u *channel.Update) { u.Left = left(channel.Removed, 0) }, false},
		{"left for no known reason", func(u *channel.Update) { u.Left = left("vanished", 9) }, false},
		{"epoch goes back", func(u *channel.Update) { u.Epoch = 4 }, false},
		{"time goes back", func(u *channel.Update) { u.AtMS = 999 }, false},
		{"shown goes back", func(u *channel.Update) { u.Shown = 2 }, false},
		{"over goes back", func(u *channel.Update) { u.Over = 2 }, false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			w := &watcher{read: 1, last: good()}
			u := good()
			tc.spoil(&u)
			if err := w.check(u); (err == nil) != tc.ok {
				t.Errorf("%v", err)
			}
		})
	}
	w := &watcher{Harness: Harness{Opened: 5}}
	if w.check(good()) == nil {
		t.Error("a first epoch that is not above the opened one")
	}
}
