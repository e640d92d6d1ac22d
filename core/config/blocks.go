package config

import (
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a host without the zone files still knows every zone

	"playbill/core/pay"
	"playbill/core/presence"
	"playbill/core/promo"
	"playbill/sdk"
)

var (
	channelName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	pluginID    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)
	typeID      = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	sha256Hex   = regexp.MustCompile(`^([0-9a-f]{64})?$`)
)

// wholeFile is the file.
func wholeFile(c *Config) *part {
	p := liveBlocks(c)
	p.fields = []field{
		texts("listen", &c.Listen, `a list of addresses like "127.0.0.1:8080"`, isAddress),
		text("data_dir", &c.DataDir, "a directory", notEmpty),
		text("time_zone", &c.TimeZone, `an IANA time zone like "Europe/Lisbon"`, isZone),
		texts("trusted_proxies", &c.TrustedProxies, `a list of addresses or ranges like "10.0.0.0/8"`, isRange),
	}
	p.ones = append([]one{
		{"log", &part{fields: []field{
			choice("level", &c.Log.Level, "trace", "debug", "info", "warn", "error"),
			choice("format", &c.Log.Format, "text", "json"),
		}}},
		{"store", &part{fields: []field{
			choice("driver", &c.Store.Driver, "sqlite", "postgres"),
			text("dsn", &c.Store.DSN, "a text", anyText),
		}}},
		{"catalog", &part{fields: []field{
			whole("hide_played_days", &c.Catalog.HidePlayedDays, 0, maxDays),
			texts("art_hosts", &c.Catalog.ArtHosts, `a list of host names like "images.example.org"`, isHost),
			flag("art_private_network", &c.Catalog.ArtPrivate),
			whole("art_cache_mb", &c.Catalog.ArtCacheMB, 1, maxCacheMB),
		}}},
		{"mediacms", &part{fields: []field{
			text("url", &c.MediaCMS.URL, `the address of a site like "https://media.example.org", or ""`, isSite),
			text("token", &c.MediaCMS.Token, "a text", anyText),
			whole("every_hours", &c.MediaCMS.EveryHours, 0, maxSyncHours),
			whole("requests_per_minute", &c.MediaCMS.PerMinute, 1, maxPerMinute),
			flag("private_network", &c.MediaCMS.Private),
		}}},
		{"events", &part{fields: []field{seconds("max_late_seconds", &c.Events.MaxLateMS, 0, maxDaySeconds)}}},
	}, p.ones...)
	p.named = append(p.named, named{name: "channel", most: 1,
		open: func(label string) (*part, string) {
			if !channelName.MatchString(label) {
				return nil, "A channel's name is 1 to 64 letters, digits, _ or -."
			}
			c.Channel.Name = label
			return channelPart(&c.Channel), ""
		},
		labels: func() []string { return []string{c.Channel.Name} }})
	return p
}

// liveBlocks are the blocks that change at run time and are written back.
func liveBlocks(c *Config) *part {
	return &part{
		ones: []one{{"pay", payPart(&c.Pay)}, {"earn", earnPart(&c.Earn)}, {"presence", presencePart(&c.Presence)}, {"promos", promosPart(&c.Promos)}},
		named: []named{{name: "plugin",
			open: func(label string) (*part, string) {
				if !pluginID.MatchString(label) {
					return nil, "A plugin's id is lower-case letters, digits and -, starting with a letter."
				}
				return pluginPart(c.Plugins, label), ""
			},
			labels: func() []string { return slices.Sorted(maps.Keys(c.Plugins)) }}},
	}
}

