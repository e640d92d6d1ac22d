package main

import (
	"fmt"
	"testing"
	"time"

	"playbill/core/audit"
	"playbill/core/event"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/web/browsertest"
)

// saved is a saved playlist of the sample by its name.
func (s *house) saved(name string) library.Playlist {
	s.t.Helper()
	for _, list := range s.library.Playlists() {
		if list.Name == name {
			return list
		}
	}
	s.t.Fatalf("there is no playlist %s", name)
	return library.Playlist{}
}

// set gives a field that is not typed into a value, as choosing one does.
func set(tab *browsertest.Tab, selector, value string) {
	browsertest.Eval[bool](tab, fmt.Sprintf(`(() => { const n = document.querySelector(%q); n.value = %q;
		n.dispatchEvent(new Event('input', { bubbles: true })); n.dispatchEvent(new Event('change', { bubbles: true })); return true })()`, selector, value))
}

// TestBrowserEvent plans an event for two minutes from now and sees the desk close on pages that are open; starts it by hand,
// sees its titles and the refund; ends its lockout and sees the desk open again.
func TestBrowserEvent(t *testing.T) {
	browserOf(t)
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922")
	s.letIn("Ember", 4_000)
	bought := s.buys("Ember", "the-kiss-1896", pay.Queue)
	body := s.saved("Silent Sunday")

	queue := s.visit("Ember")
	queue.Open("/queue")
	queue.Until("it is live", isLive)
	item := queue.Another()
	item.Open("/catalog/item?" + receiptOf(s.film("cinderella-1899"), pay.Queue)[len("/receipt?"):])
	item.UntilText("main", "Queue it for")

	desk := s.visit(admin)
	desk.Open("/admin/events?new=1")
	desk.Fill("#ev-label", "Late Show")
	set(desk, "#ev-list", fmt.Sprint(body.ID))
	zone, err := time.LoadLocation("Europe/Lisbon")
	s.ok(err)
	at := time.Now().In(zone).Add(2 * time.Minute)
	set(desk, "#ev-start", at.Format("2006-01-02T15:04"))
	desk.UntilText("#next-starts", at.Format("15:04"))
	desk.UntilText("#lock-says", "Saving this closes requests at once")
	desk.Click("#event-form button", "Plan the event")
	desk.UntilText(".toast", "Late Show is planned.")
	for name, tab := range map[string]*browsertest.Tab{"queue": queue, "item": item} {
		tab.Until("the lock is on the "+name, `!document.querySelector('[data-lock]').hidden`)
		tab.UntilText("[data-lock]", "Requests are closed until “Late Show” is under way.")
		tab.UntilText("[data-lock]", "until it starts")
	}
	item.UntilText("main", "not now")
	queue.UntilText("main", "Requests closed")

	desk.Click("#plan-list summary", "Start now")
	desk.Click("#plan-list button", "Clear the list and start it, pay back one title")
	desk.UntilText(".toast", "Late Show has begun.")
	queue.UntilText("[data-lock]", "Requests are closed during “Late Show”.")
	queue.UntilText("[data-order]", body.Items[2].Media.Title)
	s.untilState(bought.ID, pay.Refunded)
	s.until("the event is on the screen", func() bool {
		f := s.station.View().Firing
		return f.On() && f.Step == event.Running
	})
	desk.UntilText("#events-notes", "“Late Show” is on, since")
	desk.Click("#end-lockout", "")
	desk.UntilText(".toast", "The lockout is over.")
	queue.Until("requests are open", `document.querySelector('[data-lock]').hidden`)
	item.UntilText("main", "Queue it for")
}

// TestBrowserWeek drags a start to another day of the week, takes that back, and changes the repetition in the form.
func TestBrowserWeek(t *testing.T) {
	browserOf(t)
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920")
	zone, err := time.LoadLocation("Europe/Lisbon")
	s.ok(err)
	now := time.Now().In(zone)
	wednesday := now.AddDate(0, 0, 7+(int(time.Wednesday)-int(now.Weekday())+7)%7)
	friday := wednesday.AddDate(0, 0, 2)
	plan := event.Schedule{Label: "Workshop", Playlist: s.saved("Matinee Cartoons").ID, Start: wednesday.Format(time.DateOnly) + "T20:00", LockMinutes: 15, Active: true}
	_, err = s.station.SaveSchedule(t.Context(), plan, audit.Entry{Actor: "a test"})
	s.ok(err)

	desk := s.visit(admin)
	desk.Open("/admin/events?week=" + wednesday.Format(time.DateOnly))
	starts := func(day time.Time, clock string) string {
		return fmt.Sprintf(`document.querySelector('.day[data-date="%s"] .ev[data-starts$="%s"]')`, day.Format(time.DateOnly), clock)
	}
	desk.Until("it is drawn", starts(wednesday, "20:00"))
	desk.Drag(".ev[data-event]", fmt.Sprintf(`.day[data-date="%s"] h3`, friday.Format(time.DateOnly)))
	desk.UntilText(".toast", "Workshop was moved to Friday")
	desk.Until("it is drawn on Friday", starts(friday, "17:00"))
	desk.Click(".toast button", "Undo")
	desk.Until("it is back", starts(wednesday, "20:00"))

	desk.Click("#plan-list a", "Edit")
	desk.UntilText("h2", "Workshop")
	set(desk, "#ev-repeat", "weekly")
	desk.Click(".week-days label", "Fri")
	desk.UntilText("#next-starts", friday.Format("Mon 2 January")+", 20:00")
	desk.Click("#event-form button", "Save the event")
	desk.UntilText(".toast", "Workshop was saved.")
	desk.Until("it is drawn on Friday", starts(friday, "20:00"))
	if got := s.station.View().Schedules[0].Rule; got != "FREQ=WEEKLY;BYDAY=FR" {
		t.Errorf("its rule is %s", got)
	}
	desk.Expect("status of 400", "answered with 400")
	set(desk, "#ev-repeat", "own")
	desk.Fill("#ev-rule", "FREQ=HOURLY")
	desk.UntilText("#next-starts", "DAILY, WEEKLY, MONTHLY or YEARLY")
	desk.Click("#event-form button", "Save the event")
	desk.UntilText("#event-form .field .error", "DAILY, WEEKLY, MONTHLY or YEARLY")
}

