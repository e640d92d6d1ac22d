package cytube_test

import (
	"strings"
	"testing"

	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
)

// TestNeeds: what the bot may not do is said under the name that the channel's settings have for it, with what is lost and
// what to click, and no longer once it may.
func TestNeeds(t *testing.T) {
	inBubble(t, cytubetest.Options{Dupes: true}, func(w *world) {
		u := w.until("all is met", func(u channel.Update) bool { return u.Health == channel.Good && unmet(u) == "" })
		if len(u.Needs) < 10 {
			t.Errorf("only %d needs are told", len(u.Needs))
		}
		w.server.Permit("playlistdelete", 4)
		u = w.until("may not delete", func(u channel.Update) bool { return unmet(u) == "Delete playlist items" })
		n := find(u, "Delete playlist items")
		for _, words := range []string{"asks for Owner", "no request can be cancelled"} {
			if !strings.Contains(n.Says, words) {
				t.Errorf("it does not say %q: %s", words, n.Says)
			}
		}
		if n.Weight != channel.Grave || !strings.Contains(n.Fix, "“Delete playlist items”: choose Channel Admin or lower") {
			t.Errorf("it does not say what to click: %+v", n)
		}
		w.server.Lock(false)
		w.until("an open list lets it", func(u channel.Update) bool { return unmet(u) == "" })
		w.server.AllowDupes(false)
		u = w.until("duplicates are refused", func(u channel.Update) bool { return unmet(u) == "Allow duplicate videos on the playlist" })
		if find(u, "Allow duplicate videos on the playlist").Weight != channel.Taste {
			t.Error("it works without duplicates")
		}
		if n := find(u, "Auto-AFK Delay"); !n.Met || !strings.Contains(n.Says, "10 min") {
			t.Errorf("the AFK delay: %+v", n)
		}
	})
}

// unmet names the needs that are not met.
func unmet(u channel.Update) string {
	var names []string
	for _, n := range u.Needs {
		if !n.Met {
			names = append(names, n.What)
		}
	}
	return strings.Join(names, ", ")
}

func find(u channel.Update, what string) channel.Need {
	for _, n := range u.Needs {
		if n.What == what {
			return n
		}
	}
	return channel.Need{}
}
