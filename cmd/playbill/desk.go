package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/channel/embedded"
	"playbill/core/config"
	"playbill/core/control"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/station"
	"playbill/core/store"
)

// cliActor signs what the command line does, in the ledger and in the audit trail.
const cliActor = "cli"

// How long a command waits for a host that has claimed the channel and does not listen yet, and how often it looks.
const (
	startingWait = 3 * time.Second
	startingLook = 100 * time.Millisecond
)

// desk does what the command line asks, for a running host over its socket, or in the command's own process.
type desk struct {
	books   *store.Channel
	pages   []string // the addresses on which the pages are, or will be
	plugins func() []control.Plugin
	view    atomic.Pointer[station.Station]  // whose view is asked for; nil: no station runs
	doors   atomic.Pointer[embedded.Channel] // the room into which whoever has a token comes; nil: none is open
}

// withDesk does something at the desk of the host that runs on a place or, when none does, at one of our own.
func withDesk(ctx context.Context, at place, do func(control.Desk) error) error {
	file, err := at.load()
	if err != nil {
		return err
	}
	for started := time.Now(); ; {
		client, err := control.Dial(ctx, file.Config.DataDir)
		if err == nil {
			return errors.Join(do(client), client.Close())
		}
		if !errors.Is(err, control.ErrNoHost) {
			return err
		}
		err = withOwnDesk(ctx, file, do)
		if !fault.Is(err, fault.Standby) || time.Since(started) > startingWait {
			return err
		}
		select {
		case <-time.After(startingLook): // a host is starting or stopping
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// withOwnDesk opens the store for one command. It fails with fault.Standby while a host has the channel.
func withOwnDesk(ctx context.Context, file *config.File, do func(control.Desk) error) (err error) {
	if err := prepare(file.Config.DataDir, "data_dir"); err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{Path: file.Config.StoreDSN()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	books, err := db.Claim(ctx, file.Config.Channel.Name, holder())
	if err != nil {
		return err
	}
	return do(&desk{books: books, pages: file.Config.Listen, plugins: func() []control.Plugin { return stoppedPlugins(file.Config) }})
}

// holder says who we are to whoever finds the channel taken.
func holder() string { return fmt.Sprintf("process %d", os.Getpid()) }

// verifyLedger asks the running host, or reads the books without claiming them.
func verifyLedger(ctx context.Context, file *config.File) (totals ledger.Totals, err error) {
	client, err := control.Dial(ctx, file.Config.DataDir)
	if err == nil {
		totals, err = client.Verify(ctx)
		return totals, errors.Join(err, client.Close())
	}
	if !errors.Is(err, control.ErrNoHost) {
		return totals, err
	}
	path := file.Config.StoreDSN()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return totals, say("There is no database at %s yet, so there are no books to check. Start the host once to make it.", path)
	}
	db, err := store.Open(ctx, store.Options{Path: path})
	if err != nil {
		return totals, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Read(file.Config.Channel.Name).VerifyLedger(ctx)
}

// listPlugins asks the running host, or reads the configuration.
func listPlugins(ctx context.Context, file *config.File) ([]control.Plugin, error) {
	client, err := control.Dial(ctx, file.Config.DataDir)
	if errors.Is(err, control.ErrNoHost) {
		return stoppedPlugins(file.Config), nil
	}
	if err != nil {
		return nil, err
	}
	plugins, err := client.Plugins(ctx)
	return plugins, errors.Join(err, client.Close())
}

// stoppedPlugins is what can be said of plugins while no host runs.
func stoppedPlugins(c *config.Config) []control.Plugin {
	var out []control.Plugin
	for name, p := range c.Plugins {
		one := control.Plugin{Name: name, State: "stopped", Reason: "No host runs on this data directory."}
		if !p.Enabled {
			one.State, one.Reason = "disabled", "Switched off in the configuration."
		} else if path := pluginPath(name, p.Command, pluginFolders(c.DataDir)); !filepath.IsAbs(path) {
			one.State, one.Reason = "missing", "There is no program "+path+"."
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b control.Plugin) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Grant implements control.Desk.
func (d *desk) Grant(ctx context.Context, g control.Grant) (control.Granted, error) {
	key := channel.Fold(g.User)
	if key == "" || strings.ContainsAny(string(key), " \t\n") {
		return control.Granted{}, fault.New(fault.Invalid, fmt.Sprintf("%q is not a user name. Nothing was booked.", g.User))
	}
	t := ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: string(key),
		UserName: strings.TrimSpace(g.User), Amount: g.Amount, Key: "cli:" + g.Key, Reason: g.Reason, Actor: cliActor}
	after, err := json.Marshal(map[string]any{"amount": g.Amount, "reason": g.Reason})
	if err != nil {
		return control.Granted{}, err
	}
	trail := audit.Entry{Actor: cliActor, Action: "ledger.grant", Subject: t.UserName, After: string(after)}
	if _, err := d.books.Post(ctx, []ledger.Transfer{t}, nowMS(), trail); err != nil {
		return control.Granted{}, err
	}
	balance, err := d.books.Balance(ctx, t.User)
	return control.Granted{User: t.UserName, Amount: g.Amount, Balance: balance}, err
}

// CreateToken implements control.Desk.
func (d *desk) CreateToken(ctx context.Context, n control.NewToken) (string, error) {
	name := strings.TrimSpace(n.Name)
	if name == "" || strings.ContainsAny(name, " \t\n") || n.RankTenths < 0 || n.RankTenths > rankMost*10 {
		return "", fault.New(fault.Invalid, fmt.Sprintf("A token needs a user name and a rank from 0 to %d. None was made.", rankMost))
	}
	token := access.Token{Name: name, RankTenths: n.RankTenths, CreatedBy: cliActor, CreatedAtMS: nowMS(), ExpiresAtMS: n.ExpiresAtMS}
	if n.Login {
		token.CreatedBy, token.ExpiresAtMS = access.LinkMaker, token.CreatedAtMS+access.LinkForMS
	}
	trail := audit.Entry{Actor: cliActor, Action: "token.create", Subject: name, After: fmt.Sprintf(`{"rank_tenths":%d}`, n.RankTenths)}
	if n.Login {
		trail.Action = "token.link"
	}
	secret, err := d.Issue(ctx, token, trail)
	if err == nil && n.Login {
		secret = linkOf(d.pages, secret)
	}
	return secret, err
}

// Tokens implements api.Keys.
func (d *desk) Tokens(ctx context.Context) ([]access.Token, error) { return d.books.Tokens(ctx) }

// Issue implements api.Keys: it stores a token under the hash of a new secret, which it returns, and lets its name into the
// room.
func (d *desk) Issue(ctx context.Context, t access.Token, trail audit.Entry) (string, error) {
	random := make([]byte, secretBytes)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("find chance for a token: %w", err)
	}
	secret := "playbill_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random))
	if err := d.books.CreateToken(ctx, t, sha256.Sum256([]byte(secret)), trail); err != nil {
		return "", err
	}
	return secret, d.admit(t)
}

// secretBytes is how much chance is in a token: 256 bits.
const secretBytes = 32

// admit lets whoever has a token into a room that has no doors of its own.
func (d *desk) admit(t access.Token) error {
	room := d.doors.Load()
	if room == nil {
		return nil
	}
	err := room.Join(t.Name, t.RankTenths)
	if fault.Is(err, fault.Conflict) { // the bot's own name: it is in the room already
		return nil
	}
	return err
}

// RevokeToken implements control.Desk.
func (d *desk) RevokeToken(ctx context.Context, name string) error {
	return d.Revoke(ctx, strings.TrimSpace(name), audit.Entry{Actor: cliActor, Action: "token.revoke", Subject: name})
}

// Revoke implements api.Keys.
func (d *desk) Revoke(ctx context.Context, name string, trail audit.Entry) error {
	room := d.doors.Load()
	if err := d.books.RevokeToken(ctx, name, nowMS(), trail); err != nil || room == nil {
		return err
	}
	if err := room.Leave(name); err != nil && !fault.Is(err, fault.Missing) {
		return err
	}
	return nil
}

// Verify implements control.Desk.
func (d *desk) Verify(ctx context.Context) (ledger.Totals, error) { return d.books.VerifyLedger(ctx) }

// Plugins implements control.Desk.
func (d *desk) Plugins(context.Context) ([]control.Plugin, error) { return d.plugins(), nil }

// Room implements control.Desk.
func (d *desk) Room(context.Context) (control.Room, error) {
	s := d.view.Load()
	if s == nil {
		return control.Room{}, fault.New(fault.ChannelDown, "No host has the channel open.")
	}
	v := s.View()
	return roomOf(channel.Update{Health: v.Health, Why: v.Why, Self: v.Self, Needs: v.Needs}), nil
}

// roomOf is what a state says of the channel itself.
func roomOf(u channel.Update) control.Room {
	out := control.Room{Good: u.Health == channel.Good, Why: u.Why, Self: u.Self}
	for _, n := range u.Needs {
		out.Needs = append(out.Needs, control.Need(n))
	}
	return out
}

func nowMS() int64 { return time.Now().UnixMilli() }
