// Package core is the host. This comment is the tour of the code, bottom-up: read it once, then open the file that tells the
// part of the story you need. It holds no code itself. The house rules (who may import whom, what is PURE, how long a
// function may be) are tests in package archtest; its table_test.go is the exact import table.
//
// Playbill mirrors the live list of a synchronized-video channel, sells places on it for the channel's own coins, puts promo
// clips between the titles, and refunds viewers who leave. Two things make that hard: a channel cannot be put in a database
// transaction, and it answers late or not at all. So ten rules run through everything:
//
//  1. Row before effect. No command leaves for the channel without a committed row that names it: an entry is wanted, then
//     sent, then the command leaves, then it is bound, and at last it has ended.
//  2. Unknown is not no. An outcome is done, refused or unknown. Unknown ends by being found, or by a state that says it can
//     no longer come; never by a timer of the caller's, never by trying again.
//  3. Level, not edge. What to do follows from what is so, not from what happened: a lost event, a restart and a reconnect
//     need no path of their own.
//  4. One door each. Channel: the station's hands. Coins: the store, which runs pay.Purchase.Next. SQL: the store. Plugins:
//     the plugin host. Changes by people: the API.
//  5. One job at a time per channel; the eyes never wait for it.
//  6. One turn, one transaction.
//  7. A hook call carries all of its inputs, and its answer may be thrown away at any moment without harm.
//  8. The first reason wins; a purchase is released or settled exactly once.
//  9. In doubt: no sale, no promo, no cancel for absence.
//  10. What waits is re-checked on every tick.
//
// PURE rooms compute and do nothing else: no clock, no goroutine, no lock, no file, no network, no global chance. Time,
// chance and what was read come in as arguments. They hold the rules; the rest of the house carries them out.
//
// # sdk: what a plugin author imports
//
// sdk (PURE) has the nouns that plugins and the host share, and Plugin, a struct of functions: the hooks that are set are
// the hooks that are called. sdk/rotate (PURE) chooses clips: Eligible narrows a pool for the host, Pick orders it for a
// plugin. sdk/plugin is the one line of a plugin's main, Serve, and what host and plugin agree on; the wire contract is
// its .proto file, frozen per version, and pluginpb is generated from it.
//
// # Nouns
//
// All PURE. fault is the one error type: a machine code, a sentence for a person, a cause. channel is what a channel looks
// like: whole states in, commands out, and the Driver contract in full. asrun is the log of what aired, and decisions. ledger
// is double entry in whole coins, the hash chain over it, and the check of the books. access is API tokens, audit is who
// changed what, notice is every word that the bot says.
//
// # PURE rooms: the rules
//
// playlist is CyTube's list rules: what plays next, what an add, a move, a shuffle do. The embedded channel runs on it.
//
// shadow is our mirror of the live list. Observe takes a state and says what left the air, what started, what appeared, what
// is gone; Fold takes the result of our own command, so that it does not look like a stranger's edit. A uid is not identity:
// after an epoch change entries are bound anew.
//
// promo is the cadence, the choice of a type, and the grammar of a block: [general] [lead-in] target. Keep re-checks what was
// placed and seats or withdraws it, Open finds the slots that are open, Fill takes proposals for them; Decide is both in one.
//
// presence is the clocks of owners who are away. event is scheduled events: their starts on wall time, what a firing does
// next from what is so, and what a lock closes. pay is prices, eligibility, and the
// six states of a purchase: Next is the only way from one to another, and explorer_test.go walks all of them under delays,
// losses, moderators and kills.
//
// # library: what can be played
//
// library holds the catalog with its search, the saved playlists, the pools of promo clips and what is reserved by them, as
// immutable snapshots. A change goes to storage first and is published when it is durable.
//
// titles.go stages what imports bring, so that readers see it now and then and not at each step. jobs runs such long work:
// a job says how far it is, is kept, and one that a stop or a crash cut is shown as interrupted.
//
// # station: one channel
//
// station owns the shadow and makes every change. Two goroutines do it. The eyes (eyes.go, observe.go, money.go) take states,
// results of commands and letters, turn them into one Turn, commit it through the Journal, and publish one immutable View.
// The hands (hands.go, place.go, promos.go) look at the View, do the first job that there is, and are the only caller of
// Driver.Do. Events are in agenda.go (what admins plan), clock.go (what is due by time), firing.go (what a firing means for
// what is there) and fire.go (its steps); load.go adds a playlist to the list. The monitor (monitor.go) asks the presence triggers. Behaviour is told by scripts in testdata whose expectation
// is the full trace of turns and commands, under virtual time, on the real store.
//
// # till: the desk
//
// till quotes, sells and cancels. It asks the room who somebody is, lets the store hold the money in the transaction that
// reads the facts, and hands the purchase to the station. buy.go reads top to bottom. earn.go pays viewers for being there.
//
// # keeper: the night's work
//
// keeper checks the whole ledger every night, and when somebody asks (verify.go), lets the store copy the database, keeps
// seven copies, and removes what is kept long enough.
//
// # Adapters
//
// They carry out what rooms declare as small interfaces, and never import each other.
//
// store is the only one who speaks SQL: gorm on SQLite, one writer goroutine with group commit, query-only readers. The
// schema itself refuses what must never happen; errors.go names each refusal. A Channel is a claim with a fence: a host that
// was taken over can write nothing more. backup.go copies the database while everybody goes on, restore.go puts a copy in
// its place; mark.go lets a start check the ledger from where it was checked last.
//
// pluginhost starts plugins as processes, keeps them running, and asks them all at once under one deadline. Six outcomes are
// told apart; an answer is judged before anybody sees it.
//
// config is the owner's HCL file, read with every fault named by line, changed at run time, and written back so that only
// the changed bytes differ.
//
// channel/embedded is a channel inside the process that lies about nothing that CyTube does: it is the default, the demo and
// the test bed. channel/channeltest is what every driver must pass, and a driver that misbehaves on purpose.
// channel/cytube is a channel on a CyTube server, mirrored from its events over a connection of our own, socketio; its
// tests run on cytubetest, a scripted CyTube server, and replay what a real one sent.
//
// mediacms makes titles of the media of a MediaCMS site, page by page, as a job. outside is the client for other sites: named
// hosts only, no private addresses, bounded and paced. art keeps the pictures of titles, fetched through it.
//
// control is the private socket in the data directory through which the command line reaches a running host. Its Desk is
// served by the host, and done by the command itself while no host runs.
//
// # web: the only importer of gin
//
// web is the door: routes.go is the map with what each route asks of its caller. web/session says who is asking, web/api is
// the JSON API, web/live the model of the live queue, whole and as deltas over a socket, web/pages the HTML: the queue, the
// catalog, the receipt, the account, the login by a code that the bot sends, and the desk of the admins. pages/marquee.go is what every
// public page says of events, pages/week.go the calendar of the admins. What needs a hand is
// computed once, in api/attention.go, for the overview, the API and the figures of the contents. web/browsertest drives the pages in a real
// browser, for tests: cmd/playbill has every page in a table, and the flows.
//
// # cmd and plugins
//
// cmd/playbill is the only one who sees everyone. wire.go builds the graph and takes it apart, adapt.go has the small types
// that fit rooms to each other, demo.go and viewers.go are the demo, walk_test.go drives the whole program from outside.
//
// plugins has one small program each: channel-identity, event and mod-shoutout pick general promos, feature-presentation
// and viewers-choice lead-ins, presence-leave and presence-afk say who is away. A strategy is in its plugin; cadence,
// placement, grace and money are the host's.
//
// # Walk A: the channel moves
//
// A state comes from the driver. The eyes let shadow.Observe compare it with what was known, settle the purchase that is on
// the air, close one as-run row and open the next, let the cadence count, and commit all of that as one Turn; then the new
// View is out. The hands see it: promo.Keep seats or withdraws what stands wrong, promo.Open finds the open slots, the plugin
// host asks those who may fill them, promo.Fill on a fresh View takes one proposal. A Turn writes the decision, the calls
// and the entry as sent, with the plugin's new state waiting on it; the command leaves; when the entry is seen in its place
// the state is promoted. A tick each second starts the same walk when something falls due and nothing moved.
//
// # Walk B: a viewer pays
//
// POST /api/v1/purchases comes to till.Buy with an idempotency key and the price that was quoted. store.Channel.Hold reads
// balance, limits and locks, asks the pure rules, and writes purchase, transfer and entry, in one transaction. The hands take
// it up: written as sent, OnPay asked beside the add, the lead-in added, both moved to their place and seen there, announced.
// The buyer waits five seconds at most and gets the purchase as it is. It is settled when it is on the air in a state that
// can be believed, and released when its removal was seen, or when the channel says that it can no longer come.
//
// # Walk C: an event fires
//
// At its start the eyes write the lock and the firing in one turn, and end what the hands are doing: from that commit on no
// hold is made. The hands carry it out. Every open purchase is withdrawn, whatever its state; everything but the entry on the
// air is removed; body and fallback are written as wanted entries and added one after another; what is on the air is ended,
// unless it ends soon, and its buyer is given back what was cut short. Each step is written before what it stands for and
// compares before it acts, so a kill anywhere does it again, and a start that never came to its first step is missed. The
// lock lifts when the last title starts.
//
// # What is not there yet
//
// The driver apigate; PostgreSQL; quarantine of plugins, simulation of whole hours under unsaved settings (the promos page
// looks at the list as it stands), and charts of what aired.
package core
