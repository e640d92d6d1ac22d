package library_test

import (
	"fmt"
	"testing"

	"playbill/core/library"
	"playbill/sdk"
)

func TestImport(t *testing.T) {
	s := &shelf{}
	l := open(t, s)
	var titles []library.Title
	for i := range 2500 {
		titles = append(titles, library.Title{Media: media(fmt.Sprint(i)), Source: library.SourceImport})
	}
	var steps []int
	counts, err := l.ImportTitles(t.Context(), titles, admin(), func(done, total int) { steps = append(steps, done, total) })
	if err != nil || counts.Words() != "2500 titles added, 0 changed, 0 as they were." || fmt.Sprint(steps) != "[1000 2500 2000 2500 2500 2500]" {
		t.Errorf("%v %v %v", counts, steps, err)
	}
	if found := l.Search(library.Query{Text: "title 2499"}); found.Total != 1 || found.Titles[0].AddedAtMS != 1000 {
		t.Errorf("%+v", found)
	}
	if len(s.trail) != 1 && s.trail[len(s.trail)-1].Action != "catalog.import" {
		t.Errorf("the trail has %+v", s.trail)
	}
	titles[3].Year = 1931
	if got := l.Compare(titles[:5]); got != (library.Imported{Changed: 1, Same: 4}) {
		t.Errorf("a second time: %+v", got)
	}
}

// What an admin has set outlives imports and syncs; what an admin took away does not come back with a sync, and does with
// an import.
func TestImportsKeepWhatAdminsSet(t *testing.T) {
	l := open(t, &shelf{})
	put := func(source string) {
		t.Helper()
		if _, err := l.ImportTitles(t.Context(), []library.Title{{Media: media("a"), Source: source}}, admin(), func(int, int) {}); err != nil {
			t.Fatal(err)
		}
	}
	put(library.SourceMediaCMS)
	until, gone := int64(99), true
	if _, err := l.EditTitle(t.Context(), media("a").Key(), library.TitlePatch{ClosedToMS: &until, Gone: &gone}, admin()); err != nil {
		t.Fatal(err)
	}
	put(library.SourceMediaCMS)
	if _, there := l.Title(media("a").Key()); there || len(l.Gone()) != 1 {
		t.Error("a sync brought back what an admin took away")
	}
	put(library.SourceImport)
	if got, there := l.Title(media("a").Key()); !there || got.ClosedToMS != 99 {
		t.Errorf("after an import: %+v", got)
	}
}

func TestTitlesOfChannel(t *testing.T) {
	l := open(t, &shelf{})
	if err := l.SaveTitles(t.Context(), []library.Title{{Media: sdk.Media{Type: "yt", ID: "a", Title: "Kept"}, Year: 1931}}, admin()); err != nil {
		t.Fatal(err)
	}
	got := l.TitlesOfChannel([]sdk.Media{media("a"), media("b"), media("b"), {Type: "yt", ID: "c"}})
	if len(got) != 2 || got[0].Media.Title != "Kept" || got[0].Media.DurationMS != 1000 || got[0].Year != 1931 || got[1].Source != "channel" {
		t.Errorf("%+v", got)
	}
}