// TestBrowserLoad loads a playlist into the queue, sees how far it is on another admin page, and cancels it.
func TestBrowserLoad(t *testing.T) {
	browserOf(t)
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920")
	desk := s.visit(admin)
	desk.Open("/admin/playlists")
	desk.Click("#lists button", "Load into the queue")
	desk.UntilText("#load", "is being loaded into the queue.")
	desk.Click("#load-cancel", "")
	desk.UntilText("#load", "was cancelled while it was loaded.")
	v := s.station.View()
	if v.Load.EndedHow != "cancelled" || v.Load.Done >= v.Load.Total {
		t.Errorf("%+v", v.Load)
	}
	desk.Open("/admin")
	desk.UntilText("#load", "was cancelled while it was loaded.")
}

// TestBrowserEventsPage looks at a week in which much happens: series side by side, one that closes the desk now, one that was
// missed, and one that cannot start.
func TestBrowserEventsPage(t *testing.T) {
	browserOf(t)
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922")
	s.letIn("Ember", 4_000)
	s.buys("Ember", "the-kiss-1896", pay.Queue)
	zone, err := time.LoadLocation("Europe/Lisbon")
	s.ok(err)
	soon := time.Now().In(zone).Add(6 * time.Minute)
	held, soft := s.saved("Silent Sunday"), s.saved("Matinee Cartoons")
	for _, plan := range []event.Schedule{
		{Label: "Silent Sunday", Playlist: held.ID, Start: soon.Format("2006-01-02T15:04"), LockMinutes: 15},
		{Label: "Serial Club", Playlist: soft.ID, Start: "2026-01-01T20:00", Rule: "FREQ=DAILY"},
		{Label: "Workshop", Playlist: soft.ID, Fallback: s.saved("Late Noir").ID, Start: "2026-01-01T21:00", Rule: "FREQ=WEEKLY;BYDAY=MO,TH", LockMinutes: 30},
	} {
		plan.Active = true
		_, err := s.station.SaveSchedule(t.Context(), plan, audit.Entry{Actor: "a test"})
		s.ok(err)
	}
	s.until("the desk is closed", func() bool { return s.station.View().Gate.PayClosed })
	s.shut()
	s.missed(event.Firing{ID: 1, Schedule: 3, Label: "Workshop", Playlist: soft.ID, DueAtMS: nowMS() - 7_200_000, EndedAtMS: nowMS() - 6_000_000, Step: event.Missed,
		EndedHow: event.TooLate, Alarm: "The host was down at its time.", Failed: []event.Failed{{Title: "Gone", Why: "This video is private."}}})
	s.open()
	s.letIn("Ember", 0)
	s.until("the list is back", func() bool { return s.station.View().Closed() == nil && s.station.View().Shadow.OnAir() != nil })

	look(t, s.visit(admin), view{name: "admin-events-week", says: "Let it go", ready: `document.querySelector('#next-starts').textContent.includes('21:00')`}, "/admin/events?event=3")
	viewer := s.visit("Ember")
	look(t, viewer, view{name: "queue-event", says: "Refunded at", ready: isLive}, "/queue")
	look(t, viewer, view{name: "catalog-locked", says: "Requests are closed until “Silent Sunday” is under way."}, "/catalog")
}

// missed stores how an event went, while the host is shut.
func (s *house) missed(f event.Firing) {
	s.t.Helper()
	file, err := loadConfig(s.path)
	s.ok(err)
	db, err := store.Open(s.t.Context(), store.Options{Path: file.Config.StoreDSN()})
	s.ok(err)
	books, err := db.Claim(s.t.Context(), file.Config.Channel.Name, "a test")
	s.ok(err)
	_, err = books.Commit(s.t.Context(), station.Turn{AtMS: nowMS(), Firings: []event.Firing{f}})
	s.ok(err)
	s.ok(db.Close())
}
