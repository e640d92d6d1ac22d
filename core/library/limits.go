package library

import "time"

// How an import goes on.
const (
	importStep   = 1_000            // titles that are stored in one transaction
	publishEvery = 10 * time.Second // of an import, titles are seen so often
)

// What one library holds at most. The numbers are generous for a channel and small for a host.
const (
	maxPool        = 500                // clips of one pool that a hook is told; what comes after is never aired
	maxItems       = 10_000             // items of one playlist
	maxTitles      = 500_000            // of the catalog
	maxName        = 100                // characters of a playlist's name
	maxTitleText   = 500                // characters of a title
	maxID          = 2_000              // bytes of a media id: a manifest URL is one
	maxTags        = 50                 // tags, or categories, of one thing
	maxTag         = 100                // characters of one
	maxRest        = 525_600            // minutes between two airings of a clip: a year
	maxFound       = 200                // titles in one answer of a search
	maxQuery       = 200                // characters of a query that are looked at
	maxWords       = 16                 // of a query; further ones are not looked for
	maxProblems    = 1_000              // problems that one import reports
	maxLength      = 7 * 24 * 3_600_000 // milliseconds of one media: a week
	namedMax       = 3                  // titles that a line of the audit trail names
	maxDescription = 10_000             // characters
)
