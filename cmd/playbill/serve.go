package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	var path string
	serve := &cobra.Command{
		Use: "serve --config FILE", Short: "Run the host of a channel until it is stopped.", Args: exactly(),
		Long: `Run the host of a channel. It checks its books, starts its plugins, opens the channel and then the web pages, and says
when it is ready. Ctrl-C, or SIGTERM, stops it in order: what was sold is finished or waits in the books for the next start.
A second Ctrl-C stops it at once.

The log goes to standard error; config.example.hcl documents every field of the configuration.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if path == "" {
				return usage("A host needs its configuration: --config FILE. Copy config.example.hcl to begin with, or see it work first: playbill demo")
			}
			file, err := loadConfig(path)
			if err != nil {
				return err
			}
			if err := prepare(file.Config.DataDir, "data_dir in "+path); err != nil {
				return err
			}
			s := setup{file: file, folders: pluginFolders(file.Config.DataDir), logTo: c.ErrOrStderr(), another: "set listen in " + path + " to [\"%s\"]"}
			out := c.OutOrStdout()
			return serve(c.Context(), s, func(h *host) { announce(out, h) }, func(ctx context.Context, h *host) {
				if h.untilReady(ctx) {
					fmt.Fprintln(out, "Ready: plugins have settled, and the books agree with the channel.")
				}
			})
		},
	}
	serve.Flags().StringVar(&path, "config", "", "the configuration `FILE`")
	return serve
}

// serve runs a host until ctx ends. opened is told when everything has been started; beside runs next to the host, ends
// with its context.
func serve(ctx context.Context, s setup, opened func(*host), beside func(context.Context, *host)) error {
	h, err := open(ctx, s)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped while it started
		}
		return err
	}
	opened(h)
	own, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { // ends with own; waited for below
		defer close(done)
		beside(own, h)
	}()
	err = h.wait(ctx)
	cancel()
	<-done
	return errors.Join(err, h.close())
}

// announce says where the host can be reached.
func announce(out io.Writer, h *host) {
	for _, l := range h.listen {
		fmt.Fprintf(out, "Playbill serves channel %s on http://%s\n", h.conf.Channel.Name, l.Addr())
	}
}

// untilReady waits for what /readyz says, and reports whether that came before ctx ended. What the start needed in memory
// is then given back.
func (h *host) untilReady(ctx context.Context) bool {
	select {
	case <-h.plugins.Settled():
	case <-ctx.Done():
		return false
	}
	for v := h.station.View(); !v.Resolved; v = h.station.View() {
		select {
		case <-v.Changed():
		case <-ctx.Done():
			return false
		}
	}
	debug.FreeOSMemory()
	return true
}
