package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/config"
	"playbill/core/control"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/store"
)

// Import implements control.Desk.
func (d *desk) Import(ctx context.Context, i control.Import) (ledger.Imported, error) {
	if !ledger.NameLike(i.Source) || len(i.Lines) == 0 || len(i.Lines) > control.ImportMax {
		return ledger.Imported{}, fault.New(fault.Invalid, fmt.Sprintf("An import needs a source without spaces and 1 to %d viewers at a time. Nothing was booked.",
			control.ImportMax))
	}
	var grants []ledger.Transfer
	for _, line := range i.Lines {
		key := channel.Fold(line.User)
		if !ledger.NameLike(string(key)) {
			return ledger.Imported{}, fault.New(fault.Invalid, fmt.Sprintf("%q is not a user name. Nothing was booked.", line.User))
		}
		grants = append(grants, ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: string(key),
			UserName: strings.TrimSpace(line.User), Amount: line.Amount, Key: "import:" + i.Source + ":" + string(key),
			Reason: cmp.Or(line.Reason, "imported from "+i.Source), Actor: cliActor})
	}
	trail := audit.Entry{Actor: cliActor, Action: "ledger.import", Subject: i.Source, After: fmt.Sprintf(`{"viewers":%d}`, len(grants))}
	return d.books.Import(ctx, grants, nowMS(), trail)
}

// Backup implements control.Desk.
func (d *desk) Backup(ctx context.Context, file string) error {
	if !filepath.IsAbs(file) {
		return fault.New(fault.Invalid, "A backup needs the whole path of its file. Nothing was written.")
	}
	return d.books.Backup(ctx, file)
}

// readBooks opens the store for reading only, also beside a running host.
func readBooks(ctx context.Context, file *config.File, read func(*store.Reader) error) (err error) {
	path := file.Config.StoreDSN()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return say("There is no database at %s yet. Start the host once to make it.", path)
	}
	db, err := store.OpenReader(ctx, store.Options{Path: path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return read(db.Read(file.Config.Channel.Name))
}
