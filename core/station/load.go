package station

import "playbill/core/event"

// Loading is a saved playlist on its way into the live list.
type Loading struct {
	ID          int64 // per channel, counted from 1
	Playlist    int64
	Name        string // of the playlist, as it was
	By          string // who asked for it
	Total, Done int
	Failed      []event.Failed // titles that the channel did not take, in its words
	StartedAtMS int64
	EndedAtMS   int64  // 0: it is under way
	EndedHow    string // done, cancelled, stopped or interrupted
	Why         string // of one that was stopped or interrupted: a sentence
}
