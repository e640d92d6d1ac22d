package till_test

import (
	"testing"

	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/till"
	"playbill/sdk"
)

// TestOriginal names the bugs of the original system that this room makes impossible. The whole list is in core/archtest.
func TestOriginal(t *testing.T) {
	t.Run("5a.2 eligibility is not looked at", TestEachRefusal)
	t.Run("5a.10 a length that is not known is bought", TestWrongRequests)
	t.Run("5a.11 expected starts are wrong", TestExpectedStart)
	t.Run("5b.4 somebody who is muted can still act", TestATokenIsNoWayAroundAMute)
	t.Run("5c.1 a refusal of the bank is overlooked and the item queued for nothing", TestHeldIsNeverRefused)
	t.Run("5c.2 the request goes away and the money with it", TestClientGoneAfterHold)
	t.Run("5a.4 a media is named in two ways, and the wrong one is sent", oneNameForAMedia)
}

// oneNameForAMedia holds that only the catalog's own key names a title: nothing that looks like it is sold.
func oneNameForAMedia(t *testing.T) {
	d, desk := open(t)
	for _, k := range []sdk.Key{{Type: "yt", ID: "Detour"}, {Type: "cm", ID: "detour"}, {Type: "yt", ID: "https://youtu.be/detour"}, {ID: "detour"}} {
		wish := till.Wish{RequestKey: k.ID + k.Type, Media: k, Tier: pay.Queue, PriceShown: 250}
		if p, err := desk.Buy(t.Context(), till.Actor{Key: "ada", Name: "Ada"}, wish); !fault.Is(err, fault.UnknownItem) {
			t.Errorf("%v: %+v, %v", k, p, err)
		}
	}
	if len(d.purchases) > 0 {
		t.Errorf("%d were sold", len(d.purchases))
	}
}
