package main

import (
	"strings"
	"testing"

	"playbill/core/pay"
	"playbill/web/browsertest"
)

// orderIs waits until the titles behind the one on the air are these, on the host's list and on a page.
func (s *house) orderIs(tab *browsertest.Tab, slugs ...string) {
	s.t.Helper()
	var want []string
	for _, slug := range slugs {
		want = append(want, s.film(slug).Title)
	}
	s.until("the list is "+strings.Join(want, ", "), func() bool {
		v := s.station.View()
		var have []string
		for i := 1; i < v.Shadow.Len(); i++ {
			have = append(have, v.Shadow.At(i).Media.Title)
		}
		return strings.Join(have, ", ") == strings.Join(want, ", ")
	})
	tab.Until("the page has the list "+strings.Join(want, ", "), `[...document.querySelectorAll('.programme li:not(.on-air):not(.promo) h3')].map((n) => n.textContent).join(', ') === '`+strings.Join(want, ", ")+`'`)
}

// TestBrowserAdminQueue puts the queue in order with buttons, with the mouse and with the keyboard, while a viewer looks on.
func TestBrowserAdminQueue(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922", "easy-street-1917", "the-goat-1921")
	s.letIn("Ember", 1_000)
	viewer := s.visit("Ember")
	viewer.Open("/queue")
	viewer.Until("it is live", isLive)
	tab := s.visit(admin)
	tab.Open("/admin/queue")
	tab.Until("it can be dragged", `window.Sortable`)

	tab.Click(`button[aria-label="Move Cops down"]`, "")
	s.orderIs(tab, "easy-street-1917", "cops-1922", "the-goat-1921")
	s.orderIs(viewer, "easy-street-1917", "cops-1922", "the-goat-1921")
	tab.UntilText(".toast", "Undo")
	tab.Click(".toast button", "Undo")
	s.orderIs(tab, "cops-1922", "easy-street-1917", "the-goat-1921")

	tab.Drag(`button[aria-label="Drag Cops"]`, `button[aria-label="Drag The Goat"]`)
	s.orderIs(tab, "easy-street-1917", "the-goat-1921", "cops-1922")
	s.orderIs(viewer, "easy-street-1917", "the-goat-1921", "cops-1922")

	browsertest.Eval[bool](tab, `document.querySelector('button[aria-label="Drag Cops"]').focus() === undefined`)
	tab.Press(browsertest.KeySpace)
	tab.Press(browsertest.KeyUp)
	tab.Press(browsertest.KeySpace)
	s.orderIs(tab, "easy-street-1917", "cops-1922", "the-goat-1921")

	s.buys("Ember", "the-kiss-1896", pay.Queue)
	s.orderIs(tab, "the-kiss-1896", "easy-street-1917", "cops-1922", "the-goat-1921")
	tab.Click("#order button", "Remove, refund 250")
	s.orderIs(tab, "easy-street-1917", "cops-1922", "the-goat-1921")
	tab.UntilText(".toast", "250 coins")
	viewer.UntilText(".purse", "1,000 coins")
	s.orderIs(viewer, "easy-street-1917", "cops-1922", "the-goat-1921")

	tab.Fill("#add", "annie oak")
	tab.UntilText("#add-list", "Annie Oakley")
	tab.Press(browsertest.KeyDown)
	tab.Press(browsertest.KeyEnter)
	tab.Click("#queue-add button", "Add")
	s.orderIs(tab, "easy-street-1917", "cops-1922", "the-goat-1921", "annie-oakley-1894")
	tab.Click(".on-air button", "Skip to next")
	viewer.UntilText("#now-title", "Easy Street")
}

