package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"playbill/core/fault"
)

// writer is the one goroutine that writes. It is started by Open; stop ends it and waits for it.
type writer struct {
	conn  *sql.Conn
	plain *statements
	orm   *gorm.DB
	crash func(point string)

	tookUS atomic.Int64 // how long the last COMMIT took

	queue chan *request // capacity 0: whoever asks waits in line, and leaves it when the writer stops
	quit  chan struct{} // capacity 0, closed by stop
	ended chan struct{} // capacity 0, closed when the goroutine has returned
}

// request is one method's work inside the writer's transaction.
type request struct {
	ctx  context.Context
	work func(*tx) error
	err  error
	done chan struct{} // capacity 0, closed when err is final
}

func startWriter(ctx context.Context, pool *sql.DB, crash func(string)) (*writer, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if crash == nil {
		crash = func(string) {}
	}
	plain := newStatements(conn)
	orm, err := gormOn(plain)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	w := &writer{conn: conn, plain: plain, orm: orm, crash: crash,
		queue: make(chan *request), quit: make(chan struct{}), ended: make(chan struct{})}
	go w.run() // stopped by stop, which waits for it
	return w, nil
}

// do runs work in the next transaction and returns once that is durable, or refused. A request whose ctx has ended
// before its turn is not run; once it is running, the answer is waited for, so that nobody takes a commit for a failure.
func (w *writer) do(ctx context.Context, work func(*tx) error) error {
	r := &request{ctx: ctx, work: work, done: make(chan struct{})}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return fault.New(fault.Stopping, "Playbill is stopping. Nothing was changed.")
	}
	<-r.done
	return r.err
}

// note runs work if it can be done soon, and waits for it no longer: it is for what nobody is refused for.
func (w *writer) note(ctx context.Context, work func(*tx) error) {
	ctx, cancel := context.WithTimeout(ctx, noteWait)
	defer cancel()
	r := &request{ctx: ctx, work: work, done: make(chan struct{})}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return
	case <-w.quit:
		return
	}
	select {
	case <-r.done:
	case <-ctx.Done(): // it may yet be done; the next note says the same
	}
}

func (w *writer) stop() error {
	close(w.quit)
	<-w.ended
	return errors.Join(w.plain.close(), w.conn.Close())
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case <-w.quit:
			return
		case first := <-w.queue:
			w.transact(w.drain(first))
		}
	}
}

// drain takes everybody who waits, up to the limit: the longer a commit takes, the more share the next one.
func (w *writer) drain(first *request) []*request {
	batch := []*request{first}
	for len(batch) < batchMax {
		select {
		case r := <-w.queue:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// transact runs one transaction and answers everybody in it.
func (w *writer) transact(batch []*request) {
	points, err := w.attempt(batch)
	if err != nil {
		_ = w.exec("ROLLBACK") // it may be rolled back already: then this fails, and says nothing new
		for _, r := range batch {
			r.err = err
		}
	} else {
		w.fire(points, ".after")
	}
	for _, r := range batch {
		close(r.done)
	}
}

// attempt fails as a whole or not at all; what a single request did wrong is in its own err.
func (w *writer) attempt(batch []*request) (points []string, err error) {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return nil, translate(err)
	}
	t := &tx{DB: w.orm, heads: map[string]head{}}
	for _, r := range batch {
		var lost error
		if r.err, lost = w.one(t, r); lost != nil {
			return nil, translate(lost)
		}
	}
	if err := t.saveHeads(); err != nil {
		return nil, translate(err)
	}
	w.fire(t.points, ".before")
	began := time.Now()
	if err := w.exec("COMMIT"); err != nil {
		return nil, w.translateDeferred(err)
	}
	w.tookUS.Store(max(time.Since(began).Microseconds(), 1))
	return t.points, nil
}

// one runs a request between savepoints. lost means that the whole transaction is gone: on a full disk, say.
func (w *writer) one(t *tx, r *request) (refused, lost error) {
	if err := r.ctx.Err(); err != nil {
		return err, nil
	}
	if err := w.exec("SAVEPOINT request"); err != nil {
		return nil, err
	}
	mark := t.mark()
	refused = safely(r.work, t)
	if refused == nil {
		return nil, w.exec("RELEASE request")
	}
	t.back(mark)
	if err := w.exec("ROLLBACK TO request"); err != nil {
		return nil, errors.Join(refused, err)
	}
	if kindOf(refused) == kindForeignKey {
		refused = w.nameForeignKey(t, r, refused)
		t.back(mark)
	}
	return translate(refused), w.exec("RELEASE request")
}

func (w *writer) fire(points []string, when string) {
	for _, p := range points {
		w.crash(p + when)
	}
}

func (w *writer) exec(sql string) error {
	_, err := w.plain.ExecContext(context.Background(), sql)
	return err
}

// safely turns a panic into an error: a fault in one request must not end the host.
func safely(work func(*tx) error, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return work(t)
}
