package web

import (
	"fmt"
	"strings"
	"testing"

	"playbill/core/channel"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// mayAll lets the bot do everything.
func mayAll(v *view) {
	v.Can.Add, v.Can.Move, v.Can.Remove, v.Can.Jump, v.Can.AddNext = true, true, true, true, true
}

func TestOrderPage(t *testing.T) {
	w := newWorld()
	w.edit(mayAll)
	s := w.open(t)
	page := call{"GET", "/admin/queue", "chief", "", nil}.do(s).Body.String()
	for what, want := range map[string]string{
		"skip":                    `data-api="POST /api/v1/admin/queue/1/skip">`,
		"refund in the name":      `Remove, refund 500 coins</button>`,
		"up, before the neighbor": `data-api="POST /api/v1/admin/queue/4/move" data-body='{"before":3}'`,
		"down, behind it":         `data-body='{"after":6}' aria-label="Move How to Mend an Umbrella down">`,
		"play":                    `data-api="POST /api/v1/admin/queue/6/play">`,
		"a promo is removed only": `id="rm5" data-api="DELETE /api/v1/admin/queue/5" aria-label="Remove Lamplighter, winter"`,
		"what is being added":     `Felix in &lt;Hollywood&gt;`,
		"the lede":                "Two are paid for, with 725 coins in all.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: %q is not there", what, want)
		}
	}
	if strings.Contains(page, `note warn`) {
		t.Error("everything can be done, and yet it warns")
	}
	if page := (call{"GET", "/admin/queue", "admin", "", nil}).do(s).Body.String(); !strings.Contains(page, `/6/play" disabled`) {
		t.Error("an admin below the rank for it may press play now")
	}
}

// TestOrderPageSaysWhatCannotBeDone: what the channel does not let the bot do is explained, and its buttons rest.
func TestOrderPageSaysWhatCannotBeDone(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	for what, change := range map[string]func(v *view){
		"may not add titles": func(v *view) { mayAll(v); v.Can.Add = false }, "may not move titles": func(v *view) { mayAll(v); v.Can.Move = false },
		"may not remove titles": func(v *view) { mayAll(v); v.Can.Remove = false }, "may not start a title": func(v *view) { mayAll(v); v.Can.Jump = false },
		"An event is under way": func(v *view) { mayAll(v); v.Gate.PromosClosed = true },
		"cannot be changed now": func(v *view) { mayAll(v); v.Health = channel.Down },
	} {
		w.edit(change)
		page := call{"GET", "/admin/queue", "chief", "", nil}.do(s).Body.String()
		if !strings.Contains(page, what) || !strings.Contains(page, " disabled") {
			t.Errorf("the page does not say: %s", what)
		}
		w.view.Store(evening())
	}
}

func TestOrderPageFinds(t *testing.T) {
	w := newWorld()
	w.edit(mayAll)
	s := w.open(t)
	page := call{"GET", "/admin/queue?find=quiet", "chief", "", nil}.do(s).Body.String()
	if !strings.Contains(page, "1 title with “quiet”") || !strings.Contains(page, "Steam Ferries") || strings.Contains(page, "Trip to the Moon") {
		t.Error("who paid is not found")
	}
	if page := (call{"GET", "/admin/queue?find=nosferatoo", "chief", "", nil}).do(s).Body.String(); !strings.Contains(page, "Nothing on the list has “nosferatoo”") {
		t.Error("nothing found is not said")
	}
}

// long is a view with a list of so many titles.
func long(n int) *station.View {
	v := evening()
	mayAll(v)
	v.Shadow.Entries = nil
	for i := range n {
		v.Shadow.Entries = append(v.Shadow.Entries, &shadow.Entry{ID: shadow.EntryID(i + 1), Role: shadow.Content, State: shadow.Bound, AddedBy: "halcyon",
			Media: sdk.Media{Type: "yt", ID: fmt.Sprint("m", i), Title: fmt.Sprint("Title number ", i), DurationMS: 600_000}, Bind: channel.Ref{UID: channel.UID(i)}})
	}
	v.Shadow.Waiting, v.Purchases = nil, nil
	return v
}

func TestOrderPageOfALongList(t *testing.T) {
	w := newWorld()
	w.view.Store(long(4000))
	s := w.open(t)
	got := call{"GET", "/admin/queue?from=3960", "chief", "", nil}.do(s)
	if text := got.Body.String(); !strings.Contains(text, "3961 to 3999 of 3999") || !strings.Contains(text, "Title number 3999") || strings.Contains(text, "Title number 3000<") {
		t.Error("the last page is another one")
	}
	if n := (call{"GET", "/admin/queue", "chief", "", nil}).do(s).Body.Len(); n > 250_000 {
		t.Errorf("the first page has %d bytes", n)
	}
}

// BenchmarkOrderPage renders the first page of a list of 4,000.
func BenchmarkOrderPage(b *testing.B) {
	w := newWorld()
	w.view.Store(long(4000))
	s := w.open(b)
	for b.Loop() {
		got := call{"GET", "/admin/queue", "chief", "", nil}.do(s)
		b.ReportMetric(float64(got.Body.Len()), "bytes/page")
	}
}
