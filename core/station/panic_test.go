package station_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"playbill/core/station"
	"playbill/sdk"
)

// bomb is an Asker that panics once it is asked.
type bomb struct{ *plugins }

func (bomb) Promo(context.Context, station.Hook, map[string]sdk.Advance) []station.Outcome {
	panic("a plugin host with a bug")
}

// TestPanicInAJobIsSurvived: the purchase is placed all the same, and the station goes on.
func TestPanicInAJobIsSurvived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.asker = bomb{w.plugins}
		for _, line := range []string{"set every_m_minutes=0 every_n_items=1", "pool viewers_choice vc1:15", "pool channel_identity id1:15",
			"channel add a:60 b:60 c:60", "start", "viewer ann joins", "viewer ann has 1000", "viewer ann buys p:60", "wait 200s"} {
			if err := w.command(strings.Fields(line)); err != nil {
				t.Fatal(line, err)
			}
		}
		if p, _ := w.st.View().Purchase(w.buys["p"]); p.State != "settled" {
			t.Fatalf("the purchase is %q", p.State)
		}
	})
}

// TestPanicWhileSomethingIsSent: what a job was sending when it panicked is in doubt like any other command, and the doubt ends:
// the buyer has the coins again, the plugin is asked again.
func TestPanicWhileSomethingIsSent(t *testing.T) {
	for _, point := range []string{"sent.after", "add.before", "add.after", "leadin.sent.after", "leadin.add.after"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.close()
				struck := false
				w.onPoint = func(at string) {
					if at == point && !struck {
						struck = true
						panic("a station with a bug")
					}
				}
				for _, line := range []string{"set every_m_minutes=off every_n_items=1", "pool viewers_choice vc1:15 vc2:15", "pool channel_identity id1:15",
					"channel add a:60 b:60 c:60", "start", "viewer ann joins", "viewer ann has 1000", "viewer ann buys p:60", "wait 5s", "viewer ann buys q:60", "wait 300s"} {
					if err := w.command(strings.Fields(line)); err != nil {
						t.Fatal(line, err)
					}
				}
				if v := w.st.View(); !struck || len(v.Purchases) > 0 || len(v.Shadow.Waiting) > 0 {
					t.Errorf("struck: %t; open %v, waiting %d", struck, v.Purchases, len(v.Shadow.Waiting))
				}
			})
		})
	}
}
