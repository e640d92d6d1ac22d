package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"playbill/core/control"
)

func tokenCommand() *cobra.Command {
	return group("token", "Make and end API tokens.", createCommand(), revokeCommand())
}

func createCommand() *cobra.Command {
	var at place
	var name, rank string
	var login bool
	create := &cobra.Command{
		Use: "create --name N --rank R", Short: "Make an API token and print it, this once.", Args: exactly(),
		Long: `Make an API token and print it alone on its line, this once: only its hash is stored. Programs send it as
"Authorization: Bearer TOKEN". A token acts as its name, with its own rank, also while that name is not in the room.

With --login it is a link instead, which logs one browser in, once and within ten minutes: for an admin who cannot be sent
a code because the room is down.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if strings.TrimSpace(name) == "" {
				return usage("A token acts as a name. Say which: --name N")
			}
			tenths, err := rankTenths(rank)
			if err != nil {
				return err
			}
			return withDesk(c.Context(), at, func(d control.Desk) error {
				secret, err := d.CreateToken(c.Context(), control.NewToken{Name: name, RankTenths: tenths, Login: login})
				if err != nil {
					return err
				}
				fmt.Fprintln(c.OutOrStdout(), secret)
				return nil
			})
		},
	}
	create.Flags().StringVar(&name, "name", "", "who it acts as: a user `NAME`")
	create.Flags().StringVar(&rank, "rank", "", "its channel `RANK`: 1 a viewer, 2 a moderator, 3 an admin, 5 the owner")
	create.Flags().BoolVar(&login, "login", false, "print a link that logs one browser in, instead of a token")
	at.flags(create)
	return create
}

func revokeCommand() *cobra.Command {
	var at place
	var name string
	revoke := &cobra.Command{
		Use: "revoke --name N", Short: "End an API token.", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			if strings.TrimSpace(name) == "" {
				return usage("Say which token: --name N")
			}
			return withDesk(c.Context(), at, func(d control.Desk) error {
				if err := d.RevokeToken(c.Context(), name); err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "The token of %s is revoked.\n", name)
				return nil
			})
		},
	}
	revoke.Flags().StringVar(&name, "name", "", "the `NAME` it was made with")
	at.flags(revoke)
	return revoke
}

// rankMost is CyTube's highest rank.
const rankMost = 255

// rankTenths reads a rank, which CyTube gives one decimal place, as tenths.
func rankTenths(text string) (int, error) {
	if text == "" {
		return 0, usage("A token has a rank of its own: --rank 1 for a viewer, --rank 3 for an admin.")
	}
	units, tenth, _ := strings.Cut(text, ".")
	if tenth == "" {
		tenth = "0"
	}
	n, err := strconv.ParseUint(units+tenth, 10, 16)
	if err != nil || len(tenth) != 1 || n > rankMost*10 {
		return 0, usage("%q is not a rank. Ranks go from 0 to %d, with at most one decimal place.", text, rankMost)
	}
	return int(n), nil
}
