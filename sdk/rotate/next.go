package rotate

import (
	"time"

	"playbill/sdk"
)

// Next returns the first instant from nowMS on at which a clip's terms allow it to air, UTC milliseconds; ok is false when
// they never do again: it has ended, or its windows never open between its dates. airedMS is when it started last, 0: never.
func Next(t sdk.Terms, nowMS, airedMS int64, zone *time.Location) (ms int64, ok bool) {
	at := max(nowMS, t.StartsAtMS)
	if t.RestMS > 0 && airedMS != 0 {
		at = max(at, airedMS+t.RestMS)
	}
	if len(t.Windows) > 0 && !Within(t.Windows, at, zone) {
		opens, ever := NextChange(t.Windows, at, zone)
		if !ever {
			return 0, false
		}
		at = opens
	}
	if t.EndsAtMS != 0 && at+endsBeforeMS >= t.EndsAtMS {
		return 0, false
	}
	return at, true
}
