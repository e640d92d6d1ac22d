package web

import (
	"net/http"

	"playbill/web/session"
)

// moneyRoutes are the ledger, the viewers, the tokens, the audit trail and the prices: people and coins.
func (s *Server) moneyRoutes() []route {
	const (
		get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
		admin               = session.Admin
	)
	a, p := s.api, s.pages
	return []route{
		{get, "/admin/ledger", admin, p.Ledger},
		{get, "/admin/ledger/:user", admin, p.Viewer},
		{get, "/admin/tokens", admin, p.Tokens},
		{get, "/admin/audit", admin, p.Audit},
		{get, "/admin/prices", admin, p.Prices},

		{get, "/api/v1/admin/ledger", admin, a.GetLedger},
		{post, "/api/v1/admin/ledger/verify", admin, a.PostVerify},
		{get, "/api/v1/admin/ledger/export", admin, a.ExportLedger},
		{post, "/api/v1/admin/ledger/grants", admin, a.PostGrant},
		{post, "/api/v1/admin/ledger/adjustments", admin, a.PostAdjustment},
		{get, "/api/v1/admin/viewers", admin, a.GetViewers},
		{get, "/api/v1/admin/viewers/:user", admin, a.GetViewer},
		{get, "/api/v1/admin/viewers/:user/statement", admin, a.GetViewerStatement},
		{get, "/api/v1/admin/viewers/:user/purchases", admin, a.GetViewerPurchases},
		{get, "/api/v1/admin/viewers/:user/sessions", admin, a.GetViewerSessions},
		{del, "/api/v1/admin/viewers/:user/sessions", admin, a.DeleteViewerSessions},
		{del, "/api/v1/admin/viewers/:user/sessions/:id", admin, a.DeleteViewerSessions},
		{post, "/api/v1/admin/viewers/:user/block", admin, a.PostBlock},
		{post, "/api/v1/admin/viewers/:user/unblock", admin, a.PostUnblock},
		{get, "/api/v1/admin/tokens", admin, a.GetTokens},
		{post, "/api/v1/admin/tokens", admin, a.PostToken},
		{del, "/api/v1/admin/tokens/:name", admin, a.DeleteToken},
		{get, "/api/v1/admin/audit", admin, a.GetAudit},
		{post, "/api/v1/admin/audit/:id/undo", admin, a.PostUndo},
		{get, "/api/v1/admin/pay", admin, a.GetPay},
		{put, "/api/v1/admin/pay", admin, a.PutPay},
		{post, "/api/v1/admin/pay/examples", admin, a.PostPayExamples},
	}
}
