package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/web/api"
)

// fail answers a request with an error: the one place in which that happens. What has no code goes to the log, and its
// text to nobody.
func (s *Server) fail(c *gin.Context, err error) {
	status, p, known := api.ProblemOf(err)
	if !known {
		s.log.Error("a request failed", "method", c.Request.Method, "path", c.FullPath(), "error", err)
	}
	if c.Writer.Written() {
		return
	}
	if status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", `Bearer realm="playbill"`)
	}
	if s.wantsPage(c) && status == http.StatusUnauthorized && c.GetHeader("Authorization") == "" {
		s.pages.AskWho(c)
		return
	}
	if s.wantsPage(c) {
		s.pages.Fail(c, status, p.Error.Message)
		return
	}
	s.answer(c.Writer, status, p)
}

// answer writes an error as JSON.
func (s *Server) answer(w http.ResponseWriter, status int, p api.Problem) {
	text, err := json.Marshal(p)
	if err != nil {
		s.log.Error("an error could not be rendered", "error", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(text); err != nil {
		s.log.Debug("an answer was not taken", "error", err)
	}
}

// nowhere answers what no route is for.
func (s *Server) nowhere(c *gin.Context) {
	s.fail(c, fault.New(fault.NotFound, "There is nothing at this address."))
}

// wantsPage reports whether a person in front of a browser asked, for whom JSON is no answer.
func (s *Server) wantsPage(c *gin.Context) bool {
	return !strings.HasPrefix(c.Request.URL.Path, "/api/") && (c.Request.Method == http.MethodGet || c.Request.Method == http.MethodPost) &&
		quality(c.GetHeader("Accept"), "text/html") > quality(c.GetHeader("Accept"), "application/json")
}

// prefersJSON reports whether an Accept header names JSON and likes it more than a page (RFC 9110, section 12.5.1).
func prefersJSON(accept string) bool {
	return quality(accept, "application/json") > quality(accept, "text/html")
}

// quality is how much an Accept header wants exactly this type, in thousandths; wildcards want nothing in particular.
func quality(accept, kind string) int {
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), kind) {
			continue
		}
		for param := range strings.SplitSeq(params, ";") {
			if q, ok := strings.CutPrefix(strings.TrimSpace(param), "q="); ok {
				if f, err := strconv.ParseFloat(q, 64); err == nil && f >= 0 && f <= 1 {
					return int(f * 1000)
				}
			}
		}
		return 1000
	}
	return 0
}
