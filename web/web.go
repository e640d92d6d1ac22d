// Package web is the door of the host for browsers and programs: pages, the JSON API, live updates. The map of it is in
// routes.go, on one screen, with what each route asks of who calls it.
//
// A request walks through the cross-origin check, the security headers, the recovery from panics, and the question of who
// is asking; then its handler does its one thing and returns. What it returns as an error is answered in fail.go.
package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/hashicorp/go-hclog"

	"playbill/sdk"
	"playbill/web/api"
	"playbill/web/live"
	"playbill/web/pages"
	"playbill/web/session"
)

// Options is what the web is made of.
type Options struct {
	api.Ports
	Tokens         session.Tokens
	Vault          session.Vault
	Links          session.Links
	Room           session.Room   // who is asked for people's ranks, and sends them codes
	Secret         []byte         // under which login codes are sealed; nil: one of this run
	Demo           pages.Demo     // a room whose people are made up; nil: this is no demo
	Channel        string         // the channel's name, as people know it
	Zone           *time.Location // the station's; nil: UTC
	Version        string         // of the host
	TrustedProxies []string       // addresses or CIDR ranges whose X-Forwarded-For is believed; empty: none
	Metrics        http.Handler   // what /metrics answers; nil: there is no such page
	Logger         hclog.Logger   // nil: silent
	Now            func() int64   // UTC milliseconds; nil: the clock
}

// Server is the web of one channel. Safe for concurrent use.
type Server struct {
	opt     Options
	log     hclog.Logger
	door    *session.Door
	login   *session.Login
	hub     *live.Hub
	api     *api.API
	pages   *pages.Pages
	engine  *gin.Engine
	handler http.Handler
}

// New returns a server whose sockets are served until Close. The error is of the options: a proxy that is no address.
func New(opt Options) (*Server, error) {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	if opt.Logger == nil {
		opt.Logger = hclog.NewNullLogger()
	}
	if opt.Now == nil {
		opt.Now = func() int64 { return time.Now().UnixMilli() }
	}
	s := &Server{opt: opt, log: opt.Logger, login: session.NewLogin(session.Options{
		Vault: opt.Vault, Links: opt.Links, Room: opt.Room, Secret: opt.Secret, Now: opt.Now, Logger: opt.Logger})}
	s.door = session.NewDoor(session.Bearer{Tokens: opt.Tokens}, s.login)
	opt.Ports.Doors = s.login
	engine, err := s.bare()
	if err != nil {
		return nil, err
	}
	s.hub = live.New(live.Options{Floor: opt.Floor, Channel: opt.Channel, Now: opt.Now, Logger: opt.Logger,
		Badge: func(promoType string) string { return api.Badge(opt.Plugins, promoType) },
		Art:   func(m sdk.Media) string { return api.Picture(opt.Ports, m.Key()) }})
	s.api = api.New(opt.Ports, s.hub, opt.Now, opt.Zone, opt.Logger)
	s.pages, err = pages.New(pages.Options{Ports: opt.Ports, API: s.api, Login: s.login, Demo: opt.Demo, Hub: s.hub, Rules: opt.Settings.Pay, Zone: opt.Zone, Version: opt.Version, Now: opt.Now})
	if err != nil {
		s.hub.Close()
		return nil, err
	}
	for _, r := range s.routes() {
		engine.Handle(r.method, r.path, s.serve(r))
	}
	engine.NoRoute(s.nowhere)
	s.engine, s.handler = engine, s.guarded(compressed(engine))
	return s, nil
}

// Handler answers every request. The caller's http.Server sets the timeouts.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends the sockets; it comes before the shutdown of the HTTP server, which knows nothing of them.
func (s *Server) Close() {
	s.hub.Close()
	s.login.Close()
}

// bare is gin without its own log, recovery and redirects, and without routes.
func (s *Server) bare() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.RedirectTrailingSlash = false
	engine.Use(s.logged, s.recovered, secured)
	if err := engine.SetTrustedProxies(s.opt.TrustedProxies); err != nil {
		return nil, fmt.Errorf("trusted_proxies: %w", err)
	}
	return engine, nil
}

// serve wraps a handler: who is asking, may they, and what if not.
func (s *Server) serve(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		who, err := s.door.Who(c.Request, s.opt.Now())
		if err == nil {
			pages.Remember(c, who)
			err = r.level.Allow(who, r.level.Needs(s.opt.Settings.Pay()))
		}
		if err == nil {
			err = r.handle(c, who)
		}
		if err != nil {
			s.fail(c, err)
		}
	}
}

// queue is the page, or the API's JSON for who would rather have that.
func (s *Server) queue(c *gin.Context, who session.Who) error {
	c.Header("Vary", "Accept")
	if prefersJSON(c.GetHeader("Accept")) {
		return s.api.GetQueue(c, who)
	}
	return s.pages.Queue(c, who)
}

// socket keeps an open page up to date.
func (s *Server) socket(c *gin.Context, who session.Who) error {
	ended, stop := s.login.Watch(who)
	defer stop()
	return s.hub.ServeUntil(c.Writer, c.Request, ended)
}
