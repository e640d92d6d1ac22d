package store

import (
	"context"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/core/ledger"
)

// Import makes grants that may have been made before, in one transaction. One whose key was used is left out: Again when
// it was the same, Differ when it was another amount or reason, of which nothing is changed. The audit entries are
// written if anything new was.
func (c *Channel) Import(ctx context.Context, grants []ledger.Transfer, nowMS int64, trail ...audit.Entry) (ledger.Imported, error) {
	for _, t := range grants {
		if err := t.Check(); err != nil || t.Kind != ledger.Grant {
			return ledger.Imported{}, fault.Wrap(err, fault.Invalid, "This is not a list of grants. Nothing was booked.")
		}
	}
	var done ledger.Imported
	err := c.write(ctx, func(tx *tx, h *head) error {
		done = ledger.Imported{}
		for _, t := range grants {
			first, err := again(tx, h, t)
			switch {
			case fault.Is(err, fault.RequestKeyConflict):
				done.Differ = append(done.Differ, t.UserName)
			case err != nil:
				return err
			case first != nil:
				done.Again++
			default:
				if _, err := postNew(tx, h, t, nowMS); err != nil {
					return err
				}
				done.New++
				done.Coins += t.Amount
			}
		}
		if done.New == 0 {
			return nil
		}
		return appendAudit(tx, h.Channel, nowMS, trail)
	})
	if err != nil {
		return ledger.Imported{}, err
	}
	return done, nil
}

// Earn books what viewers have earned, in one transaction, and returns how many transfers were booked. Left out is
// whoever is blocked, and what was booked before under its key.
func (c *Channel) Earn(ctx context.Context, ts []ledger.Transfer, nowMS int64) (int, error) {
	return c.unlessBlocked(ctx, ts, nowMS, func(s standing) bool { return s.booked })
}

// Welcome books grants, in one transaction, for those who never had a transfer and are not blocked, and returns how many
// that were.
func (c *Channel) Welcome(ctx context.Context, ts []ledger.Transfer, nowMS int64) (int, error) {
	return c.unlessBlocked(ctx, ts, nowMS, func(s standing) bool { return s.known })
}

// standing is what the books say of a transfer that is to be booked.
type standing struct{ blocked, booked, known bool }

func (c *Channel) unlessBlocked(ctx context.Context, ts []ledger.Transfer, nowMS int64, skip func(standing) bool) (n int, err error) {
	err = c.write(ctx, func(tx *tx, h *head) error {
		n = 0
		for _, t := range ts {
			var s standing
			err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM wallets WHERE channel = @c AND user_key = @u AND blocked_reason <> ''),
				EXISTS (SELECT 1 FROM transfers WHERE channel = @c AND idem_key = @k),
				EXISTS (SELECT 1 FROM transfers WHERE channel = @c AND user_key = @u)`,
				map[string]any{"c": h.Channel, "u": t.User, "k": t.Key}).Row().Scan(&s.blocked, &s.booked, &s.known)
			if err != nil {
				return err
			}
			if s.blocked || skip(s) {
				continue
			}
			if t.OfPurchase() || t.WalletChange() <= 0 {
				return fault.New(fault.Invalid, "This is no transfer by which somebody earns.")
			}
			if _, err := postNew(tx, h, t, nowMS); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
