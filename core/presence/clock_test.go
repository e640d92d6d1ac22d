package presence_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"playbill/core/channel"
	"playbill/core/presence"
)

const (
	grace = int64(60_000)
	tick  = int64(15_000)
)

// The verdicts of the two triggers that ship with the host.
func left(u channel.UserKey) presence.Verdict {
	return presence.Verdict{Owner: u, Plugin: "presence-leave", Away: true, Reason: "owner_left", Text: "because you left the channel"}
}
func afk(u channel.UserKey) presence.Verdict {
	return presence.Verdict{Owner: u, Plugin: "presence-afk", Away: true, Reason: "owner_afk", Text: "because you went AFK"}
}
func here(u channel.UserKey) presence.Verdict {
	return presence.Verdict{Owner: u, Plugin: "presence-afk"}
}
func unsure(u channel.UserKey) presence.Verdict {
	return presence.Verdict{Owner: u, Plugin: "presence-leave", Unsure: true}
}
func own(v presence.Verdict, graceMS int64) presence.Verdict { v.GraceMS = graceMS; return v }

// round is one conclusive round; wait is how long after the one before.
type round struct {
	wait    int64
	got     []presence.Verdict
	restart bool   // the host was down for the wait
	cancel  string // reasons of the cancels, comma-separated
	awayMS  int64  // of ada's clock afterwards; -1: none
}

func says(v ...presence.Verdict) []presence.Verdict { return v }

