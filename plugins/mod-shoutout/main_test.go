package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/sdk"
)

func TestOffersItsType(t *testing.T) {
	want := []sdk.PromoType{{ID: "mod_shoutout", Badge: "Mod Shoutout", Slot: sdk.General, Order: "sequential", Weight: 1}}
	if diff := cmp.Diff(want, shoutout().Types); diff != "" {
		t.Fatal(diff)
	}
}

func TestFillsItsOpenSlotFromThePool(t *testing.T) {
	ask := sdk.Advance{Call: sdk.Call{Seed: 7}, Slots: []sdk.Slot{
		{ID: "empty", PromoType: "mod_shoutout", Kind: sdk.General},
		{ID: "open", PromoType: "mod_shoutout", Kind: sdk.General, Order: sdk.OrderSequential, Clips: []sdk.Clip{{Key: "one"}, {Key: "two"}}},
	}}
	for _, want := range []string{"one", "two", "one"} {
		got, err := shoutout().OnAdvance(t.Context(), ask)
		if err != nil || len(got.Inserts) != 1 || got.Inserts[0].SlotID != "open" || got.Inserts[0].ClipKey != want {
			t.Fatalf("got %+v, %v, want clip %s", got.Inserts, err, want)
		}
		ask.State = got.State
	}
}

func TestHasNoOpinionWithoutClips(t *testing.T) {
	got, err := shoutout().OnAdvance(t.Context(), sdk.Advance{Call: sdk.Call{State: []byte("garbage")}, Slots: []sdk.Slot{{ID: "empty"}}})
	if err != nil || got.Inserts != nil || got.State != nil {
		t.Fatalf("got %+v, %v", got, err)
	}
}
