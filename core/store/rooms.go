package store

import (
	"playbill/core/library"
	"playbill/core/station"
	"playbill/core/till"
)

// A claimed channel is what the other rooms ask for.
var (
	_ station.Journal = (*Channel)(nil)
	_ till.Book       = (*Channel)(nil)
	_ library.Shelves = (*Channel)(nil)
)
