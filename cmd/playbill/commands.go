package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"playbill/core/config"
	"playbill/core/control"
	"playbill/core/ledger"
	"playbill/core/pay"
)

func configCommand() *cobra.Command {
	var named string
	check := &cobra.Command{
		Use: "check FILE", Short: "Say what is wrong with a configuration file, by line.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && named != "" {
				return nil
			}
			return exactly("FILE")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			path := named
			if len(args) > 0 {
				path = args[0]
			}
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				return unreadable(path, err)
			}
			found := config.Validate(path)
			for _, p := range found {
				fmt.Fprintln(c.OutOrStdout(), p)
			}
			if len(found) > 0 {
				return say("%s cannot be used: %s.", path, count(len(found), "problem"))
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is valid.\n", path)
			return nil
		},
	}
	check.Flags().StringVar(&named, "config", "", "the same as FILE")
	return group("config", "Look at configuration files.", check)
}

func pluginCommand() *cobra.Command {
	var at place
	list := &cobra.Command{
		Use: "list", Short: "List the plugins in merge order, with their state.", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			file, err := at.load()
			if err != nil {
				return err
			}
			plugins, err := listPlugins(c.Context(), file)
			if err != nil {
				return err
			}
			out := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(out, "PLUGIN\tVERSION\tSTATE\tPROCESS\tWHY")
			for _, p := range plugins {
				fmt.Fprintln(out, strings.TrimRight(strings.Join([]string{p.Name, dash(p.Version), p.State, process(p.PID), p.Reason}, "\t"), "\t"))
			}
			return out.Flush()
		},
	}
	at.flags(list)
	return group("plugin", "Look at the plugins.", list)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func process(pid int) string {
	if pid == 0 {
		return "-"
	}
	return strconv.Itoa(pid)
}

func ledgerCommand() *cobra.Command {
	return group("ledger", "Check the books, give coins, take the books elsewhere.", verifyCommand(), grantCommand(), exportCommand(), importCommand())
}

func verifyCommand() *cobra.Command {
	var at place
	verify := &cobra.Command{
		Use: "verify", Short: "Check every invariant of the ledger over its whole history.", Args: exactly(),
		Long: `Check every invariant of the ledger over its whole history: the chain of transfers is unbroken, every wallet is the
sum of its transfers and not below zero, escrow is the sum of the open purchases, and each hold ended at most once.

Exit code 0 and one sentence when the books are true; 3, and the first broken invariant by name, when they are not.`,
		RunE: func(c *cobra.Command, _ []string) error {
			file, err := at.load()
			if err != nil {
				return err
			}
			totals, err := verifyLedger(c.Context(), file)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), trueSentence(totals))
			return nil
		},
	}
	at.flags(verify)
	return verify
}

// trueSentence says that the books are true, with their sums.
func trueSentence(t ledger.Totals) string {
	return fmt.Sprintf("The ledger is true: %s over %s, of which %s in wallets, %s in escrow and %s spent.",
		pay.Words(t.Issued), count(int(t.Transfers), "transfer"), grouped(t.Wallets), grouped(t.Escrow), grouped(t.Revenue))
}

// brokenSentence names the first broken invariant.
func brokenSentence(b *ledger.Broken) string {
	where := "in the sums"
	if b.Seq != 0 {
		where = fmt.Sprintf("at transfer %d", b.Seq)
	}
	return ended(fmt.Sprintf("The ledger is broken: %s %s, %s", b.Invariant, where, b.Detail))
}

func grantCommand() *cobra.Command {
	var at place
	var reason string
	grant := &cobra.Command{
		Use: "grant USER AMOUNT --reason TEXT", Short: "Give a viewer coins.", Args: exactly("USER", "AMOUNT"),
		RunE: func(c *cobra.Command, args []string) error {
			amount, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil || amount <= 0 || amount > int64(ledger.MaxAmount) {
				return usage("%q is not an amount. Coins are whole numbers from 1, without separators: try 500.", args[1])
			}
			if strings.TrimSpace(reason) == "" {
				return usage("A grant needs a reason, which stays in the books: --reason TEXT")
			}
			g := control.Grant{User: args[0], Amount: ledger.Coins(amount), Reason: reason, Key: uuid.NewString()}
			return withDesk(c.Context(), at, func(d control.Desk) error {
				done, err := d.Grant(c.Context(), g)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "%s has %s, %s of them new.\n", done.User, pay.Words(done.Balance), grouped(done.Amount))
				return nil
			})
		},
	}
	grant.Flags().StringVar(&reason, "reason", "", "why, in `TEXT`: it is kept with the transfer")
	at.flags(grant)
	return grant
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which version this is.", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			fmt.Fprintf(c.OutOrStdout(), "playbill %s, %s, %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

// version is what the build knows of itself: a module version, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	return v
}

// count is a number of things: "1 problem", "3 problems".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(ledger.Coins(n)) + " " + thing + "s"
}

// grouped is a number as people read it: "1,350".
func grouped(c ledger.Coins) string {
	n, _, _ := strings.Cut(pay.Words(c), " ")
	return n
}

var _ control.Desk = (*desk)(nil)
var _ control.Desk = (*control.Client)(nil)
