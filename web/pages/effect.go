package pages

import (
	"fmt"
	"strconv"

	"playbill/core/promo"
	"playbill/web/api"
)

// effect is what settings do, old against new, on the list as it stands.
type effect struct {
	Problem string // why nothing can be said; empty: it can
	Acts    string // from when they would act
	Span    string
	Rows    []effectRow
	Strips  []strip
	Axis    []string
	Kinds   []badge // the types that stand on the strips
	Undrawn bool    // some stand there whose type is not drawn yet
}

// effectRow is one figure under both settings.
type effectRow struct {
	What, Saved, With, Change string
	Same                      bool
}

// strip is the time ahead with its promos. Its width is a thousand.
type strip struct {
	Word, Label string
	Marks       []stripMark
}

// stripMark is one promo: general ones are tall.
type stripMark struct {
	Kind       string
	X, Y, Tall int64
}

// The strip's sizes, in its own units.
const (
	stripWide  = 1000
	stripTall  = 32
	stripShort = 14
)

func (p *Pages) effectOf(saved, with api.Effect, set promo.Settings) effect {
	span := max(saved.SpanSeconds, with.SpanSeconds)
	out := effect{Acts: p.opt.API.ActsWords(set.Enabled, with)}
	if span == 0 {
		out.Problem = "Nothing is on the list, so there is nothing to say yet."
		return out
	}
	out.Span = api.SpanWords(span * 1000)
	hours := func(e api.Effect, n int64) int64 { return n * 36_000 / max(e.SpanSeconds, 1) } // tenths in an hour
	out.Rows = []effectRow{
		compared("General promos an hour", hours(saved, int64(saved.Generals)), hours(with, int64(with.Generals)), 10, ""),
		compared("Lead-ins an hour", hours(saved, int64(saved.LeadIns)), hours(with, int64(with.LeadIns)), 10, ""),
		compared("Promo seconds an hour", hours(saved, saved.PromoSeconds)/10, hours(with, with.PromoSeconds)/10, 1, " s"),
		compared("Share of airtime", saved.PromoSeconds*1000/max(saved.SpanSeconds, 1), with.PromoSeconds*1000/max(with.SpanSeconds, 1), 10, " %"),
		gapRow(saved, with),
	}
	from := p.opt.Now()
	kinds := map[badge]bool{}
	for _, one := range []struct {
		word string
		e    api.Effect
	}{{"Saved", saved}, {"With this", with}} {
		s := strip{Word: one.word, Label: fmt.Sprintf("%s: %s in %s", one.word, plural(one.e.Generals+one.e.LeadIns, "promo"), out.Span)}
		for _, m := range one.e.Marks {
			x := (m.AtMS - from) * stripWide / (span * 1000)
			if x < 0 || x > stripWide {
				continue
			}
			id := ""
			if m.PromoType != nil {
				id = *m.PromoType
			}
			k := badge{Kind: kindOf(id), Word: api.Badge(p.opt.Plugins, id)}
			if m.Slot == "general" {
				s.Marks = append(s.Marks, stripMark{k.Kind, x, 0, stripTall})
			} else {
				s.Marks = append(s.Marks, stripMark{k.Kind, x, stripTall - stripShort, stripShort})
			}
			out.Undrawn = out.Undrawn || k.Kind == ""
			if id != "" && !kinds[k] {
				kinds[k] = true
				out.Kinds = append(out.Kinds, k)
			}
		}
		out.Strips = append(out.Strips, s)
	}
	for i := int64(0); i <= axisMarks; i++ {
		out.Axis = append(out.Axis, clock(from+i*span*1000/axisMarks, p.opt.Zone))
	}
	return out
}

// axisMarks is how many parts the axis under the strips has.
const axisMarks = 4

// compared compares two figures in parts of a unit: with per 10, 14 is 1.4.
func compared(what string, saved, with, per int64, unit string) effectRow {
	r := effectRow{What: what, Saved: inParts(saved, per) + unit, With: inParts(with, per) + unit, Same: saved == with, Change: "same"}
	switch d := with - saved; {
	case d > 0:
		r.Change = "+" + inParts(d, per) + unit
	case d < 0:
		r.Change = "−" + inParts(-d, per) + unit
	}
	return r
}

func inParts(n, per int64) string {
	if per == 1 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%d.%d", n/per, n%per)
}

func gapRow(saved, with api.Effect) effectRow {
	r := effectRow{What: "Longest time without a general promo", Saved: gap(saved), With: gap(with), Change: "same", Same: true}
	d := with.LongestGapSeconds - saved.LongestGapSeconds
	if saved.Generals == 0 || with.Generals == 0 || d == 0 {
		r.Same = r.Saved == r.With
		if !r.Same {
			r.Change = "changes"
		}
		return r
	}
	r.Same, r.Change = false, "+"+api.SpanWords(d*1000)
	if d < 0 {
		r.Change = "−" + api.SpanWords(-d*1000)
	}
	return r
}

func gap(e api.Effect) string {
	if e.Generals == 0 {
		return "none comes"
	}
	return api.SpanWords(e.LongestGapSeconds * 1000)
}
