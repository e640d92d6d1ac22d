package pluginhost

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/plugin/pluginpb"
)

func TestVerdictsAreJudged(t *testing.T) {
	owners := []sdk.Owner{{Key: "ada"}}
	tests := map[string]struct {
		verdicts []*pluginpb.Verdict
		kind     station.Kind
	}{
		"away":            {[]*pluginpb.Verdict{{Owner: "ada", Away: true, Reason: "owner_left"}}, station.Proposed},
		"unsure":          {[]*pluginpb.Verdict{{Owner: "ada", Unsure: true}}, station.Proposed},
		"present":         {[]*pluginpb.Verdict{{Owner: "ada"}}, station.NoOpinion},
		"both":            {[]*pluginpb.Verdict{{Owner: "ada", Away: true, Unsure: true, Reason: "x"}}, ""},
		"no reason":       {[]*pluginpb.Verdict{{Owner: "ada", Away: true}}, ""},
		"long reason":     {[]*pluginpb.Verdict{{Owner: "ada", Away: true, Reason: "aaaaaaaaaabbbbbbbbbbccccccccccddd"}}, ""},
		"negative grace":  {[]*pluginpb.Verdict{{Owner: "ada", Away: true, Reason: "x", GraceMs: -1}}, ""},
		"twice":           {[]*pluginpb.Verdict{{Owner: "ada"}, {Owner: "ada"}}, ""},
		"not asked about": {[]*pluginpb.Verdict{{Owner: "grace", Away: true, Reason: "x"}}, ""},
		"the empty name":  {[]*pluginpb.Verdict{{Away: true, Reason: "x"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMask([]byte("s"), Spec{Name: "p", Grants: []sdk.Permission{sdk.UserNames}})
			m.round(sdk.Round{Owners: owners})
			reply, err := proto.Marshal(&pluginpb.PresenceReply{Verdicts: tt.verdicts})
			if err != nil {
				t.Fatal(err)
			}
			var out station.Outcome
			if err := judgePresence(reply, owners, m, &out); out.Kind != tt.kind || (err == nil) != (tt.kind != "") {
				t.Fatalf("got %q, %v", out.Kind, err)
			}
		})
	}
}

func TestAnEmptyStateIsNotNoState(t *testing.T) {
	for _, state := range [][]byte{nil, {}, {1}} {
		reply, err := proto.Marshal(plugin.PromoReply(sdk.Answer{State: state}))
		if err != nil {
			t.Fatal(err)
		}
		var out station.Outcome
		if err := judgePromo(reply, station.OnAdvance, nil, &out); err != nil || (out.Answer.State == nil) != (state == nil) {
			t.Errorf("%v came as %v, %v", state, out.Answer.State, err)
		}
	}
}

func TestUserKeysAreOnePluginsOwn(t *testing.T) {
	a, b := newMask([]byte("s"), Spec{Name: "a"}), newMask([]byte("s"), Spec{Name: "b"})
	if a.key("ada") == b.key("ada") || a.key("ada") != newMask([]byte("s"), Spec{Name: "a"}).key("ada") || a.names[a.key("ada")] != "ada" {
		t.Fatal("a key is not stable, or says the same to two plugins")
	}
}

// FuzzJudge: whatever a plugin answers, what is handed on names only what was offered.
func FuzzJudge(f *testing.F) {
	factor := 3.0
	good, err := proto.Marshal(plugin.PromoReply(sdk.Answer{State: []byte("s"), Inserts: []sdk.Insert{{SlotID: "s1", ClipKey: "c1", Reason: "r", WeightFactor: &factor}}}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("\x0a\x02\x0a\x00"))
	slots := ask("x").Slots
	f.Fuzz(func(t *testing.T, reply []byte) {
		var out station.Outcome
		if judgePromo(reply, station.OnAdvance, slots, &out) == nil {
			if len(out.Answer.Inserts) > 1 || len(out.Answer.State) > plugin.HardState {
				t.Fatalf("%+v", out.Answer)
			}
			for _, i := range out.Answer.Inserts {
				if i.SlotID != "s1" || i.ClipKey != "c1" && i.ClipKey != "c2" || i.WeightFactor != nil && !(*i.WeightFactor >= 0 && *i.WeightFactor <= 10) {
					t.Fatalf("%+v", i)
				}
			}
		}
		m := newMask([]byte("s"), Spec{Name: "p"})
		owners := []sdk.Owner{{Key: "ada"}}
		m.round(sdk.Round{Owners: owners})
		out = station.Outcome{}
		if judgePresence(reply, owners, m, &out) == nil {
			for _, v := range out.Verdicts.Away {
				if v.Owner != "ada" {
					t.Fatalf("%+v", v)
				}
			}
		}
	})
}