func channelPart(c *Channel) *part {
	return &part{fields: []field{
		choice("driver", &c.Driver, Embedded, CyTube, APIGate),
		text("self", &c.Self, "a user name of 1 to 20 letters, digits, _ or -", isUserName),
		speed("speed", &c.Speed),
		whole("add_interval_ms", &c.AddIntervalMS, 0, maxIntervalMS),
		whole("add_retries", &c.AddRetries, 0, maxRetries),
		seconds("poll_interval_seconds", &c.PollMS, 1, 60),
		seconds("afk_timeout_seconds", &c.AFKTimeoutMS, 1, maxDaySeconds),
		flag("allow_duplicates", &c.AllowDuplicates),
		text("save_file", &c.SaveFile, "a file", anyText),
		text("server", &c.Server, `the address of a CyTube server like "https://cytu.be"`, isServer),
		text("channel", &c.Room, "the channel's name on its server, 1 to 30 letters, digits, _ or -", isRoom),
		text("password", &c.Password, "a text", anyText),
		text("channel_password", &c.ChannelPassword, "a text", anyText),
	}}
}

func earnPart(e *pay.Wage) *part {
	return &part{fields: []field{
		flag("enabled", &e.Enabled),
		seconds("interval_seconds", &e.IntervalMS, 1, maxDaySeconds),
		whole("coins", &e.Coins, 0, maxCoins),
		whole("welcome", &e.Welcome, 0, maxCoins),
	}}
}

func payPart(r *pay.Rules) *part {
	return &part{
		fields: []field{
			flag("enabled", &r.Enabled),
			whole("playnext_multiplier", &r.Multiplier, 1, maxMultiplier),
			whole("daily_limit", &r.DailyLimit, 0, maxCount),
			seconds("cooldown_seconds", &r.CooldownMS, 0, maxMonthSeconds),
			whole("pending_limit", &r.Pending, 0, maxCount),
			rank("queue_rank", &r.QueueRank),
			rank("playnext_rank", &r.NextRank),
			rank("admin_rank", &r.AdminRank),
			rank("force_play_rank", &r.ForceRank),
			flag("notify_user", &r.NotifyUser),
		},
		rows: []rows{
			rowsOf("price", &r.Prices, pricePart),
			rowsOf("discount", &r.Discounts, discountPart),
			rowsOf("blackout", &r.Blackouts, blackoutPart),
		},
	}
}

func pricePart(p *pay.PriceStep) *part {
	return &part{fields: []field{
		scaled("up_to_seconds", &p.UpToMS, unit{per: 1_000, high: maxMonthSeconds, above: true, null: true}),
		needed(whole("coins", &p.Coins, 1, maxCoins)),
	}}
}

func discountPart(d *pay.Discount) *part {
	return &part{fields: []field{needed(rank("rank", &d.RankTenths)), needed(whole("percent", &d.Percent, 0, 100))}}
}

func blackoutPart(b *pay.Blackout) *part {
	return &part{fields: []field{
		needed(text("cron", &b.Cron, `five cron fields like "0 20 * * 5"`, notEmpty)),
		needed(scaled("hours", &b.ForMS, unit{per: 3_600_000, high: maxWeekHours, above: true})),
		text("reason", &b.Reason, "a text", anyText),
	}}
}

func presencePart(s *presence.Settings) *part {
	return &part{fields: []field{
		flag("enabled", &s.Enabled),
		seconds("grace_seconds", &s.GraceMS, 0, maxDaySeconds),
		seconds("check_interval_seconds", &s.CheckIntervalMS, 1, maxDaySeconds),
		flag("notify_user", &s.NotifyUser),
	}}
}

func promosPart(s *promo.Settings) *part {
	return &part{
		fields: []field{
			flag("enabled", &s.Enabled),
			seconds("movie_threshold_seconds", &s.MovieThresholdMS, 0, maxWeekSeconds),
			flag("no_repeat", &s.NoRepeat),
			texts("lead_in_order", &s.LeadInOrder, "a list of lead-in types, none twice", typeID.MatchString),
		},
		ones: []one{{"general", generalPart(s)}},
		named: []named{{name: "type",
			open: func(label string) (*part, string) {
				if !typeID.MatchString(label) {
					return nil, "A promo type is lower-case letters, digits and _, starting with a letter."
				}
				return typePart(s.Types, label), ""
			},
			labels: func() []string { return slices.Sorted(maps.Keys(s.Types)) }}},
	}
}

