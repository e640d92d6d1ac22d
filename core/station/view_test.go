package station_test

import (
	"testing"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/station"
)

// TestClosed is what a viewer reads while nothing is sold, and what the owner does.
func TestClosed(t *testing.T) {
	stops := []channel.Need{{What: "Add", Weight: channel.Grave, Says: "The bot may not add.", Fix: "Let it."}}
	hampers := []channel.Need{{What: "Voice", Weight: channel.Grave, Says: "The bot is muted.", Fix: "Unmute it."}, {What: "Add", Weight: channel.Grave, Met: true}}
	for name, c := range map[string]struct {
		v      station.View
		code   fault.Code
		closed string
		owner  string // the first sentence
	}{
		"open":                 {station.View{Resolved: true, Health: channel.Good}, "", "", ""},
		"hampered":             {station.View{Resolved: true, Health: channel.Good, Needs: hampers, Can: channel.Can{Add: true, Move: true}}, "", "", ""},
		"may not add":          {station.View{Resolved: true, Health: channel.Good, Needs: stops, Can: channel.Can{Move: true}}, fault.Permission, "The bot lacks a permission in the channel, so nothing can be sold. Requests open when its owner has changed that.", "“Add”: The bot may not add. Let it."},
		"never connected":      {station.View{Why: "Banned."}, fault.Starting, "Banned. Requests open as soon as Playbill has compared its books with the channel.", "Banned."},
		"connected and unread": {station.View{Health: channel.Good}, fault.Starting, "Playbill is starting and has not compared its books with the channel yet. Requests open as soon as it has.", "The channel has not been compared with the books yet."},
		"lost":                 {station.View{Resolved: true, Why: "Lost."}, fault.ChannelDown, "Lost. Requests are paused and nobody pays.", "Lost."},
		"lost without a word":  {station.View{Resolved: true}, fault.ChannelDown, "The channel cannot be read now, so requests are paused and nobody pays.", "The channel cannot be read now."},
		"journal":              {station.View{Resolved: true, Health: channel.Good, Journal: "No."}, fault.Journal, "No.", "No."},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.v.Closed()
			if (f == nil) != (c.code == "") || f != nil && (f.Code != c.code || f.Sentence != c.closed) {
				t.Errorf("closed: %v", f)
			}
			why := c.v.Unready()
			if (len(why) == 0) != (c.owner == "") || len(why) > 0 && why[0] != c.owner {
				t.Errorf("unready: %q", why)
			}
		})
	}
}
