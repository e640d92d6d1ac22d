package station_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/shadow"
	"playbill/core/station"
)

// edits is what an admin does to the list: "admin adds x:60 [keep] [key K] [end|top|after a|before a]", "admin moves a before
// b", "admin plays a", "admin probes x:20", "admin skips a". What they are told is the trace's "admin" line.
func (w *world) edits(args []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var got station.Edited
	var err error
	switch verb, rest := args[0], args[1:]; verb {
	case "adds":
		got, err = w.adds(ctx, rest)
	case "moves":
		to, _ := w.spot(rest[1:])
		got, err = w.st.MoveEntry(ctx, w.entry(rest[0]), to)
	case "plays":
		got, err = w.st.PlayEntry(ctx, w.entry(rest[0]))
	case "probes":
		got, err = w.st.ProbeMedia(ctx, w.media(rest[0]))
	case "skips":
		got, err = w.st.SkipEntry(ctx, w.entry(rest[0]))
	default:
		return fmt.Errorf("an admin cannot %q", verb)
	}
	what := strings.Join(args, " ")
	switch f := fault.Of(err); {
	case f != nil:
		w.log.add("admin", "%s: %s: %s", what, f.Code, f.Sentence)
	case err != nil:
		return err
	case got.Outcome == channel.Done:
		w.log.add("admin", "%s: done%s", what, noted(got.Note))
	default:
		w.log.add("admin", "%s: not known%s", what, noted(got.Note))
	}
	return nil
}

func noted(note string) string {
	if note == "" {
		return ""
	}
	return ", " + note
}

func (w *world) adds(ctx context.Context, args []string) (station.Edited, error) {
	x := station.Extra{Media: w.media(args[0]), Temp: true, To: station.Spot{Where: station.End}}
	for rest := args[1:]; len(rest) > 0; rest = rest[1:] {
		switch rest[0] {
		case "keep": // it stays on the list when it has played
			x.Temp = false
		case "key":
			x.RequestKey = rest[1]
			rest = rest[1:]
		default:
			x.To, rest = w.spot(rest)
			rest = append([]string{""}, rest...)
		}
	}
	return w.st.AddEntry(ctx, x)
}

// spot reads "top", "end", "after a" or "before a" and returns what follows.
func (w *world) spot(words []string) (station.Spot, []string) {
	if words[0] == station.After || words[0] == station.Before {
		return station.Spot{Where: words[0], Entry: w.entry(words[1])}, words[2:]
	}
	return station.Spot{Where: words[0]}, words[1:]
}

// entry is the id of what is listed, or waits to be; a number that is nobody's otherwise.
func (w *world) entry(id string) shadow.EntryID {
	s := w.st.View().Shadow
	for _, list := range [2][]*shadow.Entry{s.Entries, s.Waiting} {
		for _, e := range list {
			if e.Media.ID == id {
				return e.ID
			}
		}
	}
	return 1 << 40
}
