package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/pressly/goose/v3"

	"playbill/core/fault"
)

// migrations lead from nothing to schema.sql, numbered without a gap.
//
//go:embed migrations/*.sql
var migrations embed.FS

// schemaSQL is the schema that this program was written for.
//
//go:embed schema.sql
var schemaSQL string

// comments and spaces do not make a schema another one.
var (
	sqlComment = regexp.MustCompile(`--[^\n]*`)
	sqlSpace   = regexp.MustCompile(`\s+`)
)

// migrate brings the database up to date. A database of a newer Playbill is refused untouched.
func migrate(ctx context.Context, db *sql.DB, log hclog.Logger) error {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, steps,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	have, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > known {
		return fault.New(fault.Journal, fmt.Sprintf("The database was written by a newer Playbill (schema %d, this one knows %d). "+
			"Start the newer version, or restore a backup that this one wrote.", have, known))
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate from schema %d to %d: %w", have, known, err)
	}
	if len(done) > 0 {
		log.Info("database migrated", "from", have, "to", known)
	}
	return nil
}

// compareSchema refuses a database that is not what the migrations make: somebody has changed it by hand, and the
// promises that its constraints keep may be gone.
func compareSchema(ctx context.Context, db *sql.DB) error {
	live, err := readSchema(ctx, db)
	if err != nil {
		return err
	}
	want, err := wantedSchema(ctx)
	if err != nil {
		return err
	}
	var differ []string
	for _, name := range union(live, want) {
		if live[name] != want[name] {
			differ = append(differ, name)
		}
	}
	if len(differ) == 0 {
		return nil
	}
	return fault.New(fault.Journal, fmt.Sprintf("The database's schema is not the one this Playbill was built for; it differs in %s. "+
		"Somebody changed it by hand: restore a backup, or undo the change.", strings.Join(differ, ", ")))
}

// wantedSchema lets SQLite itself read schema.sql.
func wantedSchema(ctx context.Context) (map[string]string, error) {
	memory, err := openPool(":memory:", 1)
	if err != nil {
		return nil, err
	}
	if _, err := memory.ExecContext(ctx, schemaSQL); err != nil {
		return nil, errors.Join(fmt.Errorf("schema.sql: %w", err), memory.Close())
	}
	want, err := readSchema(ctx, memory)
	return want, errors.Join(err, memory.Close())
}

// readSchema returns "table wallets" -> its normalised text, for everything that is ours.
func readSchema(ctx context.Context, db *sql.DB) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT type || ' ' || name, sql FROM sqlite_master
		WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`)
	if err != nil {
		return nil, err
	}
	schema := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		text = sqlComment.ReplaceAllString(text, "")
		schema[name] = strings.TrimSpace(sqlSpace.ReplaceAllString(text, " "))
	}
	return schema, errors.Join(rows.Err(), rows.Close())
}

func union(a, b map[string]string) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	return slices.Compact(names)
}
