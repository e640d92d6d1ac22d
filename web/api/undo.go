package api

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gin-gonic/gin"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/web/session"
)

// The ways to take something back.
const (
	undoBooking  = "booking"  // a compensating transfer
	undoBlock    = "block"    // the account as it was
	undoPlaylist = "playlist" // the playlist as it was, if nobody has changed it since
	undoCreate   = "create"   // a new playlist goes, if nobody has changed it since
	undoTitle    = "title"    // the title as it was, if nobody has changed it since
	undoPay      = "pay"      // the settings as they were, if they are still what that change made of them
	undoPromos   = "promos"
	undoEvent    = "event" // the event as it was, if nobody has changed it since
	undoPlan     = "plan"  // a new event goes, if nobody has changed it since
)

// undo is what the trail keeps of how to take an entry back.
type undo struct {
	Do     string       `json:"do"`
	User   string       `json:"user,omitempty"`
	Amount ledger.Coins `json:"amount,omitempty"` // to be booked
	Was    string       `json:"was,omitempty"`    // the reason of a block before, and after
	Is     string       `json:"is,omitempty"`
	Name   string       `json:"name,omitempty"` // of a playlist
	ID     int64        `json:"id,omitempty"`
	Rev    int64        `json:"rev,omitempty"` // that the change has made
}

// undo takes back what an entry says. Its own entry, which marks the old one, is part of the same transaction wherever the
// store makes the change: of two who press at once, one has done it.
func (a *API) undo(c *gin.Context, who session.Who, e audit.Entry) (sentence string, err error) {
	if e.UndoneBy != 0 {
		return "", fault.New(fault.Over, fmt.Sprintf("%s has undone this already.", e.Undoer))
	}
	u, can := undoOf(e)
	if !can {
		return "", notUndoable(e)
	}
	trail := a.act(who, "audit.undo", Told(e))
	trail.Undoes = e.ID
	ctx := c.Request.Context()
	switch u.Do {
	case undoBooking:
		return a.unbook(ctx, who, e, u, trail)
	case undoBlock:
		return a.unblock(c, u, trail)
	case undoPlaylist, undoCreate:
		return a.unlist(ctx, e, u, trail)
	case undoTitle:
		t, err := a.Stock.RevertTitle(ctx, e.Before, e.After, trail)
		return "“" + t.Media.Title + "” is as it was.", err
	case undoEvent, undoPlan:
		return a.unplan(ctx, e, u, trail)
	case undoPay:
		return a.unpay(ctx, e, trail)
	case undoPromos:
		return a.unpromote(ctx, e, trail)
	default:
		return "", notUndoable(e)
	}
}

// undoOf is how to take an entry back: as it says itself, or as follows from what was and what is. can is false for what
// stays as it is.
func undoOf(e audit.Entry) (u undo, can bool) {
	if e.Undo != "" {
		return u, json.Unmarshal([]byte(e.Undo), &u) == nil && u.Do != ""
	}
	switch e.Action {
	case "ledger.grant":
		var k kept
		err := json.Unmarshal([]byte(e.After), &k)
		return undo{Do: undoBooking, User: string(channel.Fold(e.Subject)), Amount: -k.Amount}, err == nil && k.Amount > 0
	case "playlist.create":
		made, err := library.DecodePlaylist([]byte(e.After))
		return undo{Do: undoCreate, Name: made.Name, Rev: 1}, err == nil
	case "playlist.save":
		was, err := library.DecodePlaylist([]byte(e.Before))
		return undo{Do: undoPlaylist, ID: was.ID, Rev: was.Rev + 1}, err == nil && was.ID != 0
	case "playlist.delete":
		_, err := library.DecodePlaylist([]byte(e.Before))
		return undo{Do: undoPlaylist}, err == nil
	case "catalog.edit":
		_, err := library.KeyOfTitle(e.Before)
		return undo{Do: undoTitle}, err == nil
	case "event.create", "event.save", "event.delete":
		return undoOfEvent(e)
	case "promos.config":
		return undo{Do: undoPromos}, e.Before != "" && e.After != ""
	default:
		return u, false
	}
}

