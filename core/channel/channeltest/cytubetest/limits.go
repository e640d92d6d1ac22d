package cytubetest

import "time"

// CyTube's figures (reference: cytube.md).
const (
	loginDelay   = 50 * time.Millisecond
	rankDelay    = 5 * time.Millisecond
	pingEvery    = 25 * time.Second
	pingTimeout  = 120 * time.Second
	beatEvery    = 5 * time.Second
	breaker      = 20 * time.Second
	requestEvery = 60 * time.Second
	connectEvery = 10 * time.Second
	connectBurst = 5
	frameMax     = 1 << 20 // bytes, of what clients send
	chatMax      = 320     // characters
	replayed     = 15      // chat lines on a join
	writeWait    = 10 * time.Second
)

const (
	pokeCap = 1  // a wake-up that is pending says it all
	connCap = 16 // connections that wait to be accepted
)

// defaultPermissions are those of a new channel: the lowest rank for each node.
func defaultPermissions() map[string]float64 {
	return map[string]float64{
		"seeplaylist": -1, "playlistadd": 1.5, "playlistnext": 1.5, "playlistmove": 1.5, "playlistdelete": 2,
		"playlistjump": 1.5, "playlistaddlist": 1.5, "oplaylistadd": -1, "oplaylistnext": 1.5, "oplaylistmove": 1.5,
		"oplaylistdelete": 2, "oplaylistjump": 1.5, "oplaylistaddlist": 1.5, "playlistaddcustom": 3,
		"playlistaddrawfile": 2, "playlistaddlive": 1.5, "exceedmaxlength": 2, "addnontemp": 2, "settemp": 2,
		"playlistshuffle": 2, "playlistclear": 2, "playlistlock": 2, "leaderctl": 2, "exceedmaxitems": 2,
		"exceedmaxdurationperuser": 2,
		"mute":                     1.5, "kick": 1.5, "ban": 2, "chat": 0, "chatclear": 2, "drink": 1.5,
	}
}
