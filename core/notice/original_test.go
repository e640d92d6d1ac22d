package notice_test

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5c.17 a title that begins with a slash is a command of the bot", TestSay)
}
