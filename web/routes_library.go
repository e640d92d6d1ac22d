package web

import (
	"net/http"

	"playbill/web/session"
)

// libraryRoutes are the catalog and the saved playlists as admins change them.
func (s *Server) libraryRoutes() []route {
	const (
		get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
		public, admin              = session.Public, session.Admin
	)
	a, p := s.api, s.pages
	return []route{
		{get, "/admin/playlists", admin, s.pages.Playlists},
		{get, "/admin/playlists/:id", admin, s.pages.Playlist},
		{get, "/admin/catalog", admin, p.Stock},
		{get, "/admin/catalog/item", admin, p.StockItem},
		{get, "/admin/catalog/import", admin, p.Imports},
		{get, "/art", public, p.Art},
		{get, "/api/v1/catalog", public, a.GetCatalog},
		{get, "/api/v1/catalog/item", public, a.GetTitle},
		{get, "/api/v1/catalog/names", public, a.GetNames},
		{post, "/api/v1/admin/catalog/item", admin, a.PostTitle},
		{patch, "/api/v1/admin/catalog/item", admin, a.PatchTitle},
		{post, "/api/v1/admin/catalog/imports", admin, a.PostImport},
		{post, "/api/v1/admin/catalog/sync", admin, a.PostSync},
		{get, "/api/v1/admin/jobs", admin, a.GetJobs},
		{del, "/api/v1/admin/jobs/:id", admin, a.DeleteJob},
		{post, "/api/v1/admin/promos/clips/probe", admin, a.PostProbeClip},
		{get, "/api/v1/admin/catalog/gone", admin, a.GetGone},
		{get, "/api/v1/admin/playlists", admin, a.GetPlaylists},
		{post, "/api/v1/admin/playlists", admin, a.PostPlaylist},
		{get, "/api/v1/admin/playlists/:id", admin, a.GetPlaylist},
		{put, "/api/v1/admin/playlists/:id", admin, a.PutPlaylist},
		{patch, "/api/v1/admin/playlists/:id", admin, a.PatchPlaylist},
		{post, "/api/v1/admin/playlists/:id/edits", admin, a.PostPlaylistEdit},
		{post, "/api/v1/admin/playlists/:id/import", admin, a.PostPlaylistText},
		{get, "/api/v1/admin/playlists/:id/export", admin, a.ExportPlaylist},
		{post, "/api/v1/admin/playlists/:id/clone", admin, a.ClonePlaylist},
		{del, "/api/v1/admin/playlists/:id", admin, a.DeletePlaylist},
	}
}
