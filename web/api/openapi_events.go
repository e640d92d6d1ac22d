package api

import (
	"net/http"

	"playbill/web/session"
)

// eventOperations are events, and playlists that are loaded.
func eventOperations() []Operation {
	const get, post, put, del, admin = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, session.Admin
	return []Operation{
		{get, "/api/v1/admin/events", admin, "All events that are planned, the one that runs, and what did not go well.", nil, false, nil, 200, eventsAnswer{}},
		{post, "/api/v1/admin/events", admin, "Plan an event.", nil, false, scheduleBody{}, 201, Schedule{}},
		{put, "/api/v1/admin/events/:id", admin, "Change an event; what is left out stays. It is armed anew at once.", nil, false, scheduleBody{}, 200, Schedule{}},
		{del, "/api/v1/admin/events/:id", admin, "Take an event off the plan.", []string{"rev"}, false, nil, 204, nil},
		{post, "/api/v1/admin/events/:id/fire", admin, "Start an event at once; its next start stays.", nil, false, nil, 202, Firing{}},
		{post, "/api/v1/admin/starts", admin, "When an event with this start and rule would be on. Nothing is saved.", nil, false, scheduleBody{}, 200, startsAnswer{}},
		{get, "/api/v1/admin/calendar", admin, "The starts of all events in a range, a year at most; without one, the next seven days.", []string{"from", "to"}, false, nil, 200, calendarAnswer{}},
		{get, "/api/v1/admin/firings", admin, "How events went, newest first.", []string{"limit", "before"}, false, nil, 200, firingsAnswer{}},
		{del, "/api/v1/admin/lockout", admin, "End the lockout: requests and promos open, and what is left of an event is ordinary content.", nil, false, nil, 204, nil},
		{get, "/api/v1/admin/load", admin, "The playlist that is being loaded, or was last.", nil, false, nil, 200, loadAnswer{}},
		{post, "/api/v1/admin/load", admin, "Add a playlist at the end of the live list, a title at a time.", nil, false, loadBody{}, 202, Loading{}},
		{del, "/api/v1/admin/load", admin, "Cancel the load that is under way; what it added stays.", nil, false, nil, 204, nil},
	}
}
