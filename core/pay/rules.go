package pay

import (
	"fmt"

	"playbill/sdk"
)

// The bounds of the settings. They keep a price far from the end of int64: 1e9 * 1e3 * 100 < 1e15.
const (
	maxStepCoins  = 1_000_000_000
	maxMultiplier = 1_000
	maxCooldownMS = 30 * 24 * hourMS
	maxCount      = 10_000
	maxRankTenths = 2_550 // CyTube's highest rank is 255
)

// Defaults are the settings of SPEC 4.1: what a host without a pay block runs on.
func Defaults() Rules {
	return Rules{
		Enabled: true,
		Prices: []PriceStep{
			{UpToMS: 900_000, Coins: 250},
			{UpToMS: 2_100_000, Coins: 500},
			{UpToMS: 3_900_000, Coins: 750},
			{Coins: 1_000},
		},
		Multiplier: 3,
		DailyLimit: 3,
		CooldownMS: 30 * minuteMS,
		Pending:    3,
		QueueRank:  10,
		NextRank:   10,
		AdminRank:  30,
		ForceRank:  40,
		NotifyUser: true,
	}
}

// Check returns what is wrong with the settings, each with a pointer into the pay block as the config file spells it;
// none: they can run.
func (r Rules) Check() []sdk.Problem {
	var found problems
	r.checkPrices(&found)
	r.checkDiscounts(&found)
	found.bound("/playnext_multiplier", r.Multiplier, 1, maxMultiplier)
	found.bound("/daily_limit", int64(r.DailyLimit), 0, maxCount)
	found.bound("/cooldown_seconds", r.CooldownMS/1_000, 0, maxCooldownMS/1_000)
	found.bound("/pending_limit", int64(r.Pending), 0, maxCount)
	found.rank("/queue_rank", r.QueueRank)
	found.rank("/playnext_rank", r.NextRank)
	found.rank("/admin_rank", r.AdminRank)
	found.rank("/force_play_rank", r.ForceRank)
	for i, b := range r.Blackouts {
		b.check(fmt.Sprintf("/blackout/%d", i), &found)
	}
	return found
}

func (r Rules) checkPrices(found *problems) {
	if len(r.Prices) == 0 {
		found.add("/price", "There is no price. Give at least one, for any length.")
		return
	}
	for i, step := range r.Prices {
		at := fmt.Sprintf("/price/%d", i)
		found.bound(at+"/coins", int64(step.Coins), 1, maxStepCoins)
		last := i == len(r.Prices)-1
		switch {
		case last && step.UpToMS != 0:
			found.add(at+"/up_to_seconds", "The last price is for any longer length: leave its limit out.")
		case !last && step.UpToMS <= 0:
			found.add(at+"/up_to_seconds", "Every price but the last needs a limit above 0.")
		case !last && i > 0 && step.UpToMS <= r.Prices[i-1].UpToMS:
			found.add(at+"/up_to_seconds", "Limits ascend: this one is not above the one before it.")
		}
	}
}

func (r Rules) checkDiscounts(found *problems) {
	seen := map[int]bool{}
	for i, d := range r.Discounts {
		at := fmt.Sprintf("/discount/%d", i)
		found.rank(at+"/rank", d.RankTenths)
		found.bound(at+"/percent", d.Percent, 0, 100)
		if seen[d.RankTenths] {
			found.add(at+"/rank", "This rank has a discount already.")
		}
		seen[d.RankTenths] = true
	}
}

type problems []sdk.Problem

func (p *problems) add(pointer, sentence string) {
	*p = append(*p, sdk.Problem{Pointer: pointer, Sentence: sentence})
}

func (p *problems) bound(pointer string, v, low, high int64) {
	if v < low || v > high {
		p.add(pointer, fmt.Sprintf("%d is out of range: %d to %d.", v, low, high))
	}
}

func (p *problems) rank(pointer string, tenths int) {
	if tenths < 0 || tenths > maxRankTenths {
		p.add(pointer, fmt.Sprintf("A channel rank is 0 to %d.", maxRankTenths/10))
	}
}
