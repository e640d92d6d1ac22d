package station_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"playbill/sdk"
)

// TestALongEventOnCyTube: two hundred titles on a scripted CyTube server, which takes one add every half second and refuses
// what comes faster. All of them stand in order, and the request that waited has been paid back.
func TestALongEventOnCyTube(t *testing.T) {
	const n = 200
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		e := &cyEvening{world: newWorld(t), Rand: rand.New(rand.NewPCG(1, 3)), seen: map[string]int{}, bought: map[string]string{}}
		defer e.open()()
		line := "list Serial immutable"
		for i := range n {
			m := sdk.Media{Type: "yt", ID: fmt.Sprintf("s%03d", i), Title: fmt.Sprintf("s%03d", i), DurationMS: 60_000}
			e.server.Know(m)
			line += fmt.Sprintf(" %s:60", m.ID)
		}
		e.server.Add(e.clip("film", 3000, 3001), true, false)
		e.run(t, "wait 2m\n"+line+"\nevent Club list=Serial in=1m lock=0\nwait 30s")
		e.purchase()
		e.run(t, "wait 30s")
		due := time.Now()
		for end := due.Add(10 * time.Minute); time.Now().Before(end) && e.st.View().Firing.Loading(); {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		v := e.st.View()
		t.Logf("on the screen %v after its start, at the server's own pace", time.Since(due).Round(time.Second))
		items := e.server.Items()
		if len(items) != n || v.Shadow.Len() != n {
			t.Fatalf("the server lists %d and the station %d, of %d", len(items), v.Shadow.Len(), n)
		}
		for i := range n {
			if items[i].Media.ID != fmt.Sprintf("s%03d", i) {
				t.Fatalf("at %d stands %s", i, items[i].Media.ID)
			}
		}
		if !v.Gate.PayClosed || len(v.Purchases) != 0 {
			t.Errorf("the gate is %+v, and %d purchases are open", v.Gate, len(v.Purchases))
		}
	})
	t.Logf("%d titles in %v of real time, the store on the disk", n, time.Since(began).Round(time.Millisecond))
}
