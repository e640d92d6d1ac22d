package main

import (
	"strings"
	"testing"

	"playbill/core/pay"
	"playbill/web/browsertest"
)

// TestBrowserViewer is a viewer's evening on the demo's own pages: in by a code, a title found, bought, watched and played;
// one bought to play next and cancelled; one refunded for leaving; and the account says what became of each.
func TestBrowserViewer(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+onlyPlugin("presence-leave"))
	s.programme("one-week-1920", "cops-1922", "easy-street-1917")
	s.letIn("Wren", 1_000)
	s.buys("Wren", "the-vanishing-lady-1896", pay.Queue)

	letters := browserOf(t).Visit(t, s.origin)
	letters.Expect("status of 400", "answered with 400") // Robin leaves in the end, and nobody reads the letters of who is away
	letters.Open("/login")
	letters.Click("main a", "Be a viewer")
	letters.UntilAt("/demo/pms")
	letters.Fill("#name", "Robin")
	letters.Click("main button", "Join the room")
	letters.UntilText("main", "Robin is in the room")

	tab := letters.Another()
	tab.Open("/queue")
	tab.Click("nav a", "Log in")
	tab.UntilAt("/login")
	tab.Fill("#name", "robin")
	tab.Press(browsertest.KeyEnter)
	tab.UntilText("label", "Code for robin")
	letters.UntilText(".letters", "code") // the page looks by itself
	first := sixDigits.FindString(letters.Text(".letters"))
	s.refusesCodes(tab, letters, first)
	tab.UntilAt("/account")
	tab.UntilText(".balance", "2,000")

	tab.Open("/catalog")
	tab.Fill("#q", "the kiss")
	tab.Press(browsertest.KeyEnter)
	tab.UntilText(".found", "for “the kiss”")
	tab.Click(".card a", "The Kiss")
	tab.UntilAt("/catalog/item")
	tab.Click("main a", "Queue it for 250 coins")
	tab.UntilText("dialog .sum", "250 coins")
	tab.Click("dialog button", "Pay 250 coins")
	tab.UntilAt("/account")
	tab.UntilText("main", "The Kiss is yours. 250 coins are held until it starts.")
	tab.UntilText(".purse", "1,750 coins")
	s.until("the title has its place", func() bool { return s.waitsFor("robin", "The Kiss") })
	s.moves(tab)
	s.plays(tab)
	s.cancels(tab)
	s.leaves(tab)
}

// refusesCodes tries a wrong code, then one that a newer one has taken the place of, and gets in with the newest.
func (s *house) refusesCodes(tab, letters *browsertest.Tab, first string) {
	s.t.Helper()
	tab.Expect("status of 400", "answered with 400")
	try := func(code string) {
		tab.Fill("#code", code)
		tab.Press(browsertest.KeyEnter)
	}
	try("12 34")
	tab.UntilText("[role=alert]", "A code has six digits")
	wrong := "000000"
	if first == wrong {
		wrong = "000001"
	}
	try(wrong)
	tab.UntilText("[role=alert]", "That code does not work here")
	if tab.Count("#code[aria-invalid=true][aria-describedby=why]") != 1 {
		s.t.Error("the field of a wrong code does not say that it is wrong")
	}
	tab.Click("main button", "Send a new code")
	letters.Until("a second code is there", `document.querySelectorAll('.letters li').length === 2`)
	newest := sixDigits.FindString(letters.Text(".letters")) // newest first
	tab.UntilText("label", "Code for robin")
	if newest == first {
		s.t.Fatal("the second code is the first")
	}
	tab.Until("the form is fresh", `!document.querySelector('[role=alert]')`)
	try(first)
	tab.UntilText("[role=alert]", "That code does not work here")
	try(newest[:3] + " " + newest[3:])
}

// waitsFor reports whether somebody has a title with a place on the list.
func (s *house) waitsFor(user, title string) bool {
	for _, p := range s.station.View().Purchases {
		if string(p.Buyer) == user && p.Media.Title == title && p.State == pay.Placed {
			return true
		}
	}
	return false
}

// rowOf is an expression for the place of a title in the running order, from 0; -1: it is not there.
func rowOf(title string) string {
	return `[...document.querySelectorAll('[data-order] .entry:not(.promo) h3')].findIndex((n) => n.textContent === '` + title + `')`
}

