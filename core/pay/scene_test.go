package pay_test

import (
	"playbill/core/ledger"
	"playbill/core/pay"
)

// The explorer walks through every interleaving of one purchase with a channel that delays, refuses or silently drops an
// add, a moderator, a cancel, two kills of the host and a lost connection, and checks the promises of SPEC 12 in every
// state. The host of the model reports facts; the real Purchase.Next decides. Then each rule of the host is weakened in
// turn: a trace to a broken promise must be found, or the explorer could not see such a fault either.

// item is what has become of one add, in the world.
type item int

const (
	absent   item = iota // not sent, or answered and forgotten
	inflight             // on its way: may be listed at any time, or never
	listed
	playing
	played
	removed
	dropped // the channel forgot it without a word
)

// entry is the durable state of the entry's row.
type entry int

const (
	unwritten entry = iota
	wanted
	sent
	bound
	ended
)

// answer is what the channel said to our add, as far as this run of the host knows.
type answer int

const (
	unanswered answer = iota
	refusedForPace
	refusedForGood
)

// scene is one state of everything. Comparable: it is its own key.
type scene struct {
	// durable
	money  pay.State // empty: nothing was bought yet
	entry  entry
	gap    bool // nobody looked since the entry was last seen (the journal's last turn is older than the outage)
	cancel bool // somebody asked for a cancel

	// volatile, gone with the process or with the connection
	up, ready bool   // ready: this connection has had one healthy state
	fresh     bool   // this run wrote "sent", and the command has not left yet
	waiting   bool   // an answer to our add can still reach us
	answer    answer // it did
	saw       bool   // a departure or a state told us that it started

	// the world
	items  [2]item
	kills  int
	losses int // of the connection

	// for the promises
	watched               bool // it was on the air before the eyes of this connection
	free                  bool // it was known to be on the list, played, and was refunded
	holds, spent, returns int  // transfers so far
}

func (s scene) find(k item) int {
	for i, have := range s.items {
		if have == k {
			return i
		}
	}
	return -1
}

func (s scene) count(kinds ...item) (n int) {
	for _, have := range s.items {
		for _, k := range kinds {
			if have == k {
				n++
			}
		}
	}
	return n
}

func (s scene) any(kinds ...item) bool { return s.count(kinds...) > 0 }

// rules are what the host keeps to; each field weakens one of them.
type rules struct {
	releaseByTimer     bool // an add that is not seen is released without asking whether it can still come
	noSettleInRefund   bool // a purchase that is being withdrawn is refunded even if it began first
	refundAtOnce       bool // the money goes back when the removal is asked for, not when it is seen
	resendBlind        bool // a timeout sends the add again
	resendAfterRestart bool // a restart that finds nothing sends the add again
	sendBeforeRow      bool // the command leaves, then the row is written
	noDepartures       bool // only the list is looked at: what starts and ends between two states is unseen
	edgeOnly           bool // only a start that was witnessed settles; what is found on the air does not
	nothingPasses      bool // what is gone after a blind time is taken for lost, wherever the list has got to
	believeDoubt       bool // absence is believed before the first healthy state
}

// step is one move. A disturbance is one that no end may depend on: somebody's hand, or a failure.
type step struct {
	name    string
	to      scene
	disturb bool
}

// model collects the moves out of one scene.
type model struct {
	rules rules
	from  scene
	steps []step
	wrong string // what the real Next refused; must stay empty
}

func (m *model) add(name string, to scene) { m.steps = append(m.steps, step{name: name, to: to}) }
func (m *model) disturb(name string, to scene) {
	m.steps = append(m.steps, step{name: name, to: to, disturb: true})
}

// fact reports one observation to the real state machine and counts what it transfers.
func (m *model) fact(name string, f pay.Fact, to scene) {
	p, transfers, err := pay.Purchase{ID: "p", Buyer: "u", Price: 1, State: to.money}.Next(f, "", 1)
	if err != nil {
		m.wrong = err.Error()
	}
	to.money = p.State
	to = to.posted(transfers)
	if to.money.Final() {
		to.free = to.money == pay.Refunded && to.entry == bound && to.any(played)
		to.entry = ended
	}
	m.add(name+" ["+string(f)+"]", to)
}

