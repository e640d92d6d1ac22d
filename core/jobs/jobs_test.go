package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"playbill/core/fault"
	"playbill/core/jobs"
)

// book keeps jobs in memory.
type book struct {
	mu   sync.Mutex
	jobs []jobs.Job
}

func (b *book) SaveJob(_ context.Context, j jobs.Job) (jobs.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if j.ID == 0 {
		j.ID = int64(len(b.jobs) + 1)
		b.jobs = append(b.jobs, j)
	}
	b.jobs[j.ID-1] = j
	return j, nil
}

func (b *book) Jobs(context.Context, int) ([]jobs.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.jobs)
	slices.Reverse(out)
	return out, nil
}

func open(t *testing.T, b *book) *jobs.Room {
	r, err := jobs.Open(t.Context(), jobs.Options{Book: b, Now: func() int64 { return time.Now().UnixMilli() }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *book) told(id int64) string {
	j := b.jobs[id-1]
	return fmt.Sprintf("%s %d/%d %s", j.State, j.Done, j.Total, j.Note)
}

func TestHowJobsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		work jobs.Work
		want string
	}{
		"well":        {func(_ context.Context, p *jobs.Progress) error { p.At(3, 3, "All is in."); return nil }, "done 3/3 All is in."},
		"badly":       {func(context.Context, *jobs.Progress) error { return errors.New("no wire") }, "failed 0/0 It failed: no wire."},
		"in a fault":  {func(context.Context, *jobs.Progress) error { return fault.New(fault.Invalid, "That is no list.") }, "failed 0/0 That is no list."},
		"in a panic":  {func(_ context.Context, p *jobs.Progress) error { p.At(1, 9, "x"); panic("oh") }, "failed 1/9 It stopped on a fault of its own; the log has the details. What was done before stays."},
		"before time": {func(ctx context.Context, p *jobs.Progress) error { p.At(2, 9, "x"); <-ctx.Done(); return ctx.Err() }, "cancelled 2/9 It was cancelled. What was done before stays."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &book{}
				r := open(t, b)
				j, err := r.Start(t.Context(), "import", "Titles", "ada", c.work)
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				_ = r.Cancel(j.ID)
				synctest.Wait()
				if got := b.told(j.ID); got != c.want {
					t.Errorf("%q, want %q", got, c.want)
				}
				if err := r.Cancel(j.ID); !fault.Is(err, fault.NotFound) {
					t.Errorf("a job that has ended is cancelled: %v", err)
				}
				r.Close()
			})
		})
	}
}

// A stop interrupts what runs; so does a death of the host, which the next one finds.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		r := open(t, b)
		work := func(ctx context.Context, p *jobs.Progress) error {
			for i := range int64(100) {
				p.At(i, 100, "Reading.")
				p.Cursor(fmt.Sprint("page ", i))
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		}
		j, _ := r.Start(t.Context(), "sync", "The site", "", work)
		if _, err := r.Start(t.Context(), "sync", "The site", "", work); !fault.Is(err, fault.Conflict) {
			t.Errorf("two of a kind: %v", err)
		}
		time.Sleep(10500 * time.Millisecond)
		synctest.Wait()
		b.mu.Lock()
		died := &book{jobs: slices.Clone(b.jobs)}
		b.mu.Unlock()
		r.Close()
		if got := b.told(j.ID); got != "interrupted 10/100 Reading." {
			t.Errorf("stopped: %s", got)
		}
		if _, err := r.Start(t.Context(), "sync", "x", "", work); !fault.Is(err, fault.Stopping) {
			t.Errorf("started while stopping: %v", err)
		}
		next := open(t, died)
		last, ok, err := next.Last(t.Context(), "sync", 0)
		if err != nil || !ok || last.State != jobs.Interrupted || last.Done < 9 || last.Cursor == "" || last.EndedMS == 0 {
			t.Errorf("after a death: %+v %v", last, err)
		}
		next.Close()
	})
}

func TestProblemsHaveAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		r := open(t, b)
		j, _ := r.Start(t.Context(), "import", "x", "", func(_ context.Context, p *jobs.Progress) error {
			for i := range 2000 {
				p.Problem(jobs.Problem{Line: i, Sentence: "bad"})
			}
			return nil
		})
		synctest.Wait()
		if n := len(b.jobs[j.ID-1].Problems); n != 501 {
			t.Errorf("%d problems are kept", n)
		}
		r.Close()
	})
}
