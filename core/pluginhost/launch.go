package pluginhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	gorunner "github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/plugin/pluginpb"
)

// Names on the wire.
var (
	pluginName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)
	typeName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
)

// neverError is why a plugin cannot run however often it is started.
type neverError struct{ cause error }

// Error is the cause's.
func (e *neverError) Error() string { return e.cause.Error() }

// Unwrap returns the cause.
func (e *neverError) Unwrap() error { return e.cause }

func never(format string, args ...any) error { return &neverError{fmt.Errorf(format, args...)} }

// described is what a plugin said about itself, checked and ready for use.
type described struct {
	plugin.Description
	plugin   sdk.Plugin
	hooks    []station.Hook
	settings schema
}

// process is one running plugin that takes calls.
type process struct {
	runner *runner
	dir    string
	conn   *grpc.ClientConn
	known  *described
	sha256 atomic.Pointer[string] // nil until the file is read
	turn   chan struct{}          // capacity 1: held during a call, so that there is at most one
	deaf   atomic.Bool            // killed for not answering health checks
	alive  context.Context
	die    context.CancelFunc
}

// launch starts a process and returns it once it can be asked: handshake, Describe, settings by schema, Configure. When
// any of that fails nothing is left of the process.
func (u *unit) launch(ctx context.Context) (*process, error) {
	path, image, err := u.binary()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(u.host.dir, "p")
	if err != nil {
		_ = image.Close() // only read from
		return nil, fmt.Errorf("make a folder for the socket: %w", err)
	}
	r := newRunner(path, u.spec.Args, u.host.fork, u.log)
	u.mu.Lock()
	if u.live == nil {
		u.running = r
	}
	u.mu.Unlock()
	// Stopping the host must not wait for a process that never speaks.
	release := context.AfterFunc(ctx, func() { r.signal(syscall.SIGKILL) })
	p, err := u.introduce(ctx, r, dir)
	release()
	if err != nil {
		_ = image.Close() // only read from
		r.end(0)
		_ = os.RemoveAll(dir) // the whole run folder goes when the host stops
		return nil, err
	}
	u.mu.Lock()
	u.known = p.known
	u.mu.Unlock()
	// Ends with the file. Reading it takes longer than starting it, so nobody waits: until then outcomes carry no sum.
	go u.identify(p, image)
	return p, nil
}

// binary finds and opens what to run, and reads all of it first when it is pinned.
func (u *unit) binary() (string, *os.File, error) {
	path, err := exec.LookPath(u.spec.Command)
	if errors.Is(err, exec.ErrDot) {
		err = nil
	}
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return "", nil, fmt.Errorf("cannot run %s: %w", u.spec.Command, err)
	}
	image, err := os.Open(path)
	if err != nil || u.spec.SHA256 == "" {
		return path, image, err
	}
	got, err := u.host.sums.of(image)
	if err != nil {
		return "", nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if !strings.EqualFold(got, u.spec.SHA256) {
		return "", nil, never("%s has SHA-256 %s, and the configuration allows only %s. Check where it came from, then change sha256.", path, got, u.spec.SHA256)
	}
	image, err = os.Open(path)
	return path, image, err
}

// identify notes the checksum of the file that a process was started from.
func (u *unit) identify(p *process, image *os.File) {
	sum, err := u.host.sums.of(image)
	if err != nil {
		u.log.out.Warn("cannot read the binary", "error", err)
	}
	p.sha256.Store(&sum)
}

