package pages

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"playbill/core/event"
	"playbill/core/station"
)

// loadStrip is a playlist on its way into the queue, on every admin page while it is under way and for a while after.
type loadStrip struct {
	Head, Says  string
	On          bool
	Why         bool // it did not come to its end, or titles are missing
	Total, Gone int  // Gone: added, or refused
	Failed      []event.Failed
}

// loadStrip shows the last load. One that did not go well stays on the page of the playlists.
func (p *Pages) loadStrip(c *gin.Context) *loadStrip {
	l := p.opt.Floor.View().Load
	if l == nil {
		return nil
	}
	bad := l.Why != "" || len(l.Failed) > 0
	if lately := p.opt.Now()-l.EndedAtMS < loadShown.Milliseconds(); !l.On() && !lately && (!bad || c.FullPath() != "/admin/playlists") {
		return nil
	}
	return stripOf(l, bad)
}

func stripOf(l *station.Loading, bad bool) *loadStrip {
	s := &loadStrip{On: l.On(), Why: bad && !l.On(), Total: l.Total, Gone: l.Done + len(l.Failed), Failed: l.Failed,
		Head: fmt.Sprintf("“%s” is being loaded into the queue.", l.Name), Says: fmt.Sprintf("%d of %s added", l.Done, plural(l.Total, "title"))}
	if !l.On() {
		ends := map[string]string{"done": "was loaded into the queue.", "cancelled": "was cancelled while it was loaded.", "stopped": "could not be loaded to its end.",
			"interrupted": "was interrupted while it was loaded."}
		s.Head = fmt.Sprintf("“%s” %s", l.Name, ends[l.EndedHow])
	}
	if n := len(l.Failed); n > 0 {
		s.Says += fmt.Sprintf(", %d not", n)
	}
	if l.By != "" {
		s.Says += ", asked for by " + l.By
	}
	s.Says += "."
	if l.Why != "" {
		s.Says += " " + l.Why
	}
	if l.On() {
		s.Says += " Promos wait until it is done."
	}
	return s
}
