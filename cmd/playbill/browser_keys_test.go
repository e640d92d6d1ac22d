package main

import (
	"slices"
	"strings"
	"testing"

	"playbill/core/pay"
	"playbill/web/browsertest"
)

// TestBrowserKeys buys with the keyboard alone: what has the focus shows it, the order is that of the page, a receipt takes
// the focus and gives it back, and only its button pays.
func TestBrowserKeys(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922")
	s.letIn("Ember", 2_000)
	tab := s.visit("Ember")
	tab.Open(strings.Replace(receiptOf(s.film("the-kiss-1896"), pay.Queue), "/receipt", "/catalog/item", 1))

	path := tabUntil(t, tab, "a Queue it for 250 coins")
	for i, want := range []string{"a Skip to the page", "a main", "a Live queue", "a Catalog", "a Your account"} {
		if i >= len(path) || path[i] != want {
			t.Fatalf("Tab walks over %q, want %q at %d", path, want, i)
		}
	}
	tab.Press(browsertest.KeyEnter)
	tab.Until("the receipt is open and has the focus on its title", `document.activeElement.id === 'r-title' && document.activeElement.closest('dialog').matches(':modal')`)
	tab.Press(browsertest.KeyEnter) // a second Enter pays nothing
	tab.Press(browsertest.KeyEscape)
	tab.Until("Escape closes the receipt and gives the focus back", `!document.querySelector('dialog') && document.activeElement.matches('[data-receipt]')`)
	s.paidFor(0)

	tab.Press(browsertest.KeyEnter)
	tab.Until("the receipt is open again", `document.activeElement.id === 'r-title'`)
	inside := tabUntil(t, tab, "button Pay 250 coins")
	if want := []string{"a Queue 250 coins", "a Play next 750 coins"}; !slices.EqualFunc(inside[:min(len(inside), 2)], want, strings.HasPrefix) {
		t.Errorf("in the receipt Tab walks over %q", inside)
	}
	tab.PressShift(browsertest.KeyTab)
	tab.Press(browsertest.KeyEnter) // the other tier: the receipt changes under the hand
	tab.UntilText("dialog .sum", "750 coins")
	tab.Until("the focus is on the new receipt", `document.activeElement.closest('dialog')`)
	tabUntil(t, tab, "a Queue 250 coins")
	tab.Press(browsertest.KeyEnter)
	tab.UntilText("dialog .sum", "250 coins")
	tabUntil(t, tab, "button Pay 250 coins")
	tab.Press(browsertest.KeyEnter)
	tab.Press(browsertest.KeyEnter) // impatient
	tab.UntilAt("/account")
	tab.UntilText("main [role=status]", "The Kiss is yours")
	s.paidFor(1)

	tabUntil(t, tab, "button Cancel, get 250 back for The Kiss")
	tab.Press(browsertest.KeySpace)
	tab.UntilText("section[aria-labelledby=past]", "because you cancelled it")
	skips(t, tab)
}

// tabUntil presses Tab until something has the focus, and returns what had it on the way. Each shows that it has.
func tabUntil(t *testing.T, tab *browsertest.Tab, want string) []string {
	t.Helper()
	var path []string
	for range 60 {
		tab.Press(browsertest.KeyTab)
		here := tab.Focused()
		if here != "body" && !tab.FocusRing(2) {
			t.Errorf("the focus on %q cannot be seen", here)
		}
		if strings.HasPrefix(here, want) {
			return path
		}
		path = append(path, here)
	}
	t.Fatalf("Tab does not come to %q: %q", want, path)
	return nil
}

// paidFor holds that so many purchases have been made.
func (s *house) paidFor(n int) {
	s.t.Helper()
	history, err := s.books.HistoryOf(s.t.Context(), "ember", 0, "")
	s.ok(err)
	if len(history) != n {
		s.t.Errorf("%d purchases, want %d", len(history), n)
	}
}

// skips uses the first link of a page.
func skips(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	tab.Open("/queue")
	tab.Press(browsertest.KeyTab)
	tab.Press(browsertest.KeyEnter)
	tab.Press(browsertest.KeyTab)
	if here := tab.Focused(); here != "a Request something" {
		t.Errorf("behind the skip link the focus is on %q", here)
	}
}

// TestBrowserMotion holds that nothing moves for people who asked for that, and that something does for others.
func TestBrowserMotion(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922", "easy-street-1917")
	tab := s.visit("")
	tab.Open("/queue")
	tab.Until("it is live", isLive)
	const moving = `document.getAnimations().filter((a) => a.playState === 'running').length`
	s.skip()
	tab.UntilText("#now-title", "Cops")
	if n := browsertest.Eval[int](tab, moving); n != 0 {
		t.Errorf("%d things move for somebody who asked for less", n)
	}
	tab.Motion()
	tab.Until("the lamp breathes", moving+" > 0")
}