func generalPart(s *promo.Settings) *part {
	return &part{fields: []field{
		scaled("every_n_items", &s.EveryItems, unit{per: 1, low: 1, high: maxItems, null: true, off: 0}),
		scaled("every_m_minutes", &s.EveryMS, unit{per: 60_000, high: maxWeekMinutes, null: true, off: -1}),
		seconds("min_airtime_seconds", &s.MinAirtimeMS, 0, maxDaySeconds),
		choice("selection", &s.Selection, promo.Weighted, promo.Balanced),
	}}
}

func typePart(types map[string]promo.TypeSettings, id string) *part {
	t, known := types[id]
	if !known {
		t = defaultType()
	}
	keep := func() { types[id] = t }
	keep()
	return &part{fields: kept([]field{
		flag("enabled", &t.Enabled),
		choice("order", &t.Order, sdk.OrderRandom, sdk.OrderSequential, sdk.OrderShuffle),
		whole("weight", &t.Weight, 0, maxWeight),
	}, keep)}
}

func pluginPart(plugins map[string]Plugin, id string) *part {
	p, known := plugins[id]
	if !known {
		p = defaultPlugin()
	}
	keep := func() { plugins[id] = p }
	keep()
	return &part{
		fields: kept([]field{
			flag("enabled", &p.Enabled),
			text("command", &p.Command, "the path of a program", anyText),
			text("sha256", &p.SHA256, "64 lower-case hex digits", sha256Hex.MatchString),
		}, keep),
		ones: []one{{"settings", &part{free: &free{get: func() []byte { return p.Settings },
			set: func(json []byte) { p.Settings = json; keep() },
			env: func(keys []string) { p.FromEnv = keys; keep() }}}}},
	}
}

// seconds is a length that is stored in milliseconds.
func seconds(name string, ms *int64, low, high int64) field {
	return scaled(name, ms, unit{per: 1_000, low: low, high: high})
}

// rank is a channel rank, which CyTube gives one decimal place, stored in tenths.
func rank(name string, tenths *int) field {
	return scaled(name, tenths, unit{per: 10, high: maxRank})
}

func rowsOf[T any](name string, list *[]T, bind func(*T) *part) rows {
	return rows{name: name,
		clear: func() { *list = nil },
		add: func() *part {
			*list = append(*list, *new(T))
			return bind(&(*list)[len(*list)-1])
		},
		fresh: func() *part { return bind(new(T)) },
		list: func() []*part {
			all := make([]*part, len(*list))
			for i := range *list {
				all[i] = bind(&(*list)[i])
			}
			return all
		}}
}

func anyText(string) bool    { return true }
func notEmpty(s string) bool { return strings.TrimSpace(s) != "" }

// isRoom accepts what CyTube takes as a channel's name, and nothing at all.
func isRoom(s string) bool { return s == "" || len(s) <= 30 && channelName.MatchString(s) }

// isServer accepts the address of a web server without a path.
func isServer(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}

// isHost accepts a host name or address, without a port.
func isHost(s string) bool {
	u, err := url.Parse("https://" + s)
	return err == nil && s != "" && u.Hostname() == s && u.Host == s
}

// isSite accepts the address of a site, or none.
func isSite(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

func isUserName(s string) bool { return len(s) <= 20 && channelName.MatchString(s) }

// isAddress accepts host:port; an empty host means every address of the machine, port 0 any free port.
func isAddress(s string) bool {
	at := strings.LastIndex(s, ":")
	if at < 0 {
		return false
	}
	port, err := strconv.ParseUint(s[at+1:], 10, 16)
	host := s[:at]
	if strings.HasPrefix(host, "[") {
		inner, closed := strings.CutSuffix(host[1:], "]")
		_, bad := netip.ParseAddr(inner)
		return closed && bad == nil && err == nil && port <= 65_535
	}
	return err == nil && !strings.ContainsAny(host, ":/ []")
}

// isZone accepts IANA names; "Local" is what the machine happens to be set to, which a schedule must not depend on.
func isZone(s string) bool {
	_, err := time.LoadLocation(s)
	return err == nil && s != "" && s != "Local"
}

func isRange(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(s)
	return err == nil
}
