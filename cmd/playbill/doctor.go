package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"playbill/core/config"
	"playbill/core/control"
)

// grade is how a finding is.
type grade int

// A fair finding works and could be better; a bad one breaks a promise to somebody.
const (
	good grade = iota
	fair
	bad
)

// String is the word in front of a finding.
func (g grade) String() string { return [...]string{"ok", "look", "BAD"}[g] }

// finding is one line of the doctor's: what was looked at, how it is, and what to do about it.
type finding struct {
	grade
	what, says, fix string
}

// part is findings under a heading.
type part struct {
	head     string
	findings []finding
}

func doctorCommand() *cobra.Command {
	var at place
	doctor := &cobra.Command{
		Use: "doctor", Short: "Check a configuration against this machine and the live channel, and say what to click.", Args: exactly(),
		Long: `Check what a host needs: its data directory and books, its ports, its clock, its plugins, and the live channel with the
bot's login, rank and each permission. Every line says what is so; what is not right says what to do.

Beside a running host it asks that host for the channel and the plugins. While none runs it starts the plugins, logs in to
the channel as the bot, looks, and leaves again; nothing on the channel is changed.

Exit code 0 when a host can do its work, 1 when something is BAD.`,
		RunE: func(c *cobra.Command, _ []string) error {
			file, err := at.load()
			if err != nil {
				return err
			}
			return examine(c.Context(), c.OutOrStdout(), file)
		},
	}
	at.flags(doctor)
	return doctor
}

// examine looks at everything, prints each part as soon as it is known, and fails when something is bad.
func examine(ctx context.Context, out io.Writer, file *config.File) error {
	host, err := control.Dial(ctx, file.Config.DataDir)
	switch {
	case errors.Is(err, control.ErrNoHost):
		host = nil
	case err != nil:
		return err
	default:
		defer func() { _ = host.Close() }() // it was asked all there is to ask
	}
	e := examination{file: file, host: host}
	sick, fairly := 0, 0
	for _, look := range []func(context.Context) part{e.machine, e.plugins, e.channel} {
		p := look(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.print(out)
		sick, fairly = sick+p.count(bad), fairly+p.count(fair)
	}
	switch {
	case sick > 0:
		return say("%s BAD. A host of this configuration cannot keep its promises until it is mended.", are(sick))
	case fairly > 0:
		fmt.Fprintf(out, "A host can do its work. %s worth a look.\n", are(fairly))
	default:
		fmt.Fprintln(out, "All is well.")
	}
	return nil
}

// are is a count of things with its verb.
func are(n int) string {
	if n == 1 {
		return "One thing is"
	}
	return fmt.Sprintf("%d things are", n)
}

// examination is of one configuration, beside the host that runs on it, if one does.
type examination struct {
	file *config.File
	host *control.Client
}

func (p part) count(g grade) int {
	n := 0
	for _, f := range p.findings {
		if f.grade == g {
			n++
		}
	}
	return n
}

// print writes a part: the names in a column, and what to do under the line that it is about.
func (p part) print(out io.Writer) {
	width := 0
	for _, f := range p.findings {
		width = max(width, len(f.what))
	}
	fmt.Fprintln(out, p.head)
	for _, f := range p.findings {
		fmt.Fprintf(out, "  %-4s  %-*s  %s\n", f.grade, width, f.what, f.says)
		if f.fix != "" {
			fmt.Fprintf(out, "%s%s\n", strings.Repeat(" ", width+10), f.fix)
		}
	}
	fmt.Fprintln(out)
}
