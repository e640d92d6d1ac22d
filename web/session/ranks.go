package session

import (
	"context"
	"sync"

	"playbill/core/access"
	"playbill/core/channel"
	"playbill/core/fault"
)

// ranks remembers for a moment which rank the room confirmed for whom, so that a page does not ask it twenty times. What
// must outlive that, or the host, is kept with the sessions.
type ranks struct {
	mu sync.Mutex
	of map[channel.UserKey]confirmed
}

type confirmed struct {
	tenths int
	atMS   int64
}

// rank returns the rank now, times ten, of whose session it is. Whoever only reads is believed a rank that was confirmed
// within a day, so that an admin can see why the room is down, also after a restart; for anything else a rank that is not
// known is none.
func (l *Login) rank(ctx context.Context, s access.Session, reads bool, nowMS int64) int {
	if last, known := l.ranks.last(s.User); known && nowMS-last.atMS >= 0 && nowMS-last.atMS < rankFreshMS {
		return last.tenths
	}
	p, err := l.opt.Room.Person(ctx, s.User)
	switch {
	case err == nil:
		l.ranks.confirm(s.User, confirmed{p.RankTenths, nowMS})
		l.keep(ctx, s, p.RankTenths, nowMS)
		return p.RankTenths
	case reads && s.RankedAtMS != 0 && nowMS-s.RankedAtMS < rankReadMS:
		return s.RankTenths
	case !fault.Is(err, fault.Missing):
		l.log.Debug("a rank is not known", "error", err)
	}
	return 0
}

// keep writes a confirmed rank down, if it says something new. Books that cannot be written keep nobody out.
func (l *Login) keep(ctx context.Context, s access.Session, tenths int, nowMS int64) {
	if s.RankTenths == tenths && nowMS-s.RankedAtMS < rankKeptMS {
		return
	}
	if err := l.opt.Vault.ConfirmRank(context.WithoutCancel(ctx), s.User, tenths, nowMS); err != nil {
		l.log.Warn("a confirmed rank could not be written down", "error", err)
	}
}

func (r *ranks) last(u channel.UserKey) (confirmed, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, known := r.of[u]
	return c, known
}

func (r *ranks) confirm(u channel.UserKey, c confirmed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.of[u]; !known && len(r.of) >= ranksMax {
		for key, old := range r.of {
			if c.atMS-old.atMS >= rankFreshMS {
				delete(r.of, key)
			}
		}
		if len(r.of) >= ranksMax {
			return // they are asked for each time
		}
	}
	r.of[u] = c
}
