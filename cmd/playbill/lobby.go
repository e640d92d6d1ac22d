package main

import (
	"context"
	"fmt"
	"regexp"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/channel/embedded"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/web/pages"
)

// welcomeGift is what a visitor of the demo is let in with, once per name.
const welcomeGift ledger.Coins = 2_000

// viewerName is what a channel takes for a name (CyTube: 1 to 20 letters, digits, hyphens and underscores).
var viewerName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,20}$`)

// lobby lets visitors of a demo into its room, and shows them what the bot tells them. It is for viewers only: whoever
// could read a moderator's messages could log in as one.
type lobby struct {
	host *host
	room *embedded.Channel
}

// lobby returns the demo's; nil: this host is none.
func (h *host) lobby() pages.Demo {
	if h.stock == nil || h.room == nil {
		return nil
	}
	return lobby{h, h.room}
}

// Join lets a visitor in as a viewer, and gives them something to spend.
func (l lobby) Join(ctx context.Context, name string) error {
	here, err := l.viewer(name)
	if err != nil || here {
		return err
	}
	if err := l.room.Join(name, viewerRank); err != nil {
		return err
	}
	key := string(channel.Fold(name))
	gift := ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: key, UserName: name, Amount: welcomeGift,
		Key: "demo:welcome:" + key, Reason: "welcome to the demo", Actor: demoActor}
	trail := audit.Entry{Actor: demoActor, Action: "ledger.grant", Subject: name, After: fmt.Sprintf(`{"amount":%d}`, welcomeGift)}
	_, err = l.host.books.Post(ctx, []ledger.Transfer{gift}, nowMS(), trail)
	if fault.Is(err, fault.RequestKeyConflict) { // the same name in other letters: it has its gift
		return nil
	}
	return err
}

// Messages returns what a viewer who is in was told, oldest first.
func (l lobby) Messages(name string) ([]pages.Message, error) {
	here, err := l.viewer(name)
	if err != nil {
		return nil, err
	}
	if !here {
		return nil, fault.New(fault.Invalid, name+" is not in the room now. Join it first.")
	}
	var out []pages.Message
	for _, m := range l.room.PMs(name) {
		out = append(out, pages.Message{AtMS: m.AtMS, From: m.From, Text: m.Text})
	}
	return out, nil
}

// viewer says whether somebody is in. Faults: Invalid for what is no name, Forbidden for the name of somebody with more to
// say than a viewer.
func (l lobby) viewer(name string) (here bool, err error) {
	if !viewerName.MatchString(name) {
		return false, fault.New(fault.Invalid, "A name has 1 to 20 letters, digits, hyphens or underscores.")
	}
	u, err := l.room.Lookup(context.Background(), channel.Fold(name))
	switch {
	case channel.Fold(name) == channel.Fold(projectionist):
		return false, notViewer(name)
	case fault.Is(err, fault.Missing):
		return false, nil
	case err != nil:
		return false, err
	case u.RankTenths > viewerRank:
		return false, notViewer(name)
	default:
		return true, nil
	}
}

func notViewer(name string) error {
	return fault.New(fault.Forbidden, name+" is more than a viewer, and nobody reads their messages. Pick another name.")
}
