package store

import (
	"errors"
	"fmt"
	"testing"

	"playbill/core/asrun"
	"playbill/core/channel"
	"playbill/core/event"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

func TestEverythingOfATurnComesBack(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	if w := load(t, c); !w.FirstRun || w.AliveAtMS != 0 || w.Fence != 1 {
		t.Errorf("a new channel: %+v", w)
	}
	target := content(1, 0)
	lead := &shadow.Entry{ID: 2, Role: shadow.LeadIn, State: shadow.Sent, Temp: true, AddedBy: "bot", PromoType: "feature_presentation",
		Target: 1, Airing: 4, SentAtMS: 7, Ord: 1, PlannedAtMS: 99, Decision: 1, Plugin: "feature-presentation",
		Media: sdk.Media{Type: "yt", ID: "clip", Title: "Clip"}, Proposal: &shadow.Proposal{Plugin: "feature-presentation", Base: 3, Version: 2},
		Undo: &shadow.Undo{Rev: 3, Version: 1, Data: []byte("before")}}
	gone := &shadow.Entry{ID: 3, Role: shadow.General, State: shadow.Ended, Temp: true, AddedBy: "bot", PromoType: "event",
		Media: sdk.Media{Type: "yt", ID: "g"}, AiredAtMS: 5, Airings: 1, EndedAtMS: testNow - 1000, EndedHow: channel.Played}
	old := *gone
	old.ID, old.EndedAtMS = 4, testNow-ghostWindow.Milliseconds()-1
	on := asrun.Row{RunID: 8, Entry: 1, Role: "content", MediaType: "yt", MediaID: "c1", StartedAtMS: 20, PeopleStart: 3, PeopleEnd: -1, Observed: true}
	state := promo.State{Counted: 3, LastClip: map[string]string{"event": "x"}}
	clocks := []presence.Clock{{Owner: "ann", AwayMS: 5, Plugin: "presence-leave", Reason: "owner_left", AtMS: 6}}
	commit(t, c, station.Turn{
		Epoch: 12, Entries: []*shadow.Entry{lead, gone, &old, target}, Airings: []asrun.Row{on}, Promo: &state, Clocks: &clocks,
		Decisions: []asrun.Decision{{ID: 1, AtMS: 1, EventID: "e", Hook: "OnAdvance", Target: 1, Rule: "lead_in", Outcome: "placed", Seed: 1 << 63,
			Detail: asrun.Detail{Clip: "x", Candidates: []asrun.Candidate{{Clip: "y", Rejected: "resting"}}}}},
		Calls:   []station.Outcome{{EventID: "e", Hook: station.OnAdvance, Plugin: "p", Kind: station.Proposed, AtMS: 1, Reply: []byte{0, 1}}},
		States:  []station.PluginState{{Plugin: "p", Version: 1, Data: []byte("one")}},
		Notices: []station.Notice{{ID: 1, User: "ann", Text: "a", CreatedAtMS: 1}, {ID: 2, User: "bob", Text: "b", CreatedAtMS: 2}},
		Told:    []int64{1}, OnAir: &station.OnAir{Entry: 1, SinceMS: 20},
		Locked: []event.Lock{{ID: 3, Kind: event.During, Schedule: 4, OpenedAtMS: 1}, {ID: 5, Kind: event.PreEvent, Schedule: 5, Label: "Serial Club", OpenedAtMS: 70, StartsAtMS: 77}},
	})
	commit(t, c, station.Turn{Unlocked: map[int64]string{3: "ann"}})
	lead.Proposal.Next = []byte{}
	same(t, "world", load(t, c), station.World{
		Fence: 1, Epoch: 12, Entries: []*shadow.Entry{lead, target}, Recent: []*shadow.Entry{gone}, OnAir: station.OnAir{Entry: 1, SinceMS: 20},
		Promo: state, States: map[string]station.PluginState{"p": {Plugin: "p", Base: 1, Version: 1, Data: []byte("one")}}, Clocks: clocks,
		Locks:   []event.Lock{{ID: 5, Kind: event.PreEvent, Schedule: 5, Label: "Serial Club", OpenedAtMS: 70, StartsAtMS: 77}},
		Notices: []station.Notice{{ID: 2, User: "bob", Text: "b", CreatedAtMS: 2}}, OpenRun: &on, LastRun: 8, LastDecision: 1, LastNotice: 2, LastLock: 5,
		AliveAtMS: testNow, Purchases: []pay.Purchase{}, Schedules: []event.Schedule{}, Alarms: []event.Firing{}, Ran: []event.Firing{},
	})
	same(t, "next id after what was stored", reclaim(t, c).NextEntry(), shadow.EntryID(5))
	decisions, err := c.Decisions(t.Context(), 10, 0)
	if err != nil || len(decisions) != 1 || decisions[0].Seed != 1<<63 || decisions[0].Detail.Candidates[0].Rejected != "resting" {
		t.Errorf("decisions %+v, %v", decisions, err)
	}
	calls, err := c.HookCalls(t.Context(), "p", 10)
	if err != nil || len(calls) != 1 || calls[0].Kind != station.Proposed || len(calls[0].Reply) != 2 {
		t.Errorf("calls %+v, %v", calls, err)
	}
}

// reclaim ends a claim and makes the next one.
func reclaim(t *testing.T, c *Channel) *Channel {
	t.Helper()
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	return claim(t, c.db)
}

func TestAPartThatFailsLeavesNothing(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	h := hold(t, c, order("ann", "a", "k1"))
	before := load(t, c)
	whole := func() station.Turn {
		return station.Turn{AtMS: testNow, Epoch: 9, Entries: []*shadow.Entry{content(50, 1)},
			Airings:   []asrun.Row{{RunID: 1, Entry: 50, StartedAtMS: 1}},
			Purchases: []station.PurchaseFact{{ID: h.Purchase.ID, Fact: pay.Sending}, {ID: h.Purchase.ID, Fact: pay.Refused}},
			States:    []station.PluginState{{Plugin: "p", Data: []byte("x")}}, Promo: &promo.State{Counted: 3},
			Notices: []station.Notice{{ID: 1, User: "ann", Text: "t"}}, OnAir: &station.OnAir{Entry: 50}}
	}
	for name, spoil := range map[string]func(*station.Turn){
		"an impossible fact": func(t *station.Turn) {
			t.Purchases = append([]station.PurchaseFact{{ID: h.Purchase.ID, Fact: pay.Gone}}, t.Purchases...)
		},
		"an unknown purchase": func(t *station.Turn) {
			t.Purchases = append(t.Purchases, station.PurchaseFact{ID: "none", Fact: pay.Gone})
		},
		"two with one uid":    func(t *station.Turn) { t.Entries = append(t.Entries, content(51, 1)) },
		"two airings at once": func(t *station.Turn) { t.Airings = append(t.Airings, asrun.Row{RunID: 2, Entry: 50, StartedAtMS: 2}) },
		"a state too large":   func(t *station.Turn) { t.States[0].Data = make([]byte, 70_000) },
		"a call that was made before": func(t *station.Turn) {
			t.Calls = []station.Outcome{{EventID: "e", Plugin: "p", Kind: station.Skipped}, {EventID: "e", Plugin: "p", Kind: station.Skipped}}
		},
		"a notice twice": func(t *station.Turn) { t.Notices = append(t.Notices, t.Notices[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			turn := whole()
			spoil(&turn)
			if _, err := c.Commit(t.Context(), turn); err == nil {
				t.Fatal("it was accepted")
			}
			same(t, "the world", load(t, c), before)
			verify(t, c)
		})
	}
	if _, err := c.Commit(t.Context(), whole()); err != nil {
		t.Fatal("unspoiled:", err)
	}
	same(t, "refunded", balance(t, c, "ann"), ledger.Coins(1000))
}

func TestAFactThatChangesNothingWritesNothing(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	h := hold(t, c, order("ann", "a", "k1"))
	fact := func(f pay.Fact, reason string) station.Turn {
		return station.Turn{Purchases: []station.PurchaseFact{{ID: h.Purchase.ID, Fact: f, Reason: reason}}}
	}
	commit(t, c, fact(pay.Withdrawn, pay.Cancelled))
	done := commit(t, c, fact(pay.Withdrawn, pay.OwnerLeft))
	if p := done.Purchases[0]; p.State != pay.Refunded || p.Reason != pay.Cancelled {
		t.Errorf("the second reason counted: %+v", p)
	}
	same(t, "transfers", verify(t, c).Transfers, int64(3))
}

func TestConflictingStatesAreTold(t *testing.T) {
	c := claim(t, open(t))
	set := func(base int64, data string) []string {
		return commit(t, c, station.Turn{States: []station.PluginState{{Plugin: "p", Base: base, Version: 1, Data: []byte(data)}}}).Conflicts
	}
	same(t, "first", set(0, "a"), []string(nil))
	same(t, "first again", set(0, "b"), []string{"p"})
	same(t, "stale", set(7, "c"), []string{"p"})
	same(t, "in order", set(1, "d"), []string(nil))
	same(t, "stored", load(t, c).States["p"], station.PluginState{Plugin: "p", Base: 2, Version: 1, Data: []byte("d")})
}

// TestOneTurnMayReplace has ends and successors in one turn, in the worst order.
func TestOneTurnMayReplace(t *testing.T) {
	c := claim(t, open(t))
	general := func(id int64, uid channel.UID, plugin string) *shadow.Entry {
		e := content(id, uid)
		e.Role, e.Temp, e.PromoType = shadow.General, true, "event"
		e.Proposal = &shadow.Proposal{Plugin: plugin, Base: 1}
		return e
	}
	commit(t, c, station.Turn{Entries: []*shadow.Entry{content(1, 0), general(2, 1, "p")}})
	ended, aired := content(1, 0), general(2, 1, "p")
	ended.State, ended.EndedAtMS, ended.EndedHow = shadow.Ended, 5, shadow.Lost
	aired.AiredAtMS, aired.Airings, aired.Proposal = 5, 1, nil
	lead := &shadow.Entry{ID: 3, Role: shadow.LeadIn, State: shadow.Bound, Temp: true, AddedBy: "bot", PromoType: "x", Target: 9,
		Media: sdk.Media{Type: "yt", ID: "l"}, Bind: channel.Ref{Epoch: 1, UID: 8}}
	commit(t, c, station.Turn{Entries: []*shadow.Entry{lead, general(4, 2, "p"), aired, content(9, 0), ended}})
	same(t, "live", len(load(t, c).Entries), 4)
}

func TestAnEndedEntryStaysEnded(t *testing.T) {
	c := claim(t, open(t))
	e := content(1, 0)
	e.State, e.EndedAtMS, e.EndedHow = shadow.Ended, 5, shadow.Lost
	commit(t, c, station.Turn{Entries: []*shadow.Entry{e}})
	_, err := c.Commit(t.Context(), station.Turn{Entries: []*shadow.Entry{content(1, 0)}})
	same(t, "refused by", violates(err), "entries_ended_is_final")
}

// TestRowsPerAdvance counts what SQLite wrote: the entry that left, the one that started, the airing that is over, and
// the channel's own row, however long the list.
func TestRowsPerAdvance(t *testing.T) {
	c := claim(t, open(t))
	list := fill(t, c, 4000)
	run := asrun.Row{RunID: 1, Entry: 1, Role: "content", MediaType: "yt", MediaID: "c1", StartedAtMS: 1}
	commit(t, c, station.Turn{Airings: []asrun.Row{run}})
	for i := range 5 {
		written := changes(t, c)
		commit(t, c, advance(list, i))
		if n := changes(t, c) - written; n > 4 {
			t.Errorf("an advance wrote %d rows", n)
		}
	}
	runs, err := c.Asrun(t.Context(), 10, 0)
	if err != nil || len(runs) != 6 || runs[0].EndedAtMS != 0 || runs[0].RunID != 6 || runs[5].How != channel.Played {
		t.Errorf("as-run: %+v, %v", runs, err)
	}
}

func fill(t testing.TB, c *Channel, n int) []*shadow.Entry {
	list := make([]*shadow.Entry, n)
	for i := range list {
		list[i] = content(int64(i+1), channel.UID(i))
	}
	commit(t, c, station.Turn{Entries: list})
	return list
}

// advance is the turn in which entry i, a temp one, ends and entry i+1 starts.
func advance(list []*shadow.Entry, i int) station.Turn {
	at := testNow + int64(i)
	left, started := *list[i], *list[i+1]
	left.State, left.EndedAtMS, left.EndedHow = shadow.Ended, at, channel.Played
	started.Airings, started.AiredAtMS = 1, at
	over := asrun.Row{RunID: int64(i + 1), Entry: int64(left.ID), StartedAtMS: at - 1, EndedAtMS: at, How: channel.Played, PeopleStart: -1}
	next := asrun.Row{RunID: int64(i + 2), Entry: int64(started.ID), StartedAtMS: at}
	return station.Turn{AtMS: at, Entries: []*shadow.Entry{&left, &started}, Airings: []asrun.Row{over, next},
		OnAir: &station.OnAir{Entry: started.ID, SinceMS: at}, Promo: &promo.State{Counted: i}}
}

func changes(t testing.TB, c *Channel) (n int64) {
	t.Helper()
	if err := c.db.writer.do(t.Context(), func(t *tx) error { return t.Raw("SELECT total_changes()").Scan(&n).Error }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheFence(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	grant(t, c, "ann", 1000)
	if _, err := db.Claim(t.Context(), testChannel, "other"); !fault.Is(err, fault.Standby) {
		t.Errorf("a second claim: %v", err)
	}
	if _, err := db.Claim(t.Context(), "another channel/../x", "other"); err != nil {
		t.Errorf("another channel: %v", err)
	}
	// Another host has claimed it: on one machine the lock forbids that, so its row is written here.
	if err := raw(t.Context(), db, "UPDATE channels SET fence = fence + 1, holder = 'other' WHERE channel = 'lounge'"); err != nil {
		t.Fatal(err)
	}
	_, loadErr := c.Load(t.Context())
	_, commitErr := c.Commit(t.Context(), station.Turn{Entries: []*shadow.Entry{content(1, 1)}})
	_, holdErr := c.Hold(t.Context(), order("ann", "a", "k"), testNow, sell)
	_, postErr := c.Post(t.Context(), []ledger.Transfer{granted("ann", 1, "g")}, testNow)
	for name, err := range map[string]error{"load": loadErr, "commit": commitErr, "hold": holdErr, "post": postErr, "audit": c.Audit(t.Context())} {
		if !fault.Is(err, fault.Fenced) {
			t.Errorf("%s: %v", name, err)
		}
	}
	next := reclaim(t, c)
	same(t, "fence", next.Fence(), int64(3))
	same(t, "nothing was written", balance(t, next, "ann"), ledger.Coins(1000))
}

func TestFailpoints(t *testing.T) {
	var passed []string
	db := openAt(t, Options{Path: t.TempDir() + "/playbill.db", Crash: func(p string) { passed = append(passed, p) }})
	c := claim(t, db)
	grant(t, c, "ann", 1000)
	passed = nil
	h := hold(t, c, order("ann", "a", "k1"))
	same(t, "hold", passed, []string{"hold.before", "hold.after"})
	passed = nil
	commit(t, c, station.Turn{Purchases: []station.PurchaseFact{{ID: h.Purchase.ID, Fact: pay.Sending}, {ID: h.Purchase.ID, Fact: pay.InPlace},
		{ID: h.Purchase.ID, Fact: pay.Started}}, States: []station.PluginState{{Plugin: "p", Data: []byte("x")}}})
	same(t, "turn", passed, []string{"turn.commit.before", "placed.before", "settle.before", "plugin_state.promote.before",
		"turn.commit.after", "placed.after", "settle.after", "plugin_state.promote.after"})
	passed = nil
	if _, err := c.Hold(t.Context(), order("bob", "b", "k1"), testNow, sell); err == nil {
		t.Error("bob has no coins")
	}
	same(t, "a refusal", passed, []string(nil))
}

func TestAPanicRefusesOneRequest(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	_, err := c.Hold(t.Context(), order("ann", "a", "k1"), testNow, func(pay.Facts) pay.Quote { panic("no price") })
	if err == nil {
		t.Fatal("it was sold")
	}
	hold(t, c, order("ann", "a", "k1"))
	verify(t, c)
}

func TestAnEndedContextWritesNothing(t *testing.T) {
	db := open(t)
	c := claim(t, db)
	err := db.writer.do(t.Context(), func(tx *tx) error { return errors.New("refused") })
	if err == nil || err.Error() != "refused" {
		t.Errorf("got %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Commit(t.Context(), station.Turn{}); !fault.Is(err, fault.Stopping) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := db.Claim(t.Context(), "x", ""); !fault.Is(err, fault.Stopping) {
		t.Errorf("after Close: %v", err)
	}
}

func ExampleViolation() {
	fmt.Println(&Violation{Constraint: "wallets_never_negative", Cause: errors.New("code 275")})
	// Output: refused by wallets_never_negative: code 275
}
