package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"playbill/core/config"
	"playbill/core/ledger"
	"playbill/core/store"
)

func exportCommand() *cobra.Command {
	var at place
	var out string
	export := &cobra.Command{
		Use: "export [--out FILE]", Short: "Write every transfer of the ledger as CSV.", Args: exactly(),
		Long: `Write every transfer of the ledger as CSV, oldest first: what was booked while it is written is not in it. The columns
prev_hash and hash are the chain, so that somebody else can check the file without the database.

Without --out the CSV goes to standard output. It may be run beside a running host, which does not wait for it.`,
		RunE: func(c *cobra.Command, _ []string) error {
			file, err := at.load()
			if err != nil {
				return err
			}
			if out == "" {
				_, err := exportLedger(c.Context(), file, c.OutOrStdout())
				return err
			}
			n, err := exportInto(c.Context(), file, out)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s written to %s.\n", count(int(n), "transfer"), out)
			return nil
		},
	}
	export.Flags().StringVar(&out, "out", "", "write to `FILE`, which is replaced as a whole when it is there")
	at.flags(export)
	return export
}

func exportLedger(ctx context.Context, file *config.File, to io.Writer) (n int64, err error) {
	buffered := bufio.NewWriter(to)
	err = readBooks(ctx, file, func(r *store.Reader) error {
		n, err = ledger.WriteCSV(buffered, r.ExportTransfers(ctx))
		return errors.Join(err, buffered.Flush())
	})
	return n, err
}

// exportInto writes beside the file and then moves it into its place: nobody finds half an export.
func exportInto(ctx context.Context, file *config.File, path string) (int64, error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".playbill-export-*")
	if err != nil {
		return 0, say("%s cannot be written: %w. Name a file in a directory that is there and that you may write.", path, err)
	}
	n, err := exportLedger(ctx, file, temp)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(temp.Name()))
	}
	return n, nil
}
