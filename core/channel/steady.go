package channel

import "time"

// Steady returns UTC milliseconds of a clock that follows the wall clock at when it goes forward and does not go back with
// it: a channel that is timed by it plays on while somebody sets the clock back by an hour. opened and at carry monotonic
// readings, as time.Now gives them.
func Steady(opened, at time.Time) int64 {
	return steady(opened.UnixMilli(), at.Sub(opened).Milliseconds(), at.UnixMilli())
}

func steady(openedMS, passedMS, wallMS int64) int64 { return max(wallMS, openedMS+passedMS) }
