package main

import (
	"context"
	"time"

	"playbill/core/audit"
	"playbill/core/event"
	"playbill/core/fault"
)

// releaseEvery is how soon after its expiry a playlist is released, at the latest.
const releaseEvery = time.Minute

// release makes playlists preemptable when their last event that may not be interrupted is over, until ctx ends. A running
// event keeps its lock: that is the firing's own.
func (h *host) release(ctx context.Context) {
	look := time.NewTicker(releaseEvery)
	defer look.Stop()
	for {
		for _, id := range event.Released(h.station.View().Schedules, nowMS()) {
			err := h.library.Release(ctx, id, audit.Entry{Actor: "host", AtMS: nowMS()})
			if err != nil && !fault.Is(err, fault.Changed) { // somebody edits it just now: the next look
				h.log.Warn("a playlist could not be released", "playlist", id, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}
