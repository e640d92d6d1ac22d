// Package channeltest is what every driver must pass, and a driver that misbehaves on purpose. Imported by tests only.
//
// [Conformance] checks the sentences of channel.Driver one by one; [Faulty] wraps a driver and injects one fault at a
// time into its commands and states.
package channeltest

import (
	"testing"
	"time"

	"playbill/core/channel"
	"playbill/sdk"
)

// Harness is one driver that was just opened on an empty channel in which only the bot is, and the means to act on that
// channel from outside. A function that is nil says that the channel cannot be made to do it: its cases are skipped.
type Harness struct {
	Driver channel.Driver
	Opened channel.Epoch // the epoch that the driver was opened with
	Self   string        // the bot's name
	// OnlyTemp says that the bot's rank is too low for items that stay: every add of its becomes temp.
	OnlyTemp bool

	// Media returns the n-th of many media that the channel accepts, different ones for different n.
	Media func(n int, length time.Duration) sdk.Media
	// Add and the acts below it are those of a person who is not the bot and may do everything.
	Add     func(m sdk.Media, next, temp bool)
	Remove  func(uid channel.UID)
	Skip    func()
	Shuffle func()
	Clear   func()

	Join  func(name string)
	Leave func(name string)
	Chat  func(name, text string)

	Restart func()                // restarts the channel's server in good order
	Slow    func(d time.Duration) // makes every look-up take so long from now on

	Patience time.Duration // how long a state may take to show what is so; default 30 s
}

// Conformance checks every sentence of the contract of channel.Driver. run is called once for each of them: it opens a
// fresh Harness and calls body with it, inside a testing/synctest bubble if the driver lives in one.
func Conformance(t *testing.T, run func(t *testing.T, body func(t *testing.T, h Harness))) {
	for _, c := range sentences() {
		t.Run(c.name, func(t *testing.T) {
			run(t, func(t *testing.T, h Harness) {
				w := newWatcher(t, h)
				defer w.end()
				c.check(t, w)
			})
		})
	}
}

// sentence is one case: a sentence of the contract, and what would break it.
type sentence struct {
	name  string
	check func(t *testing.T, w *watcher)
}

func sentences() []sentence {
	return []sentence{
		{"a first state comes, above the opened epoch", firstState},
		{"a state is a consistent cut", consistentCut},
		{"states are conflated", conflated},
		{"departures accumulate until they are read", departuresAccumulate},
		{"certain: one state without an item proves its absence", absenceIsProof},
		{"over covers every command, whatever became of it", overCoversAll},
		{"every command gets its number", everyCommandIsNumbered},
		{"epoch grows when uids cannot be compared", epochGrows},
		{"a ref of another epoch is refused and not sent", staleRefs},
		{"an add is done when it is listed", addIsListed},
		{"an add next stands right behind the current item", addNextStandsNext},
		{"a duplicate is refused", duplicateRefused},
		{"a move is done when it stands there", moveInPlace},
		{"a move behind a vanished item is not done", swallowedMove},
		{"a removal is done when it is gone", removalGone},
		{"a jump starts its item", jumpStarts},
		{"an ended context is unknown", endedContext},
		{"a context that ends while an add waits", contextEndsWhileWaiting},
		{"removals and moves pass adds", removalsPassAdds},
		{"urgent adds pass the others", urgentAddsPass},
		{"a clear drops what waits", clearDropsWaiting},
		{"what is said and told", sayAndTell},
		{"people", people},
		{"lookup", lookup},
		{"what is not declared is refused", undeclared},
		{"close", closing},
	}
}
