package mediacms

import "time"

const (
	manifestMax   = 100 << 10 // bytes: CyTube takes no more
	pageMax       = 4 << 20   // bytes of a page of the list, or of the details of one media
	pagesMax      = 20_000    // pages of a list
	lengthMax     = 7 * 24 * time.Hour
	lengthSlackMS = 1500 // the list rounds a length, and so does the manifest
	triesMax      = 4    // of a request that failed
	retryAfter    = 2 * time.Second
	lookEvery     = time.Minute // whether a sync is due
	publishEvery  = 10 * time.Second
	titleMax      = 500    // characters
	aboutMax      = 10_000 // characters of a description
	addressMax    = 2_000  // bytes of the address of a picture
	wordMax       = 100    // characters of a tag or category
	wordsMax      = 50     // tags, or categories, of one title
)
