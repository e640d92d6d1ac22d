package cytube_test

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.14 adds that come too fast are errors", TestTalk)
	t.Run("5c.5 the first item that appears is taken for ours", TestTraps)
	t.Run("5c.24 a slow add delays everything, and the first frame is lost", TestConformance)
}
