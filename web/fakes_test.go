package web

import (
	"context"
	"crypto/sha256"
	"sync/atomic"
	"testing"
	"time"

	"playbill/core/access"
	"playbill/core/asrun"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/core/till"
	"playbill/sdk"
	"playbill/web/api"
)

// noon is the instant at which the worlds of these tests stand still: 21 November 2026, 20:07 UTC.
var noon = time.Date(2026, 11, 21, 20, 7, 0, 0, time.UTC).UnixMilli()

// world is every port of the web, in memory.
type world struct {
	*vault
	edits
	office *office
	stage  *stage
	bureau *bureau
	view   atomic.Pointer[station.View]
	promos promo.Settings
	rules  pay.Rules
	saved  api.Saved

	quote     pay.Quote
	bought    pay.Purchase
	err       error // what every port answers, when set
	wish      till.Wish
	actor     till.Actor
	removed   shadow.EntryID
	trail     []audit.Entry
	posted    []ledger.Transfer
	lists     []library.Playlist
	query     library.Query
	asked     []library.Query // every query
	people    map[channel.UserKey]channel.User
	purchases map[string]pay.Purchase
	settled   chan struct{}
	panics    atomic.Bool
}

func newWorld() *world {
	w := &world{vault: newVault(), office: newOffice(), stage: &stage{}, rules: pay.Defaults(), settled: make(chan struct{}), promos: promo.Settings{
		Revision: 7, Enabled: true, MovieThresholdMS: 3_600_000, NoRepeat: true, LeadInOrder: []string{"viewers_choice", "feature_presentation"},
		EveryItems: 4, EveryMS: 1_200_000, MinAirtimeMS: 10_000, Selection: promo.Weighted,
		Types: map[string]promo.TypeSettings{
			"channel_identity": {Enabled: true, Order: "random", Weight: 3},
			"viewers_choice":   {Enabled: true, Order: "random"},
		}},
		saved:     api.Saved{Revision: 7, Persisted: true},
		people:    map[channel.UserKey]channel.User{},
		purchases: map[string]pay.Purchase{},
	}
	w.bureau = newBureau(w)
	w.view.Store(evening())
	return w
}

// evening is a view with a film on the air, promos, paid titles and one that is being added.
func evening() *station.View {
	entry := func(id int64, role shadow.Role, title string, sec int64) *shadow.Entry {
		return &shadow.Entry{ID: shadow.EntryID(id), Role: role, State: shadow.Bound, AddedBy: "halcyon",
			Media: sdk.Media{Type: "yt", ID: "m" + title, Title: title, DurationMS: sec * 1000}, Bind: channel.Ref{UID: channel.UID(id)}}
	}
	film := entry(1, shadow.Content, "Carnival of Souls", 4700)
	choice := entry(2, shadow.LeadIn, "Ticket punch", 15)
	choice.PromoType, choice.Target, choice.Temp = "viewers_choice", 3, true
	paid := entry(3, shadow.Paid, "Steam Ferries of the Clyde", 1440)
	paid.Purchase, paid.PaidBy, paid.Temp = "p1", "quietstorm", true
	general := entry(5, shadow.General, "Lamplighter, winter", 20)
	general.PromoType, general.Temp = "channel_identity", true
	waiting := entry(9, shadow.Paid, "Felix in <Hollywood>", 540)
	waiting.Purchase, waiting.PaidBy, waiting.Temp, waiting.State, waiting.Bind = "p2", "mothlight", true, shadow.Sent, channel.Ref{}
	v := &station.View{Rev: 1, AtMS: noon, Health: channel.Good, Resolved: true, Can: channel.Can{OverheadMS: 5000, Tell: true},
		People: []channel.User{{Key: "quietstorm", Name: "quietstorm", RankTenths: 10}, {Key: "halcyon", Name: "Halcyon", RankTenths: 30}},
		Shadow: shadow.Shadow{Rev: 1, Health: channel.Good, Rate: 1, AtMS: noon, PlayedMS: 3_992_000, SinceMS: noon - 3_992_000,
			Entries: []*shadow.Entry{film, choice, paid, general, entry(4, shadow.Content, "How to Mend an Umbrella", 420),
				entry(6, shadow.Content, "The General", 4020), entry(7, shadow.Content, "A Trip to the Moon", 780)},
			Waiting: []*shadow.Entry{waiting}},
		Purchases: map[string]pay.Purchase{
			"p1": {ID: "p1", Buyer: "quietstorm", BuyerName: "QuietStorm", Price: 500, State: pay.Placed, Entry: 3, Tier: pay.Queue, Media: paid.Media},
			"p2": {ID: "p2", Buyer: "mothlight", BuyerName: "mothlight", Price: 225, State: pay.Adding, Entry: 9, Tier: pay.Queue, Media: waiting.Media},
		},
		Clocks: []presence.Clock{{Owner: "mothlight", AwayMS: 15_000, Plugin: "presence-leave", Reason: "owner_left", AtMS: noon}},
		Promo:  promo.State{Refused: map[string]promo.Refused{sdk.Key{Type: "yt", ID: "bad"}.ClipKey(): {Times: 3, Why: "This video is private."}}},
	}
	return v
}

