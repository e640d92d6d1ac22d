// Command mod-shoutout thanks the moderators on the cadence, one after the other.
package main

import (
	"context"

	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/rotate"
)

func main() { plugin.Serve(shoutout()) }

func shoutout() sdk.Plugin {
	return sdk.Plugin{
		ID: "mod-shoutout", Version: "1.0.0", Title: "Mod Shoutout", StateVersion: 1,
		Summary:   "Thanks the moderators on the cadence, one after the other.",
		Types:     []sdk.PromoType{{ID: "mod_shoutout", Badge: "Mod Shoutout", Slot: sdk.General, Order: sdk.OrderSequential, Weight: 1}},
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
