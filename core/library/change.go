package library

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/sdk"
	"playbill/sdk/rotate"
)

// The actions of the audit trail.
const (
	actionCreate = "playlist.create"
	actionSave   = "playlist.save"
	actionDelete = "playlist.delete"
	actionTitles = "catalog.save"
)

// promoType is how the id of a promo type is written.
var promoType = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// Flags are what reserves a playlist. At most one of them is set.
type Flags struct {
	Immutable bool
	PromoType string
}

// SavePlaylist creates a playlist (ID 0) or replaces one that is still at p.Rev, and returns it as stored. who carries
// Actor, AtMS and, if the change can be taken back, Undo; the rest is filled in. Faults: fault.Invalid for what cannot be
// stored, fault.Conflict for a taken name or a playlist that would be both non-preemptable and a pool, fault.Changed and
// fault.NotFound as in [Shelves].
func (l *Library) SavePlaylist(ctx context.Context, p Playlist, who audit.Entry) (Playlist, error) {
	p.Name = strings.TrimSpace(p.Name)
	l.changing.Lock()
	saved, err := l.save(ctx, p, who)
	l.changing.Unlock()
	if err != nil {
		return Playlist{}, err
	}
	l.tell()
	return saved, nil
}

// save writes a playlist and publishes it. The caller holds changing.
func (l *Library) save(ctx context.Context, p Playlist, who audit.Entry) (Playlist, error) {
	s := l.now.Load()
	if err := checkPlaylist(p, s.playlists); err != nil {
		return Playlist{}, err
	}
	old, known := find(s.playlists, p.ID)
	who.Subject = quoted(p.Name)
	switch {
	case p.ID == 0:
		who.Action, who.After = actionCreate, EncodePlaylist(p)
	case !known:
		return Playlist{}, noPlaylist()
	case old.Rev != p.Rev:
		return Playlist{}, l.changedMeanwhile(old)
	case who.Action != actionEdit: // which says in words what it did
		who.Action, who.Before, who.After = actionSave, EncodePlaylist(old), EncodePlaylist(p)
	}
	saved, err := l.shelves.SavePlaylist(ctx, p, who)
	if err != nil {
		return Playlist{}, err
	}
	others := slices.DeleteFunc(slices.Clone(s.playlists), func(o Playlist) bool { return o.ID == saved.ID })
	i, _ := slices.BinarySearchFunc(others, saved.ID, byID)
	next := s.with(s.catalog, slices.Insert(others, i, saved), s.beforeWith(old))
	next.by = maps.Clone(s.by)
	if next.by == nil {
		next.by = map[int64]string{}
	}
	next.by[saved.ID] = who.Actor
	l.now.Store(next)
	return saved, nil
}

// FlagPlaylist makes a playlist non-preemptable, or a pool's, or neither. Faults as for SavePlaylist.
func (l *Library) FlagPlaylist(ctx context.Context, id, rev int64, f Flags, who audit.Entry) (Playlist, error) {
	p, ok := l.Playlist(id)
	if !ok {
		return Playlist{}, noPlaylist()
	}
	if p.Rev != rev {
		return Playlist{}, l.changedMeanwhile(p)
	}
	p.Immutable, p.PromoType = f.Immutable, f.PromoType
	return l.SavePlaylist(ctx, p, who)
}

// DeletePlaylist removes a playlist that is still at this revision. Faults as in [Shelves].
func (l *Library) DeletePlaylist(ctx context.Context, id, rev int64, who audit.Entry) error {
	l.changing.Lock()
	err := l.remove(ctx, id, rev, who)
	l.changing.Unlock()
	if err != nil {
		return err
	}
	l.tell()
	return nil
}

// remove deletes a playlist and publishes the rest. The caller holds changing.
func (l *Library) remove(ctx context.Context, id, rev int64, who audit.Entry) error {
	s := l.now.Load()
	old, ok := find(s.playlists, id)
	if !ok {
		return noPlaylist()
	}
	who.Action, who.Subject, who.Before = actionDelete, quoted(old.Name), EncodePlaylist(old)
	if err := l.shelves.DeletePlaylist(ctx, id, rev, who); err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(s.playlists), func(p Playlist) bool { return p.ID == id })
	l.now.Store(s.with(s.catalog, rest, s.before))
	return nil
}

// checkPlaylist refuses what cannot be stored.
func checkPlaylist(p Playlist, others []Playlist) error {
	switch {
	case p.Name == "":
		return fault.New(fault.Invalid, "A playlist needs a name.")
	case utf8.RuneCountInString(p.Name) > maxName:
		return fault.New(fault.Invalid, fmt.Sprintf("A playlist's name has at most %d characters.", maxName))
	case p.PromoType != "" && !promoType.MatchString(p.PromoType):
		return fault.New(fault.Invalid, fmt.Sprintf("%q is not the name of a promo type: lower-case letters, digits and underscores.", p.PromoType))
	case p.Immutable && p.PromoType != "":
		return fault.New(fault.Conflict, quoted(p.Name)+" is non-preemptable and cannot be a pool too: release it first.")
	case len(p.Items) > maxItems:
		return fault.New(fault.Invalid, fmt.Sprintf("A playlist has at most %d items.", maxItems))
	}
	for _, o := range others {
		if o.ID != p.ID && strings.EqualFold(o.Name, p.Name) {
			return fault.New(fault.Conflict, "There is a playlist called "+quoted(o.Name)+" already.")
		}
	}
	for i, item := range p.Items {
		if wrong := checkItem(item); wrong != "" {
			return fault.New(fault.Invalid, fmt.Sprintf("Item %d, %s: %s", i+1, quoted(item.Media.Title), wrong))
		}
	}
	return nil
}

