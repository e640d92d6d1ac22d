package library

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"playbill/core/audit"
	"playbill/core/fault"
)

// What an edit does with items of a playlist.
const (
	OpAdd    = "add"
	OpMove   = "move"
	OpRemove = "remove"
	OpTerms  = "terms"
	OpUndo   = "undo"
)

// Where a move goes, beside an index.
const (
	ToUp     = "up"
	ToDown   = "down"
	ToTop    = "top"
	ToBottom = "bottom"
)

// actionEdit is the action of the audit trail.
const actionEdit = "playlist.edit"

// Edit is one change of a playlist's items, small however long the list is.
type Edit struct {
	Op    string
	Items []Item  // OpAdd: what is added, in order
	IDs   []int64 // OpMove, OpRemove and OpTerms: which items
	To    string  // OpMove: up, down, top or bottom; empty: At counts
	At    int     // OpAdd, OpMove: the place of the first one, from 0, among those that stay; beyond the end, or below 0: the end
	Terms Patch   // OpTerms
}

// Patch changes the terms of clips. What is nil stays.
type Patch struct {
	StartsAtMS, EndsAtMS *int64
	Windows              *string
	RestMinutes          *int
	Tags                 *[]string
	Evergreen            *bool
}

// EditPlaylist makes one change to a playlist that is still at this revision. Items that are not there any more are left
// out of account, so two people who remove the same one both succeed. OpUndo takes back the last change of items, name and
// flags, if nothing has changed since; what is taken back is brought back by another undo. Faults: fault.Changed,
// fault.NotFound, fault.Invalid, and fault.Conflict when there is nothing to take back.
func (l *Library) EditPlaylist(ctx context.Context, id, rev int64, e Edit, who audit.Entry) (Playlist, error) {
	p, ok := l.Playlist(id)
	switch {
	case !ok:
		return Playlist{}, noPlaylist()
	case p.Rev != rev:
		return Playlist{}, l.changedMeanwhile(p)
	}
	next, err := l.edited(p, e)
	if err != nil {
		return Playlist{}, err
	}
	who.After = e.words()
	who.Action = actionEdit
	return l.SavePlaylist(ctx, next, who)
}

// edited returns the playlist as the edit leaves it.
func (l *Library) edited(p Playlist, e Edit) (Playlist, error) {
	switch e.Op {
	case OpAdd:
		p.Items = slices.Insert(slices.Clone(p.Items), place(e.At, len(p.Items)), e.Items...)
	case OpMove:
		items, known := moved(p.Items, e)
		if !known {
			return p, fault.New(fault.Invalid, fmt.Sprintf("%q is no place: up, down, top, bottom, or an index.", e.To))
		}
		p.Items = items
	case OpRemove:
		p.Items = slices.DeleteFunc(slices.Clone(p.Items), e.concerns)
	case OpTerms:
		p.Items = slices.Clone(p.Items)
		for i := range p.Items {
			if e.concerns(p.Items[i]) {
				p.Items[i] = e.Terms.On(p.Items[i])
			}
		}
	case OpUndo:
		return l.before(p)
	default:
		return p, fault.New(fault.Invalid, fmt.Sprintf("%q is no change of a playlist.", e.Op))
	}
	return p, nil
}

// before returns what a playlist was before its last change, to be saved over it.
func (l *Library) before(p Playlist) (Playlist, error) {
	old, has := l.now.Load().before[p.ID]
	if !has || old.Rev+1 != p.Rev {
		return p, fault.New(fault.Conflict, "There is nothing to take back in "+quoted(p.Name)+".")
	}
	old.Rev = p.Rev
	return old, nil
}

// Undoable reports whether the last change of a playlist can be taken back.
func (l *Library) Undoable(id int64) bool {
	s := l.now.Load()
	p, there := find(s.playlists, id)
	old, has := s.before[id]
	return there && has && old.Rev+1 == p.Rev
}

func (e Edit) concerns(i Item) bool { return slices.Contains(e.IDs, i.ID) }

// moved puts the items that an edit concerns somewhere else, in the order in which they stand.
func moved(items []Item, e Edit) ([]Item, bool) {
	var taken, rest []Item
	for _, item := range items {
		if e.concerns(item) {
			taken = append(taken, item)
		} else {
			rest = append(rest, item)
		}
	}
	switch e.To {
	case "":
		return slices.Insert(rest, place(e.At, len(rest)), taken...), true
	case ToTop:
		return append(taken, rest...), true
	case ToBottom:
		return append(rest, taken...), true
	case ToUp:
		return stepped(items, e), true
	case ToDown:
		back := slices.Clone(items)
		slices.Reverse(back)
		back = stepped(back, e)
		slices.Reverse(back)
		return back, true
	default:
		return nil, false
	}
}