func TestObserve(t *testing.T) {
	const ada = channel.UserKey("ada")
	cases := []struct {
		name   string
		rounds []round
	}{
		{"left", []round{
			{0, says(left(ada)), false, "", 0}, {tick, says(left(ada)), false, "", tick}, {tick, says(left(ada)), false, "", 2 * tick},
			{tick, says(left(ada)), false, "", 3 * tick}, {tick, says(left(ada)), false, "owner_left", -1},
		}},
		{"afk", []round{{0, says(afk(ada)), false, "", 0}, {grace, says(afk(ada)), false, "owner_afk", -1}}},
		{"afk then left, one clock", []round{
			{0, says(afk(ada)), false, "", 0}, {2 * tick, says(afk(ada)), false, "", 2 * tick}, {2 * tick, says(left(ada)), false, "owner_left", -1},
		}},
		{"left goes before afk, whatever the order", []round{{0, says(afk(ada), left(ada)), false, "", 0}, {grace, says(afk(ada), left(ada)), false, "owner_left", -1}}},
		{"otherwise by order", []round{
			{0, says(own(presence.Verdict{Owner: ada, Away: true, Reason: "asleep"}, 0), afk(ada)), false, "", 0},
			{grace, says(presence.Verdict{Owner: ada, Away: true, Reason: "asleep"}, afk(ada)), false, "asleep", -1},
		}},
		{"back in time", []round{
			{0, says(left(ada)), false, "", 0}, {3 * tick, says(left(ada)), false, "", 3 * tick}, {tick, says(here(ada)), false, "", -1},
			{tick, says(left(ada)), false, "", 0}, {3 * tick, says(left(ada)), false, "", 3 * tick},
		}},
		{"one says away, one says present", []round{{0, says(here(ada), afk(ada)), false, "", 0}, {grace, says(here(ada), afk(ada)), false, "owner_afk", -1}}},
		{"unsure starts nothing", []round{{0, says(unsure(ada)), false, "", -1}}},
		{"unsure freezes", []round{
			{0, says(left(ada)), false, "", 0}, {3 * tick, says(left(ada)), false, "", 3 * tick}, {grace, says(unsure(ada), here(ada)), false, "", 3 * tick},
			{tick, says(left(ada)), false, "owner_left", -1},
		}},
		{"a verdict that is unsure and away is unsure", []round{{0, says(presence.Verdict{Owner: ada, Away: true, Unsure: true}), false, "", -1}}},
		{"a failed look-up freezes", []round{
			{0, says(left(ada)), false, "", 0}, {tick, nil, false, "", 0}, {grace, nil, false, "", 0}, {tick, says(left(ada)), false, "", tick},
		}},
		{"downtime is not counted", []round{
			{0, says(left(ada)), false, "", 0}, {2 * tick, says(left(ada)), false, "", 2 * tick}, {60 * grace, says(left(ada)), true, "", 2 * tick},
			{tick, says(left(ada)), false, "", 3 * tick},
		}},
		{"own grace, shorter", []round{{0, says(own(left(ada), tick)), false, "", 0}, {tick, says(own(left(ada), tick)), false, "owner_left", -1}}},
		{"own grace, longer", []round{
			{0, says(own(left(ada), 2*grace)), false, "", 0}, {grace, says(own(left(ada), 2*grace)), false, "", grace}, {grace, says(own(left(ada), 2*grace)), false, "owner_left", -1},
		}},
		{"afk is covered, leaving is not yet", []round{
			{0, says(own(left(ada), 2*grace), afk(ada)), false, "", 0}, {grace, says(own(left(ada), 2*grace), afk(ada)), false, "owner_afk", -1},
		}},
		{"time covered, but nobody says away now", []round{{0, says(own(left(ada), 2*grace)), false, "", 0}, {grace, says(own(left(ada), 2*grace)), false, "", grace}, {tick, says(unsure(ada)), false, "", grace}}},
		{"a clock that was set back", []round{{0, says(left(ada)), false, "", 0}, {tick, says(left(ada)), false, "", tick}, {-grace, says(left(ada)), false, "", tick}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { play(t, c.rounds) })
	}
}

func play(t *testing.T, rounds []round) {
	var clocks []presence.Clock
	var cancels []presence.Cancel
	now := int64(1_000_000)
	for i, r := range rounds {
		now += r.wait
		if r.restart {
			clocks = presence.Resume(clocks, now)
		}
		clocks, cancels = presence.Observe(clocks, r.got, grace, now)
		var reasons []string
		for _, c := range cancels {
			reasons = append(reasons, c.Reason)
		}
		away := int64(-1)
		if len(clocks) == 1 {
			away = clocks[0].AwayMS
		}
		if got := strings.Join(reasons, ","); got != r.cancel || away != r.awayMS {
			t.Fatalf("round %d: cancels %q, away %d; want %q, %d", i+1, got, away, r.cancel, r.awayMS)
		}
	}
}

func TestZeroGraceCancelsAtOnce(t *testing.T) {
	clocks, got := presence.Observe(nil, says(left("ada")), 0, 1)
	want := []presence.Cancel{{Owner: "ada", Reason: "owner_left", Text: "because you left the channel", Plugin: "presence-leave"}}
	if diff := cmp.Diff(want, got); diff != "" || len(clocks) != 0 {
		t.Errorf("clocks %v, cancels:\n%s", clocks, diff)
	}
}

func TestOwnersApart(t *testing.T) {
	clocks, _ := presence.Observe(nil, says(left("bob"), left("ada")), grace, 0)
	clocks, _ = presence.Observe(clocks, says(left("bob"), here("ada"), afk("eve")), grace, tick)
	want := []presence.Clock{
		{Owner: "bob", AwayMS: tick, Plugin: "presence-leave", Reason: "owner_left", AtMS: tick},
		{Owner: "eve", Plugin: "presence-afk", Reason: "owner_afk", AtMS: tick},
	}
	if diff := cmp.Diff(want, clocks); diff != "" {
		t.Error(diff)
	}
	if got := presence.Keep(clocks, []channel.UserKey{"eve"}); len(got) != 1 || got[0].Owner != "eve" {
		t.Errorf("kept %v", got)
	}
}

// TestRounds: whatever the rounds, a clock never holds more than the time before the rounds that said away while it ran, nobody is
// cancelled without a trigger that says away now and whose grace is covered, and the arguments stay as they were.
func TestRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var clocks []presence.Clock
		counted, now := map[channel.UserKey]int64{}, int64(0)
		for range rapid.IntRange(1, 20).Draw(t, "rounds") {
			wait := rapid.Int64Range(0, grace).Draw(t, "wait")
			now += wait
			got := rapid.SliceOfN(rapid.Custom(verdict), 0, 6).Draw(t, "verdicts")
			away := map[channel.UserKey]bool{}
			for _, v := range got {
				away[v.Owner] = away[v.Owner] || v.Away && !v.Unsure
			}
			before := slices.Clone(clocks)
			next, cancels := presence.Observe(clocks, got, grace, now)
			if diff := cmp.Diff(before, clocks); diff != "" {
				t.Fatalf("the old clocks changed: %s", diff)
			}
			for _, u := range people() {
				if away[u] && slices.ContainsFunc(before, func(c presence.Clock) bool { return c.Owner == u }) {
					counted[u] += wait
				}
			}
			for _, c := range cancels {
				if !slices.ContainsFunc(got, func(v presence.Verdict) bool { return covers(v, c, counted[c.Owner]) }) {
					t.Fatalf("%+v, %d counted, verdicts %+v", c, counted[c.Owner], got)
				}
			}
			clocks = next
			keys := checkClocks(t, clocks, counted, now)
			for _, u := range people() {
				if !slices.Contains(keys, u) {
					counted[u] = 0
				}
			}
		}
	})
}

