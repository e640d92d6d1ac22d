package keeper

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/ledger"
)

// slow lets a check take a while.
type slow struct {
	books
	takes time.Duration
}

func (s *slow) VerifyWhole(ctx context.Context, nowMS int64) (ledger.Totals, error) {
	time.Sleep(s.takes)
	return s.books.VerifyWhole(ctx, nowMS)
}

func TestVerifyIsOneJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &slow{takes: time.Minute, books: books{broken: &ledger.Broken{Invariant: ledger.ChainHash, Seq: 2}}}
		k := New(Options{Books: b, Dir: t.TempDir()})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { // ends with ctx; waited for below
			defer close(done)
			k.Run(ctx)
		}()
		if c := k.Checked(); c.AskedAtMS != 0 {
			t.Errorf("nobody has asked: %+v", c)
		}
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 3 {
			if c := k.Verify(brief); c.AskedAtMS == 0 || c.EndedAtMS != 0 {
				t.Errorf("under way: %+v", c)
			}
		}
		c := k.Verify(t.Context())
		if c.EndedAtMS-c.AskedAtMS != 60_000 || c.Transfers != 3 || c.Err == nil || len(b.verified) != 1 {
			t.Errorf("ended: %+v after %d checks", c, len(b.verified))
		}
		b.broken = nil
		if c = k.Verify(t.Context()); c.Err != nil || len(b.verified) != 2 || k.Checked() != c {
			t.Errorf("another one: %+v after %d checks", c, len(b.verified))
		}
		stop()
		<-done
	})
}
