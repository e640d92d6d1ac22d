// Package session answers one question for every request: who is asking?
//
// There are two ways in: an API token in the Authorization header ([Bearer]), and a browser's session cookie ([Login]), which
// is had by a code that the bot sends. Each is a [Source]; everybody behind this package sees a [Who] only.
package session

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"playbill/core/access"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/till"
)

// Who is the person, or the program, behind a request. The zero Who is anybody: a visitor without a name.
type Who struct {
	Key        channel.UserKey // empty: anybody
	Name       string
	RankTenths int  // of a token: its own; else what the room says now, and 0 in doubt. CyTube's ranks times ten
	Token      bool // acts as its name with its own rank, also when that name is not in the room: an API token, or a login link

	Browser bool   // came with a cookie: somebody who can log out
	Session string // the id of their session; empty: a token
	UntilMS int64  // when that ends, UTC milliseconds; 0: never
}

// Anybody reports whether nobody in particular is asking.
func (w Who) Anybody() bool { return w.Key == "" }

// Actor is the same person at the desk.
func (w Who) Actor() till.Actor {
	return till.Actor{Key: w.Key, Name: w.Name, Token: w.Token, RankTenths: w.RankTenths}
}

// Level is what a route asks of who calls it.
type Level int

// Public routes are for anybody, viewer routes for everybody with a name, admin routes for admin rank, force routes for
// admins who may also put aside what is on the air.
const (
	Public Level = iota
	Viewer
	Admin
	Force
)

// Needs is the rank times ten that a level asks for under these rules; 0 or less means that nobody has it.
func (l Level) Needs(r pay.Rules) int {
	if l == Force {
		return max(r.ForceRank, r.AdminRank)
	}
	return r.AdminRank
}

// String names the level.
func (l Level) String() string {
	switch l {
	case Force:
		return "force"
	case Admin:
		return "admin"
	case Viewer:
		return "viewer"
	default:
		return "public"
	}
}

// Allow returns why who may not do what asks for a level: fault.Unauthorized for nobody in particular, fault.Forbidden
// for a rank that is too low. Nil: may. rank is what the level Needs, times ten.
func (l Level) Allow(w Who, rank int) error {
	switch {
	case l == Public:
		return nil
	case w.Anybody():
		return fault.New(fault.Unauthorized, "This needs to know who you are. Log in, or send an API token as “Authorization: Bearer ...”.")
	case l == Admin && (rank <= 0 || w.RankTenths < rank):
		return fault.New(fault.Forbidden, "This is for admins of the channel.")
	case l == Force && (rank <= 0 || w.RankTenths < rank):
		return fault.New(fault.Forbidden, fmt.Sprintf("This needs rank %s on the channel. Yours is %s.", tenths(rank), tenths(w.RankTenths)))
	default:
		return nil
	}
}

// tenths writes a rank: "3", "1.5".
func tenths(rank int) string { return strconv.FormatFloat(float64(rank)/10, 'f', -1, 64) }

// Source is one way to say who is asking. ok is false when the request does not try this way; an error means that it
// tried and may not.
type Source interface {
	Who(r *http.Request, nowMS int64) (w Who, ok bool, err error)
}

// Door asks its sources in turn.
type Door struct{ sources []Source }

// NewDoor returns a door with these ways in, in order of precedence.
func NewDoor(sources ...Source) *Door { return &Door{sources: sources} }

// Who returns who is asking: the first source that knows, else anybody. A way in that is tried and fails is an error, so
// that a wrong token is never taken for no token.
func (d *Door) Who(r *http.Request, nowMS int64) (Who, error) {
	for _, s := range d.sources {
		if w, ok, err := s.Who(r, nowMS); ok || err != nil {
			return w, err
		}
	}
	return Who{}, nil
}

// Tokens is where tokens are kept, by the SHA-256 of their secret: *store.Channel.
type Tokens interface {
	// TokenBySHA returns a token that may be used at this instant, UTC milliseconds; fault.Unauthorized when there is none.
	TokenBySHA(ctx context.Context, sha [32]byte, nowMS int64) (access.Token, error)
}

// Bearer is the way in by API token (RFC 6750, section 2.1).
type Bearer struct{ Tokens Tokens }

// Who reads the Authorization header. The secret is compared by its hash alone, so how long the answer takes tells
// nothing about it.
func (b Bearer) Who(r *http.Request, nowMS int64) (Who, bool, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return Who{}, false, nil
	}
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" || len(secret) > secretMax {
		return Who{}, false, notValid()
	}
	t, err := b.Tokens.TokenBySHA(r.Context(), sha256.Sum256([]byte(secret)), nowMS)
	if err != nil {
		return Who{}, false, err
	}
	if !t.Valid(nowMS) {
		return Who{}, false, notValid()
	}
	return Who{Key: channel.Fold(t.Name), Name: t.Name, RankTenths: t.RankTenths, Token: true}, true, nil
}

func notValid() error {
	return fault.New(fault.Unauthorized, "This token is not valid. It may have expired or been revoked.")
}
