package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/promo"
	"playbill/web/session"
)

// promoConfig is the promos block. A PUT takes the whole object: what the original had must be there, what is ours may be
// left out and then stays.
type promoConfig struct {
	Enabled               *bool                `json:"enabled"`
	MovieThresholdSeconds *int64               `json:"movie_threshold_seconds"`
	NoRepeat              *bool                `json:"no_repeat"`
	LeadInOrder           *[]string            `json:"lead_in_order"`
	General               *promoGeneral        `json:"general"`
	Types                 map[string]promoType `json:"types"`
}

// promoGeneral is the cadence. null switches an arm off, which is not the same as leaving it out.
type promoGeneral struct {
	EveryNItems       json.RawMessage `json:"every_n_items"`
	EveryMMinutes     json.RawMessage `json:"every_m_minutes"`
	MinAirtimeSeconds *int64          `json:"min_airtime_seconds"`
	Selection         *string         `json:"selection"`
}

// promoType is one type.
type promoType struct {
	Enabled *bool   `json:"enabled"`
	Order   *string `json:"order"`
	Weight  *int64  `json:"weight"`
}

// promoSaved is the answer to a PUT.
type promoSaved struct {
	Config    promoConfig `json:"config"`
	Persisted bool        `json:"persisted"`
	Reason    *string     `json:"reason"`    // when not persisted
	ActsFrom  *string     `json:"acts_from"` // the next slot; null: none is expected
	Sentence  string      `json:"sentence"`  // the same for a person
}

// GetPromoConfig returns the promos block, with its revision as ETag.
func (a *API) GetPromoConfig(c *gin.Context, _ session.Who) error {
	set := a.Settings.Promos()
	c.Header("ETag", etag(set.Revision))
	return send(c, http.StatusOK, configOf(set))
}

// PutPromoConfig replaces the promos block. With If-Match it is refused as changed when somebody was first.
func (a *API) PutPromoConfig(c *gin.Context, who session.Who) error {
	var body promoConfig
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	old := a.Settings.Promos()
	rev, err := matched(c, old.Revision)
	if err != nil {
		return err
	}
	next, err := body.over(old)
	if err != nil {
		return err
	}
	if err := a.knownTypes(old, next); err != nil {
		return err
	}
	saved, err := a.Promos.SavePromos(c.Request.Context(), rev, next)
	if err != nil {
		return err
	}
	e := a.act(who, "promos.config", "promo settings")
	e.Before, e.After = jsonOf(configOf(old)), jsonOf(configOf(a.Settings.Promos()))
	a.record(c.Request.Context(), e)
	c.Header("ETag", etag(saved.Revision))
	now := a.Settings.Promos()
	effect := a.EffectOf(now)
	return send(c, http.StatusOK, promoSaved{configOf(now), saved.Persisted, orNull(saved.Reason), effect.NextSlotAt,
		saved.sentence(a.ActsWords(now.Enabled, effect))})
}

// ActsWords says from when promo settings with this effect act.
func (a *API) ActsWords(on bool, e Effect) string {
	switch {
	case !on:
		return "from now on: what waits is taken off"
	case e.NextMS == 0:
		return "from the next slot"
	default:
		return "from the next slot, about " + time.UnixMilli(e.NextMS).In(a.zone).Format("15:04")
	}
}

// sentence says how a change ended, and from when it acts.
func (s Saved) sentence(acts string) string {
	if s.Persisted {
		return "Saved. It acts " + acts + "."
	}
	return s.Reason + " It acts " + acts + "."
}

func etag(rev uint64) string { return `"` + strconv.FormatUint(rev, 10) + `"` }

// matched returns the revision that a change is meant for: that of If-Match, else the present one.
func matched(c *gin.Context, present uint64) (uint64, error) {
	want := strings.TrimPrefix(strings.TrimSpace(c.GetHeader("If-Match")), "W/")
	if want == "" || want == "*" {
		return present, nil
	}
	rev, err := strconv.ParseUint(strings.Trim(want, `"`), 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "“If-Match” is the ETag of the settings that were read.")
	}
	return rev, nil
}

// knownTypes refuses a type that is neither configured nor offered by a plugin.
func (a *API) knownTypes(old, next promo.Settings) error {
	offers := a.offers()
	for _, id := range slices.Sorted(maps.Keys(next.Types)) {
		_, configured := old.Types[id]
		_, offered := offers[id]
		if !configured && !offered {
			return fault.New(fault.Invalid, fmt.Sprintf("No plugin offers a promo type “%s”.", id))
		}
	}
	return nil
}

