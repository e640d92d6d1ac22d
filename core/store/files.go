package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	_ "modernc.org/sqlite" // the pure-Go engine, under the name "sqlite"; the driver's own C engine is never used
)

// engine is the database/sql driver: SQLite in Go, so that no C compiler is needed.
const engine = "sqlite"

// files is the two pools on the one database: a single connection that writes, and some that cannot. write is nil where
// nothing is to be written.
type files struct {
	write, read *sql.DB
}

// openFiles opens both pools. With eight connections that read and then write, 282,747 requests failed as "locked" in
// three seconds; with one and immediate transactions none did (reference/deps.md 2).
func openFiles(path string) (files, error) {
	write, err := openPool(dsn(path, "_txlock=immediate",
		"_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)",
		// What a savepoint needs to go back is kept in memory: an eighth of a hold was spent writing it to a temporary file.
		"_pragma=temp_store(MEMORY)", "_pragma=cache_size(-8192)"), 1)
	if err != nil {
		return files{}, err
	}
	read, err := openPool(dsn(path, "_pragma=query_only(1)"), readersMax)
	if err != nil {
		return files{}, errors.Join(err, write.Close())
	}
	return files{write: write, read: read}, nil
}

// dsn is a file: URI, so that a path may hold any character.
func dsn(path string, params ...string) string {
	// The busy timeout comes first: setting the journal mode may already have to wait.
	uri := "file:" + (&url.URL{Path: path}).EscapedPath() + fmt.Sprintf("?_pragma=busy_timeout(%d)", busyTimeout.Milliseconds())
	for _, p := range params {
		uri += "&" + p
	}
	return uri
}

func openPool(dsn string, conns int) (*sql.DB, error) {
	pool, err := sql.Open(engine, dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

// assertDurable refuses to run on settings that could lose a committed coin, whoever changed them.
func (f files) assertDurable(ctx context.Context) error {
	for _, want := range []struct{ pragma, value string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"},
	} {
		var got string
		if err := f.write.QueryRowContext(ctx, "PRAGMA "+want.pragma).Scan(&got); err != nil {
			return err
		}
		if got != want.value {
			return fmt.Errorf("sqlite: %s is %s, not %s: commits would not be durable", want.pragma, got, want.value)
		}
	}
	return nil
}

// damaged reports whether the file is broken. SQLite notices a broken page only where it trips over it, and may say
// something else then: that a table which is there is not.
func (f files) damaged(ctx context.Context) bool {
	var first string
	err := f.read.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&first)
	return err != nil && kindOf(err) == kindCorrupt || err == nil && first != "ok"
}

func (f files) close() error {
	if f.write == nil {
		return f.read.Close()
	}
	return errors.Join(f.read.Close(), f.write.Close())
}

// gormOn puts gorm on a connection or a pool. Transactions are begun by hand, and errors are translated by errors.go.
func gormOn(conn gorm.ConnPool) (*gorm.DB, error) {
	return gorm.Open(sqlite.New(sqlite.Config{DriverName: engine, Conn: conn}), &gorm.Config{
		SkipDefaultTransaction: true,
		Logger:                 logger.Discard,
	})
}
