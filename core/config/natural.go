package config

import (
	"fmt"
	"math"

	"playbill/core/presence"
	"playbill/core/promo"
)

// Promos is the promos block in the units of the file and of PUT /admin/promos/config: seconds and minutes, nil for an arm
// of the cadence that is off.
type Promos struct {
	Enabled               bool
	MovieThresholdSeconds float64
	NoRepeat              bool
	LeadInOrder           []string
	General               General
	Types                 map[string]promo.TypeSettings
}

// General is the cadence of the general promos.
type General struct {
	EveryNItems       *int
	EveryMMinutes     *float64
	MinAirtimeSeconds float64
	Selection         string
}

// Presence is the presence block in seconds.
type Presence struct {
	Enabled              bool
	GraceSeconds         float64
	CheckIntervalSeconds float64
	NotifyUser           bool
}

// PromosOf returns the block in natural units.
func PromosOf(s promo.Settings) Promos {
	s = clonePromos(s)
	p := Promos{
		Enabled: s.Enabled, MovieThresholdSeconds: inUnit(s.MovieThresholdMS, 1_000), NoRepeat: s.NoRepeat,
		LeadInOrder: s.LeadInOrder, Types: s.Types,
		General: General{MinAirtimeSeconds: inUnit(s.MinAirtimeMS, 1_000), Selection: s.Selection},
	}
	if s.EveryItems != 0 {
		p.General.EveryNItems = &s.EveryItems
	}
	if s.EveryMS != -1 {
		minutes := inUnit(s.EveryMS, 60_000)
		p.General.EveryMMinutes = &minutes
	}
	return p
}

// Settings returns the block as the host keeps it, seconds rounded to a millisecond and minutes to a thousandth. The error is
// Problems for numbers that have no meaning there; all other bounds are checked by Live.Change.
func (p Promos) Settings() (promo.Settings, error) {
	var n naturals
	s := clonePromos(promo.Settings{
		Enabled: p.Enabled, MovieThresholdMS: n.ms("promos.movie_threshold_seconds", p.MovieThresholdSeconds, 1, 1_000),
		NoRepeat: p.NoRepeat, LeadInOrder: p.LeadInOrder, Types: p.Types, EveryMS: -1,
		MinAirtimeMS: n.ms("promos.general.min_airtime_seconds", p.General.MinAirtimeSeconds, 1, 1_000),
		Selection:    p.General.Selection,
	})
	if items := p.General.EveryNItems; items != nil {
		s.EveryItems = *items
		if *items < 1 {
			n.refuse("promos.general.every_n_items",
				fmt.Sprintf("every_n_items must be a whole number from 1 to %d, or null to switch it off, not %d.", maxItems, *items))
		}
	}
	if minutes := p.General.EveryMMinutes; minutes != nil {
		s.EveryMS = n.ms("promos.general.every_m_minutes", *minutes, 60, 1_000)
	}
	return s, n.problems.err()
}

// PresenceOf returns the block in seconds.
func PresenceOf(s presence.Settings) Presence {
	return Presence{Enabled: s.Enabled, GraceSeconds: inUnit(s.GraceMS, 1_000),
		CheckIntervalSeconds: inUnit(s.CheckIntervalMS, 1_000), NotifyUser: s.NotifyUser}
}

// Settings returns the block as the host keeps it, rounded to a millisecond; the error is as in Promos.Settings.
func (p Presence) Settings() (presence.Settings, error) {
	var n naturals
	s := presence.Settings{Enabled: p.Enabled, NotifyUser: p.NotifyUser,
		GraceMS:         n.ms("presence.grace_seconds", p.GraceSeconds, 1, 1_000),
		CheckIntervalMS: n.ms("presence.check_interval_seconds", p.CheckIntervalSeconds, 1, 1_000)}
	return s, n.problems.err()
}

// naturals collects the numbers that have no meaning as a length.
type naturals struct{ problems Problems }

func (n *naturals) refuse(field, sentence string) {
	n.problems = append(n.problems, Problem{Field: field, Sentence: sentence})
}

// ms is a length in steps of step milliseconds, per of which are one unit.
func (n *naturals) ms(field string, v float64, step, per int64) int64 {
	if !(v >= 0 && v <= maxMonthSeconds) { // also not a number
		n.refuse(field, fmt.Sprintf("This must be a number from 0, not %v.", v))
		return 0
	}
	return int64(math.Round(v*float64(per))) * step
}

func inUnit(ms, per int64) float64 { return float64(ms) / float64(per) }
