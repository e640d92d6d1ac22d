// Package config is the owner's one HCL file: read with every fault named by file and line, held as immutable values that
// change at run time, and written back so that only the changed bytes differ.
//
// The file is described once, in blocks.go: the same table reads a block, checks a value that came from the web, and says
// which bytes to replace. Live runs a change in one order: validate, ask the plugins, write the file, swap, tell.
package config

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"playbill/core/event"
	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/sdk"
)

// The drivers of a channel. This version does not build APIGate.
const (
	Embedded = "embedded"
	CyTube   = "cytube"
	APIGate  = "apigate"
)

// Config is the whole file, with the default of every field that it does not name. A Config that came from this package
// is valid and is never changed: take a Clone to change one.
type Config struct {
	Listen         []string // addresses, host:port
	DataDir        string   // relative paths count from the directory in which the host was started
	TimeZone       string   // IANA name
	TrustedProxies []string // addresses or CIDR ranges whose X-Forwarded-For is believed
	Log            Log
	Store          Store
	Channel        Channel
	Catalog        Catalog
	MediaCMS       MediaCMS
	Events         event.Settings

	Pay      pay.Rules
	Earn     pay.Wage
	Presence presence.Settings
	Promos   promo.Settings
	Plugins  map[string]Plugin // by plugin id
}

// Log is the log block.
type Log struct {
	Level  string // trace, debug, info, warn or error
	Format string // text or json
}

// Store is the store block. DSN may be empty: see Config.StoreDSN.
type Store struct {
	Driver string
	DSN    string
}

// Channel is the one channel block.
type Channel struct {
	Name            string
	Driver          string
	Self            string  // our own name in the channel; of CyTube the bot's account
	Speed           float64 // media seconds per second
	AddIntervalMS   int64   // between two adds
	AddRetries      int
	PollMS          int64 // drivers that poll
	AFKTimeoutMS    int64 // without a chat line
	AllowDuplicates bool
	SaveFile        string // may be empty: see Config.SaveFile

	Server          string // of CyTube: its address as a browser shows it
	Room            string // the channel's name there; may be empty: see Channel.RoomName
	Password        string // of the account
	ChannelPassword string // of a channel that asks for one
}

// RoomName is the channel's name on its server: ours, unless the owner says otherwise.
func (c Channel) RoomName() string {
	if c.Room != "" {
		return c.Room
	}
	return c.Name
}

// Polls reports whether the driver asks for the state instead of being told.
func (c Channel) Polls() bool { return c.Driver == APIGate }

// Catalog is the catalog block.
type Catalog struct {
	HidePlayedDays int      // titles that have played in so many days are hidden from viewers; 0: none
	ArtHosts       []string // hosts from which pictures of titles are fetched
	ArtPrivate     bool     // they may be on a private network
	ArtCacheMB     int64    // megabytes on the disk
}

// MediaCMS is the mediacms block: a site whose media become titles of the catalog.
type MediaCMS struct {
	URL        string // of the site; empty: there is none
	Token      string
	EveryHours int  // between two syncs; 0: on demand only
	PerMinute  int  // requests
	Private    bool // its address may be a private one
}

// Plugin is one plugin block.
type Plugin struct {
	Enabled  bool
	Command  string   // empty: the host looks it up by the plugin's id
	SHA256   string   // lower-case hex; empty: any binary
	Settings []byte   // one JSON object, keys sorted; never nil. What came from the environment is in it: show it to nobody
	FromEnv  []string // the keys of Settings whose values came from the environment, sorted; nil: none
}

// Default returns what a host runs on without a file.
func Default() *Config {
	c := &Config{
		Listen:   []string{"127.0.0.1:8080"},
		DataDir:  "playbill-data",
		TimeZone: "UTC",
		Log:      Log{Level: "info", Format: "text"},
		Store:    Store{Driver: "sqlite"},
		Channel:  defaultChannel("main"),
		Earn:     pay.Wage{Enabled: true, IntervalMS: 600_000, Coins: 10, Welcome: 100},
		Catalog:  Catalog{ArtCacheMB: 256},
		MediaCMS: MediaCMS{EveryHours: 24, PerMinute: 120},
		Events:   event.Settings{MaxLateMS: 120_000},
		Pay:      pay.Defaults(),
		Presence: presence.Settings{Enabled: true, GraceMS: 60_000, CheckIntervalMS: 15_000, NotifyUser: true},
		Promos:   defaultPromos(),
		Plugins:  map[string]Plugin{},
	}
	for _, id := range Bundled() {
		c.Plugins[id] = defaultPlugin()
	}
	c.settle()
	return c
}

// Bundled returns the ids of the plugins that come with the host, in alphabetical order.
func Bundled() []string {
	return []string{"channel-identity", "event", "feature-presentation", "mod-shoutout", "presence-afk", "presence-leave", "viewers-choice"}
}

