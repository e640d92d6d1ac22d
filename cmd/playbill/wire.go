package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"playbill/core/channel"
	"playbill/core/channel/cytube"
	"playbill/core/channel/embedded"
	"playbill/core/config"
	"playbill/core/control"
	"playbill/core/event"
	"playbill/core/jobs"
	"playbill/core/keeper"
	"playbill/core/library"
	"playbill/core/pluginhost"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/core/till"
)

// The bounds of a stop. Together they are what a Ctrl-C costs at most.
const (
	flightWait  = 5 * time.Second // purchases in flight (SPEC 12.8)
	pluginsWait = 3 * time.Second // plugins that are asked to end, before they are killed
)

// setup is what a host is started with.
type setup struct {
	file    *config.File
	folders []string // where plugins without a command are looked up
	logTo   io.Writer
	another string // ends the sentence about a port that is in use: how to choose another one
	stock   func(ctx context.Context, h *host) error
}

// host is the running graph. open builds it in the order of its fields; close takes it apart.
type host struct {
	setup
	conf    *config.Config // as it was at the start
	live    *config.Live
	log     hclog.Logger
	crash   func(point string)
	metrics *prometheus.Registry

	db      *store.DB
	books   *store.Channel
	listen  []net.Listener
	library *library.Library
	jobs    *jobs.Room
	abroad  abroad
	shelf   *shelf
	plugins *pluginhost.Host
	desk    *desk
	control *control.Server
	driver  channel.Driver
	room    *embedded.Channel // the driver, when it is a channel inside the host
	station *station.Station
	till    *till.Till
	keeper  *keeper.Keeper
	site    *site

	end     context.CancelFunc // ends the station
	running sync.WaitGroup     // the station and the sites; close waits
	played  chan event.Played  // capacity playedMax: titles to be moved to the end of their playlists
	failed  chan error         // capacity failuresMax: why the host cannot go on
}

// failuresMax is room for the station and for the web; more than the first reason nobody needs.
const failuresMax = 4

// open starts a host: store, verify, plugins, channel, station, web. What was started when a step fails is stopped again.
func open(ctx context.Context, s setup) (*host, error) {
	h := &host{setup: s, conf: s.file.Config, log: logger(s.file.Config.Log, s.logTo), crash: crashPoint(os.Getenv(crashVariable)),
		metrics: prometheus.NewRegistry(), failed: make(chan error, failuresMax), played: make(chan event.Played, playedMax)}
	h.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	h.live = config.NewLive(s.file, h.crash)
	for _, step := range []func(context.Context) error{
		h.openStore, h.bind, h.openLibrary, h.openAbroad, h.startPlugins, h.openChannel, h.startStation, h.startChores, h.startWeb,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, h.close())
		}
		if err := ctx.Err(); err != nil {
			return nil, errors.Join(err, h.close())
		}
	}
	return h, nil
}

// openStore claims the channel and checks its books. From here on commands come through the control socket.
func (h *host) openStore(ctx context.Context) (err error) {
	if h.db, err = store.Open(ctx, store.Options{Path: h.conf.StoreDSN(), Logger: h.log.Named("store"), Crash: h.crash}); err != nil {
		return err
	}
	if h.books, err = h.db.Claim(ctx, h.conf.Channel.Name, holder()); err != nil {
		return err
	}
	if _, err = h.books.VerifySince(ctx, nowMS()); err != nil {
		return err
	}
	h.desk = &desk{books: h.books, pages: h.conf.Listen, plugins: h.listPlugins}
	h.control, err = control.Listen(h.conf.DataDir, h.desk, h.log.Named("control"))
	return err
}

// bind takes the ports, so that one that is in use is known before anything is started.
func (h *host) bind(ctx context.Context) error {
	for _, address := range h.conf.Listen {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", address)
		if err != nil {
			return portSentence(address, h.another, err)
		}
		h.listen = append(h.listen, l)
	}
	return nil
}

// openLibrary reads the catalog and the playlists, and lets a demo stock them.
func (h *host) openLibrary(ctx context.Context) (err error) {
	if h.library, err = library.Open(ctx, h.books); err != nil {
		return err
	}
	h.shelf = newShelf(h.library)
	if h.jobs, err = jobs.Open(ctx, jobs.Options{Book: h.books, Now: nowMS, Logger: h.log.Named("jobs")}); err != nil {
		return err
	}
	if h.stock == nil {
		return nil
	}
	return h.stock(ctx, h)
}

// startPlugins starts the plugins and does not wait for them: a sick one must not hold up the channel.
func (h *host) startPlugins(ctx context.Context) error {
	secret, err := secretOf(h.conf.DataDir)
	if err != nil {
		return err
	}
	run, err := filepath.Abs(filepath.Join(h.conf.DataDir, "run")) // plugins run in a directory of their own
	if err != nil {
		return fmt.Errorf("find %s: %w", h.conf.DataDir, err)
	}
	h.plugins, err = pluginhost.New(pluginhost.Options{
		Logger: h.log.Named("plugin"), Dir: run, Plugins: h.specs(), Zone: h.conf.Location(),
		Secret: secret, Metrics: h.metrics, Jitter: rand.Float64,
	})
	if err != nil {
		return err
	}
	h.live.AskPlugins(vetting{h.plugins})
	h.live.OnChange(h.applyPlugins)
	return h.plugins.Start(context.WithoutCancel(ctx)) // close stops them, when the station no longer asks
}

// openChannel opens the channel above every epoch that was stored.
func (h *host) openChannel(ctx context.Context) error {
	world, err := h.books.Load(ctx)
	if err != nil {
		return err
	}
	if h.conf.Channel.Driver == config.CyTube {
		return h.openCyTube(world.Epoch)
	}
	return h.openEmbedded(ctx, world.Epoch)
}

