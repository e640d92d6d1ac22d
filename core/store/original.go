package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
)

// sqliteMagic begins every SQLite database file (https://sqlite.org/fileformat.html).
const sqliteMagic = "SQLite format 3\x00"

// IsDatabase reports whether a file is an SQLite database, by its first bytes.
func IsDatabase(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	head := make([]byte, len(sqliteMagic))
	n, err := file.Read(head)
	if n < len(head) {
		err = nil // too short to be one
	}
	return string(head[:n]) == sqliteMagic, errors.Join(err, file.Close())
}

// Original is what the original economy's database says about one of its channels.
type Original struct {
	Channel  string // as it is spelled there
	Openings []ledger.Opening
	Left     int // accounts without coins, or whose name cannot be one: they are left out
	Merged   int // accounts that were one person's under several spellings: their coins are added up
}

// ReadOriginal reads the balances of one channel from the original economy's SQLite file (table accounts: username,
// channel, balance). The file is not changed. An empty name means the only channel there is; when there are several, or
// none of this name, the fault names them.
func ReadOriginal(ctx context.Context, path, name string) (o Original, err error) {
	pool, err := openPool(dsn(path, "mode=ro", "_pragma=query_only(1)"), 1)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if o.Channel, err = originalChannel(ctx, pool, path, name); err != nil {
		return o, err
	}
	rows, err := pool.QueryContext(ctx, "SELECT username, balance FROM accounts WHERE lower(channel) = lower(?) ORDER BY username", o.Channel)
	if err != nil {
		return o, notOriginal(path, err)
	}
	defer func() { _ = rows.Close() }() // its error shows in rows.Err
	at := map[channel.UserKey]int{}
	for rows.Next() {
		var user string
		var balance int64
		if err := rows.Scan(&user, &balance); err != nil {
			return o, notOriginal(path, err)
		}
		if err := o.take(at, user, ledger.Coins(balance)); err != nil {
			return o, err
		}
	}
	return o, rows.Err()
}

// take adds one account. The original compared names by their letters, so one person may have several.
func (o *Original) take(at map[channel.UserKey]int, user string, balance ledger.Coins) error {
	user = strings.TrimSpace(user)
	if balance <= 0 || !ledger.NameLike(user) {
		o.Left++
		return nil
	}
	i, known := at[channel.Fold(user)]
	if !known {
		i = len(o.Openings)
		at[channel.Fold(user)] = i
		o.Openings = append(o.Openings, ledger.Opening{User: user})
	} else {
		o.Merged++
	}
	if balance > ledger.MaxAmount-o.Openings[i].Amount {
		return fault.New(fault.Invalid, fmt.Sprintf("%s has more than %d coins there, which is more than one grant can be. Nothing was booked.",
			user, ledger.MaxAmount))
	}
	o.Openings[i].Amount += balance
	return nil
}

func originalChannel(ctx context.Context, pool *sql.DB, path, name string) (string, error) {
	rows, err := pool.QueryContext(ctx, "SELECT DISTINCT channel FROM accounts ORDER BY channel")
	if err != nil {
		return "", notOriginal(path, err)
	}
	defer func() { _ = rows.Close() }() // its error shows in rows.Err
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return "", notOriginal(path, err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(one string) bool { return strings.EqualFold(one, name) })
	switch {
	case i >= 0:
		return all[i], nil
	case name == "" && len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return "", fault.New(fault.NotFound, fmt.Sprintf("%s has no accounts. Nothing was booked.", path))
	}
	return "", fault.New(fault.NotFound, fmt.Sprintf("Which of its channels? %s has accounts of: %s. Name one with --from-channel.",
		path, strings.Join(all, ", ")))
}

func notOriginal(path string, err error) error {
	return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s is not a database of the original economy: it should have a table accounts "+
		"with username, channel and a whole-numbered balance. Nothing was booked.", path))
}
