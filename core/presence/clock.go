package presence

import (
	"maps"
	"slices"
	"strings"

	"playbill/core/channel"
)

// ownerLeft is the reason that goes before every other: who has left is not merely away. It is pay.OwnerLeft.
const ownerLeft = "owner_left"

// Observe advances the clocks by one conclusive round and returns them in order of their owners, and who is to be
// cancelled now. Its arguments are not changed.
//
// One clock per owner counts while any trigger says away. The first round that says so starts it; each later one adds
// the time since the clock was last brought up to date, if nothing has cleared it in between. A trigger that says away
// now and whose grace (its own, else graceMS) is covered cancels: leaving before everything else, then in the order in
// which got has them. A cancelled owner's clock is cleared. The clock also clears when all triggers say present. A round
// in which none says away and one is unsure leaves the time as it is and does not count it. An owner without any verdict
// keeps the clock untouched, and what passes until the next verdict is not counted either: nobody looked.
//
// nowMS is the host's clock; time that runs backwards counts as none.
func Observe(old []Clock, got []Verdict, graceMS, nowMS int64) ([]Clock, []Cancel) {
	clocks, before := byOwner(Resume(old, nowMS)), byOwner(old)
	var cancels []Cancel
	for _, owner := range owners(got) {
		clock, counting := before[owner]
		said := of(got, owner)
		lead, away := leading(said)
		switch {
		case away:
			clock = clock.advanced(owner, lead, counting, nowMS)
			if c, over := expired(said, clock.AwayMS, graceMS); over {
				cancels = append(cancels, c)
				delete(clocks, owner)
				continue
			}
			clocks[owner] = clock
		case !unsure(said):
			delete(clocks, owner)
		}
	}
	return sorted(clocks), cancels
}

// Resume brings stored clocks up to date at start: the time during which nobody looked is not counted.
func Resume(clocks []Clock, nowMS int64) []Clock {
	resumed := slices.Clone(clocks)
	for i := range resumed {
		resumed[i].AtMS = nowMS
	}
	return resumed
}

// Keep drops the clocks of everybody who has no pending paid entry any more.
func Keep(clocks []Clock, owners []channel.UserKey) []Clock {
	kept := make([]Clock, 0, len(clocks))
	for _, c := range clocks {
		if slices.Contains(owners, c.Owner) {
			kept = append(kept, c)
		}
	}
	return kept
}

// advanced adds the time since the clock was brought up to date; a new clock starts at nothing.
func (c Clock) advanced(owner channel.UserKey, lead Verdict, counting bool, nowMS int64) Clock {
	if counting {
		c.AwayMS += max(nowMS-c.AtMS, 0)
	}
	c.Owner, c.Plugin, c.Reason, c.AtMS = owner, lead.Plugin, lead.Reason, nowMS
	return c
}

// expired picks the trigger that cancels: one that says away now and whose grace is covered.
func expired(said []Verdict, awayMS, graceMS int64) (Cancel, bool) {
	var over []Verdict
	for _, v := range said {
		grace := graceMS
		if v.GraceMS > 0 {
			grace = v.GraceMS
		}
		if v.away() && awayMS >= grace {
			over = append(over, v)
		}
	}
	v, found := leading(over)
	return Cancel{Owner: v.Owner, Reason: v.Reason, Text: v.Text, Plugin: v.Plugin}, found
}

// leading is the verdict that counts among those that say away: leaving first, then the one given first.
func leading(said []Verdict) (lead Verdict, away bool) {
	for _, v := range said {
		if v.away() && (!away || v.Reason == ownerLeft && lead.Reason != ownerLeft) {
			lead, away = v, true
		}
	}
	return lead, away
}

// away: who is unsure does not say away, whatever else the verdict holds.
func (v Verdict) away() bool { return v.Away && !v.Unsure }

func unsure(said []Verdict) bool {
	return slices.ContainsFunc(said, func(v Verdict) bool { return v.Unsure })
}

func of(got []Verdict, owner channel.UserKey) (said []Verdict) {
	for _, v := range got {
		if v.Owner == owner {
			said = append(said, v)
		}
	}
	return said
}

// owners are those whom the round is about, each once, in order of their first verdict.
func owners(got []Verdict) (keys []channel.UserKey) {
	for _, v := range got {
		if !slices.Contains(keys, v.Owner) {
			keys = append(keys, v.Owner)
		}
	}
	return keys
}

func byOwner(clocks []Clock) map[channel.UserKey]Clock {
	m := make(map[channel.UserKey]Clock, len(clocks))
	for _, c := range clocks {
		m[c.Owner] = c
	}
	return m
}

func sorted(clocks map[channel.UserKey]Clock) []Clock {
	return slices.SortedFunc(maps.Values(clocks), func(a, b Clock) int {
		return strings.Compare(string(a.Owner), string(b.Owner))
	})
}
