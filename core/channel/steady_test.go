package channel

import "testing"

func TestAClockThatIsSetBack(t *testing.T) {
	const opened, hour = int64(1_790_000_000_000), int64(3_600_000)
	for _, one := range []struct {
		what               string
		passed, wall, want int64
	}{
		{"it runs", 5000, opened + 5000, opened + 5000},
		{"set back by an hour", 5000, opened + 5000 - hour, opened + 5000},
		{"and later", 9000, opened + 9000 - hour, opened + 9000},
		{"set forward, or the machine slept", 5000, opened + 5000 + hour, opened + 5000 + hour},
	} {
		if got := steady(opened, one.passed, one.wall); got != one.want {
			t.Errorf("%s: %d, want %d", one.what, got, one.want)
		}
	}
}
