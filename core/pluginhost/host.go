// Package pluginhost starts the plugins, keeps them running and asks them. It implements station.Asker. A plugin that
// crashes, hangs, floods or lies costs at most its deadline: it runs in a process group of its own, is asked with all of
// its inputs, and its answer is checked before anybody sees it.
package pluginhost

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"

	"playbill/core/station"
	"playbill/sdk"
)

// Spec is one plugin as the owner configured it.
type Spec struct {
	Name         string   // lower case, digits, hyphens: the plugin's own id
	Command      string   // the binary: a path, or a name found on the PATH
	Args         []string // rarely any; paths among them are absolute, for the plugin runs in a folder of its own
	SHA256       string   // hex of the binary that may run; empty: any
	Enabled      bool
	Settings     []byte // JSON; empty: the schema's defaults
	Revision     uint64
	StartTimeout time.Duration    // 0: three seconds
	Grants       []sdk.Permission // what the admin allows this plugin to be told
}

// Options are what a Host needs.
type Options struct {
	Logger  hclog.Logger          // nil: none
	Dir     string                // for sockets; made if it is not there. Too long a path is replaced by the system's temporary folder
	Plugins []Spec                // in any order
	Zone    *time.Location        // the station's; nil: UTC
	Secret  []byte                // for opaque user keys, the same in every run; nil: chance, so keys change with each run
	Metrics prometheus.Registerer // nil: none
	Now     func() time.Time      // nil: time.Now
	Jitter  func() float64        // 0 to 1, spreads restarts; nil: none
}

// Host runs the plugins of one channel.
type Host struct {
	opt     Options
	log     hclog.Logger
	units   []*unit // by name
	sums    sums
	metrics *metrics
	pulse   pulse

	dir     string
	fork    *forker
	cancel  context.CancelFunc
	settled chan struct{} // closed once no plugin is starting for the first time
	done    chan struct{} // closed once every process is gone
}

// pulse is how often a process is checked for life, how long a check may take, and how many it may miss in a row.
type pulse struct {
	every, deadline time.Duration
	misses          int
}

var _ station.Asker = (*Host)(nil)

// New checks the specs and returns a host that has started nothing yet.
func New(opt Options) (*Host, error) {
	h := &Host{opt: opt, log: opt.Logger, pulse: pulse{healthEvery, healthDeadline, healthMisses}, settled: make(chan struct{}), done: make(chan struct{})}
	if h.log == nil {
		h.log = hclog.NewNullLogger()
	}
	if h.opt.Now == nil {
		h.opt.Now = time.Now
	}
	if h.opt.Secret == nil {
		h.opt.Secret = make([]byte, secretBytes)
		if _, err := rand.Read(h.opt.Secret); err != nil {
			return nil, fmt.Errorf("make a secret for user keys: %w", err)
		}
	}
	var err error
	if h.metrics, err = newMetrics(opt.Metrics); err != nil {
		return nil, fmt.Errorf("register plugin metrics: %w", err)
	}
	for _, spec := range opt.Plugins {
		if !pluginName.MatchString(spec.Name) {
			return nil, fmt.Errorf("plugin name %q: lower case letters, digits and hyphens, at most 64", spec.Name)
		}
		if h.unit(spec.Name) != nil {
			return nil, fmt.Errorf("plugin %q is configured twice", spec.Name)
		}
		h.units = append(h.units, newUnit(h, spec))
	}
	slices.SortFunc(h.units, func(a, b *unit) int { return strings.Compare(a.spec.Name, b.spec.Name) })
	return h, nil
}

// Start launches every enabled plugin and returns at once. The plugins live until ctx ends or Stop is called.
func (h *Host) Start(ctx context.Context) error {
	dir, err := runDir(h.opt.Dir)
	if err != nil {
		return fmt.Errorf("make the plugins' run folder: %w", err)
	}
	h.dir, h.fork = dir, newForker()
	ctx, h.cancel = context.WithCancel(ctx)
	var all, first sync.WaitGroup
	for _, u := range h.units {
		first.Add(1)
		u.onSettled = sync.OnceFunc(first.Done)
		// Supervisors end with ctx, which Stop cancels; the goroutine below waits for them.
		all.Go(func() { u.supervise(ctx) })
	}
	// Both end when the supervisors have ended or settled; Stop waits for done.
	go func() { first.Wait(); close(h.settled) }()
	go func() {
		all.Wait()
		h.fork.close()
		if err := os.RemoveAll(h.dir); err != nil {
			h.log.Warn("run folder stays", "dir", h.dir, "error", err)
		}
		close(h.done)
	}()
	return nil
}

