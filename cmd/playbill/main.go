// Command playbill is the host of a synchronized-video channel: it runs it, and reaches one that runs.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	signal.Ignore(syscall.SIGXFSZ) // a file that may not grow any more is a full disk, which is said, and not the end
	ctx, done := interruptible(context.Background())
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	done()
	os.Exit(code)
}

// signalsMax is how many signals wait to be looked at: the first stops the host, the second ends the process.
const signalsMax = 2

// echo is how soon behind the first signal another one is the same: supervisors like timeout(1) signal the process and its
// group in one go, and nobody presses Ctrl-C so fast.
const echo = 200 * time.Millisecond

// interruptible returns a context that ends with the first SIGINT or SIGTERM. The second one ends the process at once.
func interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, signalsMax)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// Ends with the process, or when the returned function closes the channel.
	go func() {
		if _, got := <-signals; !got {
			return
		}
		first := time.Now()
		cancel()
		for range signals {
			if time.Since(first) > echo {
				os.Exit(exitInterrupted)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}