// unbook books the opposite.
func (a *API) unbook(ctx context.Context, who session.Who, e audit.Entry, u undo, trail audit.Entry) (string, error) {
	t, err := a.transferOf(ctx, booking{User: u.User, Amount: u.Amount, Reason: fmt.Sprintf("taken back: entry %d of the audit trail", e.ID)}, ledger.Adjust, who)
	if err != nil {
		return "", err
	}
	t.Key = fmt.Sprintf("undo:%d", e.ID)
	done, _, err := a.post(ctx, t, trail)
	if fault.Is(err, fault.Balance) {
		return "", fault.Wrap(err, fault.Balance, u.User+" has spent some of these coins, so they cannot all be taken back. Nothing was booked; adjust the balance by hand if you want to.")
	}
	return done.Sentence, err
}

// unblock brings a block back to what it was.
func (a *API) unblock(c *gin.Context, u undo, trail audit.Entry) (string, error) {
	now, err := a.Books.Wallet(c.Request.Context(), u.User)
	if err != nil {
		return "", err
	}
	if now.Blocked != u.Is {
		return "", sinceChanged()
	}
	now.Blocked = u.Was
	done, err := a.block(c, now, trail)
	return done.Sentence, err
}

// unlist brings a playlist back to what it was.
func (a *API) unlist(ctx context.Context, e audit.Entry, u undo, trail audit.Entry) (string, error) {
	now, there := a.listed(u)
	if u.Do == undoCreate {
		if !there || now.Rev != u.Rev {
			return "", sinceChanged()
		}
		return "“" + now.Name + "” is gone.", a.Shelf.DeletePlaylist(ctx, now.ID, now.Rev, trail)
	}
	old, err := library.DecodePlaylist([]byte(e.Before))
	if err != nil {
		return "", err
	}
	switch {
	case u.Rev == 0: // it was deleted
		old.ID, old.Rev = 0, 0
		for i := range old.Items {
			old.Items[i].ID = 0
		}
	case !there || now.Rev != u.Rev:
		return "", sinceChanged()
	default:
		old.ID, old.Rev = now.ID, now.Rev
	}
	saved, err := a.Shelf.SavePlaylist(ctx, old, trail)
	return "“" + saved.Name + "” is as it was.", err
}

// listed finds the playlist of an undo: by id, or a new one by its name.
func (a *API) listed(u undo) (library.Playlist, bool) {
	for _, p := range a.Shelf.Playlists() {
		if p.ID == u.ID || u.ID == 0 && p.Name == u.Name {
			return p, true
		}
	}
	return library.Playlist{}, false
}

// unpay brings the pay and earn blocks back.
func (a *API) unpay(ctx context.Context, e audit.Entry, trail audit.Entry) (string, error) {
	rules, wage := a.Settings.Pay(), a.Money.Tariff.Earn()
	if jsonOf(tariffOf(rules, wage)) != e.After {
		return "", sinceChanged()
	}
	var was tariff
	if err := json.Unmarshal([]byte(e.Before), &was); err != nil {
		return "", err
	}
	next, earn, err := was.read()
	if err != nil {
		return "", err
	}
	saved, err := a.Money.Tariff.SavePay(ctx, rules.Revision, next, earn)
	return a.unset(ctx, saved, trail), err
}

// unpromote brings the promos block back.
func (a *API) unpromote(ctx context.Context, e audit.Entry, trail audit.Entry) (string, error) {
	now := a.Settings.Promos()
	if jsonOf(configOf(now)) != e.After {
		return "", sinceChanged()
	}
	var was promoConfig
	if err := json.Unmarshal([]byte(e.Before), &was); err != nil {
		return "", err
	}
	next, err := was.over(now)
	if err != nil {
		return "", err
	}
	saved, err := a.Promos.SavePromos(ctx, now.Revision, next)
	return a.unset(ctx, saved, trail), err
}

// unset records an undo of settings, which no transaction of the store is part of, and says how it ended.
func (a *API) unset(ctx context.Context, saved Saved, trail audit.Entry) string {
	if saved.Revision == 0 {
		return ""
	}
	a.record(ctx, trail)
	if !saved.Persisted {
		return "The settings are as they were. " + saved.Reason
	}
	return "The settings are as they were."
}

func sinceChanged() error {
	return fault.New(fault.Changed, "This has been changed again since. Nothing was done; look at what it is now.")
}
