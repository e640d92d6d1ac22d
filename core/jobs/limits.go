package jobs

import "time"

const (
	saveEvery   = time.Second // a running job is stored at most so often
	problemsMax = 500         // problems that one job keeps
	shownMax    = 100         // jobs that are listed
)