// introduce takes a process from its start to the first proof that it can be asked.
func (u *unit) introduce(ctx context.Context, r *runner, dir string) (*process, error) {
	limit := u.spec.StartTimeout
	if limit <= 0 {
		limit = startTimeout
	}
	began := time.Now()
	// The client is used for its handshake alone. Its Ping has no deadline, and neither has its Kill.
	addr, err := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: plugin.Handshake(), Plugins: plugin.Set(sdk.Plugin{}), StartTimeout: limit, SkipHostEnv: true,
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, Logger: hclog.NewNullLogger(),
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: dir},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, tmp string) (gorunner.Runner, error) {
			r.prepare(cmd, tmp)
			return r, nil
		},
	}).Start()
	if err != nil {
		return nil, explain(err, r, time.Since(began) >= limit)
	}
	if addr.Network() != "unix" || !strings.HasPrefix(addr.String(), dir+string(filepath.Separator)) {
		return nil, never("it listens at %s %s; a plugin listens on a Unix socket in the folder that PLUGIN_UNIX_SOCKET_DIR names", addr.Network(), addr)
	}
	p, err := connect(addr, r, dir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, introduceTimeout)
	defer cancel()
	if err := u.acquaint(ctx, p); err != nil {
		p.die()
		_ = p.conn.Close() // nothing was in flight
		return nil, err
	}
	// Both end with the process, which supervise waits for.
	go p.bury()
	go p.listen(u.host.pulse)
	return p, nil
}

// connect makes a client of our own: limits, no proxy, no service discovery, no idling.
func connect(addr net.Addr, r *runner, dir string) (*process, error) {
	conn, err := grpc.NewClient("passthrough:///plugin",
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDisableServiceConfig(), grpc.WithIdleTimeout(0),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, addr.Network(), addr.String())
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(plugin.MaxMessage), grpc.MaxCallSendMsgSize(plugin.MaxMessage)))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	p := &process{runner: r, dir: dir, conn: conn, turn: make(chan struct{}, 1)}
	p.alive, p.die = context.WithCancel(context.Background())
	return p, nil
}

// acquaint asks what the plugin is and gives it its settings.
func (u *unit) acquaint(ctx context.Context, p *process) error {
	answer, err := p.invoke(ctx, pluginpb.Plugin_Describe_FullMethodName, nil)
	if err != nil {
		return fmt.Errorf("it does not answer Describe: %w", err)
	}
	var said pluginpb.Description
	if err := proto.Unmarshal(answer, &said); err != nil {
		return never("its description cannot be read: %w", err)
	}
	if p.known, err = u.examine(&said); err != nil {
		return err
	}
	u.mu.Lock()
	u.known = p.known // so that the admin page can show what to mend
	u.mu.Unlock()
	for {
		again, err := u.fit(ctx, p)
		if !again {
			return err
		}
	}
}

