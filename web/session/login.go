package session

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/hashicorp/go-hclog"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/notice"
	"playbill/core/station"
)

// Vault is where logins are kept: *store.Channel.
type Vault interface {
	// KeepCode stores a login code in the place of the one that its person had.
	KeepCode(ctx context.Context, k access.Code) error
	// RedeemCode tries a code and, when it is right, opens the session under the SHA-256 of its token.
	RedeemCode(ctx context.Context, try access.Code, s access.Session, sha [32]byte) (access.Verdict, error)
	// SessionBySHA returns a session that has not ended; fault.Unauthorized when there is none.
	SessionBySHA(ctx context.Context, sha [32]byte, nowMS int64) (access.Session, error)
	// SessionsOf returns a person's sessions that have not ended.
	SessionsOf(ctx context.Context, user channel.UserKey, nowMS int64) ([]access.Session, error)
	// ConfirmRank keeps the rank that somebody has now, times ten, with their sessions.
	ConfirmRank(ctx context.Context, user channel.UserKey, rankTenths int, nowMS int64) error
}

// Links opens and ends sessions otherwise: *store.Channel.
type Links interface {
	// ExchangeLink opens a link once, as a session under the SHA-256 of its secret. fault.Unauthorized: it is over.
	ExchangeLink(ctx context.Context, link, session [32]byte, nowMS, expiresAtMS int64) (access.Session, error)
	// RevokeSession ends one of a person's sessions; fault.NotFound when they have none of this id.
	RevokeSession(ctx context.Context, user channel.UserKey, id string, nowMS int64) error
	// RevokeSessions ends some of a person's sessions, all of them for no ids, and returns the ids of those that it ended.
	RevokeSessions(ctx context.Context, user channel.UserKey, ids []string, nowMS int64, trail ...audit.Entry) ([]string, error)
}

// Room is the station as logging in needs it: *station.Station.
type Room interface {
	View() *station.View
	Person(ctx context.Context, u channel.UserKey) (channel.User, error)
	PM(ctx context.Context, to channel.UserKey, text string) error
}

// Options is what logging in is made of.
type Options struct {
	Vault  Vault
	Links  Links
	Room   Room
	Secret []byte       // under which codes are sealed; nil: one of this run, and codes end with it
	Now    func() int64 // UTC milliseconds
	Logger hclog.Logger
}

// Login is the way in by a code that the bot sends, and by a login link. It is a [Source]: the session's cookie. Safe for
// concurrent use.
type Login struct {
	opt     Options
	log     hclog.Logger
	asks    *pace
	tries   *pace
	ranks   ranks
	watches watches

	ctx    context.Context // of the codes on their way; ended by Close
	cancel context.CancelFunc
	places chan struct{} // capacity sendingMax
	out    sync.WaitGroup
}

