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
