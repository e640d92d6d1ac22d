package main

import (
	"context"
	"time"

	"playbill/core/library"
)

// lending is the library as the web shows it: what has played in the last days is hidden from viewers, if the owner wants
// that.
type lending struct {
	*library.Library
	hideMS int64
	now    func() int64
}

const dayMS = 24 * 3_600_000

// Search looks through the catalog.
func (l lending) Search(q library.Query) library.Found {
	if since := l.restedSince(); since > 0 && !q.Reserved {
		q.RestedMS = since
	}
	return l.Library.Search(q)
}

// restedSince is the instant, UTC milliseconds, since when what has played is hidden from viewers; 0: nothing is.
func (l lending) restedSince() int64 {
	if l.hideMS <= 0 {
		return 0
	}
	return l.now() - l.hideMS
}

// lend returns the library as the web shows it.
func (h *host) lend() lending {
	return lending{h.library, int64(h.conf.Catalog.HidePlayedDays) * dayMS, nowMS}
}

// notePlayed tells the library what has played: all that the log knows, and then each title when it is over. It returns
// when ctx ends.
func (h *host) notePlayed(ctx context.Context) {
	since, run := int64(0), int64(-1)
	for ctx.Err() == nil {
		v := h.station.View()
		if v.LastAsRun != run {
			played, err := h.books.LastPlayed(ctx, since)
			if err == nil {
				h.library.PlayedAll(played)
				since, run = nowMS()-(7*24*time.Hour).Milliseconds(), v.LastAsRun // no title is longer than a week
			} else if ctx.Err() == nil {
				h.log.Error("what has played could not be read", "error", err)
				run = v.LastAsRun
			}
		}
		select {
		case <-v.Changed():
		case <-ctx.Done():
		}
	}
}
