package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"playbill/core/fault"
	"playbill/core/keeper"
	"playbill/core/ledger"
	"playbill/web/api"
)

// conditionFor is how long a look at the house may be shown: every page asks, and the day's sums read the books.
const conditionFor = 10 * time.Second

// premises is the host's own condition as the web wants it.
type premises struct {
	h     *host
	began time.Time // with the machine's running time in it

	mu   sync.Mutex
	last api.Condition
	seen time.Time
}

func newPremises(h *host) *premises { return &premises{h: h, began: time.Now()} }

// Condition says how the host is, as of the last seconds.
func (o *premises) Condition(ctx context.Context) api.Condition {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.seen.IsZero() && time.Since(o.seen) < conditionFor {
		return o.last
	}
	o.last, o.seen = o.look(ctx), time.Now()
	return o.last
}

// Night does a night's work now, and says what was wrong.
func (o *premises) Night(ctx context.Context) error {
	night := o.h.keeper.Now(ctx)
	o.mu.Lock()
	o.seen = time.Time{} // the next look is a fresh one
	o.mu.Unlock()
	if night.Broken != nil {
		return fault.Wrap(night.Broken, fault.Journal, "The ledger could not be verified: "+night.Broken.Error()+".")
	}
	if night.Failed != nil {
		return fault.Wrap(night.Failed, fault.Journal, "The ledger is true. The backup was not made: "+night.Failed.Error())
	}
	return nil
}

func (o *premises) look(ctx context.Context) api.Condition {
	h, now := o.h, time.Now()
	c := api.Condition{AtMS: now.UnixMilli(), StartedMS: o.began.UnixMilli(), Driver: h.conf.Channel.Driver, Room: h.conf.Channel.RoomName(),
		Free: freeBytes(h.conf.StoreDSN()), Memory: memoryBytes(),
		ClockOffMS: now.Round(0).Sub(o.began.Round(0)).Milliseconds() - now.Sub(o.began).Milliseconds()}
	if h.file.Path != "" {
		c.File = filepath.Base(h.file.Path)
	}
	sizes := h.books.Sizes()
	c.Database, c.WAL, c.CommitUS = sizes.Bytes, sizes.WAL, sizes.CommitUS
	_, c.CopiedMS = h.keeper.Newest()
	o.night(&c, h.keeper.Last())
	var err error
	if c.Ledger, c.CheckedMS, err = h.books.Sums(ctx); err != nil {
		h.log.Error("the sums of the ledger could not be read", "error", err)
	}
	c.Today = o.today(ctx, now)
	return c
}

// night puts the last night's failures into words.
func (o *premises) night(c *api.Condition, n keeper.Night) {
	var broken *ledger.Broken
	switch {
	case errors.As(n.Broken, &broken):
		c.Broken = "The ledger is not true: " + broken.Error() + "."
	case n.Broken != nil:
		c.Broken = "The ledger could not be read: " + n.Broken.Error() + "."
	}
	if n.Failed != nil {
		c.CopyFailed = api.SentenceOf(n.Failed.Error())
	}
}

func (o *premises) today(ctx context.Context, now time.Time) api.Day {
	y, m, d := now.In(o.h.conf.Location()).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, o.h.conf.Location()).UnixMilli()
	sums, err := o.h.books.Since(ctx, from)
	if err != nil {
		o.h.log.Error("what today brought could not be read", "error", err)
	}
	return api.Day{FromMS: from, Paid: sums.Paid, Refunded: sums.Refunded, Spent: sums.Spent, Earned: sums.Earned, Granted: sums.Granted,
		Promos: sums.Promos, PromosCut: sums.PromosCut, PromoMS: sums.PromoMS}
}

// freeBytes is what a user may still write where a file is; -1: not known.
func freeBytes(file string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(file), &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}

// memoryBytes is what of this process is in memory, as Linux counts it; -1: not known.
func memoryBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return -1
	}
	fields := bytes.Fields(text) // in pages: all of it, then what is resident
	if len(fields) < 2 {
		return -1
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return -1
	}
	return pages * int64(os.Getpagesize())
}
