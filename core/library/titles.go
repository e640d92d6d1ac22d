package library

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/sdk"
)

// actionTitle is the action of the audit trail for one title that an admin changed.
const actionTitle = "catalog.edit"

// TitlePatch changes one title. What is nil stays.
type TitlePatch struct {
	Title, Description, ArtURL *string
	Year                       *int
	DurationMS                 *int64
	Categories, Tags, People   *[]string
	ClosedFromMS, ClosedToMS   *int64 // UTC milliseconds; 0: none
	Gone                       *bool  // true takes it out of the catalog, false brings it back
}

// EditTitle changes a title of the catalog, also one that is gone. Faults: fault.UnknownItem, fault.Invalid.
func (l *Library) EditTitle(ctx context.Context, k sdk.Key, p TitlePatch, who audit.Entry) (Title, error) {
	l.changing.Lock()
	t, err := l.editTitle(ctx, k, p, who)
	l.changing.Unlock()
	if err != nil {
		return Title{}, err
	}
	l.tell()
	return t, nil
}

// editTitle writes and publishes the change. The caller holds changing.
func (l *Library) editTitle(ctx context.Context, k sdk.Key, p TitlePatch, who audit.Entry) (Title, error) {
	old, known := l.known(k)
	if !known {
		return Title{}, fault.New(fault.UnknownItem, "This title is not in the catalog.")
	}
	t := p.on(old, who)
	if wrong := checkTitle(t); wrong != "" {
		return Title{}, fault.New(fault.Invalid, quoted(old.Media.Title)+": "+wrong)
	}
	who.Action, who.Subject, who.Before, who.After = actionTitle, quoted(old.Media.Title), encodeTitle(old), encodeTitle(t)
	return t, l.shelve(ctx, []Title{t}, who, true)
}

// RevertTitle brings a title back to what it was before a change, of which the audit trail has kept both: nobody may have
// changed it since. The entry who is written as it is. Faults: fault.UnknownItem, fault.Changed.
func (l *Library) RevertTitle(ctx context.Context, before, after string, who audit.Entry) (Title, error) {
	k, err := KeyOfTitle(before)
	if err != nil {
		return Title{}, err
	}
	l.changing.Lock()
	t, err := l.revertTitle(ctx, k, before, after, who)
	l.changing.Unlock()
	if err != nil {
		return Title{}, err
	}
	l.tell()
	return t, nil
}

// revertTitle writes and publishes it. The caller holds changing.
func (l *Library) revertTitle(ctx context.Context, k sdk.Key, before, after string, who audit.Entry) (Title, error) {
	now, known := l.known(k)
	if !known {
		return Title{}, fault.New(fault.UnknownItem, "This title is not in the catalog.")
	}
	if encodeTitle(now) != after {
		return Title{}, fault.New(fault.Changed, quoted(now.Media.Title)+" has been changed again since. Nothing was done; look at what it is now.")
	}
	t, err := decodeTitle(before, now, who)
	if err != nil {
		return Title{}, err
	}
	return t, l.shelve(ctx, []Title{t}, who, true)
}

// NewTitle adds one title that a link, type:id or token names, with what the patch says of it. Faults: fault.Invalid, and
// fault.Conflict when it is in the catalog already.
func (l *Library) NewTitle(ctx context.Context, ref string, p TitlePatch, who audit.Entry) (Title, error) {
	m, wrong := l.now.Load().catalog.refer(strings.TrimSpace(ref))
	if wrong != "" {
		return Title{}, fault.New(fault.Invalid, wrong)
	}
	l.changing.Lock()
	t, err := l.newTitle(ctx, m, p, who)
	l.changing.Unlock()
	if err != nil {
		return Title{}, err
	}
	l.tell()
	return t, nil
}

// newTitle writes and publishes it. The caller holds changing.
func (l *Library) newTitle(ctx context.Context, m sdk.Media, p TitlePatch, who audit.Entry) (Title, error) {
	switch old, known := l.known(m.Key()); {
	case known && old.GoneAtMS != 0:
		return Title{}, fault.New(fault.Conflict, quoted(old.Media.Title)+" was taken out of the catalog. Bring it back instead.")
	case known:
		return Title{}, fault.New(fault.Conflict, quoted(old.Media.Title)+" is in the catalog already.")
	}
	t := p.on(Title{Media: m, Source: SourceImport, AddedAtMS: who.AtMS}, who)
	if wrong := checkTitle(t); wrong != "" {
		return Title{}, fault.New(fault.Invalid, quoted(t.Media.Title)+": "+wrong)
	}
	who.Action, who.Subject, who.After = actionTitles, quoted(t.Media.Title), encodeTitle(t)
	return t, l.shelve(ctx, []Title{t}, who, true)
}

// known returns a title, also one that is gone or not published yet. The caller holds changing.
func (l *Library) known(k sdk.Key) (Title, bool) {
	if t, staged := l.staged[k]; staged {
		return t, true
	}
	c := l.now.Load().catalog
	if i, there := c.at[k]; there {
		return c.titles[i], true
	}
	if i, gone := c.goneAt[k]; gone {
		return c.gone[i], true
	}
	return Title{}, false
}

