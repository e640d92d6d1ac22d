package web

import (
	"net/http"
	"slices"

	"playbill/web/api"
	"playbill/web/session"
)

// route is one line of the map. Its level is the whole permission matrix: nothing behind it asks again who may.
type route struct {
	method, path string
	level        session.Level
	handle       api.Handler
}

// routes is the map.
func (s *Server) routes() []route {
	const (
		get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
		public              = session.Public
		viewer              = session.Viewer
		admin               = session.Admin
	)
	a, p := s.api, s.pages
	return append(slices.Concat(s.demoRoutes(), s.libraryRoutes(), s.orderRoutes(), s.officeRoutes(), s.moneyRoutes(), s.eventRoutes()), []route{
		{get, "/", public, s.pages.Queue},
		{get, "/queue", public, s.queue},
		{post, "/lights", public, s.pages.Lights},
		{get, "/assets/:version/*file", public, s.pages.Asset},
		{get, "/ws", public, s.socket},

		{get, "/catalog", public, p.Catalog},
		{get, "/catalog/item", public, p.Item},
		{get, "/receipt", viewer, p.Receipt},
		{post, "/receipt", viewer, p.Pay},
		{get, "/account", viewer, p.Account},
		{post, "/account/cancel", viewer, p.Cancel},
		{post, "/account/sessions", viewer, p.EndSession},
		{get, "/login", public, p.LogIn},
		{post, "/login", public, p.SendCode},
		{post, "/login/code", public, p.RedeemCode},
		{get, "/login/token", public, p.Link},
		{post, "/login/token", public, p.OpenLink},
		{post, "/logout", public, p.LogOut},

		{get, "/healthz", public, s.healthz},
		{get, "/readyz", public, s.readyz},
		{get, "/metrics", public, s.metrics},

		{get, "/api/v1/queue", public, a.GetQueue},
		{get, "/api/v1/openapi.json", public, a.GetOpenAPI},
		{get, "/api/v1/me", viewer, a.GetMe},
		{get, "/api/v1/statement", viewer, a.GetStatement},
		{get, "/api/v1/sessions", viewer, a.GetSessions},
		{del, "/api/v1/sessions/:id", viewer, a.DeleteSession},
		{get, "/api/v1/quote", viewer, a.GetQuote},
		{get, "/api/v1/purchases", viewer, a.GetPurchases},
		{post, "/api/v1/purchases", viewer, a.Buy},
		{get, "/api/v1/purchases/:id", viewer, a.GetPurchase},
		{del, "/api/v1/purchases/:id", viewer, a.CancelPurchase},

		{get, "/api/v1/admin/asrun", admin, a.GetAsrun},
	}...)
}

// demoRoutes are there in a demo only.
func (s *Server) demoRoutes() []route {
	if s.opt.Demo == nil {
		return nil
	}
	return []route{
		{http.MethodGet, "/demo/pms", session.Public, s.pages.Messages},
		{http.MethodPost, "/demo/pms", session.Public, s.pages.Join},
	}
}
