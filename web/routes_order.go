package web

import (
	"net/http"

	"playbill/web/session"
)

// orderRoutes are the running order as admins change it.
func (s *Server) orderRoutes() []route {
	const get, post, del, admin, force = http.MethodGet, http.MethodPost, http.MethodDelete, session.Admin, session.Force
	a := s.api
	return []route{
		{get, "/admin/queue", admin, s.pages.Order},
		{post, "/api/v1/admin/queue", admin, a.PostEntry},
		{del, "/api/v1/admin/queue/:entry_id", admin, a.DeleteEntry},
		{post, "/api/v1/admin/queue/:entry_id/move", admin, a.MoveEntry},
		{post, "/api/v1/admin/queue/:entry_id/play", force, a.PlayEntry},
		{post, "/api/v1/admin/queue/:entry_id/skip", admin, a.SkipEntry},
	}
}
