package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"playbill/core/ledger"
)

// The figures of a run that was not asked for more: enough to meet every failpoint and to be done in six minutes beside
// other tests.
const (
	chaosKills  = 60
	chaosWorlds = 2
	chaosTime   = 4 * time.Minute // for kills; what is open then has its time beside it
)

// How many kills: go test -run Chaos ./cmd/playbill -chaos.runs=1000. Go hands a flag to every package that it tests, and
// those that do not know it fail; so for go test -run Chaos ./... the same number is read from PLAYBILL_CHAOS_RUNS.
var (
	chaosRuns = flag.Int("chaos.runs", fromEnvironment("PLAYBILL_CHAOS_RUNS"), "kill hosts at so many random instants, however long it takes; 0: 60, in four minutes")
	chaosKeep = flag.String("chaos.keep", "", "leave data and logs of the hosts in this folder")
	chaosSeed = flag.Uint64("chaos.seed", 0, "what everybody does; 0: something new each time")
)

func fromEnvironment(name string) int {
	n, _ := strconv.Atoi(os.Getenv(name)) // unset is none
	return n
}

// TestChaos lets a real host on a CyTube server be killed at every failpoint once and at random instants, while viewers
// buy and cancel, a moderator deletes, moves and shuffles, and an admin adds, moves, starts, removes, grants and saves settings. The channel
// outlives the host, so what was sold can be held against what the server says was on the air.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("kills real hosts for minutes")
	}
	seed, kills, end := *chaosSeed, *chaosRuns, time.Now().Add(chaosTime)
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if kills > 0 {
		end = time.Now().Add(24 * time.Hour)
	} else {
		kills = chaosKills
	}
	if deadline, ok := t.Deadline(); ok && deadline.Add(-chaosRest).Before(end) {
		end = deadline.Add(-chaosRest)
	}
	t.Logf("seed %d: again with -chaos.seed=%d", seed, seed)
	dangers := dangersOf(seed, kills)
	queue := make(chan danger, len(dangers))
	for _, d := range dangers {
		queue <- d
	}
	close(queue)
	var sum tally
	t.Run("worlds", func(t *testing.T) { // returns when all of them have ended
		for i := range chaosWorlds {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				c := newChaos(t, seed, i)
				c.live(queue, end)
				sum.add(&c.tally)
			})
		}
	})
	t.Log(sum.String())
	if missed := len(dangers) - sum.kills - sum.points; missed > 0 {
		t.Logf("the time was over %d dangers early: this machine is busy", missed)
	}
}

// chaosRest is what a world needs after its last kill: the driver's horizon, and some time for what then plays.
const chaosRest = 4 * time.Minute

// danger is what a host dies of: a failpoint, or the time.
type danger struct {
	point string
	after time.Duration // since the start of the process
}

func (d danger) String() string {
	if d.point != "" {
		return "at " + d.point
	}
	return "after " + d.after.Round(time.Millisecond).String()
}

// dangersOf is every failpoint once, and random instants: of the start, and of the time after it.
func dangersOf(seed uint64, kills int) []danger {
	dice := rand.New(rand.NewPCG(seed, 0))
	var all []danger
	for _, point := range chaosPoints() {
		all = append(all, danger{point: point})
	}
	for range kills {
		most := 4000 * time.Millisecond
		if dice.IntN(4) == 0 {
			most = 700 * time.Millisecond
		}
		all = append(all, danger{after: time.Duration(dice.Int64N(int64(most)))})
	}
	dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// tally is what a run has to show.
type tally struct {
	mu sync.Mutex

	kills, points, bought, settled, refunded, again, unsure, aired, inferred, doubted int
	reasons                                                                           map[string]int
}

func (a *tally) add(b *tally) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kills, a.points, a.bought, a.settled = a.kills+b.kills, a.points+b.points, a.bought+b.bought, a.settled+b.settled
	a.refunded, a.again, a.unsure, a.aired = a.refunded+b.refunded, a.again+b.again, a.unsure+b.unsure, a.aired+b.aired
	a.inferred, a.doubted = a.inferred+b.inferred, a.doubted+b.doubted
	if a.reasons == nil {
		a.reasons = map[string]int{}
	}
	for why, n := range b.reasons {
		a.reasons[why] += n
	}
}

func (a *tally) String() string {
	return fmt.Sprintf("%d kills at random instants and %d at failpoints; %d purchases: %d settled, %d refunded %v; %d keys used again, "+
		"%d requests that a kill had cut; %d airings as paid, %d of them inferred, %d in doubt",
		a.kills, a.points, a.bought, a.settled, a.refunded, a.reasons, a.again, a.unsure, a.aired, a.inferred, a.doubted)
}

// chaosPoints are the failpoints that the source has and a host on CyTube passes.
func chaosPoints() []string {
	return slices.DeleteFunc(sourcePoints(), func(p string) bool { return elsewhere(p) != "" })
}

// elsewhere names the test that kills at a failpoint which no host passes in this one.
func elsewhere(point string) string {
	switch {
	case point == "lock.closed", strings.HasPrefix(point, "fire."):
		return "the crash tests of core/station"
	case strings.HasPrefix(point, ledger.Makegood), strings.HasPrefix(point, ledger.Adjust):
		return "a grant, which is booked in the same way"
	}
	return ""
}

var pointPatterns = []*regexp.Regexp{
	regexp.MustCompile(`\b[cC]rash\("([a-z_.]+)"\)`),
	regexp.MustCompile(`\bpass\("([a-z_.]+)"\)`),
}

// sourcePoints reads the failpoints out of the source: what is crashed at by name, what a transaction passes, and the
// kinds of the transfers.
func sourcePoints() []string {
	found := map[string]bool{}
	around := func(name string) { found[name+".before"], found[name+".after"] = true, true }
	for _, kind := range []string{ledger.Hold, ledger.Settle, ledger.Release, ledger.Earn, ledger.Grant} {
		around(kind)
	}
	for _, dir := range []string{"core", "cmd"} {
		names, _ := filepath.Glob(filepath.Join(sourceTree(), dir, "*", "*.go")) // the pattern is a good one
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil || strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, m := range pointPatterns[0].FindAllSubmatch(text, -1) {
				found[string(m[1])] = true
			}
			for _, m := range pointPatterns[1].FindAllSubmatch(text, -1) {
				around(string(m[1]))
			}
		}
	}
	var points []string
	for p := range found {
		points = append(points, p)
	}
	slices.Sort(points)
	return points
}

// TestChaosKnowsTheFailpoints holds that the list is read right: a pattern that finds nothing would let everything pass.
func TestChaosKnowsTheFailpoints(t *testing.T) {
	points := chaosPoints()
	for _, p := range strings.Fields(`hold.before hold.after sent.before sent.after add.before add.after bound.before bound.after
		move.before move.after placed.before placed.after pay_asked.after leadin.sent.after leadin.add.after leadin.placed.after
		settle.before settle.after withdraw.before withdraw.after remove.before remove.after release.before release.after
		turn.commit.before turn.commit.after plugin_state.promote.before plugin_state.promote.after
		config.temp_written config.renamed config.swapped earn.before earn.after claim.before claim.after`) {
		if !slices.Contains(points, p) {
			t.Errorf("failpoint %s was not found", p)
		}
	}
}
