package main

import (
	"context"

	"playbill/core/audit"
	"playbill/core/event"
)

// playedMax is how many titles may wait to be moved to the end of their playlists. One that finds no room stays where it is.
const playedMax = 64

// noteRotation takes what the station says was played of an event, and does not wait.
func (h *host) noteRotation(p event.Played) {
	select {
	case h.played <- p:
	default:
		h.log.Warn("a title stays at its place in its playlist: too many wait to be moved", "title", p.Media.ID)
	}
}

// rotate moves what was played to the end of its playlist, until ctx ends.
func (h *host) rotate(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-h.played:
			if err := h.library.Rotate(ctx, p.Playlist, p.Media, audit.Entry{Actor: "host", AtMS: nowMS()}); err != nil {
				h.log.Warn("a title could not be moved to the end of its playlist", "playlist", p.Playlist, "error", err)
			}
		}
	}
}
