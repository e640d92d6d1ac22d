package main

import (
	"context"
	"net/url"
	"path/filepath"
	"time"

	"playbill/core/art"
	"playbill/core/jobs"
	"playbill/core/mediacms"
	"playbill/core/outside"
)

// abroad is what the host fetches from other sites.
type abroad struct {
	web      *outside.Client // for pictures
	site     *outside.Client // for the MediaCMS site; nil: there is none
	pictures *art.Cache
	syncer   *mediacms.Syncer
}

// openAbroad prepares what is fetched from other sites. Nothing is fetched yet.
func (h *host) openAbroad(context.Context) (err error) {
	c, m := h.conf.Catalog, h.conf.MediaCMS
	hosts, private := c.ArtHosts, c.ArtPrivate
	if u, err := url.Parse(m.URL); err == nil && m.URL != "" {
		hosts = append(append([]string(nil), hosts...), u.Hostname())
		private = private || m.Private
		h.abroad.site = outside.New(outside.Options{Hosts: []string{u.Hostname()}, Private: m.Private, PerMinute: m.PerMinute})
		h.abroad.syncer = mediacms.New(mediacms.Options{URL: m.URL, Token: m.Token, Web: h.abroad.site, Catalog: h.library, Jobs: h.jobs,
			Every: time.Duration(m.EveryHours) * time.Hour, Now: nowMS, Logger: h.log.Named("mediacms")})
	}
	h.abroad.web = outside.New(outside.Options{Hosts: hosts, Private: private})
	h.abroad.pictures, err = art.Open(filepath.Join(h.conf.DataDir, "art"), c.ArtCacheMB<<20, h.abroad.web, time.Now)
	return err
}

// picture is the picture at an address, as the web wants it.
func (a *abroad) picture(ctx context.Context, address string) (kind string, body []byte, err error) {
	p, err := a.pictures.Get(ctx, address)
	return p.Type, p.Body, err
}

// sync starts a sync, as the web wants it; nil when there is no site.
func (a *abroad) sync() func(ctx context.Context, actor string) (jobs.Job, error) {
	if a.syncer == nil {
		return nil
	}
	return a.syncer.Start
}

// close gives connections back.
func (a *abroad) close() {
	for _, c := range []*outside.Client{a.web, a.site} {
		if c != nil {
			c.Close()
		}
	}
}
