// Command feature-presentation opens a film that nobody paid for with a lead-in.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/rotate"
)

const schema = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "movie_threshold_seconds": {
      "type": "integer", "minimum": 1, "maximum": 86400, "default": 3600,
      "title": "A film is at least",
      "description": "Length in seconds from which a title counts as a film and gets a lead-in."
    }
  }
}`

// settings are the plugin's settings; the host has filled in the default.
type settings struct {
	ThresholdSeconds int64 `json:"movie_threshold_seconds"`
}

func main() { plugin.Serve(feature()) }

func feature() sdk.Plugin {
	return sdk.Plugin{
		ID: "feature-presentation", Version: "1.0.0", Title: "Feature Presentation", StateVersion: 1,
		Summary:   "A lead-in before every film that nobody paid for.",
		Types:     []sdk.PromoType{{ID: "feature_presentation", Badge: "Feature", Slot: sdk.LeadIn, Order: sdk.OrderRandom, Serves: sdk.ServesUnpaid}},
		Schema:    []byte(schema),
		OnAdvance: present,
	}
}

// present opens the first target that is a film. A target that was paid for belongs to Viewer's Choice.
func present(_ context.Context, a sdk.Advance) (sdk.Answer, error) {
	var set settings
	if err := json.Unmarshal(a.Settings, &set); err != nil {
		return sdk.Answer{}, fmt.Errorf("read settings: %w", err)
	}
	for _, slot := range a.Slots {
		if slot.Target.Role == "paid" || slot.Target.Media.DurationMS < set.ThresholdSeconds*1000 {
			continue
		}
		if clip, state := rotate.Pick(slot, a.State, a.Seed); clip != "" {
			reason := fmt.Sprintf("runs %d s, a film from %d s", slot.Target.Media.DurationMS/1000, set.ThresholdSeconds)
			return sdk.Answer{Inserts: []sdk.Insert{{SlotID: slot.ID, ClipKey: clip, Reason: reason}}, State: state}, nil
		}
	}
	return sdk.Answer{}, nil
}
