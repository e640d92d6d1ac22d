package library_test

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.33 reserved items are public", TestReservedUntilReleased)
	t.Run("5a.30 a pool knows its clips by another name than the catalog", TestPoolIsTheUnionInOrderOfCreation)
}
