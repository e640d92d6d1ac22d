package pay_test

import (
	"testing"
	"time"

	"playbill/core/ledger"
	"playbill/core/pay"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("no time zone data: %v", err)
	}
	return z
}

func TestStationDay(t *testing.T) {
	cases := []struct {
		zone, at string
		day      int
		next     string
	}{
		{"UTC", "2026-01-31T23:59:59Z", 20260131, "2026-02-01T00:00:00Z"},
		{"Europe/Lisbon", "2026-07-01T23:30:00Z", 20260702, "2026-07-02T23:00:00Z"},
		{"America/New_York", "2026-03-08T12:00:00Z", 20260308, "2026-03-09T04:00:00Z"}, // a day of 23 hours
		{"America/New_York", "2026-11-01T04:00:00Z", 20261101, "2026-11-02T05:00:00Z"}, // of 25
		{"Africa/Cairo", "2026-04-23T12:00:00Z", 20260423, "2026-04-23T22:00:00Z"},     // midnight does not exist
		{"Asia/Beirut", "2025-10-25T12:00:00Z", 20251025, "2025-10-25T22:00:00Z"},      // it comes after 23:00 came twice
	}
	for _, c := range cases {
		at, _ := time.Parse(time.RFC3339, c.at)
		z := zone(t, c.zone)
		if got := pay.StationDay(at.UnixMilli(), z); got != c.day {
			t.Errorf("%s in %s: day %d, want %d", c.at, c.zone, got, c.day)
		}
		if got := time.UnixMilli(pay.NextDay(at.UnixMilli(), z)).UTC().Format(time.RFC3339); got != c.next {
			t.Errorf("%s in %s: next day %s, want %s", c.at, c.zone, got, c.next)
		}
	}
}

func TestWords(t *testing.T) {
	for c, want := range map[ledger.Coins]string{0: "0 coins", 1: "1 coin", 999: "999 coins", 1_350: "1,350 coins",
		1_000_000: "1,000,000 coins", -1_350: "-1,350 coins"} {
		if got := pay.Words(c); got != want {
			t.Errorf("%d: %q, want %q", c, got, want)
		}
	}
	for ms, want := range map[int64]string{-5: "in 1 minute", 0: "in 1 minute", 60_000: "in 1 minute", 60_001: "in 2 minutes",
		3_600_000: "in 1 hour", 4_800_000: "in 1 hour 20 minutes", 47 * 3_600_000: "in 47 hours",
		48 * 3_600_000: "in 2 days", 49 * 3_600_000: "in 3 days"} {
		if got := pay.Distance(ms); got != want {
			t.Errorf("%d: %q, want %q", ms, got, want)
		}
	}
}
