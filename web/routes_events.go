package web

import (
	"net/http"

	"playbill/web/session"
)

// eventRoutes are events, and playlists that are loaded.
func (s *Server) eventRoutes() []route {
	const get, post, put, del, admin = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, session.Admin
	a, p := s.api, s.pages
	return []route{
		{get, "/admin/events", admin, p.Events},
		{get, "/api/v1/admin/events", admin, a.GetEvents},
		{post, "/api/v1/admin/events", admin, a.PostEvent},
		{put, "/api/v1/admin/events/:id", admin, a.PutEvent},
		{del, "/api/v1/admin/events/:id", admin, a.DeleteEvent},
		{post, "/api/v1/admin/events/:id/fire", admin, a.FireEvent},
		{post, "/api/v1/admin/starts", admin, a.PostStarts},
		{get, "/api/v1/admin/calendar", admin, a.GetCalendar},
		{get, "/api/v1/admin/firings", admin, a.GetFirings},
		{del, "/api/v1/admin/lockout", admin, a.DeleteLockout},
		{get, "/api/v1/admin/load", admin, a.GetLoad},
		{post, "/api/v1/admin/load", admin, a.PostLoad},
		{del, "/api/v1/admin/load", admin, a.DeleteLoad},
	}
}
