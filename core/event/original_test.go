package event_test

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.24 a bad rule keeps the host from starting", TestCheck)
	t.Run("5a.25 a lock is lifted late or early because the last item is not known", TestFiringEnds)
	t.Run("5c.14 events move by an hour when the clocks do", TestNext)
	t.Run("5c.15 a lock is lifted when the last title is seen earlier", TestFiringEnds)
}
