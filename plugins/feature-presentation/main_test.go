package main

import (
	"encoding/json"
	"testing"

	"playbill/sdk"
)

func TestOpensFilmsThatNobodyPaidFor(t *testing.T) {
	tests := map[string]struct {
		role       string
		durationMS int64
		settings   string
		want       bool
	}{
		"a second short": {"content", 3_599_000, `{"movie_threshold_seconds":3600}`, false},
		"just short":     {"content", 3_599_999, `{"movie_threshold_seconds":3600}`, false},
		"a film":         {"content", 3_600_000, `{"movie_threshold_seconds":3600}`, true},
		"paid film":      {"paid", 7_200_000, `{"movie_threshold_seconds":3600}`, false},
		"event body":     {"event", 7_200_000, `{"movie_threshold_seconds":3600}`, true},
		"own threshold":  {"content", 1_200_000, `{"movie_threshold_seconds":1200}`, true},
		"live":           {"content", 0, `{"movie_threshold_seconds":3600}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := feature().OnAdvance(t.Context(), sdk.Advance{
				Call: sdk.Call{Settings: []byte(tt.settings)},
				Slots: []sdk.Slot{{ID: "s", Kind: sdk.LeadIn, Order: sdk.OrderRandom, Clips: []sdk.Clip{{Key: "one"}},
					Target: sdk.Entry{Role: tt.role, Media: sdk.Media{DurationMS: tt.durationMS}}}},
			})
			if err != nil || (len(got.Inserts) == 1) != tt.want {
				t.Fatalf("got %+v, %v, want a lead-in: %v", got.Inserts, err, tt.want)
			}
		})
	}
}

func TestSchemaIsJSONAndSettingsMustBe(t *testing.T) {
	if !json.Valid(feature().Schema) {
		t.Fatal("the schema is not JSON")
	}
	if _, err := feature().OnAdvance(t.Context(), sdk.Advance{Call: sdk.Call{Settings: []byte("no")}}); err == nil {
		t.Fatal("settings that are not JSON were accepted")
	}
}
