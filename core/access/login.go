package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"playbill/core/channel"
)

// What a login is held to (SPEC 10).
const (
	CodeDigits = 6
	CodeTries  = 5
	CodeForMS  = 5 * 60 * 1000            // a code's life
	SessionMS  = 30 * 24 * 60 * 60 * 1000 // a session's life
	LinkForMS  = 10 * 60 * 1000           // a login link's life
	LinkedMS   = 12 * 60 * 60 * 1000      // the life of what a login link opens
)

// LinkMaker signs the tokens that are login links: only those open a session in a browser, and they open nothing else.
const LinkMaker = "login link"

// NewCode makes a code of six digits from chance: any 64 bits. The bias of the remainder is below 1 in 10^13.
func NewCode(chance uint64) string { return fmt.Sprintf("%0*d", CodeDigits, chance%1_000_000) }

// Tidy is a code as a person may have typed it, without the spaces and hyphens of copying. ok: it has six digits.
func Tidy(typed string) (code string, ok bool) {
	code = strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(typed)
	return code, len(code) == CodeDigits && strings.Trim(code, "0123456789") == ""
}

// Seal is what is stored of a code: an HMAC-SHA256 under the host's secret, for a million codes are soon tried. The name
// is part of it, so that a code is worth nothing under another name.
func Seal(secret []byte, user channel.UserKey, code string) (sealed [32]byte) {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("login\x00" + string(user) + "\x00" + code))
	copy(sealed[:], mac.Sum(nil))
	return sealed
}

// Code is a login code that was sent, as it is stored.
type Code struct {
	User        channel.UserKey
	Sealed      [32]byte
	Browser     [32]byte // SHA-256 of the nonce in the cookie of the browser that asked
	CreatedAtMS int64    // UTC milliseconds
	ExpiresAtMS int64
	Tries       int // wrong ones
}

// NewCodeFor is a code as it begins.
func NewCodeFor(user channel.UserKey, sealed, browser [32]byte, nowMS int64) Code {
	return Code{User: user, Sealed: sealed, Browser: browser, CreatedAtMS: nowMS, ExpiresAtMS: nowMS + CodeForMS}
}

// Verdict is what becomes of a try.
type Verdict int

// Refused changes nothing: the try says nothing about the code. Wrong is one try less. Burned is the last of them, or a
// code that is over: it is forgotten. Right uses the code up.
const (
	Refused Verdict = iota
	Wrong
	Burned
	Right
)

// Try judges a try. One from another browser is refused without being counted: it could not have been right, and a
// stranger must not be able to burn somebody's code.
func (c Code) Try(sealed, browser [32]byte, nowMS int64) Verdict {
	switch {
	case nowMS >= c.ExpiresAtMS || nowMS < c.CreatedAtMS-CodeForMS || c.Tries >= CodeTries:
		return Burned
	case !hmac.Equal(c.Browser[:], browser[:]):
		return Refused
	case hmac.Equal(c.Sealed[:], sealed[:]):
		return Right
	case c.Tries+1 >= CodeTries:
		return Burned
	default:
		return Wrong
	}
}

// Session is somebody who is logged in, in one browser.
type Session struct {
	ID          string // names it to its owner; it opens nothing
	User        channel.UserKey
	Name        string // as the channel spells it
	CreatedAtMS int64  // UTC milliseconds, as all below; 0: never
	SeenAtMS    int64  // kept to the minute
	ExpiresAtMS int64
	RevokedAtMS int64

	RankTenths int   // times ten: as the room last confirmed it, or the link's own
	RankedAtMS int64 // when that was
	Linked     bool  // opened by a login link: acts with the link's rank, also while its name is not in the room
}

// SessionID names the session whose token has this SHA-256.
func SessionID(sha [32]byte) string { return hex.EncodeToString(sha[:8]) }

// Valid reports whether the session is one at this instant, UTC milliseconds.
func (s Session) Valid(nowMS int64) bool { return s.RevokedAtMS == 0 && nowMS < s.ExpiresAtMS }
