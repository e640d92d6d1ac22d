package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
)

// BenchmarkHold measures durable holds from 1, 16 and 64 callers. Beside them, in the same run: what the disk can sync,
// and one gorm transaction each on the same schema. holds/fsync is how many share one commit. The last pair is a disk
// that takes 5 ms longer for each fsync: the engine has no hook there, so it is a sleep before each COMMIT, which with
// synchronous=FULL is one fsync.
func BenchmarkHold(b *testing.B) {
	b.Run("fsync", benchmarkFsync)
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("one_gorm_transaction_each/callers=%d", callers), func(b *testing.B) { benchmarkAlone(b, callers, 0) })
		b.Run(fmt.Sprintf("store/callers=%d", callers), func(b *testing.B) { benchmarkHold(b, callers, 0) })
	}
	const slow = 5 * time.Millisecond
	b.Run("5ms_more_per_fsync/one_gorm_transaction_each/callers=64", func(b *testing.B) { benchmarkAlone(b, 64, slow) })
	b.Run("5ms_more_per_fsync/store/callers=64", func(b *testing.B) { benchmarkHold(b, 64, slow) })
}

func benchmarkHold(b *testing.B, callers int, slower time.Duration) {
	var commits atomic.Int64
	db := openAt(b, Options{Path: filepath.Join(b.TempDir(), "playbill.db"), Crash: func(p string) {
		switch p {
		case "hold.before":
			time.Sleep(slower)
		case "hold.after":
			commits.Add(1)
		}
	}})
	c := claim(b, db)
	rich(b, c)
	b.ResetTimer()
	spread(b, callers, func(n int) error {
		o := order(fmt.Sprint("u", n%buyers), fmt.Sprint("m", n), fmt.Sprint("k", n))
		_, err := c.Hold(context.Background(), o, testNow, sell)
		return err
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "holds/s")
	b.ReportMetric(float64(b.N)/float64(max(commits.Load(), 1)), "holds/fsync")
	verify(b, c)
}

// benchmarkAlone does the same writes in a gorm transaction per hold, the way one writes it first.
func benchmarkAlone(b *testing.B, callers int, slower time.Duration) {
	db := open(b)
	c := claim(b, db)
	rich(b, c)
	if err := db.writer.stop(); err != nil { // gives the one connection back
		b.Fatal(err)
	}
	orm, err := gormOn(db.files.write)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	spread(b, callers, func(n int) error {
		o := order(fmt.Sprint("u", n%buyers), fmt.Sprint("m", n), fmt.Sprint("k", n))
		return orm.Transaction(func(q *gorm.DB) error {
			t := &tx{DB: q, heads: map[string]head{}}
			h, _, err := t.head(c.channel)
			if err != nil {
				return err
			}
			facts, err := factsOf(q, whose{c.channel, o.Buyer, o.StationDay, testNow}, o.Media.Key())
			if err != nil {
				return err
			}
			if _, err := c.hold(t, &h, bought{o, sell(facts), testNow}); err != nil {
				return err
			}
			t.keep(h)
			err = t.saveHeads()
			time.Sleep(slower)
			return err
		})
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "holds/s")
	verify(b, c)
	db.writer, err = startWriter(context.Background(), db.files.write, nil)
	if err != nil {
		b.Fatal(err)
	}
}

// benchmarkFsync appends 4 KiB and syncs, as a commit must at least.
func benchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "fsyncs/s")
}

// buyers is how many people share the holds, so that nobody has an unlikely history.
const buyers = 2000

func rich(b *testing.B, c *Channel) {
	b.Helper()
	ts := make([]ledger.Transfer, buyers)
	for i := range ts {
		ts[i] = granted(fmt.Sprint("u", i), ledger.MaxAmount, fmt.Sprint("rich", i))
	}
	if _, err := c.Post(b.Context(), ts, testNow); err != nil {
		b.Fatal(err)
	}
}

// spread shares b.N calls between callers.
func spread(b *testing.B, callers int, call func(n int) error) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if err := call(int(n)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// transfersVariable is how many transfers BenchmarkVerifyLedger checks; making a million takes a minute.
const transfersVariable = "PLAYBILL_BENCH_TRANSFERS"

// BenchmarkVerifyLedger reads transfers from the disk and checks them: all, and the last thousand from a mark. Half of
// them are holds and their ends, as on a channel where people buy.
func BenchmarkVerifyLedger(b *testing.B) {
	n := 100_000
	if text := os.Getenv(transfersVariable); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	c := claim(b, open(b))
	history(b, c, n-1000)
	if _, err := c.VerifyWhole(b.Context(), testNow); err != nil {
		b.Fatal(err)
	}
	m, err := c.mark(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	history(b, c, 1000)
	b.Run(fmt.Sprintf("whole/transfers=%d", n), func(b *testing.B) {
		for b.Loop() {
			verify(b, c)
		}
		b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/verify")
	})
	b.Run(fmt.Sprintf("from_a_mark/transfers=%d", n), func(b *testing.B) {
		for b.Loop() {
			if _, err := c.verify(b.Context(), m, endsSince); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/verify")
	})
}

// history books n transfers more: of four, two grants, a hold and its release.
func history(b *testing.B, c *Channel, n int) {
	b.Helper()
	first := int(c.NextEntry()) * 1_000_000
	for done := 0; done < n; {
		err := c.write(b.Context(), func(t *tx, h *head) error {
			for end := min(n, done+400); done < end; done += 4 {
				user := fmt.Sprint("u", done%buyers)
				for k := range 2 {
					if _, err := postNew(t, h, granted(user, 500, fmt.Sprint(first+done+k)), testNow); err != nil {
						return err
					}
				}
				o := order(user, fmt.Sprint("m", first+done), fmt.Sprint("k", first+done))
				held, err := c.hold(t, h, bought{o, sell(pay.Facts{}), testNow})
				if err != nil {
					return err
				}
				facts := []station.PurchaseFact{{ID: held.Purchase.ID, Fact: pay.Withdrawn, Reason: pay.Cancelled}}
				if _, err := befall(t, h, facts, testNow); err != nil {
					return err
				}
				e := *held.Entry
				e.State, e.EndedAtMS, e.EndedHow = shadow.Ended, testNow, shadow.Withdrawn
				if err := saveEntry(t, h, &e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAdvance is one advance at 4,000 entries: its time, and the rows that SQLite wrote.
func BenchmarkAdvance(b *testing.B) {
	c := claim(b, open(b))
	list := fill(b, c, 4000)
	written, n := changes(b, c), 0
	for b.Loop() {
		commit(b, c, advance(list, n%3999))
		if n++; n%3999 == 0 {
			b.Fatal("the list is over: run it for a shorter time")
		}
	}
	b.ReportMetric(float64(changes(b, c)-written)/float64(n), "rows/advance")
}

// BenchmarkRebind writes all of 4,000 entries, as after a shuffle.
func BenchmarkRebind(b *testing.B) {
	c := claim(b, open(b))
	list := fill(b, c, 4000)
	epoch := channel.Epoch(1)
	for b.Loop() {
		epoch++
		next := make([]*shadow.Entry, len(list))
		for i, e := range list {
			bound := *e
			bound.Bind.Epoch = epoch
			next[i] = &bound
		}
		commit(b, c, station.Turn{Entries: next})
	}
}

// BenchmarkLoad reads what a station starts from, at 4,000 entries.
func BenchmarkLoad(b *testing.B) {
	c := claim(b, open(b))
	fill(b, c, 4000)
	for b.Loop() {
		load(b, c)
	}
}
