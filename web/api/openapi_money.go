package api

import (
	"net/http"

	"playbill/web/session"
)

// moneyOperations are the ledger, the viewers, the tokens, the audit trail and the prices.
func moneyOperations() []Operation {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	const admin = session.Admin
	paged := []string{"limit", "before"}
	return []Operation{
		{get, "/api/v1/admin/ledger", admin, "The sums of the ledger, and how far it has been checked.", nil, false, nil, 200, books{}},
		{post, "/api/v1/admin/ledger/verify", admin, "Check the whole ledger. 202: it takes longer.", nil, false, nil, 200, verifying{}},
		{get, "/api/v1/admin/ledger/export", admin, "Every transfer as CSV, oldest first.", nil, false, nil, 200, nil},
		{post, "/api/v1/admin/ledger/grants", admin, "Give coins, with a reason.", nil, true, booking{}, 201, booked{}},
		{post, "/api/v1/admin/ledger/adjustments", admin, "Correct a balance, up or down, never below zero, with a reason.", nil, true, booking{}, 201, booked{}},
		{get, "/api/v1/admin/viewers", admin, "Search for viewers by the beginning of their name.", []string{"q", "sort", "limit", "offset"}, false, nil, 200, viewers{}},
		{get, "/api/v1/admin/viewers/:user", admin, "One viewer.", nil, false, nil, 200, viewer{}},
		{get, "/api/v1/admin/viewers/:user/statement", admin, "The movements of a viewer's coins, newest first.", paged, false, nil, 200, statement{}},
		{get, "/api/v1/admin/viewers/:user/purchases", admin, "A viewer's purchases, newest first.", paged, false, nil, 200, history{}},
		{get, "/api/v1/admin/viewers/:user/sessions", admin, "Where a viewer is logged in.", nil, false, nil, 200, doors{}},
		{del, "/api/v1/admin/viewers/:user/sessions", admin, "Log a viewer out everywhere.", nil, false, nil, 200, nil},
		{del, "/api/v1/admin/viewers/:user/sessions/:id", admin, "Log a viewer out in one browser.", nil, false, nil, 200, nil},
		{post, "/api/v1/admin/viewers/:user/block", admin, "Close an account: no requests, no earning, and what waits is refunded.", nil, true, blocking{}, 200, blocked{}},
		{post, "/api/v1/admin/viewers/:user/unblock", admin, "Open it again.", nil, true, blocking{}, 200, blocked{}},
		{get, "/api/v1/admin/tokens", admin, "The API tokens.", nil, false, nil, 200, tokens{}},
		{post, "/api/v1/admin/tokens", admin, "Make an API token. Its secret is in the answer, this once.", nil, false, newToken{}, 201, issued{}},
		{del, "/api/v1/admin/tokens/:name", admin, "Revoke an API token.", nil, false, nil, 204, nil},
		{get, "/api/v1/admin/audit", admin, "Who changed what, newest first.", []string{"limit", "before", "actor", "action"}, false, nil, 200, deeds{}},
		{post, "/api/v1/admin/audit/:id/undo", admin, "Take back what an entry says, once.", nil, false, nil, 200, undone{}},
		{get, "/api/v1/admin/pay", admin, "Prices and earning as they run now.", nil, false, nil, 200, tariff{}},
		{put, "/api/v1/admin/pay", admin, "Change them. The answer says whether the file has them.", nil, false, tariff{}, 200, tariffSaved{}},
		{post, "/api/v1/admin/pay/examples", admin, "What titles would cost under these settings, beside what they cost now.", nil, false, tariff{}, 200, priced{}},
	}
}
