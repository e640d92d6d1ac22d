package main

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.16 an error is swallowed", TestAPanicIsReported)
	t.Run("5a.19 work that ends the process", TestAPanicIsReported)
	t.Run("5a.21 a stop takes away what runs", TestServeStopsInGoodOrder)
	t.Run("5a.42 a directory that is missing is an opaque error", TestADataDirectoryMayBeRelative)
	t.Run("5c.12 two requests at once are both served", TestACrowdBuysAndCancels)
}
