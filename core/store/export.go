package store

import (
	"context"
	"errors"
	"iter"

	"gorm.io/gorm"

	"playbill/core/ledger"
)

// errEnough ends a reading whose reader has seen enough.
var errEnough = errors.New("store: enough was read")

// ExportTransfers yields the whole history of the channel, oldest first, all of one instant: what is booked meanwhile is
// not in it. An error is the last thing that it yields.
func (r *Reader) ExportTransfers(ctx context.Context) iter.Seq2[ledger.Transfer, error] {
	return func(yield func(ledger.Transfer, error) bool) {
		err := r.read(ctx, func(q *gorm.DB) error {
			return r.eachTransfer(q, 0, func(t ledger.Transfer) error {
				if !yield(t, nil) {
					return errEnough
				}
				return nil
			})
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(ledger.Transfer{}, err)
		}
	}
}
