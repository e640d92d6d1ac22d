// Package keeper does the night's work: it checks the whole ledger, copies the database and removes what is kept long
// enough. It is a loop over an interface; what is done is the store's.
package keeper

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/fault"
	"playbill/core/ledger"
)

// Books is the store as the keeper needs it.
type Books interface {
	// VerifyWhole checks the whole ledger; the error is *ledger.Broken when an invariant is broken.
	VerifyWhole(ctx context.Context, nowMS int64) (ledger.Totals, error)
	// Backup copies the database into a new file and proves the copy; fault.Conflict when there is such a file.
	Backup(ctx context.Context, file string) error
	// Sweep removes what is older than the instants given, UTC milliseconds, and returns how many rows that were.
	Sweep(ctx context.Context, callsMS, decisionsMS, auditMS int64) (int64, error)
}

// Options is what a keeper is made of.
type Options struct {
	Books  Books
	Dir    string         // where the copies are; it is made when it is needed
	Zone   *time.Location // the station's; nil: UTC
	Logger hclog.Logger   // nil: silent
}

// Night is what was done in one night.
type Night struct {
	AtMS   int64 // when it began, UTC; 0: there was none since the start
	Totals ledger.Totals
	Broken error  // why the ledger is not true, or could not be checked; nil: it is true
	Copy   string // the file; empty: there is none of this night
	Failed error  // why there is no copy, or something old could not be removed
}

// Keeper works at night. Safe for concurrent use.
type Keeper struct {
	opt  Options
	log  hclog.Logger
	last atomic.Pointer[Night]
	turn sync.Mutex // one night at a time

	asked chan struct{}         // capacity 1: somebody wants the ledger checked now
	check atomic.Pointer[check] // the last one that was asked for
}

// New returns a keeper that is not running yet.
func New(opt Options) *Keeper {
	opt.Zone = cmp.Or(opt.Zone, time.UTC)
	k := &Keeper{opt: opt, log: opt.Logger, asked: make(chan struct{}, 1)}
	if k.log == nil {
		k.log = hclog.NewNullLogger()
	}
	k.last.Store(&Night{})
	return k
}

// Last returns the last night's work.
func (k *Keeper) Last() Night { return *k.last.Load() }

// Newest returns the newest copy that is there and when it was written, UTC milliseconds; an empty name: there is none.
func (k *Keeper) Newest() (file string, atMS int64) {
	copies, err := k.copies()
	if err != nil || len(copies) == 0 {
		return "", 0
	}
	file = filepath.Join(k.opt.Dir, copies[len(copies)-1])
	info, err := os.Stat(file)
	if err != nil {
		return "", 0
	}
	return file, info.ModTime().UnixMilli()
}

// Now does a night's work now, beside that of the nights, and returns what became of it.
func (k *Keeper) Now(ctx context.Context) Night {
	k.work(ctx, time.Now().Round(0))
	return k.Last()
}

// Run works every night until ctx ends. A host that is off at night makes its copy soon after a start.
func (k *Keeper) Run(ctx context.Context) {
	due := k.first(time.Now())
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.asked:
			k.verify(ctx)
		case <-look.C:
		}
		// By the wall clock alone: the monotonic one stands still while a machine sleeps.
		if now := time.Now().Round(0); !now.Before(due) {
			k.work(ctx, now)
			due = k.night(now)
		} else if next := k.night(now); next.Before(due) {
			due = next // the clock was set back
		}
	}
}

// night returns the next night's hour behind an instant.
func (k *Keeper) night(now time.Time) time.Time {
	y, m, d := now.In(k.opt.Zone).Date()
	at := time.Date(y, m, d, nightHour, 0, 0, 0, k.opt.Zone)
	if !at.After(now) {
		at = time.Date(y, m, d+1, nightHour, 0, 0, 0, k.opt.Zone)
	}
	return at
}

// first returns when the first work is due after a start.
func (k *Keeper) first(now time.Time) time.Time {
	due := k.night(now)
	soon := now.Round(0).Add(startDelay)
	if copies, err := k.copies(); err != nil || len(copies) == 0 || k.age(now, copies[len(copies)-1]) >= staleAfter {
		if soon.Before(due) {
			return soon
		}
	}
	return due
}

func (k *Keeper) age(now time.Time, name string) time.Duration {
	info, err := os.Stat(filepath.Join(k.opt.Dir, name))
	if err != nil {
		return staleAfter // it cannot be read, so it counts for nothing
	}
	return now.Sub(info.ModTime())
}

// work does one night. Each part is done whatever became of the one before it; the old copies go only when there is a new
// one.
func (k *Keeper) work(ctx context.Context, now time.Time) {
	k.turn.Lock()
	defer k.turn.Unlock()
	n := Night{AtMS: now.UnixMilli()}
	if n.Totals, n.Broken = k.opt.Books.VerifyWhole(ctx, n.AtMS); n.Broken != nil {
		k.log.Error("the ledger was checked and is not true, or could not be checked", "error", n.Broken)
	}
	if n.Copy, n.Failed = k.copy(ctx, now); n.Failed == nil {
		n.Failed = k.prune()
	}
	if n.Failed != nil {
		k.log.Error("the nightly copy was not made", "error", n.Failed)
	}
	before := func(d time.Duration) int64 { return now.Add(-d).UnixMilli() }
	removed, err := k.opt.Books.Sweep(ctx, before(callsKept), before(decisionsKept), before(auditKept))
	if err != nil {
		k.log.Error("what is kept long enough could not be removed", "error", err)
	}
	k.log.Info("the night's work is done", "transfers", n.Totals.Transfers, "copy", n.Copy, "rows removed", removed)
	k.last.Store(&n)
}

// copy makes the copy of a day, once.
func (k *Keeper) copy(ctx context.Context, now time.Time) (string, error) {
	if err := os.MkdirAll(k.opt.Dir, 0o700); err != nil {
		return "", fmt.Errorf("make the directory of the copies: %w", err)
	}
	file := filepath.Join(k.opt.Dir, now.In(k.opt.Zone).Format(copyName))
	if err := k.opt.Books.Backup(ctx, file); err != nil && !fault.Is(err, fault.Conflict) { // today's has been made before
		return "", err
	}
	return file, nil
}

// copyName is the name of a day's copy, as package time writes it; isCopy knows it again.
const copyName = "playbill-2006-01-02.db"

var isCopy = regexp.MustCompile(`^playbill-\d{4}-\d{2}-\d{2}\.db$`)

// copies returns the names of the copies, oldest first. What somebody else has put there is none.
func (k *Keeper) copies() ([]string, error) {
	names, err := os.ReadDir(k.opt.Dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range names {
		if isCopy.MatchString(n.Name()) {
			out = append(out, n.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

// prune removes all but the newest copies.
func (k *Keeper) prune() error {
	copies, err := k.copies()
	if err != nil {
		return err
	}
	for _, name := range copies[:max(0, len(copies)-copiesKept)] {
		if err := os.Remove(filepath.Join(k.opt.Dir, name)); err != nil {
			return err
		}
	}
	return nil
}