// view is what the tests edit.
type view = station.View

// edit publishes a changed view.
func (w *world) edit(change func(v *view)) {
	v := *w.view.Load()
	v.Rev++
	v.Shadow.Rev++
	change(&v)
	w.view.Store(&v)
}

func (w *world) View() *station.View {
	if w.panics.Load() {
		panic("the floor has gone")
	}
	return w.view.Load()
}

func (w *world) RemoveEntry(_ context.Context, id shadow.EntryID) error {
	w.removed = id
	return w.err
}

func (w *world) Person(_ context.Context, u channel.UserKey) (channel.User, error) {
	if p, here := w.people[u]; here {
		return p, nil
	}
	return channel.User{}, fault.New(fault.Missing, "That person is not in the room.")
}

func (w *world) Quote(_ context.Context, a till.Actor, _ sdk.Key, _ string) (pay.Quote, error) {
	w.actor = a
	return w.quote, w.err
}

func (w *world) Buy(_ context.Context, a till.Actor, wish till.Wish) (pay.Purchase, error) {
	w.actor, w.wish = a, wish
	return w.bought, w.err
}

func (w *world) Cancel(_ context.Context, a till.Actor, _ string) (pay.Purchase, error) {
	w.actor = a
	return w.bought, w.err
}

func (w *world) Search(q library.Query) library.Found {
	w.query, w.asked = q, append(w.asked, q)
	return library.Found{Total: 1, Titles: []library.Title{{Media: sdk.Media{Type: "yt", ID: "x", Title: "Nosferatu", DurationMS: 5_640_000}, Year: 1922}}}
}

func (w *world) Reserved(sdk.Key) (string, bool) { return "", false }
func (w *world) Playlists() []library.Playlist   { return w.lists }
func (w *world) Promos() promo.Settings          { return w.promos }
func (w *world) Pay() pay.Rules                  { return w.rules }
func (w *world) Presence() presence.Settings     { return w.office.watch }

func (w *world) SavePlaylist(_ context.Context, p library.Playlist, who audit.Entry) (library.Playlist, error) {
	if w.err != nil {
		return p, w.err
	}
	w.trail = append(w.trail, who)
	p.Rev++
	if p.ID == 0 {
		p.ID = int64(len(w.lists) + 1)
		w.lists = append(w.lists, p)
	}
	w.lists[p.ID-1] = p
	return p, nil
}

func (w *world) DeletePlaylist(_ context.Context, id, rev int64, who audit.Entry) error {
	w.trail = append(w.trail, who)
	if w.lists[id-1].Rev != rev {
		return fault.New(fault.Changed, "Somebody was first.")
	}
	return w.err
}

func (w *world) Purchase(_ context.Context, id string) (pay.Purchase, error) {
	if p, ok := w.purchases[id]; ok {
		return p, nil
	}
	return pay.Purchase{}, fault.New(fault.NotFound, "There is no such purchase.")
}

func (w *world) OpenOf(_ context.Context, user channel.UserKey) ([]pay.Purchase, error) {
	var out []pay.Purchase
	for _, p := range w.view.Load().Purchases {
		if p.Buyer == user {
			out = append(out, p)
		}
	}
	return out, w.err
}

func (w *world) Wallet(_ context.Context, user string) (ledger.Purse, error) {
	p := ledger.Purse{User: user, Name: user, Balance: 1840}
	if user == "quietstorm" {
		p.CreatedAtMS = noon - 1e9
	}
	return p, w.err
}

