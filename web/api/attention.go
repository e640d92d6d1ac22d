package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"playbill/core/channel"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// How much something is in the way: bad does not work now, warn will not for long, or not fully.
const (
	severityBad  = "bad"
	severityWarn = "warn"
)

// The pages whose figure counts a need.
const (
	AreaOverview = "overview"
	AreaPromos   = "promos"
	AreaPlugins  = "plugins"
	AreaEvents   = "events"
)

// Need is one thing that wants a hand, in words, with what mends it.
type Need struct {
	Code     string `json:"code"`
	Severity string `json:"severity"` // bad or warn
	Area     string `json:"area"`     // the admin page that counts it
	Head     string `json:"head"`
	Text     string `json:"text"`
	Word     string `json:"word"` // what mends it, as a button says it; empty: nothing here can
	Link     string `json:"link"` // the page on which it is done; empty: Do does it
	Do       string `json:"do"`   // "METHOD /path" that does it; empty: Link leads there
}

// facts is everything that needs follow from.
type facts struct {
	nowMS   int64
	zone    *time.Location
	view    *station.View
	house   Condition
	saved   Saved
	pools   []Pool
	plugins []PluginReport
	watches bool // presence is on
}

// Needs lists what wants a hand, what is worst first.
func (a *API) Needs(ctx context.Context) []Need {
	return needs(facts{nowMS: a.now(), zone: a.zone, view: a.Floor.View(), house: a.House.Condition(ctx), saved: a.Promos.Saved(),
		pools: a.PoolsOf(ctx), plugins: a.Plugins.Report(), watches: a.Settings.Presence().Enabled})
}

// needs is pure: the same facts, the same needs in the same order.
func needs(f facts) []Need {
	var out []Need
	for _, look := range []func(facts) []Need{
		channelNeeds, journalNeeds, ledgerNeeds, alarmNeeds, permissionNeeds, doubtNeeds, pluginNeeds, eventNeeds, poolNeeds, configNeeds, diskNeeds, backupNeeds, clockNeeds,
	} {
		out = append(out, look(f)...)
	}
	slices.SortStableFunc(out, func(a, b Need) int { return cmp.Compare(a.Severity, b.Severity) }) // bad before warn
	return out
}

func one(n Need) []Need { return []Need{n} }

func channelNeeds(f facts) []Need {
	v := f.view
	switch {
	case v.Health == channel.Good && !v.Resolved && v.Journal == "":
		return one(Need{"starting", severityWarn, AreaOverview, "The channel is being compared with the books",
			"Playbill has just started. Requests open by themselves as soon as both agree.", "", "", ""})
	case v.Health == channel.Good:
		return nil
	}
	n := Need{Code: "channel", Severity: severityBad, Area: AreaOverview, Head: "The channel does not answer"}
	if v.Health == channel.Degraded {
		n.Head = "The channel cannot be believed now"
	}
	n.Text = cmp.Or(v.Why, "Nothing was heard from it yet.") + " The list is the last that was seen. Requests are paused and nobody pays; Playbill goes on trying."
	return one(n)
}

// permissionNeeds names each thing that the channel does not let the bot do, and where that is changed.
func permissionNeeds(f facts) []Need {
	v := f.view
	if v.Health == channel.Down {
		return nil
	}
	if v.Needs != nil {
		return channelWants(v.Needs)
	}
	can := v.Can
	var out []Need
	for _, p := range []struct {
		has                   bool
		code, what, so, named string
	}{
		{can.Add, "add", "add to the list", "Nothing can be sold and no promo can be placed.", "Add to playlist"},
		{can.AddNext, "add_next", "add something next", "Play-next titles and promos are added at the end and moved, which takes longer.", "Add/move to be next"},
		{can.Move, "move", "move titles", "Paid titles and promos stay where they were added.", "Move playlist items"},
		{can.Remove, "remove", "delete titles", "What is cancelled or displaced stays on the list, and is not refunded before it is gone.", "Delete playlist items"},
		{can.Jump, "jump", "skip what plays", "Skipping and starting an event on time do not work.", "Jump to video"},
		{can.Say, "say", "write in chat", "Purchases are not announced.", "Chat"},
		{can.Tell, "tell", "send private messages", "Nobody is told of a refund, and nobody can log in by a code.", ""},
		{can.Users, "users", "list who is there", "Nobody earns for being there, and nobody is seen leaving.", ""},
	} {
		// The order of the list: without the right to add, the others of the list say nothing new.
		if p.has || p.code == "add_next" && !can.Add {
			continue
		}
		out = append(out, Need{"permission_" + p.code, severityOf(p.code == "add" || p.code == "remove"), AreaOverview,
			"The bot may not " + p.what, p.so + " " + allowWords(f.house.Driver, p.named), "", "", ""})
	}
	return out
}

// channelWants is what a driver itself says that the bot lacks. What may be so on purpose needs no hand; the doctor tells it.
func channelWants(needs []channel.Need) []Need {
	var out []Need
	for _, n := range needs {
		if n.Met || n.Weight == channel.Taste {
			continue
		}
		out = append(out, Need{"permission", severityOf(n.Weight == channel.Grave), AreaOverview, "The channel does not let the bot: " + n.What, n.Says + " " + n.Fix, "", "", ""})
	}
	return out
}

