package pay

import (
	"cmp"
	"fmt"

	"playbill/core/fault"
)

// hostClosed: nothing can be sold whatever is asked for.
func hostClosed(_ Rules, _ Quote, f Facts, _ int64) (*fault.Fault, int64) {
	if f.StationClosed == nil {
		return nil, 0
	}
	switch f.StationClosed.Code {
	case fault.Starting, fault.Journal, fault.Standby, fault.Stopping, fault.Fenced:
		return f.StationClosed, 0
	default:
		return nil, 0
	}
}

func itemUnknown(_ Rules, q Quote, f Facts, _ int64) (*fault.Fault, int64) {
	switch {
	case !f.KnownItem:
		return fault.New(fault.UnknownItem, "This title is not in the catalog. Search for it again."), 0
	case f.Unbuyable != "":
		return fault.New(fault.UnknownItem, f.Unbuyable), 0
	case q.Media.DurationMS <= 0:
		return fault.New(fault.UnknownItem,
			titled(q.Media)+" cannot be requested: it is live, or its length is not known."), 0
	default:
		return nil, 0
	}
}

// itemReserved: for everyone but admins (SPEC 6).
func itemReserved(r Rules, q Quote, f Facts, _ int64) (*fault.Fault, int64) {
	if !f.Reserved || r.AdminRank > 0 && f.RankTenths >= r.AdminRank {
		return nil, 0
	}
	return fault.New(fault.Reserved,
		titled(q.Media)+" is set aside for a scheduled programme. It can be requested again afterwards."), 0
}

func eventLocked(_ Rules, _ Quote, f Facts, nowMS int64) (*fault.Fault, int64) {
	if f.Lock == "" {
		return nil, 0
	}
	sentence := cmp.Or(f.LockSentence, "Requests are closed for an event.")
	if f.LockOpensAtMS > nowMS {
		sentence += " That is " + Distance(f.LockOpensAtMS-nowMS) + "."
	}
	return fault.New(f.Lock, sentence), f.LockOpensAtMS
}

// roomRefuses is what the room says about a person. A token's name need not be there; a room that does not answer is
// for channelUnknown.
func roomRefuses(r Rules, q Quote, f Facts, _ int64) (*fault.Fault, int64) {
	if !f.Absent && !f.PresenceKnown {
		return nil, 0
	}
	need := r.rankFor(q.Tier)
	switch {
	case !f.Absent && !f.Present:
		return fault.New(fault.NotPresent, "You are not in the channel. Join it, then request."), 0
	case f.RankTenths < need:
		return fault.New(fault.Rank, fmt.Sprintf("%s takes channel rank %s, and yours is %s.%s",
			capital(doing(q.Tier)), rank(need), rank(f.RankTenths), r.otherTier(q, f))), 0
	case f.Muted:
		return fault.New(fault.Blocked, "This account cannot request. A moderator can say why."), 0
	default:
		return nil, 0
	}
}

// otherTier tells who may not play next whether they may queue.
func (r Rules) otherTier(q Quote, f Facts) string {
	if q.Tier == PlayNext && f.RankTenths >= r.QueueRank {
		return " You can queue it."
	}
	return ""
}

func accountBlocked(_ Rules, _ Quote, f Facts, _ int64) (*fault.Fault, int64) {
	if f.AccountBlocked == "" {
		return nil, 0
	}
	return fault.New(fault.Blocked, "An admin has blocked requests from this account: "+f.AccountBlocked+"."), 0
}

func blackedOut(r Rules, q Quote, f Facts, nowMS int64) (*fault.Fault, int64) {
	switch {
	case !r.Enabled:
		return fault.New(fault.Blackout, "Requests are switched off on this channel."), 0
	case f.Closed && f.ClosedToMS > nowMS:
		return fault.New(fault.Blackout, titled(q.Media)+" cannot be requested now. It can be again "+Distance(f.ClosedToMS-nowMS)+"."), f.ClosedToMS
	case f.Closed:
		return fault.New(fault.Blackout, titled(q.Media)+" cannot be requested now."), 0
	case f.Blackout == "":
		return nil, 0
	case f.BlackoutEndMS > nowMS:
		return fault.New(fault.Blackout,
			f.Blackout+" They open again "+Distance(f.BlackoutEndMS-nowMS)+"."), f.BlackoutEndMS
	default:
		return fault.New(fault.Blackout, f.Blackout), 0
	}
}

