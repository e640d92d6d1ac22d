package till_test

import (
	"playbill/core/station"
	"playbill/core/till"
)

var _ till.Floor = (*station.Station)(nil)
