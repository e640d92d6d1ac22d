package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"

	"playbill/core/config"
	"playbill/core/control"
	"playbill/core/pluginhost"
)

// settleWait is for the plugins that the doctor starts: a slow one has said by then why.
const settleWait = 20 * time.Second

// plugins looks at each plugin: as it runs, or by starting it once.
func (e examination) plugins(ctx context.Context) part {
	p := part{head: "Plugins"}
	list, err := e.listed(ctx)
	if err != nil {
		p.findings = append(p.findings, finding{grade: bad, what: "Plugins", says: sentence(err)})
		return p
	}
	for _, one := range list {
		p.findings = append(p.findings, pluginFinding(one))
	}
	if len(list) == 0 {
		p.findings = append(p.findings, finding{grade: fair, what: "Plugins", says: "None is configured: no promo is placed, and nobody is refunded for leaving.",
			fix: "Add plugin blocks; config.example.hcl has the seven that come with Playbill."})
	}
	return p
}

func (e examination) listed(ctx context.Context) ([]control.Plugin, error) {
	if e.host != nil {
		return e.host.Plugins(ctx)
	}
	h := &host{setup: setup{file: e.file, folders: pluginFolders(e.file.Config.DataDir)}, conf: e.file.Config, log: hclog.NewNullLogger(),
		metrics: prometheus.NewRegistry(), live: config.NewLive(e.file, func(string) {})}
	if err := h.startPlugins(ctx); err != nil {
		return nil, err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), pluginsWait)
		defer cancel()
		_ = h.plugins.Stop(stop) // they are killed at the end of that time
	}()
	select {
	case <-h.plugins.Settled():
	case <-time.After(settleWait):
	case <-ctx.Done():
	}
	return e.missing(h.listPlugins()), nil
}

// missing says where the program of a plugin was looked for, instead of what the system said when it was not there.
func (e examination) missing(list []control.Plugin) []control.Plugin {
	folders := pluginFolders(e.file.Config.DataDir)
	for i, one := range list {
		p := e.file.Config.Plugins[one.Name]
		switch path := pluginPath(one.Name, p.Command, folders); {
		case !p.Enabled || filepath.IsAbs(path):
		case p.Command != "":
			list[i].Reason = fmt.Sprintf("There is no program %s that this user may run.", path)
		default:
			list[i].Reason = fmt.Sprintf("There is no program of this name in %s.", strings.Join(folders, " or "))
		}
	}
	return list
}

func pluginFinding(one control.Plugin) finding {
	f := finding{what: one.Name, says: "Ready, version " + one.Version + "."}
	switch pluginhost.State(one.State) {
	case pluginhost.Ready:
	case pluginhost.Disabled:
		f.says = "Switched off in the configuration."
	default:
		f.grade, f.says = bad, one.Reason
		if f.says == "" {
			f.says = "It is " + one.State + " and has not become ready."
		}
		f.fix = "The rest goes on without it. Name its program with command in its plugin block, or switch it off with enabled = false."
	}
	return f
}
