package playlist

// Limiter is CyTube's rate limiter. It is no token bucket: the burst comes back only after an idle spell, counted from
// the last request that was let through. A request that was turned away does not move it.
type Limiter struct {
	burst         int
	gapMS, idleMS int64
	used          int
	lastMS        int64
	begun         bool
}

// AddLimiter limits the adds of one connection with this rank (times ten): ten at once and two a second from moderators
// up, three at once and one a second below.
func AddLimiter(rankTenths int) Limiter {
	if rankTenths >= moderatorRankTenths {
		return Limiter{burst: moderatorAddBurst, gapMS: moderatorAddGapMS, idleMS: moderatorAddIdleMS}
	}
	return Limiter{burst: viewerAddBurst, gapMS: viewerAddGapMS, idleMS: viewerAddIdleMS}
}

// TalkLimiter limits chat lines and PMs of one connection together: twenty at once, then ten a second.
func TalkLimiter() Limiter {
	return Limiter{burst: talkBurst, gapMS: talkGapMS, idleMS: talkIdleMS}
}

// Allow reports whether a request at nowMS is let through, and counts it when it is.
func (l *Limiter) Allow(nowMS int64) bool {
	switch {
	case !l.begun || nowMS-l.lastMS > l.idleMS:
		l.begun, l.used = true, 1
	case l.used < l.burst:
		l.used++
	case nowMS-l.lastMS < l.gapMS:
		return false
	}
	l.lastMS = nowMS
	return true
}
