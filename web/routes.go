package web

import (
	"net/http"

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
	a := s.api
	return []route{
		{get, "/", public, s.pages.Queue},
		{get, "/queue", public, s.queue},
		{post, "/lights", public, s.pages.Lights},
		{get, "/assets/:version/*file", public, s.pages.Asset},
		{get, "/ws", public, s.socket},

		{get, "/healthz", public, s.healthz},
		{get, "/readyz", public, s.readyz},
		{get, "/metrics", public, s.metrics},

		{get, "/api/v1/queue", public, a.GetQueue},
		{get, "/api/v1/catalog", public, a.GetCatalog},
		{get, "/api/v1/me", viewer, a.GetMe},
		{get, "/api/v1/quote", viewer, a.GetQuote},
		{post, "/api/v1/purchases", viewer, a.Buy},
		{get, "/api/v1/purchases/:id", viewer, a.GetPurchase},
		{del, "/api/v1/purchases/:id", viewer, a.CancelPurchase},

		{get, "/admin/promos/config", admin, a.GetPromoConfig},
		{put, "/admin/promos/config", admin, a.PutPromoConfig},
		{get, "/admin/promos/pools", admin, a.GetPools},
		{get, "/api/v1/admin/promos/config", admin, a.GetPromoConfig},
		{put, "/api/v1/admin/promos/config", admin, a.PutPromoConfig},
		{get, "/api/v1/admin/promos/pools", admin, a.GetPools},
		{get, "/api/v1/admin/playlists", admin, a.GetPlaylists},
		{post, "/api/v1/admin/playlists", admin, a.PostPlaylist},
		{put, "/api/v1/admin/playlists/:id", admin, a.PutPlaylist},
		{del, "/api/v1/admin/playlists/:id", admin, a.DeletePlaylist},
		{del, "/api/v1/admin/queue/:entry_id", admin, a.DeleteEntry},
		{post, "/api/v1/admin/ledger/grants", admin, a.PostGrant},
		{get, "/api/v1/admin/plugins", admin, a.GetPlugins},
		{get, "/api/v1/admin/presence", admin, a.GetPresence},
		{get, "/api/v1/admin/asrun", admin, a.GetAsrun},
		{get, "/api/v1/admin/decisions", admin, a.GetDecisions},
	}
}
