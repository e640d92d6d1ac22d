package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
)

// Post makes transfers that belong to no purchase, all or none: grant, earn, adjust, makegood. A wallet that does not
// exist is made. An idempotency key counts once: the same transfer again is left alone and the stored one returned, in
// its place; with other inputs it is fault.RequestKeyConflict. Adjusting a wallet below zero is fault.Balance. The audit
// entries are written, and numbered in place, if anything new was.
func (c *Channel) Post(ctx context.Context, ts []ledger.Transfer, nowMS int64, trail ...audit.Entry) ([]ledger.Transfer, error) {
	for _, t := range ts {
		if err := t.Check(); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "This transfer is not one that the ledger allows. Nothing was booked.")
		}
		if t.OfPurchase() {
			return nil, fault.New(fault.Invalid, "Coins of a purchase move with the purchase only. Nothing was booked.")
		}
	}
	var posted []ledger.Transfer
	err := c.write(ctx, func(tx *tx, h *head) error {
		posted = posted[:0]
		fresh := 0
		for _, t := range ts {
			first, err := again(tx, h, t)
			if err != nil {
				return err
			}
			if first != nil {
				posted = append(posted, *first)
				continue
			}
			stored, err := postNew(tx, h, t, nowMS)
			if err != nil {
				return err
			}
			posted = append(posted, stored)
			fresh++
		}
		if fresh == 0 {
			return nil
		}
		return appendAudit(tx, h.Channel, nowMS, trail)
	})
	if err != nil {
		return nil, err
	}
	return posted, nil
}

// again returns the transfer that has this idempotency key, or nil.
func again(tx *tx, h *head, t ledger.Transfer) (*ledger.Transfer, error) {
	var rows []transferRow
	err := tx.Raw("SELECT * FROM transfers WHERE channel = ? AND idem_key = ?", h.Channel, t.Key).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	if rows[0].IdemHash != digest(t.Inputs()) {
		return nil, fault.New(fault.RequestKeyConflict, fmt.Sprintf("The key %q was used before, for a %s of %d coins. "+
			"Nothing was booked now; use a new key for a new booking.", t.Key, rows[0].Kind, rows[0].Amount))
	}
	first := rows[0].transfer()
	return &first, nil
}

func postNew(tx *tx, h *head, t ledger.Transfer, nowMS int64) (ledger.Transfer, error) {
	name := t.UserName
	if name == "" {
		name = t.User
	}
	if err := ensureWallet(tx, walletRow{Channel: h.Channel, UserKey: t.User, UserName: name, CreatedAtMS: nowMS}); err != nil {
		return t, err
	}
	t.AtMS = nowMS
	stored, err := book(tx, h, t)
	if violates(translate(err)) == "wallets_never_negative" {
		return t, fault.Wrap(err, fault.Balance, shortOf(tx, h, t))
	}
	return stored, err
}

// shortOf says what a wallet has that cannot give as much as it should.
func shortOf(tx *tx, h *head, t ledger.Transfer) string {
	var has int64
	name := t.User
	row := tx.one("SELECT user_name, balance FROM wallets WHERE channel = ? AND user_key = ?", h.Channel, t.User)
	if err := row.Scan(&name, &has); err != nil {
		return fmt.Sprintf("The wallet of %s holds less than %d coins. Nothing was booked.", name, t.Amount)
	}
	return fmt.Sprintf("%s has %s, so %s cannot be taken: no wallet goes below zero. Nothing was booked.",
		name, pay.Words(ledger.Coins(has)), pay.Words(t.Amount))
}

func ensureWallet(tx *tx, w walletRow) error {
	return tx.Exec(`INSERT INTO wallets (channel, user_key, user_name, balance, created_at_ms) VALUES (?, ?, ?, 0, ?)
		ON CONFLICT (channel, user_key) DO NOTHING`, w.Channel, w.UserKey, w.UserName, w.CreatedAtMS).Error
}

