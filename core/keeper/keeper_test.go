package keeper

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // for zones on machines without them

	"github.com/google/go-cmp/cmp"

	"playbill/core/fault"
	"playbill/core/ledger"
)

// books note what was asked, and write an empty file for a copy.
type books struct {
	verified []time.Time
	swept    [][3]time.Duration
	broken   error
	full     bool
}

func (b *books) VerifyWhole(_ context.Context, nowMS int64) (ledger.Totals, error) {
	b.verified = append(b.verified, time.UnixMilli(nowMS).UTC())
	return ledger.Totals{Transfers: 3}, b.broken
}

func (b *books) Backup(_ context.Context, file string) error {
	if b.full {
		return errors.New("the disk is full")
	}
	if _, err := os.Stat(file); err == nil {
		return fault.New(fault.Conflict, "There is one.")
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	return os.Chtimes(file, time.Now(), time.Now()) // the bubble's time
}

func (b *books) Sweep(_ context.Context, calls, decisions, audit int64) (int64, error) {
	since := func(ms int64) time.Duration { return time.Since(time.UnixMilli(ms)) }
	b.swept = append(b.swept, [3]time.Duration{since(calls), since(decisions), since(audit)})
	return 1, nil
}

// nights lets a keeper run for a while; the bubble's clock starts at midnight UTC of 2000-01-01.
func nights(t *testing.T, opt Options, run time.Duration) *Keeper {
	t.Helper()
	k := New(opt)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { // ends with ctx; waited for below
		defer close(done)
		k.Run(ctx)
	}()
	time.Sleep(run)
	stop()
	<-done
	return k
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range found {
		out = append(out, n.Name())
	}
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestSevenCopiesAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copies")
	synctest.Test(t, func(t *testing.T) {
		b := &books{}
		k := nights(t, Options{Books: b, Dir: dir}, time.Hour)
		same(t, "soon after the first start", names(t, dir), []string{"playbill-2000-01-01.db"})
		same(t, "last", k.Last().Copy, filepath.Join(dir, "playbill-2000-01-01.db"))
		if err := os.WriteFile(filepath.Join(dir, "mine.db"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		nights(t, Options{Books: b, Dir: dir}, 10*24*time.Hour)
		same(t, "kept", names(t, dir), []string{"mine.db", "playbill-2000-01-04.db", "playbill-2000-01-05.db", "playbill-2000-01-06.db",
			"playbill-2000-01-07.db", "playbill-2000-01-08.db", "playbill-2000-01-09.db", "playbill-2000-01-10.db"})
	})
}

func TestTheNightIsTheStations(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(84*24*time.Hour + 6*time.Hour) // 2000-03-25 06:00 UTC, the day before summer time
		b := &books{}
		nights(t, Options{Books: b, Dir: dir, Zone: zone}, 48*time.Hour)
		same(t, "verified", b.verified, []time.Time{
			time.Date(2000, 3, 25, 6, 10, 0, 0, time.UTC), // after the start
			time.Date(2000, 3, 26, 3, 0, 0, 0, time.UTC),  // four o'clock in summer time
			time.Date(2000, 3, 27, 3, 0, 0, 0, time.UTC),
		})
		day := 24 * time.Hour
		same(t, "kept", b.swept[0], [3]time.Duration{30 * day, 90 * day, 366 * day})
	})
}

func TestARestartMakesNoSecondCopy(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := &books{}
		nights(t, Options{Books: b, Dir: dir}, time.Hour)
		nights(t, Options{Books: b, Dir: dir}, time.Hour)
		same(t, "nights", len(b.verified), 1)
		nights(t, Options{Books: b, Dir: dir}, 3*time.Hour) // past four o'clock of the same day
		same(t, "nights", len(b.verified), 2)
		same(t, "copies", names(t, dir), []string{"playbill-2000-01-01.db"})
	})
}

func TestWithoutANewCopyTheOldOnesStay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := &books{}
		nights(t, Options{Books: b, Dir: dir}, 7*24*time.Hour)
		same(t, "copies", len(names(t, dir)), 7)
		b.full, b.broken = true, &ledger.Broken{Invariant: ledger.ChainHash}
		k := nights(t, Options{Books: b, Dir: dir}, 7*24*time.Hour)
		same(t, "copies", len(names(t, dir)), 7)
		if n := k.Last(); n.Failed == nil || n.Broken == nil || n.Copy != "" {
			t.Errorf("%+v", n)
		}
		same(t, "the sweep is done all the same", len(b.swept), len(b.verified))
	})
}
