package store

import (
	"testing"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.21 the database is closed under running work", TestAnEndedContextWritesNothing)
	t.Run("5a.29 a migration is recorded and not done", TestASchemaChangedByHandIsRefused)
	t.Run("5a.34 a damaged database is an error that nobody understands", TestWhatCannotBeOpenedSaysWhy)
	t.Run("5a.37 a swallowed error leaves half of the work", TestAPartThatFailsLeavesNothing)
	t.Run("5a.40 a late answer overwrites a final state", TestAnEndedEntryStaysEnded)
	t.Run("5b.1 a balance moves without a transfer", TestVerifyFindsWhatHandsChanged)
	t.Run("5b.2 a refund does not give back the day's place and the cooldown", TestFactsAreStoredOnes)
	t.Run("5c.11 a refund counts as income", TestTheLedgerStaysTrue)
	t.Run("5c.12 the same request debits twice after a crash", TestARequestKeyBuysOnce)
	t.Run("5c.18 a login code may be guessed all day", TestFiveTries)
	t.Run("5c.22 a playlist is replaced bit by bit and cut by a crash", TestPlaylists)
}