// book appends one transfer to the chain and moves its viewer's balance. The wallet must exist, and the purchase too if
// it names one.
func book(tx *tx, h *head, t ledger.Transfer) (ledger.Transfer, error) {
	if err := t.Check(); err != nil {
		return t, err
	}
	t = t.Link(h.TransferSeq+1, h.ChainHead)
	row := transferOf(h.Channel, t)
	err := tx.run(`INSERT INTO transfers (channel, seq, kind, debit, credit, user_key, amount, purchase_id, idem_key,
		idem_hash, reason, actor, at_ms, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		row.Channel, row.Seq, row.Kind, row.Debit, row.Credit, row.UserKey, row.Amount, row.PurchaseID, row.IdemKey,
		row.IdemHash, row.Reason, row.Actor, row.AtMS, row.PrevHash, row.Hash)
	if err != nil {
		return t, err
	}
	if change := t.WalletChange(); change != 0 {
		err = tx.run(`UPDATE wallets SET balance = balance + ?, user_name = CASE WHEN ? = '' THEN user_name ELSE ? END
			WHERE channel = ? AND user_key = ?`, int64(change), t.UserName, t.UserName, h.Channel, t.User)
		if err != nil {
			return t, err
		}
	}
	h.TransferSeq, h.ChainHead = t.Seq, t.Hash
	tx.pass(t.Kind)
	return t, nil
}

// SetBlocked blocks an account with a reason, or opens it again with an empty one. A wallet that does not exist is made,
// so that somebody can be blocked before they first earn. What is so already, or was done under the entry's key, is not
// done again and leaves no entry.
func (c *Channel) SetBlocked(ctx context.Context, p ledger.Purse, nowMS int64, trail ...audit.Entry) error {
	return c.write(ctx, func(tx *tx, h *head) error {
		if done, err := doneBefore(tx, c.channel, trail); err != nil || done {
			return err
		}
		var so bool
		err := tx.Raw("SELECT EXISTS (SELECT 1 FROM wallets WHERE channel = ? AND user_key = ? AND blocked_reason = ?)", c.channel, p.User, p.Blocked).Scan(&so).Error
		if err != nil || so {
			return err
		}
		w := walletRow{Channel: c.channel, UserKey: p.User, UserName: p.Name, CreatedAtMS: nowMS}
		if err := ensureWallet(tx, w); err != nil {
			return err
		}
		err = tx.Exec("UPDATE wallets SET blocked_reason = ? WHERE channel = ? AND user_key = ?", p.Blocked, c.channel, p.User).Error
		if err != nil {
			return err
		}
		return appendAudit(tx, c.channel, nowMS, trail)
	})
}

// Balance returns what a viewer has; nothing for somebody who is not known.
func (r *Reader) Balance(ctx context.Context, user string) (ledger.Coins, error) {
	p, err := r.Wallet(ctx, user)
	return p.Balance, err
}

// Wallet returns one viewer's wallet; an empty one for somebody who is not known.
func (r *Reader) Wallet(ctx context.Context, user string) (ledger.Purse, error) {
	p := ledger.Purse{User: user, Name: user}
	err := r.read(ctx, func(q *gorm.DB) error {
		var rows []walletRow
		if err := q.Find(&rows, "channel = ? AND user_key = ?", r.channel, user).Error; err != nil {
			return err
		}
		if len(rows) > 0 {
			p = rows[0].purse()
		}
		return nil
	})
	return p, err
}

// Wallets returns the wallets whose name contains the text, case-folded, by name; an empty text means all.
func (r *Reader) Wallets(ctx context.Context, text string, limit int) ([]ledger.Purse, error) {
	var rows []walletRow
	err := r.read(ctx, func(q *gorm.DB) error {
		return q.Where("channel = ? AND instr(user_key, lower(?)) > 0", r.channel, text).
			Order("user_key").Limit(page(limit)).Find(&rows).Error
	})
	return each(rows, walletRow.purse), err
}

func (w walletRow) purse() ledger.Purse {
	return ledger.Purse{User: w.UserKey, Name: w.UserName, Balance: ledger.Coins(w.Balance), Blocked: w.BlockedReason, CreatedAtMS: w.CreatedAtMS}
}

func transferOf(channel string, t ledger.Transfer) transferRow {
	return transferRow{
		Channel: channel, Seq: t.Seq, Kind: t.Kind, Debit: string(t.Debit), Credit: string(t.Credit), UserKey: t.User,
		Amount: int64(t.Amount), PurchaseID: some(t.Purchase), IdemKey: t.Key, IdemHash: t.Inputs(), Reason: t.Reason,
		Actor: t.Actor, AtMS: t.AtMS, PrevHash: t.Prev, Hash: t.Hash,
	}
}

func (r transferRow) transfer() ledger.Transfer {
	return ledger.Transfer{
		Seq: r.Seq, Kind: r.Kind, Debit: ledger.Account(r.Debit), Credit: ledger.Account(r.Credit), User: r.UserKey,
		Amount: ledger.Coins(r.Amount), Purchase: value(r.PurchaseID), Key: r.IdemKey, Reason: r.Reason, Actor: r.Actor,
		AtMS: r.AtMS, Prev: r.PrevHash, Hash: r.Hash,
	}
}
