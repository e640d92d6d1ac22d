package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"

	"playbill/core/config"
	"playbill/core/ledger"
)

// machine looks at what is here: the configuration, the data directory, the books, the ports.
func (e examination) machine(ctx context.Context) part {
	c := e.file.Config
	p := part{head: "This machine", findings: []finding{
		{what: "Configuration", says: fmt.Sprintf("%s is valid: channel %q by the driver %s, %s.", e.file.Path, c.Channel.Name, c.Channel.Driver, count(len(c.Plugins), "plugin"))},
		e.directory(),
		e.books(ctx),
	}}
	if e.host == nil {
		for _, address := range c.Listen {
			p.findings = append(p.findings, freePort(ctx, address))
		}
		return p
	}
	p.findings = append(p.findings, finding{what: "Host", says: "A host runs on this configuration. It is asked about the plugins and the channel."})
	return p
}

func (e examination) directory() finding {
	dir := e.file.Config.DataDir
	if err := prepare(dir, "data_dir in the configuration"); err != nil {
		return finding{grade: bad, what: "Data directory", says: sentence(err)}
	}
	return finding{what: "Data directory", says: dir + " can be written."}
}

// books checks the whole ledger, through the host if one runs.
func (e examination) books(ctx context.Context) finding {
	f := finding{what: "Books"}
	if _, err := os.Stat(e.file.Config.StoreDSN()); e.host == nil && errors.Is(err, fs.ErrNotExist) {
		f.says = "There are none yet. The first start makes them."
		return f
	}
	totals, err := verifyLedger(ctx, e.file)
	var broken *ledger.Broken
	switch {
	case errors.As(err, &broken):
		f.grade, f.says, f.fix = bad, sentence(err), "Stop the host and restore the last good copy: playbill restore FILE"
	case err != nil:
		f.grade, f.says = bad, sentence(err)
	default:
		f.says = trueSentence(totals)
	}
	return f
}

func freePort(ctx context.Context, address string) finding {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return finding{grade: bad, what: "Pages", says: sentence(portSentence(address, "set listen in the configuration to [\"%s\"]", err))}
	}
	_ = l.Close() // nobody has connected
	return finding{what: "Pages", says: address + " is free."}
}

// server is the address of the channel's server; empty when the channel is inside the host.
func server(c *config.Config) string {
	if c.Channel.Driver != config.CyTube {
		return ""
	}
	if c.Channel.Server == "" {
		return "https://cytu.be"
	}
	return c.Channel.Server
}