// NewLogin returns a way in that sends codes until Close.
func NewLogin(opt Options) *Login {
	if opt.Secret == nil {
		opt.Secret = chance()
	}
	l := &Login{opt: opt, log: opt.Logger, asks: newAskPace(), tries: newTryPace(), places: make(chan struct{}, sendingMax),
		ranks: ranks{of: map[channel.UserKey]confirmed{}}, watches: watches{of: map[string]map[*watch]struct{}{}}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// Close calls off the codes on their way and waits for them.
func (l *Login) Close() {
	l.cancel()
	l.out.Wait()
}

// Try is somebody who wants to log in.
type Try struct {
	Name    string // as it was typed
	Address string // the client's, for the limits
	Nonce   string // of the browser, from its cookie
	Code    string // as it was typed
}

// Ask sends a code to a name, if that is somebody in the room. The answer is the same whoever it is, and comes before
// anybody looks: nobody learns from it who is there. Faults: Invalid, Limit, and ChannelDown or Unsupported when no code
// can reach anybody.
func (l *Login) Ask(try Try) error {
	user, err := userOf(try.Name)
	if err != nil {
		return err
	}
	switch v := l.opt.Room.View(); {
	case v.Health != channel.Good:
		return fault.New(fault.ChannelDown, "The channel cannot be reached now, so the bot cannot send a code. Try again in a minute.")
	case !v.Can.Tell:
		return fault.New(fault.Unsupported, "The bot may not send messages on this channel, so nobody can log in with a code. An admin can change that.")
	}
	if !l.asks.allow(string(user), try.Address, l.opt.Now()) {
		return tooOften()
	}
	select {
	case l.places <- struct{}{}:
	default:
		return tooOften()
	}
	l.out.Go(func() { // ends with the message, after sendWait, or with Close, which waits
		defer func() { <-l.places }()
		ctx, cancel := context.WithTimeout(l.ctx, sendWait)
		defer cancel()
		if err := l.send(ctx, user, sha256.Sum256([]byte(try.Nonce))); err != nil {
			l.log.Debug("a login code was not sent", "error", err)
		}
	})
	return nil
}

// send makes a code, stores it, and has the bot tell it.
func (l *Login) send(ctx context.Context, user channel.UserKey, browser [32]byte) error {
	p, err := l.opt.Room.Person(ctx, user)
	if err != nil {
		return err
	}
	code := access.NewCode(binary.BigEndian.Uint64(chance()))
	if err := l.opt.Vault.KeepCode(ctx, access.NewCodeFor(user, access.Seal(l.opt.Secret, user, code), browser, l.opt.Now())); err != nil {
		return err
	}
	return l.opt.Room.PM(ctx, p.Key, notice.LoginCode(code))
}

// Redeem tries a code and returns the secret of the session that it opens. Faults: Invalid for a code that is not right,
// whyever, and Limit.
func (l *Login) Redeem(ctx context.Context, try Try) (secret string, err error) {
	user, err := userOf(try.Name)
	if err != nil {
		return "", err
	}
	code, ok := access.Tidy(try.Code)
	if !ok {
		return "", fault.New(fault.Invalid, "A code has six digits. It is in the bot’s message to you.")
	}
	now := l.opt.Now()
	if !l.tries.allow(string(user), try.Address, now) {
		return "", tooOften()
	}
	name := strings.TrimSpace(try.Name)
	if p, err := l.opt.Room.Person(ctx, user); err == nil {
		name = cmp.Or(p.Name, name)
	}
	secret = sessionPrefix + newSecret()
	session := access.Session{User: user, Name: name, CreatedAtMS: now, ExpiresAtMS: now + access.SessionMS}
	asked := access.NewCodeFor(user, access.Seal(l.opt.Secret, user, code), sha256.Sum256([]byte(try.Nonce)), now)
	verdict, err := l.opt.Vault.RedeemCode(ctx, asked, session, sha256.Sum256([]byte(secret)))
	switch {
	case err != nil:
		return "", err
	case verdict != access.Right:
		return "", fault.New(fault.Invalid, "That code does not work here. A code is good once, for five minutes, in the browser that asked for it, "+
			"and only the newest one; after five wrong tries it is over. Ask for a new one if in doubt.")
	}
	return secret, nil
}

// Open opens a login link, once, and returns the secret of what it opens. fault.Invalid: the link is over.
func (l *Login) Open(ctx context.Context, link, address string) (secret string, err error) {
	now := l.opt.Now()
	if !l.tries.allow("", address, now) {
		return "", tooOften()
	}
	secret = sessionPrefix + newSecret()
	if len(link) > secretMax {
		return "", fault.New(fault.Invalid, "This is not a login link.")
	}
	_, err = l.opt.Links.ExchangeLink(ctx, sha256.Sum256([]byte(link)), sha256.Sum256([]byte(secret)), now, now+access.LinkedMS)
	if f := fault.Of(err); f != nil && f.Code == fault.Unauthorized {
		return "", fault.Wrap(err, fault.Invalid, f.Sentence)
	}
	return secret, err
}

// Sessions lists where somebody is logged in.
func (l *Login) Sessions(ctx context.Context, u channel.UserKey) ([]access.Session, error) {
	return l.opt.Vault.SessionsOf(ctx, u, l.opt.Now())
}

// Revoke ends one of somebody's sessions, and the sockets of its pages. fault.NotFound: they have none of this id.
func (l *Login) Revoke(ctx context.Context, u channel.UserKey, id string) error {
	if err := l.opt.Links.RevokeSession(ctx, u, id, l.opt.Now()); err != nil {
		return err
	}
	l.watches.end(id)
	return nil
}

// RevokeAll ends some of somebody's sessions, all of them for no ids, and the sockets of their pages, with an audit entry.
// It returns how many that were.
func (l *Login) RevokeAll(ctx context.Context, u channel.UserKey, ids []string, trail audit.Entry) (int, error) {
	ended, err := l.opt.Links.RevokeSessions(ctx, u, ids, l.opt.Now(), trail)
	for _, id := range ended {
		l.watches.end(id)
	}
	return len(ended), err
}

func userOf(name string) (channel.UserKey, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > nameMax || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", fault.New(fault.Invalid, fmt.Sprintf("Write your name as the channel has it: one word, at most %d characters.", nameMax))
	}
	return channel.Fold(name), nil
}

func tooOften() error {
	return fault.New(fault.Limit, "That was often in a short time. Wait a minute, then try again.")
}

// chance is as much chance as a secret has. The system's source does not fail.
func chance() []byte {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // never returns an error (crypto/rand)
	return random
}

func newSecret() string { return base64.RawURLEncoding.EncodeToString(chance()) }
