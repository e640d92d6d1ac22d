package event

import (
	"errors"
	"time"
)

// A wall time is what a clock on the wall shows, kept as if it were UTC: rules are evaluated on it, and only their results
// become instants. So a start at 20:00 is at 20:00 on every day of the year, whatever the clocks do in between.

// localForm is how a start is written.
const localForm = "2006-01-02T15:04"

// The years in which an event may first start.
const (
	firstYear = 2000
	lastYear  = 2199
)

func parseLocal(text string) (time.Time, error) {
	wall, err := time.ParseInLocation(localForm, text, time.UTC)
	if err != nil {
		return wall, errors.New("is written like 2026-11-27T20:00, in the station's time")
	}
	if wall.Year() < firstYear || wall.Year() > lastYear {
		return wall, errors.New("lies between the years 2000 and 2199")
	}
	return wall, nil
}

// instant is when the zone's clocks show a wall time. Set back, they show it twice: the first time counts. Set forward
// over it, they never do: it is taken as if they had not been changed yet, so that 02:30 becomes 03:30 (RFC 5545, 3.3.5).
func instant(wall time.Time, zone *time.Location) time.Time {
	before := wall.Add(-offset(wall.Add(-24*time.Hour), zone))
	if shows(before, wall, zone) {
		return before
	}
	if after := wall.Add(-offset(wall.Add(24*time.Hour), zone)); shows(after, wall, zone) {
		return after
	}
	return before
}

// wallOf is what the zone's clocks show at an instant.
func wallOf(atMS int64, zone *time.Location) time.Time {
	at := time.UnixMilli(atMS).UTC()
	return at.Add(offset(at, zone))
}

func offset(at time.Time, zone *time.Location) time.Duration {
	_, seconds := at.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

func shows(at, wall time.Time, zone *time.Location) bool {
	return at.Add(offset(at, zone)).Equal(wall)
}
