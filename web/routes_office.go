package web

import (
	"net/http"

	"playbill/web/session"
)

// officeRoutes are the overview, the promos, the plugins and presence: what admins look after.
func (s *Server) officeRoutes() []route {
	const (
		get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
		admin               = session.Admin
	)
	a, p := s.api, s.pages
	return []route{
		{get, "/admin", admin, p.Overview},
		{get, "/admin/promos", admin, p.Promos},
		{get, "/admin/promos/effect", admin, p.PromoEffect},
		{get, "/admin/promos/config", admin, a.GetPromoConfig},
		{put, "/admin/promos/config", admin, a.PutPromoConfig},
		{get, "/admin/promos/pools", admin, a.GetPools},
		{get, "/api/v1/admin/promos/config", admin, a.GetPromoConfig},
		{put, "/api/v1/admin/promos/config", admin, a.PutPromoConfig},
		{get, "/api/v1/admin/overview", admin, a.GetOverview},
		{post, "/api/v1/admin/alarms/:id/seen", admin, a.PostSeen},
		{post, "/api/v1/admin/night", admin, a.PostNight},
		{post, "/api/v1/admin/promos/forecast", admin, a.PostForecast},
		{get, "/api/v1/admin/promos/pools", admin, a.GetPools},
		{put, "/api/v1/admin/promos/pools/:type/playlists/:id", admin, a.PutTag},
		{del, "/api/v1/admin/promos/pools/:type/playlists/:id", admin, a.DeleteTag},
		{post, "/api/v1/admin/promos/clips/try", admin, a.PostTryClip},
		{get, "/api/v1/admin/plugins", admin, a.GetPlugins},
		{get, "/admin/plugins", admin, p.Plugins},
		{get, "/admin/plugins/:name", admin, p.Plugin},
		{get, "/admin/presence", admin, p.Presence},
		{get, "/api/v1/admin/plugins/:name", admin, a.GetPlugin},
		{get, "/api/v1/admin/plugins/:name/log", admin, a.GetPluginLog},
		{put, "/api/v1/admin/plugins/:name/settings", admin, a.PutPluginSettings},
		{post, "/api/v1/admin/plugins/:name/enable", admin, a.PostPluginEnable},
		{post, "/api/v1/admin/plugins/:name/disable", admin, a.PostPluginDisable},
		{post, "/api/v1/admin/plugins/:name/restart", admin, a.PostPluginRestart},
		{put, "/api/v1/admin/presence", admin, a.PutPresence},
		{get, "/api/v1/admin/presence", admin, a.GetPresence},
		{get, "/api/v1/admin/decisions", admin, a.GetDecisions},
	}
}
