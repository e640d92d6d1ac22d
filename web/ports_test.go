package web

import (
	"playbill/core/config"
	"playbill/core/library"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/core/till"
	"playbill/web/api"
	"playbill/web/session"
)

// The rooms and adapters that stand behind the ports as they are; PromoEditor and Plugins need a few lines around
// config.Live and pluginhost.Host.
var (
	_ api.Floor      = (*station.Station)(nil)
	_ api.Hands      = (*station.Station)(nil)
	_ api.Desk       = (*till.Till)(nil)
	_ api.Shelf      = (*library.Library)(nil)
	_ api.Books      = (*store.Channel)(nil)
	_ api.Ledger     = (*store.Channel)(nil)
	_ api.Trail      = (*store.Channel)(nil)
	_ api.Settings   = (*config.Live)(nil)
	_ session.Tokens = (*store.Channel)(nil)
	_ session.Vault  = (*store.Channel)(nil)
	_ session.Links  = (*store.Channel)(nil)
	_ session.Room   = (*station.Station)(nil)
	_ api.Titles     = (*library.Library)(nil)
	_ api.Past       = (*store.Channel)(nil)
)

var (
	_ api.Programme = (*station.Station)(nil)
	_ api.Tags      = (*library.Library)(nil)
	_ api.Airings   = (*store.Channel)(nil)
)

var (
	_ api.Accounts = (*store.Channel)(nil)
	_ api.History  = (*store.Channel)(nil)
	_ api.Blocks   = (*till.Till)(nil)
)
