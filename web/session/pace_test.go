package session

import (
	"strconv"
	"testing"
)

// TestPaceForgets: a limit remembers a bounded number of names and addresses, refuses new ones while they are all busy, and
// takes them again when the old ones have rested.
func TestPaceForgets(t *testing.T) {
	const now = int64(1_800_000_000_000)
	k := newAskPace().names
	at := func(ms int64) func(string) bool {
		return func(key string) bool {
			p := pace{names: k, addrs: newAskPace().addrs, all: newTryPace().all}
			return p.allow(key, "192.0.2.1", ms)
		}
	}
	for i := range keysMax {
		if !at(now)("name" + strconv.Itoa(i)) {
			t.Fatalf("name %d is refused", i)
		}
	}
	if at(now)("one more") || len(k.of) != keysMax {
		t.Errorf("a limit that is full takes more: %d", len(k.of))
	}
	if !at(now+asksPerName.Milliseconds()+1)("one more") || len(k.of) != 1 {
		t.Errorf("after a rest %d are remembered", len(k.of))
	}
}

func TestOneHouseholdIsOneAddress(t *testing.T) {
	for address, want := range map[string]string{"2001:db8:1:2:3::4": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::1": "2001:db8:1:2::/64", "192.0.2.7": "192.0.2.7",
		"::ffff:192.0.2.7": "::ffff:192.0.2.7", "unix": "unix"} {
		if got := block(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
