package web

import (
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/web/api"
)

// policy is the content security policy: everything from here, nothing inline, no frame around us.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded refuses requests of other sites that could change something (Fetch metadata, else Origin). It stands before
// everything, also before routes that are not there.
func (s *Server) guarded(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		head(w.Header())
		_, p, _ := api.ProblemOf(fault.New(fault.CrossOrigin, "This request came from another site, so nothing was done."))
		s.answer(w, http.StatusForbidden, p)
	}))
	return guard.Handler(next)
}

// secured sets the headers that every answer has.
func secured(c *gin.Context) {
	head(c.Writer.Header())
	c.Next()
}

func head(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// logged writes one line per request, at debug: no query, no header, nothing that names a person.
func (s *Server) logged(c *gin.Context) {
	if !s.log.IsDebug() {
		c.Next()
		return
	}
	start := time.Now()
	c.Next()
	s.log.Debug("request", "method", c.Request.Method, "route", c.FullPath(), "status", c.Writer.Status(), "took", time.Since(start).String())
}

// recovered reports a panic and answers for it; the host goes on. A handler that wants to cut its connection may.
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err, is := p.(error); is && errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		stack := debug.Stack()
		s.log.Error("a request panicked", "method", c.Request.Method, "route", c.FullPath(), "panic", p, "stack", string(stack[:min(len(stack), stackMax)]))
		c.Abort()
		if c.Writer.Written() {
			return
		}
		status, problem, _ := api.ProblemOf(nil)
		s.answer(c.Writer, status, problem)
	}()
	c.Next()
}
