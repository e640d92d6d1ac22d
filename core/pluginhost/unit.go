package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"playbill/core/station"
)

// State is where a plugin stands in its life.
type State string

// The states. Settled are all but Starting and Draining.
const (
	Disabled     State = "disabled"
	Starting     State = "starting"
	Ready        State = "ready"
	Draining     State = "draining"
	Backoff      State = "backoff"
	Quarantined  State = "quarantined"  // kept for rules that are not written yet: nothing enters it
	Incompatible State = "incompatible" // another start would end the same way: waits for new settings or the switch
)

// unit is one configured plugin through all its processes.
type unit struct {
	host      *Host
	spec      Spec
	log       *lineLog
	stats     *stats
	wake      chan struct{}   // capacity 1: something below has changed
	upgrades  chan chan error // unbuffered: taken only while a process runs
	onSettled func()          // once

	mu       sync.Mutex
	enabled  bool
	again    bool // somebody does not want to wait for the next start
	state    State
	reason   string
	sinceMS  int64
	exit     string // how the last process ended
	restarts int64
	settings []byte // as configured
	filled   []byte // with defaults; what calls carry
	revision uint64
	known    *described // what it last said about itself; nil: never started
	live     *process   // takes calls
	running  *runner    // the process, ready or not
}

func newUnit(h *Host, spec Spec) *unit {
	return &unit{
		host: h, spec: spec, enabled: spec.Enabled, settings: spec.Settings, revision: spec.Revision, state: Starting,
		log:   &lineLog{out: h.log.Named(spec.Name)},
		stats: newStats(spec.Name, h.metrics), wake: make(chan struct{}, 1), upgrades: make(chan chan error),
	}
}

// supervise is the life of a plugin: switched on, started, ready, ended, rested, started again. It ends with ctx, when
// the process is gone too; Host.Stop waits for it.
func (u *unit) supervise(ctx context.Context) {
	defer u.onSettled()
	failures := 0
	for ctx.Err() == nil {
		if !u.wanted() {
			u.enter(Disabled, "switched off")
			failures = 0
			u.sleep(ctx)
			continue
		}
		u.hurried() // it starts
		u.enter(Starting, "")
		p, err := u.launch(ctx)
		var never *neverError
		switch {
		case ctx.Err() != nil:
		case errors.As(err, &never):
			u.enter(Incompatible, err.Error())
			failures = 0
			u.sleep(ctx)
		case err != nil:
			u.rest(ctx, err.Error(), failures)
			failures++
		default:
			u.adopt(p)
			ready := time.Now()
			why := u.attend(ctx, p)
			if time.Since(ready) >= healthyAfter {
				failures = 0
			}
			if why != "" {
				u.rest(ctx, why, failures)
				failures++
			}
		}
	}
	u.enter(Disabled, "the host is stopping")
}

// attend waits beside a running process until it ends, and returns why when that was not wanted.
func (u *unit) attend(ctx context.Context, p *process) string {
	for {
		select {
		case <-p.runner.exited:
			u.drop(p)
			u.stats.restarted()
			u.mu.Lock()
			u.exit = p.runner.ended()
			u.restarts++
			u.mu.Unlock()
			if p.deaf.Load() {
				return fmt.Sprintf("did not answer %d health checks in a row and was killed", u.host.pulse.misses)
			}
			return "the process ended: " + p.runner.ended()
		case reply := <-u.upgrades:
			next, err := u.launch(ctx)
			reply <- err
			if err == nil {
				u.adopt(next)
				p.retire()
				p = next
			}
		case <-u.wake:
			if !u.wanted() {
				u.farewell(p)
				return ""
			}
		case <-ctx.Done():
			u.farewell(p)
			return ""
		}
	}
}

// adopt lets a process take the calls.
func (u *unit) adopt(p *process) {
	u.mu.Lock()
	u.live, u.running = p, p.runner
	u.mu.Unlock()
	u.enter(Ready, "")
}

// drop takes the calls away from a process.
func (u *unit) drop(p *process) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.live == p {
		u.live = nil
	}
}

func (u *unit) farewell(p *process) {
	u.drop(p)
	u.enter(Draining, "")
	p.retire()
}

// rest waits before the next start: a quarter of a second, then twice as long each time, and not all plugins at once.
func (u *unit) rest(ctx context.Context, why string, failures int) {
	wait := backoff(failures, u.host.opt.Jitter)
	u.enter(Backoff, fmt.Sprintf("%s. Starts again in %s.", why, wait.Round(10*time.Millisecond)))
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		case <-u.wake:
			if !u.wanted() || u.hurried() {
				return
			}
		}
	}
}

// hurried reports, once, that somebody does not want to wait.
func (u *unit) hurried() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	again := u.again
	u.again = false
	return again
}

func backoff(failures int, jitter func() float64) time.Duration {
	wait := backoffMost
	if failures < 8 { // 0.25 s doubled seven times is 32 s
		wait = min(backoffFirst<<failures, backoffMost)
	}
	if jitter != nil {
		wait += time.Duration((2*jitter() - 1) * backoffJitter * float64(wait))
	}
	return wait
}

// sleep waits until something about the plugin changes.
func (u *unit) sleep(ctx context.Context) {
	select {
	case <-u.wake:
	case <-ctx.Done():
	}
}

// nudge tells the supervisor to look again. Never blocks: one nudge waiting is enough.
func (u *unit) nudge() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

func (u *unit) enter(s State, reason string) {
	u.mu.Lock()
	changed := u.state != s || u.reason != reason
	u.state, u.reason = s, reason
	if changed {
		u.sinceMS = u.host.opt.Now().UnixMilli()
	}
	version := ""
	if u.known != nil {
		version = u.known.Version
	}
	u.mu.Unlock()
	if s != Starting && s != Draining {
		u.onSettled()
	}
	if changed && (s == Backoff || s == Incompatible) {
		u.log.out.Warn("plugin is "+string(s), "reason", reason)
	} else if changed {
		u.log.out.Info("plugin is "+string(s), "version", version)
	}
}

func (u *unit) wanted() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.enabled
}

func (u *unit) priority() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known == nil {
		return 0
	}
	return u.known.Priority
}

// sum is the checksum of the process's binary; empty while it is not known. Safe on no process.
func (p *process) sum() string {
	if p == nil {
		return ""
	}
	if hex := p.sha256.Load(); hex != nil {
		return *hex
	}
	return ""
}

// killNow ends the process without a farewell; the supervisor sees it end.
func (u *unit) killNow() {
	u.mu.Lock()
	r := u.running
	u.mu.Unlock()
	if r != nil {
		r.end(0)
	}
}

// member is the plugin as the station sees it.
func (u *unit) member() station.Member {
	u.mu.Lock()
	defer u.mu.Unlock()
	m := station.Member{Plugin: u.spec.Name, Ready: u.live != nil && u.state == Ready, Disabled: !u.enabled}
	if !m.Ready {
		m.Why = why(u.state, u.reason)
	}
	if k := u.known; k != nil {
		m.Version, m.Priority, m.EveryAdvance, m.StateVersion = k.Version, k.Priority, k.EveryAdvance, k.StateVersion
		m.Hooks, m.Types, m.ReadsState = slices.Clone(k.hooks), slices.Clone(k.plugin.Types), slices.Clone(k.ReadsState)
	}
	return m
}

// why is a state in words.
func why(s State, reason string) string {
	if reason == "" {
		return string(s)
	}
	return string(s) + ": " + reason
}
