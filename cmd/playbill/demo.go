package main

import (
	"context"
	_ "embed" // for the demo's configuration
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"playbill/cmd/playbill/sample"
	"playbill/core/audit"
	"playbill/core/config"
)

// demoConfig is written into a new demo's data directory.
//
//go:embed demo.hcl
var demoConfig []byte

// demoActor signs what the demo does for its viewers.
const demoActor = "demo"

// demo is what the command line asks of a demo.
type demo struct {
	listen, data string
	speed        float64
}

func demoCommand() *cobra.Command {
	var d demo
	c := &cobra.Command{
		Use: "demo", Short: "See it work: an embedded channel with sample titles, clips and viewers.", Args: exactly(),
		Long: `Run everything on a channel inside the process, with a sample catalog, saved playlists, a pool of clips for each promo type,
and simulated viewers who join, chat, buy, go AFK and leave. Within a minute there is a general promo, a Feature
Presentation, a Viewer's Choice, a purchase and a refund.

The first start builds the plugins from the source tree and writes a configuration into the data directory, which is
yours to change. Starting again goes on where it was; remove the directory to begin anew. Ctrl-C stops it.`,
		RunE: func(c *cobra.Command, _ []string) error { return d.run(c.Context(), c.OutOrStdout()) },
	}
	c.Flags().StringVar(&d.listen, "listen", "", "the `ADDR`ess of the pages, instead of the configuration's 127.0.0.1:8080")
	c.Flags().StringVar(&d.data, "data", ".playbill-demo", "the `DIR`ectory that keeps everything")
	c.Flags().Float64Var(&d.speed, "speed", 0, "media seconds per second, instead of the configuration's 60")
	return c
}

func (d demo) run(ctx context.Context, out io.Writer) error {
	if d.speed < 0 || d.speed > speedMost {
		return usage("--speed is above 0 and at most %d: 1 is real time, 60 lets an hour pass in a minute.", speedMost)
	}
	if err := prepare(d.data, "--data DIR"); err != nil {
		return err
	}
	file, err := d.configured()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(d.data, logName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return say("The log cannot be written: %w.", err)
	}
	s := setup{file: file, folders: append([]string{filepath.Join(d.data, "plugins")}, pluginFolders(d.data)...), logTo: log,
		another: "choose another with --listen %s", stock: func(ctx context.Context, h *host) error {
			if err := stock(ctx, h); err != nil {
				return err
			}
			return buildPlugins(ctx, h.conf.DataDir, out)
		}}
	err = serve(ctx, s, func(h *host) { d.welcome(ctx, out, h) }, simulate)
	if err == nil {
		fmt.Fprintln(out, "Stopped. Starting again goes on from here.")
	}
	return errors.Join(err, log.Close())
}

// The bounds of a demo, and the file of its log.
const (
	speedMost = 1000
	logName   = "playbill.log"
)

// configured reads the demo's configuration, after writing it the first time, and applies the flags over it.
func (d demo) configured() (*config.File, error) {
	path := filepath.Join(d.data, configName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(demoConfig)
		err = errors.Join(err, f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, say("The demo's configuration cannot be written: %w.", err)
	}
	file, err := loadConfig(path)
	if err != nil {
		return nil, err
	}
	file = within(file, d.data)
	if file.Config.Channel.Driver != config.Embedded {
		return nil, say("%s names the driver %s, and a demo runs on the embedded channel. Use “playbill serve --config %s” for others.", path, file.Config.Channel.Driver, path)
	}
	if d.listen != "" {
		if !strings.Contains(d.listen, ":") {
			return nil, usage("--listen takes an address with a port, like 127.0.0.1:8081, not %q.", d.listen)
		}
		file.Config.Listen = []string{d.listen}
	}
	if d.speed > 0 {
		file.Config.Channel.Speed = d.speed
	}
	return file, nil
}

// stock fills the catalog and makes the playlists, once: what the owner of a demo changes stays changed.
func stock(ctx context.Context, h *host) error {
	who := audit.Entry{Actor: demoActor, AtMS: nowMS()}
	if len(h.library.Titles()) == 0 {
		titles, err := sample.Titles()
		if err != nil {
			return err
		}
		for i := range titles {
			titles[i].AddedAtMS = who.AtMS
		}
		if err := h.library.SaveTitles(ctx, titles, who); err != nil {
			return err
		}
	}
	if len(h.library.Playlists()) > 0 {
		return nil
	}
	lists, err := sample.Playlists()
	if err != nil {
		return err
	}
	for _, list := range lists {
		if _, err := h.library.SavePlaylist(ctx, list, who); err != nil {
			return err
		}
	}
	return nil
}

// welcome says what there is to see, and how to take part.
func (d demo) welcome(ctx context.Context, out io.Writer, h *host) {
	query, media, price := h.suggestion(ctx)
	fmt.Fprintln(out, strings.NewReplacer(
		"CHANNEL", h.conf.Channel.Name, "SPEED", strconv.FormatFloat(h.conf.Channel.Speed, 'g', -1, 64),
		"URL", "http://"+h.listen[0].Addr().String(), "PLAYBILL", self(), "DIR", shell(d.data),
		"QUERY", query, "TYPE", media.Type, "ID", media.ID, "TITLE", media.Title, "PRICE", strconv.FormatInt(price, 10),
	).Replace(welcomeText))
}

// welcomeText is printed once everything runs.
const welcomeText = `Playbill runs the channel “CHANNEL” at SPEED times its speed.

  The live queue    URL/
  The same as JSON  URL/api/v1/queue
  Ready or not      URL/readyz
  Figures           URL/metrics

To take part, be a viewer: pick a name, log in with the code that the bot sends you, request something.

  Be a viewer       URL/demo/pms
  The catalog       URL/catalog
  The API           URL/api/v1/openapi.json

The same from a second terminal. Get coins, a token, a quote and a place for “TITLE”:

  PLAYBILL ledger grant visitor 2000 --reason "a first visit" --data DIR
  TOKEN=$(PLAYBILL token create --name visitor --rank 1 --data DIR)
  curl -s -H "Authorization: Bearer $TOKEN" 'URL/api/v1/quote?QUERY'
  curl -s -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: first" -H "Content-Type: application/json" \
    -d '{"media":{"type":"TYPE","id":"ID"},"tier":"queue","quoted_price":PRICE}' 'URL/api/v1/purchases'
  curl -s -H "Authorization: Bearer $TOKEN" 'URL/api/v1/me'
  curl -s 'URL/api/v1/catalog?q=chaplin'

To look behind the scenes, be an admin:

  ADMIN=$(PLAYBILL token create --name keeper --rank 3 --data DIR)
  curl -s -H "Authorization: Bearer $ADMIN" 'URL/admin/promos/config'
  curl -s -H "Authorization: Bearer $ADMIN" 'URL/api/v1/admin/plugins'
  curl -s -H "Authorization: Bearer $ADMIN" 'URL/api/v1/admin/asrun'
  curl -s -H "Authorization: Bearer $ADMIN" 'URL/api/v1/admin/decisions'

Everything is in DIR: config.hcl, the database, the log playbill.log. Ctrl-C stops.
`
