package session

import "time"

// What logging in may cost, and how often it may be tried. A name that somebody else bothers can log in again within a
// minute; an address, which many people may share, can ask for a dozen codes at once.
const (
	secretMax   = 512              // bytes of a token's secret: longer ones are not hashed
	secretBytes = 32               // chance in a session's token and in a browser's nonce
	nameMax     = 40               // bytes of a user name
	sendWait    = 10 * time.Second // one code, from the look-up to the bot's message
	sendingMax  = 16               // codes on their way at once

	asksPerName             = 20 * time.Second // one code more, after the first three
	asksPerNameBurst        = 3
	asksPerAddr             = 5 * time.Second
	asksPerAddrBurst        = 12
	asksInAll               = 500 * time.Millisecond
	asksInAllBurst          = 40
	triesPerName            = 2 * time.Second
	triesPerNameBurst       = 10
	triesPerAddr            = time.Second
	triesPerAddrBurst       = 30
	triesInAll              = 50 * time.Millisecond
	triesInAllBurst         = 100
	keysMax                 = 10_000              // names, or addresses, that a limit remembers
	ranksMax                = 10_000              // people whose rank is remembered
	rankFreshMS       int64 = 5_000               // a rank is asked for again after that (SPEC 4.1: at most 30 s)
	rankKeptMS        int64 = 10 * 60 * 1000      // one that has not changed is written down again after that
	rankReadMS        int64 = 24 * 60 * 60 * 1000 // so long a confirmed rank lets somebody read (SPEC 4.1)
	askerAge                = 30 * time.Minute    // the nonce of a browser that logs in
	sessionAge              = 30 * 24 * time.Hour // the session cookie's; the server has the last word
	formMax           int64 = 4 << 10             // bytes of a login form
	timerMax                = 1000 * time.Hour    // a timer that never matters
)
