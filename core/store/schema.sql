-- Playbill's schema on SQLite. PostgreSQL: INTEGER -> BIGINT, BLOB -> BYTEA, STRICT dropped, triggers as functions.
-- The live schema is compared with this file at every start; migrations/ leads here, and a change is made in both.
-- Order of columns in unique indexes matters to errors.go: SQLite reports such an index by its columns, so no two of one
-- table may list the same columns in the same order.
-- Instants: *_ms, UTC milliseconds. Lengths: *_ms. Money: whole coins. Names: user_key is case-folded, user_name is as spelled.

CREATE TABLE channels (                       -- one row per channel: the fence, the counters, the ledger chain's head
  channel        TEXT    NOT NULL,
  fence          INTEGER NOT NULL DEFAULT 0,  -- grows by one at each claim; every fenced write reads it in its transaction
  holder         TEXT    NOT NULL DEFAULT '',
  alive_at_ms    INTEGER NOT NULL DEFAULT 0,  -- last committed turn; the length of an outage is measured from it. 0: never
  epoch          INTEGER NOT NULL DEFAULT 0,  -- highest of any turn; the next run's driver opens above it
  on_air_entry   INTEGER NOT NULL DEFAULT 0,
  on_air_since_ms INTEGER NOT NULL DEFAULT 0,
  on_air_run     TEXT    NOT NULL DEFAULT '', -- JSON of the airing that is not over: it becomes a row of as_run when it is
  entry_seq      INTEGER NOT NULL DEFAULT 0,
  transfer_seq   INTEGER NOT NULL DEFAULT 0,
  playlist_seq   INTEGER NOT NULL DEFAULT 0,
  chain_head     BLOB    NOT NULL,
  promo_state    TEXT    NOT NULL DEFAULT '{}',
  CONSTRAINT channels_pk PRIMARY KEY (channel)
) STRICT;

CREATE TABLE wallets (
  channel        TEXT    NOT NULL,
  user_key       TEXT    NOT NULL,
  user_name      TEXT    NOT NULL,
  balance        INTEGER NOT NULL DEFAULT 0,
  created_at_ms  INTEGER NOT NULL,
  blocked_reason TEXT    NOT NULL DEFAULT '', -- why this account neither buys nor earns; empty: it may
  CONSTRAINT wallets_pk PRIMARY KEY (channel, user_key),
  CONSTRAINT wallets_channel_fk FOREIGN KEY (channel) REFERENCES channels (channel),
  CONSTRAINT wallets_never_negative CHECK (balance >= 0),
  CONSTRAINT wallets_key_folded CHECK (user_key = lower(user_key) AND user_key <> '')
) STRICT;

