package station

import (
	"cmp"
	"slices"

	"playbill/core/channel"
	"playbill/core/notice"
	"playbill/core/pay"
	"playbill/core/shadow"
)

// ByPerson is the Leaving of an entry that an admin took off the list.
const ByPerson = "removed"

// settleOnAir settles by level: whatever a healthy state shows on the air has started.
func (m *mind) settleOnAir(t *Turn) {
	e := m.shadow.OnAir()
	if e == nil || e.Role != shadow.Paid {
		return
	}
	if p, open := m.purchases[e.Purchase]; open && p.State != pay.Held {
		m.fact(t, p.ID, pay.Started, "")
	}
}

// paidGone says what the end of a paid entry means for its purchase.
func (m *mind) paidGone(t *Turn, e *shadow.Entry) {
	p, open := m.purchases[e.Purchase]
	if !open {
		return
	}
	switch {
	case e.Airings > 0 || e.EndedHow == shadow.Passed:
		m.fact(t, p.ID, pay.Started, "")
	case e.EndedHow == shadow.NeverCame:
		m.fact(t, p.ID, pay.NeverCame, pay.AddFailed)
	case e.EndedHow == shadow.Refused:
		m.fact(t, p.ID, pay.Refused, pay.AddFailed)
	case m.moved[e.ID] > 0:
		m.fact(t, p.ID, pay.Gone, pay.MoveFailed)
	default:
		m.fact(t, p.ID, pay.Gone, pay.Lost)
	}
}

// withdraw records that a purchase is not wanted any more. The first reason stays. What was not sent ends at once; what
// is listed, or may still come, is removed when it is seen; what is on the air plays.
func (m *mind) withdraw(t *Turn, id, reason string) {
	p, open := m.purchases[id]
	if !open || p.State == pay.Refunding {
		return
	}
	e := m.entryOf(id)
	if e == nil || e == m.shadow.OnAir() {
		return
	}
	m.fact(t, id, pay.Withdrawn, reason)
	n := *e
	n.Leaving = reason
	if e.State == shadow.Wanted {
		n.State, n.EndedAtMS, n.EndedHow = shadow.Ended, t.AtMS, shadow.Withdrawn
		t.Entries = append(t.Entries, &n)
	}
	m.withEntry(&n)
}

// withdrawReserved takes back what has become part of an immutable playlist or of a pool.
func (m *mind) withdrawReserved(t *Turn, shelf Shelf) {
	for id, p := range m.purchases {
		if p.State == pay.Refunding || p.BoughtReserved {
			continue
		}
		if _, reserved := shelf.Reserved(p.Media.Key()); reserved {
			m.withdraw(t, id, pay.Reserved)
		}
	}
}

// withdrawMuted takes back what somebody has pending who was muted or shadow-muted since: they neither buy nor wait.
func (m *mind) withdrawMuted(t *Turn) {
	for _, u := range m.people {
		if !u.Muted {
			continue
		}
		for id, p := range m.purchases {
			if p.Buyer == u.Key {
				m.withdraw(t, id, pay.Banned)
			}
		}
	}
}

// bringBack marks every placed purchase to be brought behind the current block again: after a shuffle they have paid
// for a place that they no longer have.
func (m *mind) bringBack() {
	m.reseat = map[string]bool{}
	for id, p := range m.purchases {
		if p.State == pay.Placed {
			m.reseat[id] = true
		}
	}
}

// fact runs one fact through the purchase's rules and adds it to the turn, unless it changes nothing.
func (m *mind) fact(t *Turn, id string, f pay.Fact, reason string) {
	p, open := m.purchases[id]
	if !open {
		return
	}
	next, _, err := p.Next(f, reason, t.AtMS)
	if err != nil {
		m.log.Error("a fact that cannot befall its purchase was observed", "purchase", id, "state", p.State, "fact", f, "error", err)
		return
	}
	if next == p {
		return
	}
	t.Purchases = append(t.Purchases, PurchaseFact{ID: id, Fact: f, Reason: reason})
	m.withPurchase(next)
	if next.State.Final() {
		t.final = append(t.final, next)
	}
}

// close draws the conclusions from the purchases that this turn ends.
func (e *eyes) close(m *mind, t *Turn) {
	for i, p := range t.final {
		entry := m.entryOf(p.ID)
		for _, changed := range t.Entries {
			if changed.Purchase == p.ID {
				entry = changed
			}
		}
		if p.State == pay.Refunded && entry != nil {
			m.cancelled = append(slices.Clone(m.cancelled), m.cancelledOf(p, entry))
		}
		e.owe(m, t, i)
	}
	for _, gone := range t.Entries {
		if gone.State == shadow.Ended {
			e.makeGood(m, t, gone)
		}
	}
	for _, n := range m.notices {
		if n.ID > m.noted {
			t.Notices = append(t.Notices, n)
			m.noted = n.ID
		}
	}
}

func (m *mind) cancelledOf(p pay.Purchase, e *shadow.Entry) cancelled {
	c := cancelled{purchase: p, entry: e}
	if in := m.shadow.LeadInOf(e); in != nil {
		c.leadIn, c.leadInBy, c.leadInAired = in.Media.Key().ClipKey(), in.Plugin, in == m.shadow.OnAir()
	}
	return c
}

// owe notes what the buyer of the i-th purchase that the turn ends must be told: one message for each cancel, naming every
// title of it.
func (e *eyes) owe(m *mind, t *Turn, i int) {
	p := t.final[i]
	if p.State == pay.Settled {
		if p.Reason != "" && e.opt.Settings.Pay().NotifyUser {
			m.note(p.Buyer, notice.SettledAfterAll(p.Media.Title), t.AtMS)
		}
		return
	}
	key := refundKey{p.Buyer, p.Reason}
	titles := append(slices.Clone(m.refunds[key]), cmp.Or(p.Media.Title, p.Media.ID))
	m.refunds = cloneSet(m.refunds)
	for _, other := range m.purchases {
		if other.State == pay.Refunding && key == (refundKey{other.Buyer, other.Reason}) {
			m.refunds[key] = titles // the others of this cancel are not refunded yet
			return
		}
	}
	for _, other := range t.final[i+1:] {
		if other.State == pay.Refunded && key == (refundKey{other.Buyer, other.Reason}) {
			m.refunds[key] = titles // or are, in this turn, and have their turn after this one
			return
		}
	}
	delete(m.refunds, key)
	if e.tells(p.Reason) {
		text := notice.Cancelled(titles, notice.Because(p.Reason, m.texts[p.Reason]), max(m.can.TextMax, noticeMin))
		m.note(p.Buyer, text, t.AtMS)
	}
}

// tells reports whether the owner wants people told of refunds for this reason.
func (e *eyes) tells(reason string) bool {
	switch reason {
	case pay.OwnerLeft, pay.OwnerAFK:
		return e.opt.Settings.Presence().NotifyUser
	default:
		return e.opt.Settings.Pay().NotifyUser
	}
}

// note adds a notice; close makes it a row of the same turn.
func (m *mind) note(u channel.UserKey, text string, atMS int64) {
	m.lastNotice++
	m.notices = append(slices.Clone(m.notices), Notice{ID: m.lastNotice, User: u, Text: text, CreatedAtMS: atMS})
}
