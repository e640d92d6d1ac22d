package shadow

import (
	"testing"

	"playbill/core/channel"
)

// A state that was taken before the last one is not believed; one of a clock that was set back, of a later epoch, or
// after a gap is.
func TestOlderStates(t *testing.T) {
	for name, c := range map[string]struct {
		late func(u *channel.Update)
		want bool // believed
	}{
		"covers fewer commands":         {func(u *channel.Update) { u.Over-- }, false},
		"a second earlier":              {func(u *channel.Update) { u.AtMS -= 1000 }, false},
		"the clock was set back":        {func(u *channel.Update) { u.AtMS -= 2 * lateMS }, true},
		"covers more, though earlier":   {func(u *channel.Update) { u.Over++; u.AtMS -= 1000 }, true},
		"after a gap numbers may start": {func(u *channel.Update) { u.Over, u.Gap = 0, true }, true},
		"of a later epoch":              {func(u *channel.Update) { u.Over, u.Epoch = 0, u.Epoch+1 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t).list("1:a 2:b 3:c*")
			r.u.Over, r.u.AtMS = 7, r.now
			s, _ := r.s.Observe(r.u, r.now, r.number)
			r.list("1:a 2:b")
			c.late(&r.u)
			s, _ = s.Observe(r.u, r.now, r.number)
			if got := s.Len() == 2; got != c.want {
				t.Errorf("believed: %t, want %t", got, c.want)
			}
		})
	}
}
