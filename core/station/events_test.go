package station_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"playbill/core/audit"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/core/station"
	"playbill/sdk"
)

// doList saves a playlist: "list Serial immutable s1:60 s2:60".
func (w *world) doList(args []string) error {
	p := event.Programme{Name: args[0]}
	var items []library.Item
	for _, word := range args[1:] {
		if word == "immutable" {
			p.Immutable = true
			continue
		}
		m := w.media(word)
		p.Items, items = append(p.Items, m), append(items, library.Item{Media: m})
	}
	if items == nil { // nobody saves an event without a title, but the playlist may be emptied afterwards
		items = []library.Item{{Media: sdk.Media{Type: "yt", ID: "gone", Title: "gone"}}}
	}
	saved, err := w.book.SavePlaylist(context.Background(), library.Playlist{ID: w.listed(p.Name), Name: p.Name, Items: items, Rev: w.rev(p.Name)}, audit.Entry{})
	if err != nil {
		return err
	}
	p.ID = saved.ID
	w.shelf.mu.Lock()
	defer w.shelf.mu.Unlock()
	lists := map[int64]event.Programme{saved.ID: p}
	for id, other := range w.shelf.lists {
		if id != saved.ID {
			lists[id] = other
		}
	}
	w.shelf.lists = lists
	return nil
}

// listed is a playlist's id, 0: there is none.
func (w *world) listed(name string) int64 {
	w.shelf.mu.Lock()
	defer w.shelf.mu.Unlock()
	for id, p := range w.shelf.lists {
		if p.Name == name {
			return id
		}
	}
	return 0
}

func (w *world) rev(name string) int64 {
	all, _ := w.book.Playlists(context.Background())
	for _, p := range all {
		if p.Name == name {
			return p.Rev
		}
	}
	return 0
}

// doEvent plans an event, or changes it: "event Serial list=Serial in=10m [fallback=Rest] [lock=5] [rule=FREQ=DAILY] [off] [on]
// [mutable-from-start] [rotate]". What it does not name stays.
func (w *world) doEvent(args []string) error {
	defer w.settle()
	s, _ := w.plan(args[0])
	if s.ID == 0 {
		s = event.Schedule{Label: args[0], Active: true}
	}
	for _, word := range args[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "list":
			s.Playlist = w.listed(value)
		case "fallback":
			s.Fallback = w.listed(value)
		case "in":
			d, err := time.ParseDuration(value)
			if err != nil {
				return err
			}
			s.Start = time.Now().UTC().Add(d).Format("2006-01-02T15:04")
		case "lock":
			s.LockMinutes, _ = strconv.Atoi(value)
		case "rule":
			s.Rule = value
		case "off", "on":
			s.Active = name == "on"
		case "named":
			s.Label = value
		case "rotate":
			s.Rotate = true
		case "expired":
			s.ImmutableUntilMS = 1
		default:
			return fmt.Errorf("event knows list, fallback, in, lock, rule, off, on, named, rotate and expired, not %q", name)
		}
	}
	_, err := w.st.SaveSchedule(context.Background(), s, audit.Entry{Actor: "admin"})
	return w.answered("event "+args[0], err)
}

// answered puts a refusal into the trace.
func (w *world) answered(what string, err error) error {
	if f := fault.Of(err); f != nil {
		w.log.add("admin", "%s: %s: %s", what, f.Code, f.Sentence)
		return nil
	}
	return err
}

func (w *world) plan(label string) (event.Schedule, bool) {
	all := w.st.View().Schedules
	if i := slices.IndexFunc(all, func(s event.Schedule) bool { return s.Label == label }); i >= 0 {
		return all[i], true
	}
	return event.Schedule{}, false
}

// programme is what an admin does to events and loads: "admin fires Serial", "admin deletes Serial", "admin ends-lockout",
// "admin puts-away", "admin loads Rest", "admin cancels-load".
func (w *world) programme(args []string) (known bool, err error) {
	ctx, who := context.Background(), audit.Entry{Actor: "admin"}
	switch args[0] {
	case "fires":
		s, _ := w.plan(args[1])
		_, err = w.st.FireNow(ctx, s.ID, who)
	case "deletes":
		s, _ := w.plan(args[1])
		err = w.st.DeleteSchedule(ctx, s.ID, s.Rev, who)
	case "ends-lockout":
		err = w.st.EndLockout(ctx, who)
	case "puts-away":
		for _, f := range w.st.View().Alarms {
			err = w.st.PutAway(ctx, f.ID, who)
		}
	case "loads":
		_, err = w.st.Load(ctx, w.listed(args[1]), who)
	case "cancels-load":
		err = w.st.CancelLoad(ctx, who)
	default:
		return false, nil
	}
	return true, w.answered(strings.Join(args, " "), err)
}

// happened traces what a turn says of events and loads.
func (j *journal) happened(t station.Turn) {
	if len(j.w.st.View().Schedules) > 0 { // what a script without events locks is its own business
		j.locks(t)
	}
	for _, f := range t.Firings {
		step := string(f.Step)
		if f.EndedHow != "" {
			step += "(" + f.EndedHow + ")"
		}
		j.log.went("event", f.Label, step)
		if f.Alarm != "" && f.SeenBy == "" {
			j.log.add("alarm", "%s", f.Alarm)
		}
	}
	for _, m := range t.Makegoods {
		name, _ := j.w.names.Load(m.Purchase)
		j.log.add("money", "makegood for %s, %s", name, m.Reason)
	}
	for _, l := range t.Loads {
		step := fmt.Sprintf("%d of %d", l.Done, l.Total)
		if len(l.Failed) > 0 {
			last := l.Failed[len(l.Failed)-1]
			step += fmt.Sprintf(", %d failed (%s: %s)", len(l.Failed), last.Title, last.Why)
		}
		if l.EndedHow != "" {
			step += ", " + l.EndedHow
		}
		if l.Why != "" {
			step += ": " + l.Why
		}
		j.log.went("load", l.Name, step)
	}
}

func (j *journal) locks(t station.Turn) {
	label := map[int64]string{}
	for _, l := range t.Locked {
		j.log.add("lock", "%s %s opens", l.Kind, l.Label)
	}
	for _, l := range j.w.st.View().Locks {
		label[l.ID] = l.Kind + " " + l.Label
	}
	for _, id := range slices.Sorted(maps.Keys(t.Unlocked)) {
		j.log.add("lock", "%s lifts, by %s", label[id], t.Unlocked[id])
	}
}

// plans shows the events to come, and when requests close and open: "show events".
func (w *world) plans() {
	v := w.st.View()
	since := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("02 15:04") }
	for _, o := range v.Upcoming {
		w.log.add("show", "%s on %s, closes %s, immutable %t", o.Label, since(o.StartsAtMS), since(o.ClosesAtMS), o.Immutable)
	}
	if v.Gate.PayClosed {
		w.log.add("show", "%s Opens at %s", v.Gate.Sentence, since(v.Gate.OpensAtMS))
	}
	for _, s := range v.Schedules {
		if s.Broken != "" {
			w.log.add("show", "%s is broken: %s", s.Label, s.Broken)
		}
	}
	if len(v.Alarms) > 0 {
		w.log.add("show", "%d alarms", len(v.Alarms))
	}
}

func (s *shelf) Programme(id int64) (event.Programme, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, known := s.lists[id]
	return p, known
}

func (s *settings) Events() event.Settings { return event.Settings{MaxLateMS: 120_000} }