func checkClocks(t *rapid.T, clocks []presence.Clock, counted map[channel.UserKey]int64, now int64) (keys []channel.UserKey) {
	for _, c := range clocks {
		if c.AwayMS < 0 || c.AwayMS > counted[c.Owner] || c.AtMS != now || slices.Contains(keys, c.Owner) {
			t.Fatalf("%+v at %d with %v counted", c, now, counted)
		}
		keys = append(keys, c.Owner)
	}
	if !slices.IsSorted(keys) {
		t.Fatalf("%v", keys)
	}
	return keys
}

func covers(v presence.Verdict, c presence.Cancel, counted int64) bool {
	need := grace
	if v.GraceMS > 0 {
		need = v.GraceMS
	}
	return v.Owner == c.Owner && v.Reason == c.Reason && v.Away && !v.Unsure && counted >= need
}

func people() []channel.UserKey { return []channel.UserKey{"ada", "bob", "eve"} }

func verdict(t *rapid.T) presence.Verdict {
	return presence.Verdict{
		Owner: rapid.SampledFrom(people()).Draw(t, "owner"), Away: rapid.Bool().Draw(t, "away"),
		Unsure: rapid.IntRange(0, 4).Draw(t, "unsure") == 0, Reason: rapid.SampledFrom([]string{"owner_left", "owner_afk", "asleep"}).Draw(t, "reason"),
		GraceMS: rapid.SampledFrom([]int64{0, 0, 1, tick, 3 * grace}).Draw(t, "grace"),
	}
}

// FuzzObserve reads bytes as verdicts: no input breaks the clocks.
func FuzzObserve(f *testing.F) {
	f.Add([]byte{0x01, 0x12, 0x81, 0x3f})
	f.Fuzz(func(t *testing.T, data []byte) {
		var clocks []presence.Clock
		for i, b := range data {
			v := presence.Verdict{Owner: people()[int(b)%3], Away: b&4 != 0, Unsure: b&8 != 0, GraceMS: int64(b>>4) * 1000}
			var cancels []presence.Cancel
			clocks, cancels = presence.Observe(clocks, says(v), grace, int64(i)*tick)
			if len(clocks) > 3 || len(cancels) > 1 || len(cancels) == 1 && (!v.Away || v.Unsure) {
				t.Fatalf("%v %v after %+v", clocks, cancels, v)
			}
		}
	})
}
