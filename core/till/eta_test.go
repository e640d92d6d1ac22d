package till_test

import (
	"testing"

	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/sdk"
)

// TestExpectedStart: the entry on the air has 60 s left, every other is 100 s long, and 5 s pass between.
func TestExpectedStart(t *testing.T) {
	content, general := shadow.Content, shadow.General
	list := func(cur int, es ...shadow.Entry) func(*desk) {
		return func(d *desk) {
			for i := range es {
				es[i].ID = shadow.EntryID(i + 1)
			}
			d.view.Shadow.Entries, d.view.Shadow.Cur = entries(es...), cur
			d.view.Purchases = map[string]pay.Purchase{"n": {ID: "n", Tier: pay.PlayNext}, "q": {ID: "q", Tier: pay.Queue}}
		}
	}
	next := shadow.Entry{Role: shadow.Paid, Purchase: "n"}
	queued := shadow.Entry{Role: shadow.Paid, Purchase: "q"}
	plain := shadow.Entry{Role: content}
	cases := []struct {
		name     string
		room     func(*desk)
		tier     string
		inMS     int64 // negative: not known
		position int
	}{
		{"no run", list(0, plain, plain, plain), pay.Queue, 65_000, 1},
		{"behind the run", list(0, plain, next, queued, plain), pay.Queue, 65_000 + 210_000, 3},
		{"behind the last play-next", list(0, plain, next, queued, plain), pay.PlayNext, 65_000 + 105_000, 2},
		{"play-next before what is queued", list(0, plain, queued, plain), pay.PlayNext, 65_000, 1},
		{"the list begins again", list(2, plain, plain, plain), pay.Queue, 65_000, 1},
		{"the run is all there is", list(1, next, plain), pay.Queue, 65_000 + 105_000, 2},
		{"alone on the list", list(0, plain), pay.PlayNext, 65_000, 1},
		{"a general promo plays first", list(0, plain, shadow.Entry{Role: general}, plain), pay.Queue, 65_000 + 105_000, 1},
		{"lead-ins of the run count", list(0, plain, shadow.Entry{Role: shadow.LeadIn}, next, plain), pay.Queue, 65_000 + 210_000, 2},
		{"a lead-in on the air, then its target", list(0, shadow.Entry{Role: shadow.LeadIn, Target: 2}, plain, plain), pay.PlayNext, 65_000 + 105_000, 2},
		{"something live before it", list(0, plain, shadow.Entry{Role: shadow.Paid, Purchase: "n", Media: sdk.Media{Type: "tw", ID: "live"}}, plain), pay.Queue, -1, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, desk := open(t)
			c.room(d)
			q, err := desk.Quote(t.Context(), ada(), film().Key(), c.tier)
			if err != nil || q.Refusal != nil {
				t.Fatal(q.Refusal, err)
			}
			want := now + c.inMS
			if c.inMS < 0 {
				want = 0
			}
			if q.ExpectedStartMS != want || q.Position != c.position {
				t.Errorf("in %d ms at place %d, want %d ms at %d", q.ExpectedStartMS-now, q.Position, c.inMS, c.position)
			}
		})
	}
}
