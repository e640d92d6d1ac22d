package web

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.1 an answer is read in another shape than it has", TestOpenAPI)
	t.Run("5a.22 buttons break on what a title contains", TestPageKeepsThePolicy)
	t.Run("5a.36 a browser runs yesterday's script", TestAssets)
	t.Run("5c.19 a change names a column that it has no business with", TestBadRequests)
	t.Run("5c.23 a rank is believed for a day", TestAdminsBySession)
}