// allowWords says where a permission is given.
func allowWords(driver, named string) string {
	switch {
	case driver == "cytube" && named != "":
		return "On CyTube: Channel Settings, Edit, Permissions, “" + named + "”; or make the bot a moderator under Edit, Moderators."
	case driver == "cytube":
		return "On CyTube the bot must be logged in with its account and not be muted."
	default:
		return "Give the bot a higher rank in the channel."
	}
}

func severityOf(bad bool) string {
	if bad {
		return severityBad
	}
	return severityWarn
}

func journalNeeds(f facts) []Need {
	if f.view.Journal == "" {
		return nil
	}
	return one(Need{"journal", severityBad, AreaOverview, "The journal cannot be written",
		f.view.Journal + " Make room on the disk of the data directory, or give this user the right to write there; Playbill tries again every second.", "", "", ""})
}

func ledgerNeeds(f facts) []Need {
	if f.house.Broken == "" {
		return nil
	}
	return one(Need{"ledger", severityBad, AreaOverview, "The ledger could not be verified",
		f.house.Broken + " Nothing was changed by the check. Verify it again; if it stays so, stop the host and restore the newest backup from before.",
		"Verify now", "", "POST /api/v1/admin/night"})
}

// alarmNeeds are events that did not go well, until somebody has seen it.
func alarmNeeds(f facts) []Need {
	var out []Need
	for _, e := range f.view.Alarms {
		n := Need{Code: "event", Severity: severityWarn, Area: AreaOverview, Head: "“" + e.Label + "” on " + f.dayClock(e.DueAtMS) + " did not go well",
			Text: e.Alarm, Word: "Seen", Do: fmt.Sprintf("POST /api/v1/admin/alarms/%d/seen", e.ID)}
		for i, failed := range e.Failed {
			if i == failedMost {
				n.Text += fmt.Sprintf(" And %d more.", len(e.Failed)-i)
				break
			}
			n.Text += " “" + failed.Title + "”: " + SentenceOf(failed.Why)
		}
		out = append(out, n)
	}
	return out
}

// doubtNeeds are adds of which nobody can say yet whether they have arrived.
func doubtNeeds(f facts) []Need {
	var out []Need
	for _, e := range f.view.Shadow.Waiting {
		if e.State != shadow.Sent || e.Purchase == "" || f.nowMS-e.SentAtMS < doubtLongMS || e.SentAtMS == 0 {
			continue
		}
		p, _ := f.view.Purchase(e.Purchase)
		out = append(out, Need{"doubt", severityWarn, AreaOverview, "“" + e.Media.Title + "” is in doubt",
			fmt.Sprintf("The channel has not said since %s whether it took this request of %s. It is settled or paid back in full as soon as a state of the channel shows which.",
				f.clock(e.SentAtMS), cmp.Or(p.BuyerName, string(e.PaidBy))), "", "", ""})
	}
	return out
}

func pluginNeeds(f facts) []Need {
	var out []Need
	for _, p := range f.plugins {
		if p.State == "ready" || p.State == "disabled" || p.State == "draining" || p.State == "starting" && f.nowMS-p.SinceMS < startLongMS {
			continue
		}
		name := cmp.Or(p.Title, p.Name)
		n := Need{Code: "plugin_" + p.State, Severity: severityOf(p.State != "starting"), Area: AreaPlugins, Word: "Read why", Link: "/admin/plugins/" + p.Name}
		switch p.State {
		case "quarantined":
			n.Head, n.Word = "The plugin “"+name+"” is in quarantine", "Read and release"
		case "incompatible":
			n.Head, n.Word = "The plugin “"+name+"” cannot run as it is", "Read and mend"
		case "starting":
			n.Head = "The plugin “" + name + "” is still starting"
		default:
			n.Head = "The plugin “" + name + "” has stopped"
		}
		n.Text = strings.TrimSpace(SentenceOf(p.Reason) + " " + f.without(p))
		out = append(out, n)
	}
	return out
}

// without says what goes on without a plugin, and what does not.
func (f facts) without(p PluginReport) string {
	switch {
	case slices.Contains(p.Hooks, string(station.OnPresence)) && f.watches:
		return "Playback, promos and requests go on; nobody's request is cancelled by it meanwhile."
	case len(p.PromoTypes) > 0:
		return "Playback and requests go on; its promo turns go to the other types."
	default:
		return "Playback, promos and requests go on without it."
	}
}

func poolNeeds(f facts) []Need {
	var out []Need
	wanted, empty := 0, 0
	for _, p := range f.pools {
		if p.Health.State == PoolOff || p.Health.State == PoolSystemOff {
			continue
		}
		wanted++
		if p.Health.State == PoolEmpty {
			empty++
		}
		if n, is := f.poolNeed(p); is {
			out = append(out, n)
		}
	}
	if wanted > 1 && empty == wanted {
		return one(Need{"pools_empty", severityWarn, AreaPromos, "No promo can air yet",
			"Every pool is empty. Tag a saved playlist with a promo type, and its clips air from the next slot.", "Tag a playlist", "/admin/promos#pools", ""})
	}
	return out
}

