package store

import (
	"fmt"
	"testing"

	"playbill/core/asrun"
	"playbill/core/audit"
	"playbill/core/station"
)

func TestSweepRemovesWhatIsKeptLongEnough(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	turn := station.Turn{AtMS: testNow}
	var trail []audit.Entry
	for i := range int64(2*sweepStep + 10) {
		turn.Decisions = append(turn.Decisions, asrun.Decision{ID: i + 1, AtMS: testNow + i})
		turn.Calls = append(turn.Calls, station.Outcome{EventID: fmt.Sprint(i), Hook: station.OnAdvance, Plugin: "p", Kind: station.NoOpinion, AtMS: testNow + i})
		trail = append(trail, audit.Entry{AtMS: testNow + i, Actor: "host", Action: "x", Subject: "y"})
	}
	commit(t, c, turn)
	if err := c.Audit(t.Context(), trail...); err != nil {
		t.Fatal(err)
	}
	count := func(table string) (n int64) {
		t.Helper()
		if err := db.readers.Table(table).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		return n
	}
	all := int64(2*sweepStep + 10)
	removed, err := c.Sweep(t.Context(), testNow+all-1, testNow+2*all, testNow+5)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "hook calls that stay", count("hook_calls"), int64(1))
	same(t, "decisions that stay: the newest, for its number", count("decisions"), int64(1))
	same(t, "audit entries that stay", count("audit"), all-5)
	same(t, "removed", removed, (all-1)+(all-1)+5)
	same(t, "the last decision", load(t, c).LastDecision, all)
	again, err := c.Sweep(t.Context(), testNow+all-1, testNow+2*all, testNow+5)
	if err != nil || again != 0 {
		t.Error(again, err)
	}
}
