package mediacms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/audit"
	"playbill/core/jobs"
	"playbill/core/library"
	"playbill/sdk"
)

// Catalog is the library as a sync fills it: *library.Library.
type Catalog interface {
	Titles() []library.Title
	// Title returns a title of the catalog; one that is gone is not in it.
	Title(k sdk.Key) (library.Title, bool)
	// StageTitles stores titles; readers see them with the next Publish.
	StageTitles(ctx context.Context, titles []library.Title, who audit.Entry) error
	Publish()
}

// Jobs is where a sync runs: *jobs.Room.
type Jobs interface {
	Start(ctx context.Context, kind, subject, actor string, work jobs.Work) (jobs.Job, error)
	// Last returns the newest job of a kind that is not the one named.
	Last(ctx context.Context, kind string, but int64) (jobs.Job, bool, error)
}

// Options is what a syncer is made of.
type Options struct {
	URL     string // of the site
	Token   string // of an account there; empty: what everybody sees
	Web     Web
	Catalog Catalog
	Jobs    Jobs
	Every   time.Duration // between two syncs; 0: on demand only
	Now     func() int64  // UTC milliseconds
	Logger  hclog.Logger
}

// Syncer keeps the catalog in step with a site.
type Syncer struct {
	opt  Options
	site site
	name string // of the site, for people
}

// New returns a syncer, which does nothing yet.
func New(opt Options) *Syncer {
	base := strings.TrimRight(opt.URL, "/")
	name := base
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		name = u.Host
	}
	if opt.Logger == nil {
		opt.Logger = hclog.NewNullLogger()
	}
	return &Syncer{opt: opt, site: site{base: base, token: opt.Token, web: opt.Web}, name: name}
}

// Start begins a sync. One that was cut goes on from the page that it had reached. actor is empty when nobody asked.
func (s *Syncer) Start(ctx context.Context, actor string) (jobs.Job, error) {
	return s.opt.Jobs.Start(ctx, Kind, "Sync with "+s.name, actor, func(ctx context.Context, p *jobs.Progress) error {
		return s.sync(ctx, p, audit.Entry{Actor: cmp.Or(actor, "host")})
	})
}

// Run starts a sync whenever one is due, until ctx ends. A host that is started often does not sync each time.
func (s *Syncer) Run(ctx context.Context) {
	if s.opt.Every <= 0 {
		return
	}
	for {
		if s.due(ctx) {
			if _, err := s.Start(ctx, ""); err != nil && ctx.Err() == nil {
				s.opt.Logger.Warn("a sync could not be started", "error", err)
			}
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return
		}
	}
}

// due reports whether the last sync is long enough ago, or was cut.
func (s *Syncer) due(ctx context.Context) bool {
	last, was, err := s.opt.Jobs.Last(ctx, Kind, 0)
	switch {
	case err != nil:
		s.opt.Logger.Warn("the last sync could not be looked up", "error", err)
		return false
	case !was || last.State == jobs.Interrupted:
		return true
	case last.State == jobs.Running:
		return false
	default:
		return s.opt.Now()-last.StartedMS >= s.opt.Every.Milliseconds()
	}
}

// pass is one walk through the list.
type pass struct {
	*Syncer
	p      *jobs.Progress
	who    audit.Entry
	whole  bool // it began with the first page
	seen   map[sdk.Key]bool
	done   int64
	total  int64
	fresh  int64
	gone   int64
	staged []library.Title
	shown  time.Time // when readers saw the catalog last
}

// sync walks through the list, then looks for what has vanished.
func (s *Syncer) sync(ctx context.Context, p *jobs.Progress, who audit.Entry) error {
	first := s.resume(ctx, p)
	w := &pass{Syncer: s, p: p, who: who, whole: first == 1, seen: map[sdk.Key]bool{}}
	err := w.pages(ctx, first)
	if err == nil && w.whole {
		err = w.vanished(ctx)
	}
	if err == nil {
		p.Cursor("")
		p.At(w.done, w.done, w.words())
	}
	s.opt.Logger.Info("sync", "site", s.name, "read", w.done, "changed", w.fresh, "gone", w.gone, "error", err)
	w.who.Action, w.who.Subject, w.who.After = "catalog.sync", s.name, w.words()
	return errors.Join(err, w.store(context.WithoutCancel(ctx), true))
}

func (w *pass) words() string {
	text := fmt.Sprintf("%d media read, %d titles added or changed, %d gone.", w.done, w.fresh, w.gone)
	if !w.whole {
		text += " It went on from where the one before was cut; what has vanished is looked for by the next one."
	}
	return text
}

// resume is the page on which a sync begins: the first, or that on which the last one was cut.
func (s *Syncer) resume(ctx context.Context, p *jobs.Progress) int64 {
	last, was, err := s.opt.Jobs.Last(ctx, Kind, p.Job().ID)
	if err != nil || !was || last.State == jobs.Done {
		return 1
	}
	page, err := strconv.ParseInt(last.Cursor, 10, 64)
	if err != nil || page < 1 {
		return 1
	}
	return page
}

// pages reads the list from a page on. A page that cannot be read is tried again some times.
func (w *pass) pages(ctx context.Context, number int64) error {
	for ; number <= pagesMax; number++ {
		w.p.Cursor(strconv.FormatInt(number, 10))
		got, err := again(ctx, func() (page, error) { return w.site.list(ctx, number) })
		if err != nil {
			return err
		}
		w.total = max(w.total, got.Count)
		for _, m := range got.Results {
			if err := w.take(ctx, m); err != nil {
				return err
			}
			w.done++
			w.p.At(w.done, max(w.total, w.done), fmt.Sprintf("Page %d of the list is read.", number))
		}
		if err := w.store(ctx, false); err != nil {
			return err
		}
		if got.Next == nil || len(got.Results) == 0 {
			return nil
		}
	}
	return fmt.Errorf("the list has more than %d pages", pagesMax)
}

