package station_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/event"
	"playbill/core/shadow"
	"playbill/core/station"
)

func (w *world) run(t *testing.T, script string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(script), "\n") {
		if err := w.command(strings.Fields(line)); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
}

// TestABadScheduleDisablesOnlyItself: a row that cannot be armed is kept and says why; the others go on.
func TestABadScheduleDisablesOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.run(t, "channel add a:3600\nstart\nlist Serial immutable s1:60\nevent Club list=Serial in=10m lock=0")
		bad := event.Schedule{ID: 9, Rev: 1, Label: "Bad", Playlist: w.listed("Serial"), Start: "2000-01-01T00:05", Rule: "FREQ=SECONDLY", Active: true, NextAtMS: now() + 60_000}
		if _, err := w.book.Commit(context.Background(), station.Turn{AtMS: now(), Schedules: []event.Schedule{bad}}); err != nil {
			t.Fatal(err)
		}
		w.run(t, "kill\nstart\nwait 5m")
		for _, s := range w.st.View().Schedules {
			if (s.Broken != "") != (s.Label == "Bad") {
				t.Errorf("%s: %q", s.Label, s.Broken)
			}
		}
		if v := w.st.View(); v.Firing.On() || v.Next() == nil || v.Next().Label != "Club" {
			t.Errorf("next is %+v", v.Next())
		}
		w.run(t, "wait 6m")
		if w.st.View().Shadow.OnAir().Role != shadow.Event {
			t.Error("the good one did not start")
		}
	})
}

// TestALongEventIsLoadedInOrder: two hundred titles, one after another.
func TestALongEventIsLoadedInOrder(t *testing.T) {
	const n = 200
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		line := "list Serial immutable"
		for i := range n {
			line += fmt.Sprintf(" s%03d:60", i)
		}
		w.run(t, "channel add a:3600 b:60 c:60\nstart\n"+line+"\nevent Club list=Serial in=1m lock=0\nwait 60s")
		due := time.Now()
		for end := due.Add(10 * time.Minute); time.Now().Before(end) && w.st.View().Firing.Loading(); {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		v := w.st.View()
		t.Logf("on the screen %v after its start, at the channel's own pace", time.Since(due).Round(time.Second))
		if v.Shadow.Len() != n {
			t.Fatalf("%d are listed, of %d", v.Shadow.Len(), n)
		}
		for i := range n {
			if e := v.Shadow.At(i); e.Media.ID != fmt.Sprintf("s%03d", i) {
				t.Fatalf("at %d stands %s", i, e.Media.ID)
			}
		}
		if !v.Gate.PayClosed || v.Gate.OpensAtMS == 0 {
			t.Errorf("the gate is %+v", v.Gate)
		}
	})
	t.Logf("%d titles in %v of real time, the store on the disk", n, time.Since(began).Round(time.Millisecond))
}
