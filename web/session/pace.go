package session

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace holds one kind of request to three limits: per name, per address and over all. It remembers a bounded number of
// names and addresses; when that many are busy at once a new one waits.
type pace struct {
	mu    sync.Mutex
	names keyed
	addrs keyed
	all   *rate.Limiter
}

// keyed is one limiter per key.
type keyed struct {
	every time.Duration
	burst int
	of    map[string]*rate.Limiter
}

func newAskPace() *pace {
	return &pace{names: keyed{asksPerName, asksPerNameBurst, map[string]*rate.Limiter{}},
		addrs: keyed{asksPerAddr, asksPerAddrBurst, map[string]*rate.Limiter{}}, all: rate.NewLimiter(rate.Every(asksInAll), asksInAllBurst)}
}

func newTryPace() *pace {
	return &pace{names: keyed{triesPerName, triesPerNameBurst, map[string]*rate.Limiter{}},
		addrs: keyed{triesPerAddr, triesPerAddrBurst, map[string]*rate.Limiter{}}, all: rate.NewLimiter(rate.Every(triesInAll), triesInAllBurst)}
}

// allow counts a request, if all three limits have room for it. The address comes first, so that one that floods takes
// nothing from the others.
func (p *pace) allow(name, address string, nowMS int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := time.UnixMilli(nowMS)
	return p.addrs.allow(block(address), at) && p.names.allow(name, at) && p.all.AllowN(at, 1)
}

func (k *keyed) allow(key string, at time.Time) bool {
	l, known := k.of[key]
	if !known {
		if len(k.of) >= keysMax {
			k.forget(at)
		}
		if len(k.of) >= keysMax {
			return false
		}
		l = rate.NewLimiter(rate.Every(k.every), k.burst)
		k.of[key] = l
	}
	return l.AllowN(at, 1)
}

// forget drops the keys whose limiter is as good as new.
func (k *keyed) forget(at time.Time) {
	for key, l := range k.of {
		if l.TokensAt(at) >= float64(k.burst) {
			delete(k.of, key)
		}
	}
}

// block is what counts as one address: for IPv6 the /64 that one household has.
func block(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}
