package pay

import "time"

// StationDay is the day in the station's zone as yyyymmdd, for the daily limit.
func StationDay(nowMS int64, zone *time.Location) int {
	y, m, d := time.UnixMilli(nowMS).In(zone).Date()
	return y*10_000 + int(m)*100 + d
}

// NextDay is the first instant of the next station day. Midnight need not exist (a zone may change its clocks then), so
// the instant at which the date changes is searched for.
func NextDay(nowMS int64, zone *time.Location) int64 {
	today := StationDay(nowMS, zone)
	low, high := nowMS, nowMS+2*dayMS+hourMS
	for high-low > 1 {
		mid := low + (high-low)/2
		if StationDay(mid, zone) > today {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}
