package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/sdk"
)

// actionImport is the action of the audit trail.
const actionImport = "catalog.import"

// Imported counts what an import does, or would do.
type Imported struct {
	Added   int
	Changed int
	Same    int // they are there as they are
}

// All is how many titles there are.
func (i Imported) All() int { return i.Added + i.Changed + i.Same }

// Words puts it into a sentence.
func (i Imported) Words() string {
	return fmt.Sprintf("%s added, %d changed, %d as they were.", count(i.Added, "title"), i.Changed, i.Same)
}

// The forms in which titles are imported.
const (
	FormCSV     = "csv"
	FormJSON    = "json"
	FormText    = "text"    // a pasted list: type:id, links, tokens
	FormChannel = "channel" // what is on the channel's list now
)

// ReadTitles reads titles in a form; of FormText titles whose length nobody knows are problems too, though they are
// returned. The error is that of r.
func (l *Library) ReadTitles(form string, r io.Reader) (titles []Title, problems []Problem, err error) {
	switch form {
	case FormCSV:
		titles, problems, err = ParseCSV(r)
	case FormJSON:
		titles, problems, err = ParseJSON(r)
	case FormText:
		var text []byte
		if text, err = io.ReadAll(r); err != nil {
			return nil, nil, err
		}
		titles, problems = l.titlesOfList(string(text))
	default:
		return nil, nil, fault.New(fault.Invalid, "Titles are read as "+strings.Join([]string{FormCSV, FormJSON, FormText, FormChannel}, ", ")+".")
	}
	for i := range titles {
		titles[i].Source = SourceImport
	}
	return titles, problems, err
}

const noLength = "Its length is not known, so it cannot be requested until the channel has told it: import the channel's list while it is on it."

func (l *Library) titlesOfList(text string) ([]Title, []Problem) {
	items, problems := l.ParseList(text)
	titles := make([]Title, 0, len(items))
	for _, i := range items {
		if t, known := l.Title(i.Media.Key()); known {
			titles = append(titles, t)
			continue
		}
		if i.Media.DurationMS == 0 {
			problems = note(problems, 0, i.Media.Type+":"+i.Media.ID, noLength)
		}
		titles = append(titles, Title{Media: i.Media})
	}
	return titles, problems
}

// TitlesOfChannel makes titles of what is on the channel's list. What the catalog has stays as it is there, and gets the
// length that the channel knows if it had none.
func (l *Library) TitlesOfChannel(listed []sdk.Media) []Title {
	var titles []Title
	for _, m := range listed {
		t, known := l.Title(m.Key())
		switch {
		case !known:
			t = Title{Media: m, Source: SourceChannel}
		case t.Media.DurationMS == 0:
			t.Media.DurationMS = m.DurationMS
		}
		if checkTitle(t) == "" {
			titles = append(titles, t)
		}
	}
	return lastOfEach(titles)
}

// Compare says what an import of these titles would do.
func (l *Library) Compare(titles []Title) Imported {
	l.changing.Lock()
	defer l.changing.Unlock()
	counts, _ := l.compare(lastOfEach(titles))
	return counts
}

// compare counts, and returns the titles that are new or changed. The caller holds changing.
func (l *Library) compare(titles []Title) (counts Imported, fresh []Title) {
	for _, t := range titles {
		old, known := l.known(t.Media.Key())
		switch {
		case !known:
			counts.Added++
		case sameTitle(old, l.kept(t)):
			counts.Same++
			continue
		default:
			counts.Changed++
		}
		fresh = append(fresh, t)
	}
	return counts, fresh
}

func sameTitle(a, b Title) bool {
	return a.Media == b.Media && a.Description == b.Description && a.Year == b.Year && slices.Equal(a.Categories, b.Categories) &&
		slices.Equal(a.Tags, b.Tags) && slices.Equal(a.People, b.People) && a.ArtURL == b.ArtURL && a.Source == b.Source &&
		a.GoneAtMS == b.GoneAtMS && a.GoneBy == b.GoneBy && a.ClosedFromMS == b.ClosedFromMS && a.ClosedToMS == b.ClosedToMS
}

// ImportTitles stores titles step by step, so that nobody waits long for the writer, and lets readers see them now and then
// and at the end. step is told how far it is. It ends early with ctx; what was stored by then stays, and the audit trail
// has it.
func (l *Library) ImportTitles(ctx context.Context, titles []Title, who audit.Entry, step func(done, total int)) (counts Imported, err error) {
	titles = lastOfEach(titles)
	shown := time.Now()
	for from := 0; from < len(titles) && err == nil; from += importStep {
		var one Imported
		if one, err = l.importSome(ctx, titles[from:min(from+importStep, len(titles))], who); err == nil {
			counts = Imported{counts.Added + one.Added, counts.Changed + one.Changed, counts.Same + one.Same}
			step(counts.All(), len(titles))
		}
		if time.Since(shown) > publishEvery {
			l.Publish()
			shown = time.Now()
		}
	}
	who.Action, who.Subject, who.After = actionImport, count(len(titles), "title"), counts.Words()
	err = errors.Join(err, l.shelves.SaveTitles(context.WithoutCancel(ctx), nil, who))
	l.Publish()
	return counts, err
}

func (l *Library) importSome(ctx context.Context, titles []Title, who audit.Entry) (Imported, error) {
	if err := ctx.Err(); err != nil {
		return Imported{}, err
	}
	l.changing.Lock()
	counts, fresh := l.compare(titles)
	l.changing.Unlock()
	for i := range fresh {
		if fresh[i].AddedAtMS == 0 {
			fresh[i].AddedAtMS = who.AtMS
		}
	}
	if len(fresh) == 0 {
		return counts, nil
	}
	return counts, l.StageTitles(ctx, fresh, audit.Entry{AtMS: who.AtMS, Actor: who.Actor})
}
