package main

import (
	"testing"

	"playbill/sdk"
)

func paid(role string, durationMS int64, state []byte) sdk.Advance {
	return sdk.Advance{Call: sdk.Call{State: state}, Slots: []sdk.Slot{{
		ID: "s", PromoType: "viewers_choice", Kind: sdk.LeadIn, Order: sdk.OrderShuffle, Clips: []sdk.Clip{{Key: "one"}, {Key: "two"}, {Key: "three"}},
		Target: sdk.Entry{Role: role, Media: sdk.Media{DurationMS: durationMS}},
	}}}
}

func TestOpensPaidTitlesOfAnyLength(t *testing.T) {
	for _, ask := range []struct {
		role       string
		durationMS int64
		want       bool
	}{{"paid", 1_000, true}, {"paid", 7_200_000, true}, {"content", 7_200_000, false}} {
		for name, hook := range map[string]sdk.Plugin{"pay": {OnPay: choice().OnPay}, "advance": {OnPay: choice().OnAdvance}} {
			got, err := hook.OnPay(t.Context(), paid(ask.role, ask.durationMS, nil))
			if err != nil || (len(got.Inserts) == 1) != ask.want {
				t.Errorf("%s, %+v: got %+v, %v", name, ask, got.Inserts, err)
			}
		}
	}
}

func TestGivesAnUnairedClipBack(t *testing.T) {
	first, err := choice().OnPay(t.Context(), paid("paid", 1_000, nil))
	if err != nil {
		t.Fatal(err)
	}
	clip := first.Inserts[0].ClipKey
	cancel := sdk.Advance{Call: sdk.Call{State: first.State}, LeadIn: clip}
	back, err := choice().OnCancel(t.Context(), cancel)
	if err != nil || back.State == nil {
		t.Fatalf("got %+v, %v, want the clip back in the deck", back, err)
	}
	again, err := choice().OnPay(t.Context(), paid("paid", 1_000, back.State))
	if err != nil || again.Inserts[0].ClipKey != clip {
		t.Fatalf("after giving back %s, %+v was picked, %v", clip, again.Inserts, err)
	}
}

func TestKeepsWhatAired(t *testing.T) {
	first, _ := choice().OnPay(t.Context(), paid("paid", 1_000, nil))
	for name, cancel := range map[string]sdk.Advance{
		"aired":        {Call: sdk.Call{State: first.State}, LeadIn: first.Inserts[0].ClipKey, LeadInAired: true},
		"no lead-in":   {Call: sdk.Call{State: first.State}},
		"other clip":   {Call: sdk.Call{State: first.State}, LeadIn: "four"},
		"random order": {LeadIn: "one"},
	} {
		if got, err := choice().OnCancel(t.Context(), cancel); err != nil || got.State != nil || got.Inserts != nil {
			t.Errorf("%s: got %+v, %v, want no change", name, got, err)
		}
	}
}
