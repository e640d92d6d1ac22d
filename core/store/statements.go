package store

import (
	"context"
	"database/sql"
	"errors"
)

// statements is a connection that remembers what it has prepared. gorm's own cache starts a goroutine that nothing
// stops; this one serves a single goroutine and needs no lock.
type statements struct {
	conn  *sql.Conn
	kept  map[string]*sql.Stmt
	after func() // called after every write; nil but for nameForeignKey
}

func newStatements(conn *sql.Conn) *statements {
	return &statements{conn: conn, kept: map[string]*sql.Stmt{}}
}

// prepared returns the statement for this text. When too many have gathered all are dropped: texts that vary, such as
// an insert of N rows, come and go.
func (s *statements) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if st := s.kept[query]; st != nil {
		return st, nil
	}
	if len(s.kept) >= statementsMax {
		if err := s.close(); err != nil {
			return nil, err
		}
	}
	st, err := s.conn.PrepareContext(ctx, query)
	if err == nil {
		s.kept[query] = st
	}
	return st, err
}

func (s *statements) close() error {
	var all error
	for _, st := range s.kept {
		all = errors.Join(all, st.Close())
	}
	clear(s.kept)
	return all
}

// PrepareContext is part of gorm.ConnPool.
func (s *statements) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return s.conn.PrepareContext(ctx, query)
}

// ExecContext is part of gorm.ConnPool.
func (s *statements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	st, err := s.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := st.ExecContext(ctx, args...)
	if s.after != nil {
		s.after()
	}
	return res, err
}

// QueryContext is part of gorm.ConnPool.
func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := s.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// QueryRowContext is part of gorm.ConnPool.
func (s *statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	st, err := s.prepared(ctx, query)
	if err != nil {
		return s.conn.QueryRowContext(ctx, query, args...) // carries the same error in its row
	}
	return st.QueryRowContext(ctx, args...)
}
