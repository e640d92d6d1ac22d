package pluginhost

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/plugin"
)

// Status is everything there is to know about one plugin.
type Status struct {
	Name, Title, Summary, Version string
	State                         State
	Reason                        string // in words; empty when all is well
	SinceMS                       int64  // in this state, UTC milliseconds
	Exit                          string // how the last process ended; empty: none has
	PID                           int    // 0: no process
	Priority                      int
	Command, SHA256               string // SHA256 is of the running binary; empty until it was read
	Hooks                         []station.Hook
	Types                         []sdk.PromoType
	Needs                         []sdk.Need
	Grants                        []sdk.Permission
	Schema                        []byte // JSON Schema; empty: no settings
	Settings                      []byte // as configured
	Effective                     []byte // with defaults, as calls carry them
	Revision                      uint64
	Restarts                      int64
	Calls                         map[station.Hook]Calls
	Log                           []Line // the last lines it wrote, oldest first
}

// Calls is what became of the calls of one hook since the host started.
type Calls struct {
	Outcomes     map[station.Kind]int64
	Late         int64         // answers that came after the deadline
	P50US, P99US int64         // of the last 512 answers, in microseconds
	Allowed      time.Duration // the hook's deadline
	BigStates    int64         // states above the soft limit
}

// Status lists the plugins in merge order.
func (h *Host) Status() []Status {
	units := h.inOrder()
	out := make([]Status, len(units))
	for i, u := range units {
		out[i] = u.status()
	}
	return out
}

func (u *unit) status() Status {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := Status{
		Name: u.spec.Name, State: u.state, Reason: u.reason, SinceMS: u.sinceMS, Exit: u.exit, Command: u.spec.Command, SHA256: u.live.sum(),
		Grants: slices.Clone(u.spec.Grants), Settings: u.settings, Effective: u.filled, Revision: u.revision, Restarts: u.restarts,
		Calls: u.stats.calls(), Log: u.log.last(),
	}
	if u.live != nil {
		s.PID = u.live.runner.pid()
	}
	if k := u.known; k != nil {
		s.Title, s.Summary, s.Version, s.Priority, s.Schema = k.Title, k.Summary, k.Version, k.Priority, k.Schema
		s.Hooks, s.Types, s.Needs = slices.Clone(k.hooks), slices.Clone(k.plugin.Types), slices.Clone(k.plugin.Needs)
	}
	return s
}

// stats counts one plugin's calls.
type stats struct {
	name    string
	metrics *metrics
	mu      sync.Mutex
	hooks   map[station.Hook]*tally
}

// tally is one hook's counters, and its last latencies in a ring.
type tally struct {
	outcomes  map[station.Kind]int64
	late, big int64
	ring      []int64 // microseconds
	next      int
}

func newStats(name string, m *metrics) *stats {
	return &stats{name: name, metrics: m, hooks: map[station.Hook]*tally{}}
}

// of is the tally of a hook; the caller holds mu.
func (s *stats) of(h station.Hook) *tally {
	t := s.hooks[h]
	if t == nil {
		t = &tally{outcomes: map[station.Kind]int64{}}
		s.hooks[h] = t
	}
	return t
}

func (s *stats) outcome(h station.Hook, o *station.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.of(h)
	t.outcomes[o.Kind]++
	if max(len(o.Answer.State), len(o.Verdicts.State)) > plugin.SoftState {
		t.big++
	}
	s.metrics.outcomes.WithLabelValues(s.name, string(h), string(o.Kind)).Inc()
}

func (s *stats) latency(h station.Hook, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.of(h)
	if len(t.ring) < latencySamples {
		t.ring = append(t.ring, d.Microseconds())
	} else {
		t.ring[t.next] = d.Microseconds()
		t.next = (t.next + 1) % latencySamples
	}
	s.metrics.seconds.WithLabelValues(s.name, string(h)).Observe(d.Seconds())
}

func (s *stats) tooLate(h station.Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of(h).late++
	s.metrics.late.WithLabelValues(s.name, string(h)).Inc()
}

func (s *stats) restarted() { s.metrics.ends.WithLabelValues(s.name).Inc() }

func (s *stats) calls() map[station.Hook]Calls {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[station.Hook]Calls, len(s.hooks))
	for h, t := range s.hooks {
		sorted := slices.Sorted(slices.Values(t.ring))
		c := Calls{Outcomes: maps.Clone(t.outcomes), Late: t.late, BigStates: t.big, Allowed: deadline(h)}
		if n := len(sorted); n > 0 {
			c.P50US, c.P99US = sorted[n/2], sorted[n*99/100]
		}
		out[h] = c
	}
	return out
}

// metrics are the same numbers for Prometheus.
type metrics struct {
	seconds        *prometheus.HistogramVec
	outcomes, late *prometheus.CounterVec
	ends           *prometheus.CounterVec
}

func newMetrics(to prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "playbill_plugin_call_seconds", Help: "Time until a plugin answered, late answers included.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .15, .5, 1, 5},
		}, []string{"plugin", "hook"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "playbill_plugin_calls_total", Help: "Hook calls by outcome.",
		}, []string{"plugin", "hook", "outcome"}),
		late: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "playbill_plugin_late_answers_total", Help: "Answers that came after the deadline and were dropped.",
		}, []string{"plugin", "hook"}),
		ends: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "playbill_plugin_ends_total", Help: "Processes that ended unasked.",
		}, []string{"plugin"}),
	}
	if to == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.seconds, m.outcomes, m.late, m.ends} {
		if err := to.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
