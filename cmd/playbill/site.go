package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"playbill/web"
	"playbill/web/api"
)

// What a connection may cost.
const (
	headerWait = 10 * time.Second
	readWait   = 30 * time.Second
	writeWait  = 30 * time.Second // a purchase waits five seconds for its place
	idleWait   = 2 * time.Minute
)

// site is the web on its listeners.
type site struct {
	web     *web.Server
	servers []*http.Server

	mu    sync.Mutex
	fresh map[net.Conn]bool // connections on which nothing was asked yet: browsers open some in advance
}

// startWeb opens the doors. Everything behind them runs by now.
func (h *host) startWeb(context.Context) error {
	secret, err := secretOf(h.conf.DataDir)
	if err != nil {
		return err
	}
	doors, err := web.New(web.Options{
		Ports:  h.ports(),
		Tokens: h.books, Vault: h.books, Links: h.books, Room: h.station, Secret: secret, Demo: h.lobby(), Channel: h.conf.Channel.Name, Zone: h.conf.Location(), Version: version(), TrustedProxies: h.conf.TrustedProxies,
		Metrics: promhttp.HandlerFor(h.metrics, promhttp.HandlerOpts{}), Logger: h.log.Named("web"), Now: nowMS,
	})
	if err != nil {
		return err
	}
	h.site = &site{web: doors, fresh: map[net.Conn]bool{}}
	for _, l := range h.listen {
		h.serveOn(l, doors.Handler())
	}
	return nil
}

// ports are the rooms and adapters as the web asks them.
func (h *host) ports() api.Ports {
	return api.Ports{
		Floor: h.station, Hands: h.station, Stage: h.station,
		Desk:  h.till,
		Shelf: h.lend(), RestedSince: h.lend().restedSince, Editor: h.library, Stock: h.library, Stocking: h.library, Jobs: h.jobs, Probe: h.station.ProbeMedia, Pictures: h.abroad.picture, Sync: h.abroad.sync(), Tags: h.library, Titles: h.library,
		Books: h.books, Ledger: h.books, Trail: h.books, Past: h.books, Airings: h.books,
		Settings: h.live, Promos: editor{h.live},
		Plugins: report{h.plugins, h.live}, Tools: tools{h.plugins, h.live}, Watch: editor{h.live},
		House:      newPremises(h),
		Stagehands: api.Stagehands{Events: h.station, Calendar: h.station, Loads: h.station, Firings: h.books},
		Money:      api.Money{Accounts: h.books, Checker: h.keeper, Blocks: h.till, History: h.books, Keys: h.desk, Tariff: editor{h.live}},
	}
}

// serveOn serves one listener until the site is closed.
func (h *host) serveOn(l net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerWait, ReadTimeout: readWait, WriteTimeout: writeWait, IdleTimeout: idleWait,
		ConnState: h.site.watch, ErrorLog: h.log.Named("web").StandardLogger(nil)}
	h.site.servers = append(h.site.servers, server)
	h.running.Go(func() { // ends with the server; close waits
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			h.fail(err)
		}
	})
}

// watch keeps track of connections on which nothing was asked yet.
func (s *site) watch(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.fresh[conn] = true
	} else {
		delete(s.fresh, conn)
	}
}

// hangUp closes the connections on which nothing was asked yet. A shutdown would wait for them.
func (s *site) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.fresh {
		_ = conn.Close() // it said nothing, and is told nothing
	}
}

// refuse takes no new connections, lets requests in flight end, and cuts those that take longer than wait. Sockets stay.
func (s *site) refuse(wait time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	var errs []error
	for _, server := range s.servers {
		server.RegisterOnShutdown(s.hangUp)
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// close ends the sockets, of which the servers know nothing any more.
func (s *site) close() { s.web.Close() }
