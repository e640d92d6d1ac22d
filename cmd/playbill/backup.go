package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"playbill/core/control"
	"playbill/core/fault"
	"playbill/core/store"
)

func backupCommand() *cobra.Command {
	var at place
	backup := &cobra.Command{
		Use: "backup FILE", Short: "Copy the database into a new file, also while the host runs.", Args: exactly("FILE"),
		Long: `Copy the database into a new file, as it is at one instant, while everybody goes on. The copy is read back before it
appears under its name: SQLite finds it sound and the ledger in it is true. A file that is there is never replaced.

A running host makes such a copy every night by itself, in the folder backups of its data directory, and keeps seven.`,
		RunE: func(c *cobra.Command, args []string) error {
			file, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			return withDesk(c.Context(), at, func(d control.Desk) error {
				if err := d.Backup(c.Context(), file); err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "The database was copied to %s and read back: it is sound, and its ledger is true.\n", args[0])
				return nil
			})
		},
	}
	at.flags(backup)
	return backup
}

func restoreCommand() *cobra.Command {
	var at place
	restore := &cobra.Command{
		Use: "restore FILE", Short: "Put a backup in the place of the database, while no host runs.", Args: exactly("FILE"),
		Long: `Put a backup in the place of the database. Stop the host first. The backup is copied and checked before anything is
touched, and the database that was there is kept beside it, under a name that ends in its date.

What was bought after the backup was made is not in it: a purchase that it shows as open is looked up on the channel when
the host starts, and refunded if it is not there.`,
		RunE: func(c *cobra.Command, args []string) error {
			file, err := at.load()
			if err != nil {
				return err
			}
			const running = "A Playbill host runs on %s. Stop it first; nothing was changed."
			client, err := control.Dial(c.Context(), file.Config.DataDir)
			if err == nil {
				return errors.Join(say(running, file.Config.DataDir), client.Close())
			}
			if !errors.Is(err, control.ErrNoHost) {
				return err
			}
			if err := prepare(file.Config.DataDir, "data_dir"); err != nil {
				return err
			}
			kept, err := store.Restore(c.Context(), args[0], file.Config.StoreDSN(), nowMS())
			switch {
			case fault.Is(err, fault.Standby):
				return say(running, file.Config.DataDir)
			case err != nil:
				return err
			case kept == "":
				fmt.Fprintf(c.OutOrStdout(), "%s was restored to %s.\n", args[0], file.Config.StoreDSN())
			default:
				fmt.Fprintf(c.OutOrStdout(), "%s was restored to %s. What was there before is in %s.\n", args[0], file.Config.StoreDSN(), kept)
			}
			return nil
		},
	}
	at.flags(restore)
	return restore
}
