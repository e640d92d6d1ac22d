package plugin

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"playbill/sdk"
	"playbill/sdk/plugin/pluginpb"
)

// carried encodes and decodes a message, as the wire does.
func carried[M proto.Message](t rapid.TB, from, to M) M {
	bytes, err := proto.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(bytes, to); err != nil {
		t.Fatal(err)
	}
	return to
}

// same compares what the sender meant with what arrived. An absent list and an empty one are the same on the wire.
func same(t rapid.TB, sent, arrived any) {
	if diff := cmp.Diff(sent, arrived, cmpopts.EquateEmpty()); diff != "" {
		t.Fatal(diff)
	}
}

func TestWhatIsAskedArrives(t *testing.T) {
	advance, round := rapid.Make[sdk.Advance](), rapid.Make[sdk.Round]()
	rapid.Check(t, func(t *rapid.T) {
		a := advance.Draw(t, "advance")
		a.People, a.UTCOffsetSeconds = a.People&0xffff, a.UTCOffsetSeconds%86_400
		for i := range a.Slots {
			a.Slots[i].Kind &= 3
			for j := range a.Slots[i].Clips {
				a.Slots[i].Clips[j].Terms = sdk.Terms{} // the host's own
			}
		}
		same(t, a, Advance(carried(t, PromoRequest(a), &pluginpb.PromoRequest{})))
		r := round.Draw(t, "round")
		r.UTCOffsetSeconds %= 86_400
		same(t, r, Round(carried(t, PresenceRequest(r), &pluginpb.PresenceRequest{})))
	})
}

func TestWhatIsAnsweredArrives(t *testing.T) {
	answer, verdicts := rapid.Make[sdk.Answer](), rapid.Make[sdk.Verdicts]()
	rapid.Check(t, func(t *rapid.T) {
		a := answer.Draw(t, "answer")
		got := Answer(carried(t, PromoReply(a), &pluginpb.PromoReply{}))
		same(t, a, got)
		if (a.State == nil) != (got.State == nil) {
			t.Fatalf("state %v arrived as %v", a.State, got.State)
		}
		v := verdicts.Draw(t, "verdicts")
		same(t, v, Verdicts(carried(t, PresenceReply(v), &pluginpb.PresenceReply{})))
	})
}

func TestAnUnsureVerdictSurvives(t *testing.T) {
	sent := sdk.Verdicts{Away: []sdk.Verdict{{Owner: "ada", Unsure: true}, {Owner: "grace", Reason: "owner_left"}}}
	wire := carried(t, PresenceReply(sent), &pluginpb.PresenceReply{})
	if v := wire.GetVerdicts()[0]; v.GetAway() || !v.GetUnsure() {
		t.Fatalf("unsure is %v on the wire", v)
	}
	same(t, sent, Verdicts(wire))
	wire.Verdicts = append(wire.Verdicts, &pluginpb.Verdict{Owner: "here"})
	same(t, sent, Verdicts(wire))
}

func TestTitlesFromStrangersDoNotBlindAPlugin(t *testing.T) {
	got := Advance(carried(t, PromoRequest(sdk.Advance{NowPlaying: sdk.Entry{Media: sdk.Media{Title: "caf\xe9"}, Tags: []string{"\xff"}}}), &pluginpb.PromoRequest{}))
	if got.NowPlaying.Media.Title != "caf\uFFFD" || got.NowPlaying.Tags[0] != "\uFFFD" {
		t.Fatalf("%+q", got.NowPlaying.Media.Title)
	}
}

func everything() sdk.Plugin {
	return sdk.Plugin{
		ID: "every-thing", Version: "1.0.0", Title: "T", Summary: "S", StateVersion: 3, ReadsState: []uint32{1, 2}, Priority: -4, EveryAdvance: true,
		Types: []sdk.PromoType{
			{ID: "a", Badge: "A", Slot: sdk.General, Order: sdk.OrderShuffle, Weight: 7},
			{ID: "b", Badge: "B", Slot: sdk.LeadIn, Order: sdk.OrderRandom, Serves: sdk.ServesPaid},
			{ID: "c", Badge: "C", Slot: sdk.LeadIn, Order: sdk.OrderRandom, Serves: sdk.ServesUnpaid},
			{ID: "d", Badge: "D", Slot: sdk.LeadIn, Order: sdk.OrderRandom},
		},
		Needs:  []sdk.Need{{Permission: sdk.UserNames, Reason: "greets"}, {Permission: sdk.Payments, Reason: "p"}, {Permission: sdk.PresenceCount, Reason: "c"}, {Permission: sdk.Network, Reason: "n"}},
		Schema: []byte(`{"type":"object"}`),
	}
}

func TestTheDescriptionIsTheSameEverywhere(t *testing.T) {
	want := Describe(everything())
	wire, err := FromWire(carried(t, want.Wire(), &pluginpb.Description{}))
	if err != nil {
		t.Fatal(err)
	}
	same(t, want, wire)
	printed, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var read Description
	if err := json.Unmarshal(printed, &read); err != nil {
		t.Fatal(err)
	}
	same(t, want, read)
	if diff := cmp.Diff(everything(), read.Plugin(), cmpopts.IgnoreFields(sdk.Plugin{}, "Check", "OnAdvance", "OnPay", "OnCancel", "OnPresence")); diff != "" {
		t.Fatal(diff)
	}
}

func TestAnUnknownValueInADescriptionIsAnError(t *testing.T) {
	for name, d := range map[string]*pluginpb.Description{
		"hook":       {Hooks: []pluginpb.Hook{9}},
		"no hook":    {Hooks: []pluginpb.Hook{pluginpb.Hook_HOOK_UNSPECIFIED}},
		"slot":       {PromoTypes: []*pluginpb.PromoType{{Slot: 7}}},
		"serves":     {PromoTypes: []*pluginpb.PromoType{{Slot: pluginpb.SlotKind_LEAD_IN, Serves: 7}}},
		"permission": {Permissions: []*pluginpb.Permission{{Field: 9}}},
	} {
		if _, err := FromWire(d); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