func dayUsedUp(r Rules, _ Quote, f Facts, nowMS int64) (*fault.Fault, int64) {
	if r.DailyLimit == 0 || f.BoughtToday < r.DailyLimit {
		return nil, 0
	}
	sentence := capital(counted(r.DailyLimit, "request")) + " a day is the limit."
	if f.NextDayMS > nowMS {
		sentence += fmt.Sprintf(" You have %s more %s.", small(r.DailyLimit), Distance(f.NextDayMS-nowMS))
	}
	return fault.New(fault.DailyLimit, sentence), f.NextDayMS
}

// coolingDown counts from the last purchase that was not refunded. One from the future (a clock was set back) counts
// as just now; the books leave out what is far ahead.
func coolingDown(r Rules, _ Quote, f Facts, nowMS int64) (*fault.Fault, int64) {
	if r.CooldownMS <= 0 || f.LastUnrefundedMS == 0 {
		return nil, 0
	}
	again := min(f.LastUnrefundedMS, nowMS) + r.CooldownMS
	if nowMS >= again {
		return nil, 0
	}
	return fault.New(fault.Cooldown, "You can request again "+Distance(again-nowMS)+"."), again
}

func tooManyPending(r Rules, _ Quote, f Facts, _ int64) (*fault.Fault, int64) {
	if r.Pending == 0 || f.Pending < r.Pending {
		return nil, 0
	}
	sentence := "One request of yours is waiting, and that is the limit. When it starts, or you cancel it, you can request again."
	if f.Pending > 1 {
		sentence = capital(small(f.Pending)) + " requests of yours are waiting, and that is the limit. " +
			"When one of them starts, or you cancel one, you can request again."
	}
	return fault.New(fault.PendingLimit, sentence), 0
}

func listedAlready(_ Rules, q Quote, f Facts, _ int64) (*fault.Fault, int64) {
	switch {
	case f.OnList && f.ListedAt != "":
		return fault.New(fault.AlreadyListed, titled(q.Media)+" is already on the list, "+f.ListedAt+"."), 0
	case f.OnList:
		return fault.New(fault.AlreadyListed, titled(q.Media)+" is already on the list."), 0
	case f.OpenElsewhere:
		return fault.New(fault.AlreadyListed, titled(q.Media)+" has just been requested by somebody."), 0
	default:
		return nil, 0
	}
}

// channelUnknown: in doubt nothing is sold (SPEC 4.1).
func channelUnknown(_ Rules, _ Quote, f Facts, _ int64) (*fault.Fault, int64) {
	switch {
	case f.StationClosed != nil: // to a buyer a channel that is down is one that is not known
		return fault.Wrap(f.StationClosed, fault.NoAnchor, f.StationClosed.Sentence), 0
	case !f.AnchorKnown:
		return fault.New(fault.NoAnchor,
			"The channel does not say what is playing. Requests are paused and nobody pays. Try again in a minute."), 0
	case !f.Absent && !f.PresenceKnown:
		return fault.New(fault.NoAnchor,
			"The channel does not say who is there. Requests are paused and nobody pays. Try again in a minute."), 0
	default:
		return nil, 0
	}
}

// shortOf says how much is missing and, for playing next, whether queueing is within reach.
func (r Rules) shortOf(q Quote, f Facts) *fault.Fault {
	if q.Tier == Queue {
		return fault.New(fault.Balance, "You are "+Words(q.Short)+" short for queueing it.")
	}
	sentence := "You are " + Words(q.Short) + " short for playing it next."
	if f.RankTenths >= r.QueueRank {
		if _, queued := r.price(q.Media.DurationMS, Queue, f.RankTenths); queued <= f.Balance {
			sentence += " You have enough to queue it: " + Words(queued) + "."
		}
	}
	return fault.New(fault.Balance, sentence)
}
