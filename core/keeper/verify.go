package keeper

import (
	"context"
	"time"

	"playbill/core/ledger"
)

// check is one check of the whole ledger that somebody has asked for. What is in it does not change; its end replaces it.
type check struct {
	ledger.Check
	done chan struct{} // capacity 0, closed when the check has ended
}

// Checked returns the last check that somebody has asked for, ended or not.
func (k *Keeper) Checked() ledger.Check {
	if c := k.check.Load(); c != nil {
		return c.Check
	}
	return ledger.Check{}
}

// Verify wants the whole ledger checked now, and returns that check once it has ended, or as it is when ctx ends; it goes
// on either way, in the keeper's own goroutine. While one is under way, or waits, nobody begins another.
func (k *Keeper) Verify(ctx context.Context) ledger.Check {
	c := k.begin(time.Now().UnixMilli())
	select {
	case <-c.done:
		return k.Checked()
	case <-ctx.Done():
		return c.Check
	}
}

// begin returns the check that is under way, or asks for a new one.
func (k *Keeper) begin(nowMS int64) *check {
	for {
		old := k.check.Load()
		if old != nil && old.EndedAtMS == 0 {
			return old
		}
		fresh := &check{Check: ledger.Check{AskedAtMS: nowMS}, done: make(chan struct{})}
		if k.check.CompareAndSwap(old, fresh) {
			k.asked <- struct{}{} // there is room: the one before has ended
			return fresh
		}
	}
}

// verify does the check that was asked for.
func (k *Keeper) verify(ctx context.Context) {
	asked := k.check.Load()
	totals, err := k.opt.Books.VerifyWhole(ctx, time.Now().UnixMilli())
	if err != nil {
		k.log.Error("the ledger was checked and is not true, or could not be checked", "error", err)
	}
	ended := &check{Check: asked.Check, done: asked.done}
	ended.EndedAtMS, ended.Transfers, ended.Err = time.Now().UnixMilli(), totals.Transfers, err
	k.check.Store(ended)
	close(asked.done)
}
