// Command channel-identity plays station idents on the cadence.
package main

import (
	"context"

	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/rotate"
)

func main() { plugin.Serve(identity()) }

func identity() sdk.Plugin {
	return sdk.Plugin{
		ID: "channel-identity", Version: "1.0.0", Title: "Channel ID", StateVersion: 1,
		Summary:   "Station idents between the programme, on the cadence.",
		Types:     []sdk.PromoType{{ID: "channel_identity", Badge: "Channel ID", Slot: sdk.General, Order: sdk.OrderRandom, Weight: 3}},
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
