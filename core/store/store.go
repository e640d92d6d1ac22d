// Package store is durability: gorm on SQLite, every method one transaction with one fixed time. Nobody else speaks SQL.
//
// One goroutine writes. It takes up to 256 waiting requests into one transaction, a savepoint each, so that one refused
// request does not spoil the others, and answers when all of it is on the disk: a full fsync, shared. Readers have
// connections of their own that cannot write. Rows are private; what comes and goes are the nouns of the other rooms.
//
// The schema enforces what must never happen (JOINTS I); errors.go gives each refusal the name of its constraint.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/hashicorp/go-hclog"
	"gorm.io/gorm"

	"playbill/core/fault"
)

// Options say where the database is.
type Options struct {
	// Path of the database file; its directory is created. Beside it stand -wal, -shm and one .lock file per channel.
	Path string
	// Logger may be nil.
	Logger hclog.Logger
	// Crash is called at the failpoints of JOINTS K that belong to the store, in the writer's goroutine: ".before" the
	// COMMIT of the transaction that contains the point, ".after" it. Nil in production.
	Crash func(point string)
}

// DB is one open database.
type DB struct {
	path    string
	log     hclog.Logger
	files   files
	writer  *writer
	readers *gorm.DB

	mu     sync.Mutex
	claims map[*Channel]struct{}
	closed bool
}

// Open opens the database, brings its schema up to date and compares it with the one that this program was written
// for. The error is a fault with one sentence for whoever starts the host.
func Open(ctx context.Context, o Options) (*DB, error) {
	db := newDB(o)
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return nil, unusable(o.Path, err)
	}
	files, err := openFiles(o.Path)
	if err != nil {
		return nil, unusable(o.Path, err)
	}
	db.files = files
	if err := db.start(ctx, o); err != nil {
		if kindOf(err) == kindOther && files.damaged(ctx) {
			err = damage(o.Path, err)
		}
		return nil, errors.Join(unusable(o.Path, err), files.close())
	}
	return db, nil
}

func newDB(o Options) *DB {
	db := &DB{path: o.Path, log: o.Logger, claims: map[*Channel]struct{}{}}
	if db.log == nil {
		db.log = hclog.NewNullLogger()
	}
	return db
}

// start runs the checks of a start in order: the engine, the migrations, the schema. Then the writer.
func (db *DB) start(ctx context.Context, o Options) error {
	if err := db.files.assertDurable(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, db.files.write, db.log); err != nil {
		return err
	}
	if err := compareSchema(ctx, db.files.write); err != nil {
		return err
	}
	readers, err := gormOn(db.files.read)
	if err != nil {
		return err
	}
	db.readers = readers
	db.writer, err = startWriter(ctx, db.files.write, o.Crash)
	return err
}

// Close releases every claim, lets the writer finish what it has taken, and closes the files. What waits is refused with
// fault.Stopping. Closing twice is fine.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	claims := db.claims
	db.claims = nil
	db.mu.Unlock()

	var err error
	if db.writer != nil {
		err = db.writer.stop()
	}
	for c := range claims {
		err = errors.Join(err, c.lock.release())
	}
	return errors.Join(err, db.files.close())
}

// Path returns the database file.
func (db *DB) Path() string { return db.path }

// Read returns a view of one channel that needs no claim and cannot write.
func (db *DB) Read(channel string) *Reader { return &Reader{db: db, channel: channel} }

// Reader reads what is stored about one channel. Safe for use by any number of goroutines.
type Reader struct {
	db      *DB
	channel string
}

// Name returns the channel's name.
func (r *Reader) Name() string { return r.channel }

// read runs one read transaction: everything that ask sees is from one instant.
func (r *Reader) read(ctx context.Context, ask func(q *gorm.DB) error) error {
	err := r.db.readers.WithContext(ctx).Transaction(ask)
	if err != nil && ctx.Err() == nil {
		return translate(err)
	}
	return err
}

// unusable says in one sentence why a database cannot be opened.
func unusable(path string, err error) error {
	if fault.Of(err) != nil {
		return err
	}
	switch kindOf(err) {
	case kindCorrupt:
		return damage(path, err)
	case kindBusy:
		return fault.Wrap(err, fault.Journal, fmt.Sprintf("%s is being written by another program. Try again when it has ended.", path))
	}
	if why := notWritable(path); why != nil {
		return fault.Wrap(err, fault.Journal, fmt.Sprintf("%s cannot be written (%v). "+
			"Give this user the right to write there, or choose another data_dir.", path, plain(why)))
	}
	if kindOf(err) == kindFull {
		return fault.Wrap(err, fault.Journal, fmt.Sprintf("The disk that holds %s is full. Make room and start again.", path))
	}
	return fmt.Errorf("open %s: %w", path, err)
}

func damage(path string, err error) error {
	return fault.Wrap(err, fault.Journal, fmt.Sprintf("%s is damaged or is not a Playbill database. "+
		"Move it away and put the newest backup in its place with “playbill restore”.", path))
}

// notWritable tries what SQLite must be able to do: make a file in the directory, and write the database file.
func notWritable(path string) error {
	probe, err := os.CreateTemp(filepath.Dir(path), ".playbill-probe-*")
	if err != nil {
		return err
	}
	err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	file, openErr := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(openErr, os.ErrNotExist) {
		return err
	}
	if openErr != nil {
		return openErr
	}
	return errors.Join(err, file.Close())
}

// plain takes the path out of an error that the sentence has already named.
func plain(err error) error {
	var in *os.PathError
	if errors.As(err, &in) {
		return in.Err
	}
	return err
}
