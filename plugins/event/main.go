// Command event announces coming events on the cadence.
package main

import (
	"context"

	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/rotate"
)

func main() { plugin.Serve(announce()) }

func announce() sdk.Plugin {
	return sdk.Plugin{
		ID: "event", Version: "1.0.0", Title: "Event", StateVersion: 1,
		Summary:   "Clips that announce coming events, on the cadence.",
		Types:     []sdk.PromoType{{ID: "event", Badge: "Event", Slot: sdk.General, Order: sdk.OrderRandom, Weight: 2}},
		OnAdvance: pick,
	}
}

// pick fills the first open slot that has a clip.
func pick(_ context.Context, a sdk.Advance) (sdk.Answer, error) {
	for _, slot := range a.Slots {
		if clip, state := rotate.Pick(slot, a.State, a.Seed); clip != "" {
			return sdk.Answer{Inserts: []sdk.Insert{{SlotID: slot.ID, ClipKey: clip, Reason: "next in " + slot.Order + " order"}}, State: state}, nil
		}
	}
	return sdk.Answer{}, nil
}
