package live

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.38 a broadcast fails on what it cannot encode", TestDiffProperty)
	t.Run("5c.16 a second tab closes the first, and one slow reader stops all", manyTabsAndASlowReader)
	t.Run("5c.21 everybody is shown as absent", TestSnapshotOfDoubt)
}

func manyTabsAndASlowReader(t *testing.T) {
	t.Run("tabs", TestManyTabs)
	t.Run("slow", TestSlowReaderIsDropped)
	t.Run("origin", TestForeignOriginIsRefused)
}
