package pay_test

import (
	"testing"

	"playbill/core/pay"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.40 a late answer overwrites a final state", finalStaysFinal)
	t.Run("5c.11 coins are minted or lost on a way through the states", TestCoinsAreNeitherMintedNorLost)
	t.Run("5c.4 refunded although it may still play", TestEveryInterleaving)
}

// finalStaysFinal holds that nothing that is still told of an ended purchase changes it or moves a coin.
func finalStaysFinal(t *testing.T) {
	for _, state := range []pay.State{pay.Settled, pay.Refunded} {
		for _, fact := range []pay.Fact{pay.Sending, pay.InPlace, pay.Started, pay.Refused, pay.Withdrawn, pay.NeverCame, pay.Gone} {
			before := pay.Purchase{ID: "p", Buyer: "ada", Price: 250, State: state, Reason: pay.Cancelled, EndedAtMS: 1}
			after, moves, err := before.Next(fact, pay.Lost, 2)
			if err != nil || len(moves) > 0 || after != before {
				t.Errorf("%s, and then %s: %+v, %v, %v", state, fact, after, moves, err)
			}
		}
	}
}