// stepped moves each of the items one place towards the front; those that stand there already stay.
func stepped(items []Item, e Edit) []Item {
	items = slices.Clone(items)
	for i := 1; i < len(items); i++ {
		if e.concerns(items[i]) && !e.concerns(items[i-1]) {
			items[i-1], items[i] = items[i], items[i-1]
		}
	}
	return items
}

func place(at, length int) int {
	if at < 0 || at > length {
		return length
	}
	return at
}

// On returns the item with what the patch speaks of.
func (p Patch) On(i Item) Item {
	over(&i.StartsAtMS, p.StartsAtMS)
	over(&i.EndsAtMS, p.EndsAtMS)
	over(&i.Windows, p.Windows)
	over(&i.RestMinutes, p.RestMinutes)
	over(&i.Tags, p.Tags)
	over(&i.Evergreen, p.Evergreen)
	return i
}

// over replaces a value by one that is said.
func over[T any](value, said *T) {
	if said != nil {
		*value = *said
	}
}

// words tells the audit trail what an edit did.
func (e Edit) words() string {
	switch e.Op {
	case OpAdd:
		names := make([]string, 0, namedMax)
		for _, item := range e.Items[:min(len(e.Items), namedMax)] {
			names = append(names, quoted(item.Media.Title))
		}
		text := "added " + strings.Join(names, ", ")
		if more := len(e.Items) - namedMax; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		return text
	case OpMove:
		return "moved " + count(len(e.IDs), "item") + " " + e.where()
	case OpRemove:
		return "removed " + count(len(e.IDs), "item")
	case OpTerms:
		return "changed when " + count(len(e.IDs), "clip") + " may air"
	default:
		return "took the last change back"
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (e Edit) where() string {
	if e.To != "" {
		return e.To
	}
	return fmt.Sprintf("to place %d", e.At+1)
}

// ClonePlaylist makes a copy of a playlist under another name, an empty one is made up. The copy is neither
// non-preemptable nor a pool's: that is for whoever made it to say. Faults as for SavePlaylist, and fault.NotFound.
func (l *Library) ClonePlaylist(ctx context.Context, id int64, name string, who audit.Entry) (Playlist, error) {
	p, ok := l.Playlist(id)
	if !ok {
		return Playlist{}, noPlaylist()
	}
	if strings.TrimSpace(name) == "" {
		name = l.freeName(p.Name)
	}
	clone := Playlist{Name: name, Items: slices.Clone(p.Items)}
	for i := range clone.Items {
		clone.Items[i].ID = 0
	}
	return l.SavePlaylist(ctx, clone, who)
}

// freeName is a name for a copy that no playlist has.
func (l *Library) freeName(of string) string {
	taken := map[string]bool{}
	for _, p := range l.Playlists() {
		taken[strings.ToLower(p.Name)] = true
	}
	const spare = 12 // characters for " (copy 1234)"
	of = cut(of, maxName-spare)
	name := of + " (copy)"
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s (copy %d)", of, n)
	}
	return name
}

// Export writes a playlist as text that ParseList reads: one type:id per line, with the title as a comment.
func (p Playlist) Export() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", oneLine(p.Name))
	for _, i := range p.Items {
		fmt.Fprintf(&b, "%s:%s # %s\n", i.Media.Type, i.Media.ID, oneLine(i.Media.Title))
	}
	return b.String()
}

// LengthMS is how long all items of a playlist play, in milliseconds; those whose length is not known count as nothing.
func (p Playlist) LengthMS() int64 {
	total := int64(0)
	for _, i := range p.Items {
		total += i.Media.DurationMS
	}
	return total
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// changedMeanwhile says that somebody was faster, and who, where that is known: it was in this run of the host.
func (l *Library) changedMeanwhile(p Playlist) error {
	by := "somebody else"
	if who := l.now.Load().by[p.ID]; who != "" {
		by = who
	}
	return fault.New(fault.Changed, quoted(p.Name)+" was changed by "+by+" meanwhile, so this was not saved. Look at it as it is now.")
}