// moves watches a title come up and begin to play.
func (s *house) moves(tab *browsertest.Tab) {
	s.t.Helper()
	tab.Open("/queue")
	tab.Until("it is live", isLive)
	tab.Until("the title is up second, before what nobody paid for", rowOf("The Kiss")+" === 1")
	if text := tab.Text(".entry.mine"); !strings.Contains(text, "paid by Robin for 250 coins") || !strings.Contains(text, "Yours") {
		s.t.Errorf("the own row says %q", text)
	}
	if text := tab.Text("[data-summary]"); !strings.Contains(text, "4 titles until") || !strings.Contains(text, "two of them paid for") {
		s.t.Errorf("the summary says %q", text)
	}
	s.rightTimes(tab)
	s.skip()
	tab.Until("the title has moved up", rowOf("The Kiss")+" === 0")
	tab.UntilText("#now-title", "The Vanishing Lady")
	s.rightTimes(tab)
	s.skip()
	tab.UntilText("#now-title", "The Kiss")
	tab.UntilText("[data-credit]", "Paid by Robin for 250 coins")
	tab.Until("its progress moves", `document.querySelector('progress').value > 0.9`)
	tab.Until("it is no longer on the list", rowOf("The Kiss")+" === -1")
}

// rightTimes holds that the times on the page are those of the API, to the minute.
func (s *house) rightTimes(tab *browsertest.Tab) {
	s.t.Helper()
	off := browsertest.Eval[[]string](tab, `fetch('/api/v1/queue', { headers: { Accept: 'application/json' } }).then((a) => a.json()).then((q) => q.items
		.filter((i) => i.eta_seconds > 0).flatMap((i) => {
			const node = document.querySelector('[data-entry="' + i.entry_id + '"] time');
			const want = Date.parse(q.at) + i.eta_seconds * 1000, have = Date.parse(node?.dateTime ?? '');
			return Math.abs(want - have) < 3000 ? [] : [i.title + ': ' + (node?.dateTime ?? 'no time') + ', want ' + new Date(want).toISOString()];
		}))`)
	for _, one := range off {
		s.t.Error("a wrong time on the queue: ", one)
	}
}

// plays looks up what became of it.
func (s *house) plays(tab *browsertest.Tab) {
	s.t.Helper()
	tab.Open("/account")
	tab.UntilText("#past ~ *, section[aria-labelledby=past] tbody", "Played")
	tab.UntilText(".statement", "Spent on The Kiss")
}

// cancels buys a title to play next, finds it up next, and takes it back.
func (s *house) cancels(tab *browsertest.Tab) {
	s.t.Helper()
	m := s.film("annie-oakley-1894")
	tab.Open(strings.Replace(receiptOf(m, pay.PlayNext), "/receipt", "/catalog/item", 1))
	tab.Click("main a", "Play it next for 750 coins")
	tab.UntilText("dialog .balances", "1,000")
	tab.Click("dialog button", "Pay 750 coins")
	tab.UntilAt("/account")
	tab.UntilText(".stub", "Up next")
	queue := tab.Another()
	queue.Open("/queue")
	queue.Until("it is live", isLive)
	queue.Until("it plays next", rowOf("Annie Oakley")+" === 0")
	tab.Click(".stub button", "Cancel, get 750 back")
	tab.UntilText("main [role=status]", "Annie Oakley")
	tab.UntilText("section[aria-labelledby=past]", "Paid back in full because you cancelled it")
	tab.UntilText(".purse", "1,750 coins")
	queue.Until("it has left the list", rowOf("Annie Oakley")+" === -1")
	queue.UntilText(".purse", "1,750 coins")
}

// leaves goes away with a title pending, and comes back to find out why it is gone.
func (s *house) leaves(tab *browsertest.Tab) {
	s.t.Helper()
	bought := s.buys("robin", "carmencita-1894", pay.Queue)
	tab.Open("/account")
	tab.UntilText(".stub", "Carmencita")
	s.ok(s.room.Leave("Robin"))
	s.untilState(bought.ID, pay.Refunded)
	tab.UntilText("section[aria-labelledby=past]", "Paid back in full because you left the channel") // the page looks by itself
	tab.UntilText("section[aria-labelledby=waiting]", "Nothing of yours is waiting")
	if text := tab.Text(".statement"); !strings.Contains(text, "Back from Carmencita") {
		s.t.Errorf("the statement says %q", text)
	}
}
