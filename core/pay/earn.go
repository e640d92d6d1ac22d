package pay

import (
	"cmp"
	"slices"
	"strconv"

	"playbill/core/channel"
	"playbill/core/ledger"
)

// Host signs what Playbill itself books.
const Host = "host"

// Wage is what being there is worth.
type Wage struct {
	Enabled    bool
	IntervalMS int64        // above 0
	Coins      ledger.Coins // for each interval; 0: none
	Welcome    ledger.Coins // once, to somebody who never had any; 0: none
}

// Interval returns the start of the interval in which an instant lies, UTC. Intervals are counted from 1970, so that they
// are the same ones after a restart.
func (w Wage) Interval(atMS int64) int64 {
	into := atMS % w.IntervalMS
	if into < 0 {
		into += w.IntervalMS
	}
	return atMS - into
}

// Earned is what one viewer gets for one interval. Its key names both, so it is booked once whoever asks how often.
func (w Wage) Earned(intervalMS int64, u channel.User) ledger.Transfer {
	return ledger.Transfer{Kind: ledger.Earn, Debit: ledger.Issuance, Credit: ledger.Wallet, User: string(u.Key), UserName: u.Name,
		Amount: w.Coins, Key: "earn:" + strconv.FormatInt(intervalMS, 10) + ":" + string(u.Key), Reason: "being there", Actor: Host}
}

// Greeting is what one viewer gets once.
func (w Wage) Greeting(u channel.User) ledger.Transfer {
	return ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: string(u.Key), UserName: u.Name,
		Amount: w.Welcome, Key: "welcome:" + string(u.Key), Reason: "welcome", Actor: Host}
}

// Earning returns those who earn by being there, each once: who may buy (rankTenths and above), is neither AFK nor muted,
// and is not self, our own name. An account that an admin has blocked is known to the books only.
func Earning(people []channel.User, self string, rankTenths int) []channel.User {
	var out []channel.User
	seen := map[channel.UserKey]bool{"": true, channel.Fold(self): true}
	for _, u := range people {
		if seen[u.Key] || u.AFK || u.Muted || u.RankTenths < rankTenths {
			continue
		}
		seen[u.Key] = true
		out = append(out, u)
	}
	return out
}

// Attendance is who was there in one interval, by looks at the room. A look in which the room could not be seen is not
// one. The zero value has seen nothing.
type Attendance struct {
	looks int
	seen  map[channel.UserKey]int
	who   map[channel.UserKey]channel.User
}

// Look adds one look.
func (a *Attendance) Look(earning []channel.User) {
	if a.seen == nil {
		a.seen, a.who = map[channel.UserKey]int{}, map[channel.UserKey]channel.User{}
	}
	a.looks++
	for _, u := range earning {
		a.seen[u.Key]++
		a.who[u.Key] = u
	}
}

// There returns who was there in at least half of the looks, by key: nobody earns by looking in when it is paid, nor
// loses an interval by a reconnect.
func (a *Attendance) There() []channel.User {
	var out []channel.User
	for key, n := range a.seen {
		if 2*n >= a.looks {
			out = append(out, a.who[key])
		}
	}
	slices.SortFunc(out, func(x, y channel.User) int { return cmp.Compare(x.Key, y.Key) })
	return out
}
