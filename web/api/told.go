package api

import (
	"encoding/json"
	"strconv"
	"strings"

	"playbill/core/audit"
	"playbill/core/ledger"
	"playbill/core/pay"
)

// Told is an entry of the audit trail in words: "owner gave 500 coins to quietstorm: won the quiz".
func Told(e audit.Entry) string { return e.Actor + " " + done(e) }

// kept is what the sentences need of what an entry keeps.
type kept struct {
	Amount  ledger.Coins `json:"amount"`
	Reason  string       `json:"reason"`
	Viewers int          `json:"viewers"`
	Tenths  *int         `json:"rank_tenths"`
	Rank    *float64     `json:"rank"`
}

func done(e audit.Entry) string {
	var k kept
	_ = json.Unmarshal([]byte(e.After), &k) // what is not there is not said
	switch e.Action {
	case "ledger.grant":
		return withReason("gave "+pay.Words(k.Amount)+" to "+e.Subject, k.Reason)
	case "ledger.adjust":
		if k.Amount < 0 {
			return withReason("took "+pay.Words(-k.Amount)+" from "+e.Subject, k.Reason)
		}
		return withReason("added "+pay.Words(k.Amount)+" to "+e.Subject, k.Reason)
	case "ledger.import":
		return "imported the balances of " + strconv.Itoa(k.Viewers) + " viewers from " + e.Subject
	case "viewer.block":
		return withReason("blocked "+e.Subject, k.Reason)
	case "viewer.unblock":
		return withReason("opened the account of "+e.Subject+" again", k.Reason)
	case "token.create":
		return "made an API token called “" + e.Subject + "”" + k.rank()
	case "token.link":
		return "made a login link for " + e.Subject + k.rank()
	case "audit.undo":
		return "took this back: " + e.Subject
	case "login.link":
		return "logged in by a link, as " + e.Subject
	default:
		return deedOf(e.Action) + " " + e.Subject
	}
}

// deedOf is what an action does to its subject; one that nobody has words for is named as it is.
func deedOf(action string) string {
	words := map[string]string{
		"ledger.verify": "checked", "ledger.export": "exported", "sessions.revoke": "logged out", "token.revoke": "revoked the API token",
		"promos.config": "changed the", "pay.config": "changed", "playlist.create": "made the playlist", "playlist.save": "changed the playlist",
		"playlist.delete": "deleted the playlist", "catalog.save": "saved in the catalog:", "catalog.edit": "changed in the catalog:",
		"catalog.import": "imported into the catalog:", "catalog.sync": "synced the catalog with", "queue.remove": "took off the list:",
		"queue.add": "added to the list:", "queue.move": "moved on the list:", "queue.jump": "jumped to", "queue.play": "started", "queue.skip": "skipped",
		"purchase.cancel": "cancelled", "queue.load": "began to load the playlist", "queue.load_cancel": "stopped the load of",
		"event.create": "planned the event", "event.save": "changed the event", "event.delete": "took the event off the plan:",
		"event.fire": "started the event", "event.end_lockout": "ended the lockout of", "event.put_away": "put away the notice about",
	}
	if said, ok := words[action]; ok {
		return said
	}
	return strings.ReplaceAll(strings.ReplaceAll(action, ".", ": "), "_", " ") + ":"
}

func withReason(text, reason string) string {
	if reason = strings.TrimSpace(reason); reason == "" {
		return text
	}
	return text + ": " + reason
}

func (k kept) rank() string {
	switch {
	case k.Tenths != nil:
		return " with rank " + rankWords(*k.Tenths)
	case k.Rank != nil:
		return " with rank " + strconv.FormatFloat(*k.Rank, 'f', -1, 64)
	default:
		return ""
	}
}
