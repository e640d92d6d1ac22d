package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/sdk"
)

func TestVerdicts(t *testing.T) {
	got, err := afk().OnPresence(t.Context(), sdk.Round{Owners: []sdk.Owner{
		{Key: "here", Present: true}, {Key: "afk", Present: true, AFK: true}, {Key: "gone"}, {Key: "gone_afk", AFK: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := sdk.Verdicts{Away: []sdk.Verdict{
		{Owner: "afk", Reason: "owner_afk", Text: "because you went AFK"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}
