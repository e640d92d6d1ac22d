package pay

import (
	"playbill/core/ledger"
)

// step is the list price of a length: the first step that reaches it. A list without an open end prices what is
// longer like its last step.
func (r Rules) step(durationMS int64) ledger.Coins {
	var coins ledger.Coins
	for _, s := range r.Prices {
		coins = s.Coins
		if s.UpToMS == 0 || durationMS <= s.UpToMS {
			break
		}
	}
	return max(coins, 1)
}

// percent is what the highest discount rank that somebody has reached takes off.
func (r Rules) percent(rankTenths int) int64 {
	reached, percent := -1, int64(0)
	for _, d := range r.Discounts {
		if d.RankTenths <= rankTenths && d.RankTenths > reached {
			reached, percent = d.RankTenths, d.Percent
		}
	}
	return min(max(percent, 0), 100)
}

// price is base * multiplier and what is left of it after the discount, rounded down, at least 1 coin.
func (r Rules) price(durationMS int64, tier string, rankTenths int) (base, price ledger.Coins) {
	base = r.step(durationMS)
	if tier == PlayNext {
		base *= ledger.Coins(max(r.Multiplier, 1))
	}
	left := ledger.Coins(100 - r.percent(rankTenths))
	return base, max(base*left/100, 1)
}

// LongestFor returns the length, milliseconds, up to which everything can be queued for so many coins by somebody of a
// rank; 0: whatever its length. any is false when nothing can.
func (r Rules) LongestFor(coins ledger.Coins, rankTenths int) (ms int64, any bool) {
	for _, s := range r.Prices {
		from := ms + 1
		if _, price := r.price(from, Queue, rankTenths); price > coins {
			return ms, any
		}
		ms, any = s.UpToMS, true
		if ms == 0 {
			break
		}
	}
	return 0, any
}

// ListPrice is what a length costs in a tier without any discount.
func (r Rules) ListPrice(durationMS int64, tier string) ledger.Coins {
	base, _ := r.price(durationMS, tier, -1)
	return base
}

// rankFor is the rank x10 that a tier needs.
func (r Rules) rankFor(tier string) int {
	if tier == PlayNext {
		return r.NextRank
	}
	return r.QueueRank
}
