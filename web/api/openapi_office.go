package api

import (
	"net/http"

	"playbill/web/session"
)

// officeOperations are the overview, the promos, the plugins and presence.
func officeOperations() []Operation {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	const admin = session.Admin
	return []Operation{
		{get, "/api/v1/admin/promos/config", admin, "The promo settings that run now.", nil, false, nil, 200, promoConfig{}},
		{put, "/api/v1/admin/promos/config", admin, "Change them. The answer says whether the file has them.", nil, false, promoConfig{}, 200, promoSaved{}},
		{get, "/api/v1/admin/overview", admin, "What needs a hand, and how everything is.", nil, false, nil, 200, Overview{}},
		{post, "/api/v1/admin/alarms/:id/seen", admin, "Put the alarm of an event away: somebody has seen it.", nil, false, nil, 200, nil},
		{post, "/api/v1/admin/night", admin, "Check the whole ledger and copy the database now, as every night does.", nil, false, nil, 200, nil},
		{post, "/api/v1/admin/promos/forecast", admin, "What unsaved promo settings would bring on the list as it stands. Nothing is written.", nil, false, promoConfig{}, 200, forecastAnswer{}},
		{get, "/api/v1/admin/promos/pools", admin, "The pool of each promo type, and how it is.", nil, false, nil, 200, nil},
		{put, "/api/v1/admin/promos/pools/:type/playlists/:id", admin, "Tag a saved playlist: its clips join the pool.", nil, false, nil, 200, tagged{}},
		{del, "/api/v1/admin/promos/pools/:type/playlists/:id", admin, "Untag it. Its promos that wait on the list are withdrawn.", nil, false, nil, 200, tagged{}},
		{post, "/api/v1/admin/promos/clips/try", admin, "Let a clip that the channel refused be tried again.", nil, false, clipBody{}, 200, clipBody{}},
		{get, "/api/v1/admin/plugins", admin, "The plugins, how they are and what they answered.", nil, false, nil, 200, nil},
		{get, "/api/v1/admin/plugins/:name", admin, "One plugin with its settings. What comes from the environment is named and not shown.", nil, false, nil, 200, pluginDetail{}},
		{get, "/api/v1/admin/plugins/:name/log", admin, "The last lines that it wrote.", nil, false, nil, 200, nil},
		{put, "/api/v1/admin/plugins/:name/settings", admin, "Replace its settings: one object, as its schema describes it, without what comes from the environment.", nil, false, map[string]any{}, 200, pluginSaved{}},
		{post, "/api/v1/admin/plugins/:name/enable", admin, "Switch it on.", nil, false, nil, 200, pluginSaved{}},
		{post, "/api/v1/admin/plugins/:name/disable", admin, "Switch it off. A call that it has is finished first.", nil, false, nil, 200, pluginSaved{}},
		{post, "/api/v1/admin/plugins/:name/restart", admin, "Give it a new process from its binary as it is on disk.", nil, false, nil, 200, nil},
		{put, "/api/v1/admin/presence", admin, "Change the presence settings.", nil, false, presenceSettings{}, 200, presenceSaved{}},
		{get, "/api/v1/admin/presence", admin, "Who is away, and since when.", nil, false, nil, 200, nil},
		{get, "/api/v1/admin/decisions", admin, "Why each promo was placed or not, newest first.", []string{"limit", "before"}, false, nil, 200, nil},
	}
}
