// Package plugin runs an [sdk.Plugin] as a plugin process: [Serve] is the one line of a plugin's main. It also holds what
// the host needs of the same contract: handshake, wire conversion, description.
package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"sync"
	"syscall"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"playbill/sdk"
)

// Serve answers the host until the host ends the process; it does not return. The argument --describe prints the
// plugin's [Description] as JSON and exits 0. Started by hand it says what it is and exits 1.
func Serve(p sdk.Plugin) {
	if code, done := byHand(p, os.Args[1:], os.Stdout, os.Stderr); done {
		os.Exit(code)
	}
	exitOnSignal()
	exitWithHost(os.Getenv(LifelineEnv))
	log := os.Stderr
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: Handshake(),
		Plugins:         Set(p),
		Logger:          hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: log, JSONFormat: true}),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, serverOptions(log)...)...)
		},
	})
}

// byHand answers a start that no host made: code to exit with, and whether there is nothing more to do.
func byHand(p sdk.Plugin, args []string, stdout, stderr io.Writer) (code int, done bool) {
	if slices.Contains(args, "--describe") {
		out, err := json.MarshalIndent(Describe(p), "", "  ")
		if err != nil {
			fmt.Fprintf(stderr, "%s cannot be described: %v. Its Schema is not JSON.\n", p.ID, err)
			return 1, true
		}
		fmt.Fprintf(stdout, "%s\n", out)
		return 0, true
	}
	if os.Getenv(CookieKey) != CookieValue {
		fmt.Fprintf(stderr, "%s %s is a plugin: the Playbill host starts it when playbill.hcl names it. Run it with --describe to see what it offers.\n", p.ID, p.Version)
		return 1, true
	}
	return 0, false
}

// serverOptions are the limits and the two interceptors of a plugin's server.
func serverOptions(log *os.File) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(MaxMessage), grpc.MaxSendMsgSize(MaxMessage),
		grpc.ChainUnaryInterceptor(straightTo(log), recovered),
	}
}

// straightTo points os.Stdout and os.Stderr at the process's own standard error. go-plugin has put pipes in their place
// once it serves, and what a dying process wrote to a pipe inside itself is lost with it. The first call comes after.
func straightTo(log *os.File) grpc.UnaryServerInterceptor {
	var once sync.Once
	return func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		once.Do(func() { os.Stdout, os.Stderr = log, log })
		return handle(ctx, in)
	}
}

// exitOnSignal ends the process on SIGTERM. go-plugin swallows SIGINT, so that Ctrl-C in a terminal leaves the order of
// the farewell to the host. The goroutine lives as long as the process.
func exitOnSignal() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	go func() {
		<-asked
		os.Exit(0)
	}()
}

// exitWithHost ends the process when the lifeline reaches its end: the host is gone, also when it was killed. The
// goroutine lives as long as the process.
func exitWithHost(fd string) {
	n, err := strconv.Atoi(fd)
	if err != nil || n < 3 {
		return
	}
	line := os.NewFile(uintptr(n), "lifeline")
	go func() {
		if _, err := io.Copy(io.Discard, line); err == nil {
			os.Exit(0)
		}
	}()
}