// on returns the title with what the patch speaks of.
func (p TitlePatch) on(t Title, who audit.Entry) Title {
	over(&t.Media.Title, p.Title)
	over(&t.Media.DurationMS, p.DurationMS)
	over(&t.Description, p.Description)
	over(&t.ArtURL, p.ArtURL)
	over(&t.Year, p.Year)
	over(&t.Categories, p.Categories)
	over(&t.Tags, p.Tags)
	over(&t.People, p.People)
	over(&t.ClosedFromMS, p.ClosedFromMS)
	over(&t.ClosedToMS, p.ClosedToMS)
	switch {
	case p.Gone == nil || *p.Gone == (t.GoneAtMS != 0):
	case *p.Gone:
		t.GoneAtMS, t.GoneBy = who.AtMS, who.Actor
	default:
		t.GoneAtMS, t.GoneBy = 0, ""
	}
	return t
}

// SaveTitles adds titles to the catalog, or replaces those with the same type and id; one with GoneAtMS leaves it. What an
// admin has set stays: when a title is closed, and, where it comes again from a source that is not an import, that it was
// taken away. Of the same title twice the last counts. Faults: fault.Invalid, fault.Limit.
func (l *Library) SaveTitles(ctx context.Context, titles []Title, who audit.Entry) error {
	who.Action, who.Subject = actionTitles, count(len(titles), "title")
	if len(titles) == 1 {
		who.Subject = quoted(titles[0].Media.Title)
	}
	if err := l.StageTitles(ctx, titles, who); err != nil {
		return err
	}
	l.Publish()
	return nil
}

// StageTitles stores titles as SaveTitles does, and lets readers see them with the next Publish: to index a large catalog
// takes a good part of a second, which a long import need not do for each of its steps. An entry without an action leaves
// no row in the audit trail.
func (l *Library) StageTitles(ctx context.Context, titles []Title, who audit.Entry) error {
	titles = lastOfEach(titles)
	for _, t := range titles {
		if wrong := checkTitle(t); wrong != "" {
			return fault.New(fault.Invalid, quoted(t.Media.Title)+": "+wrong)
		}
	}
	l.changing.Lock()
	defer l.changing.Unlock()
	for i, t := range titles {
		titles[i] = l.kept(t)
	}
	return l.shelve(ctx, titles, who, false)
}

// kept is a title that comes from a source with what stays of the one that is there. The caller holds changing.
func (l *Library) kept(t Title) Title {
	old, known := l.known(t.Media.Key())
	if !known {
		return t
	}
	t.AddedAtMS, t.ClosedFromMS, t.ClosedToMS = old.AddedAtMS, old.ClosedFromMS, old.ClosedToMS
	if synced := t.Source == SourceMediaCMS || t.Source == SourceChannel; synced && old.GoneAtMS != 0 && old.GoneBy != t.Source {
		t.GoneAtMS, t.GoneBy = old.GoneAtMS, old.GoneBy
	}
	return t
}

// The sources of titles.
const (
	SourceImport   = "import"
	SourceChannel  = "channel"
	SourceMediaCMS = "mediacms"
)

// shelve stores titles and, if they are to be seen at once, publishes them. The caller holds changing.
func (l *Library) shelve(ctx context.Context, titles []Title, who audit.Entry, publish bool) error {
	c := l.now.Load().catalog
	fresh := 0
	for _, t := range titles {
		if _, known := l.known(t.Media.Key()); !known {
			fresh++
		}
	}
	if len(c.titles)+len(c.gone)+len(l.staged)+fresh > maxTitles {
		return fault.New(fault.Limit, fmt.Sprintf("The catalog holds at most %d titles.", maxTitles))
	}
	if err := l.shelves.SaveTitles(ctx, titles, who); err != nil {
		return err
	}
	if l.staged == nil {
		l.staged = make(map[sdk.Key]Title, len(titles))
	}
	for _, t := range titles {
		l.staged[t.Media.Key()] = t
	}
	if publish {
		l.publish()
	}
	return nil
}

// Publish lets readers see what was staged.
func (l *Library) Publish() {
	l.changing.Lock()
	some := len(l.staged) > 0
	if some {
		l.publish()
	}
	l.changing.Unlock()
	if some {
		l.tell()
	}
}

// publish puts what is staged into the catalog that readers see. The caller holds changing.
func (l *Library) publish() {
	s := l.now.Load()
	all := make([]Title, 0, len(s.catalog.titles)+len(s.catalog.gone)+len(l.staged))
	for _, list := range [2][]Title{s.catalog.titles, s.catalog.gone} {
		for _, t := range list {
			if _, newer := l.staged[t.Media.Key()]; !newer {
				all = append(all, t)
			}
		}
	}
	for _, t := range l.staged {
		all = append(all, t)
	}
	l.staged = nil
	l.now.Store(s.with(newCatalog(all), s.playlists, s.before))
}

// lastOfEach returns a copy without those that a later one replaces.
func lastOfEach(titles []Title) []Title {
	seen := make(map[sdk.Key]bool, len(titles))
	out := make([]Title, 0, len(titles))
	for _, t := range slices.Backward(titles) {
		if !seen[t.Media.Key()] {
			seen[t.Media.Key()] = true
			out = append(out, t)
		}
	}
	slices.Reverse(out)
	return out
}
