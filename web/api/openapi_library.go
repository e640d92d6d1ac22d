package api

import (
	"net/http"

	"playbill/web/session"
)

// libraryOperations are the catalog and the saved playlists as admins change them.
func libraryOperations() []Operation {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	const public, admin = session.Public, session.Admin
	media, page := []string{"type!", "id!"}, []string{"limit", "offset"}
	looks := append([]string{"q", "category", "tag", "min_seconds", "max_seconds", "max_price", "sort"}, page...)
	return []Operation{
		{get, "/api/v1/catalog", public, "Search what can be requested: every word in title, tags, people, categories or year, the best first.", looks, false, nil, 200, catalog{}},
		{get, "/api/v1/catalog/item", public, "One title.", media, false, nil, 200, title{}},
		{get, "/api/v1/catalog/names", public, "The categories, tags and orders by which the catalog can be narrowed.", []string{"limit"}, false, nil, 200, names{}},
		{post, "/api/v1/admin/catalog/item", admin, "Add one title that a link or type:id names.", nil, false, newTitle{}, 201, title{}},
		{patch, "/api/v1/admin/catalog/item", admin, "Change a title, close it to viewers for some time, take it away or bring it back.", media, false, titlePatch{}, 200, title{}},
		{post, "/api/v1/admin/catalog/imports", admin, "Import titles from the body: csv, json or text; or from the channel's list. With dry_run=1 it says what would come of it, and the status is 200.", []string{"format!", "dry_run", "name"}, false, nil, 202, imported{}},
		{post, "/api/v1/admin/catalog/sync", admin, "Sync with the MediaCMS site.", nil, false, nil, 202, job{}},
		{get, "/api/v1/admin/jobs", admin, "Imports and syncs: what runs, and what became of it.", nil, false, nil, 200, nil},
		{del, "/api/v1/admin/jobs/:id", admin, "Cancel an import or a sync.", nil, false, nil, 202, nil},
		{post, "/api/v1/admin/promos/clips/probe", admin, "Try a clip on the channel: it is added at the end for a moment and removed again.", nil, false, clipBody{}, 200, probed{}},
		{get, "/api/v1/admin/catalog/gone", admin, "The titles that are not offered any more.", page, false, nil, 200, catalog{}},
		{get, "/api/v1/admin/playlists", admin, "The saved playlists; items=0 leaves their items out.", []string{"items"}, false, nil, 200, nil},
		{post, "/api/v1/admin/playlists", admin, "Make a playlist.", nil, false, playlistBody{}, 201, playlist{}},
		{get, "/api/v1/admin/playlists/:id", admin, "One saved playlist.", nil, false, nil, 200, playlist{}},
		{patch, "/api/v1/admin/playlists/:id", admin, "Change a playlist's name and what it is for.", nil, false, playlistHead{}, 200, playlist{}},
		{post, "/api/v1/admin/playlists/:id/edits", admin, "Add, move or remove items, say when clips air, or take the last change back; items=0 leaves them out of the answer.", []string{"items"}, false, playlistEdit{}, 200, playlist{}},
		{post, "/api/v1/admin/playlists/:id/import", admin, "Add the lines of a pasted list. Those that cannot be read are named.", nil, false, playlistText{}, 200, playlistRead{}},
		{get, "/api/v1/admin/playlists/:id/export", admin, "The playlist as text that can be pasted.", nil, false, nil, 200, nil},
		{post, "/api/v1/admin/playlists/:id/clone", admin, "Copy a playlist. The copy is neither non-preemptable nor a pool's.", nil, false, playlistName{}, 201, playlist{}},
		{put, "/api/v1/admin/playlists/:id", admin, "Change a playlist.", nil, false, playlistBody{}, 200, playlist{}},
		{del, "/api/v1/admin/playlists/:id", admin, "Delete a playlist.", []string{"rev"}, false, nil, 204, nil},
	}
}
