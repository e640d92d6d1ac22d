package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"playbill/core/config"
	"playbill/core/fault"
	"playbill/core/ledger"
)

// The exit codes. The help of the root command lists them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitBroken      = 3   // the ledger has a broken invariant
	exitInterrupted = 130 // a second Ctrl-C, as shells count it: 128 and SIGINT
)

// run is the program as a value: it does what args say until that is done or ctx ends, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	_, _ = fmt.Fprintln(stderr, sentence(err)) // nobody is left to tell
	return exitCode(err)
}

// rootCommand builds the command tree anew: no state outlives a run.
func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "playbill",
		Short: "Run a synchronized-video channel: sell places on its list, put promos between, refund who leaves.",
		Long: `Playbill is the host of a synchronized-video channel. It mirrors the live list, sells places on it for the
channel's own coins, puts promo clips between the titles and refunds viewers who leave.

To see it work:  playbill demo
To run it:       playbill serve --config FILE

Commands that touch stored data take --data DIR for a demo's directory, or --config FILE. Beside a running host
they go through it; otherwise they open the database themselves.

Exit codes: 0 done, 1 failed, 2 the command line was not understood, 3 the ledger has a broken invariant,
130 stopped by a second Ctrl-C.`,
		SilenceErrors: true, SilenceUsage: true,
		Args: noSuchCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SuggestionsMinimumDistance = suggestWithin
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%s. See: %s --help", capital(err.Error()), c.CommandPath())
	})
	root.AddCommand(demoCommand(), serveCommand(), doctorCommand(), configCommand(), pluginCommand(), ledgerCommand(), tokenCommand(),
		backupCommand(), restoreCommand(), versionCommand())
	return root
}

// suggestWithin is how many letters a mistyped command may differ from the one that was meant.
const suggestWithin = 2

// group is a command that only has commands below it.
func group(use, short string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: noSuchCommand, SuggestionsMinimumDistance: suggestWithin,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(below...)
	return c
}

// noSuchCommand refuses a word that should have been a command.
func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	meant := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		meant = fmt.Sprintf(" Did you mean %q?", near[0])
	}
	return usage("There is no command %q.%s See: %s --help", strings.Join(append(strings.Fields(c.CommandPath())[1:], args[0]), " "), meant, c.CommandPath())
}

// exactly asks for arguments by name.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage("%s is missing. Write: %s", names[len(args)], c.UseLine())
		case len(args) > len(names):
			return usage("%q is one word too many. Write: %s", args[len(names)], c.UseLine())
		}
		return nil
	}
}

// said is an error that is a sentence already, with its cause.
type said struct{ error }

// Unwrap returns what the sentence is about.
func (s said) Unwrap() error { return errors.Unwrap(s.error) }

// say makes an error that is printed as it is: a whole sentence about what happened, why, and what to do now.
func say(format string, args ...any) error { return said{fmt.Errorf(format, args...)} }

// usageError is a command line that was not understood.
type usageError struct{ sentence string }

// Error is the sentence.
func (e *usageError) Error() string { return e.sentence }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// exitCode is what the process ends with for an error.
func exitCode(err error) int {
	var wrong *usageError
	var broken *ledger.Broken
	switch {
	case errors.As(err, &wrong):
		return exitUsage
	case errors.As(err, &broken):
		return exitBroken
	}
	return exitFailed
}

// sentence is an error as a person reads it: the sentence of a fault, the lines of a configuration's problems, else the
// error's own words.
func sentence(err error) string {
	var wrong *usageError
	var problems config.Problems
	var broken *ledger.Broken
	var whole said
	switch {
	case errors.As(err, &wrong):
		return wrong.sentence
	case errors.As(err, &whole):
		return whole.Error()
	case errors.As(err, &problems):
		return problems.Error()
	case errors.As(err, &broken):
		return brokenSentence(broken)
	case fault.Of(err) != nil:
		return fault.Of(err).Sentence
	}
	return ended(capital(err.Error()))
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// ended puts a full stop behind what has none.
func ended(s string) string {
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
