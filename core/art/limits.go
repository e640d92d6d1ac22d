package art

import "time"

const (
	pictureMax = 2 << 20 // bytes of a picture
	sideMax    = 2048    // pixels of its longer side: decoded, 32 MB at most
	fetchesMax = 2       // that go on at a time
	failedMax  = 10_000  // addresses that are remembered as failing
	retryAfter = 10 * time.Minute
)
