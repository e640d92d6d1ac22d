package till

import (
	"context"
	"time"

	"playbill/core/audit"
	"playbill/core/ledger"
	"playbill/core/pay"
)

// Accounts is the ledger as blocking needs it. Each method is one transaction.
type Accounts interface {
	// SetBlocked blocks an account with the reason in the purse, or opens it again with an empty one.
	SetBlocked(ctx context.Context, p ledger.Purse, nowMS int64, trail ...audit.Entry) error
	// OpenOfBlocked returns the purchases of blocked accounts that have not ended.
	OpenOfBlocked(ctx context.Context) ([]pay.Purchase, error)
}

// Block blocks an account for a reason, or opens it again with an empty one; who may is the caller's to know. From the
// moment it is durable the account neither buys nor earns, and what it has pending is withdrawn: refunded when its
// removal is observed. What is on the air plays.
func (t *Till) Block(ctx context.Context, p ledger.Purse, trail audit.Entry) error {
	if err := t.opt.Accounts.SetBlocked(ctx, p, t.opt.Now(), trail); err != nil || p.Blocked == "" {
		return err
	}
	return t.WithdrawBlocked(ctx)
}

// WithdrawBlocked withdraws what blocked accounts have pending. The host calls it at its start, for a host may end between
// the blocking and the withdrawal.
func (t *Till) WithdrawBlocked(ctx context.Context) error {
	// What was held a moment before the block may not have reached the station yet: it is asked for again.
	for range blockTries {
		open, err := t.opt.Accounts.OpenOfBlocked(ctx)
		if err != nil {
			return err
		}
		var ids []string
		for _, p := range open {
			if p.State != pay.Refunding {
				ids = append(ids, p.ID)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		if err := t.opt.Floor.Withdraw(ctx, ids, pay.Banned); err != nil {
			return err
		}
		if t.known(ids) {
			return nil
		}
		select {
		case <-time.After(blockWait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// known reports whether the station has all of these purchases.
func (t *Till) known(ids []string) bool {
	v := t.opt.Floor.View()
	for _, id := range ids {
		if _, ok := v.Purchase(id); !ok {
			return false
		}
	}
	return true
}
