package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/sdk"
)

func TestVerdicts(t *testing.T) {
	got, err := leave().OnPresence(t.Context(), sdk.Round{Owners: []sdk.Owner{
		{Key: "here", Present: true}, {Key: "afk", Present: true, AFK: true}, {Key: "gone"}, {Key: "gone_afk", AFK: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := sdk.Verdicts{Away: []sdk.Verdict{
		{Owner: "gone", Reason: "owner_left", Text: "because you left the channel"},
		{Owner: "gone_afk", Reason: "owner_left", Text: "because you left the channel"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}