// again tries something some times, with growing pauses; what the site means does not change by asking again.
func again[T any](ctx context.Context, ask func() (T, error)) (got T, err error) {
	for try := range triesMax {
		if got, err = ask(); err == nil || final(err) || ctx.Err() != nil {
			return got, err
		}
		select {
		case <-time.After(retryAfter << try):
		case <-ctx.Done():
			return got, ctx.Err()
		}
	}
	return got, err
}

// take makes a title of one media, if the channel can play it. What is known and as it was is not asked again.
func (w *pass) take(ctx context.Context, m media) error {
	key := w.site.keyOf(m.Token)
	if !playable(m) || w.seen[key] { // a list that grows while it is read shows some twice
		return nil
	}
	w.seen[key] = true
	old, known := w.opt.Catalog.Title(key)
	next := w.titleOf(m, old)
	if known && same(old, next) {
		return nil
	}
	found, err := again(ctx, func() (manifest, error) { return w.site.probe(ctx, key.ID) })
	if errors.Is(err, errManifest) {
		w.problem(m, sentenceOf(err))
		return nil
	}
	if err != nil {
		return err
	}
	next.Media.DurationMS = seconds(found.Duration) * 1000
	info, there, err := w.details(ctx, m.Token)
	if err != nil || !there {
		return err
	}
	next.Tags, next.Categories = words(info.Tags), words(info.Categories)
	w.fresh++
	w.staged = append(w.staged, next)
	return nil
}

func (w *pass) details(ctx context.Context, token string) (info details, there bool, err error) {
	_, err = again(ctx, func() (struct{}, error) {
		var err error
		info, there, err = w.site.look(ctx, token)
		return struct{}{}, err
	})
	return info, there, err
}

func (w *pass) problem(m media, sentence string) {
	w.p.Problem(jobs.Problem{Text: clean(cmp.Or(m.Title, m.Token), titleMax), Sentence: sentence})
}

// playable reports whether a media is one that a channel may have: public, whole, and moving.
func playable(m media) bool {
	return m.Token != "" && (m.MediaType == "video" || m.MediaType == "audio") && (m.State == "" || m.State == public) &&
		(m.Encoding == "" || m.Encoding == "success")
}

// titleOf is a media as a title, with what the list does not say taken over from the one that is there.
func (w *pass) titleOf(m media, old library.Title) library.Title {
	t := old
	t.Media = w.mediaOf(m, old)
	t.Description, t.ArtURL, t.Source = clean(m.Description, aboutMax), w.artOf(m), library.SourceMediaCMS
	if t.AddedAtMS == 0 {
		t.AddedAtMS = w.opt.Now()
		if at, err := time.Parse(time.RFC3339Nano, m.AddDate); err == nil && at.UnixMilli() > 0 {
			t.AddedAtMS = at.UnixMilli()
		}
	}
	return t
}

// mediaOf keeps the length that the manifest said, as long as the list says the same.
func (w *pass) mediaOf(m media, old library.Title) sdk.Media {
	key := w.site.keyOf(m.Token)
	out := sdk.Media{Type: key.Type, ID: key.ID, Title: cmp.Or(clean(m.Title, titleMax), m.Token), DurationMS: seconds(m.Duration) * 1000}
	if d := out.DurationMS - old.Media.DurationMS; d <= lengthSlackMS && d >= -lengthSlackMS {
		out.DurationMS = old.Media.DurationMS
	}
	return out
}

func (w *pass) artOf(m media) string {
	address := w.site.absolute(m.ThumbnailURL)
	if len(address) > addressMax {
		return ""
	}
	return address
}

func same(a, b library.Title) bool {
	return a.Media == b.Media && a.Description == b.Description && a.ArtURL == b.ArtURL && a.Source == b.Source
}

// vanished marks the titles of the site that its list does not have any more. Each is asked for by itself first: a list that
// is read while it changes, or came back short, proves nothing.
func (w *pass) vanished(ctx context.Context) error {
	for _, t := range w.opt.Catalog.Titles() {
		token, ours := w.site.tokenOf(t.Media.Key())
		if !ours || t.Source != library.SourceMediaCMS || w.seen[t.Media.Key()] {
			continue
		}
		_, there, err := w.details(ctx, token)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		w.gone++
		t.GoneAtMS, t.GoneBy = w.opt.Now(), library.SourceMediaCMS
		w.staged = append(w.staged, t)
		w.p.At(w.done, w.done, "What has vanished is looked for.")
	}
	return nil
}

// store writes what has gathered. last writes the line of the audit trail with it.
func (w *pass) store(ctx context.Context, last bool) error {
	titles := w.staged
	w.staged = nil
	if len(titles) == 0 && !last {
		return nil
	}
	w.who.AtMS = w.opt.Now()
	err := w.opt.Catalog.StageTitles(ctx, titles, w.who)
	if now := time.Now(); last || now.Sub(w.shown) > publishEvery {
		w.opt.Catalog.Publish()
		w.shown = now
	}
	return err
}

// clean is text of a stranger: valid, on one line where that is short, and not longer than is kept.
func clean(text string, most int) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\ufffd"))
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	return text
}

func words(list []named) []string {
	var out []string
	for _, n := range list {
		word := clean(strings.Join(strings.Fields(strings.ReplaceAll(n.Title, "|", " ")), " "), wordMax)
		if word != "" && len(out) < wordsMax {
			out = append(out, word)
		}
	}
	return out
}