// fit checks the settings with a process that has just been described; again when they were changed meanwhile.
func (u *unit) fit(ctx context.Context, p *process) (again bool, err error) {
	u.mu.Lock()
	settings, revision := u.settings, u.revision
	u.mu.Unlock()
	filled, problems := p.known.settings.check(settings)
	if len(problems) == 0 {
		if problems, err = p.configure(ctx, filled); err != nil {
			return false, fmt.Errorf("it does not answer Configure: %w", err)
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.revision != revision || !bytes.Equal(u.settings, settings) {
		return true, nil
	}
	if len(problems) > 0 {
		return false, never("its settings are not valid: %s", spell(problems))
	}
	u.filled = filled
	return false, nil
}

func spell(problems []sdk.Problem) string {
	words := make([]string, len(problems))
	for i, p := range problems {
		words[i] = strings.TrimSpace(p.Pointer + " " + p.Sentence)
	}
	return strings.Join(words, " ")
}

// examine refuses a description that the host could not keep its promises about.
func (u *unit) examine(said *pluginpb.Description) (*described, error) {
	d, err := plugin.FromWire(said)
	if err != nil {
		return nil, &neverError{err}
	}
	if d.ID != u.spec.Name {
		return nil, never("it calls itself %q, and the configuration calls it %q. Both must be the same.", oneLine(d.ID, 64), u.spec.Name)
	}
	if d.Version == "" || len(d.Version) > 64 || len(d.Hooks) == 0 || len(d.Types) > plugin.MaxTypes || max(d.Priority, -d.Priority) > priorityMost {
		return nil, never("its description is incomplete: a version, at least one hook, at most %d promo types and a priority within a million are needed", plugin.MaxTypes)
	}
	k := &described{Description: d, plugin: d.Plugin()}
	for _, h := range d.Hooks {
		k.hooks = append(k.hooks, station.Hook(h))
	}
	orders := []string{sdk.OrderRandom, sdk.OrderSequential, sdk.OrderShuffle}
	for i, t := range k.plugin.Types {
		again := slices.ContainsFunc(k.plugin.Types[:i], func(o sdk.PromoType) bool { return o.ID == t.ID })
		if again || !typeName.MatchString(t.ID) || !slices.Contains(orders, t.Order) || t.Weight > weightMost || t.Badge == "" {
			return nil, never("its promo type %q cannot be used: an id of lower case letters, digits and underscores, once, a badge, an order of %s, a weight up to %d",
				oneLine(t.ID, 64), strings.Join(orders, ", "), weightMost)
		}
	}
	if k.settings, err = newSchema(d.Schema); err != nil {
		return nil, &neverError{err}
	}
	return k, nil
}

// explain says why there was no handshake, in words that differ for each cause.
func explain(err error, r *runner, late bool) error {
	if r.started() { // go-plugin has killed it, if it had not ended: how, and its last words, are worth a moment
		await(r.exited, killGrace)
		await(r.heard, 2*lastWordsFor)
	}
	line, last := "", ""
	if r.started() {
		line = oneLine(r.stdout.line(), textBytes)
	}
	if tail := r.log.last(); len(tail) > 0 {
		last = ": " + tail[len(tail)-1].Text
	}
	switch {
	case errors.Is(err, errKilled):
		return err
	case !r.started():
		return fmt.Errorf("it cannot be run: %w", err)
	case strings.Contains(err.Error(), "incompatible API version"), strings.Contains(err.Error(), "incompatible core API"):
		return never("it speaks another protocol than this host (%s); it needs to be built for protocol %d", line, plugin.Protocol)
	case strings.Contains(err.Error(), "unsupported plugin protocol"):
		return never("it does not speak gRPC (%s)", line)
	case line != "":
		return fmt.Errorf("it printed %q to standard output where the handshake is expected", line)
	case late:
		return fmt.Errorf("it did not finish the handshake in time%s", last)
	default:
		return fmt.Errorf("it ended before the handshake, %s%s", r.ended(), last)
	}
}

// await waits for a channel to close, at most so long.
func await(closed <-chan struct{}, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
	}
}

// invoke makes one call with bytes.
func (p *process) invoke(ctx context.Context, method string, request []byte) ([]byte, error) {
	var reply wire
	err := p.conn.Invoke(ctx, method, &wire{request}, &reply, grpc.ForceCodecV2(rawCodec{}))
	return reply.bytes, err
}

// bury ends what is in flight the moment the process is gone.
func (p *process) bury() {
	<-p.runner.exited
	p.die()
	_ = p.conn.Close()      // the other side is gone
	_ = os.RemoveAll(p.dir) // the whole run folder goes when the host stops
}

// listen checks that the process still answers anything at all, and kills one that does not: a stopped process is no
// crash that anybody would notice. A plugin without a health service counts as alive.
func (p *process) listen(check pulse) {
	health := grpc_health_v1.NewHealthClient(p.conn)
	tick := time.NewTicker(check.every)
	defer tick.Stop()
	misses := 0
	for {
		select {
		case <-p.alive.Done():
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(p.alive, check.deadline)
		_, err := health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: goplugin.GRPCServiceName})
		cancel()
		if status.Code(err) != codes.DeadlineExceeded {
			misses = 0
		} else if misses++; misses == check.misses {
			p.deaf.Store(true)
			p.runner.end(0)
			return
		}
	}
}

// retire lets the call in flight finish and ends the process. Nobody asks it any more.
func (p *process) retire() {
	timer := time.NewTimer(drainFor)
	defer timer.Stop()
	select {
	case p.turn <- struct{}{}:
	case <-timer.C:
	case <-p.runner.exited:
	}
	p.runner.end(killGrace)
}
