# Playbill's configuration, every field with its default. A field that is left out has the value that stands here, and an
# empty file is valid. Check a file with: playbill config check FILE
#
# Secrets may come from the environment: env.NAME in place of a text, as in dsn = env.PLAYBILL_DSN
# The settings page edits pay, presence, promos and plugin blocks: it replaces single values and keeps your comments. A
# value that is computed from env.NAME is never replaced.
# Examples that are switched off have no space behind the #.

# Where the web pages are served: a list of host:port. Keep it local and put a proxy with TLS in front.
listen = ["127.0.0.1:8080"]

# Where the database, the embedded channel's list and the control socket live. Relative paths count from the directory in
# which the host is started.
data_dir = "playbill-data"

# The station's time zone, an IANA name like "Europe/Lisbon": it says when a day begins and when events start.
time_zone = "UTC"

# Addresses or ranges of proxies whose X-Forwarded-For is believed, like "10.0.0.0/8".
trusted_proxies = []

log {
  # trace, debug, info, warn or error
  level = "info"
  # text or json
  format = "text"
}

store {
  # sqlite; postgres is not built into this version
  driver = "sqlite"
  # A file. Empty: playbill.db in data_dir.
  dsn = ""
}

# The one channel that this host runs. The name is part of every stored row: renaming it starts with empty books.
channel "main" {
  # embedded: a channel inside the host. cytube: a channel on a CyTube server, through a bot account that has at least a
  # moderator's rank there. apigate is not in this version.
  driver = "embedded"
  # Our own user name in the channel, of cytube the bot's account: 1 to 20 letters, digits, _ or -
  self = "playbill"
  # Media seconds per second: above 0, up to 1000. For trying things out.
  speed = 1
  # Milliseconds between two adds, 0 to 60000. CyTube takes about two a second.
  add_interval_ms = 600
  # How often an add that came too fast is sent again, 0 to 10.
  add_retries = 2
  # Seconds between two looks at the list, 1 to 60, for drivers that have to ask.
  poll_interval_seconds = 3
  # Seconds without a chat line until a viewer counts as AFK.
  afk_timeout_seconds = 600
  # Whether the same media may stand on the list twice.
  allow_duplicates = false
  # The file that keeps the embedded channel's list. Empty: channel-NAME.json in data_dir.
  save_file = ""

  # The rest is for cytube only. The server's address as a browser shows it, without a path.
  server = "https://cytu.be"
  # The channel's name there. Empty: the name of this block.
  channel = ""
  # The password of the bot's account, best kept out of this file: env.CYTUBE_PASSWORD.
  password = ""
  # The password of a channel that asks for one. Moderators get in without it.
  channel_password = ""
}

# What viewers pay for a place on the list. Coins are whole numbers. This block and the next can be changed on the admin pages
# while the host runs; only the changed values are rewritten here.
pay {
  enabled = true

  # The price by length in seconds, as many blocks as you like. Exactly one has no up_to_seconds: it is for any longer
  # length. As soon as one price stands in the file, these four no longer apply.
  price {
    up_to_seconds = 900
    coins         = 250
  }
  price {
    up_to_seconds = 2100
    coins         = 500
  }
  price {
    up_to_seconds = 3900
    coins         = 750
  }
  price {
    coins = 1000
  }

  # Playing next costs so many times the price, 1 to 1000.
  playnext_multiplier = 3

  # Percent off, 0 to 100, from a channel rank on. Default: none.
  #discount {
  #  rank    = 2
  #  percent = 10
  #}

  # Purchases per viewer and station day. 0: no limit.
  daily_limit = 3
  # Seconds since the last purchase that was not refunded. 0: none.
  cooldown_seconds = 1800
  # Purchases per viewer that may wait at a time. 0: no limit.
  pending_limit = 3

  # The channel rank that is needed, 0 to 255, with at most one decimal place (CyTube has rank 1.5): to queue, to play next,
  # for the admin pages, and to force-play (a free add and jump).
  queue_rank      = 1
  playnext_rank   = 1
  admin_rank      = 3
  force_play_rank = 4

  # When nothing is sold: from each minute that the cron expression names (station time zone), for so many hours.
  # Default: none.
  #blackout {
  #  cron   = "0 20 * * 5"
  #  hours  = 3.5
  #  reason = "Friday premiere"
  #}

  # Tell buyers of refunds by PM.
  notify_user = true
}

