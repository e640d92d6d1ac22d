package cytube

import (
	"fmt"
	"strings"

	"playbill/core/channel"
	"playbill/core/fault"
)

// allow is what our rank may do. CyTube refuses most of what it does not allow without a word, so it is known before.
type allow struct {
	rankTenths int
	nodes      map[string]int // ranks times ten, by CyTube's names
	open       bool           // the list is not locked: the o* nodes admit too
	dupes      bool
	afkS       *float64 // after how many seconds of silence people go AFK; nil: not known
	muted      bool
}

// may reports whether our rank is at or above a node. A node that the server did not name is closed.
func (a *allow) may(node string) bool {
	need, ok := a.nodes[node]
	return ok && a.rankTenths >= need
}

// mayList is may for the nodes that an unlocked list opens.
func (a *allow) mayList(node string) bool { return a.may(node) || a.open && a.may("o"+node) }

// can is what a state says of it.
func (a *allow) can(chatMax int, in bool) channel.Can {
	add := in && a.mayList("playlistadd")
	return channel.Can{
		Add: add, AddNext: add && a.mayList("playlistnext"), Move: in && a.mayList("playlistmove"),
		Remove: in && a.mayList("playlistdelete"), Jump: in && a.mayList("playlistjump"),
		Say: in && a.may("chat") && !a.muted, Tell: in,
		Dupes: a.dupes, ListMax: listMax, TextMax: chatMax, OverheadMS: overheadMS, Users: true,
	}
}

// forAdd is the refusal that an add would meet, nil when it would meet none.
func (a *allow) forAdd(c channel.Add) *fault.Fault {
	switch {
	case !a.mayList("playlistadd"):
		return a.notAllowed("add to this list", "playlistadd")
	case c.Next && !a.mayList("playlistnext"):
		return a.notAllowed("play something next", "playlistnext")
	}
	for _, node := range nodesOf(c.Media.Type) {
		if !a.may(node) {
			return a.notAllowed(fmt.Sprintf("add media of the type %q", c.Media.Type), node)
		}
	}
	return nil
}

// nodesOf are the nodes that a media type needs beside that of every add.
func nodesOf(mediaType string) []string {
	switch mediaType {
	case "li", "tw", "rt", "hl":
		return []string{"playlistaddlive"}
	case "cu":
		return []string{"playlistaddlive", "playlistaddcustom"}
	case "fi", "cm":
		return []string{"playlistaddrawfile"}
	}
	return nil
}

// forcedTemp reports whether the channel makes every add of ours temp, without a word.
func (a *allow) forcedTemp() bool { return !a.may("addnontemp") }

func (a *allow) notAllowed(what, node string) *fault.Fault {
	return fault.New(fault.Permission, fmt.Sprintf(
		"The bot's rank does not allow it to %s. Give it a higher rank, or lower %q in the channel's permissions.", what, node))
}

// wanting names what the station uses and the bot may not do, for the log; empty when nothing is wanting.
func (a *allow) wanting() string {
	var out []string
	for _, need := range []struct{ node, what string }{
		{"playlistadd", "add items"}, {"playlistnext", "add next"}, {"playlistmove", "move items"},
		{"playlistdelete", "delete items"}, {"playlistjump", "jump"},
	} {
		if !a.mayList(need.node) {
			out = append(out, need.what)
		}
	}
	if !a.may("chat") || a.muted {
		out = append(out, "chat")
	}
	return strings.Join(out, ", ")
}
