package pages

import "time"

const (
	rowsMax    = 200 // entries of the running order on one page; the rest is counted
	assetAge   = 365 * 24 * time.Hour
	lightsAge  = 365 * 24 * time.Hour
	lightsBody = 1 << 10 // bytes of a form
)