# What viewers are paid for being there: who may buy, is neither AFK nor muted, and is seen in at least half of an interval.
earn {
  enabled = true
  # Seconds between two payments.
  interval_seconds = 600
  # Coins per payment.
  coins = 10
  # Coins for a new viewer, once.
  welcome = 100
}

catalog {
  # Titles that have played in so many days are hidden from viewers. Admins see them; promos never count. 0: none is hidden.
  hide_played_days = 0
  # Hosts from which pictures of titles are fetched, that of mediacms beside them. A title without one has a drawing.
  art_hosts = []
  # They may have private addresses.
  art_private_network = false
  # Megabytes of pictures that are kept on the disk, from 1.
  art_cache_mb = 256
}

# A MediaCMS site whose media become titles of the catalog.
mediacms {
  # Its address, like "https://media.example.org". Empty: there is none.
  url = ""
  # The token of an account there, for example env.MEDIACMS_TOKEN.
  token = ""
  # Hours between two syncs. 0: on demand only.
  every_hours = 24
  # Requests to the site, 1 to 6000 a minute.
  requests_per_minute = 120
  # The site may have a private address.
  private_network = false
}

# Scheduled events. When they start, and what they play, is planned on the admin pages.
events {
  # Seconds by which a start may wait for the item on the screen to end by itself; one that would end later is cut. 0: every
  # start is on time.
  max_late_seconds = 120
}

# What happens to the purchases of viewers who leave. Whether leaving and being AFK count are the plugins presence-leave
# and presence-afk.
presence {
  enabled = true
  # Seconds of absence until the purchases are cancelled and paid back, from 0.
  grace_seconds = 60
  # Seconds between two checks, from 1; at least poll_interval_seconds where the channel is polled.
  check_interval_seconds = 15
  # Tell the viewer by PM.
  notify_user = true
}

promos {
  # Off: no promo is placed, and those that wait are taken off.
  enabled = true
  # Seconds from which an unpaid title counts as a movie and gets a Feature Presentation.
  movie_threshold_seconds = 3600
  # Never the same clip of a type twice running while there are two or more.
  no_repeat = true
  # Which lead-in wins when several claim a title. Types that are not named come after, by name.
  lead_in_order = ["viewers_choice", "feature_presentation"]

  # When a general promo is due: after so many titles or so many minutes, whichever comes first. null switches one off.
  general {
    # Titles between two general promos, from 1, or null.
    every_n_items = 4
    # Minutes since the last one aired, decimals allowed, or null. 0: before every title.
    every_m_minutes = 20
    # Seconds on the air after which a title counts; shorter ones count at their end. 0: at once.
    min_airtime_seconds = 10
    # How the type is chosen: weighted (by chance) or balanced (in exact shares).
    selection = "weighted"
  }

  # Per promo type: whether it is on, the order of its clips (random, sequential, or shuffle: every clip once per round), and
  # for general types the weight among them, 0 to 1000. A type of another plugin needs that plugin's block.
  type "channel_identity" {
    enabled = true
    order   = "random"
    weight  = 3
  }
  type "event" {
    enabled = true
    order   = "random"
    weight  = 2
  }
  type "mod_shoutout" {
    enabled = true
    order   = "sequential"
    weight  = 1
  }
  type "feature_presentation" {
    enabled = true
    order   = "random"
  }
  type "viewers_choice" {
    enabled = true
    order   = "random"
  }
}

# The plugins. The seven bundled ones are on without a block; another one needs a block with its name.
plugin "presence-leave" {
  enabled = true
  # The program. Empty: looked up by the plugin's name, beside the host and in data_dir.
  command = ""
  # If set, the program is started only if its SHA-256 is this one: 64 lower-case hex digits.
  sha256 = ""
  # What the plugin itself understands; its page in the admin area lists it.
  settings {
  }
}

plugin "presence-afk" {
  enabled = true
}

plugin "channel-identity" {
  enabled = true
}

plugin "event" {
  enabled = true
}

plugin "mod-shoutout" {
  enabled = true
}

plugin "feature-presentation" {
  enabled = true
}

plugin "viewers-choice" {
  enabled = true
}
