package cytube

import (
	"fmt"
	"strconv"

	"playbill/core/channel"
)

// permission is a node of CyTube's that the station uses: its name on the wire, its label in the channel's settings
// (www/js/util.js, genPermissionsEditor), and what does not work without it.
type permission struct {
	node, label, lost string
	weight            channel.Weight
	open              bool // an unlocked list admits by the node of the same name with an "o"
}

// permissions are those that the station uses, in the order of their weight.
func permissions() []permission {
	return []permission{
		{"seeplaylist", "View the playlist", "nothing can be shown or sold", channel.Grave, false},
		{"playlistadd", "Add to playlist", "no request can be sold and no promo placed", channel.Grave, true},
		{"playlistmove", "Move playlist items", "no request and no promo can be put in its place", channel.Grave, true},
		{"playlistdelete", "Delete playlist items", "nothing can be taken off the list, so no request can be cancelled", channel.Grave, true},
		{"playlistnext", "Add/move to next", "what plays next is added at the end and moved, which takes longer", channel.Useful, true},
		{"playlistjump", "Jump to video", "admins cannot play an entry at once, and an event cannot end what plays", channel.Useful, true},
		{"playlistaddrawfile", "Add raw video file", "titles that are files or of MediaCMS cannot be added", channel.Useful, false},
		{"addnontemp", "Add nontemporary media", "playlists that are loaded vanish as they play", channel.Useful, false},
		{"exceedmaxlength", "Exceed maximum media length", "titles longer than the channel's limit are refused, if it has one", channel.Useful, false},
		{"exceedmaxitems", "Exceed maximum number of videos per user", "only so many requests and promos can wait at once, if the channel has a limit", channel.Useful, false},
		{"exceedmaxdurationperuser", "Exceed maximum total media length", "only so many minutes of requests and promos can wait at once, if the channel has a limit", channel.Useful, false},
		{"chat", "Chat", "the bot does not announce what was bought", channel.Useful, false},
	}
}

// needs says what the station uses here and whether it has it; nil while the channel has not told.
func (d *Driver) needs() []channel.Need {
	if !d.seated() || d.allow.nodes == nil {
		return nil
	}
	out := make([]channel.Need, 0, len(permissions())+needsBeside)
	for _, p := range permissions() {
		out = append(out, d.allow.need(p))
	}
	if d.allow.muted {
		out = append(out, channel.Need{What: "Voice", Says: "The bot is muted: it can neither announce nor send messages, so nobody can log in with a code.", Weight: channel.Grave,
			Fix: "Unmute it in the channel's list of users."})
	}
	return append(out, d.allow.needDupes(), d.allow.needAFK())
}

// needsBeside is how many needs are no permission, at most.
const needsBeside = 3

func (a *allow) need(p permission) channel.Need {
	n := channel.Need{What: p.label, Weight: p.weight, Met: a.may(p.node) || p.open && a.open && a.may("o"+p.node)}
	rank := a.nodes[p.node]
	if n.Met {
		n.Says = fmt.Sprintf("The bot may: its rank is %s.", rankWord(a.rankTenths))
		return n
	}
	n.Says = fmt.Sprintf("The bot may not: its rank is %s, and the channel asks for %s. Without it %s.", rankWord(a.rankTenths), a.asked(p.node), p.lost)
	n.Fix = fmt.Sprintf("In the channel: Channel Settings, Edit, Permissions, “%s”: choose %s or lower. Or give the bot a higher rank (Channel Settings, Edit, Moderators).",
		p.label, rankWord(min(a.rankTenths, rank)))
	return n
}

// asked is the rank that a node asks for.
func (a *allow) asked(node string) string {
	rank, told := a.nodes[node]
	if !told {
		return "a rank that the server did not tell"
	}
	return rankWord(rank)
}

func (a *allow) needDupes() channel.Need {
	n := channel.Need{What: "Allow duplicate videos on the playlist", Met: a.dupes, Says: "The same title may be on the list more than once."}
	if !a.dupes {
		n.Says = "The channel refuses a title that is on its list already: a promo clip can wait there only once, and nobody can request what the list has."
		n.Fix = "If that is not wanted: Channel Settings, General Settings, “Allow duplicate videos on the playlist”."
	}
	return n
}

func (a *allow) needAFK() channel.Need {
	n := channel.Need{What: "Auto-AFK Delay"}
	switch {
	case a.afkS == nil:
		n.Says, n.Fix = "The channel did not tell its delay.", "Look at Channel Settings, General Settings, “Auto-AFK Delay”."
	case *a.afkS <= 0:
		n.Says = "It is switched off: only who says /afk goes AFK, so the trigger presence-afk has little to see."
		n.Fix = "If requests of people who fell asleep should be refunded: Channel Settings, General Settings, “Auto-AFK Delay”, for example 10 minutes."
	default:
		n.Met = true
		n.Says = fmt.Sprintf("People go AFK after %s without a chat line, also those who watch quietly.", delay(*a.afkS))
	}
	return n
}

// delay is a number of seconds in words.
func delay(seconds float64) string {
	if minutes := seconds / 60; minutes >= 1 {
		return strconv.FormatFloat(minutes, 'f', -1, 64) + " min"
	}
	return strconv.FormatFloat(seconds, 'f', -1, 64) + " s"
}

// rankWord is a rank as the channel's settings call it.
func rankWord(tenths int) string {
	switch {
	case tenths < 0:
		return "Anonymous"
	case tenths < 10:
		return "Guest"
	case tenths < 15:
		return "Registered"
	case tenths < 20:
		return "Leader"
	case tenths < 30:
		return "Moderator"
	case tenths < 40:
		return "Channel Admin"
	case tenths < nobodyTenths:
		return "Owner"
	default:
		return "Nobody"
	}
}

// nobodyTenths is the rank that CyTube's settings call Nobody, times ten.
const nobodyTenths = 10_000_000
