package cytube

import "testing"

// TestOriginalActs names the bugs of the original system that the mirror makes impossible.
func TestOriginalActs(t *testing.T) {
	t.Run("5a.9 what plays has no number", TestWholeActs)
	t.Run("5b.5 commands that the server refuses succeed silently", TestRefusals)
}
