package session

import (
	"context"
	"sync"

	"playbill/core/channel"
	"playbill/core/fault"
)

// ranks remembers which rank the room last confirmed for whom.
type ranks struct {
	mu sync.Mutex
	of map[channel.UserKey]confirmed
}

type confirmed struct {
	tenths int
	atMS   int64
}

// of returns somebody's rank now, times ten. Whoever only reads is believed a rank that was confirmed within a day, so that
// an admin can see why the room is down; for anything else a rank that is not known is none.
func (l *Login) rank(ctx context.Context, u channel.UserKey, reads bool, nowMS int64) int {
	l.ranks.mu.Lock()
	last, known := l.ranks.of[u]
	l.ranks.mu.Unlock()
	if known && nowMS-last.atMS >= 0 && nowMS-last.atMS < rankFreshMS {
		return last.tenths
	}
	p, err := l.opt.Room.Person(ctx, u)
	switch {
	case err == nil:
		l.ranks.confirm(u, confirmed{p.RankTenths, nowMS})
		return p.RankTenths
	case reads && known && nowMS-last.atMS < rankReadMS:
		return last.tenths
	case !fault.Is(err, fault.Missing):
		l.log.Debug("a rank is not known", "error", err)
	}
	return 0
}

func (r *ranks) confirm(u channel.UserKey, c confirmed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.of[u]; !known && len(r.of) >= ranksMax {
		for key, old := range r.of {
			if c.atMS-old.atMS >= rankReadMS {
				delete(r.of, key)
			}
		}
		if len(r.of) >= ranksMax {
			return // they are asked for each time
		}
	}
	r.of[u] = c
}
