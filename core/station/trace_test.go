package station_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/sdk"
	"playbill/sdk/rotate"
)

// log collects what happens, by kind: within a kind the order is that of the one goroutine which makes it.
type log struct {
	mu    sync.Mutex
	lines map[string][]string
	path  map[string][]string // what an entry or a purchase went through
	order []string
}

func kinds() []string {
	return []string{"do", "refused", "admin", "event", "lock", "alarm", "load", "again", "buy", "promo", "entry", "body", "air", "money", "asks", "why", "state", "owed", "told", "show"}
}

func (l *log) add(kind, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines == nil {
		l.lines, l.path = map[string][]string{}, map[string][]string{}
	}
	l.lines[kind] = append(l.lines[kind], fmt.Sprintf(format, args...))
}

// went notes a step of something that has a path.
func (l *log) went(kind, what, step string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines == nil {
		l.lines, l.path = map[string][]string{}, map[string][]string{}
	}
	key := kind + "\x00" + what
	if _, known := l.path[key]; !known {
		l.order = append(l.order, key)
	}
	if p := l.path[key]; len(p) == 0 || p[len(p)-1] != step {
		l.path[key] = append(p, step)
	}
}

func (l *log) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range l.order {
		kind, what, _ := strings.Cut(key, "\x00")
		l.lines[kind] = append(l.lines[kind], what+": "+strings.Join(l.path[key], " > "))
	}
	var out []string
	for _, kind := range kinds() {
		for _, line := range l.lines[kind] {
			out = append(out, fmt.Sprintf("%-7s %s", kind, line))
		}
	}
	l.lines, l.path, l.order = map[string][]string{}, map[string][]string{}, nil
	return out
}

// driver records the commands.
type driver struct {
	*channeltest.Faulty
	w *world
}

func (d *driver) Do(ctx context.Context, c channel.Command) channel.Result {
	if d.w.dead.Load() {
		return channel.Result{}
	}
	what := d.words(c)
	r := d.Faulty.Do(ctx, c)
	result := r.Outcome.String()
	if r.Fault != nil && r.Outcome == channel.Refused {
		result += " " + string(r.Fault.Code)
	}
	d.w.log.add("do", "%s: %s", what, result)
	return r
}

func (d *driver) words(c channel.Command) string {
	name := func(ref channel.Ref) string {
		v := d.w.st.View()
		for _, e := range v.Shadow.Entries {
			if e.Bind == ref {
				return e.Media.ID
			}
		}
		return fmt.Sprint(ref)
	}
	switch c := c.(type) {
	case channel.Add:
		if c.Next {
			return "add " + c.Media.ID + " next"
		}
		return "add " + c.Media.ID
	case channel.Move:
		return fmt.Sprintf("move %s behind %s", name(c.Item), name(c.After))
	case channel.Remove:
		return "remove " + name(c.Item)
	case channel.Jump:
		return "jump " + name(c.Item)
	case channel.Say:
		return "say " + c.Text
	case channel.Tell:
		return fmt.Sprintf("tell %s %s", c.To, c.Text)
	}
	return fmt.Sprintf("%T", c)
}

// journal records the turns that were committed, and can be made to fail.
type journal struct {
	*store.Channel
	log *log
	w   *world
}

var errDisk = fault.Wrap(errors.New("disk full"), fault.Journal, "Nothing can be stored now.") // as the store words it

func (j *journal) Commit(ctx context.Context, t station.Turn) (station.Committed, error) {
	if j.w.diskFull() {
		return station.Committed{}, errDisk
	}
	got, err := j.Channel.Commit(ctx, t)
	if err != nil {
		if !fault.Is(err, fault.Fenced) {
			j.w.t.Errorf("commit: %v", err)
		}
		return got, err
	}
	for _, p := range got.Purchases {
		j.w.names.Store(p.ID, p.Media.ID)
		step := string(p.State)
		if p.State == pay.Refunded || p.State == pay.Refunding {
			step += "(" + p.Reason + ")"
		}
		j.log.went("buy", p.Media.ID, step)
		switch p.State {
		case pay.Settled:
			j.log.add("money", "settled %d of %s", p.Price, p.Buyer)
		case pay.Refunded:
			j.log.add("money", "released %d to %s", p.Price, p.Buyer)
		}
	}
	j.happened(t)
	j.entries(t)
	j.others(t, got)
	return got, nil
}

