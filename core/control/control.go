// Package control is the private socket through which the command line reaches a running host: newline-delimited JSON over
// a Unix socket in the data directory, mode 0600, one request and one reply per line.
//
// What can be asked is a [Desk]. The host serves its own; [Client] is the same Desk from another process, so a command does
// not care on which side of the socket it runs. Whoever can open the socket is the user that runs the host: there is no
// other login.
package control

import (
	"context"
	"errors"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
)

// Desk is what the command line may ask of whoever has the books.
type Desk interface {
	Books
	// CreateToken makes an API token and returns its secret, which is shown this once; for a login, the link with it.
	CreateToken(ctx context.Context, n NewToken) (secret string, err error)
	// RevokeToken ends a token. fault.NotFound when none of this name is in use.
	RevokeToken(ctx context.Context, name string) error
	// Plugins lists the plugins in merge order.
	Plugins(ctx context.Context) ([]Plugin, error)
	// Room says how the host sees its channel. fault.ChannelDown when no host has it open.
	Room(ctx context.Context) (Room, error)
}

// Books is what may be asked of the ledger and its database.
type Books interface {
	// Grant gives coins to a viewer. fault.Invalid for an amount or a name that cannot be.
	Grant(ctx context.Context, g Grant) (Granted, error)
	// Import gives many viewers coins, each once per source. A list of more than ImportMax viewers is fault.Invalid.
	Import(ctx context.Context, i Import) (ledger.Imported, error)
	// Verify checks the whole ledger. The error is *ledger.Broken when an invariant is broken.
	Verify(ctx context.Context) (ledger.Totals, error)
	// Backup copies the database into a new file, named by its absolute path, and proves the copy. fault.Conflict when
	// there is such a file.
	Backup(ctx context.Context, file string) error
}

// Grant is coins for one viewer.
type Grant struct {
	User   string       `json:"user"` // as the channel spells it
	Amount ledger.Coins `json:"amount"`
	Reason string       `json:"reason"`
	Key    string       `json:"key"` // idempotency key: the same grant is booked once
}

// Granted is a grant that was booked.
type Granted struct {
	User    string       `json:"user"`
	Amount  ledger.Coins `json:"amount"`
	Balance ledger.Coins `json:"balance"` // after it
}

// Import is one part of a list of grants.
type Import struct {
	Source string  `json:"source"` // where the list comes from: nobody gets two grants of one source
	Lines  []Given `json:"lines"`
}

// Given is one line of an Import.
type Given struct {
	User   string       `json:"user"` // as it was spelled
	Amount ledger.Coins `json:"amount"`
	Reason string       `json:"reason,omitempty"` // empty: that it was imported
}

// NewToken is an API token to be made.
type NewToken struct {
	Name        string `json:"name"`
	RankTenths  int    `json:"rank_tenths"`             // CyTube's ranks times ten: 30 is an admin
	ExpiresAtMS int64  `json:"expires_at_ms,omitempty"` // UTC milliseconds; 0: never
	Login       bool   `json:"login,omitempty"`         // a login link for one browser, instead of a token for programs
}

// Plugin is one plugin in a list.
type Plugin struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"` // empty: not known, it has not run
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"` // a sentence, when it is not as it should be
	PID     int    `json:"pid,omitempty"`    // 0: no process
}

// Room is the channel as the host sees it.
type Room struct {
	Good  bool   `json:"good"`          // it can be read, and believed
	Why   string `json:"why,omitempty"` // a sentence, when it is not good
	Self  string `json:"self"`          // our own name there
	Needs []Need `json:"needs"`         // what the host uses there; none while it is not known
}

// Need is one thing that the host uses on its channel: a channel.Need.
type Need struct {
	What   string         `json:"what"`
	Met    bool           `json:"met"`
	Weight channel.Weight `json:"weight"`
	Says   string         `json:"says"`
	Fix    string         `json:"fix,omitempty"`
}

// ErrNoHost means that no host listens in a data directory: the store may be opened directly.
var ErrNoHost = errors.New("control: no host runs on this data directory")

// request is one line to the host: what to do, and with what.
type request struct {
	Do     string    `json:"do"`
	Grant  *Grant    `json:"grant,omitempty"`
	Import *Import   `json:"import,omitempty"`
	Token  *NewToken `json:"token,omitempty"`
	Name   string    `json:"name,omitempty"`
	File   string    `json:"file,omitempty"`
}

// What a request may ask for.
const (
	doGrant  = "grant"
	doImport = "ledger.import"
	doBackup = "backup"
	doCreate = "token.create"
	doRevoke = "token.revoke"
	doVerify = "ledger.verify"
	doList   = "plugin.list"
	doRoom   = "room"
)

// reply is one line from the host. At most one of Fault, Broken and Error is set.
type reply struct {
	Granted  *Granted         `json:"granted,omitempty"`
	Imported *ledger.Imported `json:"imported,omitempty"`
	Secret   string           `json:"secret,omitempty"`
	Totals   *ledger.Totals   `json:"totals,omitempty"`
	Plugins  []Plugin         `json:"plugins,omitempty"`
	Room     *Room            `json:"room,omitempty"`

	Fault  *wireFault     `json:"fault,omitempty"`
	Broken *ledger.Broken `json:"broken,omitempty"`
	Error  string         `json:"error,omitempty"`
}

type wireFault struct {
	Code     fault.Code `json:"code"`
	Sentence string     `json:"sentence"`
}

// refused is the reply that carries an error.
func refused(err error) reply {
	var broken *ledger.Broken
	if errors.As(err, &broken) {
		return reply{Broken: broken}
	}
	if f := fault.Of(err); f != nil {
		return reply{Fault: &wireFault{f.Code, f.Sentence}}
	}
	return reply{Error: err.Error()}
}

// err is the error that a reply carries, or nil.
func (r reply) err() error {
	switch {
	case r.Fault != nil:
		return fault.New(r.Fault.Code, r.Fault.Sentence)
	case r.Broken != nil:
		return r.Broken
	case r.Error != "":
		return errors.New(r.Error)
	}
	return nil
}
