// Command presence-leave cancels the requests of viewers who left the channel.
package main

import (
	"context"

	"playbill/sdk"
	"playbill/sdk/plugin"
)

func main() { plugin.Serve(leave()) }

func leave() sdk.Plugin {
	return sdk.Plugin{
		ID: "presence-leave", Version: "1.0.0", Title: "Leaving", Priority: 10, // before presence-afk: leaving wins over AFK as the reason
		Summary:    "Cancels and refunds what a viewer paid for when the viewer leaves the channel.",
		OnPresence: look,
	}
}

// look says away of every owner who is not in the channel. How long that may last is the host's to count.
func look(_ context.Context, r sdk.Round) (sdk.Verdicts, error) {
	var out sdk.Verdicts
	for _, o := range r.Owners {
		if !o.Present {
			out.Away = append(out.Away, sdk.Verdict{Owner: o.Key, Reason: "owner_left", Text: "because you left the channel"})
		}
	}
	return out, nil
}