func configOf(s promo.Settings) promoConfig {
	threshold, airtime := s.MovieThresholdMS/1000, s.MinAirtimeMS/1000
	order := list(slices.Clone(s.LeadInOrder))
	g := promoGeneral{EveryNItems: json.RawMessage("null"), EveryMMinutes: json.RawMessage("null"), MinAirtimeSeconds: &airtime, Selection: &s.Selection}
	if s.EveryItems > 0 {
		g.EveryNItems = json.RawMessage(strconv.Itoa(s.EveryItems))
	}
	if s.EveryMS >= 0 {
		g.EveryMMinutes = minutes(s.EveryMS)
	}
	out := promoConfig{Enabled: &s.Enabled, MovieThresholdSeconds: &threshold, NoRepeat: &s.NoRepeat, LeadInOrder: &order, General: &g,
		Types: make(map[string]promoType, len(s.Types))}
	for id, t := range s.Types {
		out.Types[id] = promoType{&t.Enabled, &t.Order, &t.Weight}
	}
	return out
}

// minutes writes milliseconds as minutes, with a fraction where the file has one.
func minutes(ms int64) json.RawMessage {
	return json.RawMessage(strconv.FormatFloat(float64(ms)/60_000, 'f', -1, 64))
}

// over returns the settings that this body asks for, where old are those that run.
func (p promoConfig) over(old promo.Settings) (promo.Settings, error) {
	next := old
	if missing := p.missing(); missing != "" {
		return next, fault.New(fault.Invalid, "The whole object is needed, and “"+missing+"” is not in it. Nothing was changed.")
	}
	next.Enabled = *p.Enabled
	var err error
	if next.MovieThresholdMS, err = milliseconds("movie_threshold_seconds", *p.MovieThresholdSeconds); err != nil {
		return next, err
	}
	if next.MinAirtimeMS, err = milliseconds("general.min_airtime_seconds", *p.General.MinAirtimeSeconds); err != nil {
		return next, err
	}
	next.Selection = *p.General.Selection
	if next.EveryItems, err = p.General.items(); err != nil {
		return next, err
	}
	if next.EveryMS, err = p.General.every(); err != nil {
		return next, err
	}
	if p.NoRepeat != nil {
		next.NoRepeat = *p.NoRepeat
	}
	if p.LeadInOrder != nil {
		next.LeadInOrder = *p.LeadInOrder
	}
	next.Types = typesOver(old.Types, p.Types)
	return next, nil
}

func (p promoConfig) missing() string {
	switch {
	case p.Enabled == nil:
		return "enabled"
	case p.MovieThresholdSeconds == nil:
		return "movie_threshold_seconds"
	case p.General == nil:
		return "general"
	case p.General.EveryNItems == nil:
		return "general.every_n_items"
	case p.General.EveryMMinutes == nil:
		return "general.every_m_minutes"
	case p.General.MinAirtimeSeconds == nil:
		return "general.min_airtime_seconds"
	case p.General.Selection == nil:
		return "general.selection"
	case p.Types == nil:
		return "types"
	default:
		return ""
	}
}

func milliseconds(name string, sec int64) (int64, error) {
	if sec < 0 || sec > secondsMax {
		return 0, fault.New(fault.Invalid, "“"+name+"” is a whole number of seconds, 0 or more.")
	}
	return sec * 1000, nil
}

// items reads the first arm: 0 in the settings is what null is here.
func (g promoGeneral) items() (int, error) {
	if null(g.EveryNItems) {
		return 0, nil
	}
	var n int
	if err := json.Unmarshal(g.EveryNItems, &n); err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "“general.every_n_items” is 1 or more; null switches it off.")
	}
	return n, nil
}

// every reads the second arm: -1 in the settings is what null is here, 0 is before every target.
func (g promoGeneral) every() (int64, error) {
	if null(g.EveryMMinutes) {
		return -1, nil
	}
	var n float64
	if err := json.Unmarshal(g.EveryMMinutes, &n); err != nil || n < 0 || n > secondsMax {
		return 0, fault.New(fault.Invalid, "“general.every_m_minutes” is 0 or more; null switches it off.")
	}
	return int64(n*60_000 + 0.5), nil
}

func null(text json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(text), []byte("null")) }

// typesOver is the types of the settings with those of the body over them. A new one starts enabled, random, weight 1.
func typesOver(old map[string]promo.TypeSettings, body map[string]promoType) map[string]promo.TypeSettings {
	next := maps.Clone(old)
	if next == nil {
		next = map[string]promo.TypeSettings{}
	}
	for id, t := range body {
		set, known := next[id]
		if !known {
			set = promo.TypeSettings{Enabled: true, Order: "random", Weight: 1}
		}
		if t.Enabled != nil {
			set.Enabled = *t.Enabled
		}
		if t.Order != nil {
			set.Order = *t.Order
		}
		if t.Weight != nil {
			set.Weight = *t.Weight
		}
		next[id] = set
	}
	return next
}
