// Package jobs is long work beside the channel: imports and syncs. A job says how far it is, can be cancelled, and is kept:
// one that a stop or a crash cut is shown as interrupted, with what was done. A panic in a job ends that job.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/fault"
)

// State is what became of a job.
type State string

// The states. Interrupted: the host stopped or died while it ran.
const (
	Running     State = "running"
	Done        State = "done"
	Failed      State = "failed"
	Cancelled   State = "cancelled"
	Interrupted State = "interrupted"
)

// Job is one piece of work, as it stands.
type Job struct {
	ID        int64
	Kind      string // import, mediacms: one of a kind runs at a time
	Subject   string // what it is about, for people
	Actor     string // who started it; empty: the host
	State     State
	Done      int64
	Total     int64  // 0: not known
	Note      string // a sentence: what it does, or how it ended
	Problems  []Problem
	Cursor    string // where another one of its kind goes on; empty: at the beginning
	StartedMS int64  // UTC milliseconds
	UpdatedMS int64
	EndedMS   int64 // 0: it runs
}

// Problem is one thing that could not be done while the rest was.
type Problem struct {
	Line     int // of the input, from 1; 0: none
	Text     string
	Sentence string
}

// Book keeps jobs.
type Book interface {
	// SaveJob writes a job; one without an ID gets the next.
	SaveJob(ctx context.Context, j Job) (Job, error)
	// Jobs returns the newest, newest first.
	Jobs(ctx context.Context, limit int) ([]Job, error)
}

// Options is what a room of jobs is made of.
type Options struct {
	Book   Book
	Now    func() int64 // UTC milliseconds
	Logger hclog.Logger // nil: silent
}

// Room runs jobs. Safe for concurrent use.
type Room struct {
	opt  Options
	ctx  context.Context // ended by Close
	stop context.CancelFunc

	mu      sync.Mutex
	running map[int64]*Progress
	closed  bool
	wait    sync.WaitGroup
}

// Open returns the room. Jobs that were running when the last host ended are noted as interrupted.
func Open(ctx context.Context, opt Options) (*Room, error) {
	if opt.Logger == nil {
		opt.Logger = hclog.NewNullLogger()
	}
	r := &Room{opt: opt, running: map[int64]*Progress{}}
	r.ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	kept, err := opt.Book.Jobs(ctx, shownMax)
	if err != nil {
		return nil, fmt.Errorf("read the jobs: %w", err)
	}
	for _, j := range kept {
		if j.State == Running {
			j.State, j.EndedMS = Interrupted, j.UpdatedMS
			if _, err := opt.Book.SaveJob(ctx, j); err != nil {
				return nil, fmt.Errorf("note that a job was interrupted: %w", err)
			}
		}
	}
	return r, nil
}

// Work is what a job does. Its error becomes the job's note; a fault's sentence is shown to people. It returns soon after
// ctx ends.
type Work func(ctx context.Context, p *Progress) error

// Start begins a job and returns it as it stands. fault.Conflict: one of its kind runs already.
func (r *Room) Start(ctx context.Context, kind, subject, actor string, work Work) (Job, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return Job{}, fault.New(fault.Stopping, "Playbill is stopping. Nothing was started.")
	}
	for _, p := range r.running {
		if other := p.Job(); other.Kind == kind {
			return Job{}, fault.New(fault.Conflict, "“"+other.Subject+"” is still running. Wait until it has ended, or cancel it.")
		}
	}
	now := r.opt.Now()
	j, err := r.opt.Book.SaveJob(ctx, Job{Kind: kind, Subject: subject, Actor: actor, State: Running, StartedMS: now, UpdatedMS: now})
	if err != nil {
		return Job{}, err
	}
	own, cancel := context.WithCancel(r.ctx)
	p := &Progress{room: r, job: j, cancel: cancel, savedAt: time.Now()}
	r.running[j.ID] = p
	r.wait.Go(func() { r.run(own, p, work) }) // ends with its work, which ends with own; Close waits
	return j, nil
}

// run does one job and keeps how it ended.
func (r *Room) run(ctx context.Context, p *Progress, work Work) {
	defer p.cancel()
	err := r.guarded(ctx, p, work)
	p.mu.Lock()
	switch {
	case err == nil:
		p.job.State = Done
	case r.ctx.Err() != nil:
		p.job.State = Interrupted
	case ctx.Err() != nil:
		p.job.State, p.job.Note = Cancelled, "It was cancelled. What was done before stays."
	default:
		p.job.State, p.job.Note = Failed, sentence(err)
		r.opt.Logger.Error("a job failed", "kind", p.job.Kind, "subject", p.job.Subject, "error", err)
	}
	p.job.EndedMS = r.opt.Now()
	p.mu.Unlock()
	p.save()
	r.mu.Lock()
	delete(r.running, p.job.ID)
	r.mu.Unlock()
}

// guarded runs the work and makes its panic an error.
func (r *Room) guarded(ctx context.Context, p *Progress, work Work) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			r.opt.Logger.Error("panic", "in", "a job", "panic", panicked, "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	return work(ctx, p)
}

var errPanicked = errors.New("jobs: a panic, which has been reported")

func sentence(err error) string {
	if errors.Is(err, errPanicked) {
		return "It stopped on a fault of its own; the log has the details. What was done before stays."
	}
	if f := fault.Of(err); f != nil && f.Sentence != "" {
		return f.Sentence
	}
	return "It failed: " + err.Error() + "."
}

// Cancel ends a job that runs. fault.NotFound: it does not.
func (r *Room) Cancel(id int64) error {
	r.mu.Lock()
	p, runs := r.running[id]
	r.mu.Unlock()
	if !runs {
		return fault.New(fault.NotFound, "This job is not running.")
	}
	p.cancel()
	return nil
}

// List returns the newest jobs, newest first, those that run as they stand now.
func (r *Room) List(ctx context.Context) ([]Job, error) {
	kept, err := r.opt.Book.Jobs(ctx, shownMax)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, j := range kept {
		if p, runs := r.running[j.ID]; runs {
			kept[i] = p.Job()
		}
	}
	return kept, nil
}

// Last returns the newest job of a kind that is not the one named; ok is false when there is none.
func (r *Room) Last(ctx context.Context, kind string, but int64) (j Job, ok bool, err error) {
	all, err := r.List(ctx)
	i := slices.IndexFunc(all, func(j Job) bool { return j.Kind == kind && j.ID != but })
	if err != nil || i < 0 {
		return Job{}, false, err
	}
	return all[i], true, nil
}

// Close ends every job and waits for them. They are kept as interrupted.
func (r *Room) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop()
	r.wait.Wait()
}