func (w *world) Asrun(context.Context, int, int64) ([]asrun.Row, error) {
	return []asrun.Row{{RunID: 4, Entry: 1, Role: "content", Title: "Carnival of Souls", StartedAtMS: noon, PeopleStart: 38, PeopleEnd: -1, Observed: true}}, w.err
}

func (w *world) Decisions(context.Context, int, int64) ([]asrun.Decision, error) {
	return []asrun.Decision{{ID: 3, AtMS: noon, Rule: "cadence_items", Outcome: "placed", Seed: 1 << 63,
		Detail: asrun.Detail{PromoType: "event", Candidates: []asrun.Candidate{{PromoType: "event", Weight: 2, Rejected: "pool_empty"}}}}}, w.err
}

func (w *world) Post(_ context.Context, ts []ledger.Transfer, nowMS int64, trail ...audit.Entry) ([]ledger.Transfer, error) {
	if w.err != nil {
		return nil, w.err
	}
	for i := range ts {
		ts[i].Seq, ts[i].AtMS = 12, nowMS
	}
	if err := w.bureau.Audit(context.Background(), trail...); err != nil {
		return nil, err
	}
	w.posted, w.trail = ts, append(w.trail, trail...)
	return ts, nil
}

func (w *world) Audit(ctx context.Context, entries ...audit.Entry) error {
	w.trail = append(w.trail, entries...)
	return w.bureau.Audit(ctx, entries...)
}

func (w *world) SavePromos(_ context.Context, rev uint64, s promo.Settings) (api.Saved, error) {
	if w.err != nil {
		return api.Saved{}, w.err
	}
	if rev != w.promos.Revision {
		return api.Saved{}, fault.New(fault.Changed, "The settings were changed meanwhile.")
	}
	s.Revision = rev + 1
	w.promos, w.saved.Revision = s, s.Revision
	return w.saved, nil
}

func (w *world) Saved() api.Saved { return w.saved }

func (w *world) Roster() []station.Member {
	return []station.Member{
		{Plugin: "channel-identity", Ready: true, Types: []sdk.PromoType{{ID: "channel_identity", Badge: "Channel ID", Slot: sdk.General}}},
		{Plugin: "viewers-choice", Ready: false, Why: "it is starting", Types: []sdk.PromoType{{ID: "viewers_choice", Badge: "Viewer’s Choice", Slot: sdk.LeadIn}}},
	}
}

func (w *world) Settled() <-chan struct{} { return w.settled }

func (w *world) Report() []api.PluginReport {
	if w.office.plugins != nil {
		return w.office.plugins
	}
	return []api.PluginReport{{Name: "channel-identity", State: "ready", PID: 42, Calls: map[string]api.PluginCalls{"OnAdvance": {Late: 1}}}}
}

// TokenBySHA knows three tokens: "viewer", "admin" and "old".
func (w *world) TokenBySHA(_ context.Context, sha [32]byte, nowMS int64) (access.Token, error) {
	for secret, t := range map[string]access.Token{
		"viewer": {Name: "QuietStorm", RankTenths: 10}, "admin": {Name: "Halcyon", RankTenths: 30}, "chief": {Name: "Marlowe", RankTenths: 40},
		"old": {Name: "Halcyon", RankTenths: 30, ExpiresAtMS: nowMS - 1},
	} {
		if sha == sha256.Sum256([]byte(secret)) {
			return t, nil
		}
	}
	return access.Token{}, fault.New(fault.Unauthorized, "This token is not valid.")
}

func (w *world) options(t testing.TB) Options {
	zone, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		zone = time.UTC
	}
	return Options{
		Ports: api.Ports{Floor: w, Hands: w, Desk: w, Shelf: w, Editor: newEditor(t), Stock: newEditor(t), Books: w, Ledger: w, Trail: w, Settings: w, Promos: w, Plugins: w, Titles: w, Past: w,
			House: w, Stage: w, Tags: w, Airings: w, Tools: w, Watch: w, Money: w.bureau.money(), Stagehands: w.stage.hands()},
		Tokens: w, Vault: w, Links: w, Room: w, Demo: w, Channel: "The Tin Lantern", Zone: zone, Version: "1.0", Now: func() int64 { return noon },
	}
}

// open starts a server over the world.
func (w *world) open(t testing.TB) *Server {
	t.Helper()
	s, err := New(w.options(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
