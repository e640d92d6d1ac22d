package jobs

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Progress is a running job as its work sees it. Safe for concurrent use.
type Progress struct {
	room   *Room
	cancel context.CancelFunc

	mu      sync.Mutex
	job     Job
	savedAt time.Time
}

// Job returns the job as it stands.
func (p *Progress) Job() Job {
	p.mu.Lock()
	defer p.mu.Unlock()
	j := p.job
	j.Problems = slices.Clone(j.Problems)
	return j
}

// At says how far the job is: so many of total, which is 0 where it is not known, and what it does, as a sentence.
func (p *Progress) At(done, total int64, note string) {
	p.update(func(j *Job) { j.Done, j.Total, j.Note = done, total, note })
}

// Cursor says where another job of this kind goes on if this one is cut.
func (p *Progress) Cursor(cursor string) {
	p.update(func(j *Job) { j.Cursor = cursor })
}

// Problem notes one thing that could not be done. Of more than can be shown the first are kept.
func (p *Progress) Problem(one Problem) {
	p.update(func(j *Job) {
		switch n := len(j.Problems); {
		case n < problemsMax:
			j.Problems = append(j.Problems, one)
		case n == problemsMax:
			j.Problems = append(j.Problems, Problem{Sentence: "There are more problems than this list shows."})
		}
	})
}

// update changes the job, and stores it if that is due.
func (p *Progress) update(change func(*Job)) {
	p.mu.Lock()
	change(&p.job)
	due := time.Since(p.savedAt) >= saveEvery
	if due {
		p.savedAt = time.Now()
	}
	p.mu.Unlock()
	if due {
		p.save()
	}
}

// save stores the job as it stands. A job goes on when that fails: what it says in memory is true.
func (p *Progress) save() {
	j := p.Job()
	j.UpdatedMS = p.room.opt.Now()
	p.mu.Lock()
	p.job.UpdatedMS = j.UpdatedMS
	p.mu.Unlock()
	if _, err := p.room.opt.Book.SaveJob(context.WithoutCancel(p.room.ctx), j); err != nil {
		p.room.opt.Logger.Error("how far a job is could not be stored", "kind", j.Kind, "error", err)
	}
}
