package config

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.28 what is saved and what runs differ", TestUnwritableFile)
	t.Run("5a.26 settings need a restart", TestChangeIsSavedSwappedAndTold)
}
