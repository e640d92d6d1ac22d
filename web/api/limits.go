package api

import "time"

const (
	bodyMax         = 64 << 10 // bytes of a request
	playlistBodyMax = 8 << 20  // bytes of a playlist: ten thousand items
	pageDefault     = 50       // rows of an answer
	pageMax         = 200
	offsetMax       = 1_000_000       // rows
	reasonMax       = 500             // characters of an admin's reason
	keyMax          = 200             // bytes of an Idempotency-Key
	mediaMax        = 2_000           // bytes of a media id, a link or a title
	editWait        = 6 * time.Second // for the channel to answer a change of the list; after that the list shows it
	nameMax         = 64              // characters of a user name
	secondsMax      = 1_000_000_000
	seqMax          = 1 << 53 // transfers, as far as JSON numbers are whole
)
