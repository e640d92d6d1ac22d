package config

// What is refused as impossible. Where SPEC 9 names a bound it is that one; the others only keep a slip of the keyboard
// (and an overflow) out. Those of the pay block are the same as in pay.Rules.Check.
const (
	maxDays          = 3650      // of what has played
	maxCacheMB       = 1_000_000 // megabytes of pictures
	maxSyncHours     = 24 * 365
	maxPerMinute     = 6000     // requests to a site
	maxFileBytes     = 1 << 20  // of a configuration file
	maxSettingsBytes = 64 << 10 // of one plugin's settings as JSON
	maxTextBytes     = 4096     // of one text in the file
	maxShown         = 3        // problems in one error: an unclosed quote alone makes two dozen

	maxDaySeconds   = 86_400
	maxWeekSeconds  = 7 * maxDaySeconds
	maxMonthSeconds = 30 * maxDaySeconds
	maxWeekMinutes  = maxWeekSeconds / 60
	maxWeekHours    = 7 * 24

	maxItems      = 1_000
	maxWeight     = 1_000
	maxCoins      = 1_000_000_000
	maxMultiplier = 1_000
	maxCount      = 10_000
	maxRank       = 255 // CyTube's highest
	maxSpeed      = 1_000
	maxRetries    = 10
	maxIntervalMS = 60_000

	maxDecimals  = 30      // digits behind the point of a number that is looked at
	maxExponent2 = 1 << 10 // and its size, as a power of two
)
