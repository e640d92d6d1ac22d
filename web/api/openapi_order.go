package api

import (
	"net/http"

	"playbill/web/session"
)

// orderOperations are the running order as admins change it.
func orderOperations() []Operation {
	const post, del, admin, force = http.MethodPost, http.MethodDelete, session.Admin, session.Force
	return []Operation{
		{post, "/api/v1/admin/queue", admin, "Add a media to the live list, for nothing. 202: the channel has not answered yet.", nil, true, extra{}, 201, edited{}},
		{del, "/api/v1/admin/queue/:entry_id", admin, "Take an entry off the list. A paid one is refunded, the one on the air ends.", nil, false, nil, 202, edited{}},
		{post, "/api/v1/admin/queue/:entry_id/move", admin, "Move a title; its lead-in follows.", nil, false, spotBody{}, 200, edited{}},
		{post, "/api/v1/admin/queue/:entry_id/play", force, "Start a title at once.", nil, false, nil, 200, edited{}},
		{post, "/api/v1/admin/queue/:entry_id/skip", admin, "End what is on the air, if that is still this entry.", nil, false, nil, 200, edited{}},
	}
}