// BuiltInTypes returns the promo types of the bundled plugins (SPEC 3.1), in alphabetical order.
func BuiltInTypes() []string {
	return []string{"channel_identity", "event", "feature_presentation", "mod_shoutout", "viewers_choice"}
}

// Location returns the station's time zone.
func (c *Config) Location() *time.Location {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC // cannot be: TimeZone was checked when it was read
	}
	return zone
}

// StoreDSN returns where the database is: the file playbill.db in the data directory unless the owner says otherwise.
func (c *Config) StoreDSN() string {
	if c.Store.DSN != "" {
		return c.Store.DSN
	}
	return filepath.Join(c.DataDir, "playbill.db")
}

// SaveFile returns where the embedded channel keeps its list: a file of the data directory, named after the channel,
// unless the owner says otherwise.
func (c *Config) SaveFile() string {
	if c.Channel.SaveFile != "" {
		return c.Channel.SaveFile
	}
	return filepath.Join(c.DataDir, "channel-"+c.Channel.Name+".json")
}

// Clone returns a copy that shares nothing with c.
func (c *Config) Clone() *Config {
	n := *c
	n.Listen = slices.Clone(c.Listen)
	n.TrustedProxies = slices.Clone(c.TrustedProxies)
	n.Catalog.ArtHosts = slices.Clone(c.Catalog.ArtHosts)
	n.Pay = clonePay(c.Pay)
	n.Promos = clonePromos(c.Promos)
	n.Plugins = make(map[string]Plugin, len(c.Plugins))
	for id, p := range c.Plugins {
		p.Settings, p.FromEnv = slices.Clone(p.Settings), slices.Clone(p.FromEnv)
		n.Plugins[id] = p
	}
	return &n
}

func clonePay(r pay.Rules) pay.Rules {
	r.Prices = slices.Clone(r.Prices)
	r.Discounts = slices.Clone(r.Discounts)
	r.Blackouts = slices.Clone(r.Blackouts)
	return r
}

func clonePromos(s promo.Settings) promo.Settings {
	s.LeadInOrder = slices.Clone(s.LeadInOrder)
	types := make(map[string]promo.TypeSettings, len(s.Types))
	for id, t := range s.Types {
		types[id] = t
	}
	s.Types = types
	return s
}

func defaultChannel(name string) Channel {
	return Channel{Name: name, Driver: Embedded, Self: "playbill", Speed: 1, AddIntervalMS: 600, AddRetries: 2,
		PollMS: 3_000, AFKTimeoutMS: 600_000, Server: "https://cytu.be"}
}

func defaultPromos() promo.Settings {
	return promo.Settings{
		Enabled: true, MovieThresholdMS: 3_600_000, NoRepeat: true,
		LeadInOrder: []string{"viewers_choice", "feature_presentation"},
		EveryItems:  4, EveryMS: 20 * 60_000, MinAirtimeMS: 10_000, Selection: promo.Weighted,
		Types: map[string]promo.TypeSettings{
			"channel_identity":     {Enabled: true, Order: sdk.OrderRandom, Weight: 3},
			"event":                {Enabled: true, Order: sdk.OrderRandom, Weight: 2},
			"mod_shoutout":         {Enabled: true, Order: sdk.OrderSequential, Weight: 1},
			"feature_presentation": {Enabled: true, Order: sdk.OrderRandom},
			"viewers_choice":       {Enabled: true, Order: sdk.OrderRandom},
		},
	}
}

func defaultType() promo.TypeSettings {
	return promo.TypeSettings{Enabled: true, Order: sdk.OrderRandom, Weight: 1}
}

func defaultPlugin() Plugin { return Plugin{Enabled: true, Settings: []byte("{}")} }

// settle gives every value its one form, so that two configurations that mean the same are equal: rows in the order of
// their keys, an absent list as nil.
func (c *Config) settle() {
	slices.SortStableFunc(c.Pay.Prices, func(a, b pay.PriceStep) int { return compareOpenEnd(a.UpToMS, b.UpToMS) })
	slices.SortStableFunc(c.Pay.Discounts, func(a, b pay.Discount) int { return a.RankTenths - b.RankTenths })
	slices.SortStableFunc(c.Pay.Blackouts, func(a, b pay.Blackout) int {
		if by := strings.Compare(a.Cron, b.Cron); by != 0 {
			return by
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	c.Pay.Discounts = nilIfEmpty(c.Pay.Discounts)
	c.Pay.Blackouts = nilIfEmpty(c.Pay.Blackouts)
	c.Promos.LeadInOrder = nilIfEmpty(c.Promos.LeadInOrder)
	c.TrustedProxies = nilIfEmpty(c.TrustedProxies)
	c.Pay.Revision, c.Promos.Revision = 0, 0
}

// compareOpenEnd orders lengths, 0 (no limit) last.
func compareOpenEnd(a, b int64) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0 || a < b:
		return -1
	}
	return 1
}

func nilIfEmpty[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
