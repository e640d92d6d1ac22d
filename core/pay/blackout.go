package pay

import (
	"cmp"
	"time"
)

// maxBlackoutMS is the longest window: a week. More is "enabled = false".
const maxBlackoutMS = 7 * dayMS

// Blackout says in a sentence why nothing is sold now, and until when; empty: no window is open. Of several, the one
// that ends last.
func (r Rules) Blackout(nowMS int64, zone *time.Location) (sentence string, endsAtMS int64) {
	for _, b := range r.Blackouts {
		if end, open := b.Open(nowMS, zone); open && end > endsAtMS {
			endsAtMS = end
			sentence = "Requests are closed: " + cmp.Or(b.Reason, "this is a quiet time of the channel") + "."
		}
	}
	return sentence, endsAtMS
}

// Open reports whether the window is open at nowMS, and until when. The window begins when the clocks of the zone show
// the time of the expression and lasts ForMS of real time, so it is as long on the days on which clocks are changed. An
// expression that Check refuses is never open.
func (b Blackout) Open(nowMS int64, zone *time.Location) (endsAtMS int64, open bool) {
	c, err := parseCron(b.Cron)
	if err != nil || b.ForMS <= 0 {
		return 0, false
	}
	began, found := c.last(nowMS, min(b.ForMS, maxBlackoutMS), zone)
	if !found || nowMS >= began+b.ForMS {
		return 0, false
	}
	return began + b.ForMS, true
}

func (b Blackout) check(at string, found *problems) {
	if _, err := parseCron(b.Cron); err != nil {
		found.add(at+"/cron", err.Error()+".")
	}
	if b.ForMS < minuteMS || b.ForMS > maxBlackoutMS {
		found.add(at+"/hours", "A window lasts from a minute (0.02) to a week (168).")
	}
}