// TestBrowserAdminCoins gives coins, blocks an account and opens it again, makes a token and ends it, and takes a change back
// from the audit trail.
func TestBrowserAdminCoins(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.letIn("Ember", 1_000)
	viewer := s.visit("Ember")
	tab := s.visit(admin)
	tab.Open("/admin/ledger")
	tab.Click("main a", "Ember")
	tab.UntilAt("/admin/ledger/ember")
	tab.Fill("#grant-n", "500")
	tab.Fill("#grant-why", "won the quiz")
	tab.Click("#grant button", "Give coins")
	tab.UntilText("#balance", "1,500")
	viewer.UntilText(".purse", "1,500 coins") // the account page looks by itself
	viewer.UntilText(".statement", "won the quiz")

	tab.Fill("#block-why", "sells coins")
	tab.Click("#block button", "Block")
	tab.UntilText("main", "This account is blocked")
	viewer.UntilText("main", "sells coins")

	tab.Open("/admin/audit")
	tab.UntilText("#deed-list", "blocked")
	tab.Click("#deed-list li:first-child button", "Undo")
	s.until("the account is open again", func() bool {
		w, err := s.books.Wallet(t.Context(), "ember")
		return err == nil && w.Blocked == ""
	})
	tab.UntilText("#deed-list", "Undone by")

	tab.Open("/admin/tokens")
	tab.Fill("#t-name", "robot")
	tab.Click("#token-form button", "Make a token")
	tab.UntilText("#secret", "robot")
	if secret := browsertest.Eval[string](tab, `document.querySelector('#secret-text').value`); !strings.HasPrefix(secret, "playbill_") {
		t.Errorf("the token is shown as %q", secret)
	}
	tab.UntilText("#token-list", "robot")
	tab.Click("#token-list button", "Revoke")
	tab.UntilText("#over", "Over")
	tab.Until("it is no longer in use", `!document.querySelector('#token-list').innerText.includes('robot')`)
}

// TestBrowserAdminPromos changes how often promos air, sees the change act on the list that a viewer looks at, and switches
// a plugin off and on.
func TestBrowserAdminPromos(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+`
promos {
  general {
    every_n_items       = 900
    every_m_minutes     = null
    min_airtime_seconds = 0
  }
}
`)
	<-s.plugins.Settled()
	s.programme("one-week-1920", "cops-1922", "easy-street-1917", "the-goat-1921")
	viewer := s.visit("")
	viewer.Open("/queue")
	viewer.Until("it is live", isLive)
	const general = `document.querySelectorAll('[data-order] .badge:not(.k-feature):not(.k-choice)').length`
	viewer.Until("no general promo is due", general+" === 0")
	tab := s.visit(admin)
	tab.Open("/admin/promos")
	tab.Until("its scripts run", settingsRead)
	tab.Fill("#n", "1")
	tab.UntilText("#save-words", "next slot")
	tab.Click("#save", "Save")
	tab.UntilText(".toast", "slot")
	viewer.Until("general promos are planned or placed", general+" > 0")
	if s.live.Promos().EveryItems != 1 {
		t.Error("the settings that run are the old ones")
	}

	tab.Open("/admin/plugins/mod-shoutout")
	tab.Click("#acts button", "Switch off")
	tab.UntilText("#acts", "Switch on")
	tab.UntilText(".toast", "Undo")
	tab.Click(".toast button", "Undo")
	tab.UntilText("#acts", "Switch off")
}

// TestBrowserAdminPlaylist edits a saved playlist with the mouse, with buttons and in bulk, takes the last change back, and
// renames it.
func TestBrowserAdminPlaylist(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	tab := s.visit(admin)
	tab.Open("/admin/playlists")
	tab.Click("main a", "Saturday Silents")
	tab.Until("it can be dragged", `window.Sortable`)
	begins := func(titles string) {
		t.Helper()
		tab.Until("the playlist begins with "+titles, `[...document.querySelectorAll('#items-list h3')].map((n) => n.textContent).join(', ').startsWith('`+titles+`')`)
	}
	begins("The General, Safety Last!, One Week, Cops")
	tab.Click(`button[aria-label="Move The General down"]`, "")
	begins("Safety Last!, The General, One Week, Cops")
	tab.Drag(`button[aria-label="Drag Safety Last!"]`, `button[aria-label="Drag One Week"]`)
	begins("The General, One Week, Safety Last!, Cops")
	tab.UntilText(".toast", "Moved to place") // an edit is refused while the one before it is on its way
	tab.Until("the page knows the new revision", `document.querySelector('#items-list [data-place="1"] h3').textContent === 'The General'`)
	tab.Click(`input[aria-label="Choose The General"]`, "")
	tab.Click(`input[aria-label="Choose One Week"]`, "")
	tab.Click("[data-bulk=remove]", "")
	begins("Safety Last!, Cops, The Kid")
	tab.UntilText(".toast", "removed")
	tab.Click("#undo", "")
	begins("The General, One Week, Safety Last!, Cops")
	tab.Fill("#name", "Sunday Silents")
	tab.Click(".list-head button", "Save")
	tab.UntilText("h1", "Sunday Silents")
	for _, list := range s.library.Playlists() {
		if list.Name == "Sunday Silents" && len(list.Items) == 16 {
			return
		}
	}
	t.Error("the library has no such playlist")
}