CREATE TABLE purchases (
  channel        TEXT    NOT NULL,
  purchase_id    TEXT    NOT NULL,            -- UUIDv7
  buyer_key      TEXT    NOT NULL,
  buyer_name     TEXT    NOT NULL,            -- as the channel spelled it then
  request_key    TEXT    NOT NULL,
  request_hash   BLOB    NOT NULL,            -- sha256 of (media, tier, price shown): same key, other inputs = error
  tier           TEXT    NOT NULL,
  media_type     TEXT    NOT NULL,
  media_id       TEXT    NOT NULL,
  title          TEXT    NOT NULL,
  duration_ms    INTEGER NOT NULL,
  base_price     INTEGER NOT NULL,
  discount       INTEGER NOT NULL DEFAULT 0,
  price          INTEGER NOT NULL,
  station_day    INTEGER NOT NULL,            -- yyyymmdd in the station's zone, for the daily limit
  bought_reserved INTEGER NOT NULL DEFAULT 0, -- by an admin, although it was reserved: it is not refunded for that
  state          TEXT    NOT NULL,
  reason         TEXT,                        -- why refunding or refunded
  bought_at_ms   INTEGER NOT NULL,
  ended_at_ms    INTEGER,
  hold_seq       INTEGER NOT NULL,
  end_seq        INTEGER,
  CONSTRAINT purchases_pk PRIMARY KEY (channel, purchase_id),
  CONSTRAINT purchases_buyer_fk FOREIGN KEY (channel, buyer_key) REFERENCES wallets (channel, user_key),
  CONSTRAINT purchases_request_once UNIQUE (channel, buyer_key, request_key),
  CONSTRAINT purchases_terms UNIQUE (channel, purchase_id, buyer_key, price),
  CONSTRAINT purchases_hold_fk FOREIGN KEY (channel, hold_seq, purchase_id)
    REFERENCES transfers (channel, seq, purchase_id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT purchases_end_fk FOREIGN KEY (channel, end_seq, purchase_id)
    REFERENCES transfers (channel, seq, purchase_id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT purchases_state_known CHECK (state IN ('held','adding','placed','refunding','settled','refunded')),
  CONSTRAINT purchases_tier_known CHECK (tier IN ('queue','playnext')),
  CONSTRAINT purchases_price_adds_up CHECK (base_price >= 0 AND discount >= 0 AND price = base_price - discount AND price > 0),
  CONSTRAINT purchases_ended_once CHECK ((state IN ('settled','refunded')) = (end_seq IS NOT NULL)
                                     AND (state IN ('settled','refunded')) = (ended_at_ms IS NOT NULL)),
  CONSTRAINT purchases_reason_given CHECK (state NOT IN ('refunding','refunded') OR reason IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX purchases_one_open_per_media ON purchases (channel, media_type, media_id)
  WHERE state IN ('held','adding','placed','refunding');
CREATE INDEX purchases_open ON purchases (channel, buyer_key) WHERE state IN ('held','adding','placed','refunding');
CREATE INDEX purchases_by_buyer ON purchases (channel, buyer_key, bought_at_ms);

CREATE TABLE transfers (                      -- append-only; one row moves one amount from one account to another
  channel        TEXT    NOT NULL,
  seq            INTEGER NOT NULL,            -- gapless per channel
  kind           TEXT    NOT NULL,
  debit          TEXT    NOT NULL,            -- account class the coins leave
  credit         TEXT    NOT NULL,            -- account class they enter
  user_key       TEXT    NOT NULL,            -- the one viewer it is about
  amount         INTEGER NOT NULL,
  purchase_id    TEXT,
  idem_key       TEXT    NOT NULL,
  idem_hash      BLOB    NOT NULL,
  reason         TEXT    NOT NULL DEFAULT '',
  actor          TEXT    NOT NULL,            -- 'host', 'cli', or the admin's user_key
  at_ms          INTEGER NOT NULL,
  prev_hash      BLOB    NOT NULL,
  hash           BLOB    NOT NULL,
  CONSTRAINT transfers_pk PRIMARY KEY (channel, seq),
  CONSTRAINT transfers_wallet_fk FOREIGN KEY (channel, user_key) REFERENCES wallets (channel, user_key),
  CONSTRAINT transfers_terms_fk FOREIGN KEY (channel, purchase_id, user_key, amount)
    REFERENCES purchases (channel, purchase_id, buyer_key, price),
  CONSTRAINT transfers_of_purchase UNIQUE (channel, seq, purchase_id),
  CONSTRAINT transfers_idem_once UNIQUE (channel, idem_key),
  CONSTRAINT transfers_amount_positive CHECK (amount > 0),
  CONSTRAINT transfers_route CHECK (
       (kind IN ('grant','earn') AND debit = 'issuance' AND credit = 'wallet'   AND purchase_id IS NULL)
    OR (kind = 'makegood'        AND debit = 'issuance' AND credit = 'wallet'   AND purchase_id IS NULL AND reason <> '')
    OR (kind = 'adjust'          AND purchase_id IS NULL AND reason <> ''
        AND ((debit = 'issuance' AND credit = 'wallet') OR (debit = 'wallet' AND credit = 'issuance')))
    OR (kind = 'hold'            AND debit = 'wallet'   AND credit = 'escrow'   AND purchase_id IS NOT NULL)
    OR (kind = 'settle'          AND debit = 'escrow'   AND credit = 'revenue'  AND purchase_id IS NOT NULL)
    OR (kind = 'release'         AND debit = 'escrow'   AND credit = 'wallet'   AND purchase_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX transfers_held_once  ON transfers (channel, purchase_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX transfers_ended_once ON transfers (purchase_id, channel) WHERE kind IN ('settle','release');
CREATE INDEX transfers_by_user ON transfers (channel, user_key, seq);

CREATE TABLE ledger_marks (                   -- how far the books have been checked; a start goes on from there
  channel        TEXT    NOT NULL,
  seq            INTEGER NOT NULL,            -- the last transfer that was checked ...
  head           BLOB    NOT NULL,            -- ... and its hash
  sums           TEXT    NOT NULL,            -- JSON: what followed from it, per wallet and per open hold
  checked_at_ms  INTEGER NOT NULL,
  whole_at_ms    INTEGER NOT NULL DEFAULT 0,  -- when all of it was checked last, from the first transfer ...
  whole_seq      INTEGER NOT NULL DEFAULT 0,  -- ... to this one
  broken         TEXT    NOT NULL DEFAULT '', -- JSON of what that found; empty: all is true
  CONSTRAINT ledger_marks_pk PRIMARY KEY (channel)
) STRICT;

CREATE TABLE entries (                        -- one queued thing; written BEFORE it is sent, so it is also the intent
  channel        TEXT    NOT NULL,
  entry_id       INTEGER NOT NULL,            -- channels.entry_seq
  role           TEXT    NOT NULL,
  state          TEXT    NOT NULL,            -- wanted | sent | bound | ended
  leaving        TEXT    NOT NULL DEFAULT '', -- why we want it off the list; empty: it stays
  ord            INTEGER NOT NULL,            -- sparse play order (gap 2^20): one insert or move writes one row
  media_type     TEXT    NOT NULL,
  media_id       TEXT    NOT NULL,
  title          TEXT    NOT NULL,
  duration_ms    INTEGER NOT NULL,
  temp           INTEGER NOT NULL,
  added_by       TEXT    NOT NULL,            -- the channel's name for who added it
  epoch          INTEGER,
  uid            INTEGER,
  promo_type     TEXT,
  target_id      INTEGER,                     -- lead_in: the entry it belongs to ...
  airing         INTEGER,                     -- ... and the target's airings at planning: each time round is a new target
  purchase_id    TEXT,
  paid_by        TEXT    NOT NULL DEFAULT '',
  firing_id      INTEGER,
  decision_id    INTEGER,
  plugin         TEXT,                        -- proposer, for ever
  plugin_base    INTEGER,                     -- revision its proposal was computed from ...
  plugin_version INTEGER,                     -- ... by which version of its state ...
  plugin_next    BLOB,                        -- ... and its new state, waiting here until the entry is seen in its place
  undo_rev       INTEGER,                     -- once it is in its place, until it airs: the state before, to be given back
  undo_version   INTEGER,
  undo_data      BLOB,
  planned_at_ms  INTEGER,
  sent_at_ms     INTEGER,
  aired_at_ms    INTEGER,                     -- when it last started
  airings        INTEGER NOT NULL DEFAULT 0,  -- how often it has started
  ended_at_ms    INTEGER,
  ended_how      TEXT,
  CONSTRAINT entries_pk PRIMARY KEY (channel, entry_id),
  CONSTRAINT entries_channel_fk FOREIGN KEY (channel) REFERENCES channels (channel),
  CONSTRAINT entries_firing_fk FOREIGN KEY (channel, firing_id) REFERENCES firings (channel, firing_id),
  CONSTRAINT entries_target_fk FOREIGN KEY (channel, target_id) REFERENCES entries (channel, entry_id),
  CONSTRAINT entries_purchase_fk FOREIGN KEY (channel, purchase_id) REFERENCES purchases (channel, purchase_id),
  CONSTRAINT entries_role_known CHECK (role IN ('content','paid','general','lead_in','event')),
  CONSTRAINT entries_state_known CHECK (state IN ('wanted','sent','bound','ended')),
  CONSTRAINT entries_bound_has_uid CHECK ((epoch IS NULL) = (uid IS NULL) AND (state <> 'bound' OR uid IS NOT NULL)),
  CONSTRAINT entries_paid_has_purchase CHECK ((role = 'paid') = (purchase_id IS NOT NULL)),
  CONSTRAINT entries_lead_in_has_target CHECK ((role = 'lead_in') = (target_id IS NOT NULL) AND (target_id IS NULL) = (airing IS NULL)),
  CONSTRAINT entries_promo_has_type CHECK ((role IN ('general','lead_in')) = (promo_type IS NOT NULL)),
  CONSTRAINT entries_event_has_firing CHECK (role <> 'event' OR firing_id IS NOT NULL),
  CONSTRAINT entries_only_events_have_firing CHECK (role IN ('event','content') OR firing_id IS NULL), -- content: its fallback
  CONSTRAINT entries_ours_are_temp CHECK (role = 'content' OR temp = 1),
  CONSTRAINT entries_sent_has_time CHECK (state <> 'sent' OR sent_at_ms IS NOT NULL),
  CONSTRAINT entries_proposal_complete CHECK ((plugin_next IS NULL) = (plugin_base IS NULL)
    AND (plugin_next IS NULL) = (plugin_version IS NULL) AND (plugin_next IS NULL OR plugin IS NOT NULL)),
  CONSTRAINT entries_undo_complete CHECK ((undo_rev IS NULL) = (undo_version IS NULL) AND (undo_rev IS NULL) = (undo_data IS NULL)),
  CONSTRAINT entries_ended_keeps_no_proposal CHECK (state <> 'ended' OR plugin_next IS NULL),
  CONSTRAINT entries_ended_says_how CHECK ((state = 'ended') = (ended_at_ms IS NOT NULL AND ended_how IS NOT NULL)),
  CONSTRAINT entries_how_known CHECK (ended_how IS NULL OR ended_how IN
    ('played','skipped','removed','refused','never_came','lost','passed','withdrawn','ghost','displaced'))
) STRICT;
CREATE UNIQUE INDEX entries_one_per_uid ON entries (channel, epoch, uid) WHERE state = 'bound';
CREATE UNIQUE INDEX entries_one_per_purchase ON entries (channel, purchase_id) WHERE purchase_id IS NOT NULL;
CREATE UNIQUE INDEX entries_one_lead_in_per_target ON entries (channel, target_id, airing)
  WHERE role = 'lead_in' AND (ended_how IS NULL OR ended_how NOT IN ('refused','never_came','withdrawn','lost'));
CREATE UNIQUE INDEX entries_one_general_waiting ON entries (channel)
  WHERE role = 'general' AND aired_at_ms IS NULL AND state <> 'ended';
CREATE UNIQUE INDEX entries_one_unresolved_per_media ON entries (channel, media_type, media_id) WHERE state = 'sent';
CREATE UNIQUE INDEX entries_one_proposal_per_plugin ON entries (channel, plugin) WHERE plugin_next IS NOT NULL;
CREATE INDEX entries_live ON entries (channel, ord) WHERE state <> 'ended';
CREATE INDEX entries_ours_ended ON entries (channel, ended_at_ms) WHERE state = 'ended' AND role <> 'content';

CREATE TABLE as_run (                         -- one airing that is over; the one on the air is channels.on_air_run
  channel TEXT NOT NULL, run_id INTEGER NOT NULL, entry_id INTEGER NOT NULL,
  role TEXT NOT NULL, promo_type TEXT, media_type TEXT NOT NULL, media_id TEXT NOT NULL, title TEXT NOT NULL,
  length_ms INTEGER NOT NULL DEFAULT 0,        -- of the media; 0: live or not known
  planned_at_ms INTEGER, started_at_ms INTEGER NOT NULL, ended_at_ms INTEGER,
  aired_ms INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT 0,
  how TEXT, by_whom TEXT, people_start INTEGER, people_end INTEGER, decision_id INTEGER,  -- people NULL: not known
  observed INTEGER NOT NULL DEFAULT 1,         -- 0: inferred (it happened while we were down)
  held INTEGER NOT NULL DEFAULT 0,             -- 1: the cadence stood still when it started
  CONSTRAINT as_run_pk PRIMARY KEY (channel, run_id),
  CONSTRAINT as_run_entry_fk FOREIGN KEY (channel, entry_id) REFERENCES entries (channel, entry_id),
  CONSTRAINT as_run_closed_says_how CHECK ((ended_at_ms IS NULL) = (how IS NULL))
) STRICT;
CREATE UNIQUE INDEX as_run_one_on_air ON as_run (channel) WHERE ended_at_ms IS NULL;
CREATE INDEX as_run_by_time ON as_run (channel, started_at_ms);
CREATE INDEX as_run_by_clip ON as_run (channel, media_type, media_id, started_at_ms);

CREATE TABLE decisions (
  channel TEXT NOT NULL, decision_id INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  event_id TEXT NOT NULL, hook TEXT NOT NULL, target_id INTEGER, rule TEXT NOT NULL, outcome TEXT NOT NULL,
  settings_rev INTEGER NOT NULL, seed INTEGER NOT NULL,   -- seed: the 64 bits of it, so it may be negative here
  detail TEXT NOT NULL,                        -- JSON: candidates, rejections with reasons, relaxations
  CONSTRAINT decisions_pk PRIMARY KEY (channel, decision_id)
) STRICT;
CREATE INDEX decisions_by_time ON decisions (channel, at_ms);

CREATE TABLE hook_calls (                     -- what was asked and answered; the input of replay and of 'why'
  channel TEXT NOT NULL, event_id TEXT NOT NULL, plugin TEXT NOT NULL, at_ms INTEGER NOT NULL,
  hook TEXT NOT NULL, outcome TEXT NOT NULL, why TEXT NOT NULL DEFAULT '', latency_us INTEGER NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  version TEXT NOT NULL, binary_sha256 TEXT NOT NULL, settings_rev INTEGER NOT NULL, state_rev INTEGER NOT NULL,
  state_version INTEGER NOT NULL DEFAULT 0,
  request BLOB NOT NULL, reply BLOB,           -- as they were on the wire
  CONSTRAINT hook_calls_pk PRIMARY KEY (channel, event_id, plugin),   -- at most one effect per event and plugin
  CONSTRAINT hook_calls_outcome_known CHECK (outcome IN ('proposed','no_opinion','timeout','crashed','invalid','skipped'))
) STRICT;
CREATE INDEX hook_calls_by_time ON hook_calls (channel, at_ms);

CREATE TABLE plugin_state (
  channel TEXT NOT NULL, plugin TEXT NOT NULL, rev INTEGER NOT NULL, version INTEGER NOT NULL,
  data BLOB NOT NULL, updated_at_ms INTEGER NOT NULL,
  CONSTRAINT plugin_state_pk PRIMARY KEY (channel, plugin),
  CONSTRAINT plugin_state_size CHECK (length(data) <= 65536)
) STRICT;

CREATE TABLE plugins (                        -- supervision, persisted
  plugin TEXT NOT NULL, wanted INTEGER NOT NULL DEFAULT 1, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
  sha256 TEXT NOT NULL DEFAULT '', crashes TEXT NOT NULL DEFAULT '[]', retry_at_ms INTEGER, tail TEXT NOT NULL DEFAULT '',
  CONSTRAINT plugins_pk PRIMARY KEY (plugin),
  CONSTRAINT plugins_state_known CHECK (state IN ('disabled','starting','ready','draining','backoff','quarantined','incompatible'))
) STRICT;

CREATE TABLE presence_clocks (
  channel TEXT NOT NULL, user_key TEXT NOT NULL, away_ms INTEGER NOT NULL, plugin TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '', updated_at_ms INTEGER NOT NULL,
  CONSTRAINT presence_clocks_pk PRIMARY KEY (channel, user_key)
) STRICT;

CREATE TABLE notices (                        -- what a viewer must be told; told_at_ms when a PM went out or the page was read
  channel TEXT NOT NULL, notice_id INTEGER NOT NULL, user_key TEXT NOT NULL, text TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL, told_at_ms INTEGER,
  CONSTRAINT notices_pk PRIMARY KEY (channel, notice_id)
) STRICT;
CREATE INDEX notices_untold ON notices (channel, user_key) WHERE told_at_ms IS NULL;

CREATE TABLE playlists (
  channel TEXT NOT NULL, playlist_id INTEGER NOT NULL, name TEXT NOT NULL,
  immutable INTEGER NOT NULL DEFAULT 0, promo_type TEXT, rev INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT playlists_pk PRIMARY KEY (channel, playlist_id),
  CONSTRAINT playlists_name_once UNIQUE (channel, name),
  CONSTRAINT playlists_not_both CHECK (NOT (immutable = 1 AND promo_type IS NOT NULL))
) STRICT;
CREATE TABLE playlist_items (
  channel TEXT NOT NULL, playlist_id INTEGER NOT NULL, item_id INTEGER NOT NULL, ord INTEGER NOT NULL,
  media_type TEXT NOT NULL, media_id TEXT NOT NULL, title TEXT NOT NULL, duration_ms INTEGER NOT NULL,
  starts_at_ms INTEGER, ends_at_ms INTEGER, windows TEXT NOT NULL DEFAULT '', rest_minutes INTEGER NOT NULL DEFAULT 0,
  tags TEXT NOT NULL DEFAULT '', evergreen INTEGER NOT NULL DEFAULT 0, refusals INTEGER NOT NULL DEFAULT 0, refused_why TEXT,
  CONSTRAINT playlist_items_pk PRIMARY KEY (channel, playlist_id, item_id),
  CONSTRAINT playlist_items_list_fk FOREIGN KEY (channel, playlist_id) REFERENCES playlists (channel, playlist_id) ON DELETE CASCADE,
  CONSTRAINT playlist_items_place_once UNIQUE (channel, playlist_id, ord),
  CONSTRAINT playlist_items_dates CHECK (starts_at_ms IS NULL OR ends_at_ms IS NULL OR starts_at_ms < ends_at_ms)
) STRICT;
CREATE INDEX playlist_items_by_media ON playlist_items (channel, media_type, media_id);

CREATE TABLE schedules (
  channel TEXT NOT NULL, schedule_id INTEGER NOT NULL, playlist_id INTEGER NOT NULL, fallback_id INTEGER, label TEXT NOT NULL,
  start_local TEXT NOT NULL,                   -- '2026-11-27T20:00' in the station's zone: the intention, DST-safe
  rrule TEXT NOT NULL DEFAULT '', lock_minutes INTEGER NOT NULL DEFAULT 15,
  immutable_until_ms INTEGER, active INTEGER NOT NULL DEFAULT 1, rotate INTEGER NOT NULL DEFAULT 0,
  next_at_ms INTEGER,                          -- the next start that has neither fired nor been missed
  waived_ms INTEGER,                           -- the start of which an admin ended the lockout in advance
  rev INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT schedules_pk PRIMARY KEY (channel, schedule_id),
  CONSTRAINT schedules_playlist_fk FOREIGN KEY (channel, playlist_id) REFERENCES playlists (channel, playlist_id),
  CONSTRAINT schedules_fallback_fk FOREIGN KEY (channel, fallback_id) REFERENCES playlists (channel, playlist_id)
) STRICT;
CREATE INDEX schedules_due ON schedules (channel, next_at_ms) WHERE active = 1;

CREATE TABLE firings (                        -- one run of a schedule; the step is written before it is done
  channel TEXT NOT NULL, firing_id INTEGER NOT NULL, schedule_id INTEGER NOT NULL, due_at_ms INTEGER NOT NULL,
  step TEXT NOT NULL, loaded INTEGER NOT NULL DEFAULT 0, failed TEXT NOT NULL DEFAULT '[]',
  last_entry_id INTEGER, opened_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, ended_how TEXT,
  label TEXT NOT NULL DEFAULT '', playlist_id INTEGER NOT NULL DEFAULT 0, fallback_id INTEGER,  -- as they were then
  immutable INTEGER NOT NULL DEFAULT 0, fired_by TEXT NOT NULL DEFAULT '',                      -- '': the clock
  alarm TEXT NOT NULL DEFAULT '', seen_by TEXT NOT NULL DEFAULT '',        -- a sentence for admins; who has put it away
  CONSTRAINT firings_pk PRIMARY KEY (channel, firing_id),
  CONSTRAINT firings_once UNIQUE (channel, schedule_id, due_at_ms),
  CONSTRAINT firings_step_known CHECK (step IN ('locked','withdrawing','clearing','body','fallback','running','ended','missed')),
  CONSTRAINT firings_ended_says_how CHECK ((ended_at_ms IS NULL) = (ended_how IS NULL))
) STRICT;
CREATE UNIQUE INDEX firings_one_running ON firings (channel) WHERE ended_at_ms IS NULL;

CREATE TABLE loads (                          -- a saved playlist on its way into the live list, an item at a time
  channel TEXT NOT NULL, load_id INTEGER NOT NULL, playlist_id INTEGER NOT NULL, name TEXT NOT NULL, started_by TEXT NOT NULL,
  total INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0, failed TEXT NOT NULL DEFAULT '[]',
  started_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, ended_how TEXT, why TEXT NOT NULL DEFAULT '',
  CONSTRAINT loads_pk PRIMARY KEY (channel, load_id),
  CONSTRAINT loads_add_up CHECK (done >= 0 AND done <= total),
  CONSTRAINT loads_how_known CHECK (ended_how IS NULL OR ended_how IN ('done','cancelled','stopped','interrupted')),
  CONSTRAINT loads_ended_says_how CHECK ((ended_at_ms IS NULL) = (ended_how IS NULL))
) STRICT;
CREATE UNIQUE INDEX loads_one_running ON loads (channel) WHERE ended_at_ms IS NULL;

CREATE TABLE locks (
  channel TEXT NOT NULL, lock_id INTEGER NOT NULL, kind TEXT NOT NULL, schedule_id INTEGER NOT NULL, firing_id INTEGER,
  label TEXT NOT NULL DEFAULT '', starts_at_ms INTEGER NOT NULL DEFAULT 0,
  opened_at_ms INTEGER NOT NULL, closed_at_ms INTEGER, closed_by TEXT,
  CONSTRAINT locks_pk PRIMARY KEY (channel, lock_id),
  CONSTRAINT locks_kind_known CHECK (kind IN ('pre_event','event')),
  CONSTRAINT locks_closed_by_someone CHECK ((closed_at_ms IS NULL) = (closed_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX locks_one_open ON locks (channel, kind, schedule_id) WHERE closed_at_ms IS NULL;

CREATE TABLE catalog (
  media_type TEXT NOT NULL, media_id TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',
  duration_ms INTEGER NOT NULL, year INTEGER, categories TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '',
  people TEXT NOT NULL DEFAULT '', art_url TEXT NOT NULL DEFAULT '', source TEXT NOT NULL, added_at_ms INTEGER NOT NULL,
  closed_from_ms INTEGER, closed_to_ms INTEGER, -- when viewers may not request it
  gone_at_ms INTEGER, gone_by TEXT NOT NULL DEFAULT '',
  CONSTRAINT catalog_closed_dates CHECK (closed_from_ms IS NULL OR closed_to_ms IS NULL OR closed_from_ms < closed_to_ms),
  CONSTRAINT catalog_pk PRIMARY KEY (media_type, media_id)
) STRICT;
CREATE INDEX catalog_by_title ON catalog (title, media_type, media_id);

CREATE TABLE jobs (                           -- imports and syncs: what runs, and what became of it
  channel TEXT NOT NULL, job_id INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, actor TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '',
  problems TEXT NOT NULL DEFAULT '[]', cursor TEXT NOT NULL DEFAULT '',
  started_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, ended_at_ms INTEGER,
  CONSTRAINT jobs_pk PRIMARY KEY (channel, job_id),
  CONSTRAINT jobs_state_known CHECK (state IN ('running','done','failed','cancelled','interrupted')),
  CONSTRAINT jobs_ended_is_over CHECK ((state = 'running') = (ended_at_ms IS NULL))
) STRICT;

CREATE TABLE sessions (
  token_sha256 BLOB NOT NULL, channel TEXT NOT NULL, user_key TEXT NOT NULL, user_name TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL, seen_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL, revoked_at_ms INTEGER,
  rank_tenths INTEGER NOT NULL DEFAULT 0, ranked_at_ms INTEGER NOT NULL DEFAULT 0, -- as the room last confirmed it; 0: never
  linked INTEGER NOT NULL DEFAULT 0,            -- 1: opened by a login link, whose rank it has for as long as it lives
  CONSTRAINT sessions_pk PRIMARY KEY (token_sha256)
) STRICT;
CREATE INDEX sessions_of_user ON sessions (channel, user_key);

CREATE TABLE login_codes (
  channel TEXT NOT NULL, user_key TEXT NOT NULL, code_hmac BLOB NOT NULL, browser_sha256 BLOB NOT NULL,
  created_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT login_codes_pk PRIMARY KEY (channel, user_key),          -- newest only: a new request replaces the row
  CONSTRAINT login_codes_tries_max CHECK (tries <= 5)
) STRICT;

CREATE TABLE tokens (
  token_sha256 BLOB NOT NULL, name TEXT NOT NULL, rank_tenths INTEGER NOT NULL, created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL, expires_at_ms INTEGER, revoked_at_ms INTEGER, used_at_ms INTEGER,
  CONSTRAINT tokens_pk PRIMARY KEY (token_sha256)
) STRICT;
CREATE UNIQUE INDEX tokens_name_once ON tokens (name) WHERE revoked_at_ms IS NULL;

CREATE TABLE audit (
  channel TEXT NOT NULL, audit_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  subject TEXT NOT NULL, before TEXT, after TEXT, undo TEXT,
  undone_by INTEGER,                            -- the entry that took this one back; once
  request_key TEXT,                             -- of the request, where the change itself has nowhere to keep it
  CONSTRAINT audit_pk PRIMARY KEY (channel, audit_id)
) STRICT;
CREATE INDEX audit_by_time ON audit (channel, at_ms);
CREATE INDEX audit_by_key ON audit (channel, actor, request_key) WHERE request_key IS NOT NULL;

-- triggers ------------------------------------------------------------------------------------------------------
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers_append_only'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers_append_only'); END;
CREATE TRIGGER purchases_no_delete BEFORE DELETE ON purchases BEGIN SELECT RAISE(ABORT, 'purchases_append_only'); END;
CREATE TRIGGER entries_ended_is_final BEFORE UPDATE OF state ON entries WHEN OLD.state = 'ended' AND NEW.state <> 'ended'
BEGIN SELECT RAISE(ABORT, 'entries_ended_is_final'); END;
CREATE TRIGGER purchases_step_allowed BEFORE UPDATE OF state ON purchases
WHEN NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
  'held>adding','held>refunded',
  'adding>placed','adding>refunding','adding>refunded','adding>settled',
  'placed>settled','placed>refunding','placed>refunded',
  'refunding>refunded','refunding>settled')
BEGIN SELECT RAISE(ABORT, 'purchases_step_allowed'); END;
CREATE TRIGGER purchases_terms_fixed BEFORE UPDATE ON purchases
WHEN NEW.price <> OLD.price OR NEW.buyer_key <> OLD.buyer_key OR NEW.hold_seq <> OLD.hold_seq OR OLD.end_seq IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'purchases_terms_fixed'); END;
CREATE TRIGGER purchases_end_matches BEFORE UPDATE OF state ON purchases
WHEN NEW.state IN ('settled','refunded') AND NOT EXISTS (
  SELECT 1 FROM transfers t WHERE t.channel = NEW.channel AND t.seq = NEW.end_seq AND t.purchase_id = NEW.purchase_id
     AND t.kind = CASE NEW.state WHEN 'settled' THEN 'settle' ELSE 'release' END)
BEGIN SELECT RAISE(ABORT, 'purchases_end_matches'); END;
