package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"playbill/core/channel"
	"playbill/core/control"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/store"
)

// importing is one run of the import command.
type importing struct {
	path, source, channel string
	out                   io.Writer
}

func importCommand() *cobra.Command {
	var at place
	var i importing
	imp := &cobra.Command{
		Use: "import FILE", Short: "Give many viewers coins, from a CSV or from the original economy's database.", Args: exactly("FILE"),
		Long: `Give many viewers coins, one grant each.

FILE is either CSV, whose first line names the columns user and amount and may name reason; or the SQLite database of the
original economy, whose balances (table accounts) become the viewers' first coins here.

It can be run again without giving anybody anything twice: a viewer gets one grant of each source. The source of a CSV is
the name of its file, unless --source names another; that of a database is the channel in it. A CSV with any line that
cannot be read gives nobody anything.`,
		RunE: func(c *cobra.Command, args []string) error {
			i.path, i.out = args[0], c.OutOrStdout()
			openings, err := i.read(c.Context())
			if err != nil {
				return err
			}
			if len(openings) == 0 {
				return say("%s gives nobody any coins. Nothing was booked.", i.path)
			}
			return withDesk(c.Context(), at, func(d control.Desk) error { return i.book(c.Context(), d, openings) })
		},
	}
	imp.Flags().StringVar(&i.source, "source", "", "where the list comes from, as a `NAME`: a viewer gets one grant of each")
	imp.Flags().StringVar(&i.channel, "from-channel", "", "the channel in the original's database, by `NAME`, if it has several")
	at.flags(imp)
	return imp
}

// read finds out what the file is, and who is to be given what.
func (i *importing) read(ctx context.Context) ([]ledger.Opening, error) {
	original, err := store.IsDatabase(i.path)
	if err != nil {
		return nil, unopened(i.path, err)
	}
	if original {
		o, err := store.ReadOriginal(ctx, i.path, i.channel)
		if err != nil {
			return nil, err
		}
		if i.source == "" {
			i.source = "original/" + strings.Join(strings.Fields(strings.ToLower(o.Channel)), "-")
		}
		fmt.Fprintf(i.out, "%s of the original economy's channel %s: %s with coins, %d without or with no name that can be one, %d more spellings added up.\n",
			i.path, o.Channel, count(len(o.Openings), "viewer"), o.Left, o.Merged)
		return o.Openings, nil
	}
	file, err := os.Open(i.path)
	if err != nil {
		return nil, unopened(i.path, err)
	}
	openings, bad := ledger.ReadOpenings(file, func(name string) string { return string(channel.Fold(name)) })
	if err := file.Close(); err != nil {
		return nil, err
	}
	for _, b := range bad {
		fmt.Fprintf(i.out, "%s:%d: %s\n", i.path, b.Line, b.Why)
	}
	if len(bad) > 0 {
		return nil, say("%s cannot be imported: %s. Nothing was booked.", i.path, count(len(bad), "line")+" cannot be read")
	}
	if i.source == "" {
		i.source = strings.Join(strings.Fields(filepath.Base(i.path)), "-")
	}
	return openings, nil
}

// book hands the list to the host in parts. Each is booked whole; when one fails, the command may be run again.
func (i *importing) book(ctx context.Context, d control.Desk, openings []ledger.Opening) error {
	var all ledger.Imported
	for part := range slices.Chunk(openings, control.ImportMax) {
		list := control.Import{Source: i.source}
		for _, o := range part {
			list.Lines = append(list.Lines, control.Given(o))
		}
		done, err := d.Import(ctx, list)
		if err != nil {
			if all.New > 0 {
				err = errors.Join(err, fmt.Errorf("%s were booked before that; run the command again for the rest", count(all.New, "grant")))
			}
			return err
		}
		all.Add(done)
	}
	fmt.Fprintf(i.out, "%s booked from source %s: %s.\n", count(all.New, "grant"), i.source, pay.Words(all.Coins))
	if all.Again > 0 {
		fmt.Fprintf(i.out, "%s had been booked before and was not booked again.\n", count(all.Again, "grant"))
	}
	if n := len(all.Differ); n > 0 {
		shown := all.Differ[:min(n, differShown)]
		fmt.Fprintf(i.out, "%s had another amount or reason when this source was imported before, and nothing was changed: %s%s. "+
			"For new coins name another --source.\n", count(n, "viewer"), strings.Join(shown, ", "), more(n-len(shown)))
	}
	return nil
}

// differShown is how many names one sentence holds.
const differShown = 10

func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// unopened says why a file cannot be read.
func unopened(path string, err error) error {
	var in *os.PathError
	if errors.As(err, &in) {
		err = in.Err
	}
	return say("%s cannot be read: %w.", path, err)
}
