package event

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// ruleMax is the longest rule, in bytes; countMax and intervalMax bound its numbers.
const (
	ruleMax     = 300
	countMax    = 10_000
	intervalMax = 999
)

// canonical is a rule as it is stored: upper case, without its name and without spaces.
func canonical(rule string) string {
	rule = strings.ToUpper(strings.Join(strings.Fields(rule), ""))
	return strings.TrimSuffix(strings.TrimPrefix(rule, "RRULE:"), ";")
}

// parts are the parts of a rule that are understood, and in which repetitions they mean something (RFC 5545, 3.3.10).
// The time of day is the start's: what is on twice a day is two events.
func parts() map[string][]string {
	all := []string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
	return map[string][]string{
		"FREQ": all, "INTERVAL": all, "COUNT": all, "UNTIL": all, "WKST": all, "BYDAY": all, "BYMONTH": all,
		"BYMONTHDAY": {"DAILY", "MONTHLY", "YEARLY"}, "BYSETPOS": {"MONTHLY", "YEARLY"},
	}
}

// parseRule reads a rule. An empty one is nil. The error ends a sentence about the repetition. UNTIL is in the station's
// time, or in UTC with a Z; a date alone includes its day.
func parseRule(text string, zone *time.Location) (*rrule.ROption, error) {
	text = canonical(text)
	if text == "" {
		return nil, nil
	}
	if len(text) > ruleMax {
		return nil, fmt.Errorf("is longer than %d characters", ruleMax)
	}
	given := map[string]string{}
	var rest []string
	for _, part := range strings.Split(text, ";") {
		name, value, found := strings.Cut(part, "=")
		if _, twice := given[name]; !found || value == "" || twice {
			return nil, fmt.Errorf("is a list like FREQ=WEEKLY;BYDAY=FR, and “%s” does not fit in", part)
		}
		given[name] = value
		if name != "UNTIL" {
			rest = append(rest, part)
		}
	}
	if err := understood(given); err != nil {
		return nil, err
	}
	opt, err := rrule.StrToROption(strings.Join(rest, ";"))
	if err != nil || opt == nil {
		return nil, fmt.Errorf("“%s” cannot be read", text)
	}
	if until := given["UNTIL"]; until != "" {
		if opt.Until, err = parseUntil(until, zone); err != nil {
			return nil, err
		}
	}
	return opt, bounded(opt, given)
}

// understood refuses what is no part of a rule, or none of this kind of repetition.
func understood(given map[string]string) error {
	known, freq := parts(), given["FREQ"]
	if freq == "" {
		return errors.New("names no FREQ: DAILY, WEEKLY, MONTHLY or YEARLY")
	}
	if !slices.Contains(known["FREQ"], freq) {
		return fmt.Errorf("is DAILY, WEEKLY, MONTHLY or YEARLY, not “%s”", freq)
	}
	for name := range given {
		kinds, ok := known[name]
		if !ok {
			return fmt.Errorf("has a part “%s” that an event does not understand", name)
		}
		if !slices.Contains(kinds, freq) {
			return fmt.Errorf("has a part “%s” that means nothing when it is %s", name, freq)
		}
	}
	if given["COUNT"] != "" && given["UNTIL"] != "" {
		return errors.New("ends after a COUNT or at UNTIL, not both")
	}
	return nil
}

// bounded refuses numbers that are out of their range; the library takes some of them for others.
func bounded(opt *rrule.ROption, given map[string]string) error {
	for name, most := range map[string]int{"INTERVAL": intervalMax, "COUNT": countMax} {
		if n, err := strconv.Atoi(given[name]); given[name] != "" && (err != nil || n < 1 || n > most) {
			return fmt.Errorf("has %s from 1 to %d", name, most)
		}
	}
	for _, n := range opt.Bymonth {
		if n < 1 || n > 12 {
			return errors.New("has BYMONTH from 1 to 12")
		}
	}
	for _, n := range opt.Bymonthday {
		if n == 0 || n < -31 || n > 31 {
			return errors.New("has BYMONTHDAY from 1 to 31, or from -31 to -1 counted from the month's end")
		}
	}
	for _, n := range opt.Bysetpos {
		if n == 0 || n < -366 || n > 366 {
			return errors.New("has BYSETPOS from 1 to 366, or from -366 to -1")
		}
	}
	for _, d := range opt.Byweekday {
		if most := nthMax(opt); d.N() < -most || d.N() > most {
			return errors.New("counts days of the week, as in 2SU, up to 5 of a month or 53 of a year, and only of those")
		}
	}
	if len(opt.Bysetpos) > 0 && len(opt.Byweekday)+len(opt.Bymonthday)+len(opt.Bymonth) == 0 {
		return errors.New("has BYSETPOS, which chooses among what BYDAY, BYMONTHDAY or BYMONTH name")
	}
	return nil
}

// nthMax is how many of one day of the week there are in what the rule counts them in; 0: it does not count them.
func nthMax(opt *rrule.ROption) int {
	switch {
	case opt.Freq == rrule.MONTHLY || opt.Freq == rrule.YEARLY && len(opt.Bymonth) > 0:
		return 5
	case opt.Freq == rrule.YEARLY:
		return 53
	default:
		return 0
	}
}

// The ways to write UNTIL.
const (
	untilDate = "20060102"
	untilTime = "20060102T150405"
	untilUTC  = "20060102T150405Z"
)

// parseUntil returns the last wall time that still counts.
func parseUntil(text string, zone *time.Location) (time.Time, error) {
	if at, err := time.Parse(untilUTC, text); err == nil {
		return wallOf(at.UnixMilli(), zone), nil
	}
	if wall, err := time.Parse(untilTime, text); err == nil {
		return wall, nil
	}
	if day, err := time.Parse(untilDate, text); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Second), nil
	}
	return time.Time{}, errors.New("has UNTIL like 20261231, or 20261231T200000 in the station's time")
}

// everFits reports whether a daily rule ever meets its own conditions. The library looks for the next day up to the year
// 9999 when there is none; forty years of days show every one that there is.
func everFits(opt *rrule.ROption, from time.Time) bool {
	if opt.Freq != rrule.DAILY || len(opt.Bymonth)+len(opt.Bymonthday)+len(opt.Byweekday) == 0 {
		return true
	}
	every := max(opt.Interval, 1)
	for n := 0; n < 40*366*every; n += every {
		if fits(opt, from.AddDate(0, 0, n)) {
			return true
		}
	}
	return false
}

func fits(opt *rrule.ROption, day time.Time) bool {
	last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	month := len(opt.Bymonth) == 0 || slices.Contains(opt.Bymonth, int(day.Month()))
	date := len(opt.Bymonthday) == 0 || slices.Contains(opt.Bymonthday, day.Day()) || slices.Contains(opt.Bymonthday, day.Day()-last-1)
	weekday := len(opt.Byweekday) == 0 || slices.ContainsFunc(opt.Byweekday, func(d rrule.Weekday) bool {
		return d.Day() == (int(day.Weekday())+6)%7 // the library's week begins on Monday
	})
	return month && date && weekday
}
