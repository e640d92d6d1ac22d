package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/promo"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/web/session"
)

// Effect is what promo settings bring on the list as it stands, as far ahead as a forecast looks.
type Effect struct {
	SpanSeconds       int64   `json:"span_seconds"` // of the list that was looked at, from now
	Generals          int     `json:"generals"`
	LeadIns           int     `json:"lead_ins"`
	PromoSeconds      int64   `json:"promo_seconds"`       // of the clock
	LongestGapSeconds int64   `json:"longest_gap_seconds"` // without a general promo
	NextSlotAt        *string `json:"next_slot_at"`        // null: none is expected
	Marks             []Mark  `json:"promos"`
	NextMS            int64   `json:"-"` // the same instant, UTC milliseconds; 0: none
	promoMS           int64
}

// Mark is one promo that is placed or expected.
type Mark struct {
	At        *string `json:"at"`
	Slot      string  `json:"slot"`       // general or lead_in
	PromoType *string `json:"promo_type"` // null: not drawn yet
	Placed    bool    `json:"placed"`     // it stands on the list already
	AtMS      int64   `json:"-"`
}

// forecastAnswer compares settings with those that run.
type forecastAnswer struct {
	Saved Effect `json:"saved"`
	With  Effect `json:"with"`
}

// PostForecast says what unsaved promo settings would bring. It writes nothing.
func (a *API) PostForecast(c *gin.Context, _ session.Who) error {
	var body promoConfig
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	old := a.Settings.Promos()
	next, err := body.over(old)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, forecastAnswer{a.EffectOf(old), a.EffectOf(next)})
}

// Unsaved reads promo settings as a PUT would take them, and changes nothing.
func (a *API) Unsaved(text string) (promo.Settings, error) {
	var body promoConfig
	if err := strict([]byte(text), &body); err != nil {
		return promo.Settings{}, err
	}
	return body.over(a.Settings.Promos())
}

// EffectOf is what settings bring on the list as it stands now.
func (a *API) EffectOf(set promo.Settings) Effect {
	v := *a.Floor.View()
	v.Planned = a.Stage.Forecast(set)
	return effectOf(&v, a.now())
}

// effectOf walks the list of a view with its planned promos in it.
func effectOf(v *station.View, nowMS int64) Effect {
	out := Effect{Marks: []Mark{}}
	if v.Shadow.OnAir() == nil || v.Shadow.Len() == 0 {
		return out
	}
	etas, planned, endMS := v.ETAs(nowMS), v.Planned, nowMS
	for i := 1; i < v.Shadow.Len() && i <= promo.ForecastEntries && etas[i] >= 0; i++ {
		e := v.Shadow.At(i)
		startMS := nowMS + etas[i]
		var before []station.Planned
		for len(planned) > 0 && planned[0].Before == e.ID {
			before, planned = append(before, planned[0]), planned[1:]
		}
		out.expect(before, startMS, v)
		if e.Role.Promo() {
			out.mark(Mark{AtMS: startMS, Slot: slotOf(e.Role), PromoType: orNull(e.PromoType), Placed: true}, wall(e.Media.DurationMS, v)-v.Can.OverheadMS)
		}
		endMS = startMS + wall(e.Media.DurationMS, v)
	}
	out.SpanSeconds, out.PromoSeconds = seconds(endMS-nowMS), seconds(out.promoMS)
	out.close(v.Promo.LastGeneralMS)
	return out
}

// expect adds the promos that are planned before an entry which starts at an instant.
func (e *Effect) expect(before []station.Planned, startMS int64, v *station.View) {
	at := startMS
	for _, p := range before {
		at -= wall(p.LengthMS, v)
	}
	for _, p := range before {
		e.mark(Mark{AtMS: at, Slot: slotOf(p.Role), PromoType: orNull(p.PromoType)}, wall(p.LengthMS, v)-v.Can.OverheadMS)
		if e.NextMS == 0 {
			e.NextMS, e.NextSlotAt = at, instant(at)
		}
		at += wall(p.LengthMS, v)
	}
}

func (e *Effect) mark(m Mark, lengthMS int64) {
	m.At = instant(m.AtMS)
	if m.Slot == slotOf(shadow.General) {
		e.Generals++
	} else {
		e.LeadIns++
	}
	e.promoMS += lengthMS
	e.Marks = append(e.Marks, m)
}

// close finds the longest time without a general promo.
func (e *Effect) close(lastMS int64) {
	longest := int64(0)
	for _, m := range e.Marks {
		if m.Slot == slotOf(shadow.General) {
			longest, lastMS = max(longest, m.AtMS-lastMS), m.AtMS
		}
	}
	e.LongestGapSeconds = seconds(longest)
}

// wall is how long a media stays on the air, in milliseconds of the clock.
func wall(mediaMS int64, v *station.View) int64 {
	if v.Shadow.Rate > 0 {
		mediaMS = int64(float64(mediaMS) / v.Shadow.Rate)
	}
	return mediaMS + v.Can.OverheadMS
}

func slotOf(r shadow.Role) string {
	if r == shadow.General {
		return "general"
	}
	return "lead_in"
}