func (j *journal) entries(t station.Turn) {
	for _, e := range slices.Concat(t.Entries, t.Rebound) {
		step := string(e.State)
		if e.State == shadow.Ended {
			step = e.EndedHow
		} else if e.Leaving != "" {
			step = "leaving " + e.Leaving
		}
		switch {
		case e.Role.Promo():
			j.log.went("promo", e.PromoType+" "+e.Media.ID, step)
		case e.Role == shadow.Event:
			j.log.went("body", e.Media.ID, step)
		case e.Role == shadow.Content && (e.State == shadow.Ended || e.SentAtMS != 0), e.Leaving != "" && e.Role == shadow.Content:
			j.log.went("entry", e.Media.ID, step)
		}
	}
}

func (j *journal) others(t station.Turn, got station.Committed) {
	for _, r := range t.Airings {
		counted := ""
		if r.Counted {
			counted = ", counted"
		}
		switch {
		case r.EndedAtMS != 0 && r.Observed:
			j.log.add("air", "%s %s after %ds%s", r.Title, r.How, r.AiredMS/1000, counted)
		case r.EndedAtMS != 0:
			j.log.add("air", "%s %s, not observed", r.Title, r.How)
		}
	}
	for _, d := range t.Decisions {
		line := fmt.Sprintf("%s %s %s %s", d.Rule, d.Outcome, d.Detail.PromoType, d.Detail.Clip)
		for _, c := range d.Detail.Candidates {
			if c.Rejected != "" {
				line += fmt.Sprintf("; %s %s", c.PromoType, c.Rejected)
			}
		}
		if d.Detail.Reason != "" && d.Outcome != "placed" {
			line += " (" + d.Detail.Reason + ")"
		}
		j.log.add("why", "%s", line)
	}
	for _, s := range t.States {
		j.log.add("state", "%s at %d", s.Plugin, s.Base+1)
	}
	for _, n := range t.Notices {
		j.log.add("owed", "%s: %s", n.User, n.Text)
	}
	if len(got.Conflicts) > 0 {
		j.log.add("state", "conflict %v", got.Conflicts)
	}
}

func (w *world) diskFull() bool { w.set.mu.Lock(); defer w.set.mu.Unlock(); return w.set.full }

// plugins are the seven strategies as Go values behind the Asker, and whatever else a script wants of them.
type plugins struct {
	log  *log
	mu   sync.Mutex
	mode map[string]string // dead, late, silent, off
	once map[string]func() // while the plugin is being asked
}

func newPlugins(l *log) *plugins {
	return &plugins{log: l, mode: map[string]string{}, once: map[string]func(){}}
}

// command: "plugin channel-identity dead|late|silent|off|ready".
func (p *plugins) command(args []string) error {
	p.mu.Lock()
	p.mode[args[0]] = args[1]
	p.mu.Unlock()
	time.Sleep(1100 * time.Millisecond)
	return nil
}

func (p *plugins) is(plugin string) string { p.mu.Lock(); defer p.mu.Unlock(); return p.mode[plugin] }

func typeOf(id string) sdk.PromoType {
	for _, m := range members() {
		for _, t := range m.Types {
			if t.ID == id {
				return t
			}
		}
	}
	return sdk.PromoType{}
}

func members() []station.Member {
	general := func(plugin, id, order string, weight int) station.Member {
		return station.Member{Plugin: plugin, Version: "1.0.0", Hooks: []station.Hook{station.OnAdvance},
			Types: []sdk.PromoType{{ID: id, Slot: sdk.General, Order: order, Weight: weight}}, StateVersion: 1}
	}
	return []station.Member{
		general("channel-identity", "channel_identity", sdk.OrderRandom, 3),
		general("event", "event", sdk.OrderRandom, 2),
		{Plugin: "feature-presentation", Version: "1.0.0", Hooks: []station.Hook{station.OnAdvance}, StateVersion: 1,
			Types: []sdk.PromoType{{ID: "feature_presentation", Slot: sdk.LeadIn, Serves: sdk.ServesUnpaid, Order: sdk.OrderRandom}}},
		general("mod-shoutout", "mod_shoutout", sdk.OrderSequential, 1),
		{Plugin: "presence-leave", Version: "1.0.0", Hooks: []station.Hook{station.OnPresence}, StateVersion: 1},
		{Plugin: "presence-afk", Version: "1.0.0", Hooks: []station.Hook{station.OnPresence}, StateVersion: 1},
		{Plugin: "viewers-choice", Version: "1.0.0", Hooks: []station.Hook{station.OnAdvance, station.OnPay, station.OnCancel}, StateVersion: 1,
			Types: []sdk.PromoType{{ID: "viewers_choice", Slot: sdk.LeadIn, Serves: sdk.ServesPaid, Order: sdk.OrderRandom}}},
	}
}