// openCyTube starts to connect to the channel, and does not wait for it.
func (h *host) openCyTube(epoch channel.Epoch) error {
	c := h.conf.Channel
	driver, err := cytube.Open(cytube.Options{
		Server: c.Server, Channel: c.RoomName(), User: c.Self, Password: c.Password, ChannelPassword: c.ChannelPassword,
		OpenedAt: epoch, AddIntervalMS: orNone(c.AddIntervalMS), AddRetries: int(orNone(int64(c.AddRetries))),
		Log: h.log.Named("channel"),
	})
	if err != nil {
		return err
	}
	h.driver = driver
	return nil
}

// openEmbedded opens the channel inside the host, and lets those in who act by token.
func (h *host) openEmbedded(ctx context.Context, epoch channel.Epoch) (err error) {
	c := h.conf.Channel
	h.room, err = embedded.Open(embedded.Options{
		Channel: c.Name, Self: c.Self, OpenedAt: epoch, File: h.conf.SaveFile(), Rate: c.Speed, AllowDupes: c.AllowDuplicates,
		AFKTimeoutMS: c.AFKTimeoutMS, AddIntervalMS: orNone(c.AddIntervalMS), AddRetries: int(orNone(int64(c.AddRetries))),
		Probe: measured(h.library), Seed: rand.Uint64(), Log: h.log.Named("channel"),
	})
	if err != nil {
		return err
	}
	h.driver = h.room
	h.desk.open(h.room)
	tokens, err := h.books.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.Valid(nowMS()) {
			err = errors.Join(err, h.desk.admit(t))
		}
	}
	return err
}

// orNone is how a driver is told none, where zero would mean its default.
func orNone(n int64) int64 {
	if n == 0 {
		return -1
	}
	return n
}

func (h *host) startStation(ctx context.Context) (err error) {
	h.station, err = station.New(ctx, station.Options{
		Channel: h.conf.Channel.Name, Journal: h.books, Driver: h.driver, Asker: h.plugins, Shelf: h.shelf, Settings: h.live,
		Zone: h.conf.Location(), Seed: rand.Uint64, Played: h.noteRotation, Crash: h.crash, Logger: h.log.Named("station"),
	})
	if err != nil {
		return err
	}
	h.desk.view.Store(h.station)
	h.till = till.New(till.Options{
		Book: h.books, Floor: h.station, Catalog: counter{h.library}, Accounts: h.books, Rules: h.live.Pay, Zone: h.conf.Location(), Now: nowMS, Crash: h.crash,
		Report: func(what string, err error) { h.log.Error(what, "error", err) }, Unwritten: h.station.Unwritten,
	})
	own, end := context.WithCancel(context.WithoutCancel(ctx)) // close ends it, when nothing new comes in
	h.end = end
	h.running.Go(func() { // ends with own; close waits
		err := h.guarded("station", func() error { return h.station.Run(own) })
		if own.Err() == nil {
			h.fail(cmp.Or(err, errors.New("the station ended by itself")))
		}
	})
	return nil
}

// guarded runs a part of the host and reports its panic instead of ending the process with it.
func (h *host) guarded(part string, run func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			h.log.Error("panic", "in", part, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the %s stopped on a fault of its own; the log has the details", part)
		}
	}()
	return run()
}

func (h *host) fail(err error) {
	select {
	case h.failed <- err:
	default: // the first reasons say enough
	}
}

// wait returns when ctx ends, or with the reason why the host cannot go on.
func (h *host) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-h.failed:
		return err
	}
}

// close stops in SPEC's order: refuse new work, five seconds for purchases in flight, station, sockets, plugins, channel
// (which saves its list), store.
func (h *host) close() error {
	var errs []error
	if h.site != nil {
		errs = append(errs, h.site.refuse(flightWait))
	}
	for _, l := range h.listen {
		_ = l.Close() // a served one is closed already
	}
	if h.control != nil {
		errs = append(errs, h.control.Close())
	}
	if h.jobs != nil {
		h.jobs.Close()
	}
	h.abroad.close()
	if h.end != nil {
		h.end()
	}
	if h.site != nil {
		h.site.close()
	}
	h.running.Wait()
	if h.plugins != nil {
		ctx, cancel := context.WithTimeout(context.Background(), pluginsWait)
		errs = append(errs, h.plugins.Stop(ctx))
		cancel()
	}
	if h.driver != nil {
		errs = append(errs, h.driver.Close())
	}
	if h.db != nil {
		errs = append(errs, h.db.Close())
	}
	return errors.Join(errs...)
}

// logger is the log as the configuration wants it.
func logger(c config.Log, to io.Writer) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Name: "playbill", Level: hclog.LevelFromString(c.Level), JSONFormat: c.Format == "json", Output: to})
}

// portSentence says why an address cannot be listened on.
func portSentence(address, another string, err error) error {
	host, port, split := net.SplitHostPort(address)
	switch {
	case split == nil && errors.Is(err, syscall.EADDRINUSE):
		return say("Port %s is in use. Stop the other program, or %s.", port, fmt.Sprintf(another, net.JoinHostPort(host, nextPort(port))))
	case split == nil && errors.Is(err, os.ErrPermission):
		return say("Port %s may not be used by this user. Ports from 1024 on may: %s.", port, fmt.Sprintf(another, net.JoinHostPort(host, "8080")))
	}
	return say("%s cannot be listened on (%w). Name an address of this machine: %s.", address, err, fmt.Sprintf(another, "127.0.0.1:8080"))
}
