package promo

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.15 the same clip twice running", TestNoRepeat)
	t.Run("5a.31 promos while an event loads", TestOpenIsClosed)
}
