package config

import "playbill/core/station"

// The station reads its settings from here.
var _ station.Settings = (*Live)(nil)
