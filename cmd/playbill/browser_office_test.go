package main

import (
	"testing"

	"playbill/core/config"
)

// TestBrowserOffice changes what admins change, on the pages: the cadence beside what it does, a plugin's settings with a
// problem at its field, a plugin switched off and on again by Undo, presence. Each is live when the page says so.
func TestBrowserOffice(t *testing.T) {
	browserOf(t)
	s := houseOn(t, houseRules+onlyPlugin(thresholdPlugin))
	s.programme("one-week-1920", "cops-1922", "easy-street-1917")
	tab := s.visit(admin)

	tab.Open("/admin/promos")
	tab.Until("the form is read", `document.querySelector('#save').disabled`)
	tab.Fill("#n", "2")
	tab.UntilText("#save-words", "One change. It would act from the next slot")
	tab.UntilText(".field:has(#n)", "was 4")
	tab.Click("#save", "Save one change")
	tab.UntilText("#toasts", "Saved. It acts from the next slot")
	tab.UntilText("#lede", "every two titles")
	if got := s.live.Promos().EveryItems; got != 2 {
		t.Errorf("what runs is %d titles", got)
	}
	tab.Until("nothing is left to save", `document.querySelector('#save').disabled`)

	s.until("the plugin is ready", func() bool { return s.pluginIs("ready") })
	tab.Open("/admin/plugins/" + thresholdPlugin)
	tab.Expect("status of 400", "answered with 400")
	tab.Fill("#set-"+thresholdSetting, "0")
	tab.Click("#settings-form button", "Save")
	tab.UntilText(".field", "This must be 1 or more.")
	tab.Until("the field is marked", `document.querySelector('[aria-invalid=true]').id === 'set-movie_threshold_seconds'`)
	tab.Fill("#set-"+thresholdSetting, "60")
	tab.Click("#settings-form button", "Save")
	tab.UntilText("#toasts", "Saved. It acts with its next call.")
	if got := string(s.live.Snapshot().Config.Plugins[thresholdPlugin].Settings); got != `{"movie_threshold_seconds":60}` {
		t.Errorf("what runs is %s", got)
	}
	tab.Click("#acts button", "Switch off")
	tab.UntilText("#toasts", "is switched off")
	s.until("the plugin is off", func() bool { return s.pluginIs("disabled") })
	tab.Click("#toasts button", "Undo")
	tab.UntilText("#toasts", "Undone.")
	s.until("the plugin is ready again", func() bool { return s.pluginIs("ready") })

	tab.Open("/admin/presence")
	tab.Fill("#grace", "9")
	tab.Click("#settings-form button", "Save")
	tab.UntilText("#toasts", "Saved. It acts from the next check on.")
	if got := s.live.Presence().GraceMS; got != 9_000 {
		t.Errorf("what runs is a grace of %d ms", got)
	}
	tab.Open("/admin")
	tab.UntilText("#health-ledger", "True")
	tab.Click("#health-ledger button", "Verify now")
	tab.UntilText("#toasts", "The ledger is true, and there is a backup of today.")
	file, err := config.Load(s.path)
	if err != nil || file.Config.Promos.EveryItems != 2 || file.Config.Presence.GraceMS != 9_000 || !file.Config.Plugins[thresholdPlugin].Enabled {
		t.Errorf("the file does not say what runs: %v", err)
	}
}

// pluginIs reports whether the plugin that has settings is in a state.
func (s *house) pluginIs(state string) bool {
	for _, p := range s.plugins.Status() {
		if p.Name == thresholdPlugin {
			return string(p.State) == state
		}
	}
	return false
}