// Roster lists the plugins; a dead one is not ready, one that is off has no say.
func (p *plugins) Roster() []station.Member {
	all := members()
	if p.is("twins") != "" {
		all = append(all, twins())
	}
	for i := range all {
		mode := p.is(all[i].Plugin)
		all[i].Ready, all[i].Disabled = mode != "dead" && mode != "off", mode == "off"
	}
	return all
}

func (p *plugins) Promo(ctx context.Context, h station.Hook, per map[string]sdk.Advance) []station.Outcome {
	var out []station.Outcome
	for _, m := range p.Roster() {
		a, asked := per[m.Plugin]
		if !asked {
			continue
		}
		o := station.Outcome{EventID: a.EventID, Hook: h, Plugin: m.Plugin, Version: m.Version, StateVersion: 1, AtMS: a.NowMS,
			SHA256: "00", Request: []byte("request")}
		o.Answer, o.Kind, o.Why = p.answer(ctx, h, m.Plugin, a)
		p.log.add("asks", "%s %s: %s%s", h, m.Plugin, o.Kind, slotWords(a))
		out = append(out, o)
	}
	return out
}

func slotWords(a sdk.Advance) string {
	var out string
	for _, s := range a.Slots {
		out += fmt.Sprintf(", before %s", s.Target.Media.ID)
	}
	return out
}

func (p *plugins) answer(ctx context.Context, h station.Hook, plugin string, a sdk.Advance) (sdk.Answer, station.Kind, string) {
	p.whenAsked(plugin)
	switch p.is(plugin) {
	case "late":
		time.Sleep(100 * time.Millisecond)
		return sdk.Answer{}, station.Timeout, "late"
	case "crash":
		return sdk.Answer{}, station.Crashed, "crashed"
	case "silent":
		return sdk.Answer{}, station.NoOpinion, ""
	}
	if h == station.OnCancel {
		if a.LeadIn == "" {
			return sdk.Answer{}, station.NoOpinion, ""
		}
		return sdk.Answer{State: rotate.GiveBack(a.State, a.LeadIn)}, station.NoOpinion, ""
	}
	if plugin == "twins" {
		return answerAll(a), station.Proposed, ""
	}
	for _, s := range a.Slots {
		if plugin == "feature-presentation" && s.Target.Media.DurationMS < 3_600_000 {
			continue
		}
		clip, next := rotate.Pick(s, a.State, a.Seed)
		if clip != "" {
			return sdk.Answer{Inserts: []sdk.Insert{{SlotID: s.ID, ClipKey: clip, Reason: s.Order}}, State: next}, station.Proposed, ""
		}
	}
	_ = ctx
	return sdk.Answer{}, station.NoOpinion, ""
}

func (p *plugins) Presence(_ context.Context, per map[string]sdk.Round) []station.Outcome {
	var out []station.Outcome
	for _, m := range p.Roster() {
		r, asked := per[m.Plugin]
		if !asked {
			continue
		}
		o := station.Outcome{EventID: r.EventID, Hook: station.OnPresence, Plugin: m.Plugin, Version: m.Version, Kind: station.NoOpinion,
			AtMS: r.NowMS, SHA256: "00", Request: []byte("request")}
		switch p.is(m.Plugin) {
		case "late":
			o.Kind = station.Timeout
		case "crash":
			o.Kind = station.Crashed
		default:
			o.Verdicts = p.minded(m.Plugin, verdicts(m.Plugin, r))
			if len(o.Verdicts.Away) > 0 {
				o.Kind = station.Proposed
			}
		}
		out = append(out, o)
	}
	return out
}

func verdicts(plugin string, r sdk.Round) (v sdk.Verdicts) {
	for _, o := range r.Owners {
		switch {
		case plugin == "presence-leave" && !o.Present:
			v.Away = append(v.Away, sdk.Verdict{Owner: o.Key, Reason: pay.OwnerLeft, Text: "because you left the channel"})
		case plugin == "presence-afk" && o.Present && o.AFK:
			v.Away = append(v.Away, sdk.Verdict{Owner: o.Key, Reason: pay.OwnerAFK, Text: "because you went AFK"})
		}
	}
	return v
}