func (s scene) posted(transfers []ledger.Transfer) scene {
	for _, t := range transfers {
		switch t.Kind {
		case ledger.Hold:
			s.holds++
		case ledger.Settle:
			s.spent++
		case ledger.Release:
			s.returns++
		}
	}
	return s
}

func (r rules) moves(s scene) ([]step, string) {
	m := &model{rules: r, from: s}
	m.world()
	m.failures()
	switch {
	case !s.up:
		s.up = true
		m.add("restart", s)
	case !s.ready:
		m.firstHealthyState()
	default:
		m.host()
	}
	return m.steps, m.wrong
}

func (m *model) world() {
	for i, have := range m.from.items {
		to := m.from
		switch have {
		case inflight:
			m.inflight(i)
		case listed:
			to.items[i] = playing
			if to.up && to.ready {
				to.watched = true
				to.saw = to.saw || !m.rules.noDepartures
			}
			m.add("it starts", to)
			to = m.from
			to.items[i] = removed
			m.disturb("a moderator deletes it", to)
		case playing:
			to.items[i] = played
			if to.up && to.ready { // the departure carries the whole item
				to.saw = to.saw || !m.rules.noDepartures && !m.rules.edgeOnly
			}
			m.add("it ends", to)
		}
	}
}

// inflight: an add is listed, refused with or without somebody to hear it, or dropped without a word.
func (m *model) inflight(i int) {
	to := m.from
	to.items[i] = listed
	m.add("the channel lists it", to)
	to.items[i] = dropped
	m.add("the channel drops it silently", to)
	if m.from.waiting {
		to.items[i], to.waiting, to.answer = absent, false, refusedForPace
		m.add("the channel refuses it for pace", to)
		to.items[i], to.answer = dropped, refusedForGood
		m.add("the channel refuses it", to)
	}
}

func (m *model) failures() {
	s := m.from
	if s.up && s.kills < 2 {
		to := s.blinded()
		to.up, to.kills = false, s.kills+1
		m.disturb("kill -9", to)
	}
	if s.ready && s.losses < 1 {
		to := s.blinded()
		to.losses++
		m.disturb("the connection is lost", to)
	}
}

// blinded forgets what only this connection knew.
func (s scene) blinded() scene {
	s.ready, s.fresh, s.waiting, s.answer, s.saw, s.watched = false, false, false, unanswered, false, false
	s.gap = true
	return s
}

func (m *model) firstHealthyState() {
	to := m.from
	to.ready = true
	to.watched = to.any(playing)
	to.saw = to.watched && !m.rules.edgeOnly
	m.add("first healthy state", to)
	if m.rules.believeDoubt && to.entry == bound && !to.money.Final() {
		m.fact("an empty list is believed", pay.Gone, m.from)
	}
}

func (m *model) host() {
	s := m.from
	if !s.cancel && s.money != "" && !s.money.Final() && s.money != pay.Refunding {
		to := s
		to.cancel = true
		m.disturb("a cancel is asked for", to)
	}
	switch {
	case s.money == "":
		p, transfers := pay.Bought(pay.Purchase{ID: "p", Buyer: "u", Price: 1})
		to := s.posted(transfers)
		to.money, to.entry = p.State, wanted
		m.add("bought", to)
	case s.money.Final():
	case s.entry == wanted:
		m.wanted()
	case s.entry == sent:
		m.sent()
	case s.entry == bound:
		m.bound()
	}
}

func (m *model) wanted() {
	s := m.from
	if s.cancel {
		m.fact("cancelled before anything was sent", pay.Withdrawn, s)
		return
	}
	to := s
	to.entry, to.fresh = sent, true
	if m.rules.sendBeforeRow {
		to.fresh, to.waiting, to.items[0] = false, true, inflight
		if killed := s.blinded(); s.kills < 2 {
			killed.items[0], killed.up, killed.kills = inflight, false, s.kills+1
			m.disturb("the command leaves, killed before the row", killed)
		}
	}
	m.fact("the row says sent", pay.Sending, to)
}