// checkItem returns a sentence about what is wrong with an item, or nothing.
func checkItem(item Item) string {
	switch {
	case item.StartsAtMS != 0 && item.EndsAtMS != 0 && item.StartsAtMS >= item.EndsAtMS:
		return "it ends before it starts."
	case item.RestMinutes < 0 || item.RestMinutes > maxRest:
		return fmt.Sprintf("the rest between two airings is 0 to %d minutes.", maxRest)
	case len(item.Windows) > maxTitleText:
		return fmt.Sprintf("its days and hours are longer than %d characters.", maxTitleText)
	}
	if _, err := rotate.ParseWindows(item.Windows); err != nil {
		return "its days and hours: " + err.Error() + "."
	}
	if wrong := checkTags("tags", item.Tags); wrong != "" {
		return wrong
	}
	return checkMedia(item.Media)
}

// checkTitle returns a sentence about what is wrong with a title, or nothing.
func checkTitle(t Title) string {
	switch {
	case t.Year < 0 || t.Year > 9999:
		return "the year has four digits."
	case utf8.RuneCountInString(t.Description) > maxDescription:
		return fmt.Sprintf("its description is longer than %d characters.", maxDescription)
	case len(t.ArtURL) > maxID:
		return fmt.Sprintf("the address of its art is longer than %d bytes.", maxID)
	case t.ClosedFromMS != 0 && t.ClosedToMS != 0 && t.ClosedFromMS >= t.ClosedToMS:
		return "it opens again before it closes."
	}
	if wrong := checkTags("categories", t.Categories); wrong != "" {
		return wrong
	}
	if wrong := checkTags("tags", t.Tags); wrong != "" {
		return wrong
	}
	if wrong := checkTags("people", t.People); wrong != "" {
		return wrong
	}
	return checkMedia(t.Media)
}

func checkTags(what string, tags []string) string {
	if len(tags) > maxTags {
		return fmt.Sprintf("at most %d %s.", maxTags, what)
	}
	for _, tag := range tags {
		if strings.TrimSpace(tag) == "" || utf8.RuneCountInString(tag) > maxTag || strings.ContainsAny(tag, "|\n\r") {
			return fmt.Sprintf("%s have 1 to %d characters, without line ends and bars.", what, maxTag)
		}
	}
	return ""
}

func checkMedia(m sdk.Media) string {
	switch {
	case m.Type == "" || m.ID == "":
		return "a media needs a type and an id."
	case len(m.ID) > maxID || len(m.Type) > maxTag:
		return fmt.Sprintf("its id is longer than %d bytes.", maxID)
	case strings.TrimSpace(m.Title) == "":
		return "it needs a title."
	case utf8.RuneCountInString(m.Title) > maxTitleText:
		return fmt.Sprintf("its title is longer than %d characters.", maxTitleText)
	case m.DurationMS < 0 || m.DurationMS > maxLength:
		return "its length is not between nothing and a week."
	}
	return ""
}

func noPlaylist() error {
	return fault.New(fault.NotFound, "There is no such playlist. Somebody may have deleted it.")
}

func quoted(name string) string { return "“" + name + "”" }

func byID(p Playlist, id int64) int { return int(min(max(p.ID-id, -1), 1)) }

// Release makes a playlist preemptable, so that its items can be bought again. One that is so already stays as it is.
func (l *Library) Release(ctx context.Context, id int64, who audit.Entry) error {
	p, known := l.Playlist(id)
	if !known || !p.Immutable {
		return nil
	}
	p.Immutable = false
	_, err := l.SavePlaylist(ctx, p, who)
	return err
}

// Rotate moves a media to the end of a playlist: the first place that has it. A playlist that is non-preemptable or a pool,
// and one that does not have it, stays as it is. Faults: NotFound.
func (l *Library) Rotate(ctx context.Context, id int64, media sdk.Key, who audit.Entry) error {
	l.changing.Lock()
	p, known := l.Playlist(id)
	at := slices.IndexFunc(p.Items, func(i Item) bool { return i.Media.Key() == media })
	if !known || p.Immutable || p.PromoType != "" || at < 0 || at == len(p.Items)-1 {
		l.changing.Unlock()
		if !known {
			return noPlaylist()
		}
		return nil
	}
	item := p.Items[at]
	p.Items = append(slices.Delete(slices.Clone(p.Items), at, at+1), item)
	_, err := l.save(ctx, p, who)
	l.changing.Unlock()
	if err == nil {
		l.tell()
	}
	return err
}
