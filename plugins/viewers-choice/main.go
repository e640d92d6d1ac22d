// Command viewers-choice opens every title that a viewer paid for with a lead-in.
package main

import (
	"context"
	"slices"

	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/rotate"
)

func main() { plugin.Serve(choice()) }

func choice() sdk.Plugin {
	return sdk.Plugin{
		ID: "viewers-choice", Version: "1.0.0", Title: "Viewer's Choice", StateVersion: 1,
		Summary: "A lead-in before every title that a viewer paid for.",
		Types:   []sdk.PromoType{{ID: "viewers_choice", Badge: "Viewer's Choice", Slot: sdk.LeadIn, Order: sdk.OrderRandom, Serves: sdk.ServesPaid}},
		// Paying opens the slot; the advance is the safety net for a lead-in that could not be placed then.
		OnPay:     open,
		OnAdvance: open,
		OnCancel:  giveBack,
	}
}

// open fills the first slot before a paid target.
func open(_ context.Context, a sdk.Advance) (sdk.Answer, error) {
	for _, slot := range a.Slots {
		if slot.Target.Role != "paid" {
			continue
		}
		if clip, state := rotate.Pick(slot, a.State, a.Seed); clip != "" {
			return sdk.Answer{Inserts: []sdk.Insert{{SlotID: slot.ID, ClipKey: clip, Reason: "a viewer paid for the title"}}, State: state}, nil
		}
	}
	return sdk.Answer{}, nil
}

// giveBack returns the clip to its turn when the title it opened was cancelled before the clip had aired.
func giveBack(_ context.Context, a sdk.Advance) (sdk.Answer, error) {
	if a.LeadInAired || a.LeadIn == "" {
		return sdk.Answer{}, nil
	}
	state := rotate.GiveBack(a.State, a.LeadIn)
	if slices.Equal(state, a.State) {
		return sdk.Answer{}, nil
	}
	return sdk.Answer{State: state, Note: "the unaired lead-in has its turn again"}, nil
}