// sent: an add may be on its way. It ends by an answer, by being found, or when it can no longer come.
func (m *model) sent() {
	s := m.from
	m.send()
	m.withdraw()
	switch {
	case s.answer == refusedForGood:
		m.fact("the refusal is taken in", pay.Refused, s)
		return
	case s.answer == refusedForPace && s.money == pay.Adding && !s.cancel:
		to := s
		to.answer, to.fresh = unanswered, true
		m.fact("written again, to be sent again", pay.Sending, to)
		return
	}
	switch {
	case m.begun():
		m.fact("seen to have started", pay.Started, s)
	case s.any(listed, playing):
		to := s
		to.entry, to.gap = bound, false
		m.add("bound", to)
	case !s.fresh && (m.rules.releaseByTimer || !s.any(inflight)):
		m.fact("absent, and can no longer come", pay.NeverCame, s)
	}
}

// send lets the command leave; the weakened rules send it again.
func (m *model) send() {
	s := m.from
	to := s
	free := s.find(absent)
	if free < 0 {
		return
	}
	to.items[free], to.waiting, to.fresh = inflight, true, false
	switch {
	case s.fresh:
		m.add("the add leaves", to)
	case m.rules.resendBlind && s.any(inflight):
		m.add("a timeout: the add is sent again", to)
	case m.rules.resendAfterRestart && s.gap && !s.waiting && s.answer == unanswered && !s.any(inflight, listed, playing):
		m.add("nothing found after a restart: the add is sent again", to)
	}
}

// withdraw takes in a cancel. A command that has not left yet then never leaves.
func (m *model) withdraw() {
	s := m.from
	if !s.cancel || s.money == pay.Refunding {
		return
	}
	s.fresh = false
	m.fact("the cancel is taken in", pay.Withdrawn, s)
	if m.rules.refundAtOnce {
		s.money = pay.Refunding
		m.fact("refunded before the removal is seen", pay.Gone, s)
	}
}

// bound: it has been seen on the list. Being on the air, gone, and in the way are levels: they are read off each state.
func (m *model) bound() {
	s := m.from
	m.withdraw()
	switch {
	case m.begun():
		m.fact("seen to have started", pay.Started, s)
	case s.any(listed):
		m.seen()
	case s.any(playing): // only the weakened host looks at it and does nothing
		to := s
		to.gap = false
		m.add("it is on the air, no edge was seen", to)
	case s.gap && s.any(played) && !m.rules.nothingPasses:
		m.fact("its place has passed", pay.Started, s)
	default:
		m.fact("seen absent", pay.Gone, s)
	}
}

// seen: it stands on the list and waits.
func (m *model) seen() {
	to := m.from
	to.gap = false
	switch to.money {
	case pay.Adding:
		m.fact("seen in its place", pay.InPlace, to)
	case pay.Placed:
		m.fact("seen again", pay.InPlace, to)
	case pay.Refunding:
		to.items[to.find(listed)] = removed
		m.add("our removal takes effect", to)
	}
}

// begun reports whether the host knows that it has started.
func (m *model) begun() bool {
	if m.rules.noSettleInRefund && m.from.money == pay.Refunding {
		return false
	}
	return m.from.saw || m.from.any(playing) && !m.rules.edgeOnly
}

// broken names the promises that do not hold in a scene.
func (s scene) broken() (names []string) {
	promise := func(kept bool, name string) {
		if !kept {
			names = append(names, name)
		}
	}
	back, sold := s.money == pay.Refunded, s.money == pay.Settled
	promise(!back || !s.any(inflight, listed, playing), "refunded, but it can still play")
	promise(!back || !s.watched, "refunded, though it played before our eyes")
	promise(!s.free, "refunded, though its place had passed")
	promise(!sold || s.any(playing, played), "settled, though it never played")
	promise(s.count(playing, played) < 2, "played twice for one price")
	promise(s.count(listed, playing) < 2, "two copies listed")
	promise(!s.any(listed, playing) || s.entry > wanted, "listed, and no row knows of it")
	promise((s.money != "") == (s.holds == 1), "not held exactly once")
	promise(s.money.Final() == (s.spent+s.returns == 1) && s.spent+s.returns < 2, "a hold did not end exactly once")
	return names
}
