package library_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"playbill/core/fault"
	"playbill/core/library"
)

func order(p library.Playlist) string {
	var ids []string
	for _, i := range p.Items {
		ids = append(ids, i.Media.ID)
	}
	return strings.Join(ids, "")
}

// numbered gives the items of a playlist ids, as the store does.
func numbered(p library.Playlist) library.Playlist {
	for i := range p.Items {
		p.Items[i].ID = int64(i + 1)
	}
	return p
}

// Whatever is moved: nothing is lost or doubled, what was not moved keeps its order, and so does what was. An undo brings
// the list back as it was, and another one takes that back.
func TestMoves(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := open(t, &shelf{})
		p := save(t, l, numbered(library.Playlist{Name: "n", Items: items("a", "b", "c", "d", "e")}))
		ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 7), 0, 6, rapid.ID).Draw(r, "ids")
		e := library.Edit{Op: library.OpMove, IDs: ids, To: rapid.SampledFrom([]string{"", "up", "down", "top", "bottom"}).Draw(r, "to"), At: rapid.IntRange(-1, 9).Draw(r, "at")}
		next, err := l.EditPlaylist(t.Context(), p.ID, p.Rev, e, admin())
		if err != nil {
			r.Fatal(err)
		}
		part := func(p library.Playlist, moved bool) (ids2 []int64) {
			for _, i := range p.Items {
				if slices.Contains(ids, i.ID) == moved {
					ids2 = append(ids2, i.ID)
				}
			}
			return ids2
		}
		for _, moved := range []bool{true, false} {
			if !slices.Equal(part(p, moved), part(next, moved)) {
				r.Fatalf("%+v made %s of %s", e, order(next), order(p))
			}
		}
		back, err := l.EditPlaylist(t.Context(), p.ID, next.Rev, library.Edit{Op: library.OpUndo}, admin())
		if err != nil || order(back) != order(p) {
			r.Fatalf("undone: %s, %v", order(back), err)
		}
		again, err := l.EditPlaylist(t.Context(), p.ID, back.Rev, library.Edit{Op: library.OpUndo}, admin())
		if err != nil || order(again) != order(next) {
			r.Fatalf("undone twice: %s, %v", order(again), err)
		}
	})
}

func TestUndoKnowsItsRevision(t *testing.T) {
	l := open(t, &shelf{})
	p := save(t, l, library.Playlist{Name: "n", Items: items("a")})
	undo := library.Edit{Op: library.OpUndo}
	if _, err := l.EditPlaylist(t.Context(), p.ID, p.Rev, undo, admin()); !fault.Is(err, fault.Conflict) || l.Undoable(p.ID) {
		t.Errorf("a new playlist was something before: %v", err)
	}
	p, _ = l.EditPlaylist(t.Context(), p.ID, p.Rev, library.Edit{Op: library.OpAdd, Items: items("b"), At: -1}, admin())
	if _, err := l.EditPlaylist(t.Context(), p.ID, p.Rev-1, undo, admin()); !fault.Is(err, fault.Changed) {
		t.Errorf("an older revision: %v", err)
	}
	if _, err := l.EditPlaylist(t.Context(), 9, 1, undo, admin()); !fault.Is(err, fault.NotFound) {
		t.Errorf("no playlist: %v", err)
	}
}

func TestExportIsReadAgain(t *testing.T) {
	l := open(t, &shelf{})
	p := library.Playlist{Name: "With a\nline # and more", Items: items("a", "b")}
	p.Items[1].Media.Title = "A # title\nof two lines"
	again, problems := l.ParseList(p.Export())
	if len(problems) != 0 || order(library.Playlist{Items: again}) != "ab" {
		t.Errorf("%q is read as %v, %v", p.Export(), again, problems)
	}
}