func (f facts) poolNeed(p Pool) (n Need, is bool) {
	n = Need{Code: "pool_" + p.Health.State, Severity: severityWarn, Area: AreaPromos, Text: p.Health.Reason, Link: "/admin/promos?pool=" + p.PromoType + "#pool"}
	switch p.Health.State {
	case PoolEmpty:
		n.Head, n.Text, n.Word = "The "+p.Badge+" pool is empty", p.Health.Reason+" "+p.instead(), "Add clips"
	case PoolRefused:
		n.Severity, n.Head, n.Word = severityBad, "The channel refuses every clip of "+p.Badge, "Replace or try again"
	case PoolAside:
		n.Head, n.Word = "A clip of "+p.Badge+" is set aside", "Replace or try again"
	case PoolDry:
		if p.endMS() == 0 || p.endMS() > f.nowMS {
			return n, false // it is as its owner wrote it: hours, rest
		}
		n.Head, n.Word = "The "+p.Badge+" pool has run dry", "Add clips"
	case PoolNever:
		n.Head, n.Word = "No clip of "+p.Badge+" will ever air", "Change their hours"
	case PoolEnding:
		n.Head, n.Text, n.Word = "The "+p.Badge+" pool runs dry on "+f.day(p.endMS()),
			"All its clips have ended by "+f.dayClock(p.endMS())+". After that: "+p.instead(), "Add clips"
	case PoolNoPlugin:
		if len(p.Playlists) == 0 {
			return n, false
		}
		n.Severity, n.Head = severityWarn, "No plugin offers the promo type “"+p.PromoType+"”"
		n.Text = quoted(p.Playlists) + " tagged with it, so the clips are reserved and never air. Start its plugin, or untag them."
		n.Word = "Untag or start it"
	default:
		return n, false
	}
	return n, true
}

// instead says what happens in the place of a pool that has nothing.
func (p Pool) instead() string {
	if p.Slot != nil && *p.Slot == slotName(sdk.LeadIn) {
		return "Titles go without it."
	}
	return "Its turns go to the other types."
}

// quoted names the playlists of a pool, with their verb.
func quoted(lists []PoolPlaylist) string {
	var names []string
	for _, l := range lists {
		names = append(names, "“"+l.Name+"”")
	}
	if len(names) == 1 {
		return "The playlist " + names[0] + " is"
	}
	return "The playlists " + joined(names) + " are"
}

func configNeeds(f facts) []Need {
	if f.saved.Persisted || f.saved.Revision <= firstRevision {
		return nil
	}
	return one(Need{"config", severityWarn, AreaOverview, "The settings are not in the file", f.saved.Reason, "Look at the settings", "/admin/promos#settings", ""})
}

func diskNeeds(f facts) []Need {
	free := f.house.Free
	if free < 0 || free >= diskLow {
		return nil
	}
	return one(Need{"disk", severityOf(free < diskFull), AreaOverview, "The disk is nearly full",
		fmt.Sprintf("%s are free where the database is. When it is full nothing is sold and no promo is placed; what plays is still followed. Make room, or move data_dir.", SizeWords(free)),
		"", "", ""})
}

func backupNeeds(f facts) []Need {
	n := Need{Code: "backup", Severity: severityWarn, Area: AreaOverview, Word: "Back up now", Do: "POST /api/v1/admin/night"}
	switch {
	case f.house.CopyFailed != "":
		n.Head, n.Text = "Last night's backup was not made", f.house.CopyFailed
	case f.house.CopiedMS == 0 && f.nowMS-f.house.StartedMS > backupSoonMS:
		n.Head, n.Text = "There is no backup yet", "One is made every night at four; the host was not up for one."
	case f.house.CopiedMS != 0 && f.nowMS-f.house.CopiedMS > backupOldMS:
		n.Head, n.Text = "The newest backup is old", "It is from "+f.dayClock(f.house.CopiedMS)+"."
	default:
		return nil
	}
	return one(n)
}

func clockNeeds(f facts) []Need {
	off := f.house.ClockOffMS
	if max(off, -off) < clockOffMS {
		return nil
	}
	way := "forward"
	if off < 0 {
		way, off = "back", -off
	}
	return one(Need{"clock", severityWarn, AreaOverview, "The machine's clock jumped",
		fmt.Sprintf("Since the start it was set %s by %s, or the machine slept. Cadence, cooldowns and events go by it. Check its time service; a restart of the host begins anew.",
			way, SpanWords(off)), "", "", ""})
}

func (f facts) clock(ms int64) string { return time.UnixMilli(ms).In(f.zone).Format("15:04") }

func (f facts) day(ms int64) string { return time.UnixMilli(ms).In(f.zone).Format("Monday") }

func (f facts) dayClock(ms int64) string {
	return time.UnixMilli(ms).In(f.zone).Format("Mon 2 Jan, 15:04")
}
