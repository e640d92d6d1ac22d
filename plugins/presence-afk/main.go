// Command presence-afk cancels the requests of viewers who went AFK.
package main

import (
	"context"

	"playbill/sdk"
	"playbill/sdk/plugin"
)

func main() { plugin.Serve(afk()) }

func afk() sdk.Plugin {
	return sdk.Plugin{
		ID: "presence-afk", Version: "1.0.0", Title: "AFK", Priority: 20,
		Summary:    "Cancels and refunds what a viewer paid for when the viewer goes AFK.",
		OnPresence: look,
	}
}

// look says away of every owner who is in the channel and AFK. How long that may last is the host's to count.
func look(_ context.Context, r sdk.Round) (sdk.Verdicts, error) {
	var out sdk.Verdicts
	for _, o := range r.Owners {
		if o.Present && o.AFK {
			out.Away = append(out.Away, sdk.Verdict{Owner: o.Key, Reason: "owner_afk", Text: "because you went AFK"})
		}
	}
	return out, nil
}
