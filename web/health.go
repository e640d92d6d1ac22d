package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/web/session"
)

// healthz says that the process answers.
func (s *Server) healthz(c *gin.Context, _ session.Who) error {
	c.JSON(http.StatusOK, gin.H{"status": "ok", "version": s.opt.Version})
	return nil
}

// readyz says whether the host does its work, and what keeps it from that: every plugin has settled, one way or the other,
// and the channel is there, has been compared with the books, and lets the bot do what it needs.
func (s *Server) readyz(c *gin.Context, _ session.Who) error {
	reasons := s.unready()
	status := http.StatusOK
	if len(reasons) > 0 {
		status = http.StatusServiceUnavailable
	}
	c.JSON(status, gin.H{"ready": len(reasons) == 0, "reasons": reasons})
	return nil
}

func (s *Server) unready() []string {
	reasons := []string{}
	select {
	case <-s.opt.Plugins.Settled():
	default:
		reasons = append(reasons, "Plugins are still starting.")
	}
	return append(reasons, s.opt.Floor.View().Unready()...)
}

// metrics are the host's numbers. They name plugins, hooks and outcomes and never a person, so anybody may read them.
func (s *Server) metrics(c *gin.Context, _ session.Who) error {
	if s.opt.Metrics == nil {
		return fault.New(fault.NotFound, "This host keeps no metrics.")
	}
	s.opt.Metrics.ServeHTTP(c.Writer, c.Request)
	return nil
}
