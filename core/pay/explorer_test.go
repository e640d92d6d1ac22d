package pay_test

import (
	"strings"
	"testing"

	"playbill/core/pay"
)

// walk is what exploring found.
type walk struct {
	scenes map[scene]bool
	from   map[scene]step // how a scene was first reached; to is the scene before
	broken map[string]scene
	wrong  []string
	back   map[scene][]scene // over moves that are not disturbances
}

func explore(r rules) walk {
	start := scene{up: true, ready: true}
	w := walk{scenes: map[scene]bool{start: true}, from: map[scene]step{}, broken: map[string]scene{}, back: map[scene][]scene{}}
	for queue := []scene{start}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		for _, name := range s.broken() {
			if _, known := w.broken[name]; !known {
				w.broken[name] = s
			}
		}
		steps, wrong := r.moves(s)
		if wrong != "" {
			w.wrong = append(w.wrong, wrong+": "+w.trace(s))
		}
		for _, next := range steps {
			if !next.disturb {
				w.back[next.to] = append(w.back[next.to], s)
			}
			if !w.scenes[next.to] {
				w.scenes[next.to] = true
				w.from[next.to] = step{name: next.name, to: s}
				queue = append(queue, next.to)
			}
		}
	}
	return w
}

// trace is the shortest way to a scene.
func (w walk) trace(s scene) string {
	var names []string
	for came, ok := w.from[s]; ok; came, ok = w.from[s] {
		names = append([]string{came.name}, names...)
		s = came.to
	}
	return strings.Join(names, " > ")
}

// stuck returns the scenes from which no end can be reached by the host and an undisturbed channel alone.
func (w walk) stuck() (stuck []scene) {
	good := map[scene]bool{}
	var queue []scene
	for s := range w.scenes {
		if s.money.Final() {
			good[s] = true
			queue = append(queue, s)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, before := range w.back[queue[0]] {
			if !good[before] {
				good[before] = true
				queue = append(queue, before)
			}
		}
	}
	for s := range w.scenes {
		if !good[s] {
			stuck = append(stuck, s)
		}
	}
	return stuck
}

func TestEveryInterleaving(t *testing.T) {
	w := explore(rules{})
	for name, s := range w.broken {
		t.Errorf("%s:\n  %s", name, w.trace(s))
	}
	for _, wrong := range w.wrong {
		t.Errorf("the host reported what cannot be: %s", wrong)
	}
	for _, s := range w.stuck() {
		t.Errorf("no end from here: %s\n  %+v", w.trace(s), s)
	}
	seen := map[pay.State]bool{}
	for s := range w.scenes {
		seen[s.money] = true
	}
	if len(seen) != 7 || len(w.scenes) < 600 {
		t.Errorf("%d scenes over the states %v: the model has lost something", len(w.scenes), seen)
	}
	t.Logf("%d scenes, every promise kept in each, an end within reach of each", len(w.scenes))
}

func TestEachWeakenedRuleIsFound(t *testing.T) {
	cases := []struct {
		rules  rules
		name   string
		breaks string
	}{
		{rules{releaseByTimer: true}, "release by timer", "refunded, but it can still play"},
		{rules{noSettleInRefund: true}, "no settling while refunding", "refunded, though it played before our eyes"},
		{rules{refundAtOnce: true}, "refund before the removal is seen", "refunded, but it can still play"},
		{rules{resendBlind: true}, "resend after a timeout", "two copies listed"},
		{rules{resendAfterRestart: true}, "resend after a restart", "played twice for one price"},
		{rules{sendBeforeRow: true}, "send before the row", "listed, and no row knows of it"},
		{rules{noDepartures: true}, "no departures", "refunded, though it played before our eyes"},
		{rules{edgeOnly: true}, "settle on the edge only", "refunded, though it played before our eyes"},
		{rules{nothingPasses: true}, "take what passed for lost", "refunded, though its place had passed"},
		{rules{believeDoubt: true}, "believe a doubtful absence", "refunded, but it can still play"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := explore(c.rules)
			s, found := w.broken[c.breaks]
			if !found {
				t.Fatalf("not found in %d scenes: %q; found %v", len(w.scenes), c.breaks, w.broken)
			}
			t.Logf("%s: %s", c.breaks, w.trace(s))
		})
	}
}
