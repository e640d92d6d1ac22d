# The demo's configuration. It is yours: the demo writes it once and never again. Every field is documented in
# config.example.hcl; check a change with: playbill config check FILE
#
# The values are small, so that a visitor sees everything within a minute. What is measured in titles or in the channel's own
# time passes at the channel's speed; presence and cooldown are in real seconds.

listen = ["127.0.0.1:8080"]

log {
  level = "info"
}

channel "demo" {
  driver = "embedded"
  # An hour of film passes in a minute.
  speed = 60
  # Whoever comes by token says nothing in chat, and would count as AFK after ten minutes.
  afk_timeout_seconds = 86400
}

pay {
  # Simulated viewers buy often.
  daily_limit      = 1000
  cooldown_seconds = 20
}

presence {
  # Six seconds out of the room, and what you paid for is cancelled and refunded.
  grace_seconds          = 6
  check_interval_seconds = 2
}

promos {
  general {
    # A promo between every three titles.
    every_n_items       = 3
    every_m_minutes     = 20
    min_airtime_seconds = 10
  }
}