// Settled is closed once every plugin is ready, backing off, incompatible or disabled for the first time.
func (h *Host) Settled() <-chan struct{} { return h.settled }

// Stop drains and ends every plugin, waits for that at most until ctx ends, and then kills what is left.
func (h *Host) Stop(ctx context.Context) error {
	if h.cancel == nil {
		return nil
	}
	h.cancel()
	select {
	case <-h.done:
		return nil
	case <-ctx.Done():
	}
	for _, u := range h.units {
		u.killNow()
	}
	select {
	case <-h.done:
		return nil
	case <-time.After(killGrace):
		return fmt.Errorf("end the plugins: %w", ctx.Err())
	}
}

// Roster lists the plugins in merge order: priority, then name.
func (h *Host) Roster() []station.Member {
	units := h.inOrder()
	members := make([]station.Member, len(units))
	for i, u := range units {
		members[i] = u.member()
	}
	return members
}

// SetEnabled switches a plugin on or off; off drains it first. Switching on what is incompatible tries it again.
func (h *Host) SetEnabled(name string, on bool) error {
	u := h.unit(name)
	if u == nil {
		return unknownPlugin(name)
	}
	u.mu.Lock()
	u.enabled = on
	u.mu.Unlock()
	u.nudge()
	return nil
}

// Upgrade starts the plugin's binary as it is on disk now, and once that is ready lets it take over between two calls.
// When it does not become ready the running process stays, and the error says why.
func (h *Host) Upgrade(ctx context.Context, name string) error {
	u := h.unit(name)
	if u == nil {
		return unknownPlugin(name)
	}
	reply := make(chan error, 1)
	select {
	case u.upgrades <- reply:
	case <-ctx.Done():
		return fmt.Errorf("upgrade %s: it is not running: %w", name, ctx.Err())
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return fmt.Errorf("upgrade %s: %w", name, ctx.Err())
	}
}

// Restart gives a plugin a new process. One that runs goes on until the new one is ready, as Upgrade has it; one that rests
// after an end, or cannot run as it was, is started at once. The error says why nothing was restarted.
func (h *Host) Restart(ctx context.Context, name string) error {
	u := h.unit(name)
	switch {
	case u == nil:
		return unknownPlugin(name)
	case !u.wanted():
		return fmt.Errorf("%s is switched off", name)
	case u.member().Ready:
		return h.Upgrade(ctx, name)
	}
	u.mu.Lock()
	u.again = true
	u.mu.Unlock()
	u.nudge()
	return nil
}

func (h *Host) unit(name string) *unit {
	i := slices.IndexFunc(h.units, func(u *unit) bool { return u.spec.Name == name })
	if i < 0 {
		return nil
	}
	return h.units[i]
}

// inOrder is the merge order. It never depends on who answers first.
func (h *Host) inOrder() []*unit {
	type ranked struct {
		unit     *unit
		priority int
	}
	all := make([]ranked, len(h.units))
	for i, u := range h.units {
		all[i] = ranked{u, u.priority()}
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return a.priority - b.priority }) // units are by name already
	out := make([]*unit, len(all))
	for i, r := range all {
		out[i] = r.unit
	}
	return out
}

func unknownPlugin(name string) error { return fmt.Errorf("no plugin is called %q", name) }

// runDir makes the folder for this host's sockets and removes those that killed hosts left behind. Its name begins with
// our process id; a socket's path must stay short, so a long parent is given up for the system's temporary folder.
func runDir(parent string) (string, error) {
	if parent == "" || len(parent)+socketPathTail > socketPathMost {
		parent = filepath.Join(os.TempDir(), "playbill-"+strconv.Itoa(os.Getuid()))
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", err
	}
	old, err := os.ReadDir(parent)
	if err != nil {
		return "", err
	}
	for _, e := range old {
		pid, rest, found := strings.Cut(e.Name(), "-")
		if n, err := strconv.Atoi(pid); err == nil && found && rest != "" && n > 0 && syscall.Kill(n, 0) == syscall.ESRCH {
			if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil {
				return "", err
			}
		}
	}
	return os.MkdirTemp(parent, strconv.Itoa(os.Getpid())+"-")
}
